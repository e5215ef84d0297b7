import { type MaintenanceStatus, MOST_BLOCKERS } from '#api/computenode-status.ts';
import type { ConditionDraft } from '../conditions.ts';
import { type Occupant, type Verdict, verdictOf } from './occupant.ts';

export interface MaintenancePlan {
  /** Moves to ask for now. */
  start: { key: string; type: 'Live' | 'Cold' }[];
  report: Omit<MaintenanceStatus, 'since'>;
  /** When to look again, if nothing changes. */
  lookAt: Date | undefined;
}

/** What is done next to empty a node: a few moves at once, those that need no interruption first. */
export function maintenancePlan(
  occupants: readonly Occupant[],
  settings: { nodeName: string; allowCold: boolean; maxConcurrent: number; now: Date },
): MaintenancePlan {
  const judged = occupants
    .map(({ key, ...occupant }) => ({ key, verdict: verdictOf({ key, ...occupant }, settings) }))
    .sort((a, b) => order(a.verdict) - order(b.verdict) || a.key.localeCompare(b.key));
  const count = (kind: Verdict['kind']) => judged.filter(({ verdict }) => verdict.kind === kind).length;
  const moving = count('moving');
  const movable = judged.flatMap(({ key, verdict }) =>
    verdict.kind === 'movable' ? [{ key, type: verdict.type }] : [],
  );
  const start = movable.slice(0, Math.max(0, settings.maxConcurrent - moving));
  const blockers = judged.flatMap(({ key, verdict }) =>
    verdict.kind === 'blocked'
      ? [{ instance: key, reason: verdict.reason, message: verdict.message.slice(0, 512) }]
      : [],
  );
  return {
    start,
    report: {
      left: occupants.length,
      moving: moving + start.length,
      waiting: count('waiting') + movable.length - start.length,
      blocked: blockers.length,
      blockers: blockers.slice(0, MOST_BLOCKERS),
    },
    lookAt: soonestRetry(judged.map(({ verdict }) => verdict)),
  };
}

/** Live before cold. */
const order = (verdict: Verdict): number => (verdict.kind === 'movable' && verdict.type === 'Cold' ? 1 : 0);

function soonestRetry(verdicts: readonly Verdict[]): Date | undefined {
  const times = verdicts.flatMap((it) => (it.kind === 'blocked' && it.retryAt ? [it.retryAt.getTime()] : []));
  return times.length > 0 ? new Date(Math.min(...times)) : undefined;
}

export function drainedOf({ left, moving, waiting, blocked }: MaintenancePlan['report']): ConditionDraft {
  if (left === 0)
    return { type: 'Drained', status: 'True', reason: 'Empty', message: 'no Instance holds a place here' };
  const reason = moving + waiting > 0 ? 'Moving' : 'Blocked';
  const message = `${left} left: ${moving} on their way, ${waiting} wait, ${blocked} are blocked`;
  return { type: 'Drained', status: 'False', reason, message };
}
