import { API_VERSION } from '#api/constants.ts';
import { type Claim, NODE_LEDGER, type NodeLedger } from '#api/nodeledger.ts';
import type { ClaimedOn, Ledgers } from '#ports/ledgers.ts';
import type { KubeClient } from '#runtime/client.ts';
import { isConflict, isNotFound } from '#runtime/errors.ts';
import type { Store } from '#runtime/store.ts';

/** Indexes that a store of NodeLedgers needs. */
export const LEDGER_INDEXERS = {
  instance: (ledger: NodeLedger) => ledger.spec.claims.map(({ instanceUid }) => instanceUid),
  serverGroup: (ledger: NodeLedger) => [...groupsIn(ledger)],
};

function groupsIn({ spec }: NodeLedger): Set<string> {
  const groups = new Set<string>();
  for (const { namespace, serverGroup } of spec.claims)
    if (serverGroup !== undefined) groups.add(`${namespace}/${serverGroup}`);
  return groups;
}

/** NodeLedgers in the API server, read from the cache and written by compare-and-swap. */
export function kubernetesLedgers(client: KubeClient, store: Store<NodeLedger>): Ledgers {
  /** An update of what was deleted is a conflict too: that of its uid with none. */
  async function refresh(nodeName: string): Promise<'conflict' | 'lost'> {
    try {
      store.put(await client.get<NodeLedger>(NODE_LEDGER, nodeName));
      return 'conflict';
    } catch (error) {
      if (isNotFound(error)) return 'lost';
      throw error;
    }
  }

  return {
    ofInstance: (instanceUid) =>
      store.byIndex('instance', instanceUid).flatMap((ledger) => claimsFor(ledger, instanceUid)),
    claimsOn: (nodeName) => store.get(nodeName)?.spec.claims,
    async write(nodeName, change) {
      const held = store.get(nodeName);
      if (!held) return 'lost';
      const claims = change(held.spec.claims);
      if (claims === held.spec.claims) return 'unchanged';
      if (claims === undefined) return 'conflict';
      try {
        store.put(
          await client.update<NodeLedger>(NODE_LEDGER, {
            ...held,
            apiVersion: API_VERSION,
            kind: 'NodeLedger',
            spec: { claims: [...claims] },
          }),
        );
        return 'written';
      } catch (error) {
        if (isNotFound(error)) return 'lost';
        if (!isConflict(error)) throw error;
        return refresh(nodeName);
      }
    },
    async create(nodeName, claims) {
      const ledger = { metadata: { name: nodeName }, spec: { claims: [...claims] } };
      store.put(await client.create<NodeLedger>(NODE_LEDGER, ledger));
    },
  };
}

function claimsFor(ledger: NodeLedger, instanceUid: string): ClaimedOn[] {
  const nodeName = ledger.metadata.name;
  const own = (claim: Claim) => claim.instanceUid === instanceUid;
  return ledger.spec.claims.filter(own).map((claim) => ({ nodeName, claim }));
}
