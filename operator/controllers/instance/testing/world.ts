import { claimsIn, disksOf } from '#adapters/kubevirt/disk-view.ts';
import { sizeOf } from '#adapters/kubevirt/guest-size-view.ts';
import type { InstanceSpec } from '#api/instance.ts';
import type { InstanceAction } from '#api/instanceaction.ts';
import type { InstanceMigration } from '#api/instancemigration.ts';
import type { Claim } from '#api/nodeledger.ts';
import { isCopiedWhileOff } from '#core/lifecycle/cold-copy.ts';
import { type DiskCopy, diskRecordOf } from '#core/lifecycle/disk-record.ts';
import { DEFAULT_DEADLINES } from '#core/lifecycle/operations.ts';
import { type OperationRequest, requestOfMigration } from '#core/lifecycle/request.ts';
import { type RequestStanding, requestStanding } from '#core/lifecycle/request-status.ts';
import { isPending } from '#core/lifecycle/size-view.ts';
import { strayClaim } from '#core/lifecycle/stray-guest.ts';
import { DEFAULT_PROFILE } from '#core/scheduling/profile.ts';
import { NO_TELEMETRY } from '#ports/telemetry.ts';
import { NO_TRACER } from '#ports/tracer.ts';
import type { Reconciler, Requeue } from '#runtime/controller.ts';
import { silentLogger } from '#runtime/logger.ts';
import type { KubeObject } from '#runtime/resource.ts';
import { claimsReconciler } from '../../claims/reconciler.ts';
import { flavorsFrom } from '../../flavors.ts';
import { claimNodeOf } from '../../placement/claim-node.ts';
import { actionRequests } from '../../request/reconciler.ts';
import { Surge } from '../../surge.ts';
import type { InstanceDependencies } from '../dependencies.ts';
import { InstanceEvents } from '../events.ts';
import { Progress } from '../progress.ts';
import { instanceReconciler } from '../reconciler.ts';
import { hypervisorOf } from './hypervisor.ts';
import { KEY, NODES } from './objects.ts';
import { outOfReach } from './places.ts';
import { clientOf, imageMakerOf, ledgersOf, place } from './ports.ts';
import { Killed, Scene } from './scene.ts';

/**
 * One Instance, its real reconciler, and a world around it that is held in memory: the ports, and KubeVirt as it is in the
 * end. Time stands still but for `sleep`. Not a stand-in for the API server, whose rules the integration tests meet.
 */
export class World extends Scene {
  confirmWindowMs = 0;
  #reconciler: Reconciler;
  readonly #settler: Reconciler;
  #requeueMs: number | undefined;

  constructor(spec: Partial<InstanceSpec> = {}, options: { isLocal?: boolean } = {}) {
    super(spec, options);
    this.#reconciler = this.#operator();
    this.#settler = claimsReconciler({
      client: clientOf(this),
      caches: this.caches,
      ledgers: ledgersOf(this, false),
    });
  }

  /** In how many milliseconds the last look asked for another; undefined: not before there is news. */
  get requeueMs(): number | undefined {
    return this.#requeueMs;
  }

  /** One look of the operator; one that was killed is started again. */
  async reconcile(): Promise<void> {
    try {
      const context = { log: silentLogger, signal: new AbortController().signal };
      const requeue = (await this.#reconciler.reconcile(KEY, context)) as Requeue | undefined;
      this.#requeueMs = requeue?.requeueAfterMs;
    } catch (error) {
      this.#requeueMs = 0;
      if (error instanceof Killed) this.restart();
      else if (
        !(error instanceof Error) ||
        (!error.message.startsWith('mishap') && !error.message.includes('launcher'))
      )
        throw error;
    }
  }

  restart(): void {
    this.#reconciler = this.#operator();
  }

  /** The claims' own controller has its turn as well. */
  async turn(): Promise<void> {
    this.kubevirt.turn(this.now, this.#placeOfGuest(), this.#targetOfMove());
    if (this.kubevirt.temper.imports === 'succeed')
      for (const it of this.caches.images.list()) this.put('images', { ...it, status: { stage: 'Ready' } });
    const context = { log: silentLogger, signal: new AbortController().signal };
    // Twice: a claim that changes on one node makes those on the others be looked at again.
    for (const node of [...NODES, ...NODES]) await this.#settler.reconcile(node, context);
  }

  /** As the gate has it. */
  #placeOfGuest(): string | undefined {
    const { instance, kubevirt, caches } = this;
    if (instance && isCopiedWhileOff(instance)) return undefined;
    if (instance && strayClaim(instance, claimsIn(kubevirt.vmi?.spec))) return undefined;
    const nodeName = claimNodeOf(caches, 'uid-web');
    const unreached =
      kubevirt.vmi?.status?.nodeName === undefined && outOfReach(this, kubevirt.vmi, nodeName);
    if (unreached) throw new Error(`is to start on ${nodeName}, which does not reach ${unreached}`);
    return nodeName;
  }

  #targetOfMove(): string | undefined {
    if (disksOf(this.kubevirt.vmi)?.halfSince) return undefined;
    const { copy } = this.instance ? diskRecordOf(this.instance) : {};
    if (copy) return this.#hasClaimOf(copy) ? copy.nodeName : undefined;
    const { live, failure, targetNode } = this.instance?.status?.resize ?? {};
    if (live && !failure) return targetNode;
    return isPending(sizeOf(this.kubevirt.vmi)) ? undefined : this.#claimNode('InstanceMigration');
  }

  #hasClaimOf({ nodeName, requestId }: DiskCopy): boolean {
    const claims = this.caches.ledgers.get(nodeName)?.spec.claims ?? [];
    return claims.some((it) => it.requestId === requestId);
  }

  #claimNode(kind: Claim['ownerKind']): string | undefined {
    const ledgers = this.caches.ledgers.byIndex('instance', 'uid-web');
    return ledgers.find(({ spec }) => spec.claims.some(({ ownerKind }) => ownerKind === kind))?.metadata.name;
  }

  /** How far each request is; said in its status, as its own controller does. */
  standings(): RequestStanding[] {
    const { instance } = this;
    if (!instance) return [];
    const { instanceActions, instanceMigrations } = this.caches;
    const { requestOf } = actionRequests(this.caches, { allowed: undefined, judge: () => undefined });
    return [
      ...instanceActions.list().map((it) => this.#tell('instanceActions', it, requestOf(it, instance))),
      ...instanceMigrations
        .list()
        .map((it) => this.#tell('instanceMigrations', it, requestOfMigration(it, instance))),
    ];
  }

  #tell(
    store: 'instanceActions' | 'instanceMigrations',
    object: InstanceAction | InstanceMigration,
    request: OperationRequest,
  ): RequestStanding {
    const { instance } = this;
    if (!instance) throw new Error('there is no Instance');
    const standing = requestStanding(request, instance, { before: object.status, now: this.now });
    this.put(store, { ...object, status: { ...object.status, ...standing } });
    return standing;
  }

  /** Looks, turns and waits until nothing changes any more: an hour at most of the world's time, with deadlines met. */
  async settle(): Promise<void> {
    this.mishaps.clear();
    for (let round = 0; round < 400; round++) {
      const before = JSON.stringify(this.#state());
      this.standings();
      await this.reconcile();
      await this.turn();
      if (JSON.stringify(this.#state()) !== before) this.sleep(1_000);
      else if (this.#requeueMs !== undefined) this.sleep(this.#requeueMs + 1_000);
      else return;
    }
    throw new Error(
      `does not settle: ${JSON.stringify(this.instance?.status)}\n${this.calls.slice(-20).join('\n')}`,
    );
  }

  #state(): unknown {
    const { vm, vmi, pod } = this.kubevirt;
    const strip = (it: KubeObject | undefined) =>
      it && { ...it, metadata: { ...it.metadata, resourceVersion: '' } };
    return [
      this.instance?.status,
      strip(vm),
      strip(vmi),
      strip(pod),
      this.caches.migrations.list().map(strip),
      this.caches.dataVolumes.list().map(strip),
      this.caches.images.list().map(strip),
      this.claimed,
      this.instance?.metadata.finalizers,
    ];
  }

  #operator(): Reconciler {
    const ledgers = ledgersOf(this);
    return instanceReconciler({
      client: clientOf(this),
      caches: this.caches,
      ledgers,
      scheduler: {
        place: (asked) => this.call('place', () => place(this, asked)),
      },
      requests: (_, __, asked) => asked,
      flavors: flavorsFrom(this.caches, new Map()),
      profiles: {
        version: 0,
        fallback: DEFAULT_PROFILE,
        of: () => ({ kind: 'chosen', profile: DEFAULT_PROFILE }),
        shadowsOf: () => [],
      },
      hypervisor: hypervisorOf(this),
      images: imageMakerOf(this),
      events: new InstanceEvents({ event: () => undefined, flush: async () => undefined }),
      progress: new Progress(),
      waiting: new Set(),
      telemetry: NO_TELEMETRY,
      tracer: NO_TRACER,
      surge: new Surge(() => this.now.getTime()),
      deadlines: DEFAULT_DEADLINES,
      allowedImages: undefined,
      judgeRebuild: () => undefined,
      confirmWindowMs: this.confirmWindowMs,
      now: () => this.now,
    } satisfies InstanceDependencies);
  }
}
