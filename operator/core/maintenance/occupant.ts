import type { BlockerReason } from '#api/computenode-status.ts';
import type { Instance } from '#api/instance.ts';

/** An Instance that holds a place on a node in maintenance. */
export interface Occupant {
  /** namespace/name. */
  key: string;
  instance: Pick<Instance, 'spec' | 'status'>;
  /** It has only a move's claim here: one that was decided before the maintenance. */
  isIncoming: boolean;
  /** A move of the maintenance is asked for and has not ended. */
  isAsked: boolean;
  /** How often its moves failed or were refused since one went well, and the last of them. */
  failures: number;
  lastFailure: { time: Date; message: string } | undefined;
}

export type Verdict =
  | { kind: 'moving' }
  /** Another operation, or KubeVirt's word, comes first. */
  | { kind: 'waiting' }
  | { kind: 'movable'; type: 'Live' | 'Cold' }
  | { kind: 'blocked'; reason: BlockerReason; message: string; retryAt?: Date };

const MOVES: readonly string[] = ['LiveMigrate', 'ColdMigrate', 'Evacuate'];
const FIRST_RETRY_MS = 60_000;
const LAST_RETRY_MS = 10 * 60_000;

/** What can be done about an Instance on a node that is emptied. */
export function verdictOf(
  occupant: Occupant,
  { nodeName, allowCold, now }: { nodeName: string; allowCold: boolean; now: Date },
): Verdict {
  const { isIncoming, isAsked, instance } = occupant;
  const { vmState, operation, nodeName: home } = instance.status ?? {};
  if (isIncoming || isAsked || MOVES.includes(operation?.name ?? '')) return { kind: 'moving' };
  if (operation || vmState === 'Building' || vmState === 'Deleting') return { kind: 'waiting' };
  if (vmState === 'Resized')
    return blocked(
      'AwaitsConfirmation',
      'its place here is kept for a revert: confirm its move, or revert it',
    );
  if (home !== nodeName) return { kind: 'waiting' };
  if (instance.spec.locked) return blocked('Locked', 'spec.locked is true: unlock it');
  const verdict = wayOut(instance, allowCold);
  return verdict.kind === 'movable' ? (heldBack(occupant, now) ?? verdict) : verdict;
}

const blocked = (reason: BlockerReason, message: string): Verdict => ({ kind: 'blocked', reason, message });

function wayOut({ status }: Pick<Instance, 'spec' | 'status'>, allowCold: boolean): Verdict {
  const state = status?.vmState;
  if (state === 'Stopped') {
    if (allowCold) return { kind: 'movable', type: 'Cold' };
    return blocked('Stopped', 'it is off, and its place is kept here: allow cold migration, or shelve it');
  }
  if (state !== 'Active' && state !== 'Paused')
    return blocked('WrongState', `it is ${state}, from which it cannot move: stop it, or delete it`);
  const live = status?.conditions?.find(({ type }) => type === 'LiveMigratable');
  if (!live) return { kind: 'waiting' };
  if (live.status === 'True') return { kind: 'movable', type: 'Live' };
  if (allowCold && state === 'Active') return { kind: 'movable', type: 'Cold' };
  const message = `${live.message}: allow cold migration, or stop or delete it`;
  return blocked('NotLiveMigratable', message);
}

/** A move that failed is tried again later, each time later. */
function heldBack({ failures, lastFailure }: Occupant, now: Date): Verdict | undefined {
  if (!lastFailure) return undefined;
  const waitMs = Math.min(FIRST_RETRY_MS * 2 ** Math.max(0, failures - 1), LAST_RETRY_MS);
  const retryAt = new Date(lastFailure.time.getTime() + waitMs);
  if (retryAt <= now) return undefined;
  const message = `its last move ended: ${lastFailure.message}. It is tried again at ${retryAt.toISOString()}`;
  return { kind: 'blocked', reason: 'MoveFailed', message, retryAt };
}
