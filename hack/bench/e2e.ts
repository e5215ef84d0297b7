/** From created to placed, on a real control plane. See the usage below, or docs/benchmarks.md. */
import { parseArgs } from 'node:util';
import { POD } from '#adapters/kubernetes/types.ts';
import { INSTANCE, type Instance } from '#api/instance.ts';
import type { KubeObject } from '#runtime/resource.ts';
import { Arrivals } from './e2e/arrivals.ts';
import { cpuBetween, cpuSeconds } from './e2e/cpu.ts';
import { peakMiB } from './e2e/peak-memory.ts';
import { rawWrites } from './e2e/raw.ts';
import { createFlavors, instances, type Kinds, pods, type Subject } from './e2e/subjects.ts';
import { type AuditedWrite, Testbed } from './e2e/testbed.ts';
import { concurrently, until } from './e2e/until.ts';
import { machine } from './machine.ts';

const USAGE = `Usage: npm run -s bench:e2e -- [--nodes N] [--instances N] [--case NAME]... [--clients N] [--operator FLAG]...
  --nodes      simulated nodes (1000)
  --instances  so many in each case (500)
  --case       like     Instances of one flavor, created by all clients as fast as they can
               mixed    the same with 8 flavors
               held     8 flavors; all Instances are there before, and are let go at one moment
               (mixed and held)
  --clients    creating at a time (16)
  --operator   a flag of the operator, such as --operator=--concurrency=32; NODE_OPTIONS reaches it too`;

const CASES = ['like', 'mixed', 'held'];
/** As many as the operator has sockets. */
const RAW_WORKERS = 32;
const RAW_SECONDS = 5;
const CPU_RATIO = 4;

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '1000' },
    instances: { type: 'string', default: '500' },
    case: { type: 'string', multiple: true, default: ['mixed', 'held'] },
    clients: { type: 'string', default: '16' },
    operator: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', default: false },
  },
});
const [nodes, count, clients] = [values.nodes, values.instances, values.clients].map(Number) as [
  number,
  number,
  number,
];

interface Run {
  /** When the last one had its node, and since when that was asked for; in milliseconds since the epoch. */
  readonly start: number;
  readonly end: number;
  readonly latencies: readonly number[];
  /** CPU seconds of each process in between. */
  readonly cpuSeconds: Record<string, number>;
}

/** Creates them all, lets them go if they were held, and waits until each has a node. */
async function run<T extends KubeObject>(
  { client, cluster, operatorPid }: Testbed,
  name: string,
  subject: Subject<T>,
  letGo?: () => Promise<void>,
): Promise<Run> {
  const arrivals = await Arrivals.watch(client, subject.resource, (object: T) =>
    subject.placed(object).filter((it) => it.startsWith(`${name}-`)),
  );
  const asked = new Map<string, number>();
  const nameOf = (index: number) => `${name}-${index}`;
  const cpu = () =>
    cpuSeconds(cluster, { bench: process.pid, ...(operatorPid && { operator: operatorPid }) });
  const beforeAll = cpu();
  const created = Date.now();
  await concurrently(count, clients, async (index) => {
    asked.set(nameOf(index), Date.now());
    await subject.create(client, nameOf(index), index);
  });
  const before = letGo ? cpu() : beforeAll;
  const released = letGo && Date.now();
  await letGo?.();
  await until(`all of ${name} have a node`, () => arrivals.seen.size >= count);
  arrivals.stop();
  const after = cpu();
  const latencies = [...arrivals.seen].map(([it, seen]) => seen - (released ?? asked.get(it) ?? created));
  return {
    start: released ?? created,
    end: Math.max(...arrivals.seen.values()),
    latencies: latencies.sort((a, b) => a - b),
    cpuSeconds: cpuBetween(before, after),
  };
}

const round = (figure: number, digits = 0) => Math.round(figure * 10 ** digits) / 10 ** digits;

function figures(bench: string, scheduler: string, { start, end, latencies, cpuSeconds }: Run) {
  const at = (share: number) => latencies[Math.floor(share * (latencies.length - 1))];
  return {
    bench: `e2e:${bench}`,
    scheduler,
    hosts: nodes,
    instances: count,
    profile: 'default',
    clients,
    placedPerSecond: round(count / ((end - start) / 1000), 1),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    cpuSeconds,
  };
}

const print = (line: object) => console.info(JSON.stringify({ ...line, machine: machine() }));

function byResource(writes: readonly AuditedWrite[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { verb, objectRef } of writes) {
    const { resource, subresource } = objectRef ?? {};
    const what = `${verb} ${resource}${subresource ? `/${subresource}` : ''}`;
    counts[what] = (counts[what] ?? 0) + 1;
  }
  const perInstance = Object.entries(counts).map(
    ([what, writes]) => [what, round(writes / count, 2)] as const,
  );
  return Object.fromEntries(perInstance.sort(([, a], [, b]) => b - a));
}

const isActive = ({ status }: Instance) => status?.vmState === 'Active' && status.taskState === undefined;
const isBerths = ({ userAgent }: AuditedWrite) => userAgent === 'berth';

async function peer(testbed: Testbed, kinds: Kinds): Promise<void> {
  const measured = await run(testbed, `pod-${kinds}`, pods(kinds, CPU_RATIO));
  const writes = await testbed.writes(measured.start, measured.end);
  const seconds = (measured.end - measured.start) / 1000;
  print({
    ...figures(kinds, 'kube-scheduler', measured),
    allWritesPerSecond: round(writes.length / seconds),
  });
  await testbed.cluster.kubectl('delete', 'pods', '--all', '--wait=false');
  await until(
    'the pods are gone',
    async () => (await testbed.client.list(POD, { namespace: 'default' })).items.length === 0,
  );
}

async function berth(testbed: Testbed, name: string, raw: number): Promise<void> {
  const held = name === 'held';
  const kinds = name === 'like' ? 'like' : 'mixed';
  if (!held) await createFlavors(testbed.client, name);
  const letGo = held ? () => createFlavors(testbed.client, name) : undefined;
  const active = await Arrivals.watch(testbed.client, INSTANCE, (instance: Instance) =>
    isActive(instance) && instance.metadata.name.startsWith(`${name}-`) ? [instance.metadata.name] : [],
  );
  const measured = await run(testbed, name, instances(kinds, name), letGo);
  await until(`all of ${name} are Active`, () => active.seen.size >= count);
  active.stop();
  const settled = Math.max(...active.seen.values());
  const window = await testbed.writes(measured.start, measured.end);
  const whole = (await testbed.writes(measured.start, settled)).filter(isBerths);
  const seconds = (measured.end - measured.start) / 1000;
  const ours = window.filter(isBerths).length / seconds;
  print({
    ...figures(name, 'berth', measured),
    activePerSecond: round(count / ((settled - measured.start) / 1000), 1),
    writesPerSecond: round(ours),
    allWritesPerSecond: round(window.length / seconds),
    rawWritesPerSecond: round(raw),
    writesOfRaw: round(ours / raw, 3),
    allWritesOfRaw: round(window.length / seconds / raw, 3),
    rssMiB: peakMiB(testbed.operatorPid),
    writesPerInstance: round(whole.length / count, 2),
    writesPerInstanceBy: byResource(whole),
  });
}

/** kube-scheduler first and without the operator, which would only take CPU time from it. */
async function main(): Promise<void> {
  const testbed = await Testbed.start(nodes);
  try {
    await testbed.quiet();
    const raw = await rawWrites(testbed.client, RAW_WORKERS, RAW_SECONDS);
    print({
      bench: 'e2e:raw',
      scheduler: 'none',
      hosts: nodes,
      workers: RAW_WORKERS,
      rawWritesPerSecond: round(raw),
    });
    for (const kinds of ['like', 'mixed'] as const)
      if (values.case.includes(kinds)) await peer(testbed, kinds);
    const operator = await testbed.operator(nodes, values.operator);
    for (const name of values.case) {
      await testbed.quiet();
      await berth(testbed, name, raw);
    }
    await operator.stop();
  } finally {
    await testbed.stop();
  }
}

const unknown = values.case.find((it) => !CASES.includes(it));
if (values.help) console.info(USAGE);
else if (unknown) throw new Error(`no such case: ${unknown}\n${USAGE}`);
else await main();
