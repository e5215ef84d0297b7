import { VM, VMI } from '#adapters/kubevirt/types.ts';
import { GROUP, INSTANCE_LABEL, INSTANCE_UID_LABEL } from '#api/constants.ts';
import { INSTANCE } from '#api/instance.ts';
import type { ObjectMeta, Resource } from '#runtime/resource.ts';

interface Owned {
  metadata: Pick<ObjectMeta, 'labels' | 'ownerReferences'>;
}

/** Reads the object of that uid, which may have been made a moment ago; undefined: it is not there, or it is another one. */
export type Find = (resource: Resource, key: string, uid: string) => Promise<Owned | undefined>;

/** From a guest's pod to its Instance: who controls whom, by kind. */
const CHAIN = [VMI, VM, { ...INSTANCE, group: GROUP }];

/**
 * Does the pod carry the guest of the Instance that its labels name? Each owner on the way is the one of that uid, and the last has
 * the label's. Labels alone prove nothing: KubeVirt copies them from what users write. Returns what is wrong, if anything.
 */
export async function brokenChain(pod: Owned, namespace: string, find: Find): Promise<string | undefined> {
  const { [INSTANCE_UID_LABEL]: uid, [INSTANCE_LABEL]: name } = pod.metadata.labels ?? {};
  let child = pod;
  for (const resource of CHAIN) {
    const owner = child.metadata.ownerReferences?.find(({ controller }) => controller);
    if (owner?.kind !== resource.kind || !owner.apiVersion.startsWith(`${resource.group}/`)) {
      return `it has no ${resource.kind} above it`;
    }
    const found = await find(resource, `${namespace}/${owner.name}`, owner.uid);
    if (!found) return `its ${resource.kind} ${owner.name} is not there`;
    if (resource.kind === INSTANCE.kind)
      return owner.uid === uid && owner.name === name ? undefined : 'it is another Instance’s';
    child = found;
  }
  return undefined;
}
