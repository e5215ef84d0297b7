import { isPodOver } from '#adapters/kubernetes/types.ts';
import { cpuSelectorOf } from '#adapters/kubevirt/cpu-model.ts';
import { FIELD_MANAGERS } from '#api/constants.ts';
import type { Placement } from '#api/instance.ts';
import { INSTANCE_MIGRATION } from '#api/instancemigration.ts';
import type { Claim } from '#api/nodeledger.ts';
import { disksToCopy } from '#core/lifecycle/copy-disks.ts';
import { diskRecordOf } from '#core/lifecycle/disk-record.ts';
import type { OperationRequest } from '#core/lifecycle/request.ts';
import { excludedIn, placementRecord, withExcluded } from '#core/placement/record.ts';
import { explain } from '#core/scheduling/explain.ts';
import { applyIfChanged } from '#runtime/apply.ts';
import { isNotFound } from '#runtime/errors.ts';
import type { Logger } from '#runtime/logger.ts';
import { keyOf } from '#runtime/resource.ts';
import { claimForMove } from '../placement/move.ts';
import type { ActionResult } from './action-result.ts';
import type { InstanceDependencies } from './dependencies.ts';
import type { Observed } from './observe.ts';

const REFUSED_RETRY_MS = 2_000;

const moveOf = ({ name, uid, requestId }: OperationRequest) => ({ name, uid, requestId });

/** The labels that the target's pod will select on. */
export function cpuSelectorFor(
  { caches: { vmis, pods, nodes } }: Pick<InstanceDependencies, 'caches'>,
  { instance, guest }: Observed,
): Record<string, string> {
  const pod = pods
    .byIndex('instance', instance.metadata.uid)
    .find((it) => it.spec.nodeName === guest.nodeName && !isPodOver(it));
  return cpuSelectorOf(vmis.get(keyOf(instance)), pod, nodes.get(guest.nodeName ?? ''));
}

function refusedForNow(why: string): ActionResult {
  const message = `KubeVirt takes no migration now: ${why}`;
  return { next: 'wait', blocked: { reason: 'MigrationRefused', message }, retryMs: REFUSED_RETRY_MS };
}

/** What is done for live migrations. */
export class MoveActions {
  readonly #deps: InstanceDependencies;

  constructor(deps: InstanceDependencies) {
    this.#deps = deps;
  }

  /** Claims the target for the InstanceMigration, and says in its status why this one. */
  async claimTarget(view: Observed, log: Logger): Promise<ActionResult> {
    const { instance, asking } = view;
    if (!asking?.migration) return { next: 'again' };
    const { name, uid, requestId } = asking;
    const { targetNode } = asking.migration;
    const { namespace = '' } = instance.metadata;
    const excluded = excludedIn(asking.placement, requestId);
    const decision = await claimForMove(this.#deps, instance, {
      owner: { uid, ownerKind: 'InstanceMigration', namespace, name },
      requestId,
      targetNode,
      failedHosts: excluded.map(({ nodeName }) => nodeName),
      constraints: { nodeSelector: cpuSelectorFor(this.#deps, view) },
      copied: disksToCopy(view),
    });
    if (!decision) return { next: 'wait' };
    log.info(explain(decision, 'operator'));
    if (decision.kind === 'noValidHost') {
      const refusal = targetNode === undefined ? '' : `${targetNode} does not take it: `;
      const tried = excluded.map(({ nodeName, message }) => `; ${nodeName} refused it: ${message}`).join('');
      return { next: 'failed', code: 'NoValidHost', message: refusal + explain(decision, 'owner') + tried };
    }
    const host = this.#deps.caches.computeNodes.get(decision.host);
    const availabilityZone = host?.status?.availabilityZone;
    const placement = placementRecord(decision, {
      before: asking.placement,
      requestId,
      time: this.#deps.now(),
      ...(availabilityZone !== undefined && { availabilityZone }),
    });
    this.#deps.progress.moves(instance, placement);
    await this.#tell({ name, namespace }, placement);
    return { next: 'again' };
  }

  /** Says in the InstanceMigration's status that this node is not tried again. */
  async passOver(
    { instance, asking }: Observed,
    { nodeName, message }: { nodeName: string; message: string },
  ): Promise<ActionResult> {
    if (!asking) return { next: 'again' };
    const { name, requestId, placement } = asking;
    const { namespace = '' } = instance.metadata;
    const refusal = { nodeName, message, time: this.#deps.now() };
    await this.#tell({ name, namespace }, withExcluded(placement, requestId, refusal));
    this.#deps.events.refused(instance, requestId, nodeName, message, 'LiveMigrate');
    return { next: 'wait' };
  }

  /** Gives up the place that is claimed for the InstanceMigration: none of its pods is left there. */
  async dropTarget({ instance, asking, targetClaim }: Observed): Promise<ActionResult> {
    if (!asking || targetClaim === undefined) return { next: 'again' };
    const isTheMoves = ({ ownerKind, requestId, instanceUid }: Claim) =>
      ownerKind !== 'Instance' && requestId === asking.requestId && instanceUid === instance.metadata.uid;
    const outcome = await this.#deps.ledgers.write(targetClaim, (claims) =>
      claims.some(isTheMoves) ? claims.filter((claim) => !isTheMoves(claim)) : claims,
    );
    return outcome === 'conflict' || outcome === 'lost' ? { next: 'notYet', retryMs: 0 } : { next: 'again' };
  }

  async begin({ instance, asking }: Observed): Promise<ActionResult> {
    if (!asking) return { next: 'again' };
    const begun = await this.#deps.hypervisor.liveMigrate(instance, {
      kind: 'InstanceMigration',
      ...moveOf(asking),
    });
    if (begun.kind === 'begun') return { next: 'wait' };
    if (diskRecordOf(instance).copy) return refusedForNow(begun.message); // the workload updater may have begun one
    return { next: 'failed', code: 'MigrationRefused', message: `KubeVirt refuses it: ${begun.message}` };
  }

  /** KubeVirt refuses it while another one is on its way, which its workload updater may have begun: that does as well. */
  async beginGrowth({ instance }: Observed, requestId: string): Promise<ActionResult> {
    const { name, uid } = instance.metadata;
    const begun = await this.#deps.hypervisor.liveMigrate(instance, {
      kind: 'Instance',
      name,
      uid,
      requestId,
    });
    if (begun.kind === 'begun') return { next: 'wait' };
    return refusedForNow(begun.message);
  }

  async #tell(metadata: { name: string; namespace: string }, placement: Placement): Promise<void> {
    const { client, caches } = this.#deps;
    const status = { placement, targetNode: placement.nodeName };
    const options = { fieldManager: FIELD_MANAGERS.instance, force: true, subresource: 'status' };
    try {
      await applyIfChanged(
        client,
        INSTANCE_MIGRATION,
        caches.instanceMigrations,
        { metadata, status },
        options,
      );
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
