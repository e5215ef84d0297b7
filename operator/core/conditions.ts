import type { Condition } from '#api/common.ts';

/** A condition without its bookkeeping. */
export type ConditionDraft = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

const MAX_MESSAGE = 4096;

/** The conditions to write: the transition time changes only with the condition's status. */
export function mergeConditions(
  before: readonly Condition[] | undefined,
  drafts: readonly ConditionDraft[],
  { now, generation }: { now: Date; generation: number | undefined },
): Condition[] {
  return drafts.map((draft) => {
    const same = before?.find(({ type, status }) => type === draft.type && status === draft.status);
    return {
      ...draft,
      message: draft.message.slice(0, MAX_MESSAGE),
      lastTransitionTime: same?.lastTransitionTime ?? now.toISOString(),
      ...(generation !== undefined && { observedGeneration: generation }),
    };
  });
}
