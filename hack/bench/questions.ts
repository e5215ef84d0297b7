/** How long the scheduler takes for questions that claim nothing: figures of Flavors, probes. See the usage below. */
import { parseArgs } from 'node:util';
import { capacityOf, roomByHost } from '#core/scheduling/capacity.ts';
import { decide } from '#core/scheduling/decide.ts';
import type { Fleet } from '#core/scheduling/fleet.ts';
import { judgeHosts } from '#core/scheduling/host-verdict.ts';
import { DEFAULT_PROFILE } from '#core/scheduling/profile.ts';
import type { RequestSpec } from '#core/scheduling/request-spec.ts';
import { FLAVORS, seeded, variedFleet } from './fleet.ts';
import { machine } from './machine.ts';

const USAGE = `Usage: npm run -s bench:questions -- [--hosts N]... [--times N]
  Prints a JSON line for each question and number of hosts; milliseconds for one answer.`;

const REQUESTS: readonly RequestSpec[] = FLAVORS.map((resources) => ({ resources }));
const ONE = REQUESTS[2] as RequestSpec;
const NODES_ASKED = 16;

/** What the operator asks the scheduler for each: both figures of 8 Flavors; one PlacementProbe; and so on. */
const QUESTIONS: Readonly<Record<string, (fleet: Fleet) => unknown>> = {
  flavorFigures: (fleet) =>
    REQUESTS.map((request) => [
      capacityOf(fleet, request, DEFAULT_PROFILE),
      capacityOf(fleet, request, DEFAULT_PROFILE),
    ]),
  flavorByNode: (fleet) => roomByHost(fleet, ONE, DEFAULT_PROFILE),
  probe: (fleet) => decide(fleet, ONE, { ...DEFAULT_PROFILE, explainedHosts: 10 }),
  whyNotNodes: (fleet) => judgeHosts(fleet, ONE, DEFAULT_PROFILE, nodesAsked(fleet)),
};

function nodesAsked(fleet: Fleet): string[] {
  const step = Math.max(1, Math.floor(fleet.size / NODES_ASKED));
  return Array.from({ length: NODES_ASKED }, (_, index) => fleet.nameOf(fleet.order[index * step] ?? 0));
}

function run(name: string, ask: (fleet: Fleet) => unknown, hosts: number, times: number) {
  const fleet = variedFleet(hosts, seeded(hosts));
  for (let i = 0; i < 10; i += 1) ask(fleet);
  const took = Array.from({ length: times }, () => {
    const before = performance.now();
    ask(fleet);
    return performance.now() - before;
  }).sort((a, b) => a - b);
  const at = (share: number) => Math.round((took[Math.floor(share * (times - 1))] ?? 0) * 100) / 100;
  return { bench: `questions:${name}`, hosts, times, p50Ms: at(0.5), p99Ms: at(0.99), machine: machine() };
}

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', multiple: true, default: ['1000', '5000'] },
    times: { type: 'string', default: '100' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.info(USAGE);
else
  for (const hosts of values.hosts)
    for (const [name, ask] of Object.entries(QUESTIONS))
      console.info(JSON.stringify(run(name, ask, Number(hosts), Number(values.times))));
