import type { Instance } from '#api/instance.ts';

/** How far an Instance is, as far as the demo waits for it. */
export type Standing = 'ready' | 'fitsNowhere' | 'failed' | 'onTheWay';

export function standingOf({ metadata, status }: Instance): Standing {
  if (metadata.deletionTimestamp) return 'onTheWay';
  if (status?.fault) return 'failed';
  const ready = conditionOf(status, 'Ready');
  if (ready?.status === 'True') return 'ready';
  return ready?.reason === 'NoValidHost' ? 'fitsNowhere' : 'onTheWay';
}

/** Why it is not ready, in its own words. */
export function reasonOf({ metadata, status }: Instance): string {
  const ready = conditionOf(status, 'Ready');
  return `${metadata.name}: ${ready ? `${ready.reason}: ${ready.message}` : 'the operator has not looked at it'}`;
}

const conditionOf = (status: Instance['status'], wanted: string) =>
  status?.conditions?.find(({ type }) => type === wanted);
