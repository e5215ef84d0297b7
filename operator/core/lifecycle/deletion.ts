import { type InstanceView, NONE, type Situation } from './situation.ts';

/** First the guest, then its claim, then the Instance itself. */
export function deletion({ guest }: InstanceView): Situation {
  const step = (action: Situation['action']): Situation => ({
    operation: 'Delete',
    taskState: 'Deleting',
    action,
  });
  if (guest.vm) return step(guest.vm.deleting ? NONE : { kind: 'deleteVm' });
  if (guest.disk?.exists) return step({ kind: 'deleteVm' });
  const gone = guest.power === 'absent' && guest.pods.length === 0;
  return step(gone ? { kind: 'finish' } : NONE);
}
