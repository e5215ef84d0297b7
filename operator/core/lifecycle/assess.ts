import { autoConfirm } from './confirm-resize.ts';
import { disksLeft } from './copy-disks.ts';
import { creation } from './creation.ts';
import { deletion } from './deletion.ts';
import { flavorChange } from './flavor-wish.ts';
import { networkChange } from './network-wish.ts';
import { OPERATION_TABLE, supersedes } from './operations.ts';
import { powerChange } from './power.ts';
import type { OperationRequest } from './request.ts';
import { rescueChange } from './rescue.ts';
import { recordOf } from './resize-record.ts';
import { settled } from './settled.ts';
import { shelveChange } from './shelve.ts';
import { type InstanceView, isBuilt, NONE, type Situation } from './situation.ts';
import { inFlightOf, STEPS } from './steps.ts';
import { strayGuest } from './stray-guest.ts';
import { unseenCopy } from './unseen-copy.ts';
import { refusalOf } from './verdict.ts';
import { volumeChange } from './volume-wish.ts';

/** Where an Instance stands and what to do next: the whole lifecycle, without side effects. */
export function assess(view: InstanceView): Situation {
  if (view.instance.metadata.deletionTimestamp) return deletion(view);
  if (!isBuilt(view.instance)) return creation(view);
  return (
    unseenCopy(view) ??
    strayGuest(view) ??
    underWay(view) ??
    autoConfirm(view) ??
    evacuation(view) ??
    disksLeft(view) ??
    fieldChange(view) ??
    afterFields(view)
  );
}

/** What waits for a lost node would wait for ever: an evacuation goes before the fields. */
function evacuation(view: InstanceView): Situation | undefined {
  return takenUp(view, ({ operation }) => operation === 'Evacuate');
}

function underWay(view: InstanceView): Situation | undefined {
  const inFlight = inFlightOf(view.instance);
  if (!inFlight) return undefined;
  return superseded(view) ?? STEPS[inFlight.name]?.(view, inFlight);
}

/** A request that takes the place of what is in flight ends that; it is taken up next. */
function superseded({ instance, requests, homeDown }: InstanceView): Situation | undefined {
  const { operation, taskState } = instance.status ?? {};
  const other = requests.find(
    (it) =>
      !it.cancelled &&
      it.requestId !== operation?.requestId &&
      (it.operation !== 'Evacuate' || homeDown) && // else it could only fail, and leave things half done
      !refusalOf(it, instance),
  );
  if (!other || !operation || !taskState) return undefined;
  if (!supersedes(other.operation, taskState)) return undefined;
  const message = `${other.operation} ${other.requestId} takes its place`;
  return {
    operation: operation.name,
    taskState: undefined,
    action: NONE,
    outcome: { result: 'Failed', code: 'Superseded', message },
    ...(operation.name === 'LiveResize' && { record: null }),
  };
}

/** A field of the spec that converges: what begins to carry out a change of it. */
interface FieldChange {
  field: string;
  begin(view: InstanceView): Situation | undefined;
}

/** In this order where several were changed at once. */
export const FIELD_CHANGES: readonly FieldChange[] = [
  { field: 'shelved', begin: shelveChange },
  { field: 'rescue', begin: rescueChange },
  { field: 'powerState', begin: powerChange },
  { field: 'volumes', begin: volumeChange },
  { field: 'networks', begin: networkChange },
  { field: 'flavorRef', begin: flavorChange },
];

function fieldChange(view: InstanceView): Situation | undefined {
  if (view.instance.status?.resize) return undefined; // until that is confirmed or reverted
  for (const { begin } of FIELD_CHANGES) {
    const situation = begin(view);
    if (situation) return situation;
  }
  return undefined;
}

/** Nothing is asked for by the spec: take up a request, or keep what is there. */
function afterFields(view: InstanceView): Situation {
  const still = settled(view);
  return still.operation ? still : (takenUp(view) ?? still);
}

/** Written down with the request, whose object may go: what to rebuild from. It ends as it began. */
function rebuilding(
  { instance: { spec, status } }: InstanceView,
  situation: Situation,
  { rebuild }: OperationRequest,
): Situation | undefined {
  if (!rebuild || rebuild.problem !== undefined) return undefined;
  const { image, cloudInit } = rebuild;
  const runs = status?.vmState === 'Error' ? spec.powerState !== 'Stopped' : status?.vmState === 'Active';
  const before = status?.cloudInit;
  const given = (cloudInit || before) && { cloudInit: { ...before, ...cloudInit } };
  return { ...situation, rebuild: { image, runs, ...given } };
}

/** The oldest request that can be taken: written down first, carried out after that. */
function takenUp(
  view: InstanceView,
  isMeant: (request: OperationRequest) => boolean = () => true,
): Situation | undefined {
  const { instance, guest, requests } = view;
  const request = requests.find((it) => !it.cancelled && isMeant(it) && !refusalOf(it, instance));
  if (!request) return undefined;
  const [taskState] = OPERATION_TABLE[request.operation].taskStates;
  const situation: Situation = { operation: request.operation, taskState, action: NONE, request };
  if (request.operation === 'Rebuild') return rebuilding(view, situation, request);
  if (request.operation === 'LiveMigrate') return { ...situation, move: { sourceNode: guest.nodeName } };
  if (request.operation !== 'ColdMigrate' && request.operation !== 'Evacuate') return situation;
  const { requestId, migration } = request;
  const wanted = { requestId, wantedNode: migration?.targetNode };
  const evacuated = request.operation === 'Evacuate' && { ran: instance.spec.powerState !== 'Stopped' };
  const record = recordOf(view, instance.status?.flavor, { ...wanted, ...evacuated });
  return record && { ...situation, record };
}
