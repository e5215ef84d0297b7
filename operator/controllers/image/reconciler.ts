import { PERSISTENT_VOLUME_CLAIM } from '#adapters/kubernetes/storage.ts';
import { ChecksumNotVerified, createDataVolume } from '#adapters/kubevirt/data-volumes.ts';
import {
  CDI_CONFIG,
  CDI_CONFIG_KEY,
  type CdiConfig,
  diskGiBOf,
  fileSystemShare,
  type SizedClaim,
} from '#adapters/kubevirt/disk-room.ts';
import { imageVolumeManifest, imageVolumeView, isVolumeOf } from '#adapters/kubevirt/image-volume.ts';
import { DATA_VOLUME, type DataVolume } from '#adapters/kubevirt/types.ts';
import { FIELD_MANAGERS, IMAGE_FINALIZER } from '#api/constants.ts';
import { IMAGE, type Image } from '#api/image.ts';
import { type ImageSources, whyNotAllowed } from '#core/images/allow-list.ts';
import { imageClaimName } from '#core/images/built-image.ts';
import { imageStatus, type Obstacle } from '#core/images/standing.ts';
import { applyIfChanged } from '#runtime/apply.ts';
import type { KubeClient } from '#runtime/client.ts';
import type { ReconcileContext, Reconciler, Requeue } from '#runtime/controller.ts';
import { type ApiError, isAlreadyExists, unlessMissing } from '#runtime/errors.ts';
import { type Key, keyOf } from '#runtime/resource.ts';
import { type Caches, INDEXERS } from '../caches.ts';
import type { HeldImages } from './held-images.ts';

export interface ImageDependencies {
  client: KubeClient;
  caches: Caches;
  held: HeldImages;
  allowed: ImageSources;
  now(): Date;
}

/** Nobody tells when a claim comes that is waited for, or a checksum is verified by now. */
const LOOK_AGAIN_MS = 10_000;
const NODES_COUNTED_MS = 30_000;

/** What came of a look: the volume if there is one, or why there is none. */
interface Made {
  volume?: DataVolume | undefined;
  obstacle?: Obstacle | undefined;
}

/** Sees to the volume that holds an Image, once, and says in its status how far it is. */
export function imageReconciler(deps: ImageDependencies): Reconciler {
  return {
    name: 'image',
    async reconcile(key, { log }: ReconcileContext): Promise<Requeue | undefined> {
      const image = deps.caches.images.get(key);
      if (!image) return undefined;
      const copies = await copiesOf(deps, image);
      if (image.metadata.deletionTimestamp && copies === 0) return letGo(deps, image);
      const made = image.metadata.deletionTimestamp ? {} : await make(deps, image);
      await tell(deps, image, made, copies);
      if (made.obstacle) log.debug({ reason: made.obstacle.reason }, made.obstacle.message);
      if (made.obstacle || image.metadata.deletionTimestamp) return { requeueAfterMs: LOOK_AGAIN_MS };
      return image.spec.source.containerDisk === undefined ? undefined : { requeueAfterMs: NODES_COUNTED_MS };
    },
  };
}

const claimKey = ({ metadata }: Image): Key => `${metadata.namespace}/${imageClaimName(metadata.name)}`;

/** Root disks that are being cloned from it. The cache need not know yet of one that was just begun: none is the API server's word. */
async function copiesOf({ client, caches }: ImageDependencies, image: Image): Promise<number> {
  const { namespace, deletionTimestamp, finalizers = [] } = image.metadata;
  const source = claimKey(image);
  const known = caches.dataVolumes.byIndex('source', source).length;
  if (known > 0 || !deletionTimestamp || !finalizers.includes(IMAGE_FINALIZER)) return known;
  const { items } = await client.list<DataVolume>(DATA_VOLUME, namespace === undefined ? {} : { namespace });
  return items.filter((it) => INDEXERS.dataVolumes.source(it).includes(source)).length;
}

async function make(deps: ImageDependencies, image: Image): Promise<Made> {
  const { caches, allowed } = deps;
  const { source } = image.spec;
  const there = caches.dataVolumes.get(claimKey(image));
  if (there && isVolumeOf(there, image)) return { volume: there };
  const refused = whyNotAllowed(source, allowed);
  if (refused !== undefined) return { obstacle: { reason: 'SourceNotAllowed', message: refused } };
  if (source.containerDisk !== undefined) return {};
  const sizeGiB = await sizeOf(deps, image);
  if (sizeGiB === undefined) {
    const message = `source.pvc: there is no claim ${source.pvc?.name}: create it, and this goes on by itself`;
    return { obstacle: { reason: 'SourceNotFound', message } };
  }
  await ensureFinalizer(deps, image);
  return create(deps, image, sizeGiB);
}

async function create(deps: ImageDependencies, image: Image, sizeGiB: number): Promise<Made> {
  const { client, caches } = deps;
  try {
    const volume = await createDataVolume(client, imageVolumeManifest(image, sizeGiB));
    caches.dataVolumes.put(volume);
    return { volume };
  } catch (error) {
    if (error instanceof ChecksumNotVerified)
      return { obstacle: { reason: 'ChecksumNotVerified', message: error.message } };
    if (!isAlreadyExists(error)) throw error;
    return inTheWay(deps, image, error);
  }
}

/** The cache may not know yet of what was made before. */
async function inTheWay({ client, caches }: ImageDependencies, image: Image, error: ApiError): Promise<Made> {
  const there = await unlessMissing(client.get<DataVolume>(DATA_VOLUME, claimKey(image)));
  if (!there) throw error; // it is gone by now: create it again
  if (isVolumeOf(there, image)) {
    caches.dataVolumes.put(there);
    return { volume: there };
  }
  const message = `a DataVolume ${imageClaimName(image.metadata.name)} that is not this Image's is in the way: remove it`;
  return { obstacle: { reason: 'NameConflict', message } };
}

/** Of the volume: room for the disk that the source holds, and no smaller than what Flavors are asked for. */
async function sizeOf({ client }: ImageDependencies, { metadata, spec }: Image): Promise<number | undefined> {
  const { pvc } = spec.source;
  if (!pvc) return spec.minDiskGiB;
  const [claim, config] = await Promise.all([
    unlessMissing(client.get<SizedClaim>(PERSISTENT_VOLUME_CLAIM, `${metadata.namespace}/${pvc.name}`)),
    unlessMissing(client.get<CdiConfig>(CDI_CONFIG, CDI_CONFIG_KEY)),
  ]);
  return claim && Math.max(1, spec.minDiskGiB, Math.ceil(diskGiBOf(claim, fileSystemShare(config, claim))));
}

async function ensureFinalizer({ client, caches }: ImageDependencies, image: Image): Promise<void> {
  const { finalizers = [], resourceVersion } = image.metadata;
  if (finalizers.includes(IMAGE_FINALIZER)) return;
  const patch = { metadata: { resourceVersion, finalizers: [...finalizers, IMAGE_FINALIZER] } };
  caches.images.put(await client.patch<Image>(IMAGE, keyOf(image), patch, { type: 'merge' }));
}

/** The volume goes with the Image, by the garbage collector. */
async function letGo({ client }: ImageDependencies, image: Image): Promise<undefined> {
  const { finalizers = [], resourceVersion } = image.metadata;
  if (!finalizers.includes(IMAGE_FINALIZER)) return undefined;
  const patch = {
    metadata: { resourceVersion, finalizers: finalizers.filter((it) => it !== IMAGE_FINALIZER) },
  };
  await unlessMissing(client.patch<Image>(IMAGE, keyOf(image), patch, { type: 'merge' }));
  return undefined;
}

async function tell(
  { client, caches, held, now }: ImageDependencies,
  image: Image,
  { volume, obstacle }: Made,
  copies: number,
): Promise<void> {
  const { containerDisk } = image.spec.source;
  const status = imageStatus({
    image,
    volume: volume && imageVolumeView(volume),
    nodes: containerDisk === undefined ? 0 : held.countOf(containerDisk),
    obstacle,
    copies,
    now: now(),
  });
  const { name, namespace, uid } = image.metadata;
  const options = { fieldManager: FIELD_MANAGERS.image, force: true, subresource: 'status' };
  await unlessMissing(
    applyIfChanged(client, IMAGE, caches.images, { metadata: { name, namespace, uid }, status }, options),
  );
}
