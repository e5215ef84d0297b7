import type { OperationName } from '#api/instance.ts';
import type { OperationResult } from '#api/instance-status.ts';
import type { Decision } from '#core/scheduling/decision.ts';

/** What is counted for those who watch Berth. Nothing that is decided depends on it. */
export interface Telemetry {
  decided(decision: Decision, seconds: number): void;
  operationEnded(operation: OperationName, result: OperationResult, seconds: number): void;
  /** An Instance runs for the first time; so many places it was given. */
  built(attempts: number): void;
  /** A node's ledger was lost or wrong. */
  ledgerMended(nodeName: string): void;
}

export const NO_TELEMETRY: Telemetry = { decided() {}, operationEnded() {}, built() {}, ledgerMended() {} };
