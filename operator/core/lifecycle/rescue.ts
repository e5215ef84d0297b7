import type { Instance } from '#api/instance.ts';
import { failedStart, startAction } from './power.ts';
import { hasFailed } from './request-id.ts';
import { type Action, type InstanceView, NONE, type Situation } from './situation.ts';

/** The container image that a rescue boots from; undefined where there is none. */
export const rescueImage = ({ spec, status }: Instance): string | undefined =>
  spec.rescue?.image?.containerDisk ?? status?.image?.containerDisk ?? spec.image?.containerDisk;

/** Carries out a change of spec.rescue; undefined when there is none to begin. */
export function rescueChange({ instance, guest, rescueRefused }: InstanceView): Situation | undefined {
  const { spec, status } = instance;
  if (!guest.vm || status?.shelved || rescueRefused !== undefined) return undefined;
  const [wanted, isRescued] = [spec.rescue !== undefined, status?.rescued !== undefined];
  const isLost = wanted && !guest.vm.rescue; // somebody deleted the VM, and it was made anew
  const isLeft = !wanted && guest.vm.rescue === true; // a rescue failed, and was taken back
  if (wanted === isRescued && !isLost && !isLeft) return undefined;
  const operation = spec.rescue ? 'Rescue' : 'Unrescue';
  if (hasFailed(instance, operation) || guest.migrating) return undefined;
  return { operation, taskState: spec.rescue ? 'Rescuing' : 'Unrescuing', action: NONE };
}

/** Off, the rescue image first in the boot order, and on again where it was. */
export function rescue(view: InstanceView): Situation {
  return rebooted(view, { operation: 'Rescue', taskState: 'Rescuing', wanted: true, starts: true });
}

/** Off, the root disk first again, and on if the spec says so. */
export function unrescue(view: InstanceView): Situation {
  const starts = view.instance.spec.powerState !== 'Stopped';
  return rebooted(view, { operation: 'Unrescue', taskState: 'Unrescuing', wanted: false, starts });
}

interface Boot {
  operation: 'Rescue' | 'Unrescue';
  taskState: Situation['taskState'];
  /** Shall it boot from the rescue image. */
  wanted: boolean;
  starts: boolean;
}

function rebooted(
  { guest, rescueRefused }: InstanceView,
  { operation, taskState, wanted, starts }: Boot,
): Situation {
  const step = (action: Action): Situation => ({ operation, taskState, action });
  const { vm, power, pods } = guest;
  if (!vm) return step({ kind: 'createVm', runs: false });
  if (vm.deleting) return step(NONE);
  if ((vm.rescue ?? false) !== wanted) {
    if (wanted && rescueRefused !== undefined) return refused(operation, rescueRefused);
    if (vm.runs) return step({ kind: 'haltVm' });
    return power === 'absent' && pods.length === 0 ? step({ kind: 'setBoot', rescue: wanted }) : step(NONE);
  }
  if (power === 'running' || (!starts && !vm.runs))
    return { operation, taskState: undefined, action: NONE, outcome: { result: 'Succeeded' } };
  return failedStart(operation, guest) ?? step(startAction(guest));
}

/** Another image came in after it had begun. */
const refused = (operation: Boot['operation'], message: string): Situation => ({
  operation,
  taskState: undefined,
  action: NONE,
  outcome: { result: 'Failed', code: 'SourceNotAllowed', message },
});
