import type { Use } from './rights.ts';

/** A request as the API server recorded it (audit.k8s.io/v1 Event, at level Metadata). */
export interface AuditEvent {
  verb: string;
  user?: { username?: string };
  userAgent?: string;
  requestURI?: string;
  objectRef?: {
    apiGroup?: string;
    resource?: string;
    subresource?: string;
    namespace?: string;
    name?: string;
  };
  responseStatus?: { code?: number; message?: string };
  annotations?: Record<string, string>;
  stageTimestamp: string;
}

/** What was asked of the authorizer: of an apply that made its object, `create` as well. Empty for paths that name no resource. */
export function usesOf({ verb, objectRef, responseStatus }: AuditEvent): Use[] {
  if (!objectRef?.resource) return [];
  const { apiGroup: group = '', resource, subresource, namespace, name } = objectRef;
  const use = {
    verb,
    group,
    resource: subresource ? `${resource}/${subresource}` : resource,
    ...(namespace && { namespace }),
    ...(name && { name }),
  };
  const made = verb === 'patch' && responseStatus?.code === 201;
  return made ? [use, { ...use, verb: 'create' }] : [use];
}

/** Did the authorizer refuse it? What admission refuses has 403, too. */
export const isUnauthorized = ({ responseStatus, annotations }: AuditEvent): boolean =>
  responseStatus?.code === 403 &&
  (annotations?.['authorization.k8s.io/decision'] === 'forbid' ||
    / cannot [a-z]+ resource /.test(responseStatus.message ?? ''));
