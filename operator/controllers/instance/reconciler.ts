import { FIELD_MANAGERS, INSTANCE_FINALIZER } from '#api/constants.ts';
import { INSTANCE, type Instance, type InstanceStatus, type Placement } from '#api/instance.ts';
import { assess } from '#core/lifecycle/assess.ts';
import { afterDeadline, deadlineOf } from '#core/lifecycle/deadline.ts';
import { diskRecordOf } from '#core/lifecycle/disk-record.ts';
import { notPlaced } from '#core/lifecycle/give-back.ts';
import { requestIdFor } from '#core/lifecycle/request-id.ts';
import type { Situation } from '#core/lifecycle/situation.ts';
import { instanceStatus } from '#core/lifecycle/status.ts';
import { withExcluded } from '#core/placement/record.ts';
import { unprovenText } from '#core/placement/unproven.ts';
import { applyIfChanged, differs } from '#runtime/apply.ts';
import type { ReconcileContext, Reconciler } from '#runtime/controller.ts';
import { isConflict, isNotFound } from '#runtime/errors.ts';
import type { Logger } from '#runtime/logger.ts';
import { type Key, keyOf } from '#runtime/resource.ts';
import type { ActionResult } from './action-result.ts';
import { InstanceActions, requestIdOf } from './actions.ts';
import type { InstanceDependencies } from './dependencies.ts';
import { type Observed, observe } from './observe.ts';
import { endOfOperation, InstanceTraces } from './traces.ts';
import { delayBeforeWrite } from './write-policy.ts';

/** Actions that can follow one another without news from outside: release, claim. */
const MAX_STEPS = 5;

interface Step {
  view: Observed;
  situation: Situation;
  began: Date;
  taskSince: Date;
  lastWrite: Date | undefined;
  deadline: Date | undefined;
}

/** Observe, decide, act; then say in the status what is so. */
export function instanceReconciler(deps: InstanceDependencies): Reconciler {
  const actions = new InstanceActions(deps);
  const traces = new InstanceTraces(deps.tracer, deps.now);

  async function reconcile(key: Key, { log }: ReconcileContext) {
    for (let steps = 0; steps < MAX_STEPS; steps++) {
      const instance = deps.caches.instances.get(key);
      if (!instance) return undefined;
      if (await ensureFinalizer(deps, instance)) continue;
      const step = look(deps, instance);
      const requestId = requestIdOf(instance, step.situation);
      const opLog = requestId ? log.child({ requestId }) : log;
      const result = await attempt(deps, step, requestId, opLog, () =>
        traces.acting(instance, step.situation.action, requestId, () =>
          actions.perform(step.situation.action, step.view, requestId, opLog),
        ),
      );
      if (result.next === 'again') continue;
      if (result.next === 'afterOthers') return { requeueAfterMs: result.waitMs };
      const done = resulting(deps, step, result);
      const situation = { ...done.situation, blocked: result.blocked ?? done.situation.blocked };
      const writeInMs = await say(deps, { ...done, situation }, requestId, opLog);
      return soonest(
        result.retryMs,
        writeInMs,
        msUntil(done.deadline, deps.now()),
        msUntilConfirm(deps, key),
      );
    }
    return { requeueAfterMs: 0 };
  }
  return { name: 'instance', reconcile };
}

/** An action that fails is told of before it is tried again: an owner must not be left without a word. */
async function attempt<T>(
  deps: InstanceDependencies,
  step: Step,
  requestId: string | undefined,
  log: Logger,
  act: () => Promise<T>,
): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!isConflict(error) && step.situation.operation) {
      const message = error instanceof Error ? error.message : String(error);
      const blocked = { reason: 'ActionFailed', message: `${step.situation.action.kind}: ${message}` };
      await say(deps, { ...step, situation: { ...stillThere(step), blocked } }, requestId, log);
    }
    throw error;
  }
}

/** What was not carried out leads nowhere: neither to the end of the operation nor to its next step. */
function stillThere({ view: { instance }, situation }: Step): Situation {
  const { outcome, next, record, disk, flavor, heldFlavor, made, ...still } = situation;
  return { ...still, taskState: situation.taskState ?? instance.status?.taskState };
}

/** Usually set at admission; here only when the webhook was away. True: written, look again. */
async function ensureFinalizer(
  { client, caches }: InstanceDependencies,
  instance: Instance,
): Promise<boolean> {
  const { finalizers = [], deletionTimestamp, resourceVersion } = instance.metadata;
  if (deletionTimestamp || finalizers.includes(INSTANCE_FINALIZER)) return false;
  const patch = { metadata: { resourceVersion, finalizers: [...finalizers, INSTANCE_FINALIZER] } };
  caches.instances.put(await client.patch<Instance>(INSTANCE, keyOf(instance), patch, { type: 'merge' }));
  return true;
}

function look(deps: InstanceDependencies, instance: Instance): Step {
  const { progress, deadlines } = deps;
  const now = deps.now();
  const view = observe(instance, deps);
  const assessed = assess(view);
  const { began, taskSince, lastWrite } = progress.note(instance, assessed, now);
  const deadline = deadlineOf(instance, assessed, taskSince, deadlines);
  const overdue = deadline !== undefined && now >= deadline && !assessed.request; // what is not written down has not begun
  const situation = overdue ? afterDeadline(view, assessed, waitingFor(view, assessed)) : assessed;
  return { view, situation, began, taskSince, lastWrite, deadline: overdue ? undefined : deadline };
}

function resulting(deps: InstanceDependencies, step: Step, result: ActionResult): Step {
  if (result.next === 'notYet') return { ...step, situation: stillThere(step) };
  if (result.next === 'failed') return { ...step, situation: failedBy(result, step), deadline: undefined };
  return advance(deps, step);
}

/** An action found that the operation cannot be carried out; of a resize, what was begun is told of. */
function failedBy(
  { code, message }: { code: string; message: string },
  { situation, view }: Step,
): Situation {
  if (situation.operation !== 'LiveMigrate' && situation.operation !== 'CreateImage')
    return notPlaced(situation, view, { code, message });
  return { ...situation, taskState: undefined, outcome: { result: 'Failed', code, message } };
}

/** In how many milliseconds a resize is confirmed by itself; one that is due waits for news: a lock, or what is in flight. */
function msUntilConfirm({ caches, now }: InstanceDependencies, key: Key): number | undefined {
  const at = caches.instances.get(key)?.status?.resize?.confirmBy;
  const leftMs = at === undefined ? 0 : new Date(at).getTime() - now().getTime();
  return leftMs > 0 ? leftMs : undefined;
}

/** The next task state, if the action that was carried out leads to one. */
function advance({ progress, deadlines, now }: InstanceDependencies, step: Step): Step {
  const { instance } = step.view;
  const { next: taskState } = step.situation;
  if (taskState === undefined) return step;
  const situation = { ...step.situation, taskState };
  const { taskSince } = progress.note(instance, situation, now());
  return { ...step, situation, taskSince, deadline: deadlineOf(instance, situation, taskSince, deadlines) };
}

/** What is known to hold a guest up, in words; undefined: the table of operations says it well enough. */
function waitingFor(
  { instance, guest, unproven, madeImage, copyDisks = {} }: Observed,
  { disk, taskState }: Situation,
): string | undefined {
  if (unproven.length > 0 && guest.power !== 'running') return unprovenText(unproven);
  if (guest.trouble) return guest.trouble.message;
  if (madeImage && !madeImage.ready) return `Image ${madeImage.name}: ${madeImage.detail}`;
  const copied = Object.entries(copyDisks).find(([, it]) => it && !it.ready);
  if (copied) return `a copy, ${copied[0]}: ${copied[1]?.detail.replace(/^root disk: /, '')}`;
  const copy = disk?.copy === undefined ? diskRecordOf(instance).copy : disk.copy;
  if (copy && taskState?.startsWith('Resize')) return `its disks to be copied to ${copy.nodeName}`;
  return guest.disk && !guest.disk.ready ? guest.disk.detail : undefined;
}

/** Writes the status if it is due. Returns in how many milliseconds it will be, if it waits. */
async function say(
  deps: InstanceDependencies,
  step: Step,
  requestId: string | undefined,
  log: Logger,
): Promise<number | undefined> {
  const { view, situation } = step;
  const { instance } = view;
  const now = deps.now();
  const status = instanceStatus({
    ...step,
    placement: placementOf(deps, step),
    flavor: view.flavor,
    now,
    waitingFor: waitingFor(view, situation),
  });
  const wanted = {
    metadata: { name: instance.metadata.name, namespace: instance.metadata.namespace },
    status,
  };
  if (!differs(wanted, instance)) return undefined;
  const delay = delayBeforeWrite(instance.status ?? {}, status, {
    now,
    ...step,
    isAwaited: view.requests.length > 0,
  });
  if (delay > 0) return delay;
  await write(deps, instance, status);
  deps.progress.wrote(instance, now);
  deps.events.changed(instance, status, situation, requestId);
  if (situation.operation && situation.outcome) countEnd(deps, instance, status.lastOperations?.[0]);
  logOutcome(log, situation, status);
  return undefined;
}

function placementOf({ progress, events, now }: InstanceDependencies, { view, situation }: Step) {
  const { instance } = view;
  const { oldPlacement, moved } = instance.status?.resize ?? {};
  if (situation.record?.moved === false && moved && oldPlacement) progress.placed(instance, oldPlacement);
  if (hasMoved(situation)) {
    const placement = placementAfterMove(view, progress.moveOf(instance), situation);
    progress.placed(instance, placement);
    return placement;
  }
  if (!situation.exclude) return progress.placementOf(instance);
  const requestId = requestIdFor(instance, 'Create');
  const excluded = withExcluded(view.placement, requestId, { ...situation.exclude, time: now() });
  progress.placed(instance, excluded);
  events.refused(instance, requestId, situation.exclude.nodeName, situation.exclude.message);
  return excluded;
}

const hasMoved = ({ operation, outcome }: Situation) =>
  operation === 'LiveMigrate' && outcome?.result === 'Succeeded';

/** Why it is where it is now: what was decided for the move; after a restart in between, only where. */
function placementAfterMove(
  { instance, guest, asking }: Observed,
  decided: Placement | undefined,
  situation: Situation,
): Placement {
  const requestId = requestIdOf(instance, situation);
  const known = [asking?.placement, decided].find((it) => it && it.requestId === requestId);
  return known ?? { ...(requestId && { requestId }), ...(guest.nodeName && { nodeName: guest.nodeName }) };
}

async function write({ client, caches }: InstanceDependencies, instance: Instance, status: InstanceStatus) {
  const { name, namespace, uid } = instance.metadata;
  const options = { fieldManager: FIELD_MANAGERS.instance, force: true, subresource: 'status' };
  try {
    await applyIfChanged(
      client,
      INSTANCE,
      caches.instances,
      { metadata: { name, namespace, uid }, status },
      options,
    );
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

function countEnd(
  { telemetry, tracer }: InstanceDependencies,
  instance: Instance,
  ended: NonNullable<InstanceStatus['lastOperations']>[number] | undefined,
): void {
  if (!ended) return;
  const { name, result, startTime, finishTime } = ended;
  telemetry.operationEnded(name, result, (Date.parse(finishTime) - Date.parse(startTime)) / 1000);
  if (name === 'Create' && result === 'Succeeded') telemetry.built(instance.status?.placement?.attempt ?? 1);
  tracer.ended(endOfOperation(instance, ended));
}

function logOutcome(
  log: Logger,
  { operation, outcome }: Situation,
  { vmState, nodeName }: InstanceStatus,
): void {
  if (outcome?.result === 'Succeeded')
    log.info({ operation, vmState, nodeName }, `${operation} done: ${vmState}`);
  if (outcome?.result === 'Failed')
    log.warn({ operation, code: outcome.code }, `${operation} failed: ${outcome.message}`);
}

const msUntil = (deadline: Date | undefined, now: Date) =>
  deadline && Math.max(0, deadline.getTime() - now.getTime());

function soonest(...delays: (number | undefined)[]): { requeueAfterMs: number } | undefined {
  const known = delays.filter((delay) => delay !== undefined);
  return known.length > 0 ? { requeueAfterMs: Math.min(...known) } : undefined;
}
