/** The size of a guest that runs, as KubeVirt has it. */
export interface SizeView {
  /** What the guest has. */
  vcpus: number;
  memoryMiB: number;
  /** What is asked for it; where it is more, the next migration plugs the rest. */
  asked: Size;
  /** What can be plugged at most; no memory: none can be. */
  most: { vcpus: number; memoryMiB?: number };
  /** Has KubeVirt something to plug yet? */
  plugging: boolean;
  /** Has it given up to plug memory? */
  memoryFailed: boolean;
}

export interface Size {
  vcpus: number;
  memoryMiB: number;
}

export const isSized = (size: Size, other: Size): boolean =>
  size.vcpus === other.vcpus && size.memoryMiB === other.memoryMiB;

/** KubeVirt takes nothing back of what it was asked to plug, as long as the guest runs: its next migration makes it larger. */
export const isPending = (size: SizeView | undefined): size is SizeView =>
  size !== undefined && !isSized(size, size.asked);
