import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NETWORK_DEFINITION } from '#adapters/kubernetes/network-definitions.ts';
import { PERSISTENT_VOLUME_CLAIM, type PersistentVolumeClaim } from '#adapters/kubernetes/storage.ts';
import { type VirtualMachineInstance, VMI } from '#adapters/kubevirt/types.ts';
import { COMPUTE_NODE, type ComputeNode } from '#api/computenode.ts';
import { INSTANCE, type Instance, type InstanceSpec } from '#api/instance.ts';
import { Berth, EPHEMERAL, onClass } from '#test/berth.ts';
import { eventually } from '#test/eventually.ts';

/**
 * What is on each kind of disk after every operation; the fleet plays disks by KubeVirt's rules for what survives. Each kind is
 * tried in a zone of its own: what takes a node away takes it from no other.
 */
let berth: Berth;

const LONG_MS = 120_000;
const IMAGE = 'quay.io/containerdisks/fedora:41';

beforeAll(async () => {
  const soon = ['kube-controller-manager=--node-monitor-grace-period=8s', 'fleet=--lease-period=1s'];
  berth = await Berth.start({ args: soon, fleetNodes: 10, fleetZones: 5 });
  await berth.flavor('wide', { vcpus: 2, memory: '2Gi', rootDisk: '10Gi' });
  await berth.client.create(NETWORK_DEFINITION, {
    metadata: { name: 'side', namespace: 'default' },
    spec: { config: JSON.stringify({ cniVersion: '0.3.1', type: 'bridge', bridge: 'side' }) },
  } as never);
  await berth.operator();
});
afterAll(() => berth?.stop());

const isOf =
  (vmState: string) =>
  ({ status }: Instance): boolean =>
    status?.vmState === vmState && status.taskState === undefined;
const becomes = (name: string, vmState: string) => berth.until(name, isOf(vmState), LONG_MS);
const set = (name: string, spec: object) =>
  berth.client.patch(INSTANCE, `default/${name}`, { spec }, { type: 'merge' });
const written = async (name: string) => (await berth.fleet.disk(`default/${name}`)).written ?? [];

async function via(name: string, spec: object, vmState: string, back: object): Promise<void> {
  await set(name, spec);
  await becomes(name, vmState);
  await set(name, back);
  await becomes(name, 'Active');
}

let made = 0;
async function act(name: string, spec: object): Promise<void> {
  const action = `act-${made++}`;
  await berth.action(action, name, spec);
  expect((await berth.ended(action, LONG_MS)).status?.phase).toBe('Succeeded');
}

async function move(name: string, type: 'Live' | 'Cold' | 'Evacuate'): Promise<void> {
  const migration = `move-${made++}`;
  await berth.migrate(migration, name, { type });
  expect((await berth.migrated(migration, LONG_MS)).status?.phase).toBe('Succeeded');
}

/** Its node loses its power, and somebody says so. */
async function loseNode(name: string): Promise<string> {
  const home = (await berth.get(name)).status?.nodeName ?? '';
  await berth.fleet.powerOff(home);
  const fenced = { spec: { fenced: { reason: 'power cut' } } };
  await eventually(async () => {
    const { status } = await berth.client.get<ComputeNode>(COMPUTE_NODE, home);
    expect(status?.state).toBe('Down');
    await berth.client.patch(COMPUTE_NODE, home, fenced, { type: 'merge' });
  }, LONG_MS);
  return home;
}

async function back(node: string): Promise<void> {
  await berth.fleet.resume(node);
  await eventually(async () => {
    const { status } = await berth.client.get<ComputeNode>(COMPUTE_NODE, node);
    expect(status?.state).toBe('Up');
  }, LONG_MS);
}

/** It is booted elsewhere. */
async function evacuate(name: string): Promise<void> {
  const home = await loseNode(name);
  await move(name, 'Evacuate');
  expect((await becomes(name, 'Active')).status?.nodeName).not.toBe(home);
  await back(home);
}

const stop = async (name: string) => {
  await set(name, { powerState: 'Stopped' });
  await becomes(name, 'Stopped');
};
const start = async (name: string) => {
  await set(name, { powerState: 'Running' });
  await becomes(name, 'Active');
};

/** Made while the guest is off; the Image is a copy of what is on the disk then. */
async function createImage(name: string): Promise<void> {
  const image = `${name}-${made}`;
  const before = await written(name);
  await stop(name);
  await act(name, { createImage: { name: image } });
  await start(name);
  expect((await berth.fleet.claimDisk(`default/image-${image}`)).written ?? []).toEqual(before);
}

/** Each leaves the guest running. */
const OPERATIONS: Record<string, (name: string) => Promise<void>> = {
  SoftReboot: (name) => act(name, { reboot: { type: 'Soft' } }),
  HardReboot: (name) => act(name, { reboot: { type: 'Hard' } }),
  'Pause and Unpause': (name) => via(name, { powerState: 'Paused' }, 'Paused', { powerState: 'Running' }),
  'Suspend and Resume': (name) =>
    via(name, { powerState: 'Suspended' }, 'Suspended', { powerState: 'Running' }),
  LiveMigrate: (name) => move(name, 'Live'),
  'Stop and Start': (name) => via(name, { powerState: 'Stopped' }, 'Stopped', { powerState: 'Running' }),
  'Rescue and Unrescue': (name) => via(name, { rescue: {} }, 'Rescued', { rescue: null }),
  'Shelve and Unshelve': (name) => via(name, { shelved: true }, 'ShelvedOffloaded', { shelved: false }),
  'Resize and RevertResize': async (name) => {
    await set(name, { flavorRef: { name: 'wide' } });
    await becomes(name, 'Resized');
    await act(name, { revertResize: {} });
    await set(name, { flavorRef: { name: 'tiny' } });
  },
  'Resize and ConfirmResize': async (name) => {
    await set(name, { flavorRef: { name: 'wide' } });
    await becomes(name, 'Resized');
    await act(name, { confirmResize: {} });
  },
  'ColdMigrate and ConfirmResize': async (name) => {
    await move(name, 'Cold');
    await act(name, { confirmResize: {} });
  },
  'AttachInterface and DetachInterface': async (name) => {
    const POD = { name: 'default', pod: {} };
    await set(name, { networks: [POD, { name: 'side', multus: { name: 'side' } }] });
    await did(name, 'AttachInterface');
    await set(name, { networks: [POD] });
    await did(name, 'DetachInterface');
  },
  'AttachVolume and DetachVolume': async (name) => {
    const { volumes = [] } = (await berth.get(name)).spec;
    const more = {
      name: 'more',
      blank: { size: '1Gi', storageClassName: 'immediate', deleteOnTermination: true },
    };
    await set(name, { volumes: [...volumes, more] });
    await did(name, 'AttachVolume');
    await set(name, { volumes });
    await did(name, 'DetachVolume');
    await eventually(
      async () => expect(await berth.exists(PERSISTENT_VOLUME_CLAIM, `${name}-more`)).toBe(false),
      LONG_MS,
    );
  },
  CreateImage: createImage,
  Evacuate: evacuate,
};

/** Nothing is in flight, and what ended last is this. */
const did = (name: string, operation: string) =>
  berth.until(
    name,
    (it) => {
      const [last] = it.status?.lastOperations ?? [];
      return isOf('Active')(it) && last?.name === operation && last.result === 'Succeeded';
    },
    LONG_MS,
  );

const claim = (name: string, storageClassName: string, accessMode: string) =>
  berth.client.create(PERSISTENT_VOLUME_CLAIM, {
    metadata: { name, namespace: 'default' },
    spec: { accessModes: [accessMode], storageClassName, resources: { requests: { storage: '1Gi' } } },
  } as never);
const uidOf = async (claimName: string) =>
  (await berth.client.get<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIM, `default/${claimName}`)).metadata
    .uid;

/** Waits until the guest has just these volumes. */
const hasVolumes = (name: string, names: readonly string[]) =>
  eventually(async () => {
    const { status } = await berth.client.get<VirtualMachineInstance>(VMI, `default/${name}`);
    const ready = status?.volumeStatus?.filter((it) => it.hotplugVolume && it.phase === 'Ready') ?? [];
    expect(ready.map((it) => it.name).sort()).toEqual(names.toSorted());
  }, LONG_MS);

/**
 * Through these operations the root disk keeps what is on it, and each volume is the same, and in the guest; after a rebuild
 * the root disk is another one, and the volumes still are the same.
 */
async function keepsDisks(
  name: string,
  spec: Partial<InstanceSpec>,
  operations: readonly string[],
): Promise<void> {
  await berth.create(name, spec);
  await becomes(name, 'Active');
  const names = (spec.volumes ?? []).map((it) => it.name);
  await hasVolumes(name, names);
  const claims = (spec.volumes ?? []).map((it) => it.pvc?.name ?? `${name}-${it.name}`);
  const uids = await Promise.all(claims.map(uidOf));
  const marks: string[] = [];
  const same = async (operation: string) => {
    await becomes(name, 'Active');
    await hasVolumes(name, names);
    expect(await Promise.all(claims.map(uidOf)), `after ${operation}`).toEqual(uids);
  };
  for (const operation of operations) {
    marks.push(`before ${operation}`);
    await berth.fleet.write(`default/${name}`, `before ${operation}`);
    await OPERATIONS[operation]?.(name);
    await same(operation);
    expect(await written(name), `after ${operation}`).toEqual(marks);
  }
  const root = await uidOf(`${name}-root`);
  await act(name, { rebuild: {} });
  await same('Rebuild');
  expect(await written(name)).toEqual([]);
  expect(await uidOf(`${name}-root`)).not.toBe(root);
}

const ALL = Object.keys(OPERATIONS);
const refusedLive = async (name: string, volume: string) => {
  const migration = `move-${made++}`;
  await berth.migrate(migration, name);
  const { status } = await berth.migrated(migration, LONG_MS);
  expect(status).toMatchObject({ phase: 'Refused', reason: 'NotPossible' });
  expect(status?.message).toContain(volume);
};

describe.concurrent('a disk', () => {
  test('of the network that several nodes reach: it is the same after everything, and so are its volumes', {
    timeout: 12 * LONG_MS,
  }, async () => {
    await claim('kept-mine', 'shared', 'ReadWriteMany');
    const blank = { size: '1Gi' as never, storageClassName: 'shared', accessMode: 'ReadWriteMany' as const };
    const volumes: InstanceSpec['volumes'] = [
      { name: 'mine', pvc: { name: 'kept-mine' } },
      { name: 'own', blank },
    ];
    const spec = { ...onClass('shared', 'ReadWriteMany'), availabilityZone: 'zone-a', volumes };
    await keepsDisks('kept', spec, ALL);
    await berth.fleet.write('default/kept', 'on the root disk');
    await set('kept', { rescue: {} });
    await becomes('kept', 'Rescued');
    await berth.fleet.write('default/kept', 'on the rescue disk, which goes with the rescue');
    await set('kept', { rescue: null });
    await becomes('kept', 'Active');
    expect(await written('kept')).toEqual(['on the root disk']);
  });

  test('of the network that one node reaches at a time: the same, but that with such a volume beside it it does not move live', {
    timeout: 12 * LONG_MS,
  }, async () => {
    await claim('sole-mine', 'immediate', 'ReadWriteOnce');
    const volumes: InstanceSpec['volumes'] = [
      { name: 'mine', pvc: { name: 'sole-mine' } },
      { name: 'own', blank: { size: '1Gi' as never, storageClassName: 'immediate' } },
    ];
    const spec = { ...onClass('immediate'), availabilityZone: 'zone-b', volumes };
    await keepsDisks(
      'sole',
      spec,
      ALL.filter((it) => it !== 'LiveMigrate'),
    );
    await berth.until(
      'sole',
      ({ status }) => status?.conditions?.some(({ type }) => type === 'LiveMigratable') ?? false,
      LONG_MS,
    );
    await refusedLive('sole', 'is not shared');
  });

  test('of a node: it moves along with its guest, live or off; an evacuation says so, and the disk is there when the node is back', {
    timeout: 12 * LONG_MS,
  }, async () => {
    const volumes: InstanceSpec['volumes'] = [
      { name: 'own', blank: { size: '1Gi' as never, storageClassName: 'wffc' } },
    ];
    const spec = { ...onClass('wffc'), availabilityZone: 'zone-c', volumes };
    const moves = ['LiveMigrate', 'ColdMigrate and ConfirmResize', 'Evacuate'];
    await keepsDisks(
      'pinned',
      spec,
      ALL.filter((it) => !moves.includes(it)),
    );
    await set('pinned', { volumes: [] });
    await did('pinned', 'DetachVolume');
    await berth.fleet.write('default/pinned', 'mark');
    await move('pinned', 'Live');
    expect(await written('pinned')).toEqual(['mark']);
    await OPERATIONS['ColdMigrate and ConfirmResize']?.('pinned');
    await becomes('pinned', 'Active');
    expect(await written('pinned')).toEqual(['mark']);
    const home = await loseNode('pinned');
    await berth.migrate('pinned-away', 'pinned', { type: 'Evacuate' });
    const away = await berth.migrated('pinned-away', LONG_MS);
    expect(away.status).toMatchObject({ phase: 'Failed' });
    expect(away.status?.message).toContain(`the root disk is a volume on the disk of ${home}`);
    expect((await berth.claims()).get('Instance/pinned')).toEqual([home]);
    await back(home);
    await becomes('pinned', 'Stopped');
    await act('pinned', { start: {} });
    await becomes('pinned', 'Active');
    expect(await written('pinned')).toEqual(['mark']);
  });

  test('in the pod: kept while its pod or a live migration carries it, else afresh, and what would lose it is refused', {
    timeout: 12 * LONG_MS,
  }, async () => {
    await berth.create('cattle', { ...EPHEMERAL, availabilityZone: 'zone-d' });
    await becomes('cattle', 'Active');
    await berth.fleet.write('default/cattle', 'mark');
    for (const operation of CARRIED) {
      await OPERATIONS[operation]?.('cattle');
      await becomes('cattle', 'Active');
      expect(await written('cattle'), `after ${operation}`).toEqual(['mark']);
    }
    await refusedOfEphemeral('cattle');
    expect(await written('cattle')).toEqual(['mark']);

    const own: InstanceSpec['volumes'] = [
      {
        name: 'own',
        blank: { size: '1Gi' as never, storageClassName: 'shared', accessMode: 'ReadWriteMany' },
      },
    ];
    await set('cattle', { volumes: own });
    await hasVolumes('cattle', ['own']);
    const uid = await uidOf('cattle-own');
    const afresh: Record<string, (name: string) => Promise<void>> = {
      'Stop and Start': OPERATIONS['Stop and Start'] ?? evacuate,
      Rebuild: (name) => act(name, { rebuild: {} }),
      Evacuate: evacuate,
    };
    for (const [operation, perform] of Object.entries(afresh)) {
      await berth.fleet.write('default/cattle', 'mark');
      await perform('cattle');
      await becomes('cattle', 'Active');
      expect(await berth.fleet.disk('default/cattle'), `after ${operation}`).toEqual({
        image: IMAGE,
        written: null,
      });
      await hasVolumes('cattle', ['own']);
      expect(await uidOf('cattle-own')).toBe(uid);
    }
  });

  test('that two Instances share: each has it through what is done to the other; who does not share it waits', {
    timeout: 12 * LONG_MS,
  }, async () => {
    await claim('common', 'shared', 'ReadWriteMany');
    const volumes = [{ name: 'common', pvc: { name: 'common' }, shareable: true }];
    const spec = { ...onClass('shared', 'ReadWriteMany'), availabilityZone: 'zone-e', volumes };
    const both = ['twin-1', 'twin-2'] as const;
    for (const name of both) await berth.create(name, spec);
    for (const name of both) {
      await becomes(name, 'Active');
      await hasVolumes(name, ['common']);
    }
    const alone = { volumes: [{ name: 'common', pvc: { name: 'common' } }] };
    await berth.create('loner', { ...EPHEMERAL, availabilityZone: 'zone-e', ...alone });
    const said = ({ status }: Instance) => status?.conditions?.find(({ type }) => type === 'Ready')?.reason;
    await berth.until('loner', (it) => said(it) === 'VolumeInUse', LONG_MS);
    const uid = await uidOf('common');
    const changes: Record<string, () => Promise<void>> = {
      LiveMigrate: () => move('twin-1', 'Live'),
      'Stop and Start': async () => OPERATIONS['Stop and Start']?.('twin-1'),
      Rebuild: () => act('twin-1', { rebuild: {} }),
    };
    for (const perform of Object.values(changes)) {
      await perform();
      for (const name of both) {
        await becomes(name, 'Active');
        await hasVolumes(name, ['common']);
      }
    }
    await berth.delete('twin-1');
    await berth.gone('twin-1');
    await hasVolumes('twin-2', ['common']);
    expect(said(await berth.get('loner'))).toBe('VolumeInUse');
    await berth.delete('twin-2');
    await becomes('loner', 'Active');
    await hasVolumes('loner', ['common']);
    expect(await uidOf('common')).toBe(uid);
  });
});

/** What leaves a disk that is in the pod as it is. */
const CARRIED = [
  'SoftReboot',
  'HardReboot',
  'Pause and Unpause',
  'Suspend and Resume',
  'LiveMigrate',
  'AttachVolume and DetachVolume',
  'AttachInterface and DetachInterface',
];

async function refusedOfEphemeral(name: string): Promise<void> {
  await expect(set(name, { shelved: true })).rejects.toThrow('ephemeral root disk would be lost');
  await expect(set(name, { rescue: {} })).rejects.toThrow('ephemeral');
  await set(name, { flavorRef: { name: 'wide' } });
  const held = await berth.until(
    name,
    ({ status }) => status?.conditions?.some(({ reason }) => reason === 'EphemeralRoot') ?? false,
    LONG_MS,
  );
  expect(held.status?.flavor?.name).toBe('tiny');
  await set(name, { flavorRef: { name: 'tiny' } });
  await berth.migrate(`${name}-cold`, name, { type: 'Cold' });
  const cold = (await berth.migrated(`${name}-cold`, LONG_MS)).status;
  expect(cold).toMatchObject({ phase: 'Refused', reason: 'NotPossible' });
  expect(cold?.message).toContain('the root disk is ephemeral');
  await berth.action(`${name}-image`, name, { createImage: { name: `${name}-image` } });
  const image = (await berth.ended(`${name}-image`, LONG_MS)).status;
  expect(image).toMatchObject({ phase: 'Refused', reason: 'NotPossible' });
  expect(image?.message).toContain('the root disk is ephemeral');
}
