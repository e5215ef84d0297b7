import { tooSmall } from '../images/fit.ts';
import type { BuiltFlavor } from './guest-size.ts';
import { OPERATION_TABLE } from './operations.ts';
import { hasFreshRequestId, requestIdFor } from './request-id.ts';
import { recordOf } from './resize-record.ts';
import { type InstanceView, NONE, type Situation } from './situation.ts';

/** Why a change of the spec is not carried out now: a reason of the condition SpecHeld, and the same in words. */
export interface HeldBack {
  reason: string;
  message: string;
}

/** Begins a resize when spec.flavorRef names another Flavor than the guest was built with. */
export function flavorChange(view: InstanceView): Situation | undefined {
  const { instance, wanted } = view;
  if (!wishesOther(view) || !isQuiet(view) || whyFlavorWaits(view)) return undefined;
  const record = recordOf(view, wanted, { requestId: requestIdFor(instance, 'Resize') });
  return record && { operation: 'Resize', taskState: 'ResizePrep', action: NONE, record };
}

/** Does spec.flavorRef name another Flavor than the guest was built with? */
export const wishesOther = ({ instance: { spec, status } }: InstanceView): boolean =>
  status?.flavor !== undefined && spec.flavorRef.name !== status.flavor.name;

/** Runs or is off, and nothing is about to change that. */
function isQuiet({ guest: { vm, power, migrating } }: InstanceView): boolean {
  if (!vm || vm.deleting || migrating) return false;
  return power === 'running' || (power === 'absent' && !vm.runs);
}

/** Why a wish for another Flavor is not carried out now; undefined: it can be, or there is none. */
export function whyFlavorWaits(view: InstanceView): HeldBack | undefined {
  const { instance, wanted } = view;
  const { spec, status } = instance;
  const built = status?.flavor;
  if (!built || !wishesOther(view)) return undefined;
  if (spec.locked) return { reason: 'Locked', message: 'spec.locked is true: unlock the Instance first' };
  if (!wanted)
    return { reason: 'FlavorNotFound', message: `Flavor ${spec.flavorRef.name} does not exist: create it` };
  const unfit = whyUnfit(view, built, wanted);
  if (unfit) return unfit;
  const { heldFlavor } = status;
  if (heldFlavor?.name === wanted.name && !isAskedAnew(view)) return heldFlavor;
  const { from } = OPERATION_TABLE.Resize;
  const { vmState } = status;
  if (vmState && from.includes(vmState)) return undefined;
  return {
    reason: 'WrongState',
    message: `the Instance is ${vmState}; a resize starts from ${from.join(', ')}`,
  };
}

/** What was reverted is not begun again but by the field. */
const isAskedAnew = ({ instance }: InstanceView): boolean =>
  instance.status?.heldFlavor?.reason !== 'ResizeReverted' && hasFreshRequestId(instance);

function whyUnfit(
  { instance, image }: InstanceView,
  built: BuiltFlavor,
  wanted: BuiltFlavor,
): HeldBack | undefined {
  if (instance.spec.rootDisk.ephemeral) return { reason: 'EphemeralRoot', message: LOST_ROOT };
  const short = image && tooSmall(wanted, image);
  if (short !== undefined) return { reason: 'FlavorTooSmall', message: short };
  if (wanted.rootDiskGiB >= built.rootDiskGiB) return undefined;
  const message = `${wanted.name} has a root disk of ${wanted.rootDiskGiB} GiB, and the guest has one of ${built.rootDiskGiB}: a disk only grows`;
  return { reason: 'DiskCannotShrink', message };
}

export const LOST_ROOT =
  'the root disk is ephemeral, and what is on it would be lost: create another Instance';
