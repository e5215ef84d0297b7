import { describe, expect, test } from 'vitest';
import type { AdmissionRequest } from '#runtime/admission.ts';
import { changedByPatch, stampRequests } from './requested-by.ts';

const BY = 'compute.berth.dev/requested-by';
const CHANGED_BY = 'compute.berth.dev/changed-by';
const at = (key: string) => `/metadata/annotations/${key.replace('/', '~1')}`;

const request = (rest: Partial<AdmissionRequest>): AdmissionRequest =>
  ({ operation: 'CREATE', userInfo: { username: 'alice' }, oldObject: null, ...rest }) as AdmissionRequest;
const object = (annotations?: object, rest: object = {}) => ({
  metadata: { name: 'it', finalizers: ['compute.berth.dev/instance'], ...(annotations && { annotations }) },
  ...rest,
});

describe('an action', () => {
  test('names who made it, whatever it says itself', async () => {
    expect((await stampRequests(request({ object: object() }))).patch).toEqual([
      { op: 'add', path: '/metadata/annotations', value: { [BY]: 'alice' } },
    ]);
    const forged = await stampRequests(request({ object: object({ [BY]: 'bob', other: 'kept' }) }));
    expect(forged.patch).toEqual([{ op: 'add', path: at(BY), value: 'alice' }]);
  });

  test.each([
    ['changed', { [BY]: 'bob' }],
    ['taken away', {}],
  ])('keeps that when it is %s', async (_, after) => {
    const oldObject = object({ [BY]: 'carol' });
    const { patch } = await stampRequests(request({ operation: 'UPDATE', object: object(after), oldObject }));
    expect(patch).toEqual([{ op: 'add', path: at(BY), value: 'carol' }]);
  });

  test('that was made while the webhook was away names nobody afterwards', async () => {
    const change = { operation: 'UPDATE', object: object({ [BY]: 'bob' }), oldObject: object({}) } as const;
    expect((await stampRequests(request(change))).patch).toEqual([{ op: 'remove', path: at(BY) }]);
  });
});

describe('an Instance', () => {
  const before = { ...object({ [CHANGED_BY]: '3:carol' }, { spec: { powerState: 'Running' } }) };
  const old = { ...before, metadata: { ...before.metadata, generation: 3 } };

  test('names its maker, and the generation that he made', async () => {
    expect(changedByPatch(request({ object: object() }))).toEqual([
      { op: 'add', path: '/metadata/annotations', value: { [CHANGED_BY]: '1:alice' } },
    ]);
  });

  test('names who changes its spec, in the same write', async () => {
    const after = object({ [CHANGED_BY]: '3:carol' }, { spec: { powerState: 'Stopped' } });
    const patch = changedByPatch(request({ operation: 'UPDATE', object: after, oldObject: old }));
    expect(patch).toEqual([{ op: 'add', path: at(CHANGED_BY), value: '4:alice' }]);
  });

  test('keeps the name when something else is changed, or it is applied from a file without it', async () => {
    const after = object({}, { spec: { powerState: 'Running' } });
    const patch = changedByPatch(request({ operation: 'UPDATE', object: after, oldObject: old }));
    expect(patch).toEqual([{ op: 'add', path: at(CHANGED_BY), value: '3:carol' }]);
    const same = changedByPatch(request({ operation: 'UPDATE', object: old, oldObject: old }));
    expect(same).toEqual([]);
  });
});
