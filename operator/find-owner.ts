import { VM, VMI } from '#adapters/kubevirt/types.ts';
import type { Find } from '#admission/owner-chain.ts';
import { INSTANCE } from '#api/instance.ts';
import type { Caches } from '#controllers/caches.ts';
import type { KubeClient } from '#runtime/client.ts';
import { isNotFound } from '#runtime/errors.ts';
import type { Key, KubeObject } from '#runtime/resource.ts';

/** Owners of a guest's pod: from the caches, which are fast; from the API server where they do not know it yet. */
export function findOwner(client: KubeClient, caches: Caches): Find {
  const held: Record<string, (key: Key) => KubeObject | undefined> = {
    [VMI.kind]: (key) => caches.vmis.get(key),
    [VM.kind]: (key) => caches.vms.get(key),
    [INSTANCE.kind]: (key) => caches.instances.get(key),
  };
  return async (resource, key, uid) => {
    const known = held[resource.kind]?.(key);
    if (known?.metadata.uid === uid) return known;
    try {
      const found = await client.get(resource, key);
      return found.metadata.uid === uid ? found : undefined;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };
}
