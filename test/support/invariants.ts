import { isPodOver, POD, type Pod } from '#adapters/kubernetes/types.ts';
import {
  LAUNCHER_LABEL,
  MIGRATION_JOB_LABEL,
  TEMPORARY_POD_ANNOTATION,
  type VirtualMachineInstance,
  type VirtualMachineInstanceMigration,
  VMI,
  VMIM,
} from '#adapters/kubevirt/types.ts';
import { COMPUTE_NODE, type ComputeNode } from '#api/computenode.ts';
import { INSTANCE_UID_LABEL } from '#api/constants.ts';
import { INSTANCE, type Instance } from '#api/instance.ts';
import { type Claim, NODE_LEDGER, type NodeLedger } from '#api/nodeledger.ts';
import { SERVER_GROUP, type ServerGroup } from '#api/servergroup.ts';
import { groupsHeld } from '#core/groups/group-key.ts';
import { violationsOf } from '#core/groups/violations.ts';
import { sumResources } from '#core/scheduling/resources.ts';
import type { KubeClient } from '#runtime/client.ts';

/** All that the promises are about, as the API server has it at one moment. */
export interface World {
  instances: Instance[];
  computeNodes: ComputeNode[];
  ledgers: NodeLedger[];
  groups: ServerGroup[];
  pods: Pod[];
  vmis: VirtualMachineInstance[];
  migrations: VirtualMachineInstanceMigration[];
}

export async function lookAround(client: KubeClient): Promise<World> {
  const [instances, computeNodes, ledgers, groups, pods, vmis, migrations] = await Promise.all([
    client.list<Instance>(INSTANCE),
    client.list<ComputeNode>(COMPUTE_NODE),
    client.list<NodeLedger>(NODE_LEDGER),
    client.list<ServerGroup>(SERVER_GROUP),
    client.list<Pod>(POD),
    client.list<VirtualMachineInstance>(VMI),
    client.list<VirtualMachineInstanceMigration>(VMIM),
  ]);
  return {
    instances: instances.items,
    computeNodes: computeNodes.items,
    ledgers: ledgers.items,
    groups: groups.items,
    pods: pods.items.filter(isLauncher),
    vmis: vmis.items,
    migrations: migrations.items,
  };
}

export const isLauncher = ({ metadata: { labels, annotations } }: Pod): boolean =>
  labels?.[LAUNCHER_LABEL.key] === LAUNCHER_LABEL.value &&
  labels[INSTANCE_UID_LABEL] !== undefined &&
  annotations?.[TEMPORARY_POD_ANNOTATION] === undefined;

/**
 * What must hold once nothing is in flight: claims are what runs or may run, no node is over its capacity, no disk has
 * two writers, policies are kept. Each sentence says what does not. With a namespace: of what is in it.
 */
export function brokenPromises(world: World, namespace?: string): string[] {
  const within = <T extends { metadata: { namespace?: string } }>(all: T[]): T[] =>
    all.filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace);
  const part: World = {
    ...world,
    instances: within(world.instances),
    groups: within(world.groups),
    pods: within(world.pods),
    vmis: within(world.vmis),
    migrations: within(world.migrations),
  };
  const claims = claimsOf(world).filter(({ claim }) => [undefined, claim.namespace].includes(namespace));
  return [
    ...claimsWithoutOwner(part, claims),
    ...instancesWithoutClaim(part, claims),
    ...podsWithoutClaim(part, claims),
    ...nodesOverCapacity(world),
    ...disksWithTwoWriters(part),
    ...policiesBroken(part, world.ledgers),
  ];
}

interface ClaimedOn {
  nodeName: string;
  claim: Claim;
}

const claimsOf = ({ ledgers }: World): ClaimedOn[] =>
  ledgers.flatMap(({ metadata, spec }) => spec.claims.map((claim) => ({ nodeName: metadata.name, claim })));

function claimsWithoutOwner({ instances, migrations }: World, claims: ClaimedOn[]): string[] {
  const active = migrations.filter(({ status }) => !['Succeeded', 'Failed'].includes(status?.phase ?? ''));
  const owners = new Set([...instances, ...active].map(({ metadata }) => metadata.uid));
  return claims
    .filter(({ claim }) => !owners.has(claim.uid))
    .map(({ nodeName, claim }) => `${nodeName} holds a claim of ${nameOf(claim)}, which is gone or over`);
}

const nameOf = ({ ownerKind, namespace, name }: Claim) => `${ownerKind} ${namespace}/${name}`;

/**
 * Each Instance that has a place claims it, and no other; where its guest runs, if it does. While it is Resized, the old place
 * is kept as well.
 */
function instancesWithoutClaim({ instances, vmis }: World, claims: ClaimedOn[]): string[] {
  return instances.flatMap(({ metadata: { uid, name, namespace }, status }) => {
    const own = claims.filter(({ claim }) => claim.uid === uid).map(({ nodeName }) => nodeName);
    const vmi = vmis.find((it) => it.metadata.name === name && it.metadata.namespace === namespace);
    const there = vmi?.status?.nodeName ?? status?.nodeName;
    const kept = status?.resize?.finishTime === undefined ? undefined : status.resize.sourceNode;
    const wanted = new Set([there, kept].filter((node) => node !== undefined));
    const isRight = own.length === wanted.size && own.every((node) => wanted.has(node));
    if (isRight) return [];
    return [`${namespace}/${name} has claims on [${own.join(', ')}] and is on [${[...wanted].join(', ')}]`];
  });
}

function podsWithoutClaim({ pods }: World, claims: ClaimedOn[]): string[] {
  const held = new Set(claims.map(({ nodeName, claim }) => `${nodeName} ${claim.instanceUid}`));
  return pods
    .filter((pod) => mayRun(pod) && !held.has(`${pod.spec.nodeName} ${instanceUidOf(pod)}`))
    .map(
      ({ metadata, spec }) =>
        `${metadata.namespace}/${metadata.name} runs on ${spec.nodeName} without a claim`,
    );
}

const mayRun = (pod: Pod): boolean => pod.spec.nodeName !== undefined && !isPodOver(pod);
const instanceUidOf = ({ metadata }: Pod): string => metadata.labels?.[INSTANCE_UID_LABEL] ?? '';

export function nodesOverCapacity({
  ledgers,
  computeNodes,
}: Pick<World, 'ledgers' | 'computeNodes'>): string[] {
  return ledgers.flatMap((ledger) => {
    const node = computeNodes.find(({ metadata }) => metadata.name === ledger.metadata.name);
    return node ? overCapacity(ledger, node) : [];
  });
}

/** Placement's rule, with KubeVirt's overhead taken off before the ratio. */
export function overCapacity({ metadata, spec }: NodeLedger, { status }: ComputeNode): string[] {
  const { capacity, reserved, allocationRatios: ratios } = status ?? {};
  if (!capacity || !reserved || !ratios) return [];
  const used = sumResources(spec.claims);
  const rows = [
    ['vcpus', used.vcpus, (capacity.vcpus - reserved.vcpus) * ratios.cpu],
    ['MiB', used.memoryMiB, (capacity.memoryMiB - reserved.memoryMiB - used.overheadMiB) * ratios.memory],
    ['GiB', used.diskGiB, (capacity.diskGiB - reserved.diskGiB) * ratios.disk],
  ] as const;
  return rows
    .filter(([, claimed, most]) => claimed > most)
    .map(([unit, claimed, most]) => `${metadata.name} has ${claimed} ${unit} claimed of ${most}`);
}

/**
 * Two pods of an Instance that were both let through and are not over. A migration's target is the newer of two that
 * KubeVirt coordinates; any other newer pod should have stayed behind the gate.
 */
export function disksWithTwoWriters({ pods }: Pick<World, 'pods'>): string[] {
  const live = pods.filter(mayRun);
  return live.flatMap((newer) => {
    if (newer.metadata.labels?.[MIGRATION_JOB_LABEL] !== undefined) return [];
    return live
      .filter((older) => instanceUidOf(older) === instanceUidOf(newer) && isOlder(older, newer))
      .map(
        (older) =>
          `${newer.metadata.namespace}/${newer.metadata.name} on ${newer.spec.nodeName} writes to the disk of ${older.metadata.name} on ${older.spec.nodeName}`,
      );
  });
}

function isOlder(one: Pod, other: Pod): boolean {
  const [a, b] = [one.metadata, other.metadata];
  if (a.uid === b.uid) return false;
  return (
    a.creationTimestamp < b.creationTimestamp ||
    (a.creationTimestamp === b.creationTimestamp && a.uid < b.uid)
  );
}

function policiesBroken({ groups }: World, ledgers: NodeLedger[]): string[] {
  return groups.flatMap(({ metadata: { namespace, name }, spec }) => {
    const byNode = new Map<string, number>();
    for (const ledger of ledgers) {
      const there = groupsHeld(ledger.spec.claims)?.[`${namespace}/${name}`];
      if (there !== undefined) byNode.set(ledger.metadata.name, there);
    }
    return violationsOf(spec, byNode).map(({ message }) => `${namespace}/${name}: ${message}`);
  });
}

/** What is left of a namespace whose Instances are all deleted. */
export function leftOver(world: World, namespace: string): string[] {
  const here = ({ metadata }: { metadata: { namespace?: string } }) => metadata.namespace === namespace;
  const named = (kind: string, all: { metadata: { namespace?: string; name: string } }[]) =>
    all.filter(here).map(({ metadata }) => `${kind} ${metadata.name}`);
  const claims = claimsOf(world).filter(({ claim }) => claim.namespace === namespace);
  return [
    ...named('Instance', world.instances),
    ...named('VMI', world.vmis),
    ...named('Pod', world.pods),
    ...claims.map(({ nodeName, claim }) => `claim of ${nameOf(claim)} on ${nodeName}`),
  ];
}
