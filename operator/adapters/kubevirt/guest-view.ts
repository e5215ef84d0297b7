import { isPodOver, type Pod } from '#adapters/kubernetes/types.ts';
import { ASKED_POWER_ANNOTATION, REQUEST_ID_ANNOTATION } from '#api/constants.ts';
import type { GuestView } from '#core/lifecycle/guest-view.ts';
import { claimsIn, copyOf, disksOf, tiedBy } from './disk-view.ts';
import { sizeOf, templateSizeOf } from './guest-size-view.ts';
import { failureOf } from './image-volume.ts';
import { RESCUE_DISK } from './manifests.ts';
import { arrivalsIn, isMigrating, liveMigratableOf, moveOf } from './moves.ts';
import { troubleOf } from './trouble.ts';
import type {
  DataVolume,
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineInstanceMigration,
} from './types.ts';

export interface GuestObjects {
  vm: VirtualMachine | undefined;
  vmi: VirtualMachineInstance | undefined;
  /** Launcher pods of the Instance. */
  pods: readonly Pod[];
  /** Migrations of a VMI of its name. */
  migrations: readonly VirtualMachineInstanceMigration[];
  /** null: the root disk is no volume. */
  dataVolume: DataVolume | undefined | null;
}

/** A guest as the lifecycle sees it, read off KubeVirt's objects. */
export function guestView({ vm, vmi, pods, migrations, dataVolume }: GuestObjects): GuestView {
  const live = pods.filter((pod) => !isPodOver(pod));
  return {
    vm: vm && vmView(vm),
    power: powerOf(vmi),
    trouble: troubleOf(vmi, pods, dataVolume),
    nodeName: vmi?.status?.nodeName,
    migrating: isMigrating(vmi),
    moves: vmi ? migrations.map((migration) => moveOf(migration, vmi)) : [],
    arrivals: vmi?.status?.nodeName ? undefined : arrivalsIn(migrations),
    liveMigratable: liveMigratableOf(vmi),
    tiedBy: tiedBy(vmi),
    disks: disksOf(vmi),
    agentSince: agentSince(vmi),
    size: sizeOf(vmi),
    addresses: addressesOf(vmi),
    disk: dataVolume === null ? undefined : diskOf(dataVolume),
    pods: live.map(({ metadata }) => metadata.name),
  };
}

function vmView(vm: VirtualMachine): GuestView['vm'] {
  const { metadata, spec, status } = vm;
  const size = templateSizeOf(vm);
  const restart = status?.conditions?.find((it) => it.type === 'RestartRequired' && it.status === 'True');
  const asked = metadata.annotations?.[ASKED_POWER_ANNOTATION];
  const copy = copyOf(vm);
  return {
    runs: spec?.runStrategy !== 'Halted',
    deleting: metadata.deletionTimestamp !== undefined,
    ...(spec?.template?.spec?.volumes?.some(({ name }) => name === RESCUE_DISK) && { rescue: true }),
    ...(size && { size }),
    claims: claimsIn(spec?.template?.spec),
    ...(copy && { copy }),
    ...(restart && { restartRequired: restart.message ?? '' }),
    ...((asked === 'Running' || asked === 'Stopped') && { asked }),
  };
}

/** VMI phases: kubevirt.io/api/core/v1/types.go, VirtualMachineInstancePhase. */
function powerOf(vmi: VirtualMachineInstance | undefined): GuestView['power'] {
  if (!vmi) return 'absent';
  const phase = vmi.status?.phase;
  if (vmi.metadata.deletionTimestamp) return 'stopping';
  if (phase === 'Succeeded') return 'succeeded';
  if (phase === 'Failed') return 'failed';
  if (phase === 'Unknown') return 'unknown';
  if (phase !== 'Running') return 'starting';
  return hasCondition(vmi, 'Paused') ? 'paused' : 'running';
}

const hasCondition = (vmi: VirtualMachineInstance, wanted: string) =>
  vmi.status?.conditions?.some(({ type, status }) => type === wanted && status === 'True') ?? false;

/** The published typings leave its times out. */
interface TimedCondition {
  type: string;
  lastProbeTime?: string;
}

/** KubeVirt takes the condition away while the agent is silent, and sets its probe time when the agent answers again. */
function agentSince(vmi: VirtualMachineInstance | undefined): Date | undefined {
  const conditions: TimedCondition[] | undefined = vmi?.status?.conditions;
  const said = conditions?.find(({ type }) => type === 'AgentConnected');
  return said?.lastProbeTime ? new Date(said.lastProbeTime) : undefined;
}

function addressesOf(vmi: VirtualMachineInstance | undefined): GuestView['addresses'] {
  return (vmi?.status?.interfaces ?? []).map(({ name, interfaceName, ipAddress, mac }) => ({
    interface: name ?? interfaceName ?? 'default',
    ...(ipAddress && { ip: ipAddress }),
    ...(mac && { mac }),
  }));
}

function readySince(dataVolume: DataVolume | undefined): { readySince?: Date } {
  const said = dataVolume?.status?.conditions?.find(
    ({ type, status }) => type === 'Ready' && status === 'True',
  );
  return said?.lastTransitionTime === undefined ? {} : { readySince: new Date(said.lastTransitionTime) };
}

/** CDI's phases of a volume whose node is chosen by its first consumer. */
const AWAITS_CONSUMER = ['WaitForFirstConsumer', 'PendingPopulation'];

export function diskOf(dataVolume: DataVolume | undefined): GuestView['disk'] {
  const { phase = 'Pending', progress } = dataVolume?.status ?? {};
  const percent = progress && progress !== 'N/A' ? ` ${progress}` : '';
  const failure = failureOf(dataVolume?.status);
  const trouble = failure ? `: ${failure}` : '';
  return {
    exists: dataVolume !== undefined,
    ready: phase === 'Succeeded',
    requestId: dataVolume?.metadata.annotations?.[REQUEST_ID_ANNOTATION],
    ...readySince(dataVolume),
    ...(AWAITS_CONSUMER.includes(phase) && { awaitsConsumer: true }),
    detail: `root disk: ${phase}${percent}${trouble}`,
  };
}
