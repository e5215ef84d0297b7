import { amountsOf } from '#adapters/kubernetes/amounts.ts';
import type { Node, Pod } from '#adapters/kubernetes/types.ts';
import { passthroughOf } from '#adapters/kubevirt/passthrough.ts';
import { COMPUTE_NODE, type ComputeNode, type ComputeNodeStatus } from '#api/computenode.ts';
import type { MaintenanceStatus } from '#api/computenode-status.ts';
import { FIELD_MANAGERS } from '#api/constants.ts';
import { NODE_LEDGER } from '#api/nodeledger.ts';
import { aggregatesOf } from '#core/aggregates/members.ts';
import { aggregateRatios } from '#core/aggregates/ratios.ts';
import { aggregateZone } from '#core/aggregates/zone.ts';
import { type Availability, availabilityOf, heartbeatExpiresInMs } from '#core/computenode/availability.ts';
import { freeOf, leftOf, type Ratios, sumAmounts } from '#core/computenode/inventory.ts';
import { poolsOf } from '#core/computenode/pools.ts';
import { withinCapacity } from '#core/computenode/within-capacity.ts';
import { type ConditionDraft, mergeConditions } from '#core/conditions.ts';
import { drainedOf } from '#core/maintenance/plan.ts';
import { type ClaimResources, sumResources } from '#core/scheduling/resources.ts';
import type { Ledgers } from '#ports/ledgers.ts';
import type { Telemetry } from '#ports/telemetry.ts';
import { applyIfChanged, differs } from '#runtime/apply.ts';
import type { KubeClient } from '#runtime/client.ts';
import type { ReconcileContext, Reconciler } from '#runtime/controller.ts';
import { isNotFound } from '#runtime/errors.ts';
import type { Logger } from '#runtime/logger.ts';
import type { EventRecorder } from '#runtime/recorder.ts';
import type { Key, KubeObject, Resource } from '#runtime/resource.ts';
import type { Caches } from '../caches.ts';
import type { Flavors } from '../flavors.ts';
import { planOf } from '../maintenance/observe.ts';
import type { Surge } from '../surge.ts';
import { keepLedger } from './mend-ledger.ts';
import { hypervisorOf, launcherPods, reportOf, reservedParts, unmanagedPods, zoneOf } from './observe.ts';
import { deviceTotals, pageTotals } from './wholes.ts';

export interface ComputeNodeDependencies {
  client: KubeClient;
  caches: Caches;
  ledgers: Ledgers;
  flavors: Flavors;
  /** Figures wait for its end. */
  surge: Surge;
  telemetry: Telemetry;
  recorder: EventRecorder;
  /** Where a ComputeNode names none. */
  defaultRatios: Ratios;
  /** Where a maintenance names none. */
  maintenanceMoves: number;
  now(): Date;
}

/** What changes is gathered for so long, since figures change with every claim; a change of state is written at once. */
const FIGURES_MS = 1_000;
/** What the pods ask for is for people to hold against the claims: it comes with other news, or this late. */
const LAUNCHER_PODS_MS = 10_000;

/** A ComputeNode for each labelled Node, with what the scheduler has to know of it; and its ledger. */
export function computeNodeReconciler(deps: ComputeNodeDependencies): Reconciler {
  /** When what has changed is to be written. */
  const due = new Map<Key, number>();

  async function reconcile(name: Key, { log }: ReconcileContext) {
    const now = deps.now();
    const report = reportOf(deps.caches.nodes.get(name));
    const availability = availabilityOf(report, now);
    const node = await ensureComputeNode(deps, name, report.node !== undefined);
    if (!node) return undefined;
    if (report.node !== undefined && !(await keepLedger(deps, node, log))) return { requeueAfterMs: 0 };
    if (report.node === undefined && deps.ledgers.claimsOn(name)?.length === 0)
      return removeComputeNode(deps, name);
    if (report.node?.ready === 'True' && node.spec.fenced) await withdrawWord(deps, node, log);
    const status = statusOf(deps, node, availability, now);
    const wanted = { metadata: { name }, status };
    if (differs(wanted, node) && !isNews(node.status, status)) {
      const gatherMs = hasOtherPodsOnly(node.status, status) ? LAUNCHER_PODS_MS : FIGURES_MS;
      const at = Math.min(due.get(name) ?? Number.POSITIVE_INFINITY, now.getTime() + gatherMs);
      due.set(name, at);
      const waitMs = Math.max(at - now.getTime(), deps.surge.waitMs());
      if (waitMs > 0) return { requeueAfterMs: waitMs };
    }
    due.delete(name);
    const options = { fieldManager: FIELD_MANAGERS.computeNode, force: true, subresource: 'status' };
    await applyIfChanged(deps.client, COMPUTE_NODE, deps.caches.computeNodes, wanted, options);
    if (node.status?.state !== status.state)
      log.info(
        { state: status.state, reason: status.stateReason },
        `${status.state}: ${status.stateMessage}`,
      );
    const expiresInMs = heartbeatExpiresInMs(report, now);
    return expiresInMs === undefined ? undefined : { requeueAfterMs: expiresInMs };
  }
  return { name: 'computenode', reconcile };
}

const isNews = (before: ComputeNodeStatus | undefined, after: ComputeNodeStatus): boolean =>
  before?.state !== after.state ||
  before?.stateReason !== after.stateReason ||
  before?.observedGeneration !== after.observedGeneration ||
  drainedReason(before) !== drainedReason(after);

const drainedReason = (status: ComputeNodeStatus | undefined) =>
  status?.conditions?.find(({ type }) => type === 'Drained')?.reason;

const hasOtherPodsOnly = (
  before: ComputeNodeStatus | undefined,
  { launcherPods, ...after }: ComputeNodeStatus,
) => !differs(after, before ?? {});

async function ensureComputeNode({ client, caches }: ComputeNodeDependencies, name: string, wanted: boolean) {
  const held = caches.computeNodes.get(name);
  if (held || !wanted) return held;
  const options = { fieldManager: FIELD_MANAGERS.computeNode };
  const made = await client.apply<ComputeNode>(COMPUTE_NODE, { metadata: { name }, ...EMPTY_SPEC }, options);
  caches.computeNodes.put(made);
  return made;
}

/** The spec is the operators' own: Berth only makes it exist. */
const EMPTY_SPEC = { spec: {} };

/** The kubelet reports again: the word that the node is off held for that outage, and is of no use any more. */
async function withdrawWord({ client, caches }: ComputeNodeDependencies, node: ComputeNode, log: Logger) {
  const { name, resourceVersion } = node.metadata;
  const patch = { metadata: { resourceVersion }, spec: { fenced: null } };
  caches.computeNodes.put(await client.patch<ComputeNode>(COMPUTE_NODE, name, patch, { type: 'merge' }));
  log.info({ fenced: node.spec.fenced }, 'the node is back: spec.fenced is taken away');
}

/** Nothing is held on it any more: the ComputeNode follows its Node. A claim that came in between keeps both. */
async function removeComputeNode(
  { client, caches }: ComputeNodeDependencies,
  name: string,
): Promise<undefined> {
  const remove = async (resource: Resource, held: KubeObject | undefined) => {
    if (!held) return;
    const { uid, resourceVersion } = held.metadata;
    try {
      await client.delete(resource, name, { preconditions: { uid, resourceVersion } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  };
  await remove(NODE_LEDGER, caches.ledgers.get(name));
  await remove(COMPUTE_NODE, caches.computeNodes.get(name));
  return undefined;
}

function statusOf(
  deps: ComputeNodeDependencies,
  held: ComputeNode,
  availability: Availability,
  now: Date,
): ComputeNodeStatus {
  const { name, generation } = held.metadata;
  const before = held.status;
  const node = deps.caches.nodes.get(name);
  const same = before?.state === availability.state && before.stateReason === reasonOf(availability);
  const claims = deps.ledgers.claimsOn(name) ?? [];
  const used = sumResources(claims);
  const { devices: _, hugepages: __, ...amounts } = used;
  const { maintenance, drained } = maintenanceOf(deps, held, now);
  const status: ComputeNodeStatus = {
    ...before,
    observedGeneration: generation,
    state: availability.state,
    stateReason: reasonOf(availability),
    stateMessage: messageOf(availability),
    stateSince: (same && before?.stateSince) || now.toISOString(),
    used: amounts,
    instances: claims.length,
    maintenance,
    conditions: mergeConditions(before?.conditions, [readyOf(availability), ...drained], { now, generation }),
  };
  if (!node) return { ...status, launcherPods: undefined };
  const capacity = amountsOf(node.status?.capacity, 'down');
  const pods = deps.caches.pods.byIndex('node', name);
  const reserved = sumAmounts(...reservedParts(node, held.spec, pods));
  const aggregates = aggregatesOf(node, deps.caches.aggregates.list());
  const ratios = aggregateRatios(aggregates);
  const allocationRatios = { ...deps.defaultRatios, ...ratios, ...held.spec.allocationRatios };
  const free = freeOf(capacity, reserved, allocationRatios, used);
  const left = leftOf(capacity, reserved, allocationRatios, used);
  const conditions = [readyOf(availability), withinCapacity(left), ...drained];
  return {
    ...status,
    availabilityZone: aggregateZone(node, aggregates) ?? zoneOf(node),
    hypervisor: hypervisorOf(node),
    allocationRatios,
    capacity,
    reserved,
    free,
    launcherPods: launcherPods(pods, claims),
    ...wholesOf(node, unmanagedPods(pods), passthroughOf(deps.caches.kubeVirts.list()).keys(), used),
    conditions: mergeConditions(before?.conditions, conditions, { now, generation }),
  };
}

/** Undefined where there is none: what was said before is taken back. */
function wholesOf(
  node: Node,
  others: readonly Pod[],
  passedThrough: Iterable<string>,
  used: ClaimResources,
): Pick<ComputeNodeStatus, 'devices' | 'hugepages'> {
  return {
    devices: poolsOf(deviceTotals(node, others, passedThrough), used.devices),
    hugepages: poolsOf(pageTotals(node, others), used.hugepages),
  };
}

/** How far a maintenance is, if the node is in one. */
function maintenanceOf(
  deps: ComputeNodeDependencies,
  held: ComputeNode,
  now: Date,
): { maintenance: MaintenanceStatus | undefined; drained: ConditionDraft[] } {
  if (!held.spec.maintenance?.enabled) return { maintenance: undefined, drained: [] };
  const { report } = planOf(deps, held, now);
  const since = held.status?.maintenance?.since ?? now.toISOString();
  return { maintenance: { since, ...report }, drained: [drainedOf(report)] };
}

const reasonOf = (it: Availability) => (it.state === 'Up' ? 'Reporting' : it.reason);
const messageOf = (it: Availability) =>
  it.state === 'Up' ? 'the kubelet and virt-handler report' : it.message;

const readyOf = (it: Availability) =>
  ({
    type: 'Ready',
    status: it.state === 'Up' ? 'True' : 'False',
    reason: reasonOf(it),
    message: messageOf(it),
  }) as const;
