import type { ComputeNode } from '#api/computenode.ts';
import type { NodeLedger } from '#api/nodeledger.ts';
import { hostStateOf } from '#core/computenode/inventory.ts';
import { Fleet } from '#core/scheduling/fleet.ts';
import { sumResources } from '#core/scheduling/resources.ts';
import type { Store } from '#runtime/store.ts';

/**
 * The scheduler's snapshot, kept up to date one host at a time. A node without a ledger is not in it: nothing can be
 * claimed there.
 */
export class FleetKeeper {
  readonly fleet = new Fleet();
  readonly #computeNodes: Store<ComputeNode>;
  readonly #ledgers: Store<NodeLedger>;

  constructor(computeNodes: Store<ComputeNode>, ledgers: Store<NodeLedger>) {
    this.#computeNodes = computeNodes;
    this.#ledgers = ledgers;
    computeNodes.onChange(({ object }) => this.refresh(object.metadata.name));
    ledgers.onChange(({ object }) => this.refresh(object.metadata.name));
  }

  /** Takes a host's state from the stores; claims that were only consumed in the snapshot are gone with it. */
  refresh(nodeName: string): void {
    const node = this.#computeNodes.get(nodeName);
    const claims = this.#ledgers.get(nodeName)?.spec.claims;
    const host =
      node && claims && hostStateOf(nodeName, node.spec, node.status, sumResources(claims), claims.length);
    if (host) this.fleet.upsertHost(host);
    else this.fleet.removeHost(nodeName);
  }
}
