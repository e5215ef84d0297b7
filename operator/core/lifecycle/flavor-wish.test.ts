import { describe, expect, test } from 'vitest';
import type { InstanceStatus } from '#api/instance.ts';
import { assess } from './assess.ts';
import { flavorChange } from './flavor-wish.ts';
import { heldBack } from './held-back.ts';
import type { Situation } from './situation.ts';
import { BUILT, type ViewChanges, view } from './test-views.ts';

const SMALL = { name: 'small', vcpus: 1, memoryMiB: 1024, rootDiskGiB: 10, ephemeralDiskGiB: 0, swapMiB: 0 };
const LARGE = { ...SMALL, name: 'large', vcpus: 2 };
const STILL: Situation = { operation: undefined, taskState: undefined, action: { kind: 'none' } };

/** A guest that was built small, and that is wished to be large. */
const wish = ({ spec, status, ...rest }: ViewChanges = {}) =>
  view({
    spec: { flavorRef: { name: 'large' }, ...spec },
    status: { ...BUILT, flavor: SMALL, ...status } as InstanceStatus,
    wanted: LARGE,
    ...rest,
  });

describe('a wish for another Flavor', () => {
  test('begins a resize, with all that a revert needs on record', () => {
    expect(assess(wish())).toMatchObject({
      operation: 'Resize',
      taskState: 'ResizePrep',
      action: { kind: 'none' },
      record: { flavor: LARGE, oldFlavor: SMALL, sourceNode: 'node-1', ran: true, moved: false },
    });
  });

  test('comes after a change of powerState in the same apply: a guest that shall be off is not started for it', () => {
    expect(assess(wish({ spec: { flavorRef: { name: 'large' }, powerState: 'Stopped' } })).operation).toBe(
      'Stop',
    );
  });

  test.each([
    ['no such Flavor', { wanted: undefined }, 'FlavorNotFound'],
    ['locked', { spec: { locked: true } }, 'Locked'],
    ['an ephemeral root', { spec: { rootDisk: { ephemeral: true } } }, 'EphemeralRoot'],
    ['a smaller root disk', { wanted: { ...LARGE, rootDiskGiB: 5 } }, 'DiskCannotShrink'],
    ['Paused', { status: { vmState: 'Paused' } }, 'WrongState'],
    ['in Error', { status: { vmState: 'Error' } }, 'WrongState'],
    [
      'one that was reverted',
      { status: { heldFlavor: { name: 'large', reason: 'ResizeReverted', message: '' } } },
      'ResizeReverted',
    ],
    [
      'one that failed',
      { status: { heldFlavor: { name: 'large', reason: 'ResizeFailed', message: '' } } },
      'ResizeFailed',
    ],
  ] as [string, ViewChanges, string][])('waits, and says why: %s', (_, changes, reason) => {
    const held = wish(changes);
    expect(flavorChange(held)).toBeUndefined();
    expect(heldBack(held, STILL)?.reason).toBe(reason);
  });

  test('is tried again under a new request id when it failed, and not when it was reverted', () => {
    const annotations = { 'compute.berth.dev/request-id': 'req-00000000-0000-4000-8000-00000000000a' };
    const heldAs = (reason: string) => ({ heldFlavor: { name: 'large', reason, message: '' } });
    expect(flavorChange(wish({ annotations, status: heldAs('ResizeFailed') }))?.operation).toBe('Resize');
    expect(flavorChange(wish({ annotations, status: heldAs('ResizeReverted') }))).toBeUndefined();
  });

  test('is begun only while the guest is quiet', () => {
    expect(flavorChange(wish({ guest: { migrating: true } }))).toBeUndefined();
    expect(flavorChange(wish({ guest: { power: 'unknown' } }))).toBeUndefined();
  });
});

describe('while Resized', () => {
  const resize = {
    requestId: 'req-00000000-0000-4000-8000-000000000001',
    flavor: LARGE,
    oldFlavor: SMALL,
    sourceNode: 'node-2',
    targetNode: 'node-1',
    ran: true,
    moved: true,
    finishTime: '2026-01-01T00:00:00Z',
  };
  const resized = (changes: ViewChanges = {}, record = {}) =>
    wish({
      ...changes,
      status: { vmState: 'Resized', flavor: LARGE, resize: { ...resize, ...record } } as InstanceStatus,
    });

  test('fields wait, and say so', () => {
    const waits = resized({ spec: { powerState: 'Stopped' } });
    expect(assess(waits).operation).toBeUndefined();
    expect(heldBack(waits, STILL)).toMatchObject({
      reason: 'AwaitsConfirm',
      message: expect.stringContaining('spec.powerState'),
    });
  });

  test('it is confirmed by itself when its time is over, and not before, nor while locked', () => {
    const by = (confirmBy: string, locked = false) => resized({ spec: { locked } }, { confirmBy });
    expect(assess(by('2026-01-01T00:59:59Z')).operation).toBe('ConfirmResize');
    expect(assess(by('2026-01-01T01:00:01Z')).operation).toBeUndefined();
    expect(assess(by('2026-01-01T00:59:59Z', true)).operation).toBeUndefined();
  });
});
