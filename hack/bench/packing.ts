/** Share of the requests that find a place. See the usage below, or docs/benchmarks.md. */
import { parseArgs } from 'node:util';
import loadHighs from 'highs';
import { DEFAULT_PROFILE } from '#core/scheduling/profile.ts';
import { seeded } from './fleet.ts';
import { machine } from './machine.ts';
import { berthPacker, SPREADING, STACKING } from './packing/berth.ts';
import { kubePacker } from './packing/kube-scheduler.ts';
import { MIX_KINDS, type Mix, mixOf } from './packing/mixes.ts';
import { type Amounts, NOTHING, type Packed, type Packer, pack, plus } from './packing/packer.ts';
import { programOf } from './packing/program.ts';

const USAGE = `Usage: npm run -s bench:packing -- [--mix NAME]... [--seeds N]
  --mix    ${MIX_KINDS.join(', ')} (all)
  --seeds  so many fleets of each (5)`;

interface Case {
  readonly scheduler: string;
  readonly profile: string;
  readonly packer: (mix: Mix, seed: number) => Packer;
}

const CASES: readonly Case[] = [
  {
    scheduler: 'berth',
    profile: DEFAULT_PROFILE.name,
    packer: ({ hosts }) => berthPacker(hosts, SPREADING),
  },
  { scheduler: 'berth', profile: STACKING.name, packer: ({ hosts }) => berthPacker(hosts, STACKING) },
  ...(['LeastAllocated', 'MostAllocated'] as const).map((strategy) => ({
    scheduler: 'kube-scheduler, played',
    profile: strategy,
    packer: ({ hosts }: Mix, seed: number) => kubePacker(hosts, strategy, seeded(seed)),
  })),
];

type Tally = Packed & { cpuSeconds: number; mixes: number };

function measure(mix: string, seeds: readonly number[], { scheduler, profile, packer }: Case) {
  let all: Tally = { requests: 0, placed: 0, asked: NOTHING, given: NOTHING, cpuSeconds: 0, mixes: 0 };
  for (const seed of seeds) {
    const problem = mixOf(mix, seed);
    const cpu = process.cpuUsage();
    const packed = pack(problem, packer(problem, seed));
    const { user, system } = process.cpuUsage(cpu);
    all = add(all, { ...packed, cpuSeconds: (user + system) / 1e6, mixes: 1 });
  }
  return { scheduler, profile, tally: all };
}

function add(a: Tally, b: Tally): Tally {
  return {
    requests: a.requests + b.requests,
    placed: a.placed + b.placed,
    asked: plus(a.asked, b.asked),
    given: plus(a.given, b.given),
    cpuSeconds: a.cpuSeconds + b.cpuSeconds,
    mixes: a.mixes + b.mixes,
  };
}

interface Bound {
  readonly placed: number;
  readonly given: Amounts;
}

/** No scheduler can place more, nor give more of either resource: each is an optimum of its own. */
async function boundOf(mix: string, seeds: readonly number[]): Promise<Bound> {
  const highs = await loadHighs();
  let bound: Bound = { placed: 0, given: NOTHING };
  for (const seed of seeds) {
    const problem = mixOf(mix, seed);
    const best = (value: Parameters<typeof programOf>[1]) => {
      const { Status, ObjectiveValue } = highs.solve(programOf(problem, value));
      if (Status !== 'Optimal') throw new Error(`the program of ${mix}, seed ${seed}, is ${Status}`);
      return ObjectiveValue;
    };
    const placed = bound.placed + best(() => 1);
    const given = { vcpus: best(({ vcpus }) => vcpus), memoryMiB: best(({ memoryMiB }) => memoryMiB) };
    bound = { placed, given: plus(bound.given, given) };
  }
  return bound;
}

const round = (figure: number, digits = 4) => Math.round(figure * 10 ** digits) / 10 ** digits;

function print(mix: string, { scheduler, profile, tally }: ReturnType<typeof measure>, bound: Bound): void {
  const { requests, placed, asked, given, cpuSeconds, mixes } = tally;
  const line = {
    bench: `packing:${mix}`,
    scheduler,
    profile,
    hosts: mixOf(MIX_KINDS[0] as string, 1).hosts.length,
    fleets: mixes,
    requests,
    placedShare: round(placed / requests),
    vcpuShare: round(given.vcpus / asked.vcpus),
    memoryShare: round(given.memoryMiB / asked.memoryMiB),
    boundPlacedShare: round(bound.placed / requests),
    boundVcpuShare: round(bound.given.vcpus / asked.vcpus),
    boundMemoryShare: round(bound.given.memoryMiB / asked.memoryMiB),
    placedOfBound: round(placed / bound.placed),
    decisionsPerCpuSecond: Math.round(requests / cpuSeconds),
    machine: machine(),
  };
  console.info(JSON.stringify(line));
}

async function main(mixes: readonly string[], seeds: readonly number[]): Promise<void> {
  const totals = new Map<Case, Tally>();
  let allBounds: Bound = { placed: 0, given: NOTHING };
  for (const mix of mixes) {
    const bound = await boundOf(mix, seeds);
    allBounds = { placed: allBounds.placed + bound.placed, given: plus(allBounds.given, bound.given) };
    for (const each of CASES) {
      const measured = measure(mix, seeds, each);
      print(mix, measured, bound);
      const before = totals.get(each);
      totals.set(each, before ? add(before, measured.tally) : measured.tally);
    }
  }
  for (const [{ scheduler, profile }, tally] of totals)
    print('all', { scheduler, profile, tally }, allBounds);
}

const { values } = parseArgs({
  options: {
    mix: { type: 'string', multiple: true, default: MIX_KINDS },
    seeds: { type: 'string', default: '5' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.info(USAGE);
else
  await main(
    values.mix,
    Array.from({ length: Number(values.seeds) }, (_, index) => index + 1),
  );
