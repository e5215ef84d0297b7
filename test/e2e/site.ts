import type { User } from './user.ts';

/** Where the suite runs: what differs between a cluster with real guests and one where they are played. */
export interface Site {
  user: User;
  /** A container disk that boots there. */
  image: string;
  storageClass: string;
  /** Of its nodes. */
  zones: readonly string[];
  /** Are there guests that write to disks and serial lines? */
  realGuests: boolean;
  /** Do the operator's pods run as containers, with logs that the API server gives? */
  realPods: boolean;
  /** Is a disk image that has to be downloaded had there? */
  downloads: boolean;
  /** Installs Berth as docs/install.md says, with the images of the checkout. */
  install(): Promise<void>;
  /** Replaces the operator's processes, as an upgrade does. Resolves when the new ones are ready. */
  rollOut(): Promise<void>;
  /** Cuts a node's power. Resolves when nothing runs there any more. */
  powerOff(node: string): Promise<void>;
  /** Gives it power again. Resolves when it has booted. */
  powerOn(node: string): Promise<void>;
  uninstall(): Promise<void>;
  /** Ends what the site started by itself. */
  close(): Promise<void>;
}
