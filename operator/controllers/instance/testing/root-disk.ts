import type { V1Volume } from '@kubevirt-ui-ext/kubevirt-api/kubevirt';
import { claimOf } from '#adapters/kubevirt/plugged-volumes.ts';
import type { VirtualMachine, VirtualMachineInstance } from '#adapters/kubevirt/types.ts';

const isRoot = ({ name }: { name?: string }): boolean => name === 'root';

/** The root disk in the template of a VM, or of a guest. */
export function rootVolumeIn(it: VirtualMachine | VirtualMachineInstance | undefined): V1Volume | undefined {
  const spec = it?.spec;
  const volumes = spec && 'template' in spec ? spec.template?.spec?.volumes : (spec as V1Spec)?.volumes;
  return volumes?.find(isRoot);
}

type V1Spec = VirtualMachineInstance['spec'] | undefined;

export const isCopied = (vmi: VirtualMachineInstance): boolean =>
  vmi.status?.conditions?.some(({ type, status }) => type === 'VolumesChange' && status === 'True') ?? false;

/** From and to which claims disks are to be copied. */
export const copiesOf = ({ status }: VirtualMachineInstance): { source: string; target: string }[] =>
  (status?.migratedVolumes ?? []).map(({ sourcePVCInfo, destinationPVCInfo }) => ({
    source: sourcePVCInfo?.claimName ?? '',
    target: destinationPVCInfo?.claimName ?? '',
  }));

/** pkg/virt-controller/watch/volume-migration: asked, then said by a condition, then taken back, each a step. The same object: no step. */
export function withRootOf(vm: VirtualMachine, vmi: VirtualMachineInstance): VirtualMachineInstance {
  const wanted = rootVolumeIn(vm);
  const has = rootVolumeIn(vmi);
  if (!wanted || !has) return vmi;
  const [copy] = copiesOf(vmi);
  const [to, from] = [claimOf(wanted) ?? '', claimOf(has) ?? ''];
  const volumes = (vmi.spec.volumes ?? []).map((it) => (isRoot(it) ? wanted : it));
  const others = (vmi.status?.conditions ?? []).filter(({ type }) => type !== 'VolumesChange');
  const become = (spec: object, status: object) =>
    ({
      ...vmi,
      spec: { ...vmi.spec, ...spec },
      status: { ...vmi.status, ...status },
    }) as VirtualMachineInstance;
  if (copy && !isCopied(vmi) && to !== from) return become({ volumes }, {});
  if (copy && !isCopied(vmi) && from === copy.source) return vmi; // taken back too early, which KubeVirt never gets out of
  if (copy && !isCopied(vmi))
    return become({}, { conditions: [...others, { type: 'VolumesChange', status: 'True' }] });
  if (to === from) return vmi;
  if (!copy && vm.spec?.updateVolumesStrategy !== 'Migration') return vmi;
  if (copy && copy.source !== to) return vmi;
  if (copy)
    return become(
      { volumes },
      { migratedVolumes: undefined, conditions: [...others, { type: 'VolumesChange', status: 'False' }] },
    );
  const asked = {
    volumeName: 'root',
    sourcePVCInfo: { claimName: from },
    destinationPVCInfo: { claimName: to },
  };
  return become({ volumes }, { migratedVolumes: [asked], conditions: others });
}

/** The status of a guest, with virt-handler's word on whether it can move. */
export function migratableStatus(vmi: VirtualMachineInstance, root: 'shared' | 'alone'): object {
  const { conditions = [], volumeStatus = [] } = vmi.status ?? {};
  const others = conditions.filter(({ type }) => !type?.endsWith('LiveMigratable'));
  const isHeld = root === 'alone' && copiesOf(vmi).length === 0;
  const volume = rootVolumeIn(vmi);
  const [copy] = copiesOf(vmi);
  const info = {
    claimName: copy?.source ?? (volume && claimOf(volume)),
    accessModes: [root === 'alone' ? 'ReadWriteOnce' : 'ReadWriteMany'],
  };
  return {
    ...vmi.status,
    volumeStatus: [
      { name: 'root', persistentVolumeClaimInfo: info },
      ...volumeStatus.filter((it) => !isRoot(it)),
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

/** The disk is where the guest is. */
export const copiedStatus = ({ status }: VirtualMachineInstance): object => ({
  ...status,
  migratedVolumes: undefined,
  conditions: status?.conditions?.filter(({ type }) => type !== 'VolumesChange'),
});
