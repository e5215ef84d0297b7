import { describe, expect, test } from 'vitest';
import type { InstanceStatus } from '#api/instance.ts';
import { assess } from './assess.ts';
import { deletion } from './deletion.ts';
import { instanceConditions } from './instance-conditions.ts';
import type { OperationRequest } from './request.ts';
import { NONE } from './situation.ts';
import { instanceStatus } from './status.ts';
import { BUILT, NO_GUEST, type ViewChanges, view } from './test-views.ts';
import { refusalOf } from './verdict.ts';

const ID = 'req-00000000-0000-4000-8000-000000000001';
const OTHER = 'req-00000000-0000-4000-8000-000000000002';
const IMAGE = { containerDisk: 'example/disk:2' };
const NOW = new Date('2026-01-01T01:00:00Z');

const request = (changes: Partial<OperationRequest> = {}): OperationRequest => ({
  kind: 'InstanceAction',
  name: 'rebuild',
  uid: 'uid-rebuild',
  requestId: ID,
  operation: 'Rebuild',
  cancelled: false,
  requestedBy: undefined,
  rebuild: { image: IMAGE },
  ...changes,
});

/** A rebuild in flight, at this step. */
const at = (taskState: InstanceStatus['taskState'], changes: ViewChanges = {}, runs = true) =>
  assess(
    view({
      ...changes,
      status: {
        ...BUILT,
        taskState,
        rebuild: { image: IMAGE, runs },
        operation: {
          name: 'Rebuild',
          requestId: ID,
          startTime: NOW.toISOString(),
          waitingFor: '',
          source: { kind: 'InstanceAction', name: 'rebuild' },
        },
      },
    }),
  );

const OFF = { vm: { runs: false, deleting: false }, power: 'absent', pods: [] } as const;
const disk = (requestId: string, ready = true, awaitsConsumer = false) => ({
  exists: true,
  ready,
  requestId,
  awaitsConsumer,
  detail: '',
});

describe('taken up', () => {
  test.each([
    ['Active', true],
    ['Stopped', false],
    ['Error', true],
  ] as const)('from %s, with what to rebuild from, ending as it began', (vmState, runs) => {
    const fault = vmState === 'Error' ? { code: 'X', message: '', time: NOW.toISOString() } : undefined;
    const guest = vmState === 'Active' ? {} : OFF;
    const applied = vmState === 'Stopped' ? 'Stopped' : 'Running';
    const status = { ...BUILT, vmState, fault, appliedPowerState: applied } as const;
    const spec = { powerState: applied } as const;
    expect(assess(view({ status, guest, spec, requests: [request()] }))).toMatchObject({
      operation: 'Rebuild',
      taskState: 'Rebuilding',
      action: NONE,
      rebuild: { image: IMAGE, runs },
    });
  });

  test('what an earlier one gave the guest stays unless it is given anew', () => {
    const status = { ...BUILT, cloudInit: { keyPairName: 'old', userDataSecretName: 'kept' } };
    const asked = request({ rebuild: { image: IMAGE, cloudInit: { keyPairName: 'new' } } });
    expect(assess(view({ status, requests: [asked] })).rebuild?.cloudInit).toEqual({
      keyPairName: 'new',
      userDataSecretName: 'kept',
    });
  });
});

describe('refused', () => {
  const why = (changes: ViewChanges, asked = request()) => refusalOf(asked, view(changes).instance);

  test('with what is wrong with its references', () => {
    expect(why({ status: BUILT }, request({ rebuild: { problem: 'rebuild.imageRef: none' } }))).toEqual({
      reason: 'NotPossible',
      message: 'rebuild.imageRef: none',
    });
  });

  test.each(['Paused', 'Rescued', 'Resized', 'ShelvedOffloaded'] as const)('from %s', (vmState) => {
    expect(why({ status: { ...BUILT, vmState } })?.reason).toBe('WrongState');
  });

  test('where the creation failed: nothing is looked at but another request id', () => {
    const status = { vmState: 'Error' } as const;
    expect(why({ status })?.message).toContain('set a new request id');
    expect(why({ status }, request({ operation: 'HardReboot' }))?.reason).toBe('WrongState');
  });

  test('by a lock', () => {
    expect(why({ status: BUILT, spec: { locked: true } })?.reason).toBe('Locked');
  });
});

describe('goes on', () => {
  test('off first, then proven so: from there on it is the new image', () => {
    expect(at('Rebuilding').action).toEqual({ kind: 'haltVm' });
    expect(at('Rebuilding', { guest: { ...OFF, pods: ['a'] } }).action).toEqual(NONE);
    expect(at('Rebuilding', { guest: OFF })).toMatchObject({
      action: { kind: 'proveOff' },
      next: 'RebuildBlockDeviceMapping',
      made: { image: IMAGE },
    });
  });

  test('the disk of another request is replaced, for as long as it takes', () => {
    const guest = { ...OFF, disk: disk(OTHER) };
    expect(at('RebuildBlockDeviceMapping', { guest })).toMatchObject({
      taskState: 'RebuildBlockDeviceMapping',
      action: { kind: 'remakeRoot' },
    });
  });

  test('the new one fills while the guest starts', () => {
    const guest = { ...OFF, disk: disk(ID, false) };
    expect(at('RebuildBlockDeviceMapping', { guest })).toMatchObject({
      taskState: 'RebuildBlockDeviceMapping',
      action: { kind: 'startVm' },
    });
    expect(at('RebuildBlockDeviceMapping', { guest: { ...OFF, disk: disk(ID) } }).taskState).toBe(
      'RebuildSpawning',
    );
    const { outcome } = at('RebuildSpawning', { guest: { disk: disk(ID) } });
    expect(outcome).toEqual({ result: 'Succeeded', message: 'from example/disk:2' });
  });

  test('an ephemeral root is made afresh by what the VM boots with', () => {
    const spec = { rootDisk: { ephemeral: true } };
    expect(at('RebuildBlockDeviceMapping', { spec, guest: { ...OFF, disk: undefined } })).toMatchObject({
      action: { kind: 'remakeRoot' },
      next: 'RebuildSpawning',
    });
    expect(at('RebuildSpawning', { spec, guest: { ...OFF, disk: undefined } }).action).toEqual({
      kind: 'startVm',
    });
  });

  test('what was off ends when its disk is full, or waits for its first consumer', () => {
    const end = (it: ReturnType<typeof disk>) =>
      at('RebuildBlockDeviceMapping', { guest: { ...OFF, disk: it } }, false).outcome?.result;
    expect(end(disk(ID, false))).toBeUndefined();
    expect(end(disk(ID))).toBe('Succeeded');
    expect(end(disk(ID, false, true))).toBe('Succeeded');
  });

  test('a guest that fails to boot leaves Error', () => {
    const guest = { power: 'failed', disk: disk(ID) } as const;
    expect(at('RebuildSpawning', { guest }).outcome).toMatchObject({ code: 'StartFailed' });
  });
});

test('after a failure nothing starts what may have no disk', () => {
  const failed = {
    name: 'Rebuild',
    requestId: ID,
    generation: 1,
    startTime: NOW.toISOString(),
    finishTime: NOW.toISOString(),
    result: 'Failed',
  } as const;
  const guest = { ...OFF, vm: { runs: false, deleting: false, asked: 'Stopped' } } as const;
  expect(assess(view({ status: { ...BUILT, lastOperations: [failed] }, guest })).operation).toBeUndefined();
  expect(assess(view({ status: BUILT, guest })).operation).toBe('Start');
});

describe('what is said of the image', () => {
  const said = (spec: ViewChanges['spec'], image: InstanceStatus['image']) => {
    const input = {
      view: view({ spec, status: { ...BUILT, image } }),
      situation: { operation: undefined, taskState: undefined, action: NONE },
      placement: undefined,
      flavor: undefined,
      now: NOW,
      began: NOW,
      deadline: undefined,
      waitingFor: undefined,
    };
    return instanceConditions(input, instanceStatus(input)).find(({ type }) => type === 'Rebuilt');
  };

  test('nothing while it is that of the spec', () => {
    expect(said({}, { containerDisk: 'example/disk:1', properties: { os_type: 'linux' } })).toBeUndefined();
    const spec = { image: undefined, imageRef: { name: 'golden' } };
    expect(said(spec, { name: 'golden', pvc: { name: 'image-golden' } })).toBeUndefined();
  });

  test('which one it is, while the file names another', () => {
    expect(said({}, { name: 'silver', pvc: { name: 'image-silver' } })?.message).toBe(
      'the root disk was made from Image silver by a rebuild; spec.image names example/disk:1, which it was created from, and would be made from again only as another Instance',
    );
  });
});

describe('an image is created', () => {
  const createImage = request({ operation: 'CreateImage', rebuild: undefined });
  const why = (vmState: InstanceStatus['vmState'], spec: ViewChanges['spec'] = {}) =>
    refusalOf(createImage, view({ status: { ...BUILT, vmState }, spec }).instance);

  test('only while the guest is off, of a disk that is a volume; a lock is no obstacle', () => {
    expect(why('Stopped', { locked: true })).toBeUndefined();
    expect(why('ShelvedOffloaded')).toBeUndefined();
    expect(why('Active')?.message).toContain('set powerState: Stopped, and ask again');
    expect(why('Error')?.reason).toBe('WrongState');
    expect(why('Stopped', { rootDisk: { ephemeral: true } })?.message).toContain('no volume');
  });

  const inFlight = (taskState: InstanceStatus['taskState'], changes: ViewChanges = {}) =>
    view({
      ...changes,
      guest: OFF,
      status: {
        ...BUILT,
        vmState: 'Stopped',
        taskState,
        operation: {
          name: 'CreateImage',
          requestId: ID,
          startTime: NOW.toISOString(),
          waitingFor: '',
          source: { kind: 'InstanceAction', name: 'image' },
        },
      },
    });
  const asking = {
    ...createImage,
    action: { instanceRef: { name: 'web-1' }, createImage: { name: 'made' }, cancel: false },
  };
  const made = { name: 'made', requestId: ID, ready: false, detail: 'CDI says CloneInProgress' };

  test('made first, then waited for', () => {
    expect(assess(inFlight('ImageSnapshot', { asking }))).toMatchObject({
      action: { kind: 'makeImage', name: 'made' },
      next: 'ImageUploading',
    });
    expect(assess(inFlight('ImageUploading', { madeImage: made })).outcome).toBeUndefined();
    expect(assess(inFlight('ImageUploading', { madeImage: { ...made, ready: true } })).outcome).toEqual({
      result: 'Succeeded',
      message: 'Image made',
    });
  });

  test('fails when the Image, or who asked before it was made, is gone', () => {
    expect(assess(inFlight('ImageUploading')).outcome).toMatchObject({ code: 'ImageGone' });
    expect(assess(inFlight('ImageSnapshot')).outcome).toMatchObject({ code: 'RequestGone' });
  });

  test('what was begun goes when it is cancelled, or the Instance is deleted', () => {
    const cancelled = { ...createImage, cancelled: true };
    expect(assess(inFlight('ImageUploading', { madeImage: made, requests: [cancelled] }))).toMatchObject({
      action: { kind: 'dropImage', requestId: ID },
      outcome: { result: 'Cancelled' },
    });
    expect(deletion(view({ madeImage: made })).action).toEqual({ kind: 'dropImage', requestId: ID });
    expect(deletion(view({ madeImage: { ...made, ready: true }, guest: NO_GUEST })).action.kind).toBe(
      'finish',
    );
  });
});
