import { tooSmall } from '../images/fit.ts';
import type { BuiltFlavor } from './guest-size.ts';
import { OPERATION_TABLE } from './operations.ts';
import { hasFreshRequestId, requestIdFor } from './request-id.ts';
import { recordOf } from './resize-record.ts';
import { type ResizeWay, resizeWay } from './resize-way.ts';
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
  const way = wayTo(view);
  if (way?.kind !== 'live' && way?.kind !== 'cold') return undefined;
  const operation = way.kind === 'live' ? 'LiveResize' : 'Resize';
  const requestId = requestIdFor(instance, operation);
  const record = recordOf(view, wanted, { requestId, live: way.kind === 'live' });
  return record && { operation, taskState: 'ResizePrep', action: NONE, record };
}

/** How the wish would be carried out; undefined: there is none, or no such Flavor. */
function wayTo(view: InstanceView): ResizeWay | undefined {
  const built = view.instance.status?.flavor;
  return built && view.wanted && resizeWay(view, built, view.wanted);
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

function whyUnfit(view: InstanceView, built: BuiltFlavor, wanted: BuiltFlavor): HeldBack | undefined {
  const { instance, image } = view;
  const way = resizeWay(view, built, wanted);
  if (way.kind === 'none')
    return { reason: 'NotLive', message: `resizePolicy is Live, and ${way.why}`.slice(0, 1024) };
  if (way.kind === 'cold' && instance.spec.rootDisk.ephemeral)
    return { reason: 'EphemeralRoot', message: LOST_ROOT };
  const short = image && tooSmall(wanted, image);
  if (short !== undefined) return { reason: 'FlavorTooSmall', message: short };
  if (wanted.rootDiskGiB >= built.rootDiskGiB) return undefined;
  const message = `${wanted.name} has a root disk of ${wanted.rootDiskGiB} GiB, and the guest has one of ${built.rootDiskGiB}: a disk only grows`;
  return { reason: 'DiskCannotShrink', message };
}

export const LOST_ROOT =
  'the root disk is ephemeral, and what is on it would be lost: create another Instance';
