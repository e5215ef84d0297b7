import { failedStart, startAction } from './power.ts';
import { type InstanceView, NONE, type Situation } from './situation.ts';

/** Starts a guest that went off by itself, which spec.powerState does not. */
export function start({ guest }: InstanceView): Situation {
  if (guest.power === 'running')
    return { operation: 'Start', taskState: undefined, action: NONE, outcome: { result: 'Succeeded' } };
  return (
    failedStart('Start', guest) ?? { operation: 'Start', taskState: 'PoweringOn', action: startAction(guest) }
  );
}
