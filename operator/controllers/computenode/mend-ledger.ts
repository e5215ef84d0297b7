import type { ComputeNode } from '#api/computenode.ts';
import { API_VERSION } from '#api/constants.ts';
import { inWords, mended } from '#core/claims/drift.ts';
import type { Ledgers } from '#ports/ledgers.ts';
import type { Telemetry } from '#ports/telemetry.ts';
import { isAlreadyExists } from '#runtime/errors.ts';
import type { Logger } from '#runtime/logger.ts';
import type { EventRecorder } from '#runtime/recorder.ts';
import type { Caches } from '../caches.ts';
import { driftOn, rebuiltClaims } from '../claims/evidence.ts';
import type { Flavors } from '../flavors.ts';

export interface LedgerDependencies {
  caches: Caches;
  flavors: Flavors;
  ledgers: Ledgers;
  recorder: EventRecorder;
  telemetry: Telemetry;
}

/**
 * Puts a node's ledger right where Instances and pods show that it is not: lost, restored from an old copy, edited by
 * hand. The scheduler leaves the node alone until then. False: somebody wrote in between, look again.
 */
export async function keepLedger(deps: LedgerDependencies, node: ComputeNode, log: Logger): Promise<boolean> {
  const { ledgers } = deps;
  const { name } = node.metadata;
  const held = ledgers.claimsOn(name);
  if (held === undefined) return rebuild(deps, node, log);
  const drift = driftOn(deps, name, held);
  if (drift.length === 0) return true;
  const outcome = await ledgers.write(name, (claims) =>
    claims === held ? mended(claims, drift) : undefined,
  );
  if (outcome !== 'written') return false;
  tell(deps, node, `${drift.length} claims were put right: ${inWords(drift)}`, log);
  return true;
}

async function rebuild(deps: LedgerDependencies, node: ComputeNode, log: Logger): Promise<boolean> {
  const { name } = node.metadata;
  const claims = rebuiltClaims(deps, name);
  try {
    await deps.ledgers.create(name, claims);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    return false;
  }
  if (claims.length === 0) log.info('made the ledger');
  else
    tell(
      deps,
      node,
      `the ledger was missing, and was made from Instances and pods: ${claims.length} claims`,
      log,
    );
  return true;
}

function tell(
  { recorder, telemetry }: LedgerDependencies,
  node: ComputeNode,
  note: string,
  log: Logger,
): void {
  log.warn(note);
  telemetry.ledgerMended(node.metadata.name);
  const regarding = { ...node, apiVersion: API_VERSION, kind: 'ComputeNode' };
  recorder.event(regarding, { type: 'Warning', reason: 'LedgerMended', action: 'MendLedger', note });
}
