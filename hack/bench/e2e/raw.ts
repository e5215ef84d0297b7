import type { Claim, NodeLedger } from '#api/nodeledger.ts';
import { NODE_LEDGER } from '#api/nodeledger.ts';
import type { KubeClient } from '#runtime/client.ts';
import { concurrently } from './until.ts';

const claim = (index: number): Claim => ({
  uid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
  ownerKind: 'Instance',
  namespace: 'default',
  name: `instance-${index}`,
  instanceUid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
  vcpus: 2,
  memoryMiB: 4096,
  overheadMiB: 276,
  diskGiB: 20,
  requestId: `req-00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
});

/**
 * Updates per second that the API server takes of ledgers with a claim or two, as many at a time, by a client that does
 * nothing else. No operator must run: the ledgers are of nodes that do not exist.
 */
export async function rawWrites(client: KubeClient, workers: number, seconds: number): Promise<number> {
  const name = (index: number) => `raw-${index}`;
  const held: NodeLedger[] = [];
  await concurrently(workers, workers, async (index) => {
    const ledger = { metadata: { name: name(index) }, spec: { claims: [claim(0)] } };
    held[index] = await client.create<NodeLedger>(NODE_LEDGER, ledger);
  });
  const end = performance.now() + seconds * 1000;
  const start = performance.now();
  let writes = 0;
  await concurrently(workers, workers, async (index) => {
    while (performance.now() < end) {
      const ledger = held[index] as NodeLedger;
      const claims = ledger.spec.claims.length === 1 ? [claim(0), claim(++writes)] : [claim(++writes)];
      held[index] = await client.update<NodeLedger>(NODE_LEDGER, { ...ledger, spec: { claims } });
    }
  });
  const rate = writes / ((performance.now() - start) / 1000);
  await concurrently(workers, workers, (index) => client.delete(NODE_LEDGER, name(index)));
  return rate;
}
