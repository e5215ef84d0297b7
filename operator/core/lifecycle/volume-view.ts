import type { HeldBack } from './flavor-wish.ts';

/** One volume beside the root disk, as the lifecycle sees it: asked for, or there without being asked for any more. */
export interface VolumeView {
  /** Name in spec.volumes, and of the disk in the VM. */
  name: string;
  claimName: string;
  /** Is it in spec.volumes. */
  wanted: boolean;
  /** Is it in the VM's template: then a guest that starts gets it. */
  configured: boolean;
  /** What the guest that runs has of it. */
  guest: 'absent' | 'plugging' | 'ready' | 'unplugging';
  /** Does the claim's own record name the Instance: then no other may have it. */
  held: boolean;
  /** It was made for the Instance. */
  made: boolean;
  deleteOnTermination: boolean;
  /** It is a blank one of the list, which a live migration may put on another claim. */
  replaceable?: boolean;
  /** Can several nodes have it at a time; undefined while there is no claim. */
  shared: boolean | undefined;
  /** What the hypervisor calls it. */
  device?: string | undefined;
  /** KubeVirt's words on what it waits for. */
  detail?: string | undefined;
  /** Why it cannot be attached. */
  obstacle?: HeldBack | undefined;
}

/** What it takes to have a volume: for the port. */
export type VolumeToAttach = Pick<VolumeView, 'name' | 'claimName'>;

export type VolumeToRelease = Pick<VolumeView, 'name' | 'claimName' | 'made' | 'deleteOnTermination'>;
