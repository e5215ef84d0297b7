import type { Claim } from '#api/nodeledger.ts';

export interface ClaimedOn {
  nodeName: string;
  claim: Claim;
}

/**
 * How a write of a ledger ended. `conflict`: somebody wrote it first; what is held now is fresh, decide again.
 * `lost`: there is no ledger; the ComputeNode controller makes it anew.
 */
export type LedgerWrite = 'written' | 'unchanged' | 'conflict' | 'lost';

/** The claims on nodes: what keeps two Instances from the same room. */
export interface Ledgers {
  /** Every claim for the guest of an Instance, its own and those of its moves. */
  ofInstance(instanceUid: string): ClaimedOn[];
  /** undefined: there is no ledger of that node. */
  claimsOn(nodeName: string): readonly Claim[] | undefined;
  /**
   * One compare-and-swap. `change` gets what is held and returns what shall be; the same array means no write, undefined
   * that what is held is no longer what was decided on.
   */
  write(
    nodeName: string,
    change: (claims: readonly Claim[]) => readonly Claim[] | undefined,
  ): Promise<LedgerWrite>;
  create(nodeName: string, claims: readonly Claim[]): Promise<void>;
}
