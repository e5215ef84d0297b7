import { INSTANCE_UID_LABEL } from '#api/constants.ts';
import type { KubeObject } from '#runtime/resource.ts';

/** A VM is the Instance's by its owner reference, a VMI by the label that it has from the VM's template. */
export function belongsTo(object: KubeObject, instanceUid: string): boolean {
  const { labels, ownerReferences } = object.metadata;
  return (
    labels?.[INSTANCE_UID_LABEL] === instanceUid || !!ownerReferences?.some(({ uid }) => uid === instanceUid)
  );
}
