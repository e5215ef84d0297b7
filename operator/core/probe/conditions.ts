import type { ConditionDraft } from '../conditions.ts';
import { type Audience, explainCounts } from '../scheduling/explain.ts';
import { type PlaceFindings, refusalsOf } from './place-answer.ts';
import type { Unanswerable } from './question.ts';

/** What a probe that asked about a placement says in its conditions. */
export function placeConditions(findings: PlaceFindings, audience: Audience): ConditionDraft[] {
  const message = placeMessage(findings, audience);
  const fits = findings.decision.kind === 'placed';
  return [
    answered(message),
    { type: 'Fits', status: fits ? 'True' : 'False', reason: fits ? 'HostsLeft' : 'NoValidHost', message },
  ];
}

export function answered(message: string): ConditionDraft {
  return { type: 'Ready', status: 'True', reason: 'Answered', message };
}

export function unanswered({ reason, message }: Unanswerable): ConditionDraft {
  return { type: 'Ready', status: 'False', reason, message };
}

function placeMessage({ decision, current }: PlaceFindings, audience: Audience): string {
  const counts = explainCounts(decision, audience);
  const goes = decision.kind === 'placed' && audience === 'operator' ? decision.host : undefined;
  if (!current) return goes ? `would go to ${goes}; ${counts}` : counts;
  const moves = goes ? `would move to ${goes}; ${counts}` : `to move: ${counts}`;
  return `${moves}; ${stays(current)}`;
}

function stays({ nodeName, verdict }: NonNullable<PlaceFindings['current']>): string {
  if (!verdict) return `its node ${nodeName} is no ComputeNode now`;
  const reasons = refusalsOf(verdict.filters).map(({ filter, reason }) => `${filter} ${reason}`);
  return reasons.length === 0 ? 'it could stay' : `it could not stay: ${reasons.join(', ')}`;
}
