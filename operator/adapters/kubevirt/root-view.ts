import type { V1Volume } from '@kubevirt-ui-ext/kubevirt-api/kubevirt';
import { ROOT } from '#core/lifecycle/copy-root.ts';
import type { GuestView } from '#core/lifecycle/guest-view.ts';
import { claimOf } from './plugged-volumes.ts';
import type { VirtualMachineInstance } from './types.ts';

/** The claim of the root disk, where that is a volume. */
export function rootClaimIn(spec: { volumes?: V1Volume[] } | undefined): { rootClaim?: string } {
  const volume = spec?.volumes?.find(({ name }) => name === ROOT);
  const rootClaim = volume && claimOf(volume);
  return rootClaim === undefined ? {} : { rootClaim };
}

/**
 * The root disk of a guest. KubeVirt writes first where it is to be copied to and names that in the VMI, then sets the condition;
 * a copy is taken back from then on alone (pkg/virt-controller/watch/volume-migration, VolumeMigrationCancel).
 */
export function rootOf(vmi: VirtualMachineInstance | undefined): GuestView['root'] {
  const { rootClaim } = rootClaimIn(vmi?.spec);
  if (rootClaim === undefined) return undefined;
  const copied = vmi?.status?.migratedVolumes?.find(({ volumeName }) => volumeName === ROOT);
  return {
    claimName: rootClaim,
    copiedTo: copied?.destinationPVCInfo?.claimName,
    isTakenUp: conditionOf(vmi, 'VolumesChange')?.status === 'True',
  };
}

/** KubeVirt names the first volume that is not shared; all others matter as well, once that one is copied. */
export function tiedBy(vmi: VirtualMachineInstance | undefined): string[] | undefined {
  const said = conditionOf(vmi, 'LiveMigratable');
  if (said?.status !== 'False' || said.reason !== 'DisksNotLiveMigratable') return undefined;
  if (conditionOf(vmi, 'StorageLiveMigratable')?.status !== 'True') return undefined;
  const claims = vmi?.status?.volumeStatus?.filter((it) => it.persistentVolumeClaimInfo) ?? [];
  const alone = claims.filter((it) => !it.persistentVolumeClaimInfo?.accessModes?.includes('ReadWriteMany'));
  return alone.map(({ name }) => name);
}

const conditionOf = (vmi: VirtualMachineInstance | undefined, wanted: string) =>
  vmi?.status?.conditions?.find(({ type }) => type === wanted);
