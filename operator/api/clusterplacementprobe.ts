import type { z } from 'zod';
import type { KubeObject } from '#runtime/resource.ts';
import { GROUP, VERSION } from './constants.ts';
import type { KindDefinition } from './kind.ts';
import { clusterPlacementProbeStatus, PROBE_COLUMNS, PROBE_CONDITIONS } from './probe-answer.ts';
import { clusterPlacementProbeSpec } from './probe-question.ts';

export type ClusterPlacementProbeSpec = z.infer<typeof clusterPlacementProbeSpec>;
export type ClusterPlacementProbeStatus = z.infer<typeof clusterPlacementProbeStatus>;
export interface ClusterPlacementProbe extends KubeObject {
  spec: ClusterPlacementProbeSpec;
  status?: ClusterPlacementProbeStatus;
}

export const CLUSTER_PLACEMENT_PROBE = {
  group: GROUP,
  version: VERSION,
  plural: 'clusterplacementprobes',
  kind: 'ClusterPlacementProbe',
  namespaced: false,
};

export const clusterPlacementProbeKind: KindDefinition = {
  kind: 'ClusterPlacementProbe',
  plural: 'clusterplacementprobes',
  singular: 'clusterplacementprobe',
  shortNames: ['cpp'],
  scope: 'Cluster',
  description:
    'The same question as a PlacementProbe, of any namespace, with the hosts in the answer: where it would go, the alternates with their figures, why not a node. For operators alone.',
  spec: clusterPlacementProbeSpec,
  status: clusterPlacementProbeStatus,
  conditions: PROBE_CONDITIONS,
  columns: [
    { name: 'Node', type: 'string', jsonPath: '.status.nodeName', description: 'Where it would go' },
    ...PROBE_COLUMNS,
  ],
};
