import { isPodOver } from '#adapters/kubernetes/types.ts';
import { IMAGE_LABEL, MAINTENANCE_LABEL } from '#api/constants.ts';
import type { HostAggregate } from '#api/hostaggregate.ts';
import type { ServerGroup } from '#api/servergroup.ts';
import { selects } from '#core/aggregates/members.ts';
import { groupKeyOf } from '#core/groups/group-key.ts';
import { isGated } from '#core/placement/pin.ts';
import { type Watch, watch } from '#runtime/mapping.ts';
import { type Key, type KubeObject, keyOf } from '#runtime/resource.ts';
import type { Store } from '#runtime/store.ts';
import { type Caches, guestKeyOf, instanceUidOf } from './caches.ts';
import { isHeld } from './fence/reconciler.ts';
import { changedClaims, isNewSpec, sameLabels } from './news.ts';
import type { AnyProbe } from './probe/observe.ts';
import { isUnanswered } from './probe/reconciler.ts';
import type { AnyRequest } from './request/requests-of.ts';

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

/** Gated pods; and those of an Instance again whenever it, its guest or one of its pods, claims or migrations changes. */
export function placementWatches(caches: Caches): Watch[] {
  const gatedOf = (instanceUid: string): Key[] =>
    caches.pods.byIndex('instance', instanceUid).filter(isGated).map(keyOf);
  return [
    watch(caches.pods, (pod) => gatedOf(instanceUidOf(pod) ?? '')),
    watch(caches.instances, ({ metadata }) => gatedOf(metadata.uid)),
    watch(caches.vmis, (vmi) => gatedOf(instanceUidOf(vmi) ?? '')),
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
