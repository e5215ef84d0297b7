import type { NodeRequirement, NodeSelector } from '../scheduling/node-selector.ts';

/** StorageClass.allowedTopologies: alternatives of labels with the values that they may have. */
export type Topologies = readonly {
  readonly matchLabelExpressions?: readonly { readonly key: string; readonly values: readonly string[] }[];
}[];

/** What is known of one volume of a guest. */
export interface VolumeFacts {
  /** Of the PersistentVolume, once there is one: absent where it is reached from everywhere. */
  readonly affinity?: NodeSelector | undefined;
  readonly bound: boolean;
  /** Until then: the node that kube-scheduler chose for its first consumer, and what its storage class allows. */
  readonly selectedNode?: string | undefined;
  readonly topologies?: Topologies | undefined;
}

/** The nodes from which each of the volumes can be reached: of those that cannot be from everywhere. */
export function volumeSelectors(volumes: readonly VolumeFacts[]): NodeSelector[] {
  return volumes.flatMap(({ bound, affinity, selectedNode, topologies }) => {
    if (bound) return affinity ? [affinity] : [];
    return [...chosenNode(selectedNode), ...allowed(topologies)];
  });
}

function chosenNode(name: string | undefined): NodeSelector[] {
  return name ? [[{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }] }]] : [];
}

function allowed(topologies: Topologies = []): NodeSelector[] {
  if (topologies.length === 0) return [];
  return [
    topologies.map(({ matchLabelExpressions = [] }) => ({
      matchExpressions: matchLabelExpressions.map(
        ({ key, values }): NodeRequirement => ({ key, operator: 'In', values }),
      ),
    })),
  ];
}
