import { ROOT } from '#core/lifecycle/copy-root.ts';
import type { VirtualMachine } from './types.ts';

/** For a merge patch: KubeVirt starts a VM whose guest ended while its disk was copied only without this, and plugs volumes only then. */
export const NO_DISK_COPIED = { updateVolumesStrategy: null };

/** The VM with this claim as its root disk: of a guest that runs, KubeVirt's volume migration (ADR 0058). */
export function withRoot(vm: VirtualMachine, claimName: string): VirtualMachine {
  const template = vm.spec?.template;
  const volumes = template?.spec?.volumes?.map((it) =>
    it.name === ROOT ? { name: ROOT, dataVolume: { name: claimName } } : it,
  );
  const spec = {
    ...vm.spec,
    updateVolumesStrategy: 'Migration',
    template: { ...template, spec: { ...template?.spec, volumes } },
  };
  return { ...vm, spec } as VirtualMachine;
}

/**
 * A VM whose template KubeVirt plugs and unplugs volumes by, which it does not while disks may be copied (pkg/storage/hotplug). If its
 * disk was copied since it started, it wants the guest stopped and started from then on, before it changes anything else of it.
 */
export function pluggingVolumes(vm: VirtualMachine): VirtualMachine {
  const { updateVolumesStrategy: _, ...spec } = vm.spec ?? {};
  return { ...vm, spec } as VirtualMachine;
}
