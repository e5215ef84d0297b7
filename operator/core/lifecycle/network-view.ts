import type { HeldBack } from './flavor-wish.ts';

/** One interface of a guest, as the lifecycle sees it: asked for, or there without being asked for any more. */
export interface NetworkView {
  name: string;
  /** Is it in spec.networks, or the one of an Instance without a list. */
  wanted: boolean;
  /** Is it in the VM's template, and not on its way out of that. */
  configured: boolean;
  /** What the guest that runs has of it. */
  guest: 'absent' | 'plugging' | 'ready' | 'unplugging';
  /** KubeVirt plugs it into a guest that runs, and takes it out again. */
  plugs: boolean;
  /** Why it cannot be attached. */
  obstacle?: HeldBack | undefined;
}
