import { type InstanceView, NONE, type Situation } from './situation.ts';

/** First what was begun to be copied from its disk, then the guest, then its claim, then the Instance itself. */
export function deletion({ guest, madeImage }: InstanceView): Situation {
  const step = (action: Situation['action']): Situation => ({
    operation: 'Delete',
    taskState: 'Deleting',
    action,
  });
  if (madeImage && !madeImage.ready) return step({ kind: 'dropImage', requestId: madeImage.requestId });
  if (guest.vm) return step(guest.vm.deleting ? NONE : { kind: 'deleteVm' });
  if (guest.disk?.exists) return step({ kind: 'deleteVm' });
  const gone = guest.power === 'absent' && guest.pods.length === 0;
  return step(gone ? { kind: 'finish' } : NONE);
}
