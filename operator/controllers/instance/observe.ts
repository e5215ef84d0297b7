import { guestView } from '#adapters/kubevirt/guest-view.ts';
import { rootDiskName } from '#adapters/kubevirt/manifests.ts';
import { belongsTo } from '#adapters/kubevirt/ownership.ts';
import type { Instance } from '#api/instance.ts';
import { homeOf } from '#core/claims/settle.ts';
import { type BuiltFlavor, mismatch } from '#core/lifecycle/guest-size.ts';
import type { InstanceView } from '#core/lifecycle/situation.ts';
import type { Ledgers } from '#ports/ledgers.ts';
import type { Profiles } from '#ports/profiles.ts';
import { keyOf } from '#runtime/resource.ts';
import type { Caches } from '../caches.ts';
import { flavorOf } from '../flavor-of.ts';
import { requestsOf } from '../request/requests-of.ts';
import { missingReference } from './references.ts';

export interface Observed extends InstanceView {
  /** As built with, else as it would be; undefined while the Flavor is missing. */
  flavor: BuiltFlavor | undefined;
}

/** All that is known of an Instance, from the caches. */
export function observe(instance: Instance, caches: Caches, ledgers: Ledgers, profiles: Profiles): Observed {
  const { uid } = instance.metadata;
  const key = keyOf(instance);
  const [vm, vmi] = [caches.vms.get(key), caches.vmis.get(key)];
  const guest = guestView({
    vm: vm && belongsTo(vm, uid) ? vm : undefined,
    vmi: vmi && belongsTo(vmi, uid) ? vmi : undefined,
    pods: caches.pods.byIndex('instance', uid),
    dataVolume: instance.spec.rootDisk.ephemeral ? null : rootDiskOf(instance, caches),
  });
  const flavor = flavorOf(instance, caches);
  const choice = profiles.of(instance);
  const claimNode = claimNodeOf(instance, guest.nodeName, ledgers);
  return {
    instance,
    guest,
    flavor,
    claimNode,
    missing: missingReference(instance, caches, flavor, { claimNode, choice }),
    invalid: flavor && mismatch(flavor, instance.spec),
    foreignVm: vm !== undefined && !belongsTo(vm, uid),
    requests: requestsOf(instance, caches),
    maxAttempts: (choice.kind === 'chosen' ? choice.profile : profiles.fallback).maxAttempts,
  };
}

function rootDiskOf(instance: Instance, caches: Caches) {
  const found = caches.dataVolumes.get(`${instance.metadata.namespace}/${rootDiskName(instance)}`);
  return found && belongsTo(found, instance.metadata.uid) ? found : undefined;
}

function claimNodeOf(
  instance: Instance,
  guestNode: string | undefined,
  ledgers: Ledgers,
): string | undefined {
  const own = ledgers.ofInstance(instance.metadata.uid).filter(({ claim }) => claim.ownerKind === 'Instance');
  const claimedNodes = own.map(({ nodeName }) => nodeName);
  return homeOf({ guestNode, recordedNode: instance.status?.nodeName, claimedNodes });
}
