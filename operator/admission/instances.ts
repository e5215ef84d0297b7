import { INSTANCE_FINALIZER } from '#api/constants.ts';
import { type AdmissionHandler, allow } from '#runtime/admission.ts';

/** Sets the finalizer when an Instance is made: it cannot go away with a guest left behind. */
export const defaultInstances: AdmissionHandler = async ({ object }) => {
  const { finalizers } = (object as { metadata: { finalizers?: string[] } }).metadata;
  if (finalizers?.includes(INSTANCE_FINALIZER)) return allow();
  return allow([
    { op: 'add', path: '/metadata/finalizers', value: [...(finalizers ?? []), INSTANCE_FINALIZER] },
  ]);
};
