import { isPodOver } from '#adapters/kubernetes/types.ts';
import { isGated } from '#core/placement/pin.ts';
import type { Unproven } from '#core/placement/unproven.ts';
import type { Caches } from '../caches.ts';
import { nodeFactsOf } from './node-facts.ts';

/** Pods of an Instance on nodes whose kubelet says nothing: nobody knows whether they run. */
export function unprovenPods(caches: Caches, instanceUid: string): Unproven[] {
  return caches.pods
    .byIndex('instance', instanceUid)
    .filter((pod) => !isGated(pod) && !isPodOver(pod))
    .flatMap(({ metadata, spec: { nodeName } }) => {
      if (nodeName === undefined) return [];
      const { node } = nodeFactsOf(caches.nodes.get(nodeName), undefined);
      if (node?.ready) return [];
      return [{ podName: metadata.name, nodeName, nodeExists: node !== undefined }];
    });
}
