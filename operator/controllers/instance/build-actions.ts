import { passthroughOf } from '#adapters/kubevirt/passthrough.ts';
import type { BuiltFlavor } from '#core/lifecycle/guest-size.ts';
import { isBuilt } from '#core/lifecycle/situation.ts';
import { placementRecord, refusedLately } from '#core/placement/record.ts';
import { creationTies } from '#core/placement/request.ts';
import { explain } from '#core/scheduling/explain.ts';
import type { GuestSize } from '#ports/hypervisor.ts';
import type { Logger } from '#runtime/logger.ts';
import { keyOf } from '#runtime/resource.ts';
import type { ActionResult } from './action-result.ts';
import type { InstanceDependencies } from './dependencies.ts';
import { guestSize, loosestRatios } from './loosest-ratios.ts';
import type { Observed } from './observe.ts';
import { placeRequestOf } from './place.ts';

const WAIT: ActionResult = { next: 'wait' };
/** Capacity that comes free wakes those who wait; this is only in case that was missed. */
const NO_VALID_HOST_RETRY_MS = 60_000;

/** What makes a guest: its place, its VM, what it boots with, and an Image of it. */
export class BuildActions {
  readonly #deps: InstanceDependencies;

  constructor(deps: InstanceDependencies) {
    this.#deps = deps;
  }

  async claim(view: Observed, requestId: string, log: Logger): Promise<ActionResult> {
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

  async createVm(view: Observed, runs: boolean, requestId: string, log: Logger): Promise<ActionResult> {
    const { instance, flavor, volumes } = view;
    const size = flavor && this.sizeOf(flavor, view);
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

  async setBoot(view: Observed, rescue: boolean): Promise<void> {
    const size = view.flavor && this.sizeOf(view.flavor, view);
    if (size) await this.#deps.hypervisor.setBoot(view.instance, size, rescue);
  }

  /** undefined: nobody knows what its root disk is made from. */
  sizeOf(flavor: BuiltFlavor, { image }: Observed): GuestSize | undefined {
    const { computeNodes, kubeVirts } = this.#deps.caches;
    if (!image) return undefined;
    const size = guestSize(flavor, loosestRatios(computeNodes.list()), passthroughOf(kubeVirts.list()));
    return { ...size, image };
  }

  async makeImage(
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
}
