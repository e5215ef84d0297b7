import { POD, type Pod } from '#adapters/kubernetes/types.ts';
import {
  type VirtualMachineInstance,
  type VirtualMachineInstanceMigration,
  VMI,
  VMIM,
} from '#adapters/kubevirt/types.ts';
import { COMPUTE_NODE, type ComputeNode } from '#api/computenode.ts';
import { INSTANCE_UID_LABEL } from '#api/constants.ts';
import { INSTANCE, type Instance } from '#api/instance.ts';
import { NODE_LEDGER, type NodeLedger } from '#api/nodeledger.ts';
import { SERVER_GROUP, type ServerGroup } from '#api/servergroup.ts';
import type { KubeClient } from '#runtime/client.ts';
import { createInformer } from '#runtime/informer.ts';
import type { KubeObject, Resource } from '#runtime/resource.ts';
import type { Store } from '#runtime/store.ts';
import { disksWithTwoWriters, isLauncher, lookAround, overCapacity, type World } from './invariants.ts';

/**
 * Watches a cluster, and holds what must be so at every moment: no node's ledger over its capacity, no disk with two
 * writers.
 */
export class History {
  readonly violations = new Set<string>();
  /** Versions of pods and ledgers that were looked at. */
  moments = 0;
  readonly instances: Store<Instance>;
  readonly migrations: Store<VirtualMachineInstanceMigration>;
  readonly #client: KubeClient;
  readonly #pods: Store<Pod>;
  readonly #vmis: Store<VirtualMachineInstance>;
  readonly #ledgers: Store<NodeLedger>;
  readonly #groups: Store<ServerGroup>;
  readonly #nodes: Store<ComputeNode>;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>[] = [];

  private constructor(client: KubeClient) {
    this.#client = client;
    this.instances = this.#follow(INSTANCE);
    this.migrations = this.#follow(VMIM);
    this.#pods = this.#follow(POD, {
      instance: ({ metadata }: KubeObject) => [metadata.labels?.[INSTANCE_UID_LABEL] ?? ''],
    });
    this.#vmis = this.#follow(VMI);
    this.#ledgers = this.#follow(NODE_LEDGER);
    this.#groups = this.#follow(SERVER_GROUP);
    this.#nodes = this.#follow(COMPUTE_NODE);
  }

  static async of(client: KubeClient): Promise<History> {
    const history = new History(client);
    await history.#begin();
    return history;
  }

  /** What is wrong, by the watches; if that is nothing, by a look at the API server itself. */
  async wrong(look: (world: World) => string[]): Promise<string[]> {
    const seen = look(this.#world());
    return seen.length > 0 ? seen : look(await lookAround(this.#client));
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled(this.#running);
  }

  #world(): World {
    return {
      instances: this.instances.list(),
      computeNodes: this.#nodes.list(),
      ledgers: this.#ledgers.list(),
      groups: this.#groups.list(),
      pods: this.#pods.list().filter(isLauncher),
      vmis: this.#vmis.list(),
      migrations: this.migrations.list(),
    };
  }

  #follow<T extends KubeObject>(resource: Resource, indexers = {}): Store<T> {
    const informer = createInformer<T>(this.#client, resource, { indexers });
    this.#running.push(informer.start(this.#stop.signal));
    return informer.store;
  }

  async #begin(): Promise<void> {
    const all = [
      this.#pods,
      this.#vmis,
      this.#ledgers,
      this.#groups,
      this.#nodes,
      this.instances,
      this.migrations,
    ];
    await Promise.all(all.map(({ synced }) => synced));
    this.#pods.onChange(({ object }) => {
      const pods = this.#pods.byIndex('instance', object.metadata.labels?.[INSTANCE_UID_LABEL] ?? '');
      this.#note(disksWithTwoWriters({ pods: pods.filter(isLauncher) }));
    });
    this.#ledgers.onChange(({ type, object }) => {
      const node = this.#nodes.get(object.metadata.name);
      this.#note(type !== 'deleted' && node ? overCapacity(object, node) : []);
    });
  }

  #note(violations: string[]): void {
    this.moments++;
    for (const violation of violations) this.violations.add(violation);
  }
}
