import type { OperationName } from '#api/instance.ts';
import { type HeldBack, whyFlavorWaits, wishesOther } from './flavor-wish.ts';
import { lateNetwork, whyNetworkWaits } from './network-wish.ts';
import { POWER_OPERATIONS } from './power.ts';
import { hasFailed } from './request-id.ts';
import type { InstanceView, Situation } from './situation.ts';
import { lateVolume, whyVolumeWaits } from './volume-wish.ts';

/** A field of the spec that converges. */
interface Wish {
  field: string;
  /** What the message calls it, where the field's name is not enough. */
  named?(view: InstanceView): string;
  /** Does it ask for something that was not carried out yet? */
  isOpen(view: InstanceView): boolean;
  /** The operations that carry it out. */
  operations: readonly OperationName[];
  /** Why it waits, where that is the field's own. */
  whyWaits?(view: InstanceView): HeldBack | undefined;
}

const WISHES: readonly Wish[] = [
  {
    field: 'shelved',
    isOpen: ({ instance: { spec, status } }) => spec.shelved !== (status?.shelved ?? false),
    operations: ['Shelve', 'Unshelve'],
  },
  {
    field: 'rescue',
    isOpen: ({ instance: { spec, status } }) =>
      (spec.rescue !== undefined) !== (status?.rescued !== undefined),
    operations: ['Rescue', 'Unrescue'],
    whyWaits({ instance: { spec, status }, rescueRefused }) {
      if (spec.rescue && rescueRefused !== undefined)
        return { reason: 'SourceNotAllowed', message: rescueRefused };
      if (!status?.shelved) return undefined;
      return { reason: 'WrongState', message: 'it is shelved: set shelved to false first' };
    },
  },
  {
    field: 'powerState',
    // What is shelved is off, and powerState says what it is to be after that.
    isOpen: ({ instance: { spec, status } }) =>
      !spec.shelved && spec.powerState !== status?.appliedPowerState,
    operations: [...POWER_OPERATIONS, 'Unshelve', 'Unrescue'],
    whyWaits: ({ instance: { spec, status } }) =>
      status?.rescued && spec.rescue
        ? { reason: 'WrongState', message: 'the guest runs from its rescue image: take rescue away first' }
        : undefined,
  },
  {
    field: 'volumes',
    named: (view) => `volumes ${lateVolume(view)?.name}`,
    isOpen: (view) => lateVolume(view) !== undefined,
    operations: ['AttachVolume', 'DetachVolume'],
    whyWaits: whyVolumeWaits,
  },
  {
    field: 'networks',
    named: (view) => `networks ${lateNetwork(view)?.name}`,
    isOpen: (view) => lateNetwork(view) !== undefined,
    operations: ['AttachInterface', 'DetachInterface'],
    whyWaits: whyNetworkWaits,
  },
  {
    field: 'flavorRef',
    named: ({ instance }) => `flavorRef ${instance.spec.flavorRef.name}`,
    isOpen: wishesOther,
    operations: ['Resize', 'LiveResize'],
    whyWaits: whyFlavorWaits,
  },
];

/** A change of the spec that is not carried out now, for the condition SpecHeld; `view` has the status that is written. */
export function heldBack(view: InstanceView, situation: Situation): HeldBack | undefined {
  const { status, metadata } = view.instance;
  if (status?.appliedPowerState === undefined || metadata.deletionTimestamp) return undefined;
  const held = WISHES.flatMap((wish) => {
    const why = wish.isOpen(view) ? whyHeld(wish, view, situation) : undefined;
    return why ? [{ ...why, message: `spec.${wish.named?.(view) ?? wish.field}: ${why.message}` }] : [];
  });
  const [first] = held;
  return first && { reason: first.reason, message: held.map(({ message }) => message).join('; ') };
}

/** Undefined: it is being carried out, or is about to be, or has failed, which Ready tells of. */
function whyHeld(
  { operations, whyWaits }: Wish,
  view: InstanceView,
  { operation, outcome }: Situation,
): HeldBack | undefined {
  const { instance } = view;
  const { status } = instance;
  const isCarriedOut = operation !== undefined && operations.includes(operation) && !outcome;
  if (isCarriedOut) return undefined;
  if (status?.resize?.finishTime !== undefined) return awaitsConfirm(status.resize.requestId);
  const own = whyWaits?.(view);
  if (own) return own;
  if (!status?.operation || operations.some((it) => hasFailed(instance, it))) return undefined;
  const { name, requestId } = status.operation;
  return { reason: 'OperationInProgress', message: `waits for the end of ${name} ${requestId}` };
}

const awaitsConfirm = (requestId: string): HeldBack => ({
  reason: 'AwaitsConfirm',
  message: `${requestId} is to be confirmed or reverted first, by an InstanceAction`,
});
