import { isPodOver, NODE, type Node, POD, type Pod } from '#adapters/kubernetes/types.ts';
import { COMPUTE_NODE, type ComputeNode } from '#api/computenode.ts';
import { API_VERSION, GUEST_FINALIZER } from '#api/constants.ts';
import { covers, type NodeProof, proofOf } from '#core/placement/fence.ts';
import type { KubeClient } from '#runtime/client.ts';
import type { ReconcileContext, Reconciler } from '#runtime/controller.ts';
import { isInvalid, isNotFound, unlessMissing } from '#runtime/errors.ts';
import type { EventRecorder } from '#runtime/recorder.ts';
import { type Key, type KubeObject, keyOf, type Resource } from '#runtime/resource.ts';
import { type Caches, instanceByUid, instanceUidOf } from '../caches.ts';
import { nodeFactsOf } from './node-facts.ts';

export interface FenceDependencies {
  client: KubeClient;
  caches: Caches;
  recorder: EventRecorder;
}

/**
 * Lets go of a pod that carried a guest once that guest is proven off: by the kubelet's word on the pod, else by proof
 * that its node is off. Until then the finalizer keeps the pod, whoever deletes it, and the pod keeps the gate shut.
 */
export function fenceReconciler(deps: FenceDependencies): Reconciler {
  async function reconcile(key: Key, { log }: ReconcileContext): Promise<void> {
    const pod = deps.caches.pods.get(key);
    if (!pod || !isHeld(pod)) return;
    if (isPodOver(pod)) return release(deps.client, pod);
    if (!proofFor(deps, pod)) return;
    const proof = await provenNow(deps, pod);
    if (!proof) return;
    log.warn({ nodeName: pod.spec.nodeName, proof: proof.word }, `the guest is off: ${proof.word}`);
    tell(deps, pod, proof);
    await deleteAtOnce(deps.client, pod);
    await release(deps.client, pod);
  }
  return { name: 'fence', reconcile };
}

export const isHeld = ({ metadata }: KubeObject): boolean =>
  metadata.finalizers?.includes(GUEST_FINALIZER) ?? false;

function proofFor({ caches }: FenceDependencies, pod: Pod): NodeProof | undefined {
  const { nodeName } = pod.spec;
  if (nodeName === undefined) return undefined;
  const proof = proofOf(nodeFactsOf(caches.nodes.get(nodeName), caches.computeNodes.get(nodeName)));
  return proof && covers(proof, pod) ? proof : undefined;
}

/** The same from the API server itself: a cache may not know yet that the node is back. */
async function provenNow(
  { client }: FenceDependencies,
  { spec, status }: Pod,
): Promise<NodeProof | undefined> {
  const name = spec.nodeName ?? '';
  const [node, computeNode] = await Promise.all([
    found<Node>(client, NODE, name),
    found<ComputeNode>(client, COMPUTE_NODE, name),
  ]);
  const proof = proofOf(nodeFactsOf(node, computeNode));
  return proof && covers(proof, { status }) ? proof : undefined;
}

async function found<T extends KubeObject>(client: KubeClient, resource: Resource, key: Key) {
  return unlessMissing(client.get<T>(resource, key));
}

function tell({ caches, recorder }: FenceDependencies, pod: Pod, { word }: NodeProof): void {
  const instance = instanceByUid(caches, instanceUidOf(pod) ?? '');
  if (!instance) return;
  const note = `the guest in ${pod.metadata.name} on ${pod.spec.nodeName} is off: ${word}`;
  const object = { ...instance, apiVersion: API_VERSION, kind: 'Instance' };
  recorder.event(object, { type: 'Warning', reason: 'GuestFenced', action: 'Fence', note, related: pod });
}

/** No kubelet that comes back will start it again: it hears of the deletion first. */
async function deleteAtOnce(client: KubeClient, pod: Pod): Promise<void> {
  const { uid } = pod.metadata;
  await unlessMissing(client.delete(POD, keyOf(pod), { gracePeriodSeconds: 0, preconditions: { uid } }));
}

async function release(client: KubeClient, pod: Pod): Promise<void> {
  const index = pod.metadata.finalizers?.indexOf(GUEST_FINALIZER) ?? -1;
  const path = `/metadata/finalizers/${index}`;
  const patch = [
    { op: 'test', path: '/metadata/uid', value: pod.metadata.uid },
    { op: 'test', path, value: GUEST_FINALIZER },
    { op: 'remove', path },
  ];
  try {
    await client.patch<Pod>(POD, keyOf(pod), patch, { type: 'json' });
  } catch (error) {
    // 422: another finalizer went in between; or this one did, and the cache does not know yet.
    if (!isNotFound(error) && !isInvalid(error)) throw error;
  }
}
