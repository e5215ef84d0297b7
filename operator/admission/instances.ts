import { INSTANCE_FINALIZER } from '#api/constants.ts';
import type { Instance } from '#api/instance.ts';
import { type AdmissionHandler, allow, deny } from '#runtime/admission.ts';
import { type ImageFacts, whyNotOf } from './images.ts';

/**
 * Sets the finalizer when an Instance is made: it cannot go away with a guest left behind. Refuses one that cannot be made
 * of its image, which no schema sees.
 */
export const defaultInstances =
  (facts: ImageFacts): AdmissionHandler =>
  async ({ object, namespace }) => {
    const instance = object as Instance;
    const refused = whyNotOf({ ...instance, metadata: { ...instance.metadata, namespace } }, facts);
    if (refused !== undefined) return deny(refused);
    const { finalizers } = (object as { metadata: { finalizers?: string[] } }).metadata;
    if (finalizers?.includes(INSTANCE_FINALIZER)) return allow();
    return allow([
      { op: 'add', path: '/metadata/finalizers', value: [...(finalizers ?? []), INSTANCE_FINALIZER] },
    ]);
  };
