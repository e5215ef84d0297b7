import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { DATA_VOLUME, type DataVolume, type VirtualMachineInstance, VMI } from '#adapters/kubevirt/types.ts';
import { IMAGE, type Image } from '#api/image.ts';
import type { Instance, InstanceSpec } from '#api/instance.ts';
import { INSTANCE_ACTION } from '#api/instanceaction.ts';
import { KEY_PAIR } from '#api/keypair.ts';
import { Berth, EPHEMERAL, onClass } from '#test/berth.ts';

const LONG = 120_000;
const URL = 'https://images.example/golden/disk.qcow2';
const WAIT = { timeout: LONG, interval: 200 };

let berth: Berth;

beforeAll(async () => {
  berth = await Berth.start();
  const allowed = ['docker://quay.io/containerdisks', 'https://images.example/golden'];
  await berth.operator(
    'first',
    allowed.flatMap((place) => ['--image-source', place]),
  );
  await berth.flavor('cramped', { vcpus: 1, memory: '512Mi', rootDisk: '2Gi' });
});
afterAll(() => berth?.stop());
afterEach(() => berth.fleet.clearFaults());

const download = (name: string, spec: Partial<Image['spec']> = {}) =>
  berth.image(name, { source: { http: { url: URL } }, minDiskGiB: 5, ...spec });
const ready = (name: string) => berth.imageUntil(name, ({ status }) => status?.stage === 'Ready', LONG);
const readyReason = ({ status }: Pick<Instance | Image, 'status'>) =>
  status?.conditions?.find(({ type }) => type === 'Ready')?.reason;

/** Of an Image, on a volume of the class. */
const of = (name: string, storageClass = 'immediate'): Partial<InstanceSpec> => ({
  image: undefined,
  imageRef: { name },
  ...onClass(storageClass),
});
const rootOf = (name: string) => berth.client.get<DataVolume>(DATA_VOLUME, `default/${name}-root`);

describe('a download', () => {
  test('is made once, told of as it goes on, and cloned for each Instance that waited for it', async () => {
    await berth.fleet.addFault({ kind: 'import-slow', match: 'default/image-golden', delay: '10s' });
    await berth.create('early', of('golden'));
    await berth.until('early', (it) => readyReason(it) === 'ImageNotFound', LONG);
    await download('golden', { properties: { os_distro: 'fedora' }, architecture: 'x86_64' });
    const importing = await berth.imageUntil(
      'golden',
      ({ status }) => (status?.progressPercent ?? 0) > 0,
      LONG,
    );
    expect(importing.status).toMatchObject({ stage: 'Downloading', sizeGiB: 5, format: 'raw' });
    const waiting = await berth.until('early', (it) => readyReason(it) === 'ImageNotUsable', LONG);
    expect(waiting.status?.nodeName).toBeUndefined();
    expect((await berth.claims()).get('Instance/early')).toBeUndefined();
    await ready('golden');
    const { status } = await berth.until('early', (it) => it.status?.vmState === 'Active', LONG);
    expect(status?.image).toEqual({
      name: 'golden',
      pvc: { name: 'image-golden' },
      properties: { os_distro: 'fedora', hw_architecture: 'x86_64' },
      minDiskGiB: 5,
    });
    await berth.create('late', of('golden', 'wffc'));
    await berth.until('late', (it) => it.status?.vmState === 'Active', LONG);
    for (const name of ['early', 'late']) {
      expect((await rootOf(name)).spec.source).toEqual({
        pvc: { namespace: 'default', name: 'image-golden' },
      });
      expect(await berth.fleet.disk(`default/${name}`)).toEqual({ image: URL, written: null });
    }
  });

  test('that fails says why in the Image and in whoever waits, and is cloned once it is mended', async () => {
    const message = 'expected status code 200, got 404';
    await berth.fleet.addFault({ kind: 'import-fail', match: 'default/image-broken', message });
    await download('broken');
    await berth.create('hopeful', of('broken'));
    const failed = await berth.imageUntil('broken', ({ status }) => status?.stage === 'Failed', LONG);
    expect(readyReason(failed)).toBe('ImportFailed');
    const held = await berth.until('hopeful', (it) => readyReason(it) === 'ImageNotUsable', LONG);
    const said = held.status?.conditions?.find(({ type }) => type === 'Ready')?.message;
    expect(said).toContain('spec.imageRef: Image broken is not ready');
    await berth.until('hopeful', ({ status }) => JSON.stringify(status?.conditions).includes(message), LONG);
    await berth.fleet.clearFaults();
    await berth.until('hopeful', ({ status }) => status?.vmState === 'Active', LONG);
  });

  test('with a checksum that this CDI would not verify is not begun', async () => {
    const checksum = `sha256:${'0'.repeat(64)}`;
    await download('checked', { source: { http: { url: URL, checksum } } });
    const { status } = await berth.imageUntil('checked', (it) => readyReason(it) !== undefined, LONG);
    expect(status).toMatchObject({ stage: 'Failed' });
    expect(status?.conditions?.map(({ type, reason }) => `${type} ${reason}`)).toEqual([
      'Ready ChecksumNotVerified',
      'Stalled ChecksumNotVerified',
    ]);
    expect(await berth.exists(DATA_VOLUME, 'image-checked')).toBe(false);
    const http = { url: URL, checksum };
    await berth.create('checked-too', { image: { http }, ...onClass('immediate') });
    await berth.until('checked-too', (it) => readyReason(it) === 'ActionFailed', LONG);
    expect(await berth.exists(DATA_VOLUME, 'checked-too-root')).toBe(false);
  });
});

test('an Image is copied from a claim of the namespace, once there is one', async () => {
  await ready('golden');
  await berth.image('copied', { source: { pvc: { name: 'from-elsewhere' } }, storageClassName: 'shared' });
  await berth.imageUntil('copied', (it) => readyReason(it) === 'SourceNotFound', LONG);
  await berth.client.create<DataVolume>(DATA_VOLUME, {
    metadata: { name: 'from-elsewhere', namespace: 'default' },
    spec: {
      source: { http: { url: 'https://elsewhere.example/a' } },
      storage: { resources: { requests: { storage: '3Gi' } } },
    },
  });
  const { status } = await ready('copied');
  expect(status).toMatchObject({ sizeGiB: 3, claimName: 'image-copied' });
});

test('a container disk is not made at all: nodes that hold it are counted, no names are told', async () => {
  await berth.image('fedora', { source: { containerDisk: 'quay.io/containerdisks/fedora:43' } });
  const before = await berth.imageUntil('fedora', (it) => readyReason(it) === 'Ready', LONG);
  expect(before.status?.nodes).toBe(0);
  await berth.create('cattle', { image: undefined, imageRef: { name: 'fedora' }, ...EPHEMERAL });
  await berth.active('cattle');
  expect((await berth.fleet.disk('default/cattle')).image).toBe('quay.io/containerdisks/fedora:43');
  const { status } = await berth.imageUntil('fedora', (it) => it.status?.stage === 'Cached', LONG);
  expect(status?.nodes).toBe(1);
  expect(await berth.exists(DATA_VOLUME, 'image-fedora')).toBe(false);
});

describe('refused at admission', () => {
  const refused = (creation: Promise<unknown>) =>
    creation.then(
      () => 'taken',
      (error: Error) => error.message,
    );

  test.each<[string, string, () => Promise<unknown>]>([
    [
      'a Flavor whose disk is too small for the Image',
      'spec.flavorRef: Image golden needs a root disk of 5 GiB, and Flavor cramped has one of 2',
      () => berth.create('no-1', { flavorRef: { name: 'cramped' }, ...of('golden') }),
    ],
    [
      'a Flavor with too little memory',
      'spec.flavorRef: Image greedy needs 2048 MiB of memory, and Flavor tiny has 1024',
      () => berth.create('no-2', of('greedy')),
    ],
    [
      'an ephemeral root of what is no container disk',
      'spec.rootDisk.ephemeral: an ephemeral root disk needs a container disk, and Image golden is none',
      () => berth.create('no-3', { ...of('golden'), ...EPHEMERAL }),
    ],
    [
      'a container disk from a place that is not allowed',
      'spec.image: docker.io/someone/disk:1 is from a place',
      () => berth.create('no-4', { image: { containerDisk: 'docker.io/someone/disk:1' } }),
    ],
    [
      'an Image from a place that is not allowed',
      'Allowed: docker://quay.io/containerdisks, https://images.example/golden',
      () => download('no-5', { source: { http: { url: 'https://images.example/golden/../disk' } } }),
    ],
  ])('%s', async (_, message, creation) => {
    await ready('golden');
    if (!(await berth.exists(IMAGE, 'greedy'))) await download('greedy', { minMemoryMiB: 2048 });
    await vi.waitFor(async () => expect(await refused(creation())).toContain(message), WAIT);
  });

  test('where the Image came later, the Instance waits and says the same', async () => {
    await berth.create('large', { flavorRef: { name: 'cramped' }, ...of('later') });
    await berth.until('large', (it) => readyReason(it) === 'ImageNotFound', LONG);
    await download('later');
    const { status } = await berth.until('large', (it) => readyReason(it) === 'InvalidSpec', LONG);
    expect(JSON.stringify(status?.conditions)).toContain('needs a root disk of 5 GiB');
    expect((await berth.claims()).get('Instance/large')).toBeUndefined();
  });
});

test('deleted while it is cloned, an Image stays until the copy is full, and what was made of it stays', async () => {
  await download('passing');
  await ready('passing');
  await berth.fleet.addFault({ kind: 'import-slow', match: 'default/copy-root', delay: '12s' });
  await berth.create('copy', of('passing'));
  await berth.until('copy', ({ status }) => status?.taskState === 'BlockDeviceMapping', LONG);
  await berth.client.delete(IMAGE, 'default/passing');
  await berth.imageUntil('passing', (it) => readyReason(it) === 'BeingDeleted', LONG);
  await berth.until('copy', ({ status }) => status?.vmState === 'Active', LONG);
  await vi.waitFor(async () => {
    expect(await berth.exists(IMAGE, 'passing')).toBe(false);
    expect(await berth.exists(DATA_VOLUME, 'image-passing')).toBe(false);
  }, WAIT);
  await berth.patch('copy', { powerState: 'Stopped' });
  await berth.until('copy', ({ status }) => status?.vmState === 'Stopped' && !status.taskState, LONG);
  await berth.patch('copy', { powerState: 'Running' });
  await berth.until('copy', ({ status }) => status?.vmState === 'Active' && !status.taskState, LONG);
  expect((await berth.fleet.disk('default/copy')).image).toBe(URL);
});

/** Off or running, with nothing in flight. */
const still = (name: string, vmState: string) =>
  berth.until(name, ({ status }) => status?.vmState === vmState && status.taskState === undefined, LONG);
const written = async (name: string) => (await berth.fleet.disk(`default/${name}`)).written ?? [];
const pvcUid = async (name: string) =>
  berth.cluster.kubectl('get', 'pvc', `${name}-root`, '-o', 'jsonpath={.metadata.uid}');

describe('rebuild', () => {
  test('from another image: the same place and name, a new root disk, another key; the spec goes on naming the old one', async () => {
    await ready('golden');
    const { kubectl } = berth.cluster;
    const publicKey = `ssh-ed25519 ${'A'.repeat(4)}C3NzaC1lZDI1NTE5AAAAIJx0bq9m6cSdUrdCvL3UQIzyvSxQWnFv0QhQd2FhYmNk`;
    await berth.client.create(KEY_PAIR, {
      metadata: { name: 'new-key', namespace: 'default' },
      spec: { publicKey },
    } as never);
    await berth.create('again', onClass('immediate'));
    const before = await berth.active('again');
    await berth.fleet.write('default/again', 'marker');
    const disk = await pvcUid('again');
    const rebuild = { imageRef: { name: 'golden' }, keyPairRef: { name: 'new-key' } };
    await berth.action('rebuild-again', 'again', { rebuild });
    expect((await berth.ended('rebuild-again', LONG)).status).toMatchObject({
      phase: 'Succeeded',
      message: 'from Image golden',
    });
    const after = await still('again', 'Active');
    expect(await berth.fleet.disk('default/again')).toEqual({ image: URL, written: null });
    expect(await pvcUid('again')).not.toBe(disk);
    expect(after.status?.nodeName).toBe(before.status?.nodeName);
    expect((await berth.claims()).get('Instance/again')).toEqual([before.status?.nodeName]);
    expect(after.spec).toEqual(before.spec);
    expect(after.status?.image?.name).toBe('golden');
    const rebuilt = after.status?.conditions?.find(({ type }) => type === 'Rebuilt');
    expect(rebuilt?.message).toContain('made from Image golden by a rebuild; spec.image names quay.io');
    const vmi = await berth.client.get<VirtualMachineInstance>(VMI, 'default/again');
    expect(JSON.stringify(vmi.spec.accessCredentials)).toContain('berth-keypair-new-key');
    expect(await kubectl('describe', 'instance', 'again')).toContain('Rebuilt');
  });

  test('without an image from the one it has; what was off stays off, on a disk of the node too', async () => {
    await berth.create('off', { ...of('golden', 'wffc'), powerState: 'Running' });
    await still('off', 'Active');
    await berth.fleet.write('default/off', 'marker');
    await berth.patch('off', { powerState: 'Stopped' });
    const { status } = await still('off', 'Stopped');
    await berth.action('rebuild-off', 'off', { rebuild: {} });
    expect((await berth.ended('rebuild-off', LONG)).status?.phase).toBe('Succeeded');
    expect((await still('off', 'Stopped')).status?.conditions?.map(({ type }) => type)).not.toContain(
      'Rebuilt',
    );
    await berth.patch('off', { powerState: 'Running' });
    expect((await still('off', 'Active')).status?.nodeName).toBe(status?.nodeName);
    expect(await berth.fleet.disk('default/off')).toEqual({ image: URL, written: null });
  });

  test('an ephemeral root starts with the other image', async () => {
    await berth.create('cattle-2', EPHEMERAL);
    await still('cattle-2', 'Active');
    const image = { containerDisk: 'quay.io/containerdisks/centos:10' };
    await berth.action('rebuild-cattle', 'cattle-2', { rebuild: { image } });
    expect((await berth.ended('rebuild-cattle', LONG)).status?.phase).toBe('Succeeded');
    expect((await berth.fleet.disk('default/cattle-2')).image).toBe(image.containerDisk);
    await berth.patch('cattle-2', { powerState: 'Stopped' });
    await still('cattle-2', 'Stopped');
    await berth.patch('cattle-2', { powerState: 'Running' });
    await still('cattle-2', 'Active');
    expect((await berth.fleet.disk('default/cattle-2')).image).toBe(image.containerDisk);
  });

  test('is refused with what is wrong, and nothing is touched', async () => {
    await berth.create('precious', onClass('immediate'));
    await still('precious', 'Active');
    await berth.fleet.write('default/precious', 'marker');
    const why = async (name: string, rebuild: object) => {
      await berth.action(name, 'precious', { rebuild });
      const { status } = await berth.ended(name, LONG);
      return `${status?.phase} ${status?.reason} ${status?.message}`;
    };
    expect(await why('no-image', { imageRef: { name: 'nowhere' } })).toContain(
      'Refused NotPossible rebuild.imageRef: Image nowhere does not exist',
    );
    const elsewhere = { containerDisk: 'docker.io/someone/disk:1' };
    expect(await why('no-place', { image: elsewhere })).toContain(
      'rebuild.image: docker.io/someone/disk:1 is from',
    );
    await download('huge', { minDiskGiB: 50 });
    await ready('huge');
    expect(await why('no-room', { imageRef: { name: 'huge' } })).toContain('needs a root disk of 50 GiB');
    const arm = { containerDisk: 'quay.io/containerdisks/arm:1', properties: { hw_architecture: 'aarch64' } };
    expect(await why('no-cpu', { image: arm })).toContain(
      'the image is for aarch64, and the Instance stays on node-',
    );
    const wide = { hw_architecture: 'x86_64', hw_maxphysaddr_bits: '64' };
    const image = { containerDisk: 'quay.io/containerdisks/wide:1', properties: wide };
    expect(await why('no-bits', { image })).toContain('does not take it: ImagePropertiesFilter');
    expect(await why('no-key', { keyPairRef: { name: 'lost' } })).toContain('KeyPair lost does not exist');
    expect(await written('precious')).toEqual(['marker']);
  });

  test('whose image cannot be had ends in Error, and another rebuild leads out of it, an operator killed in the middle', async () => {
    await berth.operators.at(-1)?.kill();
    const flags = ['--task-deadline', 'RebuildBlockDeviceMapping=8', '--image-source', 'docker://quay.io'];
    await berth.operator('second', flags);
    await berth.create('unlucky', onClass('immediate'));
    await still('unlucky', 'Active');
    const fault = { kind: 'import-fail', match: 'default/unlucky-root', message: 'manifest unknown' };
    await berth.fleet.addFault(fault);
    const image = { containerDisk: 'quay.io/containerdisks/lost:1' };
    await berth.action('rebuild-lost', 'unlucky', { rebuild: { image } });
    const failed = await berth.ended('rebuild-lost', LONG);
    expect(failed.status).toMatchObject({ phase: 'Failed' });
    const { status } = await still('unlucky', 'Error');
    expect(status?.fault?.message).toContain('manifest unknown');
    expect((await berth.claims()).get('Instance/unlucky')).toEqual([status?.nodeName]);
    await berth.fleet.clearFaults();
    await berth.operators.at(-1)?.kill();
    await berth.operator('third'); // with the usual deadlines
    await berth.fleet.addFault({ kind: 'import-slow', match: 'default/unlucky-root', delay: '10s' });
    await berth.action('rebuild-found', 'unlucky', { rebuild: {} });
    await berth.until('unlucky', ({ status: it }) => it?.taskState === 'RebuildBlockDeviceMapping', LONG);
    await berth.operators.at(-1)?.kill();
    await berth.operator('fourth');
    expect((await berth.ended('rebuild-found', LONG)).status?.phase).toBe('Succeeded');
    expect((await still('unlucky', 'Active')).status?.fault).toBeUndefined();
    expect((await berth.fleet.disk('default/unlucky')).image).toContain('lost:1');
  });
});

describe('create image', () => {
  test('of a guest that is off: what is made from it has what was written, and nothing else is done meanwhile', async () => {
    await berth.create('model', {
      ...onClass('wffc'), // has a file system, which takes its share of the volume
      image: { containerDisk: 'fedora', properties: { os_type: 'linux' } },
    });
    await still('model', 'Active');
    await berth.fleet.write('default/model', 'installed');
    await berth.action('too-early', 'model', { createImage: { name: 'too-early' } });
    const { status: refused } = await berth.ended('too-early', LONG);
    expect(refused).toMatchObject({ phase: 'Refused', reason: 'NotPossible' });
    expect(refused?.message).toContain('set powerState: Stopped');
    await berth.patch('model', { powerState: 'Stopped' });
    await still('model', 'Stopped');
    await berth.fleet.addFault({ kind: 'import-slow', match: 'default/image-installed', delay: '10s' });
    await berth.action('snap', 'model', { createImage: { name: 'installed' } });
    await berth.until('model', ({ status }) => status?.taskState === 'ImageUploading', LONG);
    await berth.patch('model', { powerState: 'Running' });
    expect((await berth.ended('snap', LONG)).status).toMatchObject({
      phase: 'Succeeded',
      message: 'Image installed',
    });
    await still('model', 'Active');
    const image = await berth.client.get<Image>(IMAGE, 'default/installed');
    expect(image.status?.sizeGiB).toBe(10);
    expect(image.spec).toMatchObject({ minDiskGiB: 10, properties: { os_type: 'linux' } });
    await berth.fleet.write('default/model', 'later');
    await berth.create('made-of-it', of('installed', 'wffc'));
    await still('made-of-it', 'Active');
    expect(await written('made-of-it')).toEqual(['installed']);
    await berth.delete('model');
    await berth.gone('model');
    await berth.action('rebuild-made', 'made-of-it', { rebuild: {} });
    expect((await berth.ended('rebuild-made', LONG)).status?.phase).toBe('Succeeded');
    await still('made-of-it', 'Active');
    expect(await written('made-of-it')).toEqual(['installed']);
  });

  test('is refused of an ephemeral root; fails on a name that is taken; cancelled, nothing is left', async () => {
    await berth.action('snap-cattle', 'cattle-2', { createImage: { name: 'cattle' } });
    const { status } = await berth.ended('snap-cattle', LONG);
    expect(status?.message).toContain('the root disk is ephemeral');
    await berth.patch('made-of-it', { powerState: 'Stopped' });
    await still('made-of-it', 'Stopped');
    await berth.action('snap-taken', 'made-of-it', { createImage: { name: 'installed' } });
    const taken = await berth.ended('snap-taken', LONG);
    expect(taken.status).toMatchObject({ phase: 'Failed' });
    expect(taken.status?.message).toContain('there is an Image installed already');
    await berth.fleet.addFault({ kind: 'import-slow', match: 'default/image-given-up', delay: '60s' });
    await berth.action('snap-cancelled', 'made-of-it', { createImage: { name: 'given-up' } });
    await berth.until('made-of-it', (it) => it.status?.taskState === 'ImageUploading', LONG);
    await berth.client.patch(
      INSTANCE_ACTION,
      'default/snap-cancelled',
      { spec: { cancel: true } },
      { type: 'merge' },
    );
    expect((await berth.ended('snap-cancelled', LONG)).status?.phase).toBe('Cancelled');
    await vi.waitFor(async () => {
      expect(await berth.exists(IMAGE, 'given-up')).toBe(false);
      expect(await berth.exists(DATA_VOLUME, 'image-given-up')).toBe(false);
    }, WAIT);
    expect((await still('made-of-it', 'Stopped')).status?.fault).toBeUndefined();
  });
});
