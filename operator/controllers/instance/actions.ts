import { passthroughOf } from '#adapters/kubevirt/passthrough.ts';
import { INSTANCE_FINALIZER } from '#api/constants.ts';
import { INSTANCE, type Instance } from '#api/instance.ts';
import { isArrivalNew, spareClaimsOf } from '#core/lifecycle/disk-record.ts';
import type { BuiltFlavor } from '#core/lifecycle/guest-size.ts';
import { requestIdFor } from '#core/lifecycle/request-id.ts';
import { type Action, isBuilt, type Situation } from '#core/lifecycle/situation.ts';
import { placementRecord, refusedLately } from '#core/placement/record.ts';
import { creationTies } from '#core/placement/request.ts';
import { explain } from '#core/scheduling/explain.ts';
import type { GuestSize } from '#ports/hypervisor.ts';
import { isNotFound } from '#runtime/errors.ts';
import type { Logger } from '#runtime/logger.ts';
import { keyOf } from '#runtime/resource.ts';
import { claimMove, keepPlace } from './claim-move.ts';
import type { InstanceDependencies } from './dependencies.ts';
import { guestSize, loosestRatios } from './loosest-ratios.ts';
import { MoveActions } from './move-actions.ts';
import type { Observed } from './observe.ts';
import { placeRequestOf } from './place.ts';

/**
 * What came of an action: look again at once, or after all others that wait for a look (and some time), wait for what the
 * caches bring, or wait because nothing can be done; `notYet`: it is to be tried again, `failed`: its operation is over.
 */
export type ActionResult =
  | { next: 'again' }
  | { next: 'afterOthers'; waitMs: number }
  | { next: 'wait' | 'notYet'; blocked?: Situation['blocked']; retryMs?: number }
  | { next: 'failed'; code: string; message: string; blocked?: undefined; retryMs?: undefined };

const AGAIN: ActionResult = { next: 'again' };
const WAIT: ActionResult = { next: 'wait' };
/** Capacity that comes free wakes those who wait; this is only in case that was missed. */
const NO_VALID_HOST_RETRY_MS = 60_000;
const NOT_GONE_RETRY_MS = 1_000;
const LOOK_AGAIN_MS = 1_000;
const NOT_YET: ActionResult = { next: 'notYet', retryMs: NOT_GONE_RETRY_MS };

/** Carries out the one thing to do next. */
export class InstanceActions {
  readonly #deps: InstanceDependencies;
  readonly #moves: MoveActions;

  constructor(deps: InstanceDependencies) {
    this.#deps = deps;
    this.#moves = new MoveActions(deps);
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
        return this.#claim(view, requestId, log);
      case 'createVm':
        return this.#createVm(view, action.runs, requestId, log);
      case 'startVm':
        await hypervisor.setRunning(instance, true, asked, view.flavor && this.#sizeOf(view.flavor, view));
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
        await this.#setBoot(view, action.rescue);
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
        const size = this.#sizeOf(action.flavor, view);
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
        const size = view.flavor && this.#sizeOf(view.flavor, view);
        const done =
          size &&
          (await hypervisor.isOff(instance)) &&
          (await hypervisor.remakeRoot(instance, size, requestId));
        return done ? WAIT : NOT_YET;
      }
      case 'makeImage':
        return this.#makeImage(view, action.name, requestId);
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

  async #claim(view: Observed, requestId: string, log: Logger): Promise<ActionResult> {
    const { scheduler, requests, profiles, caches, progress, events, waiting } = this.#deps;
    const { instance, flavor, placement } = view;
    const choice = profiles.of(instance);
    if (!flavor || choice.kind === 'missing') return WAIT;
    const { profile } = choice;
    const memoryRatio = loosestRatios(caches.computeNodes.list()).memory;
    const ties = creationTies(instance, refusedLately(placement, requestId, this.#deps.now()));
    const decision = await scheduler.place(
      placeRequestOf({ requests, profile, memoryRatio }, { instance, flavor, requestId, ties }),
    );
    const host = decision.kind === 'placed' ? caches.computeNodes.get(decision.host) : undefined;
    const availabilityZone = host?.status?.availabilityZone;
    progress.placed(
      instance,
      placementRecord(decision, {
        before: placement,
        requestId,
        time: this.#deps.now(),
        availabilityZone,
      }),
    );
    const message = explain(decision, 'owner');
    if (decision.kind === 'placed') {
      waiting.delete(keyOf(instance));
      events.placed(instance, requestId, message);
      log.info({ nodeName: decision.host }, explain(decision, 'operator'));
      return { next: 'afterOthers', waitMs: 0 }; // all who wait get their places first: building is long, and has time
    }
    waiting.add(keyOf(instance));
    events.noValidHost(instance, requestId, message);
    log.info(explain(decision, 'operator'));
    return { next: 'wait', blocked: { reason: 'NoValidHost', message }, retryMs: NO_VALID_HOST_RETRY_MS };
  }

  async #createVm(view: Observed, runs: boolean, requestId: string, log: Logger): Promise<ActionResult> {
    const { instance, flavor, volumes } = view;
    const size = flavor && this.#sizeOf(flavor, view);
    if (!size) return WAIT;
    const waitMs = this.#deps.surge.waitMs();
    if (waitMs > 0) return { next: 'afterOthers', waitMs };
    // One that is made anew gets what it had: all else of the list is attached by an operation.
    const has = volumes.filter(({ wanted, held }) => wanted && (held || !isBuilt(instance)));
    const names = has.map(({ name }) => name);
    const networks = view.networks.filter(({ wanted, obstacle }) => wanted && !obstacle);
    await this.#deps.hypervisor.create(instance, size, {
      runs,
      requestId,
      volumes: names,
      networks: networks.map(({ name }) => name),
    });
    log.info({ runs }, 'made the VM');
    return WAIT;
  }

  async #setBoot(view: Observed, rescue: boolean): Promise<void> {
    const size = view.flavor && this.#sizeOf(view.flavor, view);
    if (size) await this.#deps.hypervisor.setBoot(view.instance, size, rescue);
  }

  /** undefined: nobody knows what its root disk is made from. */
  #sizeOf(flavor: BuiltFlavor, { image }: Observed): GuestSize | undefined {
    const { computeNodes, kubeVirts } = this.#deps.caches;
    if (!image) return undefined;
    const size = guestSize(flavor, loosestRatios(computeNodes.list()), passthroughOf(kubeVirts.list()));
    return { ...size, image };
  }

  async #makeImage(
    { instance, image, flavor }: Observed,
    name: string,
    requestId: string,
  ): Promise<ActionResult> {
    if (!image || !flavor) return WAIT;
    const made = await this.#deps.images.make(instance, { name, image, flavor }, requestId);
    if (made === 'made') return WAIT;
    const message = `there is an Image ${name} already: ask again under another name`;
    return { next: 'failed', code: 'ImageExists', message };
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
