import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { claimsIn } from '#adapters/kubevirt/disk-view.ts';
import { claimOf as claimIn } from '#adapters/kubevirt/plugged-volumes.ts';
import { PVC } from '#adapters/kubevirt/root-volume.ts';
import {
  DATA_VOLUME,
  type DataVolume,
  type VirtualMachine,
  type VirtualMachineInstance,
  VM,
  VMI,
} from '#adapters/kubevirt/types.ts';
import type { Instance, InstanceSpec } from '#api/instance.ts';

import { INSTANCE_MIGRATION } from '#api/instancemigration.ts';
import { Berth, EPHEMERAL, onClass } from '#test/berth.ts';
import { eventually } from '#test/eventually.ts';

/** Live migrations that take disks along which only one node reaches at a time (ADR 0058). */
let berth: Berth;

const LONG_MS = 120_000;

beforeAll(async () => {
  berth = await Berth.start();
  await berth.operator('first');
});
afterAll(() => berth?.stop());
afterEach(() => berth.fleet.clearFaults());

const COPIED = ['RootDiskCopied', 'DisksCopied'];

/** Its guest has written on its disk, and can move. */
async function running(name: string, spec: Partial<InstanceSpec>): Promise<string> {
  await berth.create(name, spec);
  const isMovable = ({ status }: Instance) =>
    status?.vmState === 'Active' &&
    status.taskState === undefined &&
    status.volumes?.some((it) => it.phase !== 'Attached') !== true &&
    status.conditions?.some((it) => it.type === 'LiveMigratable' && COPIED.includes(it.reason)) === true;
  const { status } = await berth.until(name, isMovable, LONG_MS);
  await berth.fleet.write(`default/${name}`, 'mark');
  return status?.nodeName ?? '';
}

const claimOf = (it: Parameters<typeof claimIn>[0]) => claimIn(it) ?? [];
const claims = async (name: string) =>
  Object.fromEntries((await berth.get(name)).status?.volumes?.map((it) => [it.name, it.claimName]) ?? []);
const written = async (name: string) => (await berth.fleet.disk(`default/${name}`)).written;
const rootOf = ({ metadata, status }: Instance) => status?.rootDisk?.claimName ?? `${metadata.name}-root`;
const set = (name: string, spec: object) => berth.patch(name, spec);
const becomes = (name: string, vmState: string) =>
  berth.until(name, ({ status }) => status?.vmState === vmState && status.taskState === undefined, LONG_MS);

/** One node, one claim there, one disk: that which status, VM and guest name; nothing of a move is left. */
const settled = (name: string, nodeName: string | undefined) =>
  eventually(async () => {
    const instance = await berth.get(name);
    const root = rootOf(instance);
    expect(instance.status?.nodeName).toBe(nodeName);
    expect([instance.status?.disks?.copy, instance.status?.disks?.left]).toEqual([undefined, undefined]);
    const { items } = await berth.client.list<DataVolume>(DATA_VOLUME, {
      namespace: 'default',
      labelSelector: `compute.berth.dev/instance=${name}`,
    });
    const disks = items.filter((it) => !it.metadata.labels?.['compute.berth.dev/volume']);
    expect(disks.map(({ metadata }) => metadata.name)).toEqual([root]);
    const claims = await berth.cluster.kubectl('get', 'pvc', '-o', 'name');
    expect(claims.split('\n').filter((it) => it.startsWith(`persistentvolumeclaim/${name}-root`))).toEqual([
      `persistentvolumeclaim/${root}`,
    ]);
    const volumes = items.filter((it) => !disks.includes(it)).map(({ metadata }) => metadata);
    const named = volumes.map(({ labels }) => labels?.['compute.berth.dev/volume']);
    expect(new Set(named).size).toBe(named.length);
    const listed = instance.status?.volumes?.map(({ claimName }) => claimName) ?? [];
    expect(volumes.map((it) => it.name)).toEqual(
      expect.arrayContaining(listed.filter((it) => it.startsWith(`${name}-`))),
    );
    const vm = await berth.client.get<VirtualMachine>(VM, `default/${name}`);
    const { spec, status } = await berth.client.get<VirtualMachineInstance>(VMI, `default/${name}`);
    const roots = [vm.spec?.template?.spec?.volumes, spec.volumes].map(
      (it) => it?.find((volume) => volume.name === 'root')?.dataVolume?.name,
    );
    expect(roots).toEqual([root, root]);
    expect(spec.volumes?.flatMap(claimOf).toSorted()).toEqual([root, ...listed].toSorted());
    expect(status?.migratedVolumes ?? []).toEqual([]);
    const held = [...(await berth.claims())].filter(([owner]) => owner.includes(name));
    expect(held).toEqual([[`Instance/${name}`, [nodeName]]]);
  }, LONG_MS);

const cancel = (name: string) =>
  berth.client.patch(INSTANCE_MIGRATION, `default/${name}`, { spec: { cancel: true } }, { type: 'merge' });

const moving = (migration: string) =>
  eventually(async () => {
    const { status } = await berth.migration(migration);
    expect(status?.progress?.startTime, JSON.stringify(status)).toBeDefined();
  }, LONG_MS);

describe('moves along', () => {
  test.each([
    ['of a node', 'wffc'],
    ['of a node, by CSI', 'wffc-csi'],
    ['of the network, for one node at a time', 'immediate'],
  ])(
    'a disk %s: what is on it is kept, and so through what comes after',
    { timeout: 6 * LONG_MS },
    async (_, storageClass) => {
      const name = `along-${storageClass}`;
      const source = await running(name, onClass(storageClass));
      const before = await berth.client.get<VirtualMachineInstance>(VMI, `default/${name}`);
      await berth.migrate(`${name}-1`, name);
      const { status } = await berth.migrated(`${name}-1`, LONG_MS);
      expect(status).toMatchObject({
        phase: 'Succeeded',
        sourceNode: source,
        progress: { method: 'BlockMigration' },
      });
      expect(status?.targetNode).not.toBe(source);
      await settled(name, status?.targetNode);
      expect(await written(name)).toEqual(['mark']);
      const after = await berth.client.get<VirtualMachineInstance>(VMI, `default/${name}`);
      expect(after.metadata.uid).toBe(before.metadata.uid); // it ran on
      const first = rootOf(await berth.get(name));
      expect(first).not.toBe(`${name}-root`);

      await berth.fleet.write(`default/${name}`, 'there');
      await berth.migrate(`${name}-2`, name, { targetNode: source });
      expect((await berth.migrated(`${name}-2`, LONG_MS)).status?.phase).toBe('Succeeded');
      await settled(name, source);
      expect(await written(name)).toEqual(['mark', 'there']);
      expect([first, `${name}-root`]).not.toContain(rootOf(await berth.get(name)));

      // KubeVirt plugs volumes into it as into any other.
      const data = { name: 'data', blank: { size: '1Gi', storageClassName: 'immediate' } };
      await set(name, { volumes: [data] });
      await berth.until(name, (it) => it.status?.volumes?.[0]?.phase === 'Attached', LONG_MS);
      await set(name, { volumes: [] });
      await berth.until(name, (it) => it.status?.volumes === undefined && !it.status?.taskState, LONG_MS);

      const said = ({ status }: Instance) =>
        status?.conditions?.find(({ type }) => type === 'LiveMigratable');
      await berth.until(name, (it) => said(it)?.message.includes('stopped and started') ?? false, LONG_MS);

      await set(name, { powerState: 'Stopped' });
      await becomes(name, 'Stopped');
      await set(name, { powerState: 'Running' });
      await becomes(name, 'Active');
      expect(await written(name)).toEqual(['mark', 'there']);
      await settled(name, source);
      await berth.until(name, (it) => said(it)?.reason === 'RootDiskCopied', LONG_MS);
    },
  );
});

test('volumes that were made for it go along in the same move, and are found wherever they are kept', {
  timeout: 12 * LONG_MS,
}, async () => {
  const url = 'https://example.com/what-is-on-it';
  const labels = { 'compute.berth.dev/instance': 'pack', 'compute.berth.dev/volume': 'data' };
  // As one that an Instance of this name kept, and with something on it.
  await berth.client.create(DATA_VOLUME, {
    metadata: { name: 'pack-data', namespace: 'default', labels },
    spec: {
      source: { http: { url } },
      storage: { resources: { requests: { storage: '1Gi' } }, storageClassName: 'immediate' },
    },
  });
  const blank = (storageClassName: string, more: object = {}) => ({
    blank: { size: '1Gi', storageClassName, ...more } as never,
  });
  const data = { name: 'data', ...blank('immediate') };
  const volumes = [data, { name: 'scratch', ...blank('wffc', { deleteOnTermination: true }) }];
  const source = await running('pack', { ...onClass('wffc'), volumes });
  const on = async (name: string) =>
    (await berth.fleet.claimDisk(`default/${(await claims(name)).data}`)).image;
  expect(await on('pack')).toBe(url);
  await berth.migrate('pack-1', 'pack');
  const { status } = await berth.migrated('pack-1', LONG_MS);
  expect(status).toMatchObject({ phase: 'Succeeded', progress: { method: 'BlockMigration' } });
  await settled('pack', status?.targetNode);
  expect(await written('pack')).toEqual(['mark']);
  const moved = await claims('pack');
  expect(moved).toEqual({
    data: expect.stringMatching(/^pack-data-[0-9a-f]{8}$/),
    scratch: expect.stringMatching(/^pack-scratch-[0-9a-f]{8}$/),
  });
  expect(await on('pack')).toBe(url);

  await berth.migrate('pack-2', 'pack', { targetNode: source });
  expect((await berth.migrated('pack-2', LONG_MS)).status?.phase).toBe('Succeeded');
  await settled('pack', source);
  const { data: kept } = await claims('pack');
  expect([moved.data, 'pack-data']).not.toContain(kept);
  expect(await on('pack')).toBe(url);

  // Off the list and on it again, while the guest runs, it is the same.
  await set('pack', { volumes: volumes.slice(1) });
  const isOff = ({ status: it }: Instance) => it?.volumes?.length === 1 && it.taskState === undefined;
  await berth.until('pack', isOff, LONG_MS);
  await set('pack', { volumes });
  const isOn = ({ status: it }: Instance) =>
    it?.volumes?.length === 2 && it.volumes.every(({ phase }) => phase === 'Attached') && !it.taskState;
  await berth.until('pack', isOn, LONG_MS);
  expect((await claims('pack')).data).toBe(kept);

  // And so for another Instance of the name.
  await berth.delete('pack');
  await berth.gone('pack');
  await eventually(async () => {
    const left = await berth.cluster.kubectl('get', 'pvc', '-o', 'name');
    const own = left.split('\n').filter((it) => it.startsWith('persistentvolumeclaim/pack-'));
    expect(own.toSorted()).toEqual([`persistentvolumeclaim/${kept}`]);
  }, LONG_MS);
  await running('pack', { ...onClass('immediate'), volumes: [data] });
  expect((await claims('pack')).data).toBe(kept);
  expect(await on('pack')).toBe(url);
});

describe('goes wrong: the guest has its old disk on its old node, and the new one is removed', () => {
  const stays = async (name: string, source: string) => {
    await settled(name, source);
    expect(rootOf(await berth.get(name))).toBe(`${name}-root`);
    expect(await written(name)).toEqual(['mark']);
  };

  test('KubeVirt fails', { timeout: 4 * LONG_MS }, async () => {
    const message = 'no route to host';
    await berth.fleet.addFault({ kind: 'migration-fail', match: 'default/unlucky', message });
    const volumes = [{ name: 'data', blank: { size: '1Gi' as never, storageClassName: 'immediate' } }];
    const source = await running('unlucky', { ...onClass('wffc'), volumes });
    await berth.migrate('fails', 'unlucky');
    const { status } = await berth.migrated('fails', LONG_MS);
    expect(status?.phase).toBe('Failed');
    expect(status?.message).toContain(message);
    await stays('unlucky', source);
    expect((await claims('unlucky')).data).toBe('unlucky-data');
    await berth.fleet.clearFaults();
    await berth.migrate('is-well', 'unlucky');
    expect((await berth.migrated('is-well', LONG_MS)).status?.phase).toBe('Succeeded');
    expect(await written('unlucky')).toEqual(['mark']);
  });

  test('it is cancelled while the disk is copied, or while the new one is made', {
    timeout: 4 * LONG_MS,
  }, async () => {
    await berth.fleet.addFault({ kind: 'migration-slow', match: 'default/recalled', delay: '60s' });
    const source = await running('recalled', onClass('immediate'));
    await berth.migrate('cancelled', 'recalled');
    await moving('cancelled');
    await berth.fleet.write('default/recalled', 'on the way');
    await cancel('cancelled');
    expect((await berth.migrated('cancelled', LONG_MS)).status?.phase).toBe('Cancelled');
    await settled('recalled', source);
    expect(await written('recalled')).toEqual(['mark', 'on the way']);
    await berth.fleet.addFault({ kind: 'import-slow', match: 'default/recalled-root-*', delay: '60s' });
    await berth.migrate('cancelled-soon', 'recalled');
    await berth.until('recalled', ({ status }) => status?.disks?.copy !== undefined, LONG_MS);
    await cancel('cancelled-soon');
    expect((await berth.migrated('cancelled-soon', LONG_MS)).status?.phase).toBe('Cancelled');
    await settled('recalled', source);
    expect(await written('recalled')).toEqual(['mark', 'on the way']);
  });

  test('the guest powers off on the way: it starts again from what it wrote', {
    timeout: 4 * LONG_MS,
  }, async () => {
    await berth.fleet.addFault({ kind: 'migration-slow', match: 'default/tired', delay: '60s' });
    const source = await running('tired', onClass('wffc'));
    await berth.migrate('of-tired', 'tired');
    await moving('of-tired');
    await berth.fleet.powerOffGuest('default/tired');
    expect((await berth.migrated('of-tired', LONG_MS)).status?.phase).toBe('Failed');
    await becomes('tired', 'Stopped');
    await berth.action('start-tired', 'tired', { start: {} });
    await becomes('tired', 'Active');
    await stays('tired', source);
  });
});

test('the guest is taken away when the copies are named, and not made yet: it starts again with its own disk', {
  timeout: 4 * LONG_MS,
}, async () => {
  await berth.fleet.addFault({ kind: 'import-slow', match: 'default/robbed-root-*', delay: '2s' });
  const source = await running('robbed', onClass('wffc'));
  await berth.migrate('of-robbed', 'robbed');
  await berth.until('robbed', ({ status }) => status?.disks?.copy !== undefined, LONG_MS);
  const back = berth.cluster.restart('virt-controller', { downForMs: 20_000 });
  await eventually(async () => {
    const vm = await berth.client.get<VirtualMachine>(VM, 'default/robbed');
    expect(claimsIn(vm.spec?.template?.spec).root).not.toBe('robbed-root');
  }, LONG_MS);
  await berth.cluster.kubectl('delete', 'vmi', 'robbed', '--wait=false');
  await back;
  expect((await berth.migrated('of-robbed', LONG_MS)).status?.phase).toBe('Failed');
  await settled('robbed', source);
  await eventually(async () => expect(await written('robbed')).toEqual(['mark']), LONG_MS);
  await becomes('robbed', 'Active');
});

test('cancelled too late: the disk is where the guest is', { timeout: 4 * LONG_MS }, async () => {
  await berth.fleet.addFault({ kind: 'migration-slow', match: 'default/late', delay: '60s' });
  await berth.fleet.addFault({ kind: 'migration-ignore-cancel', match: 'default/late' });
  const source = await running('late', onClass('wffc-csi'));
  await berth.migrate('too-late', 'late');
  await moving('too-late');
  await cancel('too-late');
  const { status } = await berth.migrated('too-late', LONG_MS);
  expect(status?.phase).toBe('Succeeded');
  expect(status?.targetNode).not.toBe(source);
  await settled('late', status?.targetNode);
  expect(await written('late')).toEqual(['mark']);
});

test('kube-scheduler refuses the target: another node gets a disk of its own', {
  timeout: 4 * LONG_MS,
}, async () => {
  const source = await running('retried', onClass('wffc'));
  await berth.create('scout', { ...EPHEMERAL, schedulerHints: { differentHost: ['retried'] } });
  const { status: scouted } = await becomes('scout', 'Active');
  const preferred = scouted?.nodeName ?? '';
  expect(preferred).not.toBe(source);
  await berth.delete('scout');
  await berth.gone('scout');
  await berth.whileFull(preferred, async () => {
    await berth.migrate('elsewhere', 'retried');
    const { status } = await berth.migrated('elsewhere', LONG_MS);
    expect(status, JSON.stringify(status)).toMatchObject({
      phase: 'Succeeded',
      placement: { attempt: 2, excluded: [{ nodeName: preferred }] },
    });
    await settled('retried', status?.targetNode);
    expect(await written('retried')).toEqual(['mark']);
  });
});

test('the operator is killed in the middle: the next one goes on', { timeout: 4 * LONG_MS }, async () => {
  await berth.fleet.addFault({ kind: 'migration-slow', match: 'default/survivor', delay: '5s' });
  const source = await running('survivor', onClass('wffc'));
  await berth.migrate('survives', 'survivor');
  await berth.until('survivor', ({ status }) => status?.disks?.copy !== undefined, LONG_MS);
  await berth.operators.at(-1)?.kill();
  await berth.operator('second');
  await moving('survives');
  await berth.operators.at(-1)?.kill();
  await berth.operator('third');
  const { status } = await berth.migrated('survives', LONG_MS);
  expect(status).toMatchObject({ phase: 'Succeeded', sourceNode: source });
  await settled('survivor', status?.targetNode);
  expect(await written('survivor')).toEqual(['mark']);
});

test('deleted on the way: neither disk is left, and of a volume that is kept the one that it has', {
  timeout: 4 * LONG_MS,
}, async () => {
  await berth.fleet.addFault({ kind: 'migration-slow', match: 'default/doomed', delay: '60s' });
  const volumes = [{ name: 'data', blank: { size: '1Gi' as never, storageClassName: 'immediate' } }];
  await running('doomed', { ...onClass('immediate'), volumes });
  await berth.migrate('of-doomed', 'doomed');
  await moving('of-doomed');
  await berth.delete('doomed');
  await berth.gone('doomed');
  await eventually(async () => {
    const left = await berth.cluster.kubectl('get', 'pvc', '-o', 'name');
    const own = left.split('\n').filter((it) => it.includes('/doomed-'));
    expect(own).toEqual(['persistentvolumeclaim/doomed-data']);
  }, LONG_MS);
});

test('a claim of the user beside the root disk that is not shared keeps it where it is, and is named', {
  timeout: 4 * LONG_MS,
}, async () => {
  await berth.client.create(PVC, {
    metadata: { name: 'owned', namespace: 'default' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'immediate',
      resources: { requests: { storage: '1Gi' } },
    },
  } as never);
  const data = { name: 'data', pvc: { name: 'owned' } };
  await berth.create('held', { ...onClass('immediate'), volumes: [data] });
  const isHeld = ({ status }: Instance) =>
    status?.conditions?.some(
      (it) => it.type === 'LiveMigratable' && it.message.includes('spec.volumes data'),
    ) ?? false;
  await berth.until('held', isHeld, LONG_MS);
  await berth.migrate('of-held', 'held');
  const { status } = await berth.migrated('of-held', LONG_MS);
  expect(status).toMatchObject({ phase: 'Refused', reason: 'NotPossible' });
  expect(status?.message).toContain('spec.volumes data: it is not shared');
});
