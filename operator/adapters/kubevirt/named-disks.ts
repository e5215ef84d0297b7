import { type DiskClaim, ROOT } from '#core/lifecycle/disk-record.ts';
import type { VirtualMachine } from './types.ts';

/** For a merge patch: KubeVirt starts a VM whose guest ended while its disks were copied only without this, and plugs volumes only then. */
export const NO_DISK_COPIED = { updateVolumesStrategy: null };

/** The VM with these claims as its disks: of a guest that runs, KubeVirt's volume migration, of all of them at once (ADR 0058). */
export function withDisks(vm: VirtualMachine, disks: readonly DiskClaim[]): VirtualMachine {
  const template = vm.spec?.template;
  const volumes = template?.spec?.volumes?.map((it) => {
    const named = disks.find(({ name }) => name === it.name);
    if (!named) return it;
    const plugged = named.name !== ROOT && { hotpluggable: true };
    return { name: it.name, dataVolume: { name: named.claimName, ...plugged } };
  });
  const spec = {
    ...vm.spec,
    updateVolumesStrategy: 'Migration',
    template: { ...template, spec: { ...template?.spec, volumes } },
  };
  return { ...vm, spec } as VirtualMachine;
}

/**
 * A VM whose template KubeVirt plugs and unplugs volumes by, which it does not while disks may be copied (pkg/storage/hotplug). If its
 * root disk was copied since it started, it wants the guest stopped and started from then on, before it changes anything else of it.
 */
export function pluggingVolumes(vm: VirtualMachine): VirtualMachine {
  const { updateVolumesStrategy: _, ...spec } = vm.spec ?? {};
  return { ...vm, spec } as VirtualMachine;
}
