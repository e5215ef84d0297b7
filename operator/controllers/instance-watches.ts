import { attachmentsOf } from '#adapters/kubernetes/attachments.ts';
import type { PersistentVolumeClaim } from '#adapters/kubernetes/storage.ts';
import type { Node } from '#adapters/kubernetes/types.ts';
import type { ComputeNode } from '#api/computenode.ts';
import { INSTANCE_LABEL, VOLUME_LABEL } from '#api/constants.ts';
import type { Instance } from '#api/instance.ts';
import type { ServerGroup } from '#api/servergroup.ts';
import { whyLost } from '#core/computenode/lost.ts';
import { reservationsOf, sameReservations } from '#core/groups/reservations.ts';
import { isBuilt } from '#core/lifecycle/situation.ts';
import { type Watch, watch } from '#runtime/mapping.ts';
import { type Key, type KubeObject, keyOf } from '#runtime/resource.ts';
import { type Caches, guestKeyOf, instanceByUid, instanceUidOf } from './caches.ts';
import { nodeFactsOf } from './fence/node-facts.ts';
import { changedClaims, isNewSpec, sameLabels } from './news.ts';
import { hasSameConstraints } from './placement/node-facts.ts';
import { instanceKeyOf } from './request/requests-of.ts';

/** Which changes make which Instance be looked at again. */
export function instanceWatches(caches: Caches, waiting: Set<Key>): Watch[] {
  const owner = (object: KubeObject): Key[] => keysOf(instanceByUid(caches, instanceUidOf(object) ?? ''));
  /** Of a volume that an earlier Instance kept: the one that has its name now. */
  const ofItsName = (object: KubeObject): Key[] =>
    object.metadata.labels?.[VOLUME_LABEL] === undefined
      ? []
      : keysOf(caches.instances.get(creatorOf(object) ?? ''));
  const sameName = (object: KubeObject): Key[] => keysOf(caches.instances.get(keyOf(object)));
  const hintedBy = (instance: Instance): Key[] =>
    caches.instances.byIndex('hinted', keyOf(instance)).map(keyOf);
  const waitingOf = (group: ServerGroup): Key[] =>
    caches.instances
      .byIndex('serverGroup', keyOf(group))
      .map(keyOf)
      .filter((key) => waiting.has(key));
  return [
    watch(caches.instances, (instance, old) => [keyOf(instance), ...(old ? [] : hintedBy(instance))]),
    watch(caches.instanceActions, (it) => [instanceKeyOf(it)]),
    watch(caches.instanceMigrations, (it) => [instanceKeyOf(it)]),
    watch(caches.serverGroups, (group, old) =>
      isNewSpec(group, old) ? caches.instances.byIndex('serverGroup', keyOf(group)).map(keyOf) : [],
    ),
    watch(caches.serverGroups, (group, old) =>
      old && !sameReservations(reservationsOf(group), reservationsOf(old)) ? waitingOf(group) : [],
    ),
    watch(caches.vms, sameName),
    watch(caches.vmis, sameName),
    watch(caches.migrations, (it) => keysOf(caches.instances.get(guestKeyOf(it)))),
    watch(caches.pods, owner),
    watch(caches.dataVolumes, (it) => [...owner(it), ...ofItsName(it)]),
    watch(caches.networkDefinitions, (it) =>
      caches.instances.byIndex('networkDefinition', keyOf(it)).map(keyOf),
    ),
    watch(caches.volumeClaims, (claim, old) =>
      [claim, ...(old ? [old] : [])].flatMap((it) => volumeOf(caches, it)),
    ),
    watch(caches.flavors, (flavor, old) =>
      isNewSpec(flavor, old) ? caches.instances.byIndex('flavor', flavor.metadata.name).map(keyOf) : [],
    ),
    watch(caches.images, (image) => keysOf(caches.instances.get(creatorOf(image) ?? ''))),
    watch(caches.images, (image) => unbuilt(caches.instances.byIndex('image', keyOf(image)))),
    watch(caches.keyPairs, (keyPair) => caches.instances.byIndex('keyPair', keyOf(keyPair)).map(keyOf)),
    watch(caches.schedulerProfiles, (profile, old) =>
      isNewSpec(profile, old) ? unplaced(caches.instances.list()) : [],
    ),
    watch(caches.namespaces, (namespace, old) =>
      sameLabels(namespace, old)
        ? []
        : unplaced(caches.instances.list().filter((it) => it.metadata.namespace === namespace.metadata.name)),
    ),
    watch(caches.computeNodes, (node, old) => (hasMoreRoom(node, old) ? [...waiting] : [])),
    watch(caches.aggregates, () => [...waiting]),
    watch(caches.storageClasses, () => [...waiting]),
    watch(caches.kubeVirts, (kubeVirt, old) =>
      isNewSpec(kubeVirt, old)
        ? [...unplaced(caches.instances.list()), ...withVolumes(caches.instances.list())]
        : [],
    ),
    watch(caches.nodes, (node, old) => (old && !hasSameConstraints(node, old) ? [...waiting] : [])),
    watch(caches.nodes, (node, old) =>
      isReporting(node) === (old && isReporting(old))
        ? []
        : caches.pods.byIndex('node', node.metadata.name).flatMap(owner),
    ),
    watch(caches.computeNodes, (node, old) =>
      whyLost(node) === whyLost(old) ? [] : caches.pods.byIndex('node', node.metadata.name).flatMap(owner),
    ),
    watch(caches.ledgers, (ledger, old) => {
      const changed = [...ledger.spec.claims, ...(old?.spec.claims ?? [])].map((it) => it.instanceUid);
      const fewer = old !== undefined && ledger.spec.claims.length < old.spec.claims.length;
      const own = fewer ? changed.flatMap((uid) => keysOf(instanceByUid(caches, uid))) : [];
      const hinted = changedClaims(ledger, old).flatMap(({ instanceUid }) =>
        caches.instances.byIndex('uid', instanceUid).flatMap(hintedBy),
      );
      return fewer || !old ? [...waiting, ...own] : [...own, ...hinted.filter((key) => waiting.has(key))];
    }),
  ];
}

/** The Instances that name a claim in spec.volumes, and those that have it. */
const volumeOf = (caches: Caches, claim: PersistentVolumeClaim): Key[] => [
  ...caches.instances.byIndex('volumeClaim', keyOf(claim)).map(keyOf),
  ...attachmentsOf(claim).flatMap(({ uid }) => keysOf(instanceByUid(caches, uid))),
];

/** What KubeVirt plugs into a guest that runs depends on its settings. */
const withVolumes = (instances: readonly Instance[]): Key[] =>
  instances.filter(({ spec }) => spec.volumes !== undefined).map(keyOf);

const isReporting = (node: Node): boolean => nodeFactsOf(node, undefined).node?.ready ?? false;

/** Instances that a change of profiles can make a difference to now. */
const unplaced = (instances: readonly Instance[]): Key[] =>
  instances.filter(({ status }) => status?.nodeName === undefined).map(keyOf);

/** Instances that an Image can make a difference to, also while they hold a place already. */
const unbuilt = (instances: readonly Instance[]): Key[] => instances.filter((it) => !isBuilt(it)).map(keyOf);

/** Key of the Instance that an Image or a volume was made of or for. */
const creatorOf = ({ metadata }: KubeObject): Key | undefined => {
  const name = metadata.labels?.[INSTANCE_LABEL];
  return name === undefined ? undefined : `${metadata.namespace}/${name}`;
};

const keysOf = (instance: Instance | undefined): Key[] => (instance ? [keyOf(instance)] : []);

/** May an Instance that found no valid host find one here now? */
function hasMoreRoom(node: ComputeNode, old: ComputeNode | undefined): boolean {
  if (node.status?.state !== 'Up' || isClosed(node)) return false;
  if (old?.status?.state !== 'Up' || isClosed(old)) return true;
  const [free, before] = [node.status.free, old.status.free];
  if (!free || !before) return true;
  const zoneChanged = node.status.availabilityZone !== old.status.availabilityZone;
  return (
    zoneChanged ||
    free.vcpus > before.vcpus ||
    free.memoryMiB > before.memoryMiB ||
    free.diskGiB > before.diskGiB ||
    hasMoreFree(node.status.devices, old.status.devices) ||
    hasMoreFree(node.status.hugepages, old.status.hugepages)
  );
}

const isClosed = ({ spec }: ComputeNode): boolean => spec.disabled || spec.maintenance?.enabled === true;

type Pools = NonNullable<ComputeNode['status']>['devices'];

function hasMoreFree(pools: Pools = {}, before: Pools = {}): boolean {
  const free = (pool: NonNullable<Pools>[string] | undefined) => (pool ? pool.total - pool.used : 0);
  return Object.entries(pools).some(([name, pool]) => free(pool) > free(before[name]));
}
