import { attachmentsOf } from '#adapters/kubernetes/attachments.ts';
import {
  defaultClass,
  type PersistentVolume,
  SELECTED_NODE_ANNOTATION,
} from '#adapters/kubernetes/storage.ts';
import { claimNameOf, isMadeFor } from '#adapters/kubevirt/plugged-volumes.ts';
import { VOLUME_LABEL } from '#api/constants.ts';
import type { Instance } from '#api/instance.ts';
import { claimOfDisk, ROOT, rootClaimOf } from '#core/lifecycle/disk-record.ts';
import { isBuilt } from '#core/lifecycle/situation.ts';
import { type VolumeFacts, volumeSelectors } from '#core/placement/volumes.ts';
import { type NodeSelector, selectsNode } from '#core/scheduling/node-selector.ts';
import type { KubeObject } from '#runtime/resource.ts';
import type { Caches } from '../caches.ts';

type StorageCaches = Pick<Caches, 'volumes' | 'volumeClaims' | 'storageClasses'>;
type DiskCaches = Pick<Caches, 'volumes' | 'volumeClaims' | 'nodes'>;

/** A volume by its claim; the class is asked for where there is none yet. */
interface Asked {
  name: string;
  claimName: string;
  storageClassName: string | undefined;
}

/**
 * Where an Instance's volumes let its guest run: each as it is or as it will be. The volume that an image is cloned from has no
 * say: kube-scheduler asks for the clone's place alone (ADR 0031). It does not ask for those that KubeVirt plugs at all: their
 * pods follow the guest (ADR 0065).
 */
export function volumesOf(
  caches: StorageCaches,
  instance: Instance,
  { copied = [] }: { copied?: readonly string[] } = {},
): NodeSelector[] {
  const all = [...rootDisk(instance), ...others(caches, instance)];
  const facts = all.map((it) =>
    copied.includes(it.name)
      ? unboundFacts(caches, classNameOf(caches, instance, it))
      : volumeFacts(caches, instance, it),
  );
  return volumeSelectors(facts);
}

/** Of another volume like this one, which is to be made. */
const classNameOf = ({ volumeClaims }: StorageCaches, { metadata }: Instance, asked: Asked) =>
  volumeClaims.get(`${metadata.namespace}/${asked.claimName}`)?.spec.storageClassName ??
  asked.storageClassName;

function rootDisk(instance: Instance): Asked[] {
  const { ephemeral, storageClassName } = instance.spec.rootDisk;
  return ephemeral ? [] : [{ name: ROOT, claimName: rootClaimOf(instance), storageClassName }];
}

/** Of an Instance that has been built, those that it has: one that waits to be attached must not draw it elsewhere. */
function others({ volumeClaims }: StorageCaches, instance: Instance): Asked[] {
  const { namespace, uid } = instance.metadata;
  const asked = (instance.spec.volumes ?? []).map((entry) => ({
    name: entry.name,
    claimName: claimNameOf(instance, entry),
    storageClassName: entry.blank?.storageClassName,
  }));
  if (!isBuilt(instance) || instance.status?.shelved) return asked;
  return asked.filter(({ claimName }) => {
    const claim = volumeClaims.get(`${namespace}/${claimName}`);
    return claim && attachmentsOf(claim).some((it) => it.uid === uid);
  });
}

export function volumeFacts(
  caches: StorageCaches,
  instance: Instance,
  { claimName, storageClassName }: Omit<Asked, 'name'>,
): VolumeFacts {
  const { volumes, volumeClaims } = caches;
  const found = volumeClaims.get(`${instance.metadata.namespace}/${claimName}`);
  const claim = found?.metadata.deletionTimestamp ? undefined : found;
  if (claim?.spec.volumeName) {
    return { bound: true, affinity: reachOf(volumes.get(claim.spec.volumeName)) };
  }
  return {
    ...unboundFacts(caches, claim?.spec.storageClassName ?? storageClassName),
    selectedNode: claim?.metadata.annotations?.[SELECTED_NODE_ANNOTATION],
  };
}

/** Disks that were made for the Instance, by name, which a node does not reach: all that are tied to some, if there is no such node. */
export function disksOutOfReach(caches: DiskCaches, instance: Instance, nodeName: string): string[] {
  const node = caches.nodes.get(nodeName);
  return ownDisks(caches, instance)
    .filter(({ reach }) => !node || !selects(reach, node))
    .map(({ name }) => name);
}

/** Those of them that are on the disk of a node, which no other reaches. */
export function disksOfOneNode(caches: DiskCaches, instance: Instance): string[] {
  const nodes = caches.nodes.list();
  const isAlone = (reach: NodeSelector) => nodes.filter((node) => selects(reach, node)).length === 1;
  return ownDisks(caches, instance)
    .filter(({ reach }) => isAlone(reach))
    .map(({ name }) => name);
}

/** Does the node reach the volume of a claim? undefined: nobody knows yet where that is. */
export function reaches(
  { volumes, volumeClaims, nodes }: DiskCaches,
  claimKey: string,
  nodeName: string,
): boolean | undefined {
  const claim = volumeClaims.get(claimKey);
  const [volume, node] = [volumes.get(claim?.spec.volumeName ?? ''), nodes.get(nodeName)];
  if (!volume || !node) return undefined;
  const reach = reachOf(volume);
  return !reach || selects(reach, node);
}

/** From where a volume is reached, where that is not everywhere. */
const reachOf = (volume: PersistentVolume | undefined): NodeSelector | undefined =>
  volume?.spec.nodeAffinity?.required?.nodeSelectorTerms;

const selects = (reach: NodeSelector, { metadata }: KubeObject): boolean =>
  selectsNode(reach, metadata.name, metadata.labels);

/** The root disk, and the blank volumes that it has, listed or not: those whose volume says from where it is reached. */
function ownDisks({ volumes, volumeClaims }: DiskCaches, instance: Instance) {
  const { namespace, uid } = instance.metadata;
  const claims = volumeClaims.byIndex('attachedTo', uid).filter((it) => it.metadata.namespace === namespace);
  const isShared = (it: KubeObject) => attachmentsOf(it).some(({ shared }) => shared);
  const blank = claims.flatMap((it) => (isShared(it) ? [] : (it.metadata.labels?.[VOLUME_LABEL] ?? [])));
  const names = [ROOT, ...new Set(blank)];
  return names.flatMap((name) => {
    const claim = volumeClaims.get(`${namespace}/${claimOfDisk(instance, name)}`);
    if (!claim || !(name === ROOT || isMadeFor(claim, instance, name))) return [];
    const reach = reachOf(volumes.get(claim.spec.volumeName ?? ''));
    return reach ? [{ name, reach }] : [];
  });
}

function unboundFacts({ storageClasses }: StorageCaches, className: string | undefined): VolumeFacts {
  const storageClass =
    className === undefined ? defaultClass(storageClasses.list()) : storageClasses.get(className);
  return { bound: false, topologies: storageClass?.allowedTopologies };
}
