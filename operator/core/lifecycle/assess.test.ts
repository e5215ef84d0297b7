import { describe, expect, test } from 'vitest';
import { assess } from './assess.ts';
import { requestIdFor } from './request-id.ts';
import { BUILT, NO_GUEST, view } from './test-views.ts';

/** The id of a create that nobody named. */
const CREATE_ID = requestIdFor(view().instance, 'Create');

describe('creation', () => {
  test('begins with a claim', () => {
    const { action, taskState } = assess(view({ claimNode: undefined, guest: NO_GUEST }));
    expect([action, taskState]).toEqual([{ kind: 'claim' }, 'Scheduling']);
  });

  test('makes the VM once there is a claim', () => {
    expect(assess(view({ guest: NO_GUEST })).action).toEqual({ kind: 'createVm', runs: true });
  });

  test('makes a VM that stays off when it is asked to be Stopped', () => {
    const { action } = assess(view({ spec: { powerState: 'Stopped' }, guest: NO_GUEST }));
    expect(action).toEqual({ kind: 'createVm', runs: false });
  });

  test('says that the disk is being filled, then that the guest boots', () => {
    const filling = { power: 'starting', disk: { exists: true, ready: false, detail: '' } } as const;
    expect(assess(view({ guest: filling })).taskState).toBe('BlockDeviceMapping');
    expect(assess(view({ guest: { power: 'starting' } })).taskState).toBe('Spawning');
  });

  test('is done when the guest runs', () => {
    expect(assess(view()).outcome).toEqual({ result: 'Succeeded' });
  });

  test('waits for a Flavor that does not exist, and says which', () => {
    const missing = { kind: 'Flavor', name: 'tiny', field: 'spec.flavorRef' } as const;
    const { blocked, action } = assess(view({ missing, guest: NO_GUEST }));
    expect(action).toEqual({ kind: 'none' });
    expect(blocked?.reason).toBe('FlavorNotFound');
    expect(blocked?.message).toContain('spec.flavorRef: Flavor tiny does not exist');
  });

  test("does not touch another owner's VM", () => {
    const { blocked, action } = assess(view({ foreignVm: true, guest: NO_GUEST }));
    expect([action.kind, blocked?.reason]).toEqual(['none', 'NameConflict']);
  });

  test('leaves a node that refuses the guest', () => {
    const trouble = { kind: 'unschedulable', message: 'Insufficient memory' } as const;
    const { exclude } = assess(view({ guest: { power: 'starting', trouble } }));
    expect(exclude).toEqual({ nodeName: 'node-1', message: 'Insufficient memory' });
  });

  test('starts a guest again that KubeVirt gave up before it had a pod, where it is', () => {
    const trouble = { kind: 'unprovisioned', message: '' } as const;
    const ended = assess(view({ guest: { power: 'failed', trouble, pods: [] } }));
    expect([ended.exclude, ended.outcome, ended.action]).toEqual([undefined, undefined, { kind: 'haltVm' }]);
    const vm = { runs: false, deleting: false };
    expect(assess(view({ guest: { ...NO_GUEST, vm } })).action).toEqual({ kind: 'startVm' });
    const started = view({
      spec: { powerState: 'Running' },
      status: { ...BUILT, vmState: 'Stopped', appliedPowerState: 'Stopped' },
      guest: { power: 'failed', trouble, pods: [] },
    });
    expect(assess(started)).toMatchObject({ operation: 'Start', action: { kind: 'haltVm' } });
  });

  test('does not leave a node over an image that cannot be pulled: no other node could', () => {
    const trouble = { kind: 'imagePull', message: 'not found' } as const;
    expect(assess(view({ guest: { power: 'starting', trouble } })).exclude).toBeUndefined();
  });

  const refused = {
    placement: { requestId: CREATE_ID, excluded: [{ nodeName: 'node-1', message: 'full' }] },
  };
  test('clears a refused node before it claims another one', () => {
    expect(assess(view({ status: refused, guest: { power: 'failed' } })).action).toEqual({
      kind: 'deleteVm',
      blank: true,
    });
    const leftovers = view({ status: refused, guest: { ...NO_GUEST, pods: ['virt-launcher-a'] } });
    expect(assess(leftovers).action).toEqual({ kind: 'none' });
    expect(assess(view({ status: refused, guest: NO_GUEST })).action).toEqual({ kind: 'release' });
    const cleared = view({ status: refused, claimNode: undefined, guest: NO_GUEST });
    expect(assess(cleared).action).toEqual({ kind: 'claim' });
  });

  test('gives the place on a refused node back, whatever else keeps it from being built', () => {
    const missing = { kind: 'Image', name: 'golden', field: 'spec.imageRef' } as const;
    for (const hindrance of [{ missing }, { invalid: 'spec.flavorRef: too small' }]) {
      const there = view({ ...hindrance, status: refused, guest: { power: 'failed' } });
      expect(assess(there).action.kind).toBe('deleteVm');
      const cleared = view({ ...hindrance, status: refused, guest: NO_GUEST });
      expect(assess(cleared).action).toEqual({ kind: 'release' });
    }
  });

  test('gives up after maxAttempts nodes, and names each', () => {
    const excluded = ['a', 'b', 'c'].map((nodeName) => ({ nodeName, message: `${nodeName} full` }));
    const { outcome } = assess(
      view({
        status: { placement: { requestId: CREATE_ID, excluded } },
        claimNode: undefined,
        guest: NO_GUEST,
      }),
    );
    expect(outcome).toMatchObject({ result: 'Failed', code: 'NoValidHost' });
    expect(outcome).toHaveProperty('message', expect.stringContaining('b: b full'));
  });

  test('is not tried again once it has failed, until a new request id is set', () => {
    const times = { startTime: '2026-01-01T00:00:00Z', finishTime: '2026-01-01T00:00:00Z' };
    const requestId = 'req-00000000-0000-4000-8000-00000000000a';
    const status = { lastOperations: [{ name: 'Create', requestId, result: 'Failed', ...times }] } as const;
    const attempt = (id: string) =>
      assess(
        view({
          status: { lastOperations: [...status.lastOperations] },
          annotations: { 'compute.berth.dev/request-id': id },
          claimNode: undefined,
          guest: NO_GUEST,
        }),
      );
    expect(attempt(requestId).operation).toBeUndefined();
    expect(attempt('not a request id').operation).toBeUndefined();
    expect(attempt('req-00000000-0000-4000-8000-00000000000b').action).toEqual({ kind: 'claim' });
  });
});

describe('power', () => {
  const stopped = { ...BUILT, vmState: 'Stopped', appliedPowerState: 'Stopped' } as const;
  const off = { vm: { runs: false, deleting: false }, power: 'absent', pods: [] } as const;

  test('Stopped halts a guest that runs, and waits until it is gone', () => {
    const asked = { spec: { powerState: 'Stopped' }, status: BUILT } as const;
    expect(assess(view(asked))).toMatchObject({ operation: 'Stop', action: { kind: 'haltVm' } });
    const halting = view({ ...asked, guest: { vm: { runs: false, deleting: false }, power: 'stopping' } });
    expect(assess(halting)).toMatchObject({
      operation: 'Stop',
      action: { kind: 'none' },
      taskState: 'PoweringOff',
    });
    expect(assess(view({ ...asked, guest: off })).outcome).toEqual({ result: 'Succeeded' });
  });

  test('Running starts a guest that is off', () => {
    expect(assess(view({ status: stopped, guest: off }))).toMatchObject({
      operation: 'Start',
      action: { kind: 'startVm' },
      taskState: 'PoweringOn',
    });
  });

  test('Paused pauses, Running resumes', () => {
    const paused = { ...BUILT, appliedPowerState: 'Paused' } as const;
    expect(assess(view({ spec: { powerState: 'Paused' }, status: BUILT })).action).toEqual({ kind: 'pause' });
    expect(assess(view({ status: paused, guest: { power: 'paused' } })).action).toEqual({ kind: 'unpause' });
  });

  test('Paused starts a guest that is off first', () => {
    const asked = { spec: { powerState: 'Paused' }, status: stopped } as const;
    expect(assess(view({ ...asked, guest: off })).operation).toBe('Start');
    expect(assess(view(asked))).toMatchObject({ operation: 'Start', outcome: { result: 'Succeeded' } });
  });

  test('a field that is set back while the guest still follows the first wish is followed too', () => {
    const halting = { vm: { runs: false, deleting: false, asked: 'Stopped' }, power: 'absent' } as const;
    expect(assess(view({ status: BUILT, guest: halting }))).toMatchObject({
      operation: 'Start',
      action: { kind: 'startVm' },
    });
    const booting = { vm: { runs: true, deleting: false, asked: 'Running' }, power: 'starting' } as const;
    const backToStopped = view({ spec: { powerState: 'Stopped' }, status: stopped, guest: booting });
    expect(assess(backToStopped)).toMatchObject({ operation: 'Stop', action: { kind: 'haltVm' } });
    expect(assess(view({ status: BUILT, guest: { power: 'paused' } })).action).toEqual({ kind: 'unpause' });
  });

  test('a guest that fails while it starts ends the Start with the reason, and is not started again', () => {
    const trouble = { kind: 'refused', message: 'OutOfcpu' } as const;
    const { outcome } = assess(view({ status: stopped, guest: { power: 'failed', trouble } }));
    expect(outcome).toMatchObject({
      result: 'Failed',
      code: 'StartFailed',
      message: expect.stringContaining('OutOfcpu'),
    });
  });

  test('a guest that powers itself off stays off, and KubeVirt is told so', () => {
    const { operation, action } = assess(view({ status: BUILT, guest: { power: 'succeeded' } }));
    expect([operation, action]).toEqual([undefined, { kind: 'haltVm' }]);
    expect(assess(view({ status: BUILT, guest: off })).action).toEqual({ kind: 'none' });
  });

  test('nothing is done for an Instance that is as it should be', () => {
    expect(assess(view({ status: BUILT }))).toEqual({
      operation: undefined,
      taskState: undefined,
      action: { kind: 'none' },
    });
  });

  test('a VM that somebody deleted is made again', () => {
    expect(assess(view({ status: BUILT, guest: NO_GUEST })).action).toEqual({ kind: 'createVm', runs: true });
    expect(
      assess(view({ status: stopped, spec: { powerState: 'Stopped' }, guest: NO_GUEST })).action,
    ).toEqual({
      kind: 'createVm',
      runs: false,
    });
  });
});

describe('deletion', () => {
  test('goes from the VM over its pods to the Instance', () => {
    expect(assess(view({ deleting: true })).action).toEqual({ kind: 'deleteVm' });
    const waits = view({ deleting: true, guest: { vm: { runs: true, deleting: true } } });
    expect(assess(waits).action).toEqual({ kind: 'none' });
    const withDisk = view({ deleting: true, guest: { vm: undefined, power: 'absent' } });
    expect(assess(withDisk).action).toEqual({ kind: 'deleteVm' });
    const withPods = view({ deleting: true, guest: { ...NO_GUEST, pods: ['virt-launcher-a'] } });
    expect(assess(withPods).action).toEqual({ kind: 'none' });
    expect(assess(view({ deleting: true, guest: NO_GUEST })).action).toEqual({ kind: 'finish' });
  });
});

test('an evacuation that failed stays in Error while what is left of its guest still seems to start', () => {
  const fault = { code: 'StartFailed', message: 'refused', time: '2026-01-01T00:00:00Z' };
  const failed = view({ status: { ...BUILT, vmState: 'Error', fault }, guest: { power: 'starting' } });
  expect(assess(failed).operation).toBeUndefined();
  expect(assess(view({ status: BUILT, guest: { power: 'starting' } })).operation).toBe('Start');
});
