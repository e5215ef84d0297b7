import type { V1Volume } from '@kubevirt-ui-ext/kubevirt-api/kubevirt';
import type { DisksView, GuestView } from '#core/lifecycle/guest-view.ts';
import { claimOf } from './plugged-volumes.ts';
import type { VirtualMachine, VirtualMachineInstance } from './types.ts';

/** The claims of disks, by name, where they are volumes. */
export function claimsIn(spec: { volumes?: V1Volume[] } | undefined): Record<string, string> {
  const named = (spec?.volumes ?? []).map((it) => [it.name, claimOf(it)] as const);
  return Object.fromEntries(named.filter((it): it is [string, string] => it[1] !== undefined));
}

/**
 * The disks of a guest. KubeVirt writes first where they are to be copied to, then names that in the VMI, then sets the condition; they
 * are taken back from then on alone: the old ones are named, then the rest is taken away (pkg/virt-controller/watch/volume-migration).
 */
export function disksOf(vmi: VirtualMachineInstance | undefined): DisksView | undefined {
  if (!vmi) return undefined;
  const claims = claimsIn(vmi.spec);
  const copiedTo = copiesIn(vmi);
  return {
    claims,
    copiedTo,
    isTakenUp: volumesChange(vmi) === 'True',
    ...halfSince(vmi, { claims, copiedTo }),
  };
}

const copiesIn = ({ status }: VirtualMachineInstance): Record<string, string> =>
  Object.fromEntries(
    (status?.migratedVolumes ?? []).map((it) => [it.volumeName, it.destinationPVCInfo?.claimName ?? '']),
  );

/**
 * What KubeVirt keeps in the VM of a copy that it took up, until the old claims are named again or the strategy is taken away; also when
 * the guest is gone. The VM has the guest's condition as long as disks are to be copied, and another one if the guest ended meanwhile
 * (syncVolumeMigration and syncConditions in pkg/virt-controller/watch/vm/vm.go).
 */
export function copyOf({ status }: VirtualMachine): NonNullable<GuestView['vm']>['copy'] {
  const volumes = status?.volumeUpdateState?.volumeMigrationState?.migratedVolumes ?? [];
  if (volumes.length === 0) return undefined;
  const to = Object.fromEntries(volumes.map((it) => [it.volumeName, it.destinationPVCInfo?.claimName ?? '']));
  const isOpen = status?.conditions?.some((it) => OPEN.includes(it.type ?? '') && it.status === 'True');
  return { to, isOpen: isOpen ?? false };
}

const OPEN = ['VolumesChange', 'ManualRecoveryRequired'];

/**
 * KubeVirt does not come back to what it left half done. It sets its condition too early where the guest has a volume that is not
 * copied (requireVolumesUpdate), and then names no claim; and what it could not take away when it took the copy back stays, since the old
 * claims are named by then (VolumeMigrationCancel). Only a start of the guest ends that.
 */
function halfSince(
  vmi: VirtualMachineInstance,
  { claims, copiedTo }: Pick<DisksView, 'claims' | 'copiedTo'>,
): Pick<DisksView, 'halfSince'> {
  const isNamed = Object.entries(copiedTo).every(([name, claimName]) => claims[name] === claimName);
  const said: TimedCondition | undefined = conditionOf(vmi, 'VolumesChange');
  if (said?.status !== 'True' || isNamed) return {};
  return { halfSince: new Date(said.lastTransitionTime ?? 0) };
}

/** The published typings leave its times out. */
interface TimedCondition {
  status: string;
  lastTransitionTime?: string;
}

const volumesChange = (vmi: VirtualMachineInstance) => conditionOf(vmi, 'VolumesChange')?.status;

/** KubeVirt names the first volume that is not shared; all others matter as well, once that one is copied. */
export function tiedBy(vmi: VirtualMachineInstance | undefined): GuestView['tiedBy'] {
  const said = conditionOf(vmi, 'LiveMigratable');
  if (said?.status !== 'False' || said.reason !== 'DisksNotLiveMigratable') return undefined;
  if (conditionOf(vmi, 'StorageLiveMigratable')?.status !== 'True') return undefined;
  const claims = vmi?.status?.volumeStatus?.filter((it) => it.persistentVolumeClaimInfo) ?? [];
  const alone = claims.filter((it) => !it.persistentVolumeClaimInfo?.accessModes?.includes('ReadWriteMany'));
  return alone.map(({ name }) => name);
}

const conditionOf = (vmi: VirtualMachineInstance | undefined, wanted: string) =>
  vmi?.status?.conditions?.find(({ type }) => type === wanted);
