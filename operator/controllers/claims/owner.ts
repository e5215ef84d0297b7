import { VMIM } from '#adapters/kubevirt/types.ts';
import { INSTANCE } from '#api/instance.ts';
import { INSTANCE_MIGRATION } from '#api/instancemigration.ts';
import type { Claim } from '#api/nodeledger.ts';
import type { KubeClient } from '#runtime/client.ts';
import { isNotFound } from '#runtime/errors.ts';
import type { KubeObject, Resource } from '#runtime/resource.ts';

export type OwnerReference = Pick<Claim, 'uid' | 'ownerKind' | 'namespace' | 'name'>;

const RESOURCES: Readonly<Record<Claim['ownerKind'], Resource>> = {
  Instance: INSTANCE,
  InstanceMigration: INSTANCE_MIGRATION,
  VirtualMachineInstanceMigration: VMIM,
};

/** The last phases of moves: KubeVirt's, and those of InstanceMigrations. */
const LAST = ['Succeeded', 'Failed', 'Refused', 'Cancelled'];

/** Asks the API server itself whether an owner exists and is not over: a cache that lags must cost nobody its place. */
export async function isOwnerActive(client: KubeClient, owner: OwnerReference): Promise<boolean> {
  try {
    const key = `${owner.namespace}/${owner.name}`;
    const { metadata, status } = await client.get<Owner>(RESOURCES[owner.ownerKind], key);
    return metadata.uid === owner.uid && !LAST.includes(status?.phase ?? '');
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

/** Of an Instance there is no phase. */
type Owner = KubeObject & { status?: { phase?: string } };
