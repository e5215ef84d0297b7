import { POD, type Pod } from '#adapters/kubernetes/types.ts';
import { REFUSED_ANNOTATION } from '#api/constants.ts';
import type { KubeClient } from '#runtime/client.ts';
import { isNotFound } from '#runtime/errors.ts';
import { keyOf } from '#runtime/resource.ts';
import { originOf } from './moves.ts';
import { MIGRATION_JOB_LABEL, type VirtualMachineInstanceMigration, VMIM } from './types.ts';

/**
 * Ends a migration of which nothing can come. KubeVirt takes its deletion for a cancel; but one that KubeVirt made
 * itself, to empty a node or to update a workload, would be made again at once, and again. Such a one is left to fail, by
 * taking the pod from it that has no node yet: after each that failed KubeVirt waits longer before the next
 * (20 s, doubled; pkg/virt-controller/watch/migration/migration.go, handleMigrationBackoff). Until KubeVirt has
 * seen the pod, which is when it has left the phase Pending, nothing is done: it would make another one.
 */
export async function endMigration(
  client: KubeClient,
  migration: VirtualMachineInstanceMigration,
  message: string | undefined,
): Promise<'aborted' | 'notYet'> {
  const targets = originOf(migration) === undefined ? [] : await unboundTargets(client, migration);
  if (targets.length === 0) {
    await unlessMissing(client.delete(VMIM, keyOf(migration), precondition(migration)));
    return 'aborted';
  }
  if (['', 'Pending'].includes(migration.status?.phase ?? '')) return 'notYet';
  if (message !== undefined) {
    const metadata = { uid: migration.metadata.uid, annotations: { [REFUSED_ANNOTATION]: message } };
    await unlessMissing(client.patch(VMIM, keyOf(migration), { metadata }, { type: 'merge' }));
  }
  const left = targets.filter((pod) => !pod.metadata.deletionTimestamp);
  for (const pod of left) await unlessMissing(client.delete(POD, keyOf(pod), precondition(pod)));
  return 'aborted';
}

async function unboundTargets(
  client: KubeClient,
  { metadata: { uid, namespace } }: VirtualMachineInstanceMigration,
): Promise<Pod[]> {
  const labelSelector = `${MIGRATION_JOB_LABEL}=${uid}`;
  const { items } = await client.list<Pod>(POD, { ...(namespace && { namespace }), labelSelector });
  return items.filter(({ spec }) => !spec.nodeName);
}

const precondition = ({ metadata: { uid } }: { metadata: { uid: string } }) => ({ preconditions: { uid } });

async function unlessMissing(answer: Promise<unknown>): Promise<void> {
  try {
    await answer;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
