import type { Instance, OperationName } from '#api/instance.ts';
import type { Claim } from '#api/nodeledger.ts';
import { ROOT } from '#core/lifecycle/disk-record.ts';
import { type BuiltFlavor, resourcesOf } from '#core/lifecycle/guest-size.ts';
import { cordoned, moveTies, whyVolumeForbids } from '#core/lifecycle/move-volume.ts';
import { isSameSize, type ResizeRecord } from '#core/lifecycle/resize-record.ts';
import { placementRecord } from '#core/placement/record.ts';
import { explain } from '#core/scheduling/explain.ts';
import { sameResources, withResources } from '#core/scheduling/resources.ts';
import type { Logger } from '#runtime/logger.ts';
import { disksOfOneNode, volumesOf } from '../placement/volumes.ts';
import type { ActionResult } from './action-result.ts';
import type { InstanceDependencies } from './dependencies.ts';
import { loosestRatios } from './loosest-ratios.ts';
import { cpuSelectorFor } from './move-actions.ts';
import type { Observed } from './observe.ts';
import { claimFor } from './place.ts';

/** Claims the new place of a resize or cold migration beside the old one; on the same node, the larger of both. */
export async function claimMove(
  deps: InstanceDependencies,
  view: Observed,
  requestId: string,
  log: Logger,
): Promise<ActionResult> {
  const { scheduler, requests, profiles, caches, progress, events, hypervisor } = deps;
  const { instance, claims } = view;
  const record = instance.status?.resize;
  const choice = profiles.of(instance);
  if (!record || choice.kind === 'missing') return noProfile(instance);
  const volume = record.live ? undefined : await hypervisor.rootVolume(instance);
  const along = canBeCopied(instance, record) ? disksOfOneNode(caches, instance) : [];
  const forbidden = whyVolumeForbids(record, volume, along.includes(ROOT));
  if (forbidden) return { next: 'failed', ...forbidden };
  const { uid, name, namespace = '' } = instance.metadata;
  const resources = resourcesOf(record.flavor, instance.spec, memoryRatio(deps));
  const held = claims.find(({ nodeName }) => nodeName === record.sourceNode);
  const place = (copied: readonly string[]) => {
    const ties = moveTies(record, copied.includes(ROOT) ? undefined : volume);
    return scheduler.place({
      request: {
        ...requests(instance, record.flavor, { ownerUid: uid, resources, ties }),
        ...(record.live && { nodeSelector: cpuSelectorFor(deps, view) }),
        ...(copied.length > 0 && { volumes: volumesOf(caches, instance, { copied }) }),
      },
      profile: choice.profile,
      claim: claimFor({ uid, ownerKind: 'Instance', namespace, name }, instance, resources, requestId),
      ...(held && { held }),
    });
  };
  const near = await place([]);
  const isNear = near.kind === 'placed' || along.length === 0;
  if (!isNear && caches.nodes.get(record.sourceNode)?.spec?.unschedulable)
    return { next: 'failed', ...cordoned(record.sourceNode) };
  const decision = isNear ? near : await place(along);
  log.info(explain(decision, 'operator'));
  const message = explain(decision, 'owner');
  if (decision.kind !== 'placed')
    return {
      next: 'failed',
      code: 'NoValidHost',
      message: record.live ? `${message}. ${BY_MOVING}` : message,
    };
  const availabilityZone = caches.computeNodes.get(decision.host)?.status?.availabilityZone;
  progress.placed(
    instance,
    placementRecord(decision, {
      before: instance.status?.placement,
      requestId,
      time: deps.now(),
      availabilityZone,
    }),
  );
  events.placed(instance, requestId, message, operationOf(record));
  return { next: 'again' };
}

/** Nothing is copied off a node that is lost, nor of a guest that runs here: its migration does that. */
const canBeCopied = ({ status }: Instance, { live }: ResizeRecord): boolean =>
  !live && status?.operation?.name !== 'Evacuate';

const BY_MOVING = 'A guest grows by moving to another node; resizePolicy Cold can also stay';

function operationOf(record: ResizeRecord): OperationName {
  if (record.live) return 'LiveResize';
  return isSameSize(record) ? 'ColdMigrate' : 'Resize';
}

function noProfile({ spec }: Instance): ActionResult {
  const message = `SchedulerProfile ${spec.schedulerProfile} is not there, or cannot be used`;
  return { next: 'failed', code: 'SchedulerProfileNotUsable', message };
}

const memoryRatio = ({ caches }: InstanceDependencies) => loosestRatios(caches.computeNodes.list()).memory;

/** One claim is kept, at the size that it is for; every other of the Instance's own goes. */
export async function keepPlace(
  deps: InstanceDependencies,
  instance: Instance,
  { nodeName, flavor }: { nodeName: string; flavor: BuiltFlavor },
): Promise<ActionResult> {
  const { ledgers } = deps;
  const { uid } = instance.metadata;
  const resources = resourcesOf(flavor, instance.spec, memoryRatio(deps));
  const own = (claim: Claim) => claim.uid === uid;
  const sized = (claim: Claim) =>
    own(claim) && !sameResources(claim, resources) ? withResources(claim, resources) : claim;
  const kept = await ledgers.write(nodeName, (claims) => {
    const after = claims.map(sized);
    return after.every((claim, index) => claim === claims[index]) ? claims : after;
  });
  const others = ledgers.ofInstance(uid).filter((it) => it.nodeName !== nodeName && own(it.claim));
  const dropped = others.map((it) =>
    ledgers.write(it.nodeName, (claims) => claims.filter((claim) => !own(claim))),
  );
  const outcomes = [kept, ...(await Promise.all(dropped))];
  if (outcomes.includes('conflict') || outcomes.includes('lost')) return { next: 'notYet', retryMs: 0 };
  return { next: outcomes.includes('written') ? 'again' : 'wait' };
}
