import { isPodOver, POD, type Pod } from '#adapters/kubernetes/types.ts';
import { GUEST_FINALIZER, INSTANCE_UID_LABEL } from '#api/constants.ts';
import { type Release, releaseOf } from '#core/placement/release.ts';
import type { KubeClient } from '#runtime/client.ts';
import { unlessMissing } from '#runtime/errors.ts';
import type { Logger } from '#runtime/logger.ts';
import { keyOf } from '#runtime/resource.ts';
import { sleep } from '#runtime/sleep.ts';

/** How many pods were dealt with in what way. */
export type Released = Record<Release, number>;

export interface ReleaseOptions {
  logger: Logger;
  /** How long what fails is tried again. A policy that was deleted holds for a moment more. 2 minutes unless set. */
  patienceMs?: number;
}

/**
 * Takes what is Berth's off the pods of all guests, for a cluster that Berth has left: its webhooks and policies must be gone
 * by then. Can be run again. Returns what was done; pods that are kept are logged with the reason.
 *
 * @throws what the API server still refused at the end.
 */
export async function releaseGuests(client: KubeClient, options: ReleaseOptions): Promise<Released> {
  const { logger, patienceMs = 120_000 } = options;
  const until = Date.now() + patienceMs;
  const total: Released = { release: 0, replace: 0, keep: 0, none: 0 };
  for (;;) {
    const { done, kept, failure } = await releaseOnce(client);
    for (const verdict of ['release', 'replace'] as const) total[verdict] += done[verdict];
    if (failure === undefined) {
      for (const pod of kept) logger.warn({ pod: keyOf(pod), nodeName: pod.spec.nodeName }, KEPT);
      return { ...total, keep: done.keep, none: done.none };
    }
    if (Date.now() > until) throw failure;
    logger.info({ err: failure }, 'not all could be released yet: trying again');
    await sleep(2_000);
  }
}

async function releaseOnce(client: KubeClient) {
  const { items } = await client.list<Pod>(POD, { labelSelector: INSTANCE_UID_LABEL });
  const done: Released = { release: 0, replace: 0, keep: 0, none: 0 };
  const kept: Pod[] = [];
  let failure: unknown;
  for (const pod of items) {
    const verdict = releaseOf(pod, isPodOver(pod));
    if (verdict === 'keep') kept.push(pod);
    try {
      await carryOut(client, pod, verdict);
      done[verdict]++;
    } catch (error) {
      failure = error;
    }
  }
  return { done, kept, failure };
}

const KEPT =
  'its guest may still run: this pod was deleted by force, and its kubelet has not confirmed the end. Make sure that the node is off, then take the finalizer off by hand';

/** A finalizer of somebody else's that came in between is kept: the write fails with a conflict, and is tried again. */
async function carryOut(client: KubeClient, pod: Pod, verdict: Release): Promise<void> {
  if (verdict === 'keep' || verdict === 'none') return;
  const { uid, resourceVersion, finalizers = [] } = pod.metadata;
  const metadata = { uid, resourceVersion, finalizers: finalizers.filter((it) => it !== GUEST_FINALIZER) };
  await unlessMissing(client.patch<Pod>(POD, keyOf(pod), { metadata }, { type: 'merge' }));
  if (verdict === 'replace') await unlessMissing(client.delete(POD, keyOf(pod), { preconditions: { uid } }));
}
