import { isPodOver, type Pod } from '#adapters/kubernetes/types.ts';
import { isMoveOver, requestIdOfMove } from '#adapters/kubevirt/moves.ts';
import { MIGRATION_JOB_LABEL } from '#adapters/kubevirt/types.ts';
import type { Instance } from '#api/instance.ts';
import type { Claim } from '#api/nodeledger.ts';
import { type Drift, driftOf, type Evidence } from '#core/claims/drift.ts';
import { flavorsHeldOn } from '#core/claims/held-for-move.ts';
import { resourcesOf } from '#core/lifecycle/guest-size.ts';
import { isBuilt } from '#core/lifecycle/situation.ts';
import { largestOf, withResources } from '#core/scheduling/resources.ts';
import { type Caches, instanceByUid, instanceUidOf } from '../caches.ts';
import type { Flavors } from '../flavors.ts';
import { claimFor } from '../instance/place.ts';

/** No allocation ratio is larger: the least overhead that any claim can have been made with. */
const LARGEST_RATIO = 1000;

/** What claims are told by. */
export interface EvidenceSources {
  caches: Caches;
  flavors: Flavors;
}

/** Where a node's ledger is wrong, by the Instances and pods that are known. */
export function driftOn(sources: EvidenceSources, nodeName: string, claims: readonly Claim[]): Drift[] {
  const { caches } = sources;
  const held = new Set(claims.map(({ instanceUid }) => instanceUid));
  const evidence = [...podsOn(sources, nodeName, held), ...recordedOn(sources, nodeName, held, keepsPlace)];
  const staying = evidence.filter(({ claim }) => !isGoing(caches, claim));
  return driftOf(claims, staying, (claim) => rightClaim(caches, claim));
}

/** The claims of a node whose ledger is missing. A node that is new has none. */
export function rebuiltClaims(sources: EvidenceSources, nodeName: string): Claim[] {
  const evidence = [...podsOn(sources, nodeName, NONE), ...recordedOn(sources, nodeName, NONE, () => true)];
  return [...new Map(evidence.map(({ claim }) => [claim.instanceUid, claim])).values()];
}

/** Its claim goes before it does: that it has none is no drift. */
const isGoing = (caches: Caches, { instanceUid }: Claim): boolean =>
  instanceByUid(caches, instanceUid)?.metadata.deletionTimestamp !== undefined;

/** While it is built, and neither shelved nor resized: then places come and go before the status says so. */
const keepsPlace = (instance: Instance): boolean =>
  isBuilt(instance) && !instance.spec.shelved && !instance.status?.shelved && !instance.status?.resize;

const NONE: ReadonlySet<string> = new Set();

/** Launcher pods that run there, or were let through to there; but for those of guests that have a claim: looked at often. */
function podsOn(sources: EvidenceSources, nodeName: string, held: ReadonlySet<string>): Evidence[] {
  const { caches } = sources;
  const pods = [...caches.pods.byIndex('node', nodeName), ...caches.pods.byIndex('pinned', nodeName)];
  return pods
    .filter((pod) => !held.has(instanceUidOf(pod) ?? '') && !isPodOver(pod))
    .flatMap((pod) => evidenceOf(sources, pod, nodeName));
}

function evidenceOf(sources: EvidenceSources, pod: Pod, nodeName: string): Evidence[] {
  const { caches } = sources;
  const instance = instanceByUid(caches, instanceUidOf(pod) ?? '');
  if (!instance) return [];
  const uid = pod.metadata.labels?.[MIGRATION_JOB_LABEL] ?? '';
  const [migration] = caches.migrations.byIndex('uid', uid);
  const owner =
    migration && !isMoveOver(migration)
      ? {
          ...ownerOf(migration.metadata),
          ownerKind: 'VirtualMachineInstanceMigration' as const,
          requestId: requestIdOfMove(migration),
        }
      : undefined;
  return withClaim(sources, { instance, nodeName }, `pod ${pod.metadata.name}`, owner);
}

/** Instances that have their place there and nowhere else, stopped ones as well. */
function recordedOn(
  sources: EvidenceSources,
  nodeName: string,
  held: ReadonlySet<string>,
  counts: (instance: Instance) => boolean,
): Evidence[] {
  const { caches } = sources;
  return caches.instances
    .byIndex('node', nodeName)
    .filter((it) => !held.has(it.metadata.uid) && counts(it))
    .filter((it) => flavorsHeldOn(it, nodeName).length > 0 || !holdsClaimElsewhere(caches, it, nodeName))
    .flatMap((instance) => withClaim(sources, { instance, nodeName }, 'its status says so'));
}

function holdsClaimElsewhere(caches: Caches, { metadata: { uid } }: Instance, nodeName: string): boolean {
  const ledgers = caches.ledgers.byIndex('instance', uid);
  return ledgers.some(
    ({ metadata, spec }) => metadata.name !== nodeName && spec.claims.some((claim) => claim.uid === uid),
  );
}

type Owner = Pick<Claim, 'uid' | 'ownerKind' | 'namespace' | 'name' | 'requestId'>;
const ownerOf = ({ uid, name, namespace = '' }: Instance['metadata']) => ({ uid, name, namespace });

function withClaim(
  { flavors }: EvidenceSources,
  { instance, nodeName }: { instance: Instance; nodeName: string },
  because: string,
  owner: Owner = { ...ownerOf(instance.metadata), ownerKind: 'Instance' },
): Evidence[] {
  const size = flavors.of(instance);
  if (!size) return [];
  const requestId = owner.requestId ?? instance.status?.placement?.requestId ?? `req-${owner.uid}`;
  const held = flavorsHeldOn(instance, nodeName).map((it) => resourcesOf(it, instance.spec, 1));
  const resources = held.length > 0 ? held.reduce(largestOf) : resourcesOf(size, instance.spec, 1);
  return [{ claim: claimFor(owner, instance, resources, requestId), because }];
}

/** What an Instance's own claim comes to by what it was built with; unknown while an operation may change that. */
function rightClaim(caches: Caches, claim: Claim): Claim | undefined {
  const instance = claim.ownerKind === 'Instance' ? instanceByUid(caches, claim.uid) : undefined;
  const { flavor, operation, resize } = instance?.status ?? {};
  if (!instance || !flavor || operation || resize || instance.metadata.deletionTimestamp) return undefined;
  const least = resourcesOf(flavor, instance.spec, LARGEST_RATIO);
  const overheadMiB =
    claim.overheadMiB < least.overheadMiB
      ? resourcesOf(flavor, instance.spec, 1).overheadMiB
      : claim.overheadMiB;
  const { serverGroup: _, ...rest } = claim;
  const serverGroup = instance.spec.serverGroupRef?.name;
  return {
    ...withResources(rest, { ...least, overheadMiB }),
    ...(serverGroup !== undefined && { serverGroup }),
  };
}
