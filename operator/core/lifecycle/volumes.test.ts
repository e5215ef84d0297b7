import { describe, expect, test } from 'vitest';
import type { InstanceStatus } from '#api/instance.ts';
import { assess } from './assess.ts';
import { afterDeadline } from './deadline.ts';
import { heldBack } from './held-back.ts';
import { BUILT, NO_GUEST, type ViewChanges, view } from './test-views.ts';
import { volumeStatusesOf } from './volume-status.ts';
import type { VolumeView } from './volume-view.ts';

const asked: VolumeView = {
  name: 'data',
  claimName: 'mine',
  wanted: true,
  configured: false,
  guest: 'absent',
  held: false,
  made: false,
  deleteOnTermination: false,
  shared: false,
};
const there: VolumeView = { ...asked, configured: true, guest: 'ready', held: true };
const OFF: ViewChanges['guest'] = { vm: { runs: false, deleting: false }, power: 'absent', pods: [] };

const inFlight = (name: 'AttachVolume' | 'DetachVolume'): InstanceStatus => ({
  ...BUILT,
  taskState: name === 'AttachVolume' ? 'AttachingVolume' : 'DetachingVolume',
  operation: { name, requestId: 'req-1', startTime: '2026-01-01T00:00:00Z', waitingFor: 'KubeVirt' },
});
const failed = (name: 'AttachVolume' | 'DetachVolume'): InstanceStatus => ({
  ...BUILT,
  lastOperations: [
    {
      name,
      requestId: 'req-1',
      startTime: '2026-01-01T00:00:00Z',
      finishTime: '2026-01-01T00:00:00Z',
      result: 'Failed',
      generation: 1,
    },
  ],
});
const seen = (volumes: VolumeView[], more: ViewChanges = {}) => view({ status: BUILT, volumes, ...more });
const begun = (it: ReturnType<typeof view>) => assess(it).operation;

describe('a change of the list', () => {
  test('begins an operation, what goes before what comes', () => {
    expect(begun(seen([asked]))).toBe('AttachVolume');
    expect(begun(seen([{ ...there, wanted: false }]))).toBe('DetachVolume');
    expect(begun(seen([asked, { ...there, name: 'old', wanted: false }]))).toBe('DetachVolume');
    expect(begun(seen([there]))).toBeUndefined();
  });

  test('is carried out before a resize, whose end nobody knows', () => {
    const flavor = {
      name: 'small',
      vcpus: 1,
      memoryMiB: 1024,
      rootDiskGiB: 10,
      ephemeralDiskGiB: 0,
      swapMiB: 0,
    };
    const both = { spec: { flavorRef: { name: 'large' } }, status: { ...BUILT, flavor } };
    expect(begun(seen([asked], { ...both, wanted: { ...flavor, name: 'large' } }))).toBe('AttachVolume');
  });

  test('that failed is not tried again; what the guest would not let go of goes once it is off', () => {
    expect(begun(seen([asked], { status: failed('AttachVolume') }))).toBeUndefined();
    const stuck = { ...there, wanted: false, configured: false };
    expect(begun(seen([stuck], { status: failed('DetachVolume') }))).toBeUndefined();
    expect(begun(seen([stuck], { status: failed('DetachVolume'), guest: OFF }))).toBe('DetachVolume');
  });
});

describe('what waits says why', () => {
  const held = (volumes: VolumeView[], more: ViewChanges = {}) => {
    const it = seen(volumes, more);
    const situation = assess(it);
    expect(situation.operation).toBeUndefined();
    return heldBack(it, situation);
  };
  const RECORD = { requestId: 'req-7', finishTime: '2026-01-01T00:00:00Z' } as InstanceStatus['resize'];

  test.each<[string, ViewChanges]>([
    ['Locked', { spec: { locked: true } }],
    ['AwaitsConfirm', { status: { ...BUILT, vmState: 'Resized', resize: RECORD as never } }],
    ['WrongState', { status: { ...BUILT, vmState: 'Suspended' } }],
    ['NextStart', { hotplugsVolumes: false }],
  ])('%s', (reason, more) => {
    expect(held([asked], more)).toMatchObject({
      reason,
      message: expect.stringMatching(/^spec.volumes data: /),
    });
  });

  test('what keeps one from being attached, by its name', () => {
    const obstacle = { reason: 'VolumeInUse', message: 'it is taken' };
    expect(held([there, { ...asked, name: 'b', obstacle }])).toEqual({
      reason: 'VolumeInUse',
      message: 'spec.volumes b: it is taken',
    });
  });

  test('a guest that runs without what it should have', () => {
    const late = { ...there, guest: 'plugging' as const, detail: 'PVC mine not found' };
    expect(held([late])).toMatchObject({
      reason: 'VolumeNotReady',
      message: expect.stringContaining('PVC mine'),
    });
    expect(held([there])).toBeUndefined();
  });
});

describe('attaching', () => {
  const step = (volumes: VolumeView[], more: ViewChanges = {}) =>
    assess(view({ status: inFlight('AttachVolume'), volumes, ...more }));

  test('goes into the VM, and has ended when the guest has it; of one that is off at once', () => {
    expect(step([asked]).action).toEqual({
      kind: 'plugVolumes',
      volumes: [{ name: 'data', claimName: 'mine' }],
    });
    const late = { ...there, guest: 'plugging' as const };
    expect(step([late])).toMatchObject({ action: { kind: 'none' }, taskState: 'AttachingVolume' });
    expect(step([there]).outcome).toEqual({ result: 'Succeeded' });
    expect(step([late], { guest: OFF }).outcome).toEqual({ result: 'Succeeded' });
  });

  test('that takes too long is undone', () => {
    const late = view({ status: inFlight('AttachVolume'), volumes: [{ ...there, guest: 'plugging' }] });
    expect(afterDeadline(late, assess(late), undefined)).toMatchObject({
      action: { kind: 'unplugVolumes', names: ['data'] },
      outcome: { result: 'Failed', code: 'DeadlineExceeded' },
    });
  });
});

describe('detaching', () => {
  const going = { ...there, wanted: false };
  const step = (volume: VolumeView, more: ViewChanges = {}) =>
    assess(view({ status: inFlight('DetachVolume'), volumes: [volume], ...more }));

  test('out of the VM, out of the guest, and then the claim is free', () => {
    expect(step(going).action).toEqual({ kind: 'unplugVolumes', names: ['data'] });
    expect(step({ ...going, configured: false, guest: 'unplugging' }).action).toEqual({ kind: 'none' });
    const out = { ...going, configured: false, guest: 'absent' as const };
    expect(step(out)).toMatchObject({
      action: { kind: 'releaseVolumes', volumes: [out] },
      outcome: { result: 'Succeeded', message: expect.stringContaining('mine is kept') },
    });
    expect(step({ ...out, held: false }).outcome).toEqual({ result: 'Succeeded' });
  });

  test('says what becomes of what was made for the Instance', () => {
    const made = { ...going, configured: false, guest: 'absent' as const, made: true };
    const said = (volume: VolumeView) => step(volume).outcome?.message;
    expect(said({ ...made, deleteOnTermination: true })).toBe(
      'data is detached, and PersistentVolumeClaim mine deleted',
    );
    expect(said(made)).toContain('is kept, since deleteOnTermination is false');
  });
});

test('a new Instance waits for a volume that it cannot have', () => {
  const obstacle = { reason: 'VolumeNotFound', message: 'create it' };
  const situation = assess(
    view({ guest: NO_GUEST, claimNode: undefined, volumes: [{ ...asked, obstacle }] }),
  );
  expect(situation).toMatchObject({
    taskState: 'Scheduling',
    action: { kind: 'none' },
    blocked: { reason: 'VolumeNotFound', message: 'spec.volumes data: create it' },
  });
});

test('the status says how far each is', () => {
  const phases = (volumes: VolumeView[], more: ViewChanges = {}) =>
    volumeStatusesOf(seen(volumes, more))?.map(({ phase }) => phase);
  expect(phases([asked, there, { ...there, guest: 'plugging' }])).toEqual([
    'Pending',
    'Attached',
    'Attaching',
  ]);
  expect(phases([{ ...there, guest: 'absent' }], { guest: OFF })).toEqual(['Attached']);
  expect(phases([{ ...there, wanted: false }])).toEqual(['Detaching']);
  expect(phases([{ ...asked, wanted: false }])).toBeUndefined();
  expect(volumeStatusesOf(seen([{ ...there, device: 'sda', deleteOnTermination: true }]))).toEqual([
    { name: 'data', claimName: 'mine', phase: 'Attached', device: 'sda', deleteOnTermination: true },
  ]);
});
