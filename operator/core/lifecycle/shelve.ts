import { isOver } from './guest-view.ts';
import { startAction } from './power.ts';
import { hasFailed } from './request-id.ts';
import { type Action, type InstanceView, NONE, type Situation } from './situation.ts';

/** Carries out a change of spec.shelved; undefined when there is none to begin. */
export function shelveChange({ instance: { spec, status }, instance }: InstanceView): Situation | undefined {
  if (spec.shelved === (status?.shelved ?? false)) return undefined;
  const operation = spec.shelved ? 'Shelve' : 'Unshelve';
  if (hasFailed(instance, operation)) return undefined;
  const taskState = spec.shelved ? 'ShelvingOffloading' : 'Unshelving';
  return { operation, taskState, action: NONE };
}

/** Off, and its place free. The disk is a volume, and stays. */
export function shelve({ guest, claimNode }: InstanceView): Situation {
  const step = (action: Action): Situation => ({
    operation: 'Shelve',
    taskState: 'ShelvingOffloading',
    action,
  });
  if (guest.vm?.runs) return step({ kind: 'haltVm' });
  if (!isOver(guest.power) || guest.pods.length > 0) return step(NONE);
  if (claimNode) return step({ kind: 'freePlace' });
  return { operation: 'Shelve', taskState: undefined, action: NONE, outcome: { result: 'Succeeded' } };
}

/** A place, and the guest in it if the spec wants one that runs. */
export function unshelve({ instance, guest, claimNode }: InstanceView): Situation {
  const step = (taskState: Situation['taskState'], action: Action): Situation => ({
    operation: 'Unshelve',
    taskState,
    action,
  });
  if (!claimNode) return step('Unshelving', { kind: 'claim' });
  if (instance.spec.powerState === 'Stopped' || guest.power === 'running')
    return { ...step(undefined, NONE), outcome: { result: 'Succeeded' } };
  return step('Spawning', startAction(guest));
}
