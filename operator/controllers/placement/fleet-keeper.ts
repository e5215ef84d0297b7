import type { Instance } from '#api/instance.ts';
import type { Claim } from '#api/nodeledger.ts';
import { aggregatesOf, selects } from '#core/aggregates/members.ts';
import { doesHeavyIo, ioOpsOf } from '#core/claims/io-ops.ts';
import { hostStateOf } from '#core/computenode/inventory.ts';
import { groupsHeld } from '#core/groups/group-key.ts';
import { type BuiltImage, ownImage } from '#core/images/built-image.ts';
import { readImageProperties } from '#core/images/properties.ts';
import { Fleet } from '#core/scheduling/fleet.ts';
import type { AggregateState, HostState } from '#core/scheduling/host-state.ts';
import { sumResources } from '#core/scheduling/resources.ts';
import { type HostMetrics, NO_METRICS } from '#ports/host-metrics.ts';
import type { Caches } from '../caches.ts';
import { KnownNodes } from './known-nodes.ts';
import { hasSameFacts } from './node-facts.ts';

type FleetCaches = Pick<Caches, 'computeNodes' | 'ledgers' | 'nodes' | 'aggregates' | 'instances'>;

/** What is known of hosts beside what the API server has of each. */
export interface HostFeeds {
  failedBuilds(nodeName: string): number;
  /** Whether the claims in its ledger are all that they should be. */
  isSound(nodeName: string, claims: readonly Claim[]): boolean;
  readonly metrics: HostMetrics;
  /** What an Instance's root disk is made from. */
  imageOf(instance: Instance): BuiltImage | undefined;
}

const NO_FEEDS: HostFeeds = {
  failedBuilds: () => 0,
  isSound: () => true,
  metrics: NO_METRICS,
  imageOf: ownImage,
};
/** Hosts that are taken over at one go when thousands of metrics come in. */
const AT_ONCE = 50;

/**
 * The scheduler's snapshot, kept up to date one host at a time. A node without a ledger is not in it, nor one whose
 * ledger is known to be wrong: nothing can be claimed there until that is mended.
 */
export class FleetKeeper {
  readonly fleet = new Fleet();
  readonly #caches: FleetCaches;
  readonly #feeds: HostFeeds;
  readonly #nodes = new KnownNodes();
  readonly #unsound = new Set<string>();

  constructor(caches: FleetCaches, feeds: HostFeeds = NO_FEEDS) {
    this.#caches = caches;
    this.#feeds = feeds;
    const { computeNodes, ledgers, nodes, aggregates, instances } = caches;
    computeNodes.onChange(({ object }) => this.refresh(object.metadata.name));
    ledgers.onChange(({ object }) => this.refresh(object.metadata.name));
    nodes.onChange(({ type, object, old }) => {
      if (type === 'deleted') this.#nodes.forget(object.metadata.name);
      if (!hasSameFacts(object, old)) this.refresh(object.metadata.name);
    });
    aggregates.onChange(({ object, old }) => {
      for (const node of nodes.list())
        if (selects(object, node) || (old && selects(old, node))) this.refresh(node.metadata.name);
    });
    instances.onChange(({ type, object, old }) => {
      if (type !== 'modified' || doesHeavyIo(object) !== doesHeavyIo(old) || hasOtherImage(object, old))
        this.#refreshNodesOf(object);
    });
    feeds.metrics.onChange((nodeNames) => void this.#refreshInTurn(nodeNames));
  }

  /** Takes a host's state from the stores; claims that were only consumed in the snapshot are gone with it. */
  refresh(nodeName: string): void {
    const node = this.#caches.computeNodes.get(nodeName);
    const claims = this.#caches.ledgers.get(nodeName)?.spec.claims;
    const sound = claims !== undefined && this.#feeds.isSound(nodeName, claims);
    if (claims === undefined || sound) this.#unsound.delete(nodeName);
    else this.#unsound.add(nodeName);
    const host =
      node &&
      sound &&
      hostStateOf(nodeName, node.spec, node.status, sumResources(claims), {
        numInstances: claims.length,
        numIoOps: ioOpsOf(claims, this.#instanceOf),
      });
    if (!host) {
      this.fleet.removeHost(nodeName);
      return;
    }
    const groups = groupsHeld(claims);
    const instanceImageProperties = this.#imagePropertiesOf(claims);
    const metrics = this.#feeds.metrics.of(nodeName);
    const state: HostState = {
      ...host,
      ...this.#nodes.of(this.#caches.nodes.get(nodeName)),
      aggregates: this.#aggregatesOf(nodeName),
      ...(groups && { groups }),
      ...(instanceImageProperties.length > 0 && { instanceImageProperties }),
      failedBuilds: this.#feeds.failedBuilds(nodeName),
      ...(metrics && { metrics }),
    };
    this.fleet.upsertHost(settled(this.fleet.stateOf(nodeName), state));
  }

  /** Lets others have their turn: what comes from outside must not hold up decisions. */
  async #refreshInTurn(nodeNames: readonly string[]): Promise<void> {
    for (const [i, nodeName] of nodeNames.entries()) {
      if (i > 0 && i % AT_ONCE === 0) await new Promise(setImmediate);
      this.refresh(nodeName);
    }
  }

  #refreshNodesOf({ metadata: { uid } }: Instance): void {
    for (const ledger of this.#caches.ledgers.byIndex('instance', uid)) this.refresh(ledger.metadata.name);
  }

  readonly #instanceOf = (uid: string): Instance | undefined => this.#caches.instances.byIndex('uid', uid)[0];

  /** Of the Instances with a place there whose image has any. */
  #imagePropertiesOf(claims: readonly Claim[]): NonNullable<HostState['instanceImageProperties']> {
    const uids = new Set(claims.map(({ instanceUid }) => instanceUid));
    return [...uids].flatMap((uid) => {
      const instance = this.#instanceOf(uid);
      const properties = instance && this.#feeds.imageOf(instance)?.properties;
      return properties ? [readImageProperties(properties)] : [];
    });
  }

  /** What speaks against ledgers has changed: looks again at those that were wrong. */
  refreshUnsound(): void {
    for (const nodeName of [...this.#unsound]) this.refresh(nodeName);
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

/** As after a rebuild. */
function hasOtherImage({ status }: Instance, old: Instance | undefined): boolean {
  const [after, before] = [status?.image?.properties, old?.status?.image?.properties];
  return (after !== undefined || before !== undefined) && !isSame(before, after);
}

/** What says the same stays the same object: the fleet sees by that what need not be read again. */
function settled(before: HostState | undefined, after: HostState): HostState {
  if (!before) return after;
  const entries = Object.entries(after).map(([field, value]) => {
    const known = before[field as keyof HostState];
    return [field, isSame(known, value) ? known : value];
  });
  return Object.fromEntries(entries) as HostState;
}

function isSame(known: unknown, value: unknown): boolean {
  return known === value || (typeof value === 'object' && JSON.stringify(known) === JSON.stringify(value));
}
