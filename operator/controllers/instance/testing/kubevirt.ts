import type { Pod } from '#adapters/kubernetes/types.ts';
import { claimsIn } from '#adapters/kubevirt/disk-view.ts';
import { interfacesOfVm, withoutNetworks } from '#adapters/kubevirt/interfaces.ts';
import { isMoveOver } from '#adapters/kubevirt/moves.ts';
import { pluggingVolumes } from '#adapters/kubevirt/named-disks.ts';
import { claimOf, type Plugged, pluggedOf } from '#adapters/kubevirt/plugged-volumes.ts';
import {
  type DataVolume,
  type VirtualMachine,
  type VirtualMachineInstance,
  type VirtualMachineInstanceMigration,
  WORKLOAD_UPDATE_ANNOTATION,
} from '#adapters/kubevirt/types.ts';
import { ASKED_POWER_ANNOTATION, INSTANCE_UID_LABEL, REQUEST_ID_LABEL } from '#api/constants.ts';
import type { KubeObject } from '#runtime/resource.ts';
import type { Store } from '#runtime/store.ts';
import type { Caches } from '../../caches.ts';
import {
  canCopy,
  copiedStatus,
  copiesOf,
  isCopied,
  migratableStatus,
  rootVolumeIn,
  vmConditions,
  withCopyOf,
  withDisksOf,
} from './disks.ts';
import { grownStatus, interfacesGone, withInterfacesOf, withSizeOf, withVolumesOf } from './plugging.ts';
import { GOOD, type Temper } from './temper.ts';

/** KubeVirt and the kubelet for one Instance, moved one turn at a time: what they do at last, without how they do it. */
export class Kubevirt {
  readonly temper: Temper = { ...GOOD };
  readonly #caches: Caches;
  readonly #key: string;
  readonly #uid: string;
  /** What is on each claim that is or was a disk made for the Instance: nothing yet, all that the guest wrote, or what it wrote until it left. */
  readonly contents = new Map<string, 'nothing' | 'all' | 'old'>();
  #versions = 0;
  #pods = 0;

  constructor(caches: Caches, { key, uid }: { key: string; uid: string }) {
    this.#caches = caches;
    this.#key = key;
    this.#uid = uid;
  }

  get vm(): VirtualMachine | undefined {
    return this.#caches.vms.get(this.#key);
  }

  get vmi(): VirtualMachineInstance | undefined {
    return this.#caches.vmis.get(this.#key);
  }

  get moves(): VirtualMachineInstanceMigration[] {
    return this.#caches.migrations.list().filter((it) => !isMoveOver(it));
  }

  get pod(): Pod | undefined {
    return this.#caches.pods.list()[0];
  }

  put<T extends KubeObject>(store: Store<T>, object: T): T {
    const metadata = { ...object.metadata, resourceVersion: `${++this.#versions}` };
    const stored = { ...object, metadata };
    store.observe('MODIFIED', stored);
    return stored;
  }

  remove<T extends KubeObject>(store: Store<T>, object: T): void {
    const metadata = { ...object.metadata, resourceVersion: `${++this.#versions}` };
    store.observe('DELETED', { ...object, metadata });
  }

  /** An object of the guest's. */
  owned<T>(name: string, rest: T): T & KubeObject {
    const metadata = {
      name,
      namespace: 'default',
      uid: `uid-${name}-${++this.#versions}`,
      resourceVersion: '0',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { [INSTANCE_UID_LABEL]: this.#uid },
    };
    return { apiVersion: 'v1', kind: 'Any', metadata, ...rest } as T & KubeObject;
  }

  setRunning(runs: boolean, requestId: string | undefined): void {
    const { vm } = this;
    if (!vm) throw new Error('there is no VM');
    const annotations =
      requestId === undefined
        ? vm.metadata.annotations
        : { ...vm.metadata.annotations, [ASKED_POWER_ANNOTATION]: runs ? 'Running' : 'Stopped' };
    const spec = { ...vm.spec, runStrategy: runs ? 'Once' : 'Halted' } as VirtualMachine['spec'];
    const changed = { ...vm, metadata: { ...vm.metadata, annotations }, spec };
    this.put(this.#caches.vms, runs ? pluggingVolumes(changed) : changed);
  }

  setBoot(rescue: boolean, rootClaim: string, { disks, volumes }: Plugged): void {
    const { vm } = this;
    if (!vm || this.vmi) throw new Error('there is no VM, or it is not off');
    const template = vm.spec?.template;
    const domain = { ...template?.spec?.domain, devices: { ...template?.spec?.domain.devices, disks } };
    const spec = {
      ...template?.spec,
      domain,
      volumes: [
        ...(rescue ? [{ name: 'rescue' }] : []),
        { name: 'root', dataVolume: { name: rootClaim } },
        ...volumes,
      ],
    };
    this.put(this.#caches.vms, {
      ...vm,
      spec: { ...vm.spec, template: { ...template, spec } } as VirtualMachine['spec'],
    });
  }

  /** Everything goes as far as it can without an answer of ours. */
  turn(now: Date, nodeName: string | undefined, targetNode: string | undefined): void {
    this.#update();
    for (const migration of this.#caches.migrations.list()) this.#moveOn(migration, targetNode);
    for (const disk of this.#caches.dataVolumes.list()) this.#fill(disk);
    if (this.vmi) this.#moveGuest(this.vmi, now, nodeName);
    else this.#startGuest();
    this.#syncVm();
    if (this.vm?.metadata.deletionTimestamp && !this.vmi) this.remove(this.#caches.vms, this.vm);
  }

  /** A claim goes with its DataVolume. */
  #fill(disk: DataVolume): void {
    const { dataVolumes, volumeClaims } = this.#caches;
    if (!disk.metadata.deletionTimestamp) {
      if (this.temper.imports === 'succeed')
        this.put(dataVolumes, { ...disk, status: { phase: 'Succeeded' } } as DataVolume);
      return;
    }
    this.remove(dataVolumes, disk);
    const claim = volumeClaims.get(`default/${disk.metadata.name}`);
    if (claim) this.remove(volumeClaims, claim);
  }

  #startGuest(): void {
    const { vm } = this;
    if (!vm || vm.metadata.deletionTimestamp || vm.spec?.runStrategy === 'Halted') return;
    if (vmConditions(vm).includes('ManualRecoveryRequired')) return;
    const [name = ''] = this.#key.split('/').slice(1);
    const root = rootVolumeIn(vm);
    const size = vm.spec?.template?.spec?.domain;
    this.put(
      this.#caches.vmis,
      this.owned(name, {
        spec: {
          domain: {
            devices: { interfaces: interfacesOfVm(vm).interfaces },
            cpu: { ...size?.cpu, maxSockets: HEAD_ROOM * (size?.cpu?.sockets ?? 1) },
            memory: { ...size?.memory, maxGuest: '4096Mi' },
          },
          networks: interfacesOfVm(vm).networks,
          volumes: [...(root ? [root] : []), ...pluggedOf(vm).volumes],
        },
        status: {
          phase: 'Scheduling',
          currentCPUTopology: { sockets: size?.cpu?.sockets },
          memory: { guestRequested: size?.memory?.guest },
        },
      }) as VirtualMachineInstance,
    );
    const pod = this.owned(`virt-launcher-${++this.#pods}`, { spec: {}, status: { phase: 'Pending' } });
    this.put(this.#caches.pods, pod as Pod);
  }

  #moveGuest(vmi: VirtualMachineInstance, now: Date, nodeName: string | undefined): void {
    const { vm, pod } = this;
    const isUnwanted = !vm || vm.metadata.deletionTimestamp || vm.spec?.runStrategy === 'Halted';
    if (vmi.metadata.deletionTimestamp) {
      if (pod) this.remove(this.#caches.pods, pod);
      this.remove(this.#caches.vmis, vmi);
      return;
    }
    if (isUnwanted) this.deleteVmi();
    else if (vmi.status?.phase === 'Scheduling' && nodeName !== undefined) this.#admit(vmi, now, nodeName);
    else if (vmi.status?.phase === 'Running') {
      if (!this.temper.deaf) this.#answer(vmi, now);
      this.#plug();
      this.#takeDisks();
    }
  }

  /** What of the VM's template the guest that runs takes. */
  #plug(): void {
    const { vm, vmi, temper } = this;
    if (!vm || !vmi) return;
    const isPlugging = temper.volumes !== 'stall' && vm.spec?.updateVolumesStrategy !== 'Migration';
    const plugged = isPlugging ? withVolumesOf(vm, vmi) : vmi;
    const linked = temper.networks === 'stall' ? plugged : withInterfacesOf(vm, plugged);
    const sized = temper.growth === 'stall' || this.#isMoving ? linked : withSizeOf(vm, linked);
    if (sized !== vmi) this.put(this.#caches.vmis, sized);
    const gone = temper.networks === 'stall' ? [] : interfacesGone(vm, vmi);
    if (gone.length > 0) this.put(this.#caches.vms, withoutNetworks(vm, gone, false));
  }

  /** Other claims of the disks; and whether the guest can move with those. */
  #takeDisks(): void {
    const { vm, vmi, temper } = this;
    if (!vm || !vmi) return;
    const taken = temper.copies === 'stall' || this.#isMoving ? vmi : withDisksOf(vm, vmi, temper.copies);
    const status = migratableStatus(taken, temper.root);
    if (taken !== vmi || JSON.stringify(status) !== JSON.stringify(vmi.status))
      this.put(this.#caches.vmis, { ...taken, status } as VirtualMachineInstance);
  }

  /** What the VM remembers of a copy: pkg/virt-controller/watch/vm, syncVolumeMigration. */
  #syncVm(): void {
    const { vm, vmi } = this;
    const changed = vm && withCopyOf(vm, vmi);
    if (changed && JSON.stringify(changed.status) !== JSON.stringify(vm?.status))
      this.put(this.#caches.vms, changed);
  }

  /** The workload updater: a guest whose disk is to be copied is moved. */
  #update(): void {
    const { vmi, temper } = this;
    if (temper.updater === 'off' || vmi?.status?.phase !== 'Running' || !isCopied(vmi)) return;
    if (this.moves.length > 0) return;
    const made = this.owned(`update-${this.#versions}`, {
      spec: { vmiName: 'web' },
      status: { phase: 'Pending' },
    });
    const annotations = { [WORKLOAD_UPDATE_ANNOTATION]: '' };
    this.put(this.#caches.migrations, {
      ...made,
      metadata: { ...made.metadata, annotations },
    } as VirtualMachineInstanceMigration);
  }

  get #isMoving(): boolean {
    return this.#caches.migrations.list().some(({ status }) => status?.phase === 'Running');
  }

  #admit(vmi: VirtualMachineInstance, now: Date, nodeName: string): void {
    const { pod } = this;
    const disks = this.#caches.dataVolumes.list();
    const root = vmi.spec.volumes?.find(({ name: it }) => it === 'root');
    const disk = disks.find(({ metadata }) => root && metadata.name === claimOf(root));
    if (!pod || disk?.status?.phase !== 'Succeeded') return;
    for (const claim of Object.values(claimsIn(vmi.spec)).filter(
      (it) => (this.contents.get(it) ?? 'all') !== 'all',
    ))
      throw new Error(`starts with ${claim}, which has ${this.contents.get(claim)} of what was written`);
    if (this.temper.refusals > 0) {
      this.temper.refusals--;
      this.put(this.#caches.pods, {
        ...pod,
        status: { phase: 'Failed', reason: 'OutOfcpu', message: 'full' },
      });
      this.put(this.#caches.vmis, { ...vmi, status: { phase: 'Failed' } } as VirtualMachineInstance);
      return;
    }
    this.put(this.#caches.pods, { ...pod, spec: { ...pod.spec, nodeName }, status: { phase: 'Running' } });
    this.#writes(Object.entries(claimsIn(vmi.spec)));
    const status = { ...vmi.status, phase: 'Running', nodeName, conditions: [agent(now)] };
    this.#become(vmi, migratableStatus({ ...vmi, status } as VirtualMachineInstance, this.temper.root));
  }

  /** A guest that runs writes on its disks: what was copied of them before lacks that. */
  #writes(claims: (readonly [string, string])[]): void {
    for (const [name, claim] of claims)
      for (const [other, content] of this.contents)
        if (other !== claim && other.startsWith(`web-${name}`) && content === 'all')
          this.contents.set(other, 'old');
  }

  /** The agent answers again after a reboot. */
  #answer(vmi: VirtualMachineInstance, now: Date): void {
    const { conditions = [], ...status } = vmi.status ?? {};
    if (conditions.some(({ type }) => type === 'AgentConnected' || type === 'Paused')) return;
    this.#become(vmi, { ...status, conditions: [...conditions, agent(now)] });
  }

  /** Somebody deletes the VM, and with it the VMI. */
  deleteVm(): void {
    const { vm } = this;
    if (!vm || vm.metadata.deletionTimestamp) return;
    const deletionTimestamp = '2026-01-01T00:00:00Z';
    this.put(this.#caches.vms, { ...vm, metadata: { ...vm.metadata, deletionTimestamp } });
    this.deleteVmi();
  }

  deleteVmi(): void {
    const { vmi } = this;
    if (!vmi || vmi.metadata.deletionTimestamp) return;
    const deletionTimestamp = '2026-01-01T00:00:00Z';
    this.put(this.#caches.vmis, { ...vmi, metadata: { ...vmi.metadata, deletionTimestamp } });
  }

  /** One migration of a request, however often it is asked for; one of a guest. False: refused. */
  migrate(requestId: string): boolean {
    if (this.#caches.migrations.list().some(({ metadata }) => metadata.name === requestId)) return true;
    const said = this.vmi?.status?.conditions?.find(({ type }) => type === 'LiveMigratable');
    if (said?.status === 'False' || this.moves.length > 0) return false;
    const made = this.owned(requestId, { spec: { vmiName: 'web' }, status: { phase: 'Pending' } });
    const labels = { [REQUEST_ID_LABEL]: requestId };
    this.put(this.#caches.migrations, {
      ...made,
      metadata: { ...made.metadata, labels },
    } as VirtualMachineInstanceMigration);
    return true;
  }

  abort(name: string): void {
    const migration = this.#caches.migrations.list().find(({ metadata }) => metadata.name === name);
    if (!migration) return;
    const deletionTimestamp = '2026-01-01T00:00:00Z';
    this.put(this.#caches.migrations, {
      ...migration,
      metadata: { ...migration.metadata, deletionTimestamp },
    });
  }

  /** A migration ends before it goes, as KubeVirt's finalizer sees to. */
  #moveOn(migration: VirtualMachineInstanceMigration, targetNode: string | undefined): void {
    const { migrations } = this.#caches;
    const { phase } = migration.status ?? {};
    const isGivenUp = migration.metadata.deletionTimestamp !== undefined;
    if (phase === 'Succeeded' || phase === 'Failed') {
      if (isGivenUp || !this.vmi) this.remove(migrations, migration);
      return;
    }
    const become = (next: string) =>
      this.put(migrations, { ...migration, status: { ...migration.status, phase: next } });
    const { vmi, pod, temper } = this;
    const source = this.#caches.computeNodes.get(vmi?.status?.nodeName ?? '');
    if (source?.status?.state === 'Down') return; // its virt-handler is what goes on with it, and ends it
    const canMove = vmi?.status?.phase === 'Running' && !vmi.metadata.deletionTimestamp && targetNode;
    if (!canMove || !canCopy(vmi) || temper.migrations === 'fail') become('Failed');
    else if (phase === 'Pending' && !isGivenUp) become('Running');
    else if (isGivenUp && temper.migrations !== 'racing') become('Failed');
    else if (temper.migrations !== 'stall') {
      if (pod) this.put(this.#caches.pods, { ...pod, spec: { ...pod.spec, nodeName: targetNode } });
      for (const { source, target } of copiesOf(vmi)) {
        this.contents.set(target, this.contents.get(source) ?? 'nothing');
        this.contents.set(source, 'old');
      }
      this.#become(vmi, { ...copiedStatus({ ...vmi, status: grownStatus(vmi) }), nodeName: targetNode });
      const migrationState = { targetNode };
      this.put(migrations, {
        ...migration,
        status: { ...migration.status, migrationState, phase: 'Succeeded' },
      });
    }
  }

  /** @throws where the launcher does not answer, or nothing runs. */
  subresource(verb: 'pause' | 'unpause' | 'softreboot' | 'reset'): void {
    const { vmi } = this;
    if (this.temper.stuck || vmi?.status?.phase !== 'Running')
      throw new Error(`${verb}: the launcher does not answer`);
    const { conditions = [], ...status } = vmi.status;
    const without = (type: string) => conditions.filter((it) => it.type !== type);
    if (verb === 'pause')
      this.#become(vmi, {
        ...status,
        conditions: [...without('Paused'), { type: 'Paused', status: 'True' }],
      });
    if (verb === 'unpause') this.#become(vmi, { ...status, conditions: without('Paused') });
    if (verb === 'reset' || (verb === 'softreboot' && !this.temper.deaf))
      this.#become(vmi, { ...status, conditions: without('AgentConnected') });
  }

  /** The guest ends by itself. */
  end(phase: 'Succeeded' | 'Failed'): void {
    const { vmi, pod } = this;
    if (vmi?.status?.phase !== 'Running' || vmi.metadata.deletionTimestamp) return;
    if (pod) this.put(this.#caches.pods, { ...pod, status: { phase: 'Succeeded' } });
    this.#become(vmi, { ...vmi.status, phase, conditions: [] });
  }

  #become(vmi: VirtualMachineInstance, status: object): void {
    this.put(this.#caches.vmis, { ...vmi, status } as VirtualMachineInstance);
  }
}

const HEAD_ROOM = 4;

/** KubeVirt sets the probe time when the agent begins to answer. */
const agent = (now: Date) => ({ type: 'AgentConnected', status: 'True', lastProbeTime: now.toISOString() });
