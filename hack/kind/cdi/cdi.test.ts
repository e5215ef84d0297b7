import { describe, expect, test } from 'vitest';
import { bytesOf, claimOf, wantsMore, wantsVolume } from './claims.ts';
import { importerPod, unsupported } from './importer-pod.ts';
import type { Claim, DataVolume, Pod, Source, World } from './kinds.ts';
import { progressOf, sourceInUse, statusOf } from './progress.ts';

const GIB = 2 ** 30;
const dataVolume = (source: Source): DataVolume => ({
  metadata: { name: 'root', namespace: 'a', uid: 'u1', labels: { of: 'pet' } },
  spec: { source, storage: { resources: { requests: { storage: '1Gi' } } } },
});
const claim = (spec: Partial<Claim['spec']>, status?: Claim['status']): Claim => ({
  metadata: { name: 'root', namespace: 'a', uid: 'u2' },
  spec: { storageClassName: 'shared', resources: { requests: { storage: '2Gi' } }, ...spec },
  status,
});
const REGISTRY = { registry: { url: 'docker://x/y:1' } };
const BOUND = claim({ volumeName: 'pvc-u2' }, { phase: 'Bound', capacity: { storage: '1Gi' } });

describe('a claim', () => {
  test('is larger than the disk that it is to hold, and can be shared unless told otherwise', () => {
    const { metadata, spec } = claimOf(dataVolume(REGISTRY)) as Claim;
    expect(bytesOf(spec.resources?.requests?.storage ?? '')).toBeGreaterThan(GIB / 0.94 - 1);
    expect(spec).toMatchObject({ accessModes: ['ReadWriteMany'], volumeMode: 'Filesystem' });
    expect(metadata).toMatchObject({ labels: { of: 'pet' }, ownerReferences: [{ uid: 'u1' }] });
  });

  test('gets a volume of its class once, and none as a block device', () => {
    expect(wantsVolume(claim({}), ['shared'])).toBe(true);
    expect(wantsVolume(claim({ storageClassName: 'other' }), ['shared'])).toBe(false);
    expect(wantsVolume(claim({ volumeMode: 'Block' }), ['shared'])).toBe(false);
    expect(wantsVolume(BOUND, ['shared'])).toBe(false);
  });

  test('grows when it asks for more', () => {
    const volume = { metadata: BOUND.metadata, spec: { capacity: { storage: '1Gi' } } };
    expect(wantsMore(BOUND, volume)).toBe(true);
    expect(wantsMore(BOUND, { ...volume, spec: { capacity: { storage: '2Gi' } } })).toBe(true);
    const grown = { ...BOUND, status: { phase: 'Bound', capacity: { storage: '2Gi' } } };
    expect(wantsMore(grown, { ...volume, spec: { capacity: { storage: '2048Mi' } } })).toBe(false);
  });
});

describe('the pod that fills it', () => {
  const images = { tools: 'tools:1', qemu: 'qemu:1' };
  const podFor = (source: Source) => JSON.stringify(importerPod(dataVolume(source), BOUND, images));

  test('runs the image of a container disk to copy out of it', () => {
    expect(podFor(REGISTRY)).toContain('"image":"x/y:1"');
    expect(podFor(REGISTRY)).toContain('qemu-img convert');
  });

  test('reads another claim, or makes an empty disk of the size asked for', () => {
    expect(podFor({ pvc: { namespace: 'a', name: 'from' } })).toContain('"claimName":"from"');
    expect(podFor({ blank: {} })).toContain(`qemu-img create -f raw /data/disk.img.part ${GIB}`);
  });

  test('is not made for a source that the stand-in does not have, which it says', () => {
    const http = dataVolume({ http: { url: 'https://x' } });
    expect(unsupported(http.spec.source)).toContain('not http');
    const how = progressOf(http, BOUND, undefined);
    expect(statusOf(http, BOUND, how, 'now').conditions).toContainEqual(
      expect.objectContaining({ type: 'Running', status: 'False', reason: 'Error' }),
    );
  });
});

describe('how far it is', () => {
  const pod = (phase: string, claimName = 'root'): Pod => ({
    metadata: { name: 'p', namespace: 'a', uid: 'u3' },
    spec: { volumes: [{ persistentVolumeClaim: { claimName } }] },
    status: { phase },
  });

  test('goes from the claim over the pod to its end', () => {
    const at = (...args: [Claim?, Pod?]) => progressOf(dataVolume(REGISTRY), args[0], args[1]).phase;
    expect([at(), at(BOUND), at(BOUND, pod('Running')), at(BOUND, pod('Succeeded'))]).toEqual([
      'Pending',
      'ImportScheduled',
      'ImportInProgress',
      'Succeeded',
    ]);
  });

  test('a copy waits while a pod has its source', () => {
    const copy = dataVolume({ pvc: { namespace: 'a', name: 'from' } });
    const world = (...pods: Pod[]) => ({ pods }) as World;
    expect(sourceInUse(copy, world(pod('Running', 'from')))).toBe(true);
    expect(sourceInUse(copy, world(pod('Succeeded', 'from'), pod('Running', 'other')))).toBe(false);
  });
});
