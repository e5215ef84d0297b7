import type { HostState, Inventory } from '#core/scheduling/host-state.ts';
import type { ClaimResources } from '#core/scheduling/resources.ts';
import { type Random, seeded } from '../fleet.ts';

export interface Arrival {
  readonly flavor: ClaimResources;
  /** It leaves before the arrivals of so many rounds later. */
  readonly stays: number;
}

/** What is to be packed: hosts as they are at first, and who comes in which round, in this order. */
export interface Mix {
  readonly hosts: readonly HostState[];
  readonly rounds: readonly (readonly Arrival[])[];
}

const flavor = (vcpus: number, gib: number): ClaimResources => ({
  vcpus,
  memoryMiB: gib * 1024,
  overheadMiB: 260 + 8 * vcpus,
  diskGiB: 5 * vcpus,
});

const SMALL = [flavor(2, 4), flavor(4, 8), flavor(4, 16)];
const BIG = [flavor(16, 64), flavor(32, 64), flavor(32, 128)];
const MEMORY_HEAVY = [flavor(2, 16), flavor(4, 48), flavor(8, 96)];
const CPU_HEAVY = [flavor(8, 8), flavor(24, 24), flavor(48, 64)];
const ALL = [...SMALL, flavor(8, 32), ...BIG];

type Size = readonly [cores: number, memoryGiB: number];
const EQUAL: readonly Size[] = [[32, 256]];
const VARIED: readonly Size[] = [
  [24, 128],
  [32, 256],
  [64, 384],
];

/** As in the scheduler's benchmark, and of Berth's default. kube-scheduler's pods ask for vcpus / ratio CPUs. */
export const CPU_RATIO = 4;
const HOSTS = 60;
const CHURN_ROUNDS = 6;

/** Each asks for as much as its fleet has free of whatever is scarcest: what is turned away is badly packed. */
const KINDS: Record<string, (random: Random) => Mix> = {
  uniform: (random) => once(fleet(EQUAL, 0, random), (free) => fill(free, ALL, random)),
  'memory-heavy': (random) => skewed(MEMORY_HEAVY, random),
  'cpu-heavy': (random) => skewed(CPU_HEAVY, random),
  'big-then-small': (random) =>
    once(fleet(VARIED, 0.3, random), (free) => [
      ...fill(half(free), BIG, random),
      ...fill(half(free), SMALL, random),
    ]),
  'small-then-big': (random) =>
    once(fleet(VARIED, 0.3, random), (free) => [
      ...fill(half(free), SMALL, random),
      ...fill(half(free), BIG, random),
    ]),
  churn: (random) => churn(fleet(VARIED, 0.3, random), random),
};

export const MIX_KINDS = Object.keys(KINDS);

/** The same for the same kind and seed. @throws Error when there is no such kind. */
export function mixOf(kind: string, seed: number): Mix {
  const make = KINDS[kind];
  if (!make) throw new Error(`no such mix: ${kind}; there are ${MIX_KINDS.join(', ')}`);
  return make(seeded(seed));
}

function skewed(most: readonly ClaimResources[], random: Random): Mix {
  const flavors = [...most, ...most, ...most, ...most, ...SMALL];
  return once(fleet(VARIED, 0.3, random), (free) => fill(free, flavors, random));
}

function once(hosts: HostState[], flavorsFor: (free: Free) => ClaimResources[]): Mix {
  return { hosts, rounds: [flavorsFor(freeOf(hosts)).map((it) => ({ flavor: it, stays: 1 }))] };
}

/** In each round half the fleet's worth arrives and stays for one to three rounds: about as much as fits. */
function churn(hosts: HostState[], random: Random): Mix {
  const round = () =>
    fill(half(freeOf(hosts)), ALL, random).map((it) => ({ flavor: it, stays: 1 + Math.floor(random() * 3) }));
  return { hosts, rounds: Array.from({ length: CHURN_ROUNDS }, round) };
}

interface Free {
  readonly vcpus: number;
  readonly memoryMiB: number;
}

const half = ({ vcpus, memoryMiB }: Free): Free => ({ vcpus: vcpus / 2, memoryMiB: memoryMiB / 2 });

function freeOf(hosts: readonly HostState[]): Free {
  const sum = (of: (host: HostState) => number) => hosts.reduce((total, host) => total + of(host), 0);
  return {
    vcpus: sum(({ vcpus }) => vcpus.total * vcpus.allocationRatio - vcpus.used),
    memoryMiB: sum(({ memoryMiB }) => memoryMiB.total - memoryMiB.reserved - memoryMiB.used),
  };
}

/** Flavors by chance, until they ask for all that is free of one resource. */
function fill(free: Free, flavors: readonly ClaimResources[], random: Random): ClaimResources[] {
  const chosen: ClaimResources[] = [];
  let [vcpus, memoryMiB] = [free.vcpus, free.memoryMiB];
  for (;;) {
    const next = flavors[Math.floor(random() * flavors.length)] as ClaimResources;
    vcpus -= next.vcpus;
    memoryMiB -= next.memoryMiB + next.overheadMiB;
    if (vcpus < 0 || memoryMiB < 0) return chosen;
    chosen.push(next);
  }
}

/** Hosts of these sizes, each in use up to a share drawn for it. */
function fleet(sizes: readonly Size[], usedUpTo: number, random: Random): HostState[] {
  return Array.from({ length: HOSTS }, (_, index) => {
    const [cores, gib] = sizes[Math.floor(random() * sizes.length)] as Size;
    const part = (of: number) => Math.floor(random() * usedUpTo * of);
    return {
      name: `node-${String(index).padStart(3, '0')}`,
      up: true,
      disabled: false,
      vcpus: inventory(cores, 0, part(cores * CPU_RATIO), CPU_RATIO),
      memoryMiB: inventory(gib * 1024, 4096, part(gib * 1024), 1),
      diskGiB: inventory(cores * 60, 0, 0, 1),
      overheadMiB: 0,
      numInstances: 0,
      numIoOps: 0,
    };
  });
}

function inventory(total: number, reserved: number, used: number, allocationRatio: number): Inventory {
  return { total, reserved, used, allocationRatio };
}
