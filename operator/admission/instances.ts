import { INSTANCE_FINALIZER } from '#api/constants.ts';
import type { Instance } from '#api/instance.ts';
import { type AdmissionHandler, allow, deny } from '#runtime/admission.ts';
import type { JsonPatchOperation } from '#runtime/json-patch.ts';
import { type ImageFacts, whyNotOf } from './images.ts';
import { changedByPatch } from './requested-by.ts';

/**
 * Sets the finalizer when an Instance is made: it cannot go away with a guest left behind. Refuses one that cannot be made
 * of its image, which no schema sees. And writes down who made its spec what it is.
 */
export const defaultInstances =
  (facts: ImageFacts): AdmissionHandler =>
  async (request) => {
    const who = changedByPatch(request);
    if (request.operation !== 'CREATE') return allow(who);
    const instance = request.object as Instance;
    const metadata = { ...instance.metadata, namespace: request.namespace };
    const refused = isWhole(instance) ? whyNotOf({ ...instance, metadata }, facts) : undefined;
    return refused === undefined ? allow([...finalizerPatch(instance), ...who]) : deny(refused);
  };

/** The schema, which says better what is missing, is held against it after this. */
const isWhole = ({ spec }: { spec?: Partial<Instance['spec']> }): boolean =>
  spec?.flavorRef?.name !== undefined && spec.rootDisk !== undefined;

function finalizerPatch({ metadata: { finalizers } }: Instance): JsonPatchOperation[] {
  if (finalizers?.includes(INSTANCE_FINALIZER)) return [];
  return [{ op: 'add', path: '/metadata/finalizers', value: [...(finalizers ?? []), INSTANCE_FINALIZER] }];
}
