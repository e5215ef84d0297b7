import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crdOf } from '../../../hack/generate/crd.ts';
import { rulesOf } from '../../../hack/generate/fields.ts';
import { type Answer, Api, type Complaint, definitionOf } from './api.ts';
import { BAD_INSTANCES, BAD_NAMES } from './bad-instances.ts';
import {
  BAD_COMPUTE_NODES,
  BAD_FLAVORS,
  BAD_HOST_AGGREGATES,
  BAD_IMAGE_ACTIONS,
  BAD_IMAGES,
  BAD_KEY_PAIRS,
  BAD_NODE_LEDGERS,
  BAD_PROBES,
  BAD_REQUESTS,
  BAD_SCHEDULER_PROFILES,
  BAD_SERVER_GROUPS,
} from './bad-others.ts';
import { CLAIM, draft, KINDS_WITH_DRAFT } from './drafts.ts';
import { REFUSED_TRANSITIONS } from './transitions.ts';
import { zodComplaints } from './zod-verdict.ts';

const BAD = [
  ...BAD_INSTANCES,
  ...BAD_NAMES,
  ...BAD_FLAVORS,
  ...BAD_COMPUTE_NODES,
  ...BAD_HOST_AGGREGATES,
  ...BAD_IMAGE_ACTIONS,
  ...BAD_IMAGES,
  ...BAD_KEY_PAIRS,
  ...BAD_NODE_LEDGERS,
  ...BAD_SCHEDULER_PROFILES,
  ...BAD_SERVER_GROUPS,
  ...BAD_PROBES,
  ...BAD_REQUESTS,
];

let api: Api;
beforeAll(async () => {
  api = await Api.start();
});
afterAll(() => api?.stop());

describe('a bad object is refused for its one fault, by the API server and by zod', () => {
  it.each(BAD)('$what', async ({ object, field, message }) => {
    expect(complaints(await api.tryCreate(object))).toEqual([
      { field, message: expect.stringContaining(message) },
    ]);
    expect(zodComplaints(object)).toContainEqual({
      field,
      message: isRule(object.kind, message) ? expect.stringContaining(message) : expect.any(String),
    });
  });

  it('is more than 40 of them, of every kind', () => {
    expect(BAD.length).toBeGreaterThanOrEqual(40);
    expect(new Set(BAD.map(({ object }) => object.kind))).toEqual(new Set(KINDS_WITH_DRAFT));
  });

  it('breaks every rule that is not about a change', () => {
    const messages = BAD.map(({ message }) => message);
    const rules = KINDS_WITH_DRAFT.flatMap(rulesOfKind).filter((it) => !it.includes('cannot be'));
    expect(rules.filter((rule) => !messages.some((message) => rule.includes(message)))).toEqual([]);
  });
});

describe('a field that does not exist', () => {
  const unknown = KINDS_WITH_DRAFT.map((kind) => [kind, draft(kind, { bogus: 'x' })] as const);

  it.each(unknown)('of %s is refused where fields are checked, as kubectl does', async (_, object) => {
    const [complaint] = complaints(await api.tryCreate(object, 'Strict'));
    expect(complaint?.message).toContain('unknown field "spec.bogus"');
    expect(zodComplaints(object)).toContainEqual({
      field: 'spec',
      message: expect.stringContaining('bogus'),
    });
  });

  it.each(unknown)('of %s is dropped where they are not', async (_, object) => {
    const answer = await api.tryCreate(object, 'Ignore');
    expect(answer).toMatchObject({ kind: 'taken' });
    expect(answer.kind === 'taken' && answer.object.spec).not.toHaveProperty('bogus');
  });
});

describe('a change that may not be is refused', () => {
  it.each(REFUSED_TRANSITIONS.map((it, index) => ({ ...it, name: `changed-${index}` })))(
    '$kind: $what',
    async ({ kind, name, before, change, field, message }) => {
      const stored = draft(kind, before, name);
      expect(await api.create(stored)).toMatchObject({ kind: 'taken' });
      const answer = await api.tryPatch(stored, { spec: change });
      expect(complaints(answer)).toEqual([{ field, message: expect.stringContaining(message) }]);
    },
  );

  it('covers every rule about a change', () => {
    const messages = REFUSED_TRANSITIONS.map(({ message }) => message);
    const rules = KINDS_WITH_DRAFT.flatMap(rulesOfKind).filter((it) => it.includes('cannot be'));
    expect(rules.filter((rule) => !messages.some((message) => rule.includes(message)))).toEqual([]);
  });
});

it('refuses two claims of one owner', async () => {
  const [complaint, ...others] = complaints(
    await api.tryCreate(draft('NodeLedger', { claims: [CLAIM, { ...CLAIM, name: 'web-2' }] })),
  );
  expect(complaint).toEqual({ field: 'spec.claims[1]', message: expect.stringContaining('Duplicate value') });
  expect(others).toEqual([]);
});

it('refuses a status that no one can read', async () => {
  const stored = draft('Instance', {}, 'with-status');
  expect(await api.create(stored)).toMatchObject({ kind: 'taken' });
  const condition = {
    type: 'Ready',
    status: 'True',
    message: '',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  };
  const patch = (status: object) => api.tryPatch(stored, { status }, 'status').then(complaints);
  expect(await patch({ conditions: [{ ...condition, reason: 'Is up' }] })).toMatchObject([
    { field: 'status.conditions[0].reason' },
  ]);
  expect(await patch({ vmState: 'Lost' })).toMatchObject([{ field: 'status.vmState' }]);
  expect(await patch({ addresses: Array.from({ length: 33 }, () => ({ interface: 'a' })) })).toMatchObject([
    { field: 'status.addresses' },
  ]);
});

function complaints(answer: Answer): Complaint[] {
  return answer.kind === 'refused' ? answer.complaints : [];
}

function rulesOfKind(kind: string): string[] {
  const root = crdOf(definitionOf(kind)).spec.versions[0].schema.openAPIV3Schema;
  return rulesOf(root, '').map(({ message }) => message);
}

function isRule(kind: string, part: string): boolean {
  return rulesOfKind(kind).some((message) => message.includes(part));
}
