import { expect, test } from 'vitest';
import { GUEST_FINALIZER, PLACEMENT_GATE } from '#api/constants.ts';
import { type HeldPod, type Release, releaseOf } from './release.ts';

const held = (metadata: object = {}, spec: object = {}): HeldPod => ({
  metadata: { finalizers: ['x.dev/other', GUEST_FINALIZER], ...metadata },
  spec,
});
const deleted = { deletionTimestamp: '2026-01-01T00:00:00Z' };
const gated = { schedulingGates: [{ name: 'x.dev/theirs' }, { name: PLACEMENT_GATE }] };

test.each<[string, HeldPod, boolean, Release]>([
  ['a guest that runs', held(), false, 'release'],
  ['a guest that is told to end', held({ ...deleted, deletionGracePeriodSeconds: 30 }), false, 'release'],
  [
    'a guest whose kubelet confirmed the end',
    held({ ...deleted, deletionGracePeriodSeconds: 0 }),
    true,
    'release',
  ],
  [
    'a guest deleted by force, of which nobody knows',
    held({ ...deleted, deletionGracePeriodSeconds: 0 }),
    false,
    'keep',
  ],
  ['a pod behind the gate', held({}, gated), false, 'replace'],
  ['a pod behind another gate', held({}, { schedulingGates: [{ name: 'x.dev/theirs' }] }), false, 'release'],
  ['a pod without the finalizer', held({ finalizers: ['x.dev/other'] }), false, 'none'],
])('%s', (_, pod, isOver, expected) => {
  expect(releaseOf(pod, isOver)).toBe(expected);
});
