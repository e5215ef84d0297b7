/** Memory of the scheduler's snapshot and of what the operator keeps. See the usage below, or docs/benchmarks.md. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { LEDGER_INDEXERS } from '#adapters/kubernetes/ledgers.ts';
import type { Node } from '#adapters/kubernetes/types.ts';
import type { ComputeNode } from '#api/computenode.ts';
import type { Instance } from '#api/instance.ts';
import type { NodeLedger } from '#api/nodeledger.ts';
import { INDEXERS } from '#controllers/caches.ts';
import { FleetKeeper } from '#controllers/placement/fleet-keeper.ts';
import type { Fleet } from '#core/scheduling/fleet.ts';
import { Plans } from '#core/scheduling/plans.ts';
import { DEFAULT_PROFILE } from '#core/scheduling/profile.ts';
import type { RequestSpec } from '#core/scheduling/request-spec.ts';
import type { ClaimResources } from '#core/scheduling/resources.ts';
import type { KubeObject } from '#runtime/resource.ts';
import { Store } from '#runtime/store.ts';
import { FLAVORS, seeded, variedFleet } from './fleet.ts';
import { machine } from './machine.ts';
import { type ClusterObjects, clusterObjects } from './memory/objects.ts';

const USAGE = `Usage: npm run -s bench:memory -- [--hosts N] [--instances N]
  --hosts      ComputeNodes (5000)
  --instances  Instances, each with its claim (50000)`;

/** Objects are parsed a page at a time, as they come from the API server: texts of two pages are never shared. */
const PAGE = 500;

interface Memory {
  readonly heapMiB: number;
  readonly externalMiB: number;
  readonly rssMiB: number;
}

function memory(): Memory {
  for (let i = 0; i < 3; i += 1) globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heapMiB: heapUsed / 2 ** 20, externalMiB: external / 2 ** 20, rssMiB: rss / 2 ** 20 };
}

const round = (figure: number) => Math.round(figure * 10) / 10;

/** Prints how much more memory is in use since it was made. */
class Meter {
  readonly #hosts: number;
  readonly #instances: number;
  #before = memory();

  constructor(hosts: number, instances: number) {
    this.#hosts = hosts;
    this.#instances = instances;
  }

  print(what: string): void {
    const now = memory();
    const line = {
      bench: `memory:${what}`,
      scheduler: 'berth',
      hosts: this.#hosts,
      instances: this.#instances,
      profile: DEFAULT_PROFILE.name,
      heapMiB: round(now.heapMiB - this.#before.heapMiB),
      externalMiB: round(now.externalMiB - this.#before.externalMiB),
      rssGrowthMiB: round(now.rssMiB - this.#before.rssMiB),
      rssMiB: round(now.rssMiB),
      machine: machine(),
    };
    this.#before = memory();
    console.info(JSON.stringify(line));
  }
}

/** A request that every filter and weigher looks at, so that the fleet has every column there is. */
const MANY_SIDED: RequestSpec = {
  resources: FLAVORS[0] as ClaimResources,
  availabilityZone: 'zone-a',
  namespace: 'default',
  flavor: { name: 'small', extraSpecs: { rack: '1' } },
  image: { id: 'image', properties: { os_type: 'linux' } },
  group: { policy: 'soft-anti-affinity' },
  ties: { groupKey: 'group' },
};

function plansOf(fleet: Fleet): Plans {
  const plans = new Plans(fleet, DEFAULT_PROFILE);
  for (const resources of FLAVORS) plans.decide({ resources });
  return plans;
}

/** The snapshot by itself: hosts in columns, and claims in them, which take no room of their own. */
function measureFleet(hosts: number, instances: number): unknown {
  const meter = new Meter(hosts, instances);
  const fleet = variedFleet(hosts, seeded(hosts));
  for (let i = 0; i < instances; i += 1)
    fleet.claim(i % hosts, FLAVORS[i % FLAVORS.length] as ClaimResources);
  new Plans(fleet, DEFAULT_PROFILE).decide(MANY_SIDED);
  meter.print('fleet');
  const plans = plansOf(fleet);
  meter.print('plans of 8 flavors');
  return [fleet, plans];
}

/** What the operator keeps of Berth's own kinds, then the snapshot made of them, which shares their texts. */
function measureOperator(folder: string, hosts: number, instances: number): unknown {
  const meter = new Meter(hosts, instances);
  const computeNodes = filled(new Store<ComputeNode>(), join(folder, 'computeNodes'));
  meter.print('store of ComputeNodes');
  const ledgers = filled(new Store<NodeLedger>({ indexers: LEDGER_INDEXERS }), join(folder, 'ledgers'));
  meter.print('store of NodeLedgers');
  const held = filled(new Store<Instance>({ indexers: INDEXERS.instances }), join(folder, 'instances'));
  meter.print('store of Instances');
  const caches = { computeNodes, ledgers, instances: held, nodes: new Store<Node>() };
  const keeper = new FleetKeeper({ ...caches, aggregates: new Store() });
  for (const { metadata } of computeNodes.list()) keeper.refresh(metadata.name);
  new Plans(keeper.fleet, DEFAULT_PROFILE).decide(MANY_SIDED);
  meter.print('fleet of the stores');
  return [held, keeper];
}

function filled<T extends KubeObject>(store: Store<T>, file: string): Store<T> {
  const pages = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  store.replace(
    pages.flatMap((page) => JSON.parse(page) as T[]),
    '99999999',
  );
  return store;
}

function writePages(folder: string, objects: ClusterObjects): void {
  for (const [name, all] of Object.entries(objects) as [string, readonly KubeObject[]][]) {
    const pages = Array.from({ length: Math.ceil(all.length / PAGE) }, (_, page) =>
      JSON.stringify(all.slice(page * PAGE, (page + 1) * PAGE)),
    );
    writeFileSync(join(folder, name), pages.join('\n'));
  }
}

/** Each case in a process of its own, that has done nothing else. */
function inProcesses(hosts: string, instances: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'berth-memory-'));
  try {
    writePages(folder, clusterObjects(Number(hosts), Number(instances)));
    for (const what of ['fleet', 'operator']) {
      const args = [import.meta.filename, '--hosts', hosts, '--instances', instances, '--measure', what];
      const { status } = spawnSync(process.execPath, ['--expose-gc', ...args, '--folder', folder], {
        stdio: 'inherit',
      });
      if (status !== 0) throw new Error(`measuring ${what} failed`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '5000' },
    instances: { type: 'string', default: '50000' },
    measure: { type: 'string' },
    folder: { type: 'string', default: '' },
    help: { type: 'boolean', default: false },
  },
});
const [hosts, instances] = [Number(values.hosts), Number(values.instances)];
if (values.help) console.info(USAGE);
else if (values.measure === 'fleet') measureFleet(hosts, instances);
else if (values.measure === 'operator') measureOperator(values.folder, hosts, instances);
else inProcesses(values.hosts, values.instances);
