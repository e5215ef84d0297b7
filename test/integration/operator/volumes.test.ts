import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { PERSISTENT_VOLUME_CLAIM, type PersistentVolumeClaim } from '#adapters/kubernetes/storage.ts';
import { POD, type Pod } from '#adapters/kubernetes/types.ts';
import { type VirtualMachineInstance, VMI } from '#adapters/kubevirt/types.ts';
import { INSTANCE, type Instance, type InstanceSpec } from '#api/instance.ts';
import { Berth, EPHEMERAL, onClass } from '#test/berth.ts';

const SLOW = { timeout: 120_000, interval: 200 };

let berth: Berth;
beforeAll(async () => {
  berth = await Berth.start();
  await berth.operator('first');
});
afterAll(() => berth?.stop());
afterEach(() => berth.fleet.clearFaults());

type Volumes = NonNullable<InstanceSpec['volumes']>;
type Status = NonNullable<Instance['status']>;

const byClaim = (name: string, claim = name): Volumes[number] =>
  ({ name, pvc: { name: claim } }) as Volumes[number];
const blank = (name: string, more: object = {}): Volumes[number] =>
  ({ name, blank: { size: '1Gi', ...more } }) as Volumes[number];

const phases = ({ volumes = [] }: Status) => Object.fromEntries(volumes.map((it) => [it.name, it.phase]));
const condition = ({ conditions }: Status, type: string) => conditions?.find((it) => it.type === type);

/** Waits until the guest has these volumes and no others, with nothing in flight. */
async function attached(name: string, ...names: string[]): Promise<Instance> {
  const wanted = Object.fromEntries(names.map((it) => [it, 'Attached']));
  const holds = ({ status = {} }: Instance) =>
    status.taskState === undefined && JSON.stringify(phases(status)) === JSON.stringify(wanted);
  return berth.until(name, holds, SLOW.timeout);
}

/** Names of the hotplugged disks that KubeVirt says are in the guest. */
async function inGuest(name: string): Promise<string[]> {
  const { status } = await berth.client.get<VirtualMachineInstance>(VMI, `default/${name}`);
  const plugged = (status?.volumeStatus ?? []).filter((it) => it.hotplugVolume && it.phase === 'Ready');
  return plugged.map((it) => it.name).sort();
}

async function claim(name: string, spec: object = {}): Promise<PersistentVolumeClaim> {
  return berth.client.create<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIM, {
    metadata: { name, namespace: 'default' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  } as never);
}
const claimOf = (name: string) =>
  berth.client.get<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIM, `default/${name}`);
const isThere = (name: string) => berth.exists(PERSISTENT_VOLUME_CLAIM, name);
const held = (name: string, reason: string) =>
  berth.until(name, ({ status = {} }) => condition(status, 'SpecHeld')?.reason === reason, SLOW.timeout);

test('volumes come and go while the guest runs; what was made to go is deleted, a claim is kept, and that is said', async () => {
  await claim('mine');
  await berth.create('web', EPHEMERAL);
  const before = await berth.active('web');
  await berth.patch('web', {
    volumes: [byClaim('data', 'mine'), blank('scratch', { deleteOnTermination: true })],
  });
  const { status } = await attached('web', 'data', 'scratch');
  expect(await inGuest('web')).toEqual(['data', 'scratch']);
  expect(status?.volumes).toMatchObject([
    { name: 'data', claimName: 'mine', device: expect.stringMatching(/^sd/) },
    { name: 'scratch', claimName: 'web-scratch', deleteOnTermination: true },
  ]);
  expect(status?.lastOperations?.[0]).toMatchObject({ name: 'AttachVolume', result: 'Succeeded' });
  expect(status?.nodeName).toBe(before.status?.nodeName);
  const [pod] = (await berth.client.list<Pod>(POD, { labelSelector: 'kubevirt.io=hotplug-disk' })).items;
  expect(pod?.spec.nodeName).toBe(status?.nodeName);

  const writes = (await berth.writes()).length;
  await berth.patch('web', {
    volumes: [byClaim('data', 'mine'), blank('scratch', { deleteOnTermination: true })],
  });
  await berth.action('reboot-web', 'web', { reboot: { type: 'Hard' } });
  expect((await berth.ended('reboot-web')).status?.phase).toBe('Succeeded');
  const later = (await berth.writes()).slice(writes).map((it) => it.objectRef?.resource);
  expect(later).not.toContain('virtualmachines');
  expect(later).not.toContain('persistentvolumeclaims');

  await berth.patch('web', { volumes: [] });
  const after = await attached('web');
  expect(await inGuest('web')).toEqual([]);
  expect(after.status?.lastOperations?.[0]).toMatchObject({
    name: 'DetachVolume',
    message: expect.stringContaining('data is detached; PersistentVolumeClaim mine is kept'),
  });
  await vi.waitFor(async () => expect(await isThere('web-scratch')).toBe(false), SLOW);
  expect((await claimOf('mine')).metadata.annotations).not.toHaveProperty('compute.berth.dev/attached-to');
});

test('of two Instances that want one claim at the same time one gets it, and the other when that lets go', async () => {
  await claim('prized');
  const names = ['rival-1', 'rival-2'];
  for (const name of names) await berth.create(name, EPHEMERAL);
  for (const name of names) await berth.active(name);
  await Promise.all(names.map((name) => berth.patch(name, { volumes: [byClaim('prized')] })));
  const winner = await Promise.any(names.map((name) => attached(name, 'prized').then(() => name)));
  const loser = names.find((name) => name !== winner) ?? '';
  const { status } = await held(loser, 'VolumeInUse');
  expect(condition(status ?? {}, 'SpecHeld')?.message).toContain(`is attached to Instance ${winner}`);
  expect(phases(status ?? {})).toEqual({ prized: 'Pending' });
  await berth.create('third', { ...EPHEMERAL, volumes: [byClaim('prized')] });
  await berth.until('third', ({ status: it = {} }) => condition(it, 'Ready')?.reason === 'VolumeInUse');
  await berth.delete('third');
  await berth.delete(winner);
  await attached(loser, 'prized');
  await berth.gone(winner);
});

test('they outlive stop, rescue, a move and shelving, and say why the guest cannot move while it runs', async () => {
  await claim('kept');
  await berth.create('rover', {
    ...onClass('shared', 'ReadWriteMany'),
    volumes: [byClaim('kept'), blank('log', { storageClassName: 'immediate' })],
  });
  await attached('rover', 'kept', 'log');
  const { status } = await berth.until(
    'rover',
    (it) => condition(it.status ?? {}, 'LiveMigratable') !== undefined,
  );
  expect(condition(status ?? {}, 'LiveMigratable')).toMatchObject({
    status: 'False',
    reason: 'DisksNotLiveMigratable',
    message: expect.stringMatching(/^spec.volumes kept: it is not shared/),
  });
  await berth.migrate('rover-live', 'rover', { type: 'Live' });
  expect((await berth.migrated('rover-live')).status).toMatchObject({
    phase: 'Refused',
    reason: 'NotPossible',
  });

  const uid = (await claimOf('rover-log')).metadata.uid;
  await berth.patch('rover', { rescue: { image: { containerDisk: 'quay.io/containerdisks/rescue:1' } } });
  await berth.until('rover', (it) => it.status?.vmState === 'Rescued' && !it.status.taskState, SLOW.timeout);
  await vi.waitFor(async () => expect(await inGuest('rover')).toEqual(['kept', 'log']), SLOW);
  await berth.patch('rover', { volumes: [byClaim('kept')] });
  await held('rover', 'WrongState');
  await berth.patch('rover', { volumes: [byClaim('kept'), blank('log', { storageClassName: 'immediate' })] });
  await berth.client.patch(INSTANCE, 'default/rover', { spec: { rescue: null } }, { type: 'merge' });
  await berth.active('rover');
  await attached('rover', 'kept', 'log');

  await berth.migrate('rover-cold', 'rover', { type: 'Cold' });
  const moved = await berth.migrated('rover-cold', SLOW.timeout);
  expect(moved.status).toMatchObject({ phase: 'Succeeded' });
  await vi.waitFor(async () => expect(await inGuest('rover')).toEqual(['kept', 'log']), SLOW);
  await berth.patch('rover', { volumes: [byClaim('kept')] });
  await held('rover', 'AwaitsConfirm');
  await berth.action('rover-ok', 'rover', { confirmResize: {} });
  await attached('rover', 'kept');
  await berth.patch('rover', { volumes: [byClaim('kept'), blank('log', { storageClassName: 'immediate' })] });
  await attached('rover', 'kept', 'log');
  expect((await claimOf('rover-log')).metadata.uid).toBe(uid);

  await berth.patch('rover', { shelved: true });
  await berth.until(
    'rover',
    (it) => it.status?.vmState === 'ShelvedOffloaded' && !it.status.taskState,
    SLOW.timeout,
  );
  await berth.patch('rover', { shelved: false });
  await berth.active('rover');
  await attached('rover', 'kept', 'log');
  expect(await inGuest('rover')).toEqual(['kept', 'log']);
});

test('shared ones move along with a guest that runs', async () => {
  await claim('wide', { accessModes: ['ReadWriteMany'], storageClassName: 'shared' });
  await berth.create('mover', { ...onClass('shared', 'ReadWriteMany'), volumes: [byClaim('wide')] });
  const before = await attached('mover', 'wide');
  await berth.until('mover', (it) => condition(it.status ?? {}, 'LiveMigratable')?.status === 'True');
  await berth.migrate('mover-live', 'mover', { type: 'Live' });
  expect((await berth.migrated('mover-live', SLOW.timeout)).status).toMatchObject({ phase: 'Succeeded' });
  const after = await attached('mover', 'wide');
  expect(after.status?.nodeName).not.toBe(before.status?.nodeName);
  expect(await inGuest('mover')).toEqual(['wide']);
});

test('a volume on the disk of a node draws a new Instance there, and is refused to one elsewhere', async () => {
  await claim('heavy', { storageClassName: 'wffc' });
  await berth.create('anchor', { ...EPHEMERAL, volumes: [byClaim('heavy')] });
  const anchor = await attached('anchor', 'heavy');
  const home = anchor.status?.nodeName;
  await berth.delete('anchor');
  await berth.gone('anchor');
  for (const name of ['pilgrim-1', 'pilgrim-2', 'pilgrim-3']) await berth.create(name, EPHEMERAL);
  const others = await Promise.all(['pilgrim-1', 'pilgrim-2', 'pilgrim-3'].map((name) => berth.active(name)));
  const elsewhere = others.find(({ status }) => status?.nodeName !== home)?.metadata.name ?? '';
  await berth.patch(elsewhere, { volumes: [byClaim('heavy')] });
  const { status } = await held(elsewhere, 'VolumeElsewhere');
  expect(condition(status ?? {}, 'SpecHeld')?.message).toContain(home);
  await berth.patch(elsewhere, { volumes: [] });
  await berth.create('heir', { ...EPHEMERAL, volumes: [byClaim('heavy')] });
  expect((await attached('heir', 'heavy')).status?.nodeName).toBe(home);
});

test('of a guest whose root disk and volume both wait for their first consumer KubeVirt may give up: it is started again where it is', async () => {
  const names = Array.from({ length: 6 }, (_, n) => `waits-${n}`);
  const volumes = [blank('own', { storageClassName: 'wffc' })];
  await Promise.all(names.map((name) => berth.create(name, { ...onClass('wffc'), volumes })));
  for (const name of names) {
    const { status } = await attached(name, 'own');
    expect(status).toMatchObject({
      vmState: 'Active',
      placement: { attempt: 1, nodeName: status?.nodeName },
    });
    expect(status?.placement?.excluded).toBeUndefined();
    await berth.delete(name);
  }
  await Promise.all(names.map((name) => berth.gone(name)));
});

test('a claim that is missing is said and waited for; of a deleted Instance what was not made to go is kept, and taken up again', async () => {
  await berth.create('patient', { ...EPHEMERAL, volumes: [byClaim('late')] });
  const waiting = await berth.until(
    'patient',
    ({ status = {} }) => condition(status, 'Ready')?.reason === 'VolumeNotFound',
  );
  expect(waiting.status?.fault).toBeUndefined();
  expect(condition(waiting.status ?? {}, 'Ready')?.message).toContain(
    'PersistentVolumeClaim late does not exist: create it',
  );
  await claim('late');
  await attached('patient', 'late');
  const volumes = [byClaim('late'), blank('kept'), blank('gone', { deleteOnTermination: true })];
  await berth.patch('patient', { volumes, powerState: 'Stopped' });
  await berth.until(
    'patient',
    ({ status = {} }) => status.vmState === 'Stopped' && phases(status).gone === 'Attached',
    SLOW.timeout,
  );
  const uid = (await claimOf('patient-kept')).metadata.uid;
  await berth.delete('patient');
  await berth.gone('patient');
  await vi.waitFor(async () => expect(await isThere('patient-gone')).toBe(false), SLOW);
  await berth.create('patient', { ...EPHEMERAL, volumes: [blank('kept')] });
  await attached('patient', 'kept');
  expect((await claimOf('patient-kept')).metadata.uid).toBe(uid);
  expect(await isThere('late')).toBe(true);
});

test('an operator that is killed in the middle goes on; a lock keeps the list as it is; without its feature gate it waits for the next start', async () => {
  await claim('firm');
  await berth.create('steady', EPHEMERAL);
  await berth.active('steady');
  await berth.patch('steady', { volumes: [byClaim('firm')] });
  await berth.until('steady', ({ status = {} }) => phases(status).firm !== undefined);
  await berth.operators.at(-1)?.kill();
  await berth.operator('second');
  await attached('steady', 'firm');
  await berth.patch('steady', { locked: true });
  await expect(berth.patch('steady', { volumes: [] })).rejects.toThrow('the Instance is locked');
  await berth.patch('steady', { locked: false });

  const gates = (featureGates: string[]) =>
    berth.cluster.kubectl(
      'patch',
      'kubevirt',
      '-n',
      'kubevirt',
      'kubevirt',
      '--type=merge',
      '-p',
      JSON.stringify({ spec: { configuration: { developerConfiguration: { featureGates } } } }),
    );
  await gates([]);
  await berth.patch('steady', { volumes: [byClaim('firm'), blank('more')] });
  const { status } = await held('steady', 'NextStart');
  expect(condition(status ?? {}, 'SpecHeld')?.message).toContain(
    'spec.volumes more: it waits until the guest is off',
  );
  await berth.patch('steady', { powerState: 'Stopped' });
  await berth.until(
    'steady',
    (it) => it.status?.vmState === 'Stopped' && phases(it.status).more === 'Attached',
    SLOW.timeout,
  );
  await berth.patch('steady', { powerState: 'Running' });
  await attached('steady', 'firm', 'more');
  await gates(['DeclarativeHotplugVolumes']);
});
