import type { ServerGroupSpec } from '#api/servergroup.ts';

export interface Violation {
  nodeName: string;
  members: number;
  message: string;
}

/** On which nodes a hard policy does not hold, by name. A soft policy holds wherever the members are. */
export function violationsOf(spec: ServerGroupSpec, byNode: ReadonlyMap<string, number>): Violation[] {
  const nodes = [...byNode].sort(([a], [b]) => (a < b ? -1 : 1));
  if (spec.policy === 'anti-affinity') return crowded(nodes, spec.rules?.maxServerPerHost ?? 1);
  return spec.policy === 'affinity' ? scattered(nodes) : [];
}

function crowded(nodes: [string, number][], most: number): Violation[] {
  return nodes
    .filter(([, members]) => members > most)
    .map(([nodeName, members]) => ({
      nodeName,
      members,
      message: `${members} members are on ${nodeName}, where ${most} may be: migrate ${members - most}`,
    }));
}

/** The node with the most members is where the group is; the first by name if there are several. */
function scattered(nodes: [string, number][]): Violation[] {
  const [home] = nodes.toSorted(([, a], [, b]) => b - a);
  return nodes
    .filter(([nodeName]) => nodeName !== home?.[0])
    .map(([nodeName, members]) => ({
      nodeName,
      members,
      message: `${members} members are on ${nodeName}, and the most on ${home?.[0]}: migrate them there`,
    }));
}
