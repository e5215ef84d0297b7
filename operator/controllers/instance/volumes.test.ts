import { describe, expect, test } from 'vitest';
import { attachedTo } from '#adapters/kubernetes/attachments.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '#adapters/kubernetes/storage.ts';
import { pluggableAll } from '#adapters/kubevirt/plugged-volumes.ts';
import type { DataVolume, VirtualMachine, VirtualMachineInstance } from '#adapters/kubevirt/types.ts';
import { ATTACHED_TO_ANNOTATION, INSTANCE_LABEL, INSTANCE_UID_LABEL, VOLUME_LABEL } from '#api/constants.ts';
import type { Instance } from '#api/instance.ts';
import type { VolumeSpec } from '#api/instance-volumes.ts';
import type { KubeObject } from '#runtime/resource.ts';
import { Store } from '#runtime/store.ts';
import { type Caches, INDEXERS } from '../caches.ts';
import { keptVolumes } from './kept-volumes.ts';
import { volumeViews } from './volumes.ts';

const object = <T>(name: string, rest: object, metadata: object = {}) =>
  ({
    metadata: { name, namespace: 'default', uid: `uid-${name}`, resourceVersion: '1', ...metadata },
    ...rest,
  }) as T;

const data: VolumeSpec = { name: 'data', pvc: { name: 'mine' }, shareable: false };
const scratch: VolumeSpec = {
  name: 'scratch',
  blank: { size: '1Gi', deleteOnTermination: true },
  shareable: false,
};

function instance(volumes: VolumeSpec[], status: object = { appliedPowerState: 'Running' }): Instance {
  return object<Instance>('web', { spec: { rootDisk: { ephemeral: true }, volumes }, status });
}

const held = (
  name: string,
  by: string,
  more: { labels?: object; spec?: object } = {},
): PersistentVolumeClaim =>
  object(
    name,
    { spec: more.spec ?? {} },
    {
      annotations: { [ATTACHED_TO_ANNOTATION]: attachedTo([{ name: by, uid: `uid-${by}`, shared: false }]) },
      ...(more.labels && { labels: more.labels }),
    },
  );
const made = { [INSTANCE_LABEL]: 'web', [INSTANCE_UID_LABEL]: 'uid-web', [VOLUME_LABEL]: 'scratch' };

interface There {
  claims?: PersistentVolumeClaim[];
  others?: Instance[];
  /** DataVolumes. */
  made?: KubeObject[];
  vm?: VolumeSpec[];
  vmi?: object;
}

function views(it: Instance, { claims = [], others = [], made = [], vm, vmi }: There) {
  const store = <T extends KubeObject>(items: T[], indexers = {}) => {
    const filled = new Store<T>({ indexers } as never);
    filled.replace(items, '1');
    return filled;
  };
  const pv = object<PersistentVolume>(
    'pv-b',
    { spec: { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [ZONE_B] }] } } } },
    { namespace: undefined },
  );
  const caches = {
    instances: store([it, ...others], { uid: INDEXERS.instances.uid }),
    volumeClaims: store(claims, INDEXERS.volumeClaims),
    dataVolumes: store<KubeObject>(made, { madeFor: INDEXERS.dataVolumes.madeFor }),
    volumes: store([pv]),
    storageClasses: store<KubeObject>([]),
    nodes: store([object<KubeObject>('node-1', {}, { namespace: undefined, labels: { zone: 'a' } })]),
  } as unknown as Caches;
  const disks = vm && pluggableAll(it, vm);
  const template = disks && { spec: { domain: { devices: { disks: disks.disks } }, volumes: disks.volumes } };
  return volumeViews(it, caches, {
    vm: template && (object('web', { spec: { template } }) as VirtualMachine),
    vmi: vmi && (object('web', vmi) as VirtualMachineInstance),
    claimNode: 'node-1',
  });
}

const ZONE_B = { key: 'zone', operator: 'In', values: ['b'] };

describe('what is there', () => {
  test('is read off the VM, the guest and the claim', () => {
    const status = [
      {
        name: 'data',
        phase: 'Ready',
        target: 'sda',
        hotplugVolume: {},
        persistentVolumeClaimInfo: { claimName: 'mine' },
      },
    ];
    const found = views(instance([data]), {
      claims: [held('mine', 'web')],
      vm: [data],
      vmi: {
        spec: { volumes: pluggableAll(instance([]), [data]).volumes },
        status: { volumeStatus: status },
      },
    });
    expect(found).toEqual([
      expect.objectContaining({
        name: 'data',
        claimName: 'mine',
        wanted: true,
        configured: true,
        held: true,
      }),
    ]);
    expect(found[0]).toMatchObject({
      guest: 'ready',
      device: 'sda',
      made: false,
      deleteOnTermination: false,
    });
  });

  test('is found without being asked for: in the VM, in the guest, and on claims', () => {
    const inVm = views(instance([]), { claims: [held('mine', 'web')], vm: [data] });
    expect(inVm).toMatchObject([{ name: 'data', wanted: false, configured: true, held: true }]);
    const status = [{ name: 'data', hotplugVolume: {}, persistentVolumeClaimInfo: { claimName: 'mine' } }];
    const inGuest = views(instance([]), { vmi: { spec: {}, status: { volumeStatus: status } } });
    expect(inGuest).toMatchObject([{ name: 'data', configured: false, guest: 'unplugging' }]);
    const known = { volumes: [{ name: 'scratch', claimName: 'web-scratch', deleteOnTermination: true }] };
    const onClaim = views(instance([], known), { claims: [held('web-scratch', 'web', { labels: made })] });
    expect(onClaim).toMatchObject([{ name: 'scratch', held: true, made: true, deleteOnTermination: true }]);
  });

  test('an entry that names another claim by the same name is another volume', () => {
    const other = { ...data, pvc: { name: 'other' } };
    const found = views(instance([other]), {
      claims: [held('mine', 'web'), object('other', { spec: {} })],
      vm: [data],
    });
    expect(found).toMatchObject([
      { claimName: 'other', wanted: true, configured: false },
      { claimName: 'mine', wanted: false, configured: true },
    ]);
  });
});

describe('a blank volume that a live migration puts on another claim', () => {
  const copied = 'web-scratch-0a0b0c0d';
  const onClaim = (claimName: string) => [
    { name: 'scratch', dataVolume: { name: claimName, hotpluggable: true } },
  ];
  const claims = ['web-scratch', copied].map((it) => held(it, 'web', { labels: made }));
  const inGuest = (claimName: string) => ({
    spec: { volumes: onClaim(claimName) },
    status: {
      volumeStatus: [
        { name: 'scratch', phase: 'Ready', hotplugVolume: {}, persistentVolumeClaimInfo: { claimName } },
      ],
    },
  });
  const copy = { requestId: 'req-1', nodeName: 'node-2', disks: [{ name: 'scratch', claimName: copied }] };
  const built = { appliedPowerState: 'Running' };
  const one = { wanted: true, configured: true, guest: 'ready', held: true, replaceable: true };

  test('is one volume, on its old claim until it has moved, and then on the new one', () => {
    const moving = instance([scratch], { ...built, disks: { copy } });
    const there = { claims, vm: [scratch], vmi: inGuest(copied) };
    expect(views(moving, there)).toMatchObject([{ claimName: 'web-scratch', ...one }]);
    const record = { moved: copy.disks, left: [{ name: 'scratch', claimName: 'web-scratch' }] };
    const moved = instance([scratch], { ...built, disks: record });
    expect(views(moved, there)).toMatchObject([{ claimName: copied, ...one }]);
    // What is on its way out is not taken for what the guest has under that name.
    const late = instance([scratch], { ...built, disks: { moved: copy.disks } });
    expect(views(late, there)).toMatchObject([
      { claimName: copied, ...one },
      { claimName: 'web-scratch', wanted: false, configured: false, guest: 'absent' },
    ]);
  });

  test('is not attached again before its old claim is gone', () => {
    const left = instance([scratch], {
      ...built,
      disks: { left: [{ name: 'scratch', claimName: 'web-scratch' }] },
    });
    expect(views(left, { claims: claims.slice(0, 1) })[0]?.obstacle).toMatchObject({
      reason: 'VolumeInUse',
      message: expect.stringContaining('of an earlier move is still there'),
    });
  });

  test('is not the claim that CDI fills before it is that', () => {
    const temporary = held('tmp-pvc-1', 'web', { labels: made });
    const there = { claims: [...claims.slice(0, 1), temporary], vm: [scratch], vmi: inGuest('web-scratch') };
    expect(views(instance([scratch], built), there).map(({ claimName }) => claimName)).toEqual([
      'web-scratch',
    ]);
  });

  test('is not one that is named by its claim, or shared', () => {
    const named = { name: 'scratch', pvc: { name: 'web-scratch' } };
    const shared = { ...scratch, shareable: true };
    for (const entry of [named, shared])
      expect(views(instance([entry]), { claims, vm: [entry] })[0]).toMatchObject({ replaceable: false });
  });

  test('is found where it was kept; of two nobody knows which it is', () => {
    let listed = [scratch, data];
    const volume = (name: string) => object<DataVolume>(name, { spec: {} }, { labels: made });
    const kept = (...names: string[]) => {
      const store = new Store<DataVolume>({ indexers: { madeFor: INDEXERS.dataVolumes.madeFor } } as never);
      store.replace(names.map(volume), '1');
      return keptVolumes(instance(listed), { dataVolumes: store });
    };
    expect(kept(copied)).toEqual(copy.disks);
    expect(kept()).toEqual([]);
    expect(kept(copied, 'web-scratch')).toEqual([]);
    expect(kept(copied, 'web-scratch-ffffffff')).toEqual([]);
    listed = [scratch, { ...data, pvc: { name: copied } }]; // it is another volume by now
    expect(kept(copied)).toEqual([]);
    const twice = [volume(copied), volume('web-scratch-ffffffff')];
    expect(views(instance([scratch]), { made: twice })[0]?.obstacle).toMatchObject({
      reason: 'VolumeInUse',
      message: expect.stringContaining(copied),
    });
  });
});

describe('what keeps a volume from being attached', () => {
  const rival = object<Instance>('rival', { spec: {} });
  const reason = (it: Instance, there: There) => views(it, there)[0]?.obstacle?.reason;

  test('a claim that is missing or on its way out; a blank volume is made', () => {
    expect(reason(instance([data]), {})).toBe('VolumeNotFound');
    const leaving = object<PersistentVolumeClaim>('mine', { spec: {} }, { deletionTimestamp: 'now' });
    expect(reason(instance([data]), { claims: [leaving] })).toBe('VolumeNotFound');
    expect(reason(instance([scratch]), {})).toBeUndefined();
  });

  test('another Instance that has it, while there is that', () => {
    const claims = [held('mine', 'rival')];
    expect(reason(instance([data]), { claims, others: [rival] })).toBe('VolumeInUse');
    expect(reason(instance([data]), { claims })).toBeUndefined();
    expect(reason(instance([data]), { claims: [held('mine', 'web')] })).toBeUndefined();
  });

  test('a root disk, and an entry that has it already', () => {
    const labels = { [INSTANCE_LABEL]: 'rival', [INSTANCE_UID_LABEL]: 'uid-rival' };
    const root = object<PersistentVolumeClaim>('mine', { spec: {} }, { labels });
    expect(reason(instance([data]), { claims: [root], others: [rival] })).toBe('VolumeInUse');
    const twice = [scratch, { name: 'again', pvc: { name: 'web-scratch' }, shareable: false }];
    const claims = [object<PersistentVolumeClaim>('web-scratch', { spec: {} })];
    expect(views(instance(twice), { claims }).map(({ name, obstacle }) => [name, obstacle?.reason])).toEqual([
      ['scratch', undefined],
      ['again', 'VolumeInUse'],
    ]);
    const [, again] = twice as [VolumeSpec, VolumeSpec];
    expect(views(instance([again, scratch]), { claims, vm: [scratch] })[0]?.obstacle?.message).toContain(
      'is that of scratch already',
    );
  });

  test('a shared claim that one node has at a time', () => {
    const shared = { ...data, shareable: true };
    const claim = (mode: string) => object<PersistentVolumeClaim>('mine', { spec: { accessModes: [mode] } });
    expect(reason(instance([shared]), { claims: [claim('ReadWriteOnce')] })).toBe('VolumeNotShared');
    expect(reason(instance([shared]), { claims: [claim('ReadWriteMany')] })).toBeUndefined();
  });

  test('a place that it is not reached from, once there is one', () => {
    const claims = [object<PersistentVolumeClaim>('mine', { spec: { volumeName: 'pv-b' } })];
    expect(reason(instance([data]), { claims })).toBe('VolumeElsewhere');
    expect(reason(instance([data], {}), { claims })).toBeUndefined();
  });
});
