import { createHash } from 'node:crypto';
import type { Instance } from '#api/instance.ts';
import type { NetworkSpec } from '#api/instance-networks.ts';

/** Locally administered, and the same for the same Instance and name: KubeVirt would give another one at each start. */
export function macAddressOf({ metadata: { uid } }: Instance, { name, macAddress }: NetworkSpec): string {
  if (macAddress !== undefined) return macAddress;
  const bytes = createHash('sha256').update(`${uid} ${name}`).digest().subarray(0, 5);
  return ['02', ...[...bytes].map((byte) => byte.toString(16).padStart(2, '0'))].join(':');
}
