import { expect, test } from 'vitest';
import { NO_DISK_COPIED, pluggingVolumes, withRoot } from './named-root.ts';
import { rootClaimIn, rootOf, tiedBy } from './root-view.ts';
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

test('a copy is asked for first, then taken up', () => {
  const migratedVolumes = [{ volumeName: 'root', destinationPVCInfo: { claimName: 'new' } }];
  const conditions = [{ type: 'VolumesChange', status: 'True' }];
  expect(rootOf(vmi({}))).toEqual({ claimName: 'web-root', copiedTo: undefined, isTakenUp: false });
  expect(rootOf(vmi({ migratedVolumes }, 'new'))).toEqual({
    claimName: 'new',
    copiedTo: 'new',
    isTakenUp: false,
  });
  expect(rootOf(vmi({ migratedVolumes, conditions }, 'new'))?.isTakenUp).toBe(true);
  expect(rootOf({ spec: { volumes: [{ name: 'root', containerDisk: {} }] } } as never)).toBeUndefined();
});

test('a VM names another claim, and has its other volumes as before', () => {
  const data = { name: 'data', dataVolume: { name: 'web-data', hotpluggable: true } };
  const volumes = [{ name: 'root', dataVolume: { name: 'web-root' } }, data];
  const vm = { spec: { runStrategy: 'Once', template: { spec: { volumes } } } } as unknown as VirtualMachine;
  const after = withRoot(vm, 'new');
  expect(after.spec).toMatchObject({ runStrategy: 'Once', updateVolumesStrategy: 'Migration' });
  expect(after.spec?.template?.spec?.volumes).toEqual([{ name: 'root', dataVolume: { name: 'new' } }, data]);
  expect(rootClaimIn(after.spec?.template?.spec)).toEqual({ rootClaim: 'new' });
  expect(Object.keys(NO_DISK_COPIED)).toEqual(['updateVolumesStrategy']);
  expect(pluggingVolumes(after).spec).not.toHaveProperty('updateVolumesStrategy');
});
