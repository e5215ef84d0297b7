import type { Node } from '#adapters/kubernetes/types.ts';
import { hasSameFacts, type NodeFacts, nodeFacts } from './node-facts.ts';

const NOTHING: NodeFacts = {};

/** The facts of Nodes, the same objects for as long as a Node says the same: it is written with every heartbeat. */
export class KnownNodes {
  readonly #known = new Map<string, { node: Node; facts: NodeFacts }>();

  of(node: Node | undefined): NodeFacts {
    if (!node) return NOTHING;
    const { name } = node.metadata;
    const before = this.#known.get(name);
    if (before?.node === node) return before.facts;
    const facts = before && hasSameFacts(node, before.node) ? before.facts : nodeFacts(node);
    this.#known.set(name, { node, facts });
    return facts;
  }

  forget(name: string): void {
    this.#known.delete(name);
  }
}
