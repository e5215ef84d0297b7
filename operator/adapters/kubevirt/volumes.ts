import { type Attachment, attachedTo, attachmentsOf, inTheWay } from '#adapters/kubernetes/attachments.ts';
import { PERSISTENT_VOLUME_CLAIM, type PersistentVolumeClaim } from '#adapters/kubernetes/storage.ts';
import { ATTACHED_TO_ANNOTATION } from '#api/constants.ts';
import type { Instance } from '#api/instance.ts';
import type { VolumeSpec } from '#api/instance-volumes.ts';
import type { VolumeToRelease } from '#core/lifecycle/volume-view.ts';
import type { KubeClient } from '#runtime/client.ts';
import { isAlreadyExists, isConflict, isNotFound, unlessMissing } from '#runtime/errors.ts';
import { type Key, type KubeObject, keyOf } from '#runtime/resource.ts';
import { blankVolumeManifest, claimNameOf, isMadeFor } from './plugged-volumes.ts';
import { DATA_VOLUME } from './types.ts';

export interface VolumeDependencies {
  client: KubeClient;
  /** Shown each claim that was written, so that the cache does not lag behind it. */
  seen(claim: PersistentVolumeClaim): void;
  /** Is there an Instance of this uid? */
  lives(uid: string): boolean;
}

/**
 * Makes a volume if it is a blank one, and writes on its claim that the Instance has it: by compare-and-swap, so that of
 * two Instances that want it at the same time one gets it.
 * @throws where another one has it, or something else of its name is in the way.
 */
export async function reserveVolume(
  deps: VolumeDependencies,
  instance: Instance,
  entry: VolumeSpec,
  requestId: string,
): Promise<void> {
  const { client } = deps;
  const { uid, name, namespace } = instance.metadata;
  if (entry.blank && (await makeBlank(client, instance, entry, requestId)) === 'made') return;
  const key: Key = `${namespace}/${claimNameOf(instance, entry)}`;
  const claim = await unlessMissing(client.get<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIM, key));
  if (!claim && entry.blank) return; // CDI makes it, with the record that the DataVolume has
  if (!claim) throw new Error(`PersistentVolumeClaim ${key} is gone`);
  const attachments = attachmentsOf(claim);
  const wanted: Attachment = { name, uid, shared: entry.shareable ?? false };
  const other = inTheWay(attachments, wanted, deps.lives);
  if (other) throw new Error(`PersistentVolumeClaim ${key} is attached to Instance ${other.name}`);
  const living = attachments.filter((it) => it.uid !== uid && deps.lives(it.uid));
  await record(deps, claim, [...living, wanted]);
}

/** One that was kept when an Instance of this name went is taken up again. */
async function makeBlank(client: KubeClient, instance: Instance, entry: VolumeSpec, requestId: string) {
  const manifest = blankVolumeManifest(instance, entry, requestId);
  try {
    await client.create(DATA_VOLUME, manifest);
    return 'made';
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
  const there = await client.get<KubeObject>(DATA_VOLUME, keyOf(manifest));
  if (isMadeFor(there, instance, entry.name) && !there.metadata.deletionTimestamp) return 'there';
  const what = there.metadata.deletionTimestamp ? 'is being deleted' : 'was not made for this volume';
  throw new Error(`a DataVolume ${keyOf(manifest)} is in the way that ${what}: remove it`);
}

async function record(
  { client, seen }: VolumeDependencies,
  claim: PersistentVolumeClaim,
  attachments: readonly Attachment[],
): Promise<void> {
  const value = attachedTo(attachments);
  if (value === (claim.metadata.annotations?.[ATTACHED_TO_ANNOTATION] ?? null)) return;
  const { resourceVersion } = claim.metadata;
  const patch = { metadata: { resourceVersion, annotations: { [ATTACHED_TO_ANNOTATION]: value } } };
  seen(
    await client.patch<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIM, keyOf(claim), patch, {
      type: 'merge',
    }),
  );
}

/** Takes the Instance off the claims; deletes those that were made for it and are to go with it. */
export async function releaseVolumes(
  deps: VolumeDependencies,
  instance: Instance,
  volumes: readonly VolumeToRelease[],
): Promise<void> {
  for (const { name, claimName, made, deleteOnTermination } of volumes) {
    const key: Key = `${instance.metadata.namespace}/${claimName}`;
    if (made && deleteOnTermination) await deleteBlank(deps.client, instance, name, key);
    await forget(deps, instance, key); // a claim takes its time to follow its DataVolume
  }
}

/**
 * A claim that changes at the same moment, as one does that follows its DataVolume, is looked at again: given up here, the rest of the
 * list would be released by another try, which knows no more of what was released before.
 */
async function forget(deps: VolumeDependencies, instance: Instance, key: Key): Promise<void> {
  for (let left = MOST_LOOKS; left > 0; left--) {
    const claim = await unlessMissing(deps.client.get<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIM, key));
    if (!claim) return;
    if (claim.metadata.deletionTimestamp) return deps.seen(claim);
    const others = attachmentsOf(claim).filter(({ uid }) => uid !== instance.metadata.uid);
    try {
      return await record(deps, claim, others);
    } catch (error) {
      if (left === 1 || !(isConflict(error) || isNotFound(error))) throw error;
    }
  }
}

const MOST_LOOKS = 5;

/** CDI's claim goes with it. */
export async function deleteBlank(
  client: KubeClient,
  instance: Instance,
  name: string,
  key: Key,
): Promise<void> {
  const there = await unlessMissing(client.get<KubeObject>(DATA_VOLUME, key));
  if (!there || there.metadata.deletionTimestamp || !isMadeFor(there, instance, name)) return;
  const { uid } = there.metadata;
  await unlessMissing(client.delete(DATA_VOLUME, key, { preconditions: { uid } }));
}
