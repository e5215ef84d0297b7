import { CLUSTER_PLACEMENT_PROBE, type ClusterPlacementProbe } from '#api/clusterplacementprobe.ts';
import { FIELD_MANAGERS } from '#api/constants.ts';
import { PLACEMENT_PROBE, type PlacementProbe } from '#api/placementprobe.ts';
import { mergeConditions } from '#core/conditions.ts';
import type { Requests } from '#core/placement/request.ts';
import type { Audience } from '#core/scheduling/explain.ts';
import type { Ledgers } from '#ports/ledgers.ts';
import type { Prober } from '#ports/prober.ts';
import type { Profiles } from '#ports/profiles.ts';
import { applyIfChanged } from '#runtime/apply.ts';
import type { KubeClient } from '#runtime/client.ts';
import type { ReconcileContext, Reconciler, Requeue } from '#runtime/controller.ts';
import { unlessMissing } from '#runtime/errors.ts';
import { type Key, keyOf, type Resource } from '#runtime/resource.ts';
import type { Store } from '#runtime/store.ts';
import type { Caches } from '../caches.ts';
import type { Flavors } from '../flavors.ts';
import { type Answer, answer } from './answer.ts';
import { type AnyProbe, observe } from './observe.ts';

export interface ProbeDependencies {
  client: KubeClient;
  caches: Caches;
  ledgers: Ledgers;
  prober: Prober;
  requests: Requests;
  flavors: Flavors;
  profiles: Profiles;
  now(): Date;
}

/** The two kinds of probe differ in where they live and in whom they answer. */
export interface ProbeKind<T extends AnyProbe> {
  name: string;
  resource: Resource;
  store: Store<T>;
  audience: Audience;
}

export function ownersProbes({ placementProbes }: Caches): ProbeKind<PlacementProbe> {
  return { name: 'placementprobe', resource: PLACEMENT_PROBE, store: placementProbes, audience: 'owner' };
}

export function operatorsProbes({ clusterPlacementProbes }: Caches): ProbeKind<ClusterPlacementProbe> {
  return {
    name: 'clusterplacementprobe',
    resource: CLUSTER_PLACEMENT_PROBE,
    store: clusterPlacementProbes,
    audience: 'operator',
  };
}

/** Answers each probe once, and deletes it when its time is over, if it has one. */
export function probeReconciler<T extends AnyProbe>(deps: ProbeDependencies, kind: ProbeKind<T>): Reconciler {
  async function reconcile(key: Key, context: ReconcileContext): Promise<Requeue | undefined> {
    const probe = kind.store.get(key);
    if (!probe || probe.metadata.deletionTimestamp) return undefined;
    const told = isUnanswered(probe) ? await tell(deps, kind, probe, context) : probe;
    return expire(deps, kind, told);
  }
  return { name: kind.name, reconcile };
}

export function isUnanswered({ status }: AnyProbe): boolean {
  return !status?.conditions?.some(({ type, status: holds }) => type === 'Ready' && holds === 'True');
}

async function tell<T extends AnyProbe>(
  deps: ProbeDependencies,
  { resource, store, audience }: ProbeKind<T>,
  probe: T,
  { log }: ReconcileContext,
): Promise<T> {
  const { name, namespace, uid } = probe.metadata;
  const nodeNames = 'nodeNames' in probe.spec ? probe.spec.nodeNames : undefined;
  const told = answer(observe(probe, deps), { audience, nodeNames }, deps);
  const wanted = { metadata: { name, namespace, uid }, status: statusOf(probe, told, deps.now()) };
  const options = { fieldManager: FIELD_MANAGERS.placementProbe, force: true, subresource: 'status' };
  const wrote = await unlessMissing(applyIfChanged(deps.client, resource, store, wanted, options));
  if (wrote?.written) log.info({ requestId: requestIdOf(probe) }, told.forOperators);
  return wrote?.object ?? probe;
}

/** The same for the same probe, after a restart, too. */
const requestIdOf = ({ metadata }: AnyProbe) => `req-${metadata.uid}`;

function statusOf(probe: AnyProbe, { isAnswered, status, conditions }: Answer, now: Date) {
  const { generation } = probe.metadata;
  return {
    ...status,
    observedGeneration: generation,
    requestId: requestIdOf(probe),
    ...(isAnswered && { time: now.toISOString() }),
    conditions: mergeConditions(probe.status?.conditions, conditions, { now, generation }),
  };
}

/** A probe is kept until somebody deletes it, unless it says how long to keep its answer. */
async function expire<T extends AnyProbe>(
  { client, now }: ProbeDependencies,
  { resource }: ProbeKind<T>,
  { metadata, spec, status }: T,
): Promise<Requeue | undefined> {
  if (spec.ttlSeconds === undefined) return undefined;
  const since = new Date(status?.time ?? metadata.creationTimestamp).getTime();
  const leftMs = since + spec.ttlSeconds * 1000 - now().getTime();
  if (leftMs > 0) return { requeueAfterMs: leftMs };
  await unlessMissing(client.delete(resource, keyOf({ metadata }), { preconditions: { uid: metadata.uid } }));
  return undefined;
}
