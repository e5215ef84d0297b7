import { describe, expect, test } from 'vitest';
import { type AuditEvent, isUnauthorized, usesOf } from './audit.ts';
import { BERTH_RIGHTS } from './berth.ts';
import { compare } from './compare.ts';
import { PEOPLE_ROLES } from './people.ts';
import type { Right, Use } from './rights.ts';

const right = (rest: Partial<Right>): Right => ({
  group: '',
  resources: ['pods'],
  verbs: ['get'],
  why: 'a test',
  ...rest,
});
const use = (rest: Partial<Use>): Use => ({ verb: 'get', group: '', resource: 'pods', ...rest });

describe('rights compared with what was used', () => {
  test('are right when each was used and none is missing', () => {
    expect(compare([right({})], [use({ namespace: 'a' })], 'own')).toEqual({ missing: [], unused: [] });
  });

  test.each<[string, Right, Use]>([
    ['of another verb', right({}), use({ verb: 'delete' })],
    ['of another group', right({}), use({ group: 'apps' })],
    ['of a subresource', right({}), use({ resource: 'pods/status' })],
    ['in another namespace', right({ ownNamespace: true }), use({ namespace: 'a' })],
    ['of another name', right({ names: ['x'] }), use({ name: 'y' })],
    ['without a name', right({ names: ['x'] }), use({})],
  ])('lack a use %s', (_, allowed, used) => {
    expect(compare([allowed], [used], 'own').missing).toEqual([used]);
  });

  test('name each verb and resource that nothing used', () => {
    const rights = [right({ resources: ['pods', 'nodes'], verbs: ['get', 'list'] })];
    expect(compare(rights, [use({})], 'own').unused).toEqual(['list pods', 'get nodes', 'list nodes']);
  });

  test('are too wide when used only where a narrower one holds', () => {
    const rights = [right({}), right({ ownNamespace: true })];
    expect(compare(rights, [use({ namespace: 'own' })], 'own').unused).toEqual(['get pods']);
  });

  test('that no audit log shows are not missed', () => {
    expect(compare([right({ unseen: 'only admission asks' })], [], 'own').unused).toEqual([]);
  });
});

describe('an audit event', () => {
  const event = (rest: Partial<AuditEvent>): AuditEvent => ({ verb: 'patch', stageTimestamp: '', ...rest });
  const objectRef = {
    apiGroup: 'x.dev',
    resource: 'things',
    subresource: 'status',
    namespace: 'a',
    name: 'b',
  };

  test('names resource and subresource', () => {
    const expected = { verb: 'patch', group: 'x.dev', resource: 'things/status', namespace: 'a', name: 'b' };
    expect(usesOf(event({ objectRef }))).toEqual([expected]);
  });

  test('of an apply that made its object counts as create, too', () => {
    const uses = usesOf(event({ objectRef: { resource: 'secrets' }, responseStatus: { code: 201 } }));
    expect(uses.map(({ verb }) => verb)).toEqual(['patch', 'create']);
  });

  test('of a path without a resource is no use', () => {
    expect(usesOf(event({ requestURI: '/version' }))).toEqual([]);
  });

  test('tells the authorizer’s refusal from admission’s', () => {
    const refused = { code: 403, message: 'pods "x" is forbidden: the gate is Berth’s' };
    expect(isUnauthorized(event({ responseStatus: refused }))).toBe(false);
    const annotations = { 'authorization.k8s.io/decision': 'forbid' };
    expect(isUnauthorized(event({ responseStatus: refused, annotations }))).toBe(true);
    const message = 'secrets "x" is forbidden: User "u" cannot create resource "secrets" in API group ""';
    expect(isUnauthorized(event({ responseStatus: { code: 403, message } }))).toBe(true);
  });
});

describe('what the operator may do', () => {
  test('has no wildcards, and does not reach for more rights', () => {
    const words = BERTH_RIGHTS.flatMap(({ group, resources, verbs }) => [group, ...resources, ...verbs]);
    expect(words.filter((it) => /\*|^(escalate|bind|impersonate)$|rbac\.authorization/.test(it))).toEqual([]);
  });

  test('reads no Secret but that of its certificates', () => {
    const reads = BERTH_RIGHTS.filter(
      ({ resources, verbs }) =>
        resources.includes('secrets') && verbs.some((it) => /get|list|watch/.test(it)),
    );
    expect(reads.map(({ names, ownNamespace }) => [names, ownNamespace])).toEqual([
      [['berth-webhook-certificates'], true],
    ]);
  });
});

describe('roles for people', () => {
  const granted = (name: string) =>
    PEOPLE_ROLES.filter((it) => it.name === name).flatMap(({ rights }) =>
      rights.flatMap(({ resources, verbs }) =>
        resources.flatMap((it) => verbs.map((verb) => `${verb} ${it}`)),
      ),
    );

  test('let a viewer change nothing', () => {
    expect(granted('berth-viewer').filter((it) => !/^(get|list|watch) /.test(it))).toEqual([]);
  });

  test.each([
    'create instancemigrations',
    'pin instances/nodename',
    'unlock instances/lock',
    'patch computenodes',
    'get secrets',
  ])('keep from an owner: %s', (what) => {
    expect(granted('berth-instance-owner')).not.toContain(what);
  });

  test('keep statuses and ledgers from all people', () => {
    const writes = PEOPLE_ROLES.flatMap(({ name }) => granted(name)).filter(
      (it) => !/^(get|list|watch) /.test(it),
    );
    expect(writes.filter((it) => /status|nodeledgers/.test(it))).toEqual([]);
  });

  test('add to view nothing that writes', () => {
    expect(PEOPLE_ROLES.filter((it) => it.aggregatedInto.includes('view')).map(({ name }) => name)).toEqual([
      'berth-viewer',
    ]);
  });
});
