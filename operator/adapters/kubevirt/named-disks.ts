import type { Instance } from '#api/instance.ts';
import { claimOfDisk, type DiskClaim, isOn, ROOT, spareClaimsOf } from '#core/lifecycle/disk-record.ts';
import { claimsIn } from './disk-view.ts';
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

/**
 * The VM with the claims that are its Instance's disks in place of those that a move was copying to, or has left: no guest is to start
 * with these. The same VM, if it names none.
 */
export function withOwnDisks(vm: VirtualMachine, instance: Instance): VirtualMachine {
  const named = claimsIn(vm.spec?.template?.spec);
  const spare = spareClaimsOf(instance).filter((it) => isOn(it, named));
  const own = spare.map(({ name }) => ({ name, claimName: claimOfDisk(instance, name) }));
  return own.length > 0 ? withDisks(vm, own) : vm;
}
