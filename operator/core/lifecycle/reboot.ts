import type { GuestView } from './guest-view.ts';
import { startAction } from './power.ts';
import { type Action, type InFlight, type InstanceView, NONE, type Situation } from './situation.ts';

/**
 * Asks the guest, and waits until its agent answers anew; one that does not in time is reset (see deadline.ts). Of a guest
 * without an agent nobody sees whether it reboots: it was asked, and that is all (ADR 0051).
 */
export function softReboot(view: InstanceView, inFlight: InFlight): Situation {
  const step = (rest: Pick<Situation, 'taskState' | 'action' | 'next'>): Situation => ({
    operation: 'SoftReboot',
    ...rest,
  });
  const succeeded = (action: Action): Situation => ({
    ...step({ taskState: undefined, action }),
    outcome: { result: 'Succeeded' },
  });
  const { taskState, startTime } = inFlight;
  if (taskState === 'RebootingHard' || taskState === 'RebootStartedHard')
    return { ...hardReboot(view, inFlight), operation: 'SoftReboot' };
  const { power, agentSince } = view.guest;
  if (power !== 'running') return step({ taskState: 'RebootingHard', action: NONE });
  const ask: Action = { kind: 'softReboot' };
  if (taskState === 'Rebooting')
    return agentSince ? step({ taskState, action: ask, next: 'RebootStarted' }) : succeeded(ask);
  return agentSince && agentSince > startTime
    ? succeeded(NONE)
    : step({ taskState: 'RebootStarted', action: NONE });
}

/**
 * Power off and on, in place where the launcher answers. A guest that is off, or whose launcher does not answer in time
 * (see deadline.ts), gets a new pod, which the gate keeps on the node of its claim.
 */
export function hardReboot({ guest }: InstanceView, { taskState }: InFlight): Situation {
  const step = (rest: Pick<Situation, 'taskState' | 'action' | 'next'>): Situation => ({
    operation: 'HardReboot',
    ...rest,
  });
  if (taskState !== 'RebootStartedHard') return step({ taskState: 'RebootingHard', ...powerCycle(guest) });
  if (guest.power === 'running')
    return { ...step({ taskState: undefined, action: NONE }), outcome: { result: 'Succeeded' } };
  const action: Action = guest.power === 'paused' ? { kind: 'unpause' } : startAction(guest);
  return step({ taskState, action });
}

function powerCycle(guest: GuestView): Pick<Situation, 'action' | 'next'> {
  if (guest.power === 'running' || guest.power === 'paused')
    return { action: { kind: 'reset' }, next: 'RebootStartedHard' };
  if (guest.power === 'unknown' || guest.power === 'stopping') return { action: NONE };
  return { action: startAction(guest), next: 'RebootStartedHard' };
}
