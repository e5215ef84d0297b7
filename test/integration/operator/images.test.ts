import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { DATA_VOLUME, type DataVolume } from '#adapters/kubevirt/types.ts';
import { IMAGE, type Image } from '#api/image.ts';
import type { Instance, InstanceSpec } from '#api/instance.ts';
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
    await berth.fleet.addFault({ kind: 'import-slow', match: 'default/image-golden', delay: '8s' });
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
  await berth.fleet.addFault({ kind: 'import-slow', match: 'default/copy-root', delay: '6s' });
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
