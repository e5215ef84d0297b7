import { attachedTo, attachmentsOf } from '#adapters/kubernetes/attachments.ts';
import type { PersistentVolumeClaim } from '#adapters/kubernetes/storage.ts';
import {
  type Interfaces,
  interfacesOf,
  interfacesOfVm,
  withNetworks,
  withoutNetworks,
} from '#adapters/kubevirt/interfaces.ts';
import { rootDiskName } from '#adapters/kubevirt/manifests.ts';
import {
  claimNameOf,
  type Plugged,
  pluggableAll,
  pluggedOf,
  withoutVolumes,
  withVolumes,
} from '#adapters/kubevirt/plugged-volumes.ts';
import type { DataVolume, VirtualMachine } from '#adapters/kubevirt/types.ts';
import {
  ASKED_POWER_ANNOTATION,
  ATTACHED_TO_ANNOTATION,
  INSTANCE_LABEL,
  INSTANCE_UID_LABEL,
  REQUEST_ID_ANNOTATION,
  VOLUME_LABEL,
} from '#api/constants.ts';
import type { Flavor } from '#api/flavor.ts';
import type { ImageSpec } from '#api/image.ts';
import type { Instance, InstanceSpec } from '#api/instance.ts';
import type { VolumeSpec } from '#api/instance-volumes.ts';
import type { InstanceAction, InstanceActionSpec } from '#api/instanceaction.ts';
import {
  INSTANCE_MIGRATION,
  type InstanceMigration,
  type InstanceMigrationSpec,
} from '#api/instancemigration.ts';
import type { Claim, NodeLedger } from '#api/nodeledger.ts';
import { DEFAULT_DEADLINES } from '#core/lifecycle/operations.ts';
import { type OperationRequest, requestOfMigration } from '#core/lifecycle/request.ts';
import { type RequestStanding, requestStanding } from '#core/lifecycle/request-status.ts';
import type { NoValidHost, Placed } from '#core/scheduling/decision.ts';
import { DEFAULT_PROFILE } from '#core/scheduling/profile.ts';
import { largestOf } from '#core/scheduling/resources.ts';
import type { GuestSize, Hypervisor } from '#ports/hypervisor.ts';
import type { ImageMaker } from '#ports/image-maker.ts';
import type { Ledgers, LedgerWrite } from '#ports/ledgers.ts';
import type { PlaceRequest } from '#ports/scheduler.ts';
import { NO_TELEMETRY } from '#ports/telemetry.ts';
import type { KubeClient } from '#runtime/client.ts';
import type { Reconciler, Requeue } from '#runtime/controller.ts';
import { ApiError } from '#runtime/errors.ts';
import { silentLogger } from '#runtime/logger.ts';
import type { KubeObject, Manifest, Resource } from '#runtime/resource.ts';
import { Store } from '#runtime/store.ts';
import { type Caches, INDEXERS } from '../../caches.ts';
import { claimsReconciler } from '../../claims/reconciler.ts';
import { flavorsFrom } from '../../flavors.ts';
import { claimNodeOf } from '../../placement/claim-node.ts';
import { actionRequests } from '../../request/reconciler.ts';
import { Surge } from '../../surge.ts';
import type { InstanceDependencies } from '../dependencies.ts';
import { InstanceEvents } from '../events.ts';
import { Progress } from '../progress.ts';
import { instanceReconciler } from '../reconciler.ts';
import { Kubevirt } from './kubevirt.ts';

/** What goes wrong with the next call of a port: an error or the operator's end, before the call has its effect or after. */
export type Mishap = 'errorBefore' | 'errorAfter' | 'killBefore' | 'killAfter';

class Killed extends Error {}

const KEY = 'default/web';
const NODES = ['node-1', 'node-2', 'node-3', 'node-4'];
const LEDGERS = { instance: (it: NodeLedger) => it.spec.claims.map(({ instanceUid }) => instanceUid) };

/**
 * One Instance, its real reconciler, and a world around it that is held in memory: the ports, and KubeVirt as it is in the
 * end. Time stands still but for `sleep`. Not a stand-in for the API server, whose rules the integration tests meet.
 */
export class World {
  readonly caches = emptyCaches();
  readonly kubevirt: Kubevirt;
  /** What happens to calls of ports, by the number of the call from now on: 0 is the next. */
  readonly mishaps = new Map<number, Mishap>();
  readonly calls: string[] = [];
  /** Nodes that have no room. */
  readonly full = new Set<string>();
  confirmWindowMs = 0;
  #now = Date.parse('2026-01-01T00:00:00Z');
  #reconciler: Reconciler;
  diskGiB = 10;
  readonly #settler: Reconciler;
  #generation = 1;
  #requeueMs: number | undefined;

  constructor(spec: Partial<InstanceSpec> = {}) {
    this.kubevirt = new Kubevirt(this.caches, { key: KEY, uid: 'uid-web' });
    for (const name of NODES) this.#put('ledgers', object('NodeLedger', name, { spec: { claims: [] } }));
    this.#put('kubeVirts', object('KubeVirt', 'kubevirt', { spec: PLUGGING }));
    for (const [name, size] of Object.entries(FLAVORS))
      this.#put('flavors', object<Flavor>('Flavor', name, { spec: { ...FLAVOR, ...size } }));
    const metadata = { namespace: 'default', finalizers: ['compute.berth.dev/instance'], generation: 1 };
    this.#put('instances', object<Instance>('Instance', 'web', { spec: { ...SPEC, ...spec } }, metadata));
    this.#reconciler = this.#operator();
    this.#settler = claimsReconciler({
      client: this.#client(),
      caches: this.caches,
      ledgers: this.#ledgers(false),
    });
  }

  /** undefined once it is deleted. */
  get instance(): Instance | undefined {
    return this.caches.instances.get(KEY);
  }

  get now(): Date {
    return new Date(this.#now);
  }

  /** The vCPUs that its VM has, and those of each claim. */
  get sizes(): { vm: number | undefined; claims: number[] } {
    const claims = this.caches.ledgers.list().flatMap(({ spec }) => spec.claims);
    return {
      vm: this.kubevirt.vm?.spec?.template?.spec?.domain.cpu?.sockets,
      claims: claims.map(({ vcpus }) => vcpus),
    };
  }

  /** Nodes with a claim for it. */
  get claimed(): string[] {
    return this.caches.ledgers.byIndex('instance', 'uid-web').map(({ metadata }) => metadata.name);
  }

  /** One look of the operator; one that was killed is started again. */
  /** In how many milliseconds the last look asked for another; undefined: not before there is news. */
  get requeueMs(): number | undefined {
    return this.#requeueMs;
  }

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

  sleep(milliseconds: number): void {
    this.#now += milliseconds;
  }

  /** The claims' own controller has its turn as well. */
  async turn(): Promise<void> {
    const [own, moves] = [claimNodeOf(this.caches, 'uid-web'), this.#claimNode('InstanceMigration')];
    this.kubevirt.turn(this.now, own, moves);
    if (this.kubevirt.temper.imports === 'succeed')
      for (const it of this.caches.images.list()) this.#put('images', { ...it, status: { stage: 'Ready' } });
    const context = { log: silentLogger, signal: new AbortController().signal };
    // Twice: a claim that changes on one node makes those on the others be looked at again.
    for (const node of [...NODES, ...NODES]) await this.#settler.reconcile(node, context);
  }

  #claimNode(kind: Claim['ownerKind']): string | undefined {
    const ledgers = this.caches.ledgers.byIndex('instance', 'uid-web');
    return ledgers.find(({ spec }) => spec.claims.some(({ ownerKind }) => ownerKind === kind))?.metadata.name;
  }

  change(spec: Partial<InstanceSpec>): void {
    const { instance } = this;
    if (!instance) return;
    const metadata = { ...instance.metadata, generation: ++this.#generation };
    this.#put('instances', { ...instance, metadata, spec: { ...instance.spec, ...spec } });
  }

  ask(name: string, spec: Partial<InstanceActionSpec>): void {
    const whole = { instanceRef: { name: 'web' }, cancel: false, ...spec };
    this.#put(
      'instanceActions',
      object<InstanceAction>('InstanceAction', name, { spec: whole }, { namespace: 'default' }),
    );
  }

  migrate(name: string, spec: Partial<InstanceMigrationSpec> = {}): void {
    const whole = { instanceRef: { name: 'web' }, type: 'Cold', cancel: false, ...spec };
    this.#put(
      'instanceMigrations',
      object<InstanceMigration>('InstanceMigration', name, { spec: whole }, { namespace: 'default' }),
    );
  }

  /** An Image of a container disk that is ready. */
  image(name: string, spec: Partial<ImageSpec> = {}): void {
    const whole = { source: { containerDisk: 'example/disk:1' }, minDiskGiB: 0, minMemoryMiB: 0, ...spec };
    this.#put(
      'images',
      object('Image', name, { spec: whole, status: { stage: 'Ready' } }, { namespace: 'default' }),
    );
  }

  /** What its ComputeNode says of a node. */
  node(name: string, state: 'Up' | 'Down'): void {
    this.#put('computeNodes', object('ComputeNode', name, { spec: {}, status: { state } }));
  }

  /** Every request that can be. */
  cancel(): void {
    const { instanceActions, instanceMigrations } = this.caches;
    for (const it of instanceActions.list())
      this.#put('instanceActions', { ...it, spec: { ...it.spec, cancel: true } });
    for (const it of instanceMigrations.list())
      this.#put('instanceMigrations', { ...it, spec: { ...it.spec, cancel: true } });
  }

  delete(): void {
    const { instance } = this;
    if (!instance) return;
    this.#put('instances', {
      ...instance,
      metadata: { ...instance.metadata, deletionTimestamp: this.now.toISOString() },
    });
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
    this.#put(store, { ...object, status: { ...object.status, ...standing } });
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
      this.caches.dataVolumes.list().map(strip),
      this.caches.images.list().map(strip),
      this.claimed,
      this.instance?.metadata.finalizers,
    ];
  }

  #put(name: keyof Caches, it: KubeObject & { spec?: unknown; status?: unknown }): void {
    this.kubevirt.put(this.caches[name] as unknown as Store<KubeObject>, it);
  }

  async #call<T>(name: string, effect: () => T): Promise<T> {
    const mishap = this.mishaps.get(0);
    const later = [...this.mishaps].filter(([at]) => at > 0).map(([at, what]) => [at - 1, what] as const);
    this.mishaps.clear();
    for (const [at, what] of later) this.mishaps.set(at, what);
    this.calls.push(mishap ? `${name} (${mishap})` : name);
    if (mishap === 'errorBefore') throw new Error(`mishap before ${name}`);
    if (mishap === 'killBefore') throw new Killed(name);
    const result = effect();
    if (mishap === 'errorAfter') throw new Error(`mishap after ${name}`);
    if (mishap === 'killAfter') throw new Killed(name);
    return result;
  }

  #operator(): Reconciler {
    const ledgers = this.#ledgers();
    return instanceReconciler({
      client: this.#client(),
      caches: this.caches,
      ledgers,
      scheduler: {
        place: (asked) => this.#call('place', () => this.#place(asked)),
      },
      requests: (_, __, asked) => asked,
      flavors: flavorsFrom(this.caches, new Map()),
      profiles: {
        version: 0,
        fallback: DEFAULT_PROFILE,
        of: () => ({ kind: 'chosen', profile: DEFAULT_PROFILE }),
        shadowsOf: () => [],
      },
      hypervisor: this.#hypervisor(),
      images: this.#images(),
      events: new InstanceEvents({ event: () => undefined, flush: async () => undefined }),
      progress: new Progress(),
      waiting: new Set(),
      telemetry: NO_TELEMETRY,
      surge: new Surge(() => this.#now),
      deadlines: DEFAULT_DEADLINES,
      allowedImages: undefined,
      judgeRebuild: () => undefined,
      confirmWindowMs: this.confirmWindowMs,
      now: () => this.now,
    } satisfies InstanceDependencies);
  }

  #place({ claim, request, held }: PlaceRequest): Placed | NoValidHost {
    const { failedHosts = [], ignoreHosts = [], onlyHosts = NODES } = request.ties ?? {};
    const not = [...failedHosts, ...ignoreHosts, ...this.full];
    const host = onlyHosts.find((name) => !not.includes(name));
    const decided = { profile: 'default', hostsConsidered: NODES.length, filters: [] };
    if (host === undefined) return { kind: 'noValidHost', ...decided, nearestMisses: [] };
    const size = held?.nodeName === host ? { ...claim, ...largestOf(held, claim) } : claim;
    this.#writeLedger(host, (claims) => [...claims.filter(({ uid }) => uid !== claim.uid), size]);
    return { kind: 'placed', host, ...decided, alternates: [], hostsLeft: 1, best: [], rank: 1 };
  }

  #writeLedger(nodeName: string, change: Parameters<Ledgers['write']>[1]): LedgerWrite {
    const held = this.caches.ledgers.get(nodeName);
    if (!held) return 'lost';
    const claims = change(held.spec.claims);
    if (!claims) return 'conflict';
    if (claims === held.spec.claims) return 'unchanged';
    this.#put('ledgers', { ...held, spec: { claims: [...claims] } } as NodeLedger);
    return 'written';
  }

  /** What the claims' own controller writes is no call of the Instance's. */
  #ledgers(isCounted = true): Ledgers {
    const call = <T>(name: string, effect: () => T) =>
      isCounted ? this.#call(name, effect) : Promise.resolve(effect());
    return {
      ofInstance: (uid) =>
        this.caches.ledgers
          .byIndex('instance', uid)
          .flatMap(({ metadata, spec }) =>
            spec.claims
              .filter(({ instanceUid }) => instanceUid === uid)
              .map((claim) => ({ nodeName: metadata.name, claim })),
          ),
      claimsOn: (nodeName) => this.caches.ledgers.get(nodeName)?.spec.claims,
      write: (nodeName, change) => call('writeLedger', () => this.#writeLedger(nodeName, change)),
      create: async () => undefined,
    };
  }

  #hypervisor(): Hypervisor {
    const { kubevirt, caches } = this;
    const subresource = (verb: 'pause' | 'unpause' | 'softreboot' | 'reset') => () =>
      this.#call(verb, () => kubevirt.subresource(verb));
    return {
      create: (instance, size, { runs, volumes, networks, requestId }) =>
        this.#call('createVm', () => {
          const entries = this.#reserve(instance, volumes);
          const disk = rootDiskName(instance);
          if (!caches.dataVolumes.get(`default/${disk}`))
            this.#put('dataVolumes', this.#disk(disk, requestId));
          if (kubevirt.vm) return;
          const vm = kubevirt.owned('web', {
            spec: {
              runStrategy: runs ? 'Once' : 'Halted',
              template: templateOf(size, pluggableAll(instance, entries), interfacesOf(instance, networks)),
            },
          }) as VirtualMachine;
          const annotations = { [ASKED_POWER_ANNOTATION]: runs ? 'Running' : 'Stopped' };
          this.#put('vms', { ...vm, metadata: { ...vm.metadata, annotations } });
        }),
      setRunning: (_, runs, requestId) =>
        this.#call(`run ${runs}`, () => kubevirt.setRunning(runs, requestId)),
      setBoot: (_, __, rescue) =>
        this.#call(`boot ${rescue ? 'rescue' : 'root'}`, () => kubevirt.setBoot(rescue)),
      pause: subresource('pause'),
      unpause: subresource('unpause'),
      softReboot: subresource('softreboot'),
      reset: subresource('reset'),
      replacePod: () => this.#call('replacePod', () => kubevirt.deleteVmi()),
      plugVolumes: (instance, names) =>
        this.#call(`plug ${names}`, () => {
          const entries = this.#reserve(instance, names);
          if (kubevirt.vm) this.#put('vms', withVolumes(kubevirt.vm, instance, entries));
        }),
      unplugVolumes: (_, names) =>
        this.#call(`unplug ${names}`, () => {
          if (kubevirt.vm) this.#put('vms', withoutVolumes(kubevirt.vm, names));
        }),
      plugNetworks: (instance, names) =>
        this.#call(`plug network ${names}`, () => {
          if (kubevirt.vm) this.#put('vms', withNetworks(kubevirt.vm, instance, names));
        }),
      unplugNetworks: (_, names, runs) =>
        this.#call(`unplug network ${names}`, () => {
          if (kubevirt.vm) this.#put('vms', withoutNetworks(kubevirt.vm, names, runs));
        }),
      releaseVolumes: (instance, volumes) =>
        this.#call(`release ${volumes.map(({ name }) => name)}`, () => {
          for (const { claimName, made, deleteOnTermination } of volumes)
            this.#release(instance, claimName, made && deleteOnTermination);
        }),
      delete: (_, blank) =>
        this.#call('deleteVm', () => {
          for (const store of [caches.vms, caches.dataVolumes] as unknown as Store<KubeObject>[])
            for (const it of store.list().filter((other) => isGoing(other, blank)))
              kubevirt.put(store, {
                ...it,
                metadata: { ...it.metadata, deletionTimestamp: this.now.toISOString() },
              });
          if (!kubevirt.vmi && kubevirt.vm) kubevirt.remove(caches.vms, kubevirt.vm);
        }),
      rootVolume: async () => ({
        sizeGiB: this.diskGiB,
        isBound: true,
        storageClass: 'network',
        expandable: true,
        onlyOn: undefined,
      }),
      reshape: (_, size) =>
        this.#call('reshape', () => {
          const { vm } = kubevirt;
          this.diskGiB = Math.max(this.diskGiB, size.rootDiskGiB);
          if (kubevirt.vmi) throw new Error('the guest runs while its VM is changed');
          if (vm)
            this.#put('vms', {
              ...vm,
              spec: { ...vm.spec, template: templateOf(size, pluggedOf(vm), interfacesOfVm(vm)) },
            });
          return true;
        }),
      remakeRoot: (instance, size, requestId) =>
        this.#call('remakeRoot', () => {
          const { vm } = kubevirt;
          if (kubevirt.vmi) throw new Error('the guest runs while its disk is replaced');
          if (vm)
            this.#put('vms', {
              ...vm,
              spec: { ...vm.spec, template: templateOf(size, pluggedOf(vm), interfacesOfVm(vm)) },
            });
          const there = caches.dataVolumes.get(`default/${rootDiskName(instance)}`);
          const { metadata } = there ?? {};
          if (metadata?.annotations?.[REQUEST_ID_ANNOTATION] === requestId)
            return !metadata.deletionTimestamp;
          if (there)
            this.#put('dataVolumes', {
              ...there,
              metadata: { ...there.metadata, deletionTimestamp: this.now.toISOString() },
            });
          else this.#put('dataVolumes', this.#disk(rootDiskName(instance), requestId));
          return there === undefined;
        }),
      liveMigrate: (_, { requestId }) =>
        this.#call('liveMigrate', () => {
          kubevirt.migrate(requestId);
          return { kind: 'begun' as const };
        }),
      abortMigration: async (_, { name }) => {
        await this.#call('abortMigration', () => kubevirt.abort(name));
        return 'aborted';
      },
      isGone: async () => !kubevirt.vm && !kubevirt.vmi && caches.pods.size === 0,
      isOff: async () => !kubevirt.vmi && caches.pods.size === 0,
    };
  }

  #disk(name: string, requestId: string): DataVolume {
    const disk = this.kubevirt.owned(name, { spec: {} }) as DataVolume;
    return { ...disk, metadata: { ...disk.metadata, annotations: { [REQUEST_ID_ANNOTATION]: requestId } } };
  }

  #images(): ImageMaker {
    const { images } = this.caches;
    return {
      make: (_, { name }, requestId) =>
        this.#call('makeImage', () => {
          const there = images.get(`default/${name}`);
          if (there)
            return there.metadata.annotations?.[REQUEST_ID_ANNOTATION] === requestId ? 'made' : 'taken';
          const annotations = { [REQUEST_ID_ANNOTATION]: requestId };
          const labels = { [INSTANCE_UID_LABEL]: 'uid-web' };
          this.#put(
            'images',
            object('Image', name, { spec: {} }, { namespace: 'default', annotations, labels }),
          );
          return 'made';
        }),
      drop: (_, requestId) =>
        this.#call('dropImage', () => {
          for (const it of images.byIndex('request', requestId)) this.kubevirt.remove(images, it);
        }),
    };
  }

  /** @throws where another Instance has one. */
  #reserve(instance: Instance, names: readonly string[]): VolumeSpec[] {
    const entries = (instance.spec.volumes ?? []).filter(({ name }) => names.includes(name));
    for (const entry of entries) {
      const claimName = claimNameOf(instance, entry);
      const claim = this.caches.volumeClaims.get(`default/${claimName}`) ?? this.#makeClaim(entry, claimName);
      const { uid, name } = instance.metadata;
      if (attachmentsOf(claim).some((it) => it.uid !== uid)) throw new Error(`mishap: ${claimName} is taken`);
      this.#attach(claim, attachedTo([{ name, uid, shared: entry.shareable ?? false }]));
    }
    return entries;
  }

  #makeClaim({ name }: VolumeSpec, claimName: string): PersistentVolumeClaim {
    const labels = { [INSTANCE_LABEL]: 'web', [INSTANCE_UID_LABEL]: 'uid-web', [VOLUME_LABEL]: name };
    const made = (kind: string) =>
      object<KubeObject>(kind, claimName, { spec: {} }, { namespace: 'default', labels });
    this.#put('dataVolumes', made('DataVolume'));
    this.#put('volumeClaims', made('PersistentVolumeClaim'));
    return made('PersistentVolumeClaim') as PersistentVolumeClaim;
  }

  #attach(claim: PersistentVolumeClaim, value: string | null): void {
    const annotations: Record<string, string> = value === null ? {} : { [ATTACHED_TO_ANNOTATION]: value };
    this.#put('volumeClaims', { ...claim, metadata: { ...claim.metadata, annotations } });
  }

  #release({ metadata: { uid } }: Instance, claimName: string, goes: boolean): void {
    const claim = this.caches.volumeClaims.get(`default/${claimName}`);
    if (!claim) return;
    const left = attachmentsOf(claim).filter((it) => it.uid !== uid);
    if (!goes) {
      this.#attach(claim, attachedTo(left));
      return;
    }
    const made = this.caches.dataVolumes.get(`default/${claimName}`);
    if (made) this.kubevirt.remove(this.caches.dataVolumes, made);
    this.kubevirt.remove(this.caches.volumeClaims, claim);
  }

  /** A claim of the namespace's own; attached to another Instance, if one is named. */
  claim(name: string, attached?: string): void {
    const claim = object<PersistentVolumeClaim>(
      'PersistentVolumeClaim',
      name,
      { spec: {} },
      { namespace: 'default' },
    );
    this.#put('volumeClaims', claim);
    if (attached === undefined) return;
    this.#put('instances', object<Instance>('Instance', attached, { spec: SPEC }, { namespace: 'default' }));
    this.#attach(claim, attachedTo([{ name: attached, uid: `uid-${attached}`, shared: false }]));
  }

  /** A network of multus. */
  network(name: string): void {
    this.#put(
      'networkDefinitions',
      object('NetworkAttachmentDefinition', name, {}, { namespace: 'default' }),
    );
  }

  /** Names of the interfaces that its VM has, and that the guest has. */
  get nics(): { vm: string[]; guest: string[] } {
    const { vm, vmi } = this.kubevirt;
    const inDomain = (vmi?.status?.interfaces ?? []).filter(({ infoSource }) => infoSource === 'domain');
    return {
      vm: interfacesOfVm(vm).interfaces.flatMap(({ name, state }) => (state === 'absent' ? [] : [name])),
      guest: inDomain.map(({ name = '' }) => name),
    };
  }

  /** Names of the volumes that its VM has, that the guest has, and of the claims that say they are its. */
  get disks(): { vm: string[]; guest: string[]; claims: string[] } {
    const { vm, vmi } = this.kubevirt;
    const ready = (vmi?.status?.volumeStatus ?? []).filter(({ phase }) => phase === 'Ready');
    const own = this.caches.volumeClaims.byIndex('attachedTo', 'uid-web');
    return {
      vm: pluggedOf(vm).volumes.map(({ name }) => name),
      guest: ready.map(({ name }) => name),
      claims: own.map(({ metadata }) => metadata.name),
    };
  }

  /** The two writes that the reconciler makes by itself: its status, and the finalizer. */
  #client(): KubeClient {
    const write = (name: string, change: (instance: Instance) => Instance) =>
      this.#call(name, () => {
        const { instance } = this;
        if (!instance) throw new ApiError(404, { reason: 'NotFound' }, name);
        const after = change(instance);
        if (after.metadata.deletionTimestamp && after.metadata.finalizers?.length === 0)
          this.kubevirt.remove(this.caches.instances, after);
        else this.#put('instances', after);
        return this.instance ?? after;
      });
    const applyToMove = (wanted: Manifest) =>
      this.#call('status of the move', () => {
        const held = this.caches.instanceMigrations.get(`default/${wanted.metadata.name}`);
        if (!held) throw new ApiError(404, { reason: 'NotFound' }, 'InstanceMigration');
        const { status } = wanted as unknown as InstanceMigration;
        this.#put('instanceMigrations', { ...held, status: { ...held.status, ...status } });
        return held;
      });
    const get = () => Promise.reject(new ApiError(404, { reason: 'NotFound' }, 'get'));
    const apply = (resource: Resource, wanted: Manifest) =>
      resource === INSTANCE_MIGRATION
        ? applyToMove(wanted)
        : write('status', (it) => ({ ...it, status: (wanted as unknown as Instance).status }));
    const patch = (_: Resource, __: string, change: { metadata: { finalizers: string[] } }) =>
      write('finalizer', (it) => ({
        ...it,
        metadata: { ...it.metadata, finalizers: change.metadata.finalizers },
      }));
    return { apply, patch, get } as unknown as KubeClient;
  }
}

const templateOf = (
  { vcpus }: GuestSize,
  { disks, volumes }: Plugged,
  { interfaces, networks }: Interfaces,
) => ({
  spec: { domain: { cpu: { sockets: vcpus }, devices: { disks, interfaces } }, volumes, networks },
});

/** KubeVirt plugs volumes into a guest that runs. */
const PLUGGING = {
  configuration: { developerConfiguration: { featureGates: ['DeclarativeHotplugVolumes'] } },
};

/** All but volumes beside the root disk, which outlive their Instance unless they are named. */
const isGoing = ({ metadata: { labels } }: KubeObject, blank: readonly string[]): boolean =>
  labels?.[VOLUME_LABEL] === undefined || blank.includes(labels[VOLUME_LABEL]);

const FLAVORS = { small: {}, large: { vcpus: 2, rootDisk: '20Gi' }, thin: { vcpus: 2, rootDisk: '5Gi' } };
const FLAVOR = { vcpus: 1, memory: '1Gi', rootDisk: '10Gi', ephemeralDisk: '0', swap: '0' };
const SPEC: InstanceSpec = {
  flavorRef: { name: 'small' },
  image: { containerDisk: 'example/disk:1' },
  rootDisk: { ephemeral: false },
  powerState: 'Running',
  shelved: false,
  locked: false,
  deletionProtection: false,
};

function object<T extends KubeObject>(kind: string, name: string, rest: object, metadata: object = {}): T {
  const common = {
    name,
    uid: `uid-${name}`,
    resourceVersion: '0',
    creationTimestamp: '2026-01-01T00:00:00Z',
  };
  return {
    apiVersion: 'compute.berth.dev/v1alpha1',
    kind,
    metadata: { ...common, ...metadata },
    ...rest,
  } as unknown as T;
}

function emptyCaches(): Caches {
  const known: Record<string, Store<never>> = {};
  const indexers: Record<string, object> = {
    instances: INDEXERS.instances,
    instanceActions: INDEXERS.requests,
    instanceMigrations: INDEXERS.requests,
    migrations: INDEXERS.migrations,
    pods: INDEXERS.pods,
    images: INDEXERS.images,
    ledgers: LEDGERS,
    volumeClaims: INDEXERS.volumeClaims,
  };
  return new Proxy(known, {
    get(stores, name: string) {
      const store = stores[name] ?? new Store<never>({ indexers: indexers[name] ?? {} } as never);
      if (!stores[name]) store.replace([], '0');
      stores[name] = store;
      return store;
    },
  }) as unknown as Caches;
}
