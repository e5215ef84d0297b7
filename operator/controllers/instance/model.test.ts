import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { claimsIn, disksOf } from '#adapters/kubevirt/disk-view.ts';
import { isMoveOver } from '#adapters/kubevirt/moves.ts';
import { VOLUME_LABEL } from '#api/constants.ts';
import type { InstanceSpec } from '#api/instance.ts';
import type { InstanceActionSpec } from '#api/instanceaction.ts';
import { claimOfDisk, ROOT, rootClaimOf } from '#core/lifecycle/disk-record.ts';
import { copiesOf, vmClaims } from './testing/disks.ts';
import { object, SPEC } from './testing/objects.ts';
import type { Mishap } from './testing/scene.ts';
import { GOOD, type Temper } from './testing/temper.ts';
import { World } from './testing/world.ts';

const FINALIZERS = ['compute.berth.dev/instance'];
const MISHAPS: Mishap[] = ['errorBefore', 'errorAfter', 'killBefore', 'killAfter'];

/** What must be so of a world in which nothing moves any more. */
function expectStable(world: World): void {
  const { instance, kubevirt, claimed } = world;
  if (!instance) {
    expect([kubevirt.vm, kubevirt.vmi, claimed]).toEqual([undefined, undefined, []]);
    return;
  }
  const { vmState, taskState, operation, nodeName, conditions } = instance.status ?? {};
  const told = JSON.stringify({ status: instance.status, calls: world.calls.slice(-12) });
  if (expectBoth(world, told)) return;
  expect(operation, told).toBeUndefined();
  expect(world.requeueMs, told).not.toBe(0); // looked at again and again, without news
  expect(taskState, told).toBeUndefined();
  expectClaims(world, told);
  expectVolumes(world, told);
  expectNetworks(world, told);
  expectDisks(world, told);
  if (kubevirt.vmi?.status?.phase === 'Running') expect(kubevirt.vmi.status.nodeName, told).toBe(nodeName);
  const isHeld = conditions?.some(({ reason }) => reason === 'ChangeFailed');
  if (instance.status?.resize) expect(['Resized', 'Error'], told).toContain(vmState);
  else if (vmState !== 'Error' && !isHeld)
    expect(vmState, told).toBe(expectedState(instance.spec, kubevirt.vmi !== undefined));
  if (kubevirt.vm && vmState !== 'Error' && !isHeld)
    expect(bootsRescue(world), told).toBe(instance.status?.rescued !== undefined);
  for (const { phase } of world.standings()) expect(['Pending', 'Running'], told).not.toContain(phase);
}

/** Nobody saw whether its disks had been copied when the guest was taken away: both are there, it is off, and says so. */
function expectBoth({ instance, kubevirt, caches }: World, told: string): boolean {
  const ready = instance?.status?.conditions?.find(({ type }) => type === 'Ready');
  if (!instance || ready?.reason !== 'DisksUnknown') return false;
  const disks = instance.status?.disks?.copy?.disks ?? [];
  const claims = disks.flatMap(({ name, claimName }) => [claimName, claimOfDisk(instance, name)]);
  expect(
    claims.filter((it) => !caches.dataVolumes.get(`default/${it}`)),
    told,
  ).toEqual([]);
  expect([kubevirt.vmi, kubevirt.vm?.spec?.runStrategy], told).toEqual([undefined, 'Halted']);
  return true;
}

const bootsRescue = ({ kubevirt }: World): boolean =>
  kubevirt.vm?.spec?.template?.spec?.volumes?.some(({ name }) => name === 'rescue') ?? false;

/** One place, of the size of the VM; two while it is Resized, and none while it is shelved. */
function expectClaims({ instance, claimed, sizes, kubevirt }: World, told: string): void {
  if (kubevirt.moves.some((it) => !isMoveOver(it))) {
    // Its source is lost: the target may have the guest, for all that anybody knows.
    expect([1, 2], told).toContain(claimed.length);
    return;
  }
  const { vmState, flavor, resize } = instance?.status ?? {};
  const places = resize ? [...new Set([resize.sourceNode, resize.targetNode])] : undefined;
  if (vmState === 'ShelvedOffloaded') expect(claimed, told).toEqual([]);
  else if (places) expect(claimed.toSorted(), told).toEqual(places.toSorted());
  else expect(claimed.length, told).toBe(1);
  if (resize || vmState === 'Error' || vmState === 'ShelvedOffloaded') return;
  expect(sizes.claims, told).toEqual([flavor?.vcpus]);
  if (sizes.vm !== undefined) expect(sizes.vm, told).toBe(flavor?.vcpus);
  if (sizes.guest !== undefined) expect(sizes.guest, told).toBe(flavor?.vcpus);
}

/** One root disk and volumes with all that was written, which the status, the VM and the guest agree on; nothing of others is left. */
function expectDisks({ instance, kubevirt, caches }: World, told: string): void {
  if (!instance || kubevirt.moves.length > 0) return; // its source is lost, and the copy may be its disk yet
  const { disks } = instance.status ?? {};
  expect([disks?.copy, disks?.left], told).toEqual([undefined, undefined]);
  const claim = rootClaimOf(instance);
  const roots = caches.dataVolumes.list().filter(({ metadata }) => !metadata.labels?.[VOLUME_LABEL]);
  expect(
    roots.map(({ metadata }) => metadata.name),
    told,
  ).toEqual([claim]);
  expect(kubevirt.contents.get(claim), told).toBe('all');
  const volumes = caches.dataVolumes.list().filter((it) => !roots.includes(it));
  const names = volumes.map(({ metadata }) => metadata.labels?.[VOLUME_LABEL] ?? '');
  expect(new Set(names).size, told).toBe(names.length);
  const listed = (instance.spec.volumes ?? []).map(({ name }) => name);
  for (const { metadata } of volumes) {
    const name = metadata.labels?.[VOLUME_LABEL] ?? '';
    if (listed.includes(name)) expect(metadata.name, told).toBe(claimOfDisk(instance, name));
    expect(kubevirt.contents.get(metadata.name), told).toBe('all'); // also of one that is kept
  }
  for (const claims of [vmClaims(kubevirt.vm), claimsIn(kubevirt.vmi?.spec)])
    for (const name of [ROOT, ...listed.filter((it) => it === 'data')].filter(
      (it) => claims[it] !== undefined,
    ))
      expect(claims[name], told).toBe(claimOfDisk(instance, name));
  if (kubevirt.vmi && !disksOf(kubevirt.vmi)?.halfSince) expect(copiesOf(kubevirt.vmi), told).toEqual([]);
}

/** The list, the VM, the guest and the claims agree, but for what waits and says so. */
function expectVolumes({ instance, disks, kubevirt }: World, told: string): void {
  const { vmState, conditions, volumes = [] } = instance?.status ?? {};
  const names = (instance?.spec.volumes ?? []).map(({ name }) => name);
  expect(
    disks.vm.filter((name) => !disks.claims.some((it) => it.includes(name))),
    told,
  ).toEqual([]);
  const waits = conditions?.some(({ type, reason }) => type === 'SpecHeld' || reason === 'ChangeFailed');
  if (waits || vmState === 'Error') return;
  expect(disks.vm, told).toEqual(names);
  expect(disks.claims.length, told).toBe(names.length);
  expect(
    volumes.map(({ name, phase }) => [name, phase]),
    told,
  ).toEqual(names.map((name) => [name, 'Attached']));
  if (kubevirt.vmi?.status?.phase === 'Running') expect(disks.guest, told).toEqual(names);
}

/** The list, the VM and the guest agree, but for what waits and says so. */
function expectNetworks({ instance, nics, kubevirt }: World, told: string): void {
  const { vmState, conditions, networks = [] } = instance?.status ?? {};
  const names = (instance?.spec.networks ?? [POD]).map(({ name }) => name).toSorted();
  const waits = conditions?.some(({ type, reason }) => type === 'SpecHeld' || reason === 'ChangeFailed');
  if (waits || vmState === 'Error') return;
  expect(nics.vm.toSorted(), told).toEqual(names);
  if (kubevirt.vmi?.status?.phase === 'Running') expect(nics.guest.toSorted(), told).toEqual(names);
  if (!instance?.spec.networks) return;
  expect(networks.map(({ name, phase }) => [name, phase]).toSorted(), told).toEqual(
    names.map((name) => [name, 'Attached']),
  );
}

function expectedState({ shelved, rescue, powerState }: InstanceSpec, hasGuest: boolean): string {
  if (shelved) return 'ShelvedOffloaded';
  if (rescue) return 'Rescued';
  if (powerState === 'Stopped' || !hasGuest) return 'Stopped';
  return powerState === 'Running' ? 'Active' : powerState;
}

async function built(spec: Partial<InstanceSpec> = {}, options: { isLocal?: boolean } = {}): Promise<World> {
  const world = new World(spec, options);
  await world.settle();
  return world;
}

const hard = { reboot: { type: 'Hard' } } satisfies Partial<InstanceActionSpec>;
const soft = { reboot: { type: 'Soft' } } satisfies Partial<InstanceActionSpec>;

const REBUILD = { rebuild: { image: { containerDisk: 'example/other:2' } } };
const BLANK = {
  name: 'data',
  blank: { size: '1Gi', deleteOnTermination: true },
  shareable: false,
};
/** The same, which outlives its Instance. */
const KEPT = { ...BLANK, blank: { size: '1Gi' } };
const POD = { name: 'default', pod: {} };
const NET = { name: 'storage', multus: { name: 'storage' } };
const CLAIM = { name: 'mine', pvc: { name: 'mine' }, shareable: false };

const LARGE = { flavorRef: { name: 'large' } };
const WIDE = { flavorRef: { name: 'wide' }, resizePolicy: 'LiveIfPossible' } as const;
const NODES = ['node-1', 'node-2', 'node-3', 'node-4'];

function allFull({ full }: World): void {
  for (const node of NODES) full.add(node);
}

function cordoned(world: World, name: string, unschedulable: boolean): void {
  const node = world.caches.nodes.get(name);
  if (node) world.put('nodes', { ...node, spec: { unschedulable } });
}

function rootAlone({ kubevirt }: World): void {
  kubevirt.temper.root = 'alone';
}

/** Resized, away from a node if one is given. */
function resized(world: World, full?: string): void {
  if (full !== undefined) world.full.add(full);
  world.change(LARGE);
}

/** Each operation: where it begins, what asks for it, where it ends. */
const STORIES: Record<
  string,
  { isLocal?: boolean; begin?: (world: World) => void; ask: (world: World) => void; ends: string }
> = {
  'ColdMigrate of disks of one node': {
    isLocal: true,
    begin: (it) => it.change({ volumes: [KEPT] }),
    ask: (it) => it.migrate('move'),
    ends: 'Resized',
  },
  'ColdMigrate of such disks of a guest that is off': {
    isLocal: true,
    begin: (it) => it.change({ powerState: 'Stopped', volumes: [BLANK] }),
    ask: (it) => it.migrate('move'),
    ends: 'Resized',
  },
  'Resize of such disks to a node that refuses the guest': {
    isLocal: true,
    begin: (it) => it.full.add('node-1'),
    ask: (it) => {
      it.change(LARGE);
      it.kubevirt.temper.refusals = 1;
    },
    ends: 'Active',
  },
  'Resize of such disks where they are': { isLocal: true, ask: (it) => it.change(LARGE), ends: 'Resized' },
  'Resize of such disks to another node': {
    isLocal: true,
    begin: (it) => it.full.add('node-1'),
    ask: (it) => it.change(LARGE),
    ends: 'Resized',
  },
  'ConfirmResize of such disks': {
    isLocal: true,
    begin: (it) => resized(it, 'node-1'),
    ask: (it) => it.ask('confirm', { confirmResize: {} }),
    ends: 'Active',
  },
  'RevertResize of such disks': {
    isLocal: true,
    begin: (it) => {
      it.change({ volumes: [BLANK] });
      resized(it, 'node-1');
    },
    ask: (it) => it.ask('revert', { revertResize: {} }),
    ends: 'Active',
  },
  Stop: { ask: (it) => it.change({ powerState: 'Stopped' }), ends: 'Stopped' },
  Start: {
    begin: (it) => it.change({ powerState: 'Stopped' }),
    ask: (it) => it.change({ powerState: 'Running' }),
    ends: 'Active',
  },
  Pause: { ask: (it) => it.change({ powerState: 'Paused' }), ends: 'Paused' },
  Unpause: {
    begin: (it) => it.change({ powerState: 'Paused' }),
    ask: (it) => it.change({ powerState: 'Running' }),
    ends: 'Active',
  },
  Suspend: { ask: (it) => it.change({ powerState: 'Suspended' }), ends: 'Suspended' },
  Resume: {
    begin: (it) => it.change({ powerState: 'Suspended' }),
    ask: (it) => it.change({ powerState: 'Running' }),
    ends: 'Active',
  },
  Shelve: { ask: (it) => it.change({ shelved: true }), ends: 'ShelvedOffloaded' },
  Unshelve: {
    begin: (it) => it.change({ shelved: true }),
    ask: (it) => it.change({ shelved: false }),
    ends: 'Active',
  },
  'Resize on the same node': { ask: (it) => it.change(LARGE), ends: 'Resized' },
  'Resize to another node': {
    begin: (it) => it.full.add('node-1'),
    ask: (it) => it.change(LARGE),
    ends: 'Resized',
  },
  'Resize of a guest that is off': {
    begin: (it) => it.change({ powerState: 'Stopped' }),
    ask: (it) => it.change(LARGE),
    ends: 'Resized',
  },
  'Resize that no node has room for': {
    begin: (it) => allFull(it),
    ask: (it) => it.change(LARGE),
    ends: 'Active',
  },
  'Resize to a node that refuses the guest': {
    begin: (it) => it.full.add('node-1'),
    ask: (it) => {
      it.change(LARGE);
      it.kubevirt.temper.refusals = 1;
    },
    ends: 'Active',
  },
  LiveResize: { ask: (it) => it.change(WIDE), ends: 'Active' },
  'LiveResize that no node has room for': {
    begin: (it) => allFull(it),
    ask: (it) => it.change(WIDE),
    ends: 'Active',
  },
  'LiveResize whose migration fails': {
    ask: (it) => {
      it.change(WIDE);
      it.kubevirt.temper.migrations = 'fail';
    },
    ends: 'Active',
  },
  'LiveResize that KubeVirt does not take up': {
    ask: (it) => {
      it.change(WIDE);
      it.kubevirt.temper.growth = 'stall';
    },
    ends: 'Active',
  },
  ConfirmResize: {
    begin: (it) => resized(it, 'node-1'),
    ask: (it) => it.ask('confirm', { confirmResize: {} }),
    ends: 'Active',
  },
  'ConfirmResize on the same node': {
    begin: (it) => resized(it),
    ask: (it) => it.ask('confirm', { confirmResize: {} }),
    ends: 'Active',
  },
  RevertResize: {
    begin: (it) => resized(it, 'node-1'),
    ask: (it) => it.ask('revert', { revertResize: {} }),
    ends: 'Active',
  },
  'RevertResize on the same node': {
    begin: (it) => resized(it),
    ask: (it) => it.ask('revert', { revertResize: {} }),
    ends: 'Active',
  },
  Evacuate: {
    begin: (it) => it.node('node-1', 'Down'),
    ask: (it) => it.migrate('away', { type: 'Evacuate' }),
    ends: 'Active',
  },
  'Evacuate what was off': {
    begin: (it) => {
      it.change({ powerState: 'Stopped' });
      it.node('node-1', 'Down');
    },
    ask: (it) => it.migrate('away', { type: 'Evacuate' }),
    ends: 'Stopped',
  },
  ColdMigrate: { ask: (it) => it.migrate('move'), ends: 'Resized' },
  'ColdMigrate to a node of choice': {
    ask: (it) => it.migrate('move', { targetNode: 'node-3' }),
    ends: 'Resized',
  },
  AttachVolume: { ask: (it) => it.change({ volumes: [BLANK] }), ends: 'Active' },
  'AttachVolume, a claim that there is': {
    begin: (it) => it.claim('mine'),
    ask: (it) => it.change({ volumes: [CLAIM] }),
    ends: 'Active',
  },
  'AttachVolume to a guest that is off': {
    begin: (it) => it.change({ powerState: 'Stopped' }),
    ask: (it) => it.change({ volumes: [BLANK] }),
    ends: 'Stopped',
  },
  DetachVolume: {
    begin: (it) => it.change({ volumes: [BLANK] }),
    ask: (it) => it.change({ volumes: [] }),
    ends: 'Active',
  },
  'DetachVolume and AttachVolume in one change': {
    begin: (it) => {
      it.claim('mine');
      it.change({ volumes: [BLANK] });
    },
    ask: (it) => it.change({ volumes: [CLAIM] }),
    ends: 'Active',
  },
  'ColdMigrate with a volume': {
    begin: (it) => it.change({ volumes: [BLANK] }),
    ask: (it) => it.migrate('move'),
    ends: 'Resized',
  },
  AttachInterface: {
    begin: (it) => it.network('storage'),
    ask: (it) => it.change({ networks: [POD, NET] }),
    ends: 'Active',
  },
  'AttachInterface to a guest that is off': {
    begin: (it) => {
      it.network('storage');
      it.change({ powerState: 'Stopped' });
    },
    ask: (it) => it.change({ networks: [NET] }),
    ends: 'Stopped',
  },
  DetachInterface: {
    begin: (it) => {
      it.network('storage');
      it.change({ networks: [POD, NET] });
    },
    ask: (it) => it.change({ networks: [POD] }),
    ends: 'Active',
  },
  'Rescue with a volume': {
    begin: (it) => it.change({ volumes: [BLANK] }),
    ask: (it) => it.change({ rescue: {} }),
    ends: 'Rescued',
  },
  Rescue: { ask: (it) => it.change({ rescue: {} }), ends: 'Rescued' },
  Unrescue: {
    begin: (it) => it.change({ rescue: {} }),
    ask: (it) => it.change({ rescue: undefined }),
    ends: 'Active',
  },
  'Unrescue of what its node refused to rescue': {
    begin: (it) => {
      it.kubevirt.temper.refusals = 1;
      it.change({ rescue: {} });
    },
    ask: (it) => it.change({ rescue: undefined }),
    ends: 'Active',
  },
  SoftReboot: { ask: (it) => it.ask('soft', soft), ends: 'Active' },
  HardReboot: { ask: (it) => it.ask('hard', hard), ends: 'Active' },
  LiveMigrate: { ask: (it) => it.migrate('live', { type: 'Live' }), ends: 'Active' },
  'LiveMigrate with a root disk that is not shared': {
    begin: (it) => rootAlone(it),
    ask: (it) => it.migrate('live', { type: 'Live' }),
    ends: 'Active',
  },
  'LiveMigrate with such a disk that the workload updater begins': {
    begin: (it) => {
      rootAlone(it);
      it.kubevirt.temper.updater = 'on';
    },
    ask: (it) => it.migrate('live', { type: 'Live' }),
    ends: 'Active',
  },
  Rebuild: { ask: (it) => it.ask('rebuild', REBUILD), ends: 'Active' },
  'Rebuild of a guest that is off': {
    begin: (it) => it.change({ powerState: 'Stopped' }),
    ask: (it) => it.ask('rebuild', REBUILD),
    ends: 'Stopped',
  },
  CreateImage: {
    begin: (it) => it.change({ powerState: 'Stopped' }),
    ask: (it) => it.ask('image', { createImage: { name: 'made' } }),
    ends: 'Stopped',
  },
  'CreateImage of a shelved one': {
    begin: (it) => it.change({ shelved: true }),
    ask: (it) => it.ask('image', { createImage: { name: 'made' } }),
    ends: 'ShelvedOffloaded',
  },
  'Start by an action': {
    begin: (it) => it.kubevirt.end('Succeeded'),
    ask: (it) => it.ask('start', { start: {} }),
    ends: 'Active',
  },
};

/** The world as it is when the story's operation is about to be asked for. */
async function begun({ begin, isLocal = false }: (typeof STORIES)[string]): Promise<World> {
  const world = await built({}, { isLocal });
  begin?.(world);
  if (begin) await world.settle();
  world.calls.length = 0;
  return world;
}

describe.each(Object.entries(STORIES))('%s', (_, story) => {
  test('ends well', async () => {
    const world = await begun(story);
    story.ask(world);
    await world.settle();
    expectStable(world);
    expect(world.instance?.status?.vmState).toBe(story.ends);
    for (const { phase } of world.standings()) expect(phase).toBe('Succeeded');
  });

  test('ends well with every mishap at every call', async () => {
    const plain = await begun(story);
    story.ask(plain);
    await plain.settle();
    const calls = plain.calls.length;
    expect(calls).toBeGreaterThan(0);
    for (const mishap of MISHAPS) {
      for (let at = 0; at < calls; at++) {
        const world = await begun(story);
        world.mishaps.set(at, mishap);
        story.ask(world);
        await moved(world);
        await world.settle();
        expectStable(world);
        expect(world.instance?.status?.vmState, `${mishap} at ${at}: ${world.calls.join(', ')}`).toBe(
          story.ends,
        );
      }
    }
  });
});

test('a guest that grew while it ran has its new size, on another node, and was not started again', async () => {
  const world = await built();
  const { uid } = world.kubevirt.vmi?.metadata ?? {};
  world.change(WIDE);
  await world.settle();
  expect(world.instance?.status).toMatchObject({ flavor: { name: 'wide' }, nodeName: 'node-2' });
  expect(world.kubevirt.vmi?.metadata.uid).toBe(uid);
  expect(world.sizes).toEqual({ vm: 2, guest: 2, claims: [2] });
});

test('what KubeVirt keeps asked after a growth that failed is not made real by any move, but by another try', async () => {
  const world = await built();
  world.kubevirt.temper.migrations = 'fail';
  world.change(WIDE);
  await world.settle();
  expect(world.instance?.status?.heldFlavor).toMatchObject({ name: 'wide', reason: 'ResizeFailed' });
  world.kubevirt.temper.migrations = 'arrive';
  world.migrate('live', { type: 'Live' });
  await world.settle();
  expect(world.standings()).toMatchObject([{ phase: 'Refused' }]);
  expect(world.sizes).toEqual({ vm: 1, guest: 1, claims: [1] });
  world.change({ flavorRef: { name: 'small' } });
  await world.settle();
  world.change(WIDE);
  await world.settle();
  expect(world.sizes).toEqual({ vm: 2, guest: 2, claims: [2] });
});

test.each([1, 2])(
  'an Image that is half made when its Instance is deleted goes, though %i tries fail',
  async (tries) => {
    const world = await built({ powerState: 'Stopped' });
    world.kubevirt.temper.imports = 'stall';
    world.ask('image', { createImage: { name: 'made' } });
    while (world.instance?.status?.taskState !== 'ImageUploading') await world.reconcile();
    world.delete();
    for (let failed = 0; failed < tries; failed++) {
      world.mishaps.set(0, 'errorBefore');
      await world.reconcile();
    }
    expect(world.instance?.status?.operation?.name).toBe('Delete');
    await world.settle();
    expect([world.instance, world.caches.images.list()]).toEqual([undefined, []]);
  },
);

describe('an Image that changes while an Instance is built', () => {
  const spec = { image: undefined, imageRef: { name: 'golden' } };

  async function withDisk(): Promise<World> {
    const world = new World(spec);
    world.image('golden', { properties: { os_type: 'linux' } });
    while (!world.kubevirt.vm || !world.instance?.status?.image) {
      await world.reconcile();
      world.sleep(1_000);
    }
    return world;
  }

  test('changes nothing once there is a disk', async () => {
    const world = await withDisk();
    world.image('golden', { properties: { os_type: 'windows' }, minMemoryMiB: 4096 });
    await world.settle();
    expectStable(world);
    expect(world.instance?.status).toMatchObject({
      vmState: 'Active',
      image: { properties: { os_type: 'linux' } },
    });
  });

  test('does not keep it on a node that refused', async () => {
    const world = await withDisk();
    world.kubevirt.temper.refusals = 1;
    world.image('golden', { minMemoryMiB: 4096 });
    await world.settle();
    expect([world.claimed, world.kubevirt.vm]).toEqual([[], undefined]);
    expect(JSON.stringify(world.instance?.status?.conditions)).toContain('needs 4096 MiB of memory');
    world.image('golden');
    await world.settle();
    expectStable(world);
    expect(world.instance?.status?.vmState).toBe('Active');
  });
});

describe('where one node is all there is', () => {
  async function refusing(refusals: number): Promise<World> {
    const world = new World();
    for (const node of ['node-2', 'node-3', 'node-4']) world.full.add(node);
    world.kubevirt.temper.refusals = refusals;
    await world.settle();
    return world;
  }

  test('and it refuses, it is tried again after a while', async () => {
    const world = await refusing(2);
    expectStable(world);
    const { instance, claimed } = world;
    expect(claimed).toEqual(['node-1']);
    expect(instance?.status).toMatchObject({
      vmState: 'Active',
      placement: { nodeName: 'node-1', attempt: 3 },
    });
    expect(instance?.status?.placement?.excluded).toBeUndefined();
  });

  test('no oftener than it may be', async () => {
    const world = await refusing(3);
    expect(world.instance?.status).toMatchObject({
      vmState: 'Error',
      fault: { message: expect.stringContaining('1 node refused the guest in 3 attempts (node-1: ') },
    });
    expect(world.claimed).toEqual([]);
  });
});

/** Until the mishap has happened: `settle` would take it away. */
async function moved(world: World): Promise<void> {
  for (let round = 0; world.mishaps.size > 0 && round < 60; round++) {
    await world.reconcile();
    await world.turn();
    world.sleep(1_000);
  }
}

test('an evacuation of a node that is up does not take the place of a resize that has moved its disks', async () => {
  const world = await built({}, { isLocal: true });
  world.migrate('move');
  const isThere = () => world.instance?.status?.taskState === 'ResizeFinish';
  while (!isThere()) {
    await world.turn();
    await world.reconcile();
  }
  world.migrate('away', { type: 'Evacuate' });
  await world.settle();
  expectStable(world);
  expect(world.instance?.status).toMatchObject({ vmState: 'Resized', nodeName: 'node-2' });
  expect(world.standings().map(({ phase }) => phase)).toEqual(['Succeeded', 'Refused']);
});

test('a revert to a node that is cordoned leaves the guest running, Resized, and can be asked for again', async () => {
  const world = await built({}, { isLocal: true });
  world.migrate('move');
  await world.settle();
  const { uid } = world.kubevirt.vmi?.metadata ?? {};
  cordoned(world, 'node-1', true);
  world.ask('revert', { revertResize: {} });
  await world.settle();
  expectStable(world);
  expect(world.instance?.status).toMatchObject({
    vmState: 'Resized',
    powerState: 'Running',
    nodeName: 'node-2',
  });
  expect(world.kubevirt.vmi?.metadata.uid).toBe(uid);
  cordoned(world, 'node-1', false);
  world.ask('again', { revertResize: {} });
  await world.settle();
  expectStable(world);
  expect(world.instance?.status).toMatchObject({ vmState: 'Active', nodeName: 'node-1' });
});

test('what cannot be copied back after its new node refused it is Resized, and reverted once it can be', async () => {
  const world = await built({}, { isLocal: true });
  world.migrate('move');
  world.kubevirt.temper.refusals = 1;
  while (world.instance?.status?.taskState !== 'ResizeReverting') {
    await world.turn();
    await world.reconcile();
    world.sleep(1_000);
  }
  world.node('node-1', 'Down');
  await world.settle();
  expectStable(world);
  expect(world.instance?.status).toMatchObject({ vmState: 'Resized', nodeName: 'node-2' });
  world.node('node-1', 'Up');
  world.ask('again', { revertResize: {} });
  await world.settle();
  expectStable(world);
  expect(world.instance?.status).toMatchObject({ vmState: 'Active', nodeName: 'node-1' });
});

test('a guest that somebody starts while its disks are copied is held back, and loses nothing', async () => {
  for (const deaf of [true, false])
    for (let at = 0; at < 30; at++) {
      const world = await built({}, { isLocal: true });
      world.migrate('move');
      for (let round = 0; round < at; round++) await (round % 2 ? world.turn() : world.reconcile());
      if (world.kubevirt.vm) world.kubevirt.setRunning(true, undefined);
      for (let turn = 0; turn < 5; turn++) await world.turn();
      if (!deaf && world.kubevirt.vm) world.kubevirt.setRunning(false, undefined);
      for (let turn = 0; turn < 5; turn++) await world.turn();
      world.restart();
      await world.settle();
      expectStable(world);
    }
});

test('an evacuation to a node that refuses the guest ends in Error, and is looked at again only on news; a hard reboot is the way out', async () => {
  const world = await built();
  world.node('node-1', 'Down');
  world.migrate('away', { type: 'Evacuate' });
  world.kubevirt.temper.refusals = 1;
  await world.settle();
  expectStable(world);
  expect(world.instance?.status?.vmState).toBe('Error');
  world.ask('again', hard);
  await world.settle();
  expectStable(world);
  expect(world.instance?.status?.vmState).toBe('Active');
});

test('a live migration off a node that is lost ends at once and says so; an evacuation is the way out, and nobody takes up the rest of the move', async () => {
  const world = await built();
  world.kubevirt.temper.migrations = 'stall';
  world.migrate('live', { type: 'Live' });
  while (world.kubevirt.moves.length === 0) {
    await world.reconcile();
    await world.turn();
  }
  await world.turn();
  const asked = world.now.getTime();
  world.node('node-1', 'Down');
  await world.settle();
  expect(world.now.getTime() - asked).toBeLessThan(10_000);
  expectStable(world);
  const [ended] = world.instance?.status?.lastOperations ?? [];
  expect(ended).toMatchObject({ name: 'LiveMigrate', result: 'Failed', sourceNode: 'node-1' });
  expect(ended?.message).toContain('node-1 is Down');
  expect(world.claimed.toSorted()).toEqual(['node-1', ended?.targetNode].toSorted());
  expect(world.kubevirt.moves).toMatchObject([{ metadata: { deletionTimestamp: expect.any(String) } }]);
  world.migrate('away', { type: 'Evacuate' });
  await world.settle();
  expectStable(world);
  expect(world.instance?.status).toMatchObject({ vmState: 'Active' });
  expect(world.claimed).not.toContain('node-1');
  world.node('node-1', 'Up');
  await world.settle();
  expectStable(world);
  expect(world.kubevirt.moves).toEqual([]);
});

test('a live migration off a node that comes back before it is given up ends as KubeVirt says', async () => {
  const world = await built();
  world.kubevirt.temper.migrations = 'racing';
  world.migrate('live', { type: 'Live' });
  while (world.kubevirt.moves.length === 0) {
    await world.reconcile();
    await world.turn();
  }
  world.node('node-1', 'Down');
  await world.reconcile();
  world.node('node-1', 'Up');
  await world.settle();
  expectStable(world);
  expect(world.instance?.status?.nodeName).not.toBe('node-1');
});

describe('a live migration that takes a root disk along that is not shared', () => {
  const move = async (temper: Partial<Temper> = {}) => {
    const world = await built();
    rootAlone(world);
    await world.settle();
    Object.assign(world.kubevirt.temper, temper);
    world.migrate('live', { type: 'Live' });
    return world;
  };
  const claimNow = ({ instance }: World) => instance && rootClaimOf(instance);

  test('ends with the disk in another claim, and the old one gone', async () => {
    const world = await move();
    await world.settle();
    expectStable(world);
    expect(world.instance?.status?.nodeName).toBe('node-2');
    expect(claimNow(world)).toMatch(/^web-root-[0-9a-f]{8}$/);
  });

  test('can follow another one; then the guest starts from where it is', async () => {
    const world = await move();
    await world.settle();
    const first = claimNow(world);
    world.migrate('back', { type: 'Live', targetNode: 'node-1' });
    await world.settle();
    expectStable(world);
    expect(world.instance?.status?.nodeName).toBe('node-1');
    expect([first, 'web-root']).not.toContain(claimNow(world));
    world.change({ powerState: 'Stopped' });
    await world.settle();
    world.change({ powerState: 'Running' });
    await world.settle();
    expectStable(world);
  });

  test.each<[string, Partial<Temper>]>([
    ['fails', { migrations: 'fail' }],
    ['fails, whoever begins it', { migrations: 'fail', updater: 'on' }],
    ['stalls', { migrations: 'stall' }],
    ['is not taken up by KubeVirt', { copies: 'stall' }],
    ['gets no disk', { imports: 'stall' }],
  ])('that %s: the guest has its old disk, and another try is well', async (_, temper) => {
    const world = await move(temper);
    await world.settle();
    expectStable(world);
    expect(world.standings()).toMatchObject([{ phase: 'Failed' }]);
    expect([claimNow(world), world.instance?.status?.nodeName]).toEqual(['web-root', 'node-1']);
    Object.assign(world.kubevirt.temper, GOOD, { root: 'alone' });
    world.migrate('again', { type: 'Live' });
    await world.settle();
    expectStable(world);
    expect(world.instance?.status?.nodeName).toBe('node-2');
  });

  describe('with volumes beside it', () => {
    const moveAll = async (volumes: InstanceSpec['volumes'], temper: Partial<Temper> = {}) => {
      const world = await built();
      world.claim('mine');
      world.change({ volumes });
      rootAlone(world);
      await world.settle();
      Object.assign(world.kubevirt.temper, temper);
      world.migrate('live', { type: 'Live' });
      await world.settle();
      expectStable(world);
      return world;
    };
    const dataNow = ({ instance }: World) => instance && claimOfDisk(instance, 'data');

    test('takes those along that were made for it, in one move; what was kept is there for an Instance of its name', async () => {
      const world = await moveAll([KEPT, CLAIM]);
      const moved = dataNow(world);
      expect(moved).toMatch(/^web-data-[0-9a-f]{8}$/);
      expect(vmClaims(world.kubevirt.vm)).toEqual({ root: claimNow(world), data: moved, mine: 'mine' });
      world.change({ volumes: [] });
      await world.settle();
      expect(world.instance?.status?.disks?.moved).toBeUndefined();
      world.change({ volumes: [KEPT] });
      await world.settle();
      expectStable(world);
      expect(dataNow(world)).toBe(moved);
      world.delete();
      await world.settle();
      expect(world.caches.dataVolumes.list().map(({ metadata }) => metadata.name)).toEqual([moved]);
      const { namespace, uid } = { namespace: 'default', uid: 'uid-web' };
      world.put(
        'instances',
        object(
          'Instance',
          'web',
          { spec: { ...SPEC, volumes: [KEPT] } },
          { namespace, uid, finalizers: FINALIZERS },
        ),
      );
      await world.settle();
      expectStable(world);
      expect(dataNow(world)).toBe(moved);
    });

    test('goes along with what is to be deleted', async () => {
      const world = await moveAll([BLANK]);
      world.delete();
      await world.settle();
      expect(world.caches.dataVolumes.list()).toEqual([]);
    });

    test.each<[InstanceSpec['volumes'], Partial<Temper>]>([
      [[BLANK, CLAIM], { copies: 'half' }],
      [[CLAIM], { copies: 'half' }],
      [[BLANK], { copies: 'half', migrations: 'fail' }],
    ])(
      'KubeVirt stops halfway: the guest has its old disks, and moves once it was stopped and started',
      async (volumes, temper) => {
        const world = await moveAll(volumes, temper);
        expect(world.standings()).toMatchObject([{ phase: 'Failed' }]);
        expect(claimNow(world)).toBe('web-root');
        world.migrate('again', { type: 'Live' });
        await world.settle();
        expect(world.standings().map(({ phase }) => phase)).toContain('Refused');
        Object.assign(world.kubevirt.temper, GOOD, { root: 'alone' });
        world.change({ powerState: 'Stopped' });
        await world.settle();
        world.change({ powerState: 'Running' });
        await world.settle();
        world.migrate('well', { type: 'Live' });
        await world.settle();
        expectStable(world);
        expect(world.instance?.status?.nodeName).toBe('node-2');
      },
    );

    const NEXT: Record<string, (world: World) => void> = {
      evacuated: (it) => it.migrate('away', { type: 'Evacuate' }),
      'stopped and started': (it) => it.change({ powerState: 'Stopped' }),
      shelved: (it) => it.change({ shelved: true }),
      rescued: (it) => it.change({ rescue: {} }),
      'rebooted hard': (it) => it.ask('hard', hard),
      rebuilt: (it) => it.ask('rebuild', REBUILD),
    };

    test.each(Object.keys(NEXT))(
      'whose node is lost at any moment, then %s: with all that was written',
      async (next) => {
        for (const migrations of ['arrive', 'stall'] as const)
          for (let at = 0; at < 20; at++) {
            const world = await built();
            world.change({ volumes: [KEPT] });
            rootAlone(world);
            await world.settle();
            world.kubevirt.temper.migrations = migrations;
            world.migrate('live', { type: 'Live' });
            for (let round = 0; round < at; round++) await (round % 2 ? world.turn() : world.reconcile());
            const home = world.kubevirt.vmi?.status?.nodeName ?? '';
            world.node(home, 'Down');
            await world.settle();
            NEXT[next]?.(world);
            await world.settle();
            world.node(home, 'Up');
            await world.settle();
            expectStable(world);
            world.change({ powerState: 'Running', shelved: false, rescue: undefined });
            await world.settle();
            expectStable(world);
            expect(world.instance?.status?.vmState, `${at}`).toBe('Active');
          }
      },
    );

    test.each<[string, (world: World) => void]>([
      ['has failed when it is back', (it) => it.kubevirt.end('Failed')],
      ['does not answer, and gets another pod', (it) => it.sleep(660_000)],
    ])(
      'whose node is lost amid the copy, and that %s: a hard reboot starts it with its own disks',
      async (_, then) => {
        const world = await built();
        world.change({ volumes: [KEPT] });
        rootAlone(world);
        await world.settle();
        world.kubevirt.temper.migrations = 'stall';
        world.migrate('live', { type: 'Live' });
        while (world.kubevirt.moves[0]?.status?.phase !== 'Running') {
          await world.reconcile();
          await world.turn();
        }
        world.node('node-1', 'Down');
        await world.settle();
        expect(world.instance?.status?.lastOperations?.[0]?.message).toContain('node-1 is Down');
        const copies = world.instance?.status?.disks?.copy?.disks.map(({ claimName }) => claimName) ?? [];
        expect(Object.values(vmClaims(world.kubevirt.vm))).toEqual(copies);
        world.kubevirt.temper.stuck = true;
        world.ask('hard', hard);
        while (world.instance?.status?.taskState !== 'RebootingHard') await world.reconcile();
        world.node('node-1', 'Up');
        then(world);
        world.kubevirt.temper.stuck = false;
        await world.settle();
        expectStable(world);
        expect(world.instance?.status?.vmState).toBe('Active');
      },
    );

    describe('whose guest is taken away before anybody saw that it has moved', () => {
      const gone = async (isRemembered: boolean) => {
        const world = await built();
        world.change({ volumes: [KEPT] });
        rootAlone(world);
        await world.settle();
        world.migrate('live', { type: 'Live' });
        while (world.kubevirt.vmi?.status?.nodeName !== 'node-2') {
          await world.reconcile();
          if (world.kubevirt.moves.length > 0) while (world.kubevirt.moves.length > 0) await world.turn();
          else await world.turn();
        }
        world.kubevirt.deleteVmi();
        await world.turn();
        const { migrations } = world.caches;
        if (!isRemembered) for (const it of migrations.list()) world.kubevirt.remove(migrations, it);
        return world;
      };
      const claimsOf = ({ caches }: World) => caches.dataVolumes.list().map(({ metadata }) => metadata.name);
      const removed = (world: World, isMeant: (name: string) => boolean) => {
        const deletionTimestamp = world.now.toISOString();
        for (const it of world.caches.dataVolumes.list().filter(({ metadata }) => isMeant(metadata.name)))
          world.put('dataVolumes', { ...it, metadata: { ...it.metadata, deletionTimestamp } });
      };
      const isOld = (name: string) => ['web-root', 'web-data'].includes(name);
      const started = async (world: World) => {
        world.change({ powerState: 'Stopped' });
        await world.settle();
        world.change({ powerState: 'Running' });
        await world.settle();
        expectStable(world);
        expect(world.instance?.status?.vmState).toBe('Active');
      };

      test('has the new disks, as its migration says', async () => {
        const world = await gone(true);
        await world.settle();
        expect(claimsOf(world).filter(isOld)).toEqual([]);
        await started(world);
      });

      test('is kept off with both, if nothing says it, until somebody deletes the old ones', async () => {
        const world = await gone(false);
        await world.settle();
        expectStable(world);
        const ready = world.instance?.status?.conditions?.find(({ type }) => type === 'Ready');
        expect(ready).toMatchObject({
          reason: 'DisksUnknown',
          message: expect.stringContaining('web-root, web-data'),
        });
        expect(claimsOf(world).length).toBe(4);
        world.sleep(4_000_000);
        await world.settle();
        expect(claimsOf(world).length).toBe(4);
        removed(world, isOld);
        await world.settle();
        await started(world);
      });

      test('or the new ones', async () => {
        const world = await gone(false);
        await world.settle();
        for (const it of ['web-root', 'web-data']) world.kubevirt.contents.set(it, 'all'); // so he saw
        removed(world, (name) => !isOld(name));
        await world.settle();
        await started(world);
        expect(claimsOf(world).toSorted()).toEqual(['web-data', 'web-root']);
      });

      test('deleted: of a volume that is kept both claims are', async () => {
        const world = await gone(false);
        world.delete();
        await world.settle();
        expect(world.instance).toBeUndefined();
        expect(claimsOf(world).filter((it) => it.startsWith('web-data')).length).toBe(2);
        expect(claimsOf(world).length).toBe(2);
      });
    });

    test.each(['take', 'stall', 'half'] as const)(
      'whose guest is taken away at any moment (KubeVirt %ss copies): it is started again with its own disks',
      async (copies) => {
        for (let at = 0; at < 30; at++) {
          const world = await built();
          world.change({ volumes: [KEPT] });
          rootAlone(world);
          await world.settle();
          Object.assign(world.kubevirt.temper, { copies });
          world.migrate('live', { type: 'Live' });
          for (let round = 0; round < at; round++) await (round % 3 ? world.turn() : world.reconcile());
          world.kubevirt.deleteVmi();
          await world.turn();
          await world.turn();
          await world.settle();
          expectStable(world);
        }
      },
    );

    test('deleted at any moment: of a volume that is kept what was written is kept, and nothing else', async () => {
      for (const migrations of ['arrive', 'racing'] as const)
        for (let at = 0; at < 30; at++) {
          const world = await built();
          world.change({ volumes: [KEPT] });
          rootAlone(world);
          await world.settle();
          world.kubevirt.temper.migrations = migrations;
          world.migrate('live', { type: 'Live' });
          for (let round = 0; round < at; round++) await (round % 2 ? world.turn() : world.reconcile());
          world.delete();
          await world.settle();
          expect(world.instance).toBeUndefined();
          const kept = world.caches.dataVolumes.list().map(({ metadata }) => metadata.name);
          expect(kept.length, `${at}`).toBe(1);
          expect(world.kubevirt.contents.get(kept[0] ?? ''), `${at} ${kept}`).toBe('all');
        }
    });
  });

  test('that is cancelled at any moment: on one node with one disk', async () => {
    for (const migrations of ['arrive', 'racing'] as const)
      for (let at = 0; at < 24; at++) {
        const world = await move({ migrations });
        for (let round = 0; round < at; round++) await (round % 2 ? world.turn() : world.reconcile());
        world.cancel();
        await world.settle();
        expectStable(world);
      }
  });

  test.each(['Succeeded', 'Failed'] as const)('while the guest ends (%s) at any moment', async (phase) => {
    for (let at = 0; at < 24; at++) {
      const world = await move();
      for (let round = 0; round < at; round++) await (round % 2 ? world.turn() : world.reconcile());
      world.kubevirt.end(phase);
      await world.settle();
      expectStable(world);
    }
  });
});

type Event = (world: World, index: number) => void | Promise<void>;

const tempered =
  (temper: Partial<Temper>): Event =>
  (world) => {
    Object.assign(world.kubevirt.temper, temper);
  };

const EVENTS: Record<string, Event> = {
  reconcile: (it) => it.reconcile(),
  turn: (it) => it.turn(),
  'a second': (it) => it.sleep(1_000),
  'three minutes': (it) => it.sleep(180_000),
  'eleven minutes': (it) => it.sleep(660_000),
  'operator restarted': (it) => it.restart(),
  Running: (it) => it.change({ powerState: 'Running' }),
  Stopped: (it) => it.change({ powerState: 'Stopped' }),
  Paused: (it) => it.change({ powerState: 'Paused' }),
  Suspended: (it) => it.change({ powerState: 'Suspended' }),
  small: (it) => it.change({ flavorRef: { name: 'small' } }),
  large: (it) => it.change(LARGE),
  'larger, live': (it) => it.change(WIDE),
  'smaller, cold': (it) => it.change({ flavorRef: { name: 'small' }, resizePolicy: 'Cold' }),
  'growth stalls': tempered({ growth: 'stall' }),
  'growth is plugged': tempered({ growth: 'plug' }),
  'smaller disk': (it) => it.change({ flavorRef: { name: 'thin' } }),
  confirm: (it, index) => it.ask(`confirm-${index}`, { confirmResize: {} }),
  revert: (it, index) => it.ask(`revert-${index}`, { revertResize: {} }),
  evacuate: (it, index) => it.migrate(`away-${index}`, { type: 'Evacuate' }),
  'node down': (it) => it.node(it.claimed[0] ?? 'node-1', 'Down'),
  'nodes up': (it) => {
    for (const name of ['node-1', 'node-2', 'node-3', 'node-4']) it.node(name, 'Up');
  },
  'a node cordoned': (it, index) => cordoned(it, NODES[index % NODES.length] ?? '', true),
  'none cordoned': (it) => {
    for (const node of NODES) cordoned(it, node, false);
  },
  'cold migrate': (it, index) => it.migrate(`move-${index}`),
  'all cancelled': (it) => it.cancel(),
  'node-1 full': (it) => void it.full.add('node-1'),
  'all full': (it) => allFull(it),
  'none full': (it) => it.full.clear(),
  shelved: (it) => it.change({ shelved: true }),
  'not shelved': (it) => it.change({ shelved: false }),
  'a network': (it) => it.network('storage'),
  'network of multus': (it) => it.change({ networks: [POD, NET] }),
  'network of multus alone': (it) => it.change({ networks: [NET] }),
  'no network': (it) => it.change({ networks: [] }),
  'default network': (it) => it.change({ networks: undefined }),
  'networks stall': tempered({ networks: 'stall' }),
  'networks plug': tempered({ networks: 'plug' }),
  'a claim': (it) => {
    if (!it.caches.volumeClaims.get('default/mine')) it.claim('mine');
  },
  'a blank volume': (it) => it.change({ volumes: [BLANK] }),
  'a volume by claim': (it) => it.change({ volumes: [CLAIM] }),
  'both volumes': (it) => it.change({ volumes: [BLANK, CLAIM] }),
  'no volumes': (it) => it.change({ volumes: undefined }),
  'volumes stall': tempered({ volumes: 'stall' }),
  'volumes plug': tempered({ volumes: 'plug' }),
  rescue: (it) => it.change({ rescue: {} }),
  'no rescue': (it) => it.change({ rescue: undefined }),
  'VM started by somebody': (it) => {
    if (it.kubevirt.vm) it.kubevirt.setRunning(true, undefined);
  },
  'VM stopped by somebody': (it) => {
    if (it.kubevirt.vm) it.kubevirt.setRunning(false, undefined);
  },
  'five turns': async (it) => {
    for (let turn = 0; turn < 5; turn++) await it.turn();
  },
  'VM deleted': (it) => it.kubevirt.deleteVm(),
  'soft reboot': (it, index) => it.ask(`soft-${index}`, soft),
  'hard reboot': (it, index) => it.ask(`hard-${index}`, hard),
  start: (it, index) => it.ask(`start-${index}`, { start: {} }),
  'powers off': (it) => it.kubevirt.end('Succeeded'),
  crashes: (it) => it.kubevirt.end('Failed'),
  deaf: tempered({ deaf: true }),
  'not deaf': tempered({ deaf: false }),
  stuck: tempered({ stuck: true }),
  'not stuck': tempered({ stuck: false }),
  'node refuses': tempered({ refusals: 1 }),
  'live migrate': (it, index) => it.migrate(`live-${index}`, { type: 'Live' }),
  'moves arrive': tempered({ migrations: 'arrive' }),
  'moves fail': tempered({ migrations: 'fail' }),
  'moves stall': tempered({ migrations: 'stall' }),
  'moves race': tempered({ migrations: 'racing' }),
  rebuild: (it, index) => it.ask(`rebuild-${index}`, REBUILD),
  'create image': (it, index) => it.ask(`image-${index}`, { createImage: { name: `made-${index}` } }),
  'root alone': tempered({ root: 'alone' }),
  'copies stall': tempered({ copies: 'stall' }),
  'copies are taken': tempered({ copies: 'take' }),
  'copies stop halfway': tempered({ copies: 'half' }),
  'updater on': tempered({ updater: 'on' }),
  'imports stall': tempered({ imports: 'stall' }),
  'imports succeed': tempered({ imports: 'succeed' }),
  'VMI deleted': (it) => it.kubevirt.deleteVmi(),
  deleted: (it) => it.delete(),
  ...Object.fromEntries(
    MISHAPS.flatMap((mishap) =>
      [0, 1, 2].map((at) => [`${mishap} at ${at}`, (it: World) => void it.mishaps.set(at, mishap)]),
    ),
  ),
};

/** Looks and turns are most of what happens. */
const event = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('reconcile', 'turn') },
  { weight: 3, arbitrary: fc.constantFrom(...Object.keys(EVENTS).filter((name) => name !== 'deleted')) },
);
const history = fc
  .tuple(fc.array(event, { maxLength: 60 }), fc.boolean())
  .map(([events, isDeleted]) => (isDeleted ? [...events, 'deleted'] : events));

/** RUNS in the environment tries more histories than these. */
test('whatever happens, in whatever order, it ends in a stable state with nothing in flight', {
  timeout: 300_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(history, fc.boolean(), async (events, isLocal) => {
      const world = await built({}, { isLocal });
      for (const [index, name] of events.entries()) await EVENTS[name]?.(world, index);
      tempered({ ...GOOD, root: world.kubevirt.temper.root })(world, 0); // a disk stays shared, or not
      world.full.clear();
      await world.settle();
      expectStable(world);
    }),
    { numRuns: Number(process.env.RUNS ?? 1000) },
  );
});

/** What may come between the steps of a move that copies a disk. */
const AMID_COPY = [
  'a node cordoned',
  'none cordoned',
  'VM started by somebody',
  'VM stopped by somebody',
  'five turns',
  'node-1 full',
  'all full',
  'none full',
  'node refuses',
  'live migrate',
  'evacuate',
  'cold migrate',
  'all cancelled',
  'node down',
  'nodes up',
  'root alone',
  'copies stall',
  'copies are taken',
  'copies stop halfway',
  'no volumes',
  'both volumes',
  'updater on',
  'moves arrive',
  'moves fail',
  'moves stall',
  'moves race',
  'imports stall',
  'imports succeed',
  'operator restarted',
  'powers off',
  'VM deleted',
  'VMI deleted',
  'Stopped',
  'Running',
  'rebuild',
  'hard reboot',
  'rescue',
  'no rescue',
  'shelved',
  'not shelved',
  'large',
  'confirm',
  'revert',
  'crashes',
  'eleven minutes',
  ...MISHAPS.map((mishap) => `${mishap} at 0`),
];
const amidCopy = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom('reconcile', 'turn') },
    { weight: 2, arbitrary: fc.constantFrom(...AMID_COPY) },
    { weight: 1, arbitrary: fc.constant('live migrate') },
  ),
  { maxLength: 60 },
);

const LISTS: NonNullable<InstanceSpec['volumes']>[] = [[], [BLANK], [KEPT], [BLANK, CLAIM]];
const listed = fc.constantFrom(...LISTS);

test('whatever happens while disks are copied, the guest never starts with one that lacks what was written', {
  timeout: 300_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      listed,
      fc.boolean(),
      fc.constantFrom('live migrate', 'cold migrate', 'large'),
      amidCopy,
      async (volumes, isLocal, first, events) => {
        const world = await built({}, { isLocal });
        world.claim('mine');
        world.change({ volumes });
        rootAlone(world);
        await world.settle();
        for (const [index, name] of [first, ...events].entries()) await EVENTS[name]?.(world, index);
        tempered({ ...GOOD, root: 'alone' })(world, 0);
        world.full.clear();
        await world.settle();
        expectStable(world);
        await EVENTS['nodes up']?.(world, 0);
        await world.settle();
        expectStable(world);
      },
    ),
    { numRuns: Number(process.env.RUNS ?? 400) },
  );
});
