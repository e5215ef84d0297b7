import { attachedTo } from '#adapters/kubernetes/attachments.ts';
import type { PersistentVolumeClaim } from '#adapters/kubernetes/storage.ts';
import { interfacesOfVm } from '#adapters/kubevirt/interfaces.ts';
import { pluggedOf } from '#adapters/kubevirt/plugged-volumes.ts';
import { ATTACHED_TO_ANNOTATION } from '#api/constants.ts';
import type { Flavor } from '#api/flavor.ts';
import type { ImageSpec } from '#api/image.ts';
import type { Instance, InstanceSpec } from '#api/instance.ts';
import type { InstanceAction, InstanceActionSpec } from '#api/instanceaction.ts';
import type { InstanceMigration, InstanceMigrationSpec } from '#api/instancemigration.ts';
import type { KubeObject } from '#runtime/resource.ts';
import type { Store } from '#runtime/store.ts';
import type { Caches } from '../../caches.ts';
import { Kubevirt } from './kubevirt.ts';
import { emptyCaches, FLAVOR, FLAVORS, KEY, NODES, object, PLUGGING, SPEC } from './objects.ts';
import { addNodes } from './places.ts';

/** What goes wrong with the next call of a port: an error or the operator's end, before the call has its effect or after. */
export type Mishap = 'errorBefore' | 'errorAfter' | 'killBefore' | 'killAfter';

export class Killed extends Error {}

/** What there is beside the operator: one Instance, the objects around it, what users do to them, and a clock that stands. */
export class Scene {
  readonly caches = emptyCaches();
  readonly kubevirt: Kubevirt;
  /** What happens to calls of ports, by the number of the call from now on: 0 is the next. */
  readonly mishaps = new Map<number, Mishap>();
  readonly calls: string[] = [];
  /** Nodes that have no room. */
  readonly full = new Set<string>();
  #now = Date.parse('2026-01-01T00:00:00Z');
  diskGiB = 10;
  /** Are its volumes on the disks of nodes? */
  readonly isLocal: boolean;
  #generation = 1;

  constructor(spec: Partial<InstanceSpec> = {}, { isLocal = false } = {}) {
    this.isLocal = isLocal;
    this.kubevirt = new Kubevirt(this.caches, { key: KEY, uid: 'uid-web' });
    if (isLocal) {
      addNodes(this);
      this.kubevirt.temper.root = 'alone';
    }
    for (const name of NODES) this.put('ledgers', object('NodeLedger', name, { spec: { claims: [] } }));
    this.put('kubeVirts', object('KubeVirt', 'kubevirt', { spec: PLUGGING }));
    for (const [name, size] of Object.entries(FLAVORS))
      this.put('flavors', object<Flavor>('Flavor', name, { spec: { ...FLAVOR, ...size } }));
    const metadata = { namespace: 'default', finalizers: ['compute.berth.dev/instance'], generation: 1 };
    this.put('instances', object<Instance>('Instance', 'web', { spec: { ...SPEC, ...spec } }, metadata));
  }

  /** undefined once it is deleted. */
  get instance(): Instance | undefined {
    return this.caches.instances.get(KEY);
  }

  get now(): Date {
    return new Date(this.#now);
  }

  /** The vCPUs that its VM has, its guest, and those of each claim. */
  get sizes(): { vm: number | undefined; guest: number | undefined; claims: number[] } {
    const claims = this.caches.ledgers.list().flatMap(({ spec }) => spec.claims);
    return {
      vm: this.kubevirt.vm?.spec?.template?.spec?.domain.cpu?.sockets,
      guest: this.kubevirt.vmi?.status?.currentCPUTopology?.sockets,
      claims: claims.map(({ vcpus }) => vcpus),
    };
  }

  /** Nodes with a claim for it. */
  get claimed(): string[] {
    return this.caches.ledgers.byIndex('instance', 'uid-web').map(({ metadata }) => metadata.name);
  }

  sleep(milliseconds: number): void {
    this.#now += milliseconds;
  }

  change(spec: Partial<InstanceSpec>): void {
    const { instance } = this;
    if (!instance) return;
    const metadata = { ...instance.metadata, generation: ++this.#generation };
    this.put('instances', { ...instance, metadata, spec: { ...instance.spec, ...spec } });
  }

  ask(name: string, spec: Partial<InstanceActionSpec>): void {
    const whole = { instanceRef: { name: 'web' }, cancel: false, ...spec };
    this.put(
      'instanceActions',
      object<InstanceAction>('InstanceAction', name, { spec: whole }, { namespace: 'default' }),
    );
  }

  migrate(name: string, spec: Partial<InstanceMigrationSpec> = {}): void {
    const whole = { instanceRef: { name: 'web' }, type: 'Cold', cancel: false, ...spec };
    this.put(
      'instanceMigrations',
      object<InstanceMigration>('InstanceMigration', name, { spec: whole }, { namespace: 'default' }),
    );
  }

  /** An Image of a container disk that is ready. */
  image(name: string, spec: Partial<ImageSpec> = {}): void {
    const whole = { source: { containerDisk: 'example/disk:1' }, minDiskGiB: 0, minMemoryMiB: 0, ...spec };
    this.put(
      'images',
      object('Image', name, { spec: whole, status: { stage: 'Ready' } }, { namespace: 'default' }),
    );
  }

  /** What its ComputeNode says of a node. */
  node(name: string, state: 'Up' | 'Down'): void {
    const stateReason = state === 'Up' ? 'Reporting' : 'NodeUnreachable';
    const status = { state, stateReason, stateMessage: stateReason };
    this.put('computeNodes', object('ComputeNode', name, { spec: {}, status }));
  }

  /** Every request that can be. */
  cancel(): void {
    const { instanceActions, instanceMigrations } = this.caches;
    for (const it of instanceActions.list())
      this.put('instanceActions', { ...it, spec: { ...it.spec, cancel: true } });
    for (const it of instanceMigrations.list())
      this.put('instanceMigrations', { ...it, spec: { ...it.spec, cancel: true } });
  }

  delete(): void {
    const { instance } = this;
    if (!instance) return;
    this.put('instances', {
      ...instance,
      metadata: { ...instance.metadata, deletionTimestamp: this.now.toISOString() },
    });
  }

  /** A claim of the namespace's own; attached to another Instance, if one is named. */
  claim(name: string, attached?: string): void {
    const claim = object<PersistentVolumeClaim>(
      'PersistentVolumeClaim',
      name,
      { spec: {} },
      { namespace: 'default' },
    );
    this.put('volumeClaims', claim);
    if (attached === undefined) return;
    this.put('instances', object<Instance>('Instance', attached, { spec: SPEC }, { namespace: 'default' }));
    this.attach(claim, attachedTo([{ name: attached, uid: `uid-${attached}`, shared: false }]));
  }

  /** A network of multus. */
  network(name: string): void {
    this.put('networkDefinitions', object('NetworkAttachmentDefinition', name, {}, { namespace: 'default' }));
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

  /** null: to none. */
  attach(claim: PersistentVolumeClaim, value: string | null): void {
    const annotations: Record<string, string> = value === null ? {} : { [ATTACHED_TO_ANNOTATION]: value };
    this.put('volumeClaims', { ...claim, metadata: { ...claim.metadata, annotations } });
  }

  put(name: keyof Caches, it: KubeObject & { spec?: unknown; status?: unknown }): void {
    this.kubevirt.put(this.caches[name] as unknown as Store<KubeObject>, it);
  }

  /** A call of a port, which may meet a mishap. */
  async call<T>(name: string, effect: () => T): Promise<T> {
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
}
