import type { Instance, OperationName } from '#api/instance.ts';
import type { RefusalReason } from '#api/request.ts';
import { LOST_ROOT } from './flavor-wish.ts';
import { OPERATION_TABLE, supersedes } from './operations.ts';
import type { OperationRequest } from './request.ts';
import { isBuilt } from './situation.ts';
import { STEPS } from './steps.ts';

export interface Refusal {
  reason: RefusalReason;
  message: string;
}

/** Why an Instance cannot take a request now; undefined: it can. */
export function refusalOf(
  { operation, migration, rebuild }: Pick<OperationRequest, 'operation' | 'migration' | 'rebuild'>,
  instance: Instance,
): Refusal | undefined {
  const { spec, status } = instance;
  const { lockRefuses } = OPERATION_TABLE[operation];
  if (spec.locked && lockRefuses)
    return { reason: 'Locked', message: 'spec.locked is true: unlock the Instance first' };
  return (
    notYet(operation) ??
    busy(operation, status) ??
    neverBuilt(operation, instance) ??
    whileItRuns(operation, instance) ??
    wrongState(operation, status) ??
    unfitToRebuild(operation, rebuild) ??
    againstField(operation, spec) ??
    tiedToNode(operation, status) ??
    coldMigration(operation, instance, migration?.targetNode)
  );
}

/** The table has every operation; what is not carried out yet must not be taken up. */
function notYet(operation: OperationName): Refusal | undefined {
  if (STEPS[operation]) return undefined;
  return { reason: 'NotPossible', message: `Berth does not carry out ${operation} yet` };
}

/** Something else is in flight, whose place it does not take. */
export function busy(operation: OperationName, status: Instance['status']): Refusal | undefined {
  const { operation: inFlight, taskState } = status ?? {};
  if (!inFlight || (taskState && supersedes(operation, taskState))) return undefined;
  const message = `${inFlight.name} ${inFlight.requestId} is under way and waits for ${inFlight.waitingFor}: ask again when it has ended`;
  return { reason: 'OperationInProgress', message };
}

function wrongState(operation: OperationName, status: Instance['status']): Refusal | undefined {
  const { from } = OPERATION_TABLE[operation];
  const state = status?.vmState ?? 'None';
  if (from.includes(state)) return undefined;
  return {
    reason: 'WrongState',
    message: `the Instance is ${state}; ${operation} starts from ${from.join(', ')}`,
  };
}

/** A creation that failed goes on by another request id; nothing else can be made of it. */
function neverBuilt(operation: OperationName, instance: Instance): Refusal | undefined {
  if (isBuilt(instance) || instance.status?.vmState !== 'Error') return undefined;
  const message = `its creation failed, so there is nothing to ${operation}: mend the fault and set a new request id, or delete it`;
  return { reason: 'WrongState', message };
}

/** CDI copies a volume that nothing writes to. */
function whileItRuns(operation: OperationName, { spec, status }: Instance): Refusal | undefined {
  if (operation !== 'CreateImage') return undefined;
  const not = (message: string): Refusal => ({ reason: 'NotPossible', message });
  if (spec.rootDisk.ephemeral)
    return not('the root disk is ephemeral: what is on it is in the pod, and no volume that could be copied');
  if (!RUNS.includes(status?.vmState ?? 'None')) return undefined;
  return not('a disk is copied only while no guest writes to it: set powerState: Stopped, and ask again');
}

const RUNS: readonly string[] = ['Active', 'Paused', 'Suspended', 'Rescued'];

function unfitToRebuild(operation: OperationName, rebuild: OperationRequest['rebuild']): Refusal | undefined {
  if (operation !== 'Rebuild' || rebuild?.problem === undefined) return undefined;
  return { reason: 'NotPossible', message: rebuild.problem };
}

/** KubeVirt says of each guest that runs whether it can move, and why not. */
function tiedToNode(operation: OperationName, status: Instance['status']): Refusal | undefined {
  if (operation !== 'LiveMigrate') return undefined;
  const said = status?.conditions?.find(({ type }) => type === 'LiveMigratable');
  if (said?.status !== 'False') return undefined;
  return { reason: 'NotPossible', message: `the guest cannot move while it runs: ${said.message}` };
}

/** What ends with a guest that runs must not be asked while the spec says that it shall not: that would undo it. */
const ENDS_RUNNING: readonly OperationName[] = ['Start', 'SoftReboot', 'HardReboot'];

function againstField(operation: OperationName, { powerState }: Instance['spec']): Refusal | undefined {
  if (powerState === 'Running' || !ENDS_RUNNING.includes(operation)) return undefined;
  const message = `spec.powerState is ${powerState}, and ${operation} ends with a guest that runs: set it to Running`;
  return { reason: 'NotPossible', message };
}

function coldMigration(
  operation: OperationName,
  { spec, status }: Instance,
  targetNode: string | undefined,
): Refusal | undefined {
  if (operation !== 'ColdMigrate') return undefined;
  const not = (message: string): Refusal => ({ reason: 'NotPossible', message });
  if (spec.rootDisk.ephemeral) return not(LOST_ROOT);
  if (targetNode !== undefined && targetNode === status?.nodeName)
    return not(`it is on ${targetNode} already`);
  if (status?.powerState !== 'NoState') return undefined;
  return not('its node does not report, and nobody can say that the guest is off there');
}
