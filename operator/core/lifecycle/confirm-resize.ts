import { giveBack } from './give-back.ts';
import { type InFlight, type InstanceView, NONE, type Situation } from './situation.ts';

/** The old place is freed, and the new one kept. */
export function confirmResize({ instance: { status }, claimNode }: InstanceView): Situation {
  const over = {
    operation: 'ConfirmResize',
    taskState: undefined,
    outcome: { result: 'Succeeded' },
  } as const;
  const flavor = status?.flavor;
  if (!status?.resize || !flavor || claimNode === undefined) return { ...over, action: NONE, record: null };
  return { ...over, action: { kind: 'keepPlace', nodeName: claimNode, flavor }, record: null };
}

export function revertResize(view: InstanceView, _: InFlight): Situation {
  const record = view.instance.status?.resize;
  if (record) return giveBack('RevertResize', view, record);
  return { operation: 'RevertResize', taskState: undefined, action: NONE, outcome: { result: 'Succeeded' } };
}

/** What nobody confirmed or reverted in its time is confirmed (Nova's resize_confirm_window). */
export function autoConfirm({ instance: { spec, status }, now }: InstanceView): Situation | undefined {
  const { confirmBy } = status?.resize ?? {};
  if (confirmBy === undefined || spec.locked || now < new Date(confirmBy) || status?.vmState !== 'Resized')
    return undefined;
  return { operation: 'ConfirmResize', taskState: 'ResizeConfirming', action: NONE };
}
