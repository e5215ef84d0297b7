import { CHANGED_BY_ANNOTATION, GROUP, REQUESTED_BY_ANNOTATION, VERSION } from '#api/constants.ts';
import { all, any, CREATES } from './cel.ts';
import type { Policy } from './policy.ts';

const said = (object: string, key: string) => `${object}.metadata.?annotations[?'${key}']`;
const kept = (key: string) => `oldObject != null && ${said('object', key)} == ${said('oldObject', key)}`;
const absent = (key: string) => `!${said('object', key)}.hasValue()`;
const USER = 'request.userInfo.username';

const BY = CHANGED_BY_ANNOTATION;
const changes = 'oldObject != null && object.metadata.generation != oldObject.metadata.generation';

/**
 * Nobody says of another that he asked. Where the webhook was away nobody is named, or a user named himself: the API server
 * holds the word to that, whatever the webhook did (it has run by then).
 */
export const requestedByPolicy: Policy = {
  name: 'berth-requested-by',
  resourceRules: [
    {
      apiGroups: [GROUP],
      apiVersions: [VERSION],
      operations: ['CREATE', 'UPDATE'],
      resources: ['instances', 'instanceactions', 'instancemigrations'],
    },
  ],
  matchConditions: [
    {
      name: 'says-who',
      expression: any(
        `${said('object', REQUESTED_BY_ANNOTATION)}.hasValue()`,
        `${said('object', BY)}.hasValue()`,
      ),
    },
  ],
  validations: [
    {
      expression: any(
        absent(REQUESTED_BY_ANNOTATION),
        kept(REQUESTED_BY_ANNOTATION),
        all(CREATES, `${said('object', REQUESTED_BY_ANNOTATION)}.orValue('') == ${USER}`),
      ),
      message: `the annotation ${REQUESTED_BY_ANNOTATION} is written at admission, and says who made the object: leave it out`,
    },
    {
      expression: any(
        absent(BY),
        kept(BY),
        all(CREATES, `${said('object', BY)}.orValue('') == '1:' + ${USER}`),
        all(
          changes,
          `${said('object', BY)}.orValue('') == string(object.metadata.generation) + ':' + ${USER}`,
        ),
      ),
      message: `the annotation ${BY} is written at admission, and says who changed the spec last: leave it out`,
    },
  ],
};
