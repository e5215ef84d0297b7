import { POD, type Pod } from '#adapters/kubernetes/types.ts';
import { REFUSED_ANNOTATION, REFUSED_NODE_ANNOTATION } from '#api/constants.ts';
import type { KubeClient } from '#runtime/client.ts';
import { unlessMissing } from '#runtime/errors.ts';
import { keyOf } from '#runtime/resource.ts';
import { isMoveOver, originOf } from './moves.ts';
import {
  MIGRATION_JOB_LABEL,
  type VirtualMachineInstance,
  type VirtualMachineInstanceMigration,
  VMI,
  VMIM,
} from './types.ts';

/**
 * Ends a migration of which nothing can come. KubeVirt takes its deletion for a cancel; but one that KubeVirt made
 * itself, to empty a node or to update a workload, would be made again at once, and again. Such a one is left to fail, by
 * taking the pods from it that have no node yet: after each that failed KubeVirt waits longer before the next
 * (20 s, doubled; pkg/virt-controller/watch/migration/migration.go, handleMigrationBackoff). Until KubeVirt has
 * seen the pod, which is when it has left the phase Pending, nothing is done: it would make another one.
 */
export async function endMigration(
  client: KubeClient,
  migration: VirtualMachineInstanceMigration,
  refusal: { message: string; nodeName?: string } | undefined,
): Promise<'aborted' | 'notYet'> {
  if (isMoveOver(migration)) return 'aborted';
  const targets = originOf(migration) === undefined ? undefined : await targetPods(client, migration);
  if (!targets || targets.some(({ spec }) => spec.nodeName !== undefined)) return cancel(client, migration);
  if (['', 'Pending'].includes(migration.status?.phase ?? ''))
    return (await hasHotplugged(client, migration)) ? cancel(client, migration) : 'notYet';
  const { uid, annotations } = migration.metadata;
  if (refusal && annotations?.[REFUSED_ANNOTATION] === undefined) {
    const { message, nodeName } = refusal;
    const said = { [REFUSED_ANNOTATION]: message, ...(nodeName && { [REFUSED_NODE_ANNOTATION]: nodeName }) };
    const patch = { metadata: { uid, annotations: said } };
    await unlessMissing(client.patch(VMIM, keyOf(migration), patch, { type: 'merge' }));
  }
  const left = targets.filter((pod) => !pod.metadata.deletionTimestamp);
  for (const pod of left) await unlessMissing(client.delete(POD, keyOf(pod), precondition(pod)));
  return 'aborted';
}

async function cancel(client: KubeClient, migration: VirtualMachineInstanceMigration): Promise<'aborted'> {
  await unlessMissing(client.delete(VMIM, keyOf(migration), precondition(migration)));
  return 'aborted';
}

async function targetPods(
  client: KubeClient,
  { metadata: { uid, namespace } }: VirtualMachineInstanceMigration,
): Promise<Pod[]> {
  const labelSelector = `${MIGRATION_JOB_LABEL}=${uid}`;
  return (await client.list<Pod>(POD, { ...(namespace && { namespace }), labelSelector })).items;
}

/** With hotplugged volumes a migration is Pending until its target's pod is ready, which one behind the gate never is. */
async function hasHotplugged(
  client: KubeClient,
  { metadata: { namespace }, spec: { vmiName } }: VirtualMachineInstanceMigration,
): Promise<boolean> {
  const vmi = await unlessMissing(client.get<VirtualMachineInstance>(VMI, `${namespace}/${vmiName}`));
  return vmi?.status?.volumeStatus?.some(({ hotplugVolume }) => hotplugVolume !== undefined) ?? false;
}

const precondition = ({ metadata: { uid } }: { metadata: { uid: string } }) => ({ preconditions: { uid } });
