import { type InFlight, type InstanceView, NONE, type Situation } from './situation.ts';

/**
 * An Image made of the root disk of a guest that is off: an Image whose source is the disk's claim, which the Image's own
 * controller copies. It has succeeded when that copy is full; until then nothing else is done to the Instance (ADR 0064).
 */
export function createImage(view: InstanceView, { taskState, requestId }: InFlight): Situation {
  const { asking, madeImage, requests } = view;
  const step = (state: Situation['taskState'], action: Situation['action'] = NONE): Situation => ({
    operation: 'CreateImage',
    taskState: state,
    action,
  });
  const ended = (
    outcome: NonNullable<Situation['outcome']>,
    action: Situation['action'] = NONE,
  ): Situation => ({
    ...step(undefined, action),
    outcome,
  });
  const isCancelled = requests.some((it) => it.cancelled && it.requestId === requestId);
  if (isCancelled)
    return ended({ result: 'Cancelled', message: 'it was cancelled' }, { kind: 'dropImage', requestId });
  if (taskState === 'ImageSnapshot') {
    const name = asking?.action?.createImage?.name;
    if (name !== undefined)
      return { ...step('ImageSnapshot', { kind: 'makeImage', name }), next: 'ImageUploading' };
    if (!madeImage) return ended({ result: 'Failed', code: 'RequestGone', message: GONE });
  }
  if (!madeImage) return ended({ result: 'Failed', code: 'ImageGone', message: 'the Image was deleted' });
  if (madeImage.ready) return ended({ result: 'Succeeded', message: `Image ${madeImage.name}` });
  return step('ImageUploading');
}

const GONE = 'the InstanceAction that names the Image was deleted before it was begun';
