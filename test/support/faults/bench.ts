import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NODE } from '#adapters/kubernetes/types.ts';
import { Berth } from '../berth.ts';
import { History } from '../history.ts';
import { type LogRecord, OperatorProcess } from '../operator-process.ts';
import { FaultProxy } from './fault-proxy.ts';
import { type Lane, rulesOf } from './lane.ts';
import { liveThrough } from './life.ts';
import { inWords, planOf } from './plan.ts';

const LOGS = join(import.meta.dirname, '../../../.berth/faults');
const LANES = 4;
const NODES_IN_LANE = 3;

export interface Outcome {
  seed: number;
  /** What did not hold, or undefined. */
  failure: string | undefined;
  /** Whether what was planned came about. */
  struck: boolean;
  mishaps: number;
}

/** One cluster and one operator behind a fault proxy, on which seeds run, four side by side. */
export class FaultBench {
  readonly history: History;
  crashes = 0;
  readonly #berth: Berth;
  readonly #proxy: FaultProxy;
  readonly #lanes: Lane[];
  /** Of the operators of this round, first to last. */
  #logs: LogRecord[][] = [];
  #operator: OperatorProcess | undefined;
  #starting: Promise<void> | undefined;

  private constructor(berth: Berth, proxy: FaultProxy, history: History, lanes: Lane[]) {
    this.#berth = berth;
    this.#proxy = proxy;
    this.history = history;
    this.#lanes = lanes;
  }

  static async start(): Promise<FaultBench> {
    const berth = await Berth.start({ fleetNodes: LANES * NODES_IN_LANE, fleetZones: LANES });
    const proxy = await FaultProxy.before(berth.cluster);
    const bench = new FaultBench(berth, proxy, await History.of(berth.client), await lanesOf(berth));
    await bench.#startOperator();
    await berth.allNodesUp();
    return bench;
  }

  async stop(): Promise<void> {
    await this.#operator?.kill();
    await this.history.stop();
    await this.#proxy.stop();
    await this.#berth.stop();
  }

  /** Seeds that share a round are always the same: the round of a seed is what replays it. */
  static roundOf(seed: number): number[] {
    const first = seed - (seed % LANES);
    return Array.from({ length: LANES }, (_, lane) => first + lane);
  }

  async round(seeds: readonly number[]): Promise<Outcome[]> {
    this.#logs = this.#logs.slice(-1);
    const plans = seeds.map(planOf);
    for (const { heldBack } of plans)
      for (const [resource, ms] of heldBack) this.#proxy.heldBack.set(resource, ms);
    const outcomes = await Promise.all(plans.map((plan, index) => this.#live(plan, this.#lanes[index])));
    await this.#starting;
    this.#proxy.heldBack.clear();
    this.#proxy.rules.length = 0;
    this.#proxy.onWritten = () => {};
    return outcomes;
  }

  async #live(plan: ReturnType<typeof planOf>, lane: Lane | undefined): Promise<Outcome> {
    if (!lane) throw new Error('there is no lane for this seed');
    const namespace = `seed-${plan.seed}`;
    const crash = () => this.#crash();
    const { strike, mishaps } = rulesOf(plan, lane, namespace, { proxy: this.#proxy, crash });
    this.#proxy.rules.push(strike, mishaps);
    const failure = await liveThrough(
      { client: this.#berth.client, history: this.history },
      namespace,
      lane.zone,
    ).then(
      () => undefined,
      (error: unknown) =>
        `${inWords(plan)}\n${error instanceof Error ? error.message : error}\n${this.#words(namespace)}`,
    );
    if (failure !== undefined) this.#keepLog(plan.seed, failure);
    return { seed: plan.seed, failure, struck: (strike.struck ?? 0) > 0, mishaps: mishaps.struck ?? 0 };
  }

  /** All that the operators said, beside the failure: a round is long over when its test file ends. */
  #keepLog(seed: number, failure: string): void {
    mkdirSync(LOGS, { recursive: true });
    const lines = this.#logs.flatMap((log) => log.map((line) => JSON.stringify(line)));
    writeFileSync(join(LOGS, `seed-${seed}.log`), [failure, ...lines].join('\n'));
  }

  /** What the operator of now said of a namespace, at last. */
  #words(namespace: string): string {
    const lines = this.#operator?.log.map((line) => JSON.stringify(line)) ?? [];
    return lines
      .filter((line) => line.includes(`${namespace}/`) || line.includes('"warn"') || line.includes('"error"'))
      .slice(-25)
      .join('\n');
  }

  /** As a power failure would, at this moment; another one starts at once, under the same name. */
  async #crash(): Promise<void> {
    if (this.#starting) return this.#operator?.exited.then(() => {});
    this.crashes++;
    const ended = this.#operator?.kill();
    this.#starting = (async () => {
      await ended;
      await this.#startOperator();
      this.#starting = undefined;
    })();
    await ended;
  }

  async #startOperator(): Promise<void> {
    const cluster = { ...this.#berth.cluster, kubeconfigPath: this.#proxy.kubeconfigPath };
    this.#logs.push([]);
    const operator = await OperatorProcess.start(cluster, 'under-fire', ['--log-level', 'debug']);
    this.#logs.splice(-1, 1, operator.log);
    this.#operator = operator;
  }
}

async function lanesOf({ client }: Berth): Promise<Lane[]> {
  const { items } = await client.list(NODE);
  const byZone = new Map<string, string[]>();
  for (const { metadata } of items) {
    const zone = metadata.labels?.['topology.kubernetes.io/zone'] ?? '';
    byZone.set(zone, [...(byZone.get(zone) ?? []), metadata.name]);
  }
  return [...byZone].map(([zone, nodes]) => ({ zone, nodes }));
}
