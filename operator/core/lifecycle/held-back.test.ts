import { describe, expect, test } from 'vitest';
import type { InstanceStatus, OperationName } from '#api/instance.ts';
import { assess } from './assess.ts';
import { heldBack } from './held-back.ts';
import type { NetworkView } from './network-view.ts';
import { OPERATION_TABLE } from './operations.ts';
import { NONE } from './situation.ts';
import { STEPS } from './steps.ts';
import { BUILT, type ViewChanges, view } from './test-views.ts';
import type { VolumeView } from './volume-view.ts';

const requestId = 'req-00000000-0000-4000-8000-000000000001';
const SMALL = { name: 'small', vcpus: 1, memoryMiB: 1024, rootDiskGiB: 10, ephemeralDiskGiB: 0, swapMiB: 0 };

/** As the status is written: what is in flight is in it. */
const moving: InstanceStatus = {
  ...BUILT,
  flavor: SMALL,
  taskState: 'Migrating',
  operation: {
    name: 'LiveMigrate',
    requestId,
    startTime: '2026-01-01T00:00:00Z',
    waitingFor: 'KubeVirt to move the guest',
    source: { kind: 'InstanceMigration', name: 'away' },
    sourceNode: 'node-1',
  },
};

const heldOf = (changes: ViewChanges) => {
  const seen = view(changes);
  return heldBack(seen, assess(seen));
};

describe('while something else is in flight, a change says that it waits for its end', () => {
  test.each([
    ['shelved', { shelved: true }, 'spec.shelved: '],
    ['rescue', { rescue: {} }, 'spec.rescue: '],
    ['powerState', { powerState: 'Stopped' }, 'spec.powerState: '],
    ['flavorRef', { flavorRef: { name: 'large' } }, 'spec.flavorRef large: '],
  ] as const)('of %s', (_, spec, begins) => {
    const guest = { migrating: true };
    const wanted = { ...SMALL, name: 'large', vcpus: 2 };
    expect(heldOf({ spec, status: moving, guest, wanted })).toEqual({
      reason: 'OperationInProgress',
      message: `${begins}waits for the end of LiveMigrate ${requestId}`,
    });
  });

  test('each of several', () => {
    const spec = { powerState: 'Stopped', shelved: true, rescue: {} } as const;
    const message = heldOf({ spec, status: moving, guest: { migrating: true } })?.message;
    expect(message?.match(/spec\.\w+/g)).toEqual(['spec.shelved', 'spec.rescue']);
  });
});

describe('a change of whatever field, while whatever operation goes by its steps', () => {
  const volume: VolumeView = {
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
  const network: NetworkView = {
    name: 'side',
    wanted: true,
    configured: false,
    guest: 'absent',
    plugs: true,
  };
  const CHANGES: Readonly<Record<string, { change: ViewChanges; by: readonly OperationName[] }>> = {
    shelved: { change: { spec: { shelved: true } }, by: ['Shelve', 'Unshelve'] },
    rescue: { change: { spec: { rescue: {} } }, by: ['Rescue', 'Unrescue'] },
    powerState: { change: { spec: { powerState: 'Paused' } }, by: ['Start', 'Unshelve', 'Unrescue'] },
    volumes: { change: { volumes: [volume] }, by: ['AttachVolume', 'DetachVolume'] },
    networks: { change: { networks: [network] }, by: ['AttachInterface', 'DetachInterface'] },
    flavorRef: {
      change: { spec: { flavorRef: { name: 'large' } }, wanted: { ...SMALL, name: 'large', vcpus: 2 } },
      by: ['Resize', 'LiveResize'],
    },
  };
  const all = Object.keys(STEPS) as OperationName[];

  test.each(Object.entries(CHANGES))('%s: it says which one it waits for, or that is its own', (_, it) => {
    const silent = all.filter((name) => {
      const [taskState] = OPERATION_TABLE[name].taskStates;
      const operation = { name, requestId, startTime: '2026-01-01T00:00:00Z', waitingFor: 'KubeVirt' };
      const status = { ...BUILT, flavor: SMALL, taskState, operation } as InstanceStatus;
      const held = heldBack(view({ ...it.change, status }), { operation: name, taskState, action: NONE });
      if (held) expect(held.message).toContain(`waits for the end of ${name} ${requestId}`);
      return held === undefined;
    });
    expect(silent.toSorted()).toEqual(it.by.toSorted());
  });
});

test.each([
  ['nothing is asked for', {}],
  ['it is carried out at once', { spec: { powerState: 'Stopped' } }],
  ['it is being carried out', { spec: { powerState: 'Stopped' }, guest: { power: 'stopping' } }],
  ['the guest went off by itself', { guest: { power: 'succeeded' } }],
  [
    'it is off because it is shelved',
    { spec: { shelved: true }, status: { ...BUILT, appliedPowerState: 'Stopped', shelved: true } },
  ],
  ['it is being made', { status: { vmState: 'Building' }, spec: { powerState: 'Stopped' } }],
  ['it goes', { deleting: true, spec: { powerState: 'Stopped' } }],
] as [string, ViewChanges][])('nothing is held back where %s', (_, changes) => {
  expect(heldOf({ status: BUILT, ...changes })).toBeUndefined();
});

test('what cannot be begun says what to do first', () => {
  const rescued = { ...BUILT, vmState: 'Rescued', rescued: { image: 'example/disk:1' } } as const;
  const guest = { vm: { runs: true, deleting: false, rescue: true } };
  const off = heldOf({ status: rescued, guest, spec: { rescue: {}, powerState: 'Stopped' } });
  expect(off).toEqual({
    reason: 'WrongState',
    message: 'spec.powerState: the guest runs from its rescue image: take rescue away first',
  });
  const shelved = { ...BUILT, vmState: 'ShelvedOffloaded', shelved: true } as const;
  const back = heldOf({ status: shelved, spec: { shelved: true, rescue: {} } });
  expect(back?.message).toBe('spec.rescue: it is shelved: set shelved to false first');
});

test('a rescue image from a place that is not allowed is not booted, and that is said', () => {
  const spec = { rescue: { image: { containerDisk: 'elsewhere/disk:1' } } };
  const held = view({ status: BUILT, spec, rescueRefused: 'not from there' });
  expect(assess(held).operation).toBeUndefined();
  expect(heldBack(held, assess(held))).toEqual({
    reason: 'SourceNotAllowed',
    message: 'spec.rescue: not from there',
  });
  expect(assess({ ...held, rescueRefused: undefined }).operation).toBe('Rescue');
});

test('an image that came in while a rescue was under way, and is not allowed, is not booted', () => {
  const spec = { rescue: { image: { containerDisk: 'registry.example/other:1' } } };
  const status = {
    ...BUILT,
    taskState: 'Rescuing',
    operation: {
      name: 'Rescue',
      requestId: 'req-11111111-2222-4333-8444-555555555555',
      startTime: '2026-01-01T00:00:00Z',
      waitingFor: 'the guest to shut down',
    },
  } as const;
  const guest = { vm: { runs: false, deleting: false, rescue: false }, power: 'absent', pods: [] } as const;
  const off = view({ status, spec, guest, rescueRefused: 'not from there' });
  expect(assess(off).outcome).toMatchObject({ result: 'Failed', code: 'SourceNotAllowed' });
  expect(assess({ ...off, rescueRefused: undefined }).action).toEqual({ kind: 'setBoot', rescue: true });
});
