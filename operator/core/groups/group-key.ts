import type { Instance } from '#api/instance.ts';
import type { Claim } from '#api/nodeledger.ts';

/**
 * A server group in ledgers and in the scheduler: namespace/name. Not its uid: a group that is deleted and made again
 * (kubectl replace, GitOps) finds its members where they are, as their specs say.
 */
export function groupKeyOf({ metadata, spec }: Pick<Instance, 'metadata' | 'spec'>): string | undefined {
  return spec.serverGroupRef && `${metadata.namespace}/${spec.serverGroupRef.name}`;
}

/** Members of server groups on a node, by group; undefined when there are none. A move within the node is one member. */
export function groupsHeld(claims: readonly Claim[]): Record<string, number> | undefined {
  const members = new Map<string, Set<string>>();
  for (const { namespace, serverGroup, instanceUid } of claims) {
    if (serverGroup === undefined) continue;
    const key = `${namespace}/${serverGroup}`;
    members.set(key, (members.get(key) ?? new Set()).add(instanceUid));
  }
  if (members.size === 0) return undefined;
  return Object.fromEntries([...members].map(([key, uids]) => [key, uids.size]));
}
