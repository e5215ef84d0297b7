import {
  MAX_LISTED_MEMBERS,
  MAX_LISTED_VIOLATIONS,
  type ServerGroup,
  type ServerGroupStatus,
} from '#api/servergroup.ts';
import { type ConditionDraft, mergeConditions } from '../conditions.ts';
import { type Violation, violationsOf } from './violations.ts';

export interface Member {
  name: string;
  /** Where it has its place, if anywhere. */
  nodeName: string | undefined;
}

/** What a group's status says: who its members are, where, and whether the policy holds. */
export function groupStatus(group: ServerGroup, members: readonly Member[], now: Date): ServerGroupStatus {
  const { generation } = group.metadata;
  const violations = violationsOf(group.spec, membersByNode(members));
  const ready = readyOf(group, members, violations);
  return {
    observedGeneration: generation,
    members: members
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .slice(0, MAX_LISTED_MEMBERS)
      .map(({ name, nodeName }) => ({ name, ...(nodeName !== undefined && { nodeName }) })),
    memberCount: members.length,
    violations: violations.slice(0, MAX_LISTED_VIOLATIONS),
    conditions: mergeConditions(group.status?.conditions, [ready], { now, generation }),
  };
}

function membersByNode(members: readonly Member[]): Map<string, number> {
  const byNode = new Map<string, number>();
  for (const { nodeName } of members)
    if (nodeName !== undefined) byNode.set(nodeName, (byNode.get(nodeName) ?? 0) + 1);
  return byNode;
}

function readyOf({ spec }: ServerGroup, members: readonly Member[], violations: Violation[]): ConditionDraft {
  const [first, ...others] = violations;
  if (first !== undefined) {
    const more = others.length > 0 ? `; and on ${others.length} more nodes` : '';
    return {
      type: 'Ready',
      status: 'False',
      reason: 'PolicyViolated',
      message: `${first.message}${more}`,
    };
  }
  const placed = members.filter(({ nodeName }) => nodeName !== undefined).length;
  const message = `${spec.policy} holds for ${members.length} members, of which ${placed} have a place`;
  return { type: 'Ready', status: 'True', reason: 'InForce', message };
}
