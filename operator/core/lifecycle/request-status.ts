import type { Instance, InstanceStatus } from '#api/instance.ts';
import type { InstanceMigrationStatus } from '#api/instancemigration.ts';
import type { RequestPhase, RequestStatus } from '#api/request.ts';
import type { ConditionDraft } from '../conditions.ts';
import type { OperationRequest } from './request.ts';
import { endedAs } from './request.ts';
import { refusalOf } from './verdict.ts';

export type RequestStanding = Omit<RequestStatus, 'observedGeneration' | 'conditions'> & {
  phase: RequestPhase;
} & MoveNodes;

/** Of a move alone: from where to where. */
export type MoveNodes = Pick<InstanceMigrationStatus, 'sourceNode' | 'targetNode'>;

/**
 * How far a request is. The Instance's own record is the authority; what it does not know is refused, cancelled or waits
 * for its look. A refusal is final, unless the Instance had taken the request up at the same moment.
 */
export function requestStanding(
  request: OperationRequest,
  instance: Instance,
  { before, now }: { before: (RequestStatus & MoveNodes) | undefined; now: Date },
): RequestStanding {
  const nodes = request.kind === 'InstanceMigration' ? nodesOf(request, instance, before) : {};
  const { requestId, operation, requestedBy } = request;
  const base = { requestId, operation, ...(requestedBy !== undefined && { requestedBy }), ...nodes };
  const known = recorded(request, instance, before);
  if (known) return { ...base, ...known };
  if (before?.phase && before.phase !== 'Pending' && before.phase !== 'Running')
    return { ...base, ...asBefore(before, before.phase) };
  const ended = (
    phase: 'Cancelled' | 'Refused' | 'Failed',
    reason: string,
    message: string,
  ): RequestStanding => ({
    ...base,
    phase,
    reason,
    message,
    finishTime: now.toISOString(),
  });
  if (before?.phase === 'Running' && instance.metadata.deletionTimestamp)
    return ended('Failed', 'Failed', 'the Instance was deleted meanwhile');
  if (request.cancelled) return ended('Cancelled', 'Cancelled', 'it was cancelled before it began');
  const refusal = refusalOf(request, instance);
  if (refusal) return ended('Refused', refusal.reason, refusal.message);
  return { ...base, phase: 'Pending', message: 'waits for the Instance to look at it' };
}

/** As far as the Instance knows them; once it has forgotten, as they were told of before. */
function nodesOf({ requestId }: OperationRequest, { status }: Instance, before: MoveNodes = {}): MoveNodes {
  const known = [status?.resize, status?.operation, ...(status?.lastOperations ?? [])].find(
    (it) => it?.requestId === requestId,
  );
  const { sourceNode = before.sourceNode, targetNode = before.targetNode } = known ?? {};
  return { ...(sourceNode !== undefined && { sourceNode }), ...(targetNode !== undefined && { targetNode }) };
}

/** A request for an Instance that is not there, or not any more. */
export function requestWithoutInstance(
  name: string,
  namespace: string | undefined,
  { before, now }: { before: RequestStatus | undefined; now: Date },
): RequestStanding {
  if (before?.phase === 'Running') {
    const { conditions: _, observedGeneration: __, taskState: ___, ...rest } = before;
    const ended = { phase: 'Failed', reason: 'Failed', finishTime: now.toISOString() } as const;
    return { ...rest, ...ended, message: 'the Instance was deleted meanwhile' };
  }
  const message = `there is no Instance ${name} in namespace ${namespace}: name one that exists, in another object`;
  return { phase: 'Refused', reason: 'InstanceNotFound', message, finishTime: now.toISOString() };
}

function recorded(
  { requestId }: OperationRequest,
  instance: Instance,
  before: RequestStatus | undefined,
): Omit<RequestStanding, 'requestId' | 'operation'> | undefined {
  const { operation, taskState, lastOperations, nodeName } = instance.status ?? {};
  if (operation?.requestId === requestId)
    return {
      phase: 'Running',
      taskState,
      startTime: operation.startTime,
      message: `waits for ${operation.waitingFor}`,
    };
  const last = lastOperations?.find((it) => it.requestId === requestId);
  const at = before?.finishTime === last?.finishTime ? before?.nodeName : nodeName; // it may have moved since
  if (last) return { ...endOf(last), ...(at !== undefined && { nodeName: at }) };
  const ended = endedAs(instance, requestId);
  if (!ended) return undefined;
  if (before?.phase === ended.result) return asBefore(before, ended.result); // more was told while the Instance knew more
  return { phase: ended.result, message: 'it was carried out before', finishTime: ended.finishTime };
}

function endOf({
  result,
  startTime,
  finishTime,
  message,
}: NonNullable<InstanceStatus['lastOperations']>[number]): Omit<RequestStanding, 'requestId' | 'operation'> {
  if (result === 'Succeeded')
    return { phase: result, startTime, finishTime, ...(message !== undefined && { message }) };
  return {
    phase: result,
    reason: result,
    startTime,
    finishTime,
    ...(message !== undefined && { message }),
  };
}

function asBefore(
  { conditions, observedGeneration, ...rest }: RequestStatus,
  phase: RequestPhase,
): RequestStanding {
  return { ...rest, phase };
}

/** Ready, and Stalled or Reconciling while they hold, as kstatus reads them. */
export function requestConditions({ phase, reason, message = '' }: RequestStanding): ConditionDraft[] {
  if (phase === 'Succeeded')
    return [{ type: 'Ready', status: 'True', reason: phase, message: 'it was carried out' }];
  const why = reason ?? phase;
  const ready: ConditionDraft = { type: 'Ready', status: 'False', reason: why, message };
  const isOpen = phase === 'Pending' || phase === 'Running';
  return [ready, { type: isOpen ? 'Reconciling' : 'Stalled', status: 'True', reason: why, message }];
}
