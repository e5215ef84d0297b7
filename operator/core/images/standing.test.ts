import { describe, expect, test } from 'vitest';
import type { Image } from '#api/image.ts';
import { imageFrom, isUsable, whyUnusable } from './built-image.ts';
import { type ImageView, imageStatus } from './standing.ts';

function image(spec: Partial<Image['spec']> = {}, rest: Partial<Image> = {}): Image {
  return {
    apiVersion: 'compute.berth.dev/v1alpha1',
    kind: 'Image',
    metadata: {
      name: 'golden',
      namespace: 'default',
      uid: 'uid-golden',
      resourceVersion: '1',
      generation: 3,
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: { source: { http: { url: 'https://images.example/a' } }, minDiskGiB: 5, minMemoryMiB: 0, ...spec },
    ...rest,
  };
}

const look = (changes: Partial<ImageView> = {}) =>
  imageStatus({
    image: image(),
    volume: undefined,
    nodes: 0,
    obstacle: undefined,
    copies: 0,
    now: new Date('2026-01-01T01:00:00Z'),
    ...changes,
  });

const volume = (phase: string, progress?: string, failure?: string) => ({
  phase,
  progress,
  failure,
  sizeGiB: 5,
});

describe.each([
  ['Pending', undefined, 'Pending'],
  ['WaitForFirstConsumer', 'N/A', 'Pending'],
  ['ImportScheduled', 'N/A', 'Downloading'],
  ['ImportInProgress', '47.11%', 'Downloading'],
  ['CloneScheduled', 'N/A', 'Copying'],
  ['CSICloneInProgress', 'N/A', 'Copying'],
  ['SnapshotForSmartCloneInProgress', 'N/A', 'Copying'],
  ['Failed', undefined, 'Failed'],
  ['Succeeded', '100.0%', 'Ready'],
])('a volume in phase %s', (phase, progress, stage) => {
  test(`is ${stage}`, () => {
    const status = look({ volume: volume(phase, progress) });
    expect(status).toMatchObject({ stage, sizeGiB: 5, format: 'raw', claimName: 'image-golden' });
    expect(status.conditions?.[0]?.status).toBe(stage === 'Ready' ? 'True' : 'False');
    expect(status.conditions?.length).toBe(stage === 'Ready' ? 1 : 2);
  });
});

test('progress is told in tens, not with every tick', () => {
  expect(look({ volume: volume('ImportInProgress', '47.11%') }).progressPercent).toBe(40);
  expect(look({ volume: volume('ImportInProgress', '49.99%') })).toEqual(
    look({ volume: volume('ImportInProgress', '40.00%') }),
  );
});

test('a failure of the import says why, and that CDI tries again', () => {
  const { stage, conditions } = look({ volume: volume('ImportInProgress', 'N/A', '404 Not Found') });
  expect(stage).toBe('Failed');
  expect(conditions?.[0]).toMatchObject({ reason: 'ImportFailed' });
  expect(conditions?.[0]?.message).toContain('404 Not Found. CDI tries again');
  expect(conditions?.[1]?.type).toBe('Reconciling');
});

test('a container disk is ready at once, and cached where nodes hold it', () => {
  const spec = { source: { containerDisk: 'example/disk:1' }, minDiskGiB: 0 };
  expect(look({ image: image(spec) })).toMatchObject({ stage: 'Ready', nodes: 0 });
  expect(look({ image: image(spec), nodes: 3 })).toMatchObject({ stage: 'Cached', nodes: 3 });
  const said = (nodes: number) => look({ image: image(spec), nodes }).conditions?.[0]?.message;
  expect([said(1), said(2)]).toEqual(['1 node holds it already', '2 nodes hold it already']);
});

test('deleted, it says how many copies it waits for', () => {
  const gone = image();
  gone.metadata.deletionTimestamp = '2026-01-01T00:30:00Z';
  const said = (copies: number) => look({ image: gone, copies }).conditions?.[0]?.message;
  expect(said(1)).toBe('it goes once 1 root disk that is being cloned from it is full');
  expect(said(2)).toBe('it goes once 2 root disks that are being cloned from it are full');
});

test('what is not to be had does not get on by itself', () => {
  const { stage, conditions } = look({ obstacle: { reason: 'SourceNotAllowed', message: 'no' } });
  expect(stage).toBe('Failed');
  expect(conditions?.map(({ type }) => type)).toEqual(['Ready', 'Stalled']);
  const waiting = look({ obstacle: { reason: 'SourceNotFound', message: 'no claim' } });
  expect(waiting.conditions?.map(({ type }) => type)).toEqual(['Ready', 'Reconciling']);
});

test('as root disks are made from it: its claim, its size, its properties', () => {
  const spec = { architecture: 'amd64' as const, properties: { os_type: 'linux' }, minMemoryMiB: 512 };
  expect(imageFrom(image(spec, { status: look({ volume: volume('Succeeded') }) }))).toEqual({
    name: 'golden',
    pvc: { name: 'image-golden' },
    properties: { os_type: 'linux', hw_architecture: 'amd64' },
    minDiskGiB: 5,
    minMemoryMiB: 512,
  });
});

test('is usable once it is ready, and says what it waits for until then', () => {
  expect(isUsable(image({}, { status: look({ volume: volume('Succeeded') }) }))).toBe(true);
  const importing = image({}, { status: look({ volume: volume('ImportInProgress', '47.11%') }) });
  expect(isUsable(importing)).toBe(false);
  expect(whyUnusable(importing)).toBe('is not ready: Downloading: CDI says ImportInProgress, 40 %');
  expect(whyUnusable(image())).toContain('nobody has looked at it yet');
});
