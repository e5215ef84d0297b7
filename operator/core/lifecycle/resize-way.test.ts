import { describe, expect, test } from 'vitest';
import type { InstanceSpec } from '#api/instance.ts';
import { builtFlavor } from './guest-size.ts';
import { resizeWay } from './resize-way.ts';
import type { SizeView } from './size-view.ts';
import { BUILT, type ViewChanges, view } from './test-views.ts';

const flavor = (name: string, changes: object = {}) =>
  builtFlavor(
    name,
    { vcpus: 1, memory: '1Gi', rootDisk: '10Gi', ephemeralDisk: '0', swap: '0', ...changes },
    new Map(),
  );

const SMALL = flavor('small');
const WIDE = flavor('wide', { vcpus: 2, memory: '2Gi' });
const SIZE: SizeView = {
  vcpus: 1,
  memoryMiB: 1024,
  asked: { vcpus: 1, memoryMiB: 1024 },
  most: { vcpus: 4, memoryMiB: 4096 },
  plugging: false,
  memoryFailed: false,
};
const MOVABLE = { possible: true, reason: 'LiveMigration', message: 'it can move while it runs' };

function way(
  policy: InstanceSpec['resizePolicy'],
  { wanted = WIDE, guest, ...changes }: ViewChanges & { wanted?: typeof WIDE } = {},
) {
  const seen = view({
    status: BUILT,
    spec: { resizePolicy: policy },
    guest: { size: SIZE, liveMigratable: MOVABLE, ...guest },
    ...changes,
  });
  return resizeWay(seen, SMALL, wanted);
}

test('growth goes live where that is asked for, and cold where it is not', () => {
  expect(way('Live')).toEqual({ kind: 'live' });
  expect(way('LiveIfPossible')).toEqual({ kind: 'live' });
  expect(way('Cold')).toEqual({ kind: 'cold' });
});

test('a guest that is off is not disturbed by a cold resize', () => {
  expect(way('Live', { guest: { power: 'absent', size: undefined } })).toEqual({ kind: 'cold' });
});

test('until KubeVirt has said whether it can move, nothing is begun', () => {
  expect(way('LiveIfPossible', { guest: { liveMigratable: undefined } })).toEqual({ kind: 'later' });
});

test('a change that KubeVirt holds on to can be tried again, and no other', () => {
  const pending = { ...SIZE, asked: { vcpus: 2, memoryMiB: 2048 } };
  expect(way('Live', { guest: { size: pending } })).toEqual({ kind: 'live' });
  const other = way('Live', { guest: { size: pending }, wanted: flavor('third', { vcpus: 3 }) });
  expect(other).toMatchObject({ why: expect.stringContaining('an earlier change, 2 vCPUs and 2048 MiB') });
});

describe('what KubeVirt cannot plug is refused with the reason, or goes cold', () => {
  const NOT: [string, Parameters<typeof way>[1]][] = [
    ['is smaller', { wanted: flavor('less', { vcpus: 2, memory: '512Mi' }) }],
    ['differs in rootDisk', { wanted: flavor('deep', { vcpus: 2, rootDisk: '20Gi' }) }],
    ['differs in swap', { wanted: flavor('swaps', { vcpus: 2, swap: '1Gi' }) }],
    [
      'differs in extraSpecs',
      { wanted: flavor('own', { vcpus: 2, extraSpecs: { 'hw:cpu_policy': 'dedicated' } }) },
    ],
    ['nothing to plug', { wanted: flavor('same') }],
    ['not LiveUpdate', { liveUpdates: false }],
    ['does not say how large', { guest: { size: undefined } }],
    [
      'stopped and started first: a field',
      { guest: { vm: { runs: true, deleting: false, restartRequired: 'a field' } } },
    ],
    [
      'a copy of its disks half done',
      {
        guest: { disks: { claims: {}, copiedTo: { root: 'new' }, isTakenUp: true, halfSince: new Date(0) } },
      },
    ],
    ['4 vCPUs into this guest at most', { wanted: flavor('five', { vcpus: 5 }) }],
    ['up to 4096 MiB', { wanted: flavor('tall', { memory: '5Gi' }) }],
    ['no memory into this guest', { guest: { size: { ...SIZE, most: { vcpus: 4 } } } }],
    ['blocks of 2 MiB', { wanted: flavor('odd', { memory: '2049Mi' }) }],
    [
      'cannot move while it runs',
      { guest: { liveMigratable: { possible: false, reason: 'x', message: 'a device' } } },
    ],
  ];

  test.each(NOT)('%s', (why, changes) => {
    expect(way('Live', changes)).toEqual({ kind: 'none', why: expect.stringContaining(why) });
    expect(way('LiveIfPossible', changes)).toEqual({ kind: 'cold' });
  });

  test('vCPUs alone need no memory that can be plugged', () => {
    const guest = { size: { ...SIZE, most: { vcpus: 4 } } };
    expect(way('Live', { guest, wanted: flavor('two', { vcpus: 2 }) })).toEqual({ kind: 'live' });
  });
});
