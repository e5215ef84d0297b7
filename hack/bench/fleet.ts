import { Fleet } from '#core/scheduling/fleet.ts';
import type { Inventory } from '#core/scheduling/host-state.ts';
import type { ClaimResources } from '#core/scheduling/resources.ts';

export type Random = () => number;

/** Chance from a seed, in [0, 1): the same figures in every run (mulberry32, by Tommy Ettinger, public domain). */
export function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const SIZES = [
  { vcpus: 32, memoryMiB: 262144, diskGiB: 1800 },
  { vcpus: 64, memoryMiB: 524288, diskGiB: 3600 },
  { vcpus: 128, memoryMiB: 1048576, diskGiB: 7200 },
];
const ZONES = ['zone-a', 'zone-b', 'zone-c'];

/** Hosts of three sizes in three zones, 2 % of them down, memory in use distinct on each. */
export function variedFleet(hosts: number, random: Random): Fleet {
  const fleet = new Fleet();
  for (let i = 0; i < hosts; i += 1) {
    const size = SIZES[Math.floor(random() * SIZES.length)] as (typeof SIZES)[0];
    fleet.upsertHost({
      name: `node-${String(i).padStart(5, '0')}`,
      up: random() >= 0.02,
      downReason: 'NodeNotReady',
      disabled: false,
      availabilityZone: ZONES[i % ZONES.length],
      vcpus: inventory(size.vcpus, 1, Math.floor(random() * size.vcpus), 4),
      memoryMiB: inventory(size.memoryMiB, 4096, Math.floor(random() * 0.4 * size.memoryMiB), 1),
      diskGiB: inventory(size.diskGiB, 50, Math.floor(random() * 0.3 * size.diskGiB), 1),
      overheadMiB: 0,
      numInstances: Math.floor(random() * 20),
      numIoOps: 0,
      aggregates: [{ name: `rack-${i % 40}`, metadata: { rack: String(i % 40) } }],
    });
  }
  return fleet;
}

/** Eight flavors, from 1 vCPU and 2 GiB to 8 vCPUs and 32 GiB. */
export const FLAVORS: readonly ClaimResources[] = [
  [1, 2],
  [1, 4],
  [2, 4],
  [2, 8],
  [4, 8],
  [4, 16],
  [8, 16],
  [8, 32],
].map(([vcpus = 0, gib = 0]) => ({
  vcpus,
  memoryMiB: gib * 1024,
  overheadMiB: 260 + 8 * vcpus,
  diskGiB: 10 * vcpus,
}));

function inventory(total: number, reserved: number, used: number, allocationRatio: number): Inventory {
  return { total, reserved, used, allocationRatio };
}
