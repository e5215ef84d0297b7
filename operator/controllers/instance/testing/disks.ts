import { claimsIn } from '#adapters/kubevirt/disk-view.ts';
import { claimOf } from '#adapters/kubevirt/plugged-volumes.ts';
import type { VirtualMachine, VirtualMachineInstance } from '#adapters/kubevirt/types.ts';

const conditionOf = ({ status }: VirtualMachineInstance) =>
  status?.conditions?.find(({ type }) => type === 'VolumesChange')?.status;

export const isCopied = (vmi: VirtualMachineInstance): boolean => conditionOf(vmi) === 'True';

/** From and to which claims disks are to be copied. */
export const copiesOf = ({
  status,
}: VirtualMachineInstance): { name: string; source: string; target: string }[] =>
  (status?.migratedVolumes ?? []).map(({ volumeName, sourcePVCInfo, destinationPVCInfo }) => ({
    name: volumeName,
    source: sourcePVCInfo?.claimName ?? '',
    target: destinationPVCInfo?.claimName ?? '',
  }));

export const vmClaims = (vm: VirtualMachine | undefined) => claimsIn(vm?.spec?.template?.spec);

/**
 * pkg/virt-controller/watch/volume-migration: asked, then named, then said by a condition; then taken back, each a step. The same object:
 * no step. `half`: the condition comes first where it can, and the last of what is taken back is forgotten.
 */
export function withDisksOf(
  vm: VirtualMachine,
  vmi: VirtualMachineInstance,
  way: 'take' | 'half',
): VirtualMachineInstance {
  const [wanted, has, copies] = [vmClaims(vm), claimsIn(vmi.spec), copiesOf(vmi)];
  const changed = Object.keys(has).filter((name) => wanted[name] !== undefined && wanted[name] !== has[name]);
  const others = (vmi.status?.conditions ?? []).filter(({ type }) => type !== 'VolumesChange');
  const saying = (status: string) => ({ conditions: [...others, { type: 'VolumesChange', status }] });
  const become = (spec: object, status: object) =>
    ({
      ...vmi,
      spec: { ...vmi.spec, ...spec },
      status: { ...vmi.status, ...status },
    }) as VirtualMachineInstance;
  const named = {
    volumes: (vmi.spec.volumes ?? []).map(
      (it) =>
        (changed.includes(it.name) &&
          vm.spec?.template?.spec?.volumes?.find(({ name }) => name === it.name)) ||
        it,
    ),
  };
  if (copies.length === 0) {
    if (changed.length === 0 || vm.spec?.updateVolumesStrategy !== 'Migration') return vmi;
    const migratedVolumes = changed.map((name) => ({
      volumeName: name,
      sourcePVCInfo: { claimName: has[name] },
      destinationPVCInfo: { claimName: wanted[name] },
    }));
    return become({}, { migratedVolumes, conditions: others });
  }
  if (isCopied(vmi)) {
    const isReverted = copies.every(({ name, source }) => changed.includes(name) && wanted[name] === source);
    if (!isReverted || changed.length > copies.length) return vmi;
    return become(named, way === 'half' ? {} : { migratedVolumes: undefined, ...saying('False') });
  }
  const isForeign = Object.values(has).some((claim) => !copies.some(({ source }) => source === claim));
  const says = conditionOf(vmi) === undefined && isForeign ? become({}, saying('True')) : undefined;
  if (way === 'half' && says) return says;
  return changed.length > 0 ? become(named, { conditions: others }) : (says ?? vmi);
}

/** The status of a guest, with virt-handler's word on whether it can move. */
export function migratableStatus(vmi: VirtualMachineInstance, root: 'shared' | 'alone'): object {
  const { conditions = [], volumeStatus = [] } = vmi.status ?? {};
  const others = conditions.filter(({ type }) => !type?.endsWith('LiveMigratable'));
  const claims = claimsIn(vmi.spec);
  const isAlone = (name: string) => root === 'alone' && name !== 'mine'; // a claim of the user's, which is shared
  const isHeld = Object.keys(claims).some(
    (name) => isAlone(name) && !copiesOf(vmi).some((copy) => copy.name === name),
  );
  const infoOf = (name: string) => ({
    persistentVolumeClaimInfo: {
      claimName: claims[name],
      accessModes: [isAlone(name) ? 'ReadWriteOnce' : 'ReadWriteMany'],
    },
  });
  return {
    ...vmi.status,
    volumeStatus: [
      { name: 'root', ...(claims.root !== undefined && infoOf('root')) },
      ...volumeStatus
        .filter(({ name }) => name !== 'root')
        .map((it) => (claims[it.name] === undefined ? it : { ...it, ...infoOf(it.name) })),
    ],
    conditions: [
      ...others,
      { type: 'StorageLiveMigratable', status: 'True' },
      isHeld
        ? { type: 'LiveMigratable', status: 'False', reason: 'DisksNotLiveMigratable', message: 'not shared' }
        : { type: 'LiveMigratable', status: 'True' },
    ],
  };
}

/** The disks are where the guest is. */
export const copiedStatus = ({ status }: VirtualMachineInstance): object => ({
  ...status,
  migratedVolumes: undefined,
  conditions: status?.conditions?.filter(({ type }) => type !== 'VolumesChange'),
});

/** The root disk in the template of a VM. */
export const rootVolumeIn = (vm: VirtualMachine | undefined) =>
  vm?.spec?.template?.spec?.volumes?.find(({ name }) => name === 'root');

/** Is all there that is to be copied to, and named? Else the migration has no disks to go to. */
export const canCopy = (vmi: VirtualMachineInstance): boolean =>
  copiesOf(vmi).every(({ name, target }) =>
    vmi.spec.volumes?.some((it) => it.name === name && claimOf(it) === target),
  );

export const vmConditions = ({ status }: VirtualMachine): string[] =>
  (status?.conditions ?? []).map(({ type }) => type ?? '');

/** A VM, with what it remembers of the copy that its guest is at, or was as it went. */
export function withCopyOf(vm: VirtualMachine, vmi: VirtualMachineInstance | undefined): VirtualMachine {
  const taken = vmi?.status?.migratedVolumes;
  const known = vm.status?.volumeUpdateState?.volumeMigrationState?.migratedVolumes ?? [];
  const migratedVolumes = taken && taken.length > 0 ? taken : known;
  const named = vmClaims(vm);
  const isOver =
    vm.spec?.updateVolumesStrategy !== 'Migration' ||
    migratedVolumes.every((it) => named[it.volumeName ?? ''] === it.sourcePVCInfo?.claimName);
  const isGone = !vmi || vmi.status?.phase === 'Succeeded' || vmi.status?.phase === 'Failed';
  const wasOpen = vmConditions(vm).includes('VolumesChange');
  const isOpen = isGone ? wasOpen : isCopied(vmi);
  const types = [
    ...(isOpen ? ['VolumesChange'] : []),
    ...(isOpen && isGone ? ['ManualRecoveryRequired'] : []),
  ];
  const conditions = isOver ? [] : types.map((type) => ({ type, status: 'True' }));
  const volumeUpdateState = isOver ? undefined : { volumeMigrationState: { migratedVolumes } };
  return { ...vm, status: { ...vm.status, conditions, volumeUpdateState } } as VirtualMachine;
}
