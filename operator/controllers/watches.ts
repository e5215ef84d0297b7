import { attachmentsOf } from '#adapters/kubernetes/attachments.ts';
import type { PersistentVolumeClaim } from '#adapters/kubernetes/storage.ts';
import { isPodOver, type Node } from '#adapters/kubernetes/types.ts';
import type { ComputeNode } from '#api/computenode.ts';
import { IMAGE_LABEL, INSTANCE_LABEL, MAINTENANCE_LABEL } from '#api/constants.ts';
import type { HostAggregate } from '#api/hostaggregate.ts';
import type { Instance } from '#api/instance.ts';
import type { Claim, NodeLedger } from '#api/nodeledger.ts';
import type { ServerGroup } from '#api/servergroup.ts';
import { selects } from '#core/aggregates/members.ts';
import { groupKeyOf } from '#core/groups/group-key.ts';
import { reservationsOf, sameReservations } from '#core/groups/reservations.ts';
import { isBuilt } from '#core/lifecycle/situation.ts';
import { isGated } from '#core/placement/pin.ts';
import { type Watch, watch } from '#runtime/mapping.ts';
import { type Key, type KubeObject, keyOf } from '#runtime/resource.ts';
import type { Store } from '#runtime/store.ts';
import { type Caches, guestKeyOf, instanceByUid, instanceUidOf } from './caches.ts';
import { nodeFactsOf } from './fence/node-facts.ts';
import { isHeld } from './fence/reconciler.ts';
import { hasSameConstraints } from './placement/node-facts.ts';
import type { AnyProbe } from './probe/observe.ts';
import { isUnanswered } from './probe/reconciler.ts';
import { type AnyRequest, instanceKeyOf } from './request/requests-of.ts';

/** Which changes make which Instance be looked at again. */
export function instanceWatches(caches: Caches, waiting: Set<Key>): Watch[] {
  const owner = (object: KubeObject): Key[] => keysOf(instanceByUid(caches, instanceUidOf(object) ?? ''));
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
    watch(caches.dataVolumes, owner),
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

/** Images, whenever they or their volumes change; one that is deleted also when a copy of it is full. */
export function imageWatches(caches: Caches): Watch[] {
  const named = (object: KubeObject): Key[] => {
    const name = object.metadata.labels?.[IMAGE_LABEL];
    return name === undefined ? [] : [`${object.metadata.namespace}/${name}`];
  };
  const deleted = (): Key[] =>
    caches.images
      .list()
      .filter(({ metadata }) => metadata.deletionTimestamp)
      .map(keyOf);
  return [
    watch(caches.images, (image) => [keyOf(image)]),
    watch(caches.dataVolumes, (volume) => [...named(volume), ...deleted()]),
  ];
}

/** The Instances that name a claim in spec.volumes, and those that have it. */
const volumeOf = (caches: Caches, claim: PersistentVolumeClaim): Key[] => [
  ...caches.instances.byIndex('volumeClaim', keyOf(claim)).map(keyOf),
  ...attachmentsOf(claim).flatMap(({ uid }) => keysOf(instanceByUid(caches, uid))),
];

/** Requests of a kind, whenever they or their Instance change. */
export function requestWatches<T extends AnyRequest>(caches: Caches, requests: Store<T>): Watch[] {
  return [
    watch(requests, (request) => [keyOf(request)]),
    watch(caches.instances, (instance) => requests.byIndex('instance', keyOf(instance)).map(keyOf)),
  ];
}

/** The same of InstanceMigrations, which also say what KubeVirt does. */
export function migrationWatches(caches: Caches): Watch[] {
  const requestsFor = (key: Key): Key[] => caches.instanceMigrations.byIndex('instance', key).map(keyOf);
  return [
    ...requestWatches(caches, caches.instanceMigrations),
    watch(caches.migrations, (migration) => requestsFor(guestKeyOf(migration))),
    watch(caches.vmis, (vmi) => requestsFor(keyOf(vmi))),
  ];
}

/** What KubeVirt plugs into a guest that runs depends on its settings. */
const withVolumes = (instances: readonly Instance[]): Key[] =>
  instances.filter(({ spec }) => spec.volumes !== undefined).map(keyOf);

const isReporting = (node: Node): boolean => nodeFactsOf(node, undefined).node?.ready ?? false;

/** Instances that a change of profiles can make a difference to now. */
const unplaced = (instances: readonly Instance[]): Key[] =>
  instances.filter(({ status }) => status?.nodeName === undefined).map(keyOf);

/** Instances that an Image can make a difference to, also while they hold a place already. */
const unbuilt = (instances: readonly Instance[]): Key[] => instances.filter((it) => !isBuilt(it)).map(keyOf);

const isNewSpec = (object: KubeObject, old: KubeObject | undefined): boolean =>
  object.metadata.generation !== old?.metadata.generation;

/** Claims that came to the node or went from it. */
function changedClaims({ spec }: NodeLedger, old: NodeLedger | undefined): Claim[] {
  const before = new Set(old?.spec.claims.map(({ uid }) => uid));
  const after = new Set(spec.claims.map(({ uid }) => uid));
  const gone = old?.spec.claims.filter(({ uid }) => !after.has(uid)) ?? [];
  return [...spec.claims.filter(({ uid }) => !before.has(uid)), ...gone];
}

/** Key of the Instance that an Image was made of. */
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

/** Gated pods; and those of an Instance again whenever one of its pods, claims or migrations changes. */
export function placementWatches(caches: Caches): Watch[] {
  const gatedOf = (instanceUid: string): Key[] =>
    caches.pods.byIndex('instance', instanceUid).filter(isGated).map(keyOf);
  return [
    watch(caches.pods, (pod) => gatedOf(instanceUidOf(pod) ?? '')),
    watch(caches.ledgers, (ledger) => ledger.spec.claims.flatMap(({ instanceUid }) => gatedOf(instanceUid))),
    watch(caches.migrations, (migration) => {
      const instance = caches.instances.get(guestKeyOf(migration));
      return instance ? gatedOf(instance.metadata.uid) : [];
    }),
  ];
}

/** Pods that are held until their guest is proven off; again whenever something is heard of their node. */
export function fenceWatches(caches: Caches): Watch[] {
  const heldOn = (nodeName: string): Key[] => caches.pods.byIndex('node', nodeName).filter(isHeld).map(keyOf);
  return [
    watch(caches.pods, (pod) => (isHeld(pod) ? [keyOf(pod)] : [])),
    watch(caches.nodes, ({ metadata }) => heldOn(metadata.name)),
    watch(caches.computeNodes, ({ metadata }) => heldOn(metadata.name)),
  ];
}

/** Ledgers, whenever an owner of their claims, or a guest, or a pod of it changes. */
export function claimsWatches(caches: Caches): Watch[] {
  const ledgersOf = (instanceUid: string | undefined): Key[] =>
    instanceUid === undefined ? [] : caches.ledgers.byIndex('instance', instanceUid).map(keyOf);
  return [
    // A claim that was taken over or dropped makes a difference to those of the same Instance on other nodes.
    watch(caches.ledgers, (ledger, old) => [
      keyOf(ledger),
      ...(old ? changedClaims(ledger, old).flatMap(({ instanceUid }) => ledgersOf(instanceUid)) : []),
    ]),
    watch(caches.instances, ({ metadata }) => ledgersOf(metadata.uid)),
    watch(caches.vmis, (vmi) => ledgersOf(instanceUidOf(vmi))),
    watch(caches.pods, (pod) => ledgersOf(instanceUidOf(pod))),
    watch(caches.migrations, (migration) =>
      ledgersOf(caches.instances.get(guestKeyOf(migration))?.metadata.uid),
    ),
  ];
}

/** ComputeNodes, whenever their Node, ledger, own spec or the pods on them change; and how far a maintenance is. */
export function computeNodeWatches(caches: Caches): Watch[] {
  return [
    ...maintenanceWatches(caches),
    watch(caches.nodes, (node) => [node.metadata.name]),
    watch(caches.aggregates, (aggregate, old) => affectedNodes(caches, aggregate, old)),
    watch(caches.computeNodes, (node) => [node.metadata.name]),
    watch(caches.kubeVirts, (kubeVirt, old) =>
      isNewSpec(kubeVirt, old) ? caches.nodes.list().map(keyOf) : [],
    ),
    watch(caches.ledgers, (ledger) => [ledger.metadata.name]),
    watch(caches.pods, (pod, old) =>
      pod.spec.nodeName !== old?.spec.nodeName || isPodOver(pod) !== (old !== undefined && isPodOver(old))
        ? [pod.spec.nodeName ?? '', old?.spec.nodeName ?? ''].filter(
            (name) => caches.nodes.get(name) !== undefined,
          )
        : [],
    ),
  ];
}

/** Nodes in maintenance, whenever something on them changes; and those whose maintenance begins or is taken back. */
export function maintenanceWatches(caches: Caches): Watch[] {
  const emptied = (name: string | undefined): Key[] =>
    name !== undefined && caches.computeNodes.get(name)?.spec.maintenance?.enabled ? [name] : [];
  return [
    watch(caches.computeNodes, (node, old) => (isNewSpec(node, old) ? [node.metadata.name] : [])),
    watch(caches.ledgers, ({ metadata }) => emptied(metadata.name)),
    watch(caches.instances, ({ metadata: { uid }, status }) => [
      ...emptied(status?.nodeName),
      ...caches.ledgers.byIndex('instance', uid).flatMap((ledger) => emptied(ledger.metadata.name)),
    ]),
    watch(caches.instanceMigrations, ({ metadata }) => emptied(metadata.labels?.[MAINTENANCE_LABEL])),
  ];
}

/** Nodes that are in an aggregate, or were before it changed. */
const affectedNodes = (caches: Caches, aggregate: HostAggregate, old: HostAggregate | undefined): Key[] =>
  caches.nodes
    .list()
    .filter((node) => selects(aggregate, node) || (old && selects(old, node)))
    .map(keyOf);

/** All aggregates: each may gain or lose members, or a conflict with the one that changed. */
export function hostAggregateWatches(caches: Caches): Watch[] {
  const all = (): Key[] => caches.aggregates.list().map(keyOf);
  return [
    watch(caches.aggregates, all),
    watch(caches.nodes, (node, old) => (sameLabels(node, old) ? [] : all())),
  ];
}

/** Probes of a kind; those that wait for a Flavor or an Instance again whenever one comes. */
export function probeWatches<T extends AnyProbe>(caches: Caches, probes: Store<T>): Watch[] {
  const waiting = (_: KubeObject, old: KubeObject | undefined): Key[] =>
    old ? [] : probes.list().filter(isUnanswered).map(keyOf);
  return [
    watch(probes, (probe) => [keyOf(probe)]),
    watch(caches.flavors, waiting),
    watch(caches.images, waiting),
    watch(caches.serverGroups, waiting),
    watch(caches.schedulerProfiles, waiting),
    watch(caches.instances, waiting),
  ];
}

const sameLabels = (node: KubeObject, old: KubeObject | undefined): boolean =>
  old !== undefined && JSON.stringify(node.metadata.labels) === JSON.stringify(old.metadata.labels);

/** Groups, whenever one of their members comes, goes or gets another place. */
export function serverGroupWatches(caches: Caches): Watch[] {
  return [
    watch(caches.serverGroups, (group: ServerGroup) => [keyOf(group)]),
    watch(caches.instances, (instance) => {
      const key = groupKeyOf(instance);
      return key === undefined ? [] : [key];
    }),
    watch(caches.ledgers, (ledger, old) =>
      changedClaims(ledger, old).flatMap(({ namespace, serverGroup }) =>
        serverGroup === undefined ? [] : [`${namespace}/${serverGroup}`],
      ),
    ),
    watch(caches.migrations, ({ metadata, spec }) => {
      const instance = caches.instances.get(`${metadata.namespace}/${spec.vmiName}`);
      const key = instance && groupKeyOf(instance);
      return key === undefined ? [] : [key];
    }),
  ];
}
