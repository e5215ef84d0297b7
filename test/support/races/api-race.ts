import { LEDGER_INDEXERS } from '#adapters/kubernetes/ledgers.ts';
import { NODE_LEDGER, type NodeLedger } from '#api/nodeledger.ts';
import { SERVER_GROUP, type ServerGroup } from '#api/servergroup.ts';
import { createClient, type KubeClient } from '#runtime/client.ts';
import { isAlreadyExists } from '#runtime/errors.ts';
import { createInformer } from '#runtime/informer.ts';
import { type Cluster, kubeConfigOf } from '../cluster.ts';
import { overCapacity } from '../invariants.ts';
import { computeNode, type Racer, racerOn } from './racer.ts';

/** Active schedulers on one real API server, each with a client, connections and watches of its own. */
export class ApiRace {
  readonly racers: Racer[] = [];
  /** Every version of a ledger that came by, and where one was over its node's capacity. */
  readonly history = { moments: 0, violations: new Set<string>() };
  readonly #stop = new AbortController();
  readonly #running: Promise<void>[] = [];
  readonly #clients: KubeClient[] = [];

  static async of(cluster: Cluster, schedulers: number, nodes: number): Promise<ApiRace> {
    const race = new ApiRace();
    const computeNodes = Array.from({ length: nodes }, (_, index) => computeNode(`node-${index}`));
    for (let index = 0; index < schedulers; index++) {
      const client = createClient(kubeConfigOf(cluster), { userAgent: `racer-${index}` });
      race.#clients.push(client);
      if (index === 0)
        await makeLedgers(
          client,
          computeNodes.map(({ metadata }) => metadata.name),
        );
      const ledgers = createInformer<NodeLedger>(client, NODE_LEDGER, { indexers: LEDGER_INDEXERS });
      const serverGroups = createInformer<ServerGroup>(client, SERVER_GROUP);
      for (const informer of [ledgers, serverGroups]) race.#running.push(informer.start(race.#stop.signal));
      race.racers.push(
        racerOn(client, computeNodes, { ledgers: ledgers.store, serverGroups: serverGroups.store }),
      );
      await Promise.all([ledgers.synced, serverGroups.synced]);
      if (index > 0) continue;
      ledgers.store.onChange(({ object }) => {
        race.history.moments++;
        const node = computeNodes.find(({ metadata }) => metadata.name === object.metadata.name);
        if (node) for (const violation of overCapacity(object, node)) race.history.violations.add(violation);
      });
    }
    return race;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled(this.#running);
    await Promise.allSettled(this.#clients.map((client) => client.close()));
  }
}

async function makeLedgers(client: KubeClient, names: readonly string[]): Promise<void> {
  for (const name of names) {
    try {
      await client.create(NODE_LEDGER, { metadata: { name }, spec: { claims: [] } });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }
}
