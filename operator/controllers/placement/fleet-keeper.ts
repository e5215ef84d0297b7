import { aggregatesOf, selects } from '#core/aggregates/members.ts';
import { hostStateOf } from '#core/computenode/inventory.ts';
import { groupsHeld } from '#core/groups/group-key.ts';
import { Fleet } from '#core/scheduling/fleet.ts';
import type { AggregateState } from '#core/scheduling/host-state.ts';
import { sumResources } from '#core/scheduling/resources.ts';
import type { Caches } from '../caches.ts';
import { hasSameConstraints, nodeFacts } from './node-facts.ts';

type FleetCaches = Pick<Caches, 'computeNodes' | 'ledgers' | 'nodes' | 'aggregates'>;

/**
 * The scheduler's snapshot, kept up to date one host at a time. A node without a ledger is not in it: nothing can be
 * claimed there.
 */
export class FleetKeeper {
  readonly fleet = new Fleet();
  readonly #caches: FleetCaches;

  constructor(caches: FleetCaches) {
    this.#caches = caches;
    const { computeNodes, ledgers, nodes, aggregates } = caches;
    computeNodes.onChange(({ object }) => this.refresh(object.metadata.name));
    ledgers.onChange(({ object }) => this.refresh(object.metadata.name));
    nodes.onChange(({ object, old }) => {
      if (!hasSameConstraints(object, old)) this.refresh(object.metadata.name);
    });
    aggregates.onChange(({ object, old }) => {
      for (const node of nodes.list())
        if (selects(object, node) || (old && selects(old, node))) this.refresh(node.metadata.name);
    });
  }

  /** Takes a host's state from the stores; claims that were only consumed in the snapshot are gone with it. */
  refresh(nodeName: string): void {
    const node = this.#caches.computeNodes.get(nodeName);
    const claims = this.#caches.ledgers.get(nodeName)?.spec.claims;
    const host =
      node && claims && hostStateOf(nodeName, node.spec, node.status, sumResources(claims), claims.length);
    if (!host) {
      this.fleet.removeHost(nodeName);
      return;
    }
    const groups = groupsHeld(claims);
    const aggregates = this.#aggregatesOf(nodeName);
    this.fleet.upsertHost({
      ...host,
      ...nodeFacts(this.#caches.nodes.get(nodeName)),
      aggregates,
      ...(groups && { groups }),
    });
  }

  #aggregatesOf(nodeName: string): AggregateState[] {
    const node = this.#caches.nodes.get(nodeName);
    const all = this.#caches.aggregates.list();
    return (node ? aggregatesOf(node, all) : []).map(({ metadata, spec }) => ({
      name: metadata.name,
      metadata: spec.metadata ?? {},
    }));
  }
}
