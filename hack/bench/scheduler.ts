/** Decisions per second of the scheduler's core. See the usage below, or docs/benchmarks.md. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { decide, decideMany } from '#core/scheduling/decide.ts';
import type { Fleet } from '#core/scheduling/fleet.ts';
import { Plans } from '#core/scheduling/plans.ts';
import { DEFAULT_PROFILE, type Profile } from '#core/scheduling/profile.ts';
import type { GroupPolicy, RequestSpec } from '#core/scheduling/request-spec.ts';
import type { ClaimResources } from '#core/scheduling/resources.ts';
import { FLAVORS, seeded, variedFleet } from './fleet.ts';
import { machine } from './machine.ts';
import { PlainScan } from './scan.ts';

const USAGE = `Usage: npm run -s bench:scheduler -- [--hosts N]... [--case NAME]... [--profile default] [--seconds S] [--peer nova]
  --case   like         8 flavors in turn, what was worked out is kept (the operator's way)
           unexplained  the same, with no host's figures in the decision
           echo         as like, and every host's state comes in anew when what it builds is built
           cold         the same, nothing kept
           groups       server groups of 6 members, three zones
           scan         not Berth: a plain scan of the same fleet, four weighers, nothing explained, nothing kept
  --peer   nova: measures the real Nova as well, first, in the same run (it is installed into .berth/nova)`;

/** What is looked at of a decision. */
type Outcome = { readonly kind: 'placed'; readonly host: string } | { readonly kind: 'noValidHost' };

interface Bench {
  readonly scheduler?: string;
  readonly profile: Profile;
  readonly decide: (fleet: Fleet, plans: Plans, request: RequestSpec) => Outcome;
  readonly request: (turn: number) => RequestSpec;
  readonly echo?: true;
}

const flavored = (turn: number): RequestSpec => ({
  ownerUid: `instance-${turn}`,
  resources: FLAVORS[turn % FLAVORS.length] as ClaimResources,
});
const kept: Bench['decide'] = (fleet, plans, request) =>
  decideMany(fleet, [request], DEFAULT_PROFILE, plans)[0] as Outcome;

const scans = new WeakMap<Fleet, PlainScan>();

const POLICIES = ['anti-affinity', 'affinity', 'soft-anti-affinity'] as const;

const CASES: Record<string, Bench> = {
  like: { profile: DEFAULT_PROFILE, decide: kept, request: flavored },
  unexplained: {
    profile: { ...DEFAULT_PROFILE, name: 'default, unexplained', explainedHosts: 0 },
    decide: kept,
    request: flavored,
  },
  echo: { profile: DEFAULT_PROFILE, decide: kept, request: flavored, echo: true },
  cold: {
    profile: DEFAULT_PROFILE,
    decide(fleet, _plans, request) {
      const decision = decide(fleet, request, DEFAULT_PROFILE);
      if (decision.kind === 'placed')
        fleet.claim(fleet.indexOf(decision.host) ?? -1, request.resources, request);
      return decision;
    },
    request: flavored,
  },
  groups: {
    profile: DEFAULT_PROFILE,
    decide: kept,
    request: (turn) => ({
      ...flavored(Math.floor(turn / 6)),
      availabilityZone: ['zone-a', 'zone-b', 'zone-c'][turn % 3],
      group: { policy: POLICIES[turn % 3] as GroupPolicy['policy'] },
      ties: { groupKey: `group-${turn % 3}-${Math.floor(turn / 18)}` },
    }),
  },
  scan: {
    scheduler: 'plain scan',
    profile: { ...DEFAULT_PROFILE, name: 'four weighers' },
    decide(fleet, _plans, request) {
      const scan = scans.get(fleet) ?? new PlainScan(fleet);
      scans.set(fleet, scan);
      const host = scan.best(request.resources);
      if (host === undefined) return { kind: 'noValidHost' };
      fleet.claim(host, request.resources, request);
      return { kind: 'placed', host: fleet.nameOf(host) };
    },
    request: flavored,
  },
};

/** No host's index. */
const NOWHERE = -1;
/** Room for the time of each decision. */
const MOST_A_SECOND = 500_000;

/** So many Instances are being built at a time. */
const BUILDING = 100;

/** An Instance is built: its I/O operation is over, and its host's state comes in anew. */
function built(fleet: Fleet, name: string): void {
  const state = fleet.stateOf(name);
  if (state) fleet.upsertHost({ ...state, numIoOps: Math.max(0, state.numIoOps - 1) });
}

/** Decides for so long, with the fleet kept as full as it is after `hosts * 4` Instances: older ones leave. */
function run(name: string, hosts: number, seconds: number) {
  const bench = CASES[name];
  if (!bench) throw new Error(`no such case: ${name}\n${USAGE}`);
  const fleet = variedFleet(hosts, seeded(hosts));
  const plans = new Plans(fleet, bench.profile);
  const held = new Int32Array(hosts * 4).fill(NOWHERE);
  const building: string[] = [];
  let turn = 0;
  let placed = 0;
  const once = () => {
    const request = bench.request(turn);
    const decision = bench.decide(fleet, plans, request);
    const slot = turn++ % held.length;
    const host = held[slot] ?? NOWHERE;
    if (host !== NOWHERE) {
      const leaving = bench.request(turn - 1 - held.length);
      fleet.release(host, leaving.resources, leaving);
      if (bench.echo) fleet.numIoOps[host] = (fleet.numIoOps[host] ?? 0) + 1; // it ended long ago
    }
    held[slot] = NOWHERE;
    if (decision.kind !== 'placed') return;
    placed += 1;
    if (bench.echo) building.push(decision.host);
    if (building.length > BUILDING) built(fleet, building.shift() as string);
    held[slot] = fleet.indexOf(decision.host) ?? NOWHERE;
  };
  const measure = (milliseconds: number, times: Float32Array) => {
    const [first, start] = [turn, performance.now()];
    let before = start;
    while (before < start + milliseconds) {
      once();
      const after = performance.now();
      times[turn - 1 - first] = after - before;
      before = after;
    }
    return { decisions: turn - first, wall: (before - start) / 1000 };
  };
  const times = new Float32Array(MOST_A_SECOND * seconds);
  measure(Math.min(2000, seconds * 300), times);
  placed = 0;
  const cpu = process.cpuUsage();
  const { decisions, wall } = measure(seconds * 1000, times);
  const { user, system } = process.cpuUsage(cpu);
  const sorted = times.subarray(0, decisions).sort();
  const at = (share: number) => round(sorted[Math.floor(share * (decisions - 1))] ?? 0, 4);
  return {
    bench: `scheduler:${name}`,
    scheduler: bench.scheduler ?? 'berth',
    hosts,
    instances: held.filter((host) => host !== NOWHERE).length,
    profile: bench.profile.name,
    decisionsPerCpuSecond: round(decisions / ((user + system) / 1e6)),
    decisionsPerSecond: round(decisions / wall),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    rssMiB: round(process.memoryUsage().rss / 2 ** 20),
    decisions,
    placedShare: round(placed / decisions, 4),
    keptShare: name === 'cold' || name === 'scan' ? 0 : round(plans.keptShare, 4),
    machine: machine(),
  };
}

function runPeer(name: string, hosts: readonly string[], seconds: string): void {
  if (name !== 'nova') throw new Error(`--peer ${name}: there is only nova`);
  const script = join(import.meta.dirname, 'nova/peer.sh');
  const { status } = spawnSync(script, [...hosts, '--seconds', seconds], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`the peer ended with ${status}`);
}

function round(figure: number, digits = 0): number {
  return Math.round(figure * 10 ** digits) / 10 ** digits;
}

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', multiple: true, default: ['1000', '5000'] },
    case: { type: 'string', multiple: true, default: Object.keys(CASES) },
    profile: { type: 'string', default: 'default' },
    seconds: { type: 'string', default: '5' },
    peer: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.info(USAGE);
else if (values.profile !== 'default')
  throw new Error(`--profile ${values.profile}: there is only the default profile`);
else {
  if (values.peer !== undefined) runPeer(values.peer, values.hosts, values.seconds);
  for (const hosts of values.hosts)
    for (const name of values.case)
      console.info(JSON.stringify(run(name, Number(hosts), Number(values.seconds))));
}
