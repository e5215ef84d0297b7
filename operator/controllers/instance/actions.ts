import { INSTANCE_FINALIZER } from '#api/constants.ts';
import { INSTANCE, type Instance } from '#api/instance.ts';
import { isArrivalNew, spareClaimsOf } from '#core/lifecycle/disk-record.ts';
import { requestIdFor } from '#core/lifecycle/request-id.ts';
import type { Action, Situation } from '#core/lifecycle/situation.ts';
import { isNotFound } from '#runtime/errors.ts';
import type { Logger } from '#runtime/logger.ts';
import { keyOf } from '#runtime/resource.ts';
import type { ActionResult } from './action-result.ts';
import { BuildActions } from './build-actions.ts';
import { claimMove, keepPlace } from './claim-move.ts';
import type { InstanceDependencies } from './dependencies.ts';
import { MoveActions } from './move-actions.ts';
import type { Observed } from './observe.ts';

const AGAIN: ActionResult = { next: 'again' };
const WAIT: ActionResult = { next: 'wait' };
const NOT_GONE_RETRY_MS = 1_000;
const LOOK_AGAIN_MS = 1_000;
const NOT_YET: ActionResult = { next: 'notYet', retryMs: NOT_GONE_RETRY_MS };

/** Carries out the one thing to do next. */
export class InstanceActions {
  readonly #deps: InstanceDependencies;
  readonly #moves: MoveActions;
  readonly #builds: BuildActions;

  constructor(deps: InstanceDependencies) {
    this.#deps = deps;
    this.#moves = new MoveActions(deps);
    this.#builds = new BuildActions(deps);
  }

  async perform(
    action: Action,
    view: Observed,
    asked: string | undefined,
    log: Logger,
  ): Promise<ActionResult> {
    const { hypervisor } = this.#deps;
    const { instance } = view;
    const requestId = asked ?? requestIdFor(instance, 'Create');
    // Where its disks are is written down before anything is done by that.
    if (action.kind !== 'none' && isArrivalNew(instance, view.guest)) return NOT_YET;
    if (action.kind !== 'none') log.debug({ action: action.kind }, `${action.kind}`);
    switch (action.kind) {
      case 'none':
        return WAIT;
      case 'claim':
        return this.#builds.claim(view, requestId, log);
      case 'createVm':
        return this.#builds.createVm(view, action.runs, requestId, log);
      case 'startVm':
        await hypervisor.setRunning(
          instance,
          true,
          asked,
          view.flavor && this.#builds.sizeOf(view.flavor, view),
        );
        return WAIT;
      case 'haltVm':
        await hypervisor.setRunning(instance, false, asked);
        return WAIT;
      case 'pause':
        await hypervisor.pause(instance);
        return WAIT;
      case 'unpause':
        await hypervisor.unpause(instance);
        return WAIT;
      case 'setBoot':
        await this.#builds.setBoot(view, action.rescue);
        return WAIT;
      case 'softReboot':
        await hypervisor.softReboot(instance);
        return WAIT;
      case 'reset':
        await hypervisor.reset(instance);
        return WAIT;
      case 'replacePod':
        await hypervisor.replacePod(instance);
        return WAIT;
      case 'freePlace':
        return (await this.#freePlace(instance)) ? AGAIN : { next: 'wait', retryMs: NOT_GONE_RETRY_MS };
      case 'claimMove':
        return claimMove(this.#deps, view, requestId, log);
      case 'keepPlace':
        return keepPlace(this.#deps, instance, action);
      case 'proveOff':
        return (await hypervisor.isOff(instance)) ? WAIT : NOT_YET;
      case 'reshape': {
        const size = this.#builds.sizeOf(action.flavor, view);
        const done =
          size && (await hypervisor.isOff(instance)) && (await hypervisor.reshape(instance, size, requestId));
        return done ? WAIT : NOT_YET;
      }
      case 'claimTarget':
        return this.#moves.claimTarget(view, log);
      case 'passOver':
        return this.#moves.passOver(view, action);
      case 'dropTarget':
        return this.#moves.dropTarget(view);
      case 'liveMigrate':
        return this.#moves.begin(view);
      case 'makeCopy':
        if (action.isFull && !(await hypervisor.isOff(instance))) return NOT_YET;
        await hypervisor.makeDiskCopy(instance, action, requestId);
        return WAIT;
      case 'nameDisks':
        await hypervisor.nameDisks(instance, action.disks);
        return WAIT;
      case 'lookAgain':
        return { next: 'wait', retryMs: LOOK_AGAIN_MS };
      case 'dropDisk':
        await hypervisor.dropDisk(instance, action);
        return WAIT;
      case 'plugSize':
        await hypervisor.plugSize(instance, action.flavor);
        return WAIT;
      case 'moveToGrow':
        return this.#moves.beginGrowth(view, requestId);
      case 'abortMigration':
        await hypervisor.abortMigration(instance, action, action.refusal);
        return WAIT;
      case 'remakeRoot': {
        const size = view.flavor && this.#builds.sizeOf(view.flavor, view);
        const done =
          size &&
          (await hypervisor.isOff(instance)) &&
          (await hypervisor.remakeRoot(instance, size, requestId));
        return done ? WAIT : NOT_YET;
      }
      case 'makeImage':
        return this.#builds.makeImage(view, action.name, requestId);
      case 'dropImage':
        await this.#deps.images.drop(instance, action.requestId);
        return WAIT;
      case 'plugVolumes':
        await hypervisor.plugVolumes(
          instance,
          action.volumes.map(({ name }) => name),
          requestId,
        );
        return WAIT;
      case 'unplugVolumes':
        await hypervisor.unplugVolumes(instance, action.names);
        return WAIT;
      case 'plugNetworks':
        await hypervisor.plugNetworks(instance, action.names);
        return WAIT;
      case 'unplugNetworks':
        await hypervisor.unplugNetworks(instance, action.names, action.runs);
        return WAIT;
      case 'releaseVolumes':
        await hypervisor.releaseVolumes(instance, action.volumes);
        return WAIT;
      case 'deleteVm': {
        const blank = view.volumes.filter(({ made }) => made && action.blank);
        await hypervisor.delete(
          instance,
          blank.map(({ name }) => name),
        );
        return WAIT;
      }
      case 'release':
        return (await this.#release(instance)) ? AGAIN : { next: 'wait', retryMs: NOT_GONE_RETRY_MS };
      case 'finish':
        return this.#finish(view, requestId, log);
    }
  }

  /** Drops every claim for the guest, once the API server says that nothing of it is left. */
  async #release(instance: Instance): Promise<boolean> {
    return (await this.#deps.hypervisor.isGone(instance)) && this.#dropClaims(instance);
  }

  /** The same while the VM stays, which is off. */
  async #freePlace(instance: Instance): Promise<boolean> {
    return (await this.#deps.hypervisor.isOff(instance)) && this.#dropClaims(instance);
  }

  async #dropClaims(instance: Instance): Promise<boolean> {
    const { ledgers } = this.#deps;
    const { uid } = instance.metadata;
    const nodes = new Set(ledgers.ofInstance(uid).map(({ nodeName }) => nodeName));
    const writes = [...nodes].map((nodeName) =>
      ledgers.write(nodeName, (claims) => claims.filter(({ instanceUid }) => instanceUid !== uid)),
    );
    const outcomes = await Promise.all(writes);
    return !outcomes.includes('conflict');
  }

  async #finish({ instance, volumes }: Observed, requestId: string, log: Logger): Promise<ActionResult> {
    const { client, hypervisor, progress, events, waiting } = this.#deps;
    const finalizers = instance.metadata.finalizers ?? [];
    if (!finalizers.includes(INSTANCE_FINALIZER)) return WAIT;
    if (!(await this.#release(instance))) return { next: 'wait', retryMs: NOT_GONE_RETRY_MS };
    for (const disk of spareClaimsOf(instance)) await hypervisor.dropDisk(instance, disk);
    await hypervisor.releaseVolumes(
      instance,
      volumes.filter(({ held, made }) => held || made),
    );
    const { resourceVersion } = instance.metadata;
    const patch = {
      metadata: { resourceVersion, finalizers: finalizers.filter((it) => it !== INSTANCE_FINALIZER) },
    };
    try {
      await client.patch<Instance>(INSTANCE, keyOf(instance), patch, { type: 'merge' });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    progress.forget(instance);
    waiting.delete(keyOf(instance));
    events.deleted(instance, requestId);
    log.info('deleted');
    return WAIT;
  }
}

export const requestIdOf = (instance: Instance, { operation, request }: Situation): string | undefined =>
  request?.requestId ?? (operation && requestIdFor(instance, operation));
