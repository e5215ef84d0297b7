import { expect, test } from 'vitest';
import { claimsIn, copyOf, disksOf, tiedBy } from './disk-view.ts';
import { NO_DISK_COPIED, pluggingVolumes, withDisks } from './named-disks.ts';
import type { VirtualMachine, VirtualMachineInstance } from './types.ts';

const claim = (name: string, mode: string) => ({
  name,
  persistentVolumeClaimInfo: { claimName: `web-${name}`, accessModes: [mode] },
});
const vmi = (status: object, root = 'web-root') =>
  ({
    spec: { volumes: [{ name: 'root', dataVolume: { name: root } }] },
    status,
  }) as unknown as VirtualMachineInstance;
const said = (reason: string, storage = 'True') => [
  { type: 'LiveMigratable', status: 'False', reason },
  { type: 'StorageLiveMigratable', status: storage },
];

test('all volumes that are not shared tie a guest, where nothing else does', () => {
  const volumeStatus = [
    claim('root', 'ReadWriteOnce'),
    claim('data', 'ReadWriteOnce'),
    claim('log', 'ReadWriteMany'),
  ];
  expect(tiedBy(vmi({ volumeStatus, conditions: said('DisksNotLiveMigratable') }))).toEqual(['root', 'data']);
  expect(tiedBy(vmi({ volumeStatus, conditions: said('DisksNotLiveMigratable', 'False') }))).toBeUndefined();
  expect(tiedBy(vmi({ volumeStatus, conditions: said('HostDeviceNotLiveMigratable') }))).toBeUndefined();
  expect(tiedBy(vmi({ volumeStatus }))).toBeUndefined();
});

const asked = (volumeName: string, claimName: string) => ({
  volumeName,
  destinationPVCInfo: { claimName },
});
const change = (status: string) => [{ type: 'VolumesChange', status }];

test('a copy is asked for first, then taken up', () => {
  const migratedVolumes = [asked('root', 'new')];
  const copiedTo = { root: 'new' };
  expect(disksOf(undefined)).toBeUndefined();
  expect(disksOf(vmi({}))).toEqual({ claims: { root: 'web-root' }, copiedTo: {}, isTakenUp: false });
  expect(disksOf(vmi({ migratedVolumes }, 'new'))).toEqual({
    claims: { root: 'new' },
    copiedTo,
    isTakenUp: false,
  });
  expect(disksOf(vmi({ migratedVolumes, conditions: change('True') }, 'new'))).toEqual({
    claims: { root: 'new' },
    copiedTo,
    isTakenUp: true,
  });
  const ephemeral = { spec: { volumes: [{ name: 'root', containerDisk: {} }] } } as never;
  expect(disksOf(ephemeral)?.claims).toEqual({});
});

test('KubeVirt leaves a copy half done: it says so, and names no new claim', () => {
  const lastTransitionTime = '2026-01-01T00:00:00Z';
  const conditions = [{ ...change('True')[0], lastTransitionTime }];
  const migratedVolumes = [asked('root', 'new')];
  expect(disksOf(vmi({ migratedVolumes, conditions }))?.halfSince).toEqual(new Date(lastTransitionTime));
  for (const seen of [
    vmi({ migratedVolumes }),
    vmi({ migratedVolumes, conditions }, 'new'),
    vmi({ conditions }),
  ])
    expect(disksOf(seen)?.halfSince).toBeUndefined();
});

test('a VM remembers a copy that KubeVirt took up, and whether it was at it still when the guest went', () => {
  const migratedVolumes = [{ volumeName: 'root', destinationPVCInfo: { claimName: 'new' } }];
  const volumeUpdateState = { volumeMigrationState: { migratedVolumes } };
  const vm = (status: object) => ({ status }) as unknown as VirtualMachine;
  const to = { root: 'new' };
  expect(copyOf(vm({ volumeUpdateState }))).toEqual({ to, isOpen: false });
  for (const type of ['VolumesChange', 'ManualRecoveryRequired'])
    expect(copyOf(vm({ volumeUpdateState, conditions: [{ type, status: 'True' }] }))).toEqual({
      to,
      isOpen: true,
    });
  expect(copyOf(vm({}))).toBeUndefined();
});

test('a VM names other claims, and has its other volumes as before', () => {
  const data = { name: 'data', dataVolume: { name: 'web-data', hotpluggable: true } };
  const log = { name: 'log', dataVolume: { name: 'web-log', hotpluggable: true } };
  const volumes = [{ name: 'root', dataVolume: { name: 'web-root' } }, data, log];
  const vm = { spec: { runStrategy: 'Once', template: { spec: { volumes } } } } as unknown as VirtualMachine;
  const after = withDisks(vm, [
    { name: 'root', claimName: 'new' },
    { name: 'data', claimName: 'new-data' },
  ]);
  expect(after.spec).toMatchObject({ runStrategy: 'Once', updateVolumesStrategy: 'Migration' });
  expect(after.spec?.template?.spec?.volumes).toEqual([
    { name: 'root', dataVolume: { name: 'new' } },
    { name: 'data', dataVolume: { name: 'new-data', hotpluggable: true } },
    log,
  ]);
  expect(claimsIn(after.spec?.template?.spec)).toEqual({ root: 'new', data: 'new-data', log: 'web-log' });
  expect(Object.keys(NO_DISK_COPIED)).toEqual(['updateVolumesStrategy']);
  expect(pluggingVolumes(after).spec).not.toHaveProperty('updateVolumesStrategy');
});
