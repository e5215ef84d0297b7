import type { z } from 'zod';
import type { KubeObject } from '#runtime/resource.ts';
import { GROUP, VERSION } from './constants.ts';
import type { KindDefinition } from './kind.ts';
import { PROBE_COLUMNS, PROBE_CONDITIONS, placementProbeStatus } from './probe-answer.ts';
import { placementProbeSpec } from './probe-question.ts';

export type PlacementProbeSpec = z.infer<typeof placementProbeSpec>;
export type PlacementProbeStatus = z.infer<typeof placementProbeStatus>;
export interface PlacementProbe extends KubeObject {
  spec: PlacementProbeSpec;
  status?: PlacementProbeStatus;
}

export const PLACEMENT_PROBE = {
  group: GROUP,
  version: VERSION,
  plural: 'placementprobes',
  kind: 'PlacementProbe',
  namespaced: true,
};

export const placementProbeKind: KindDefinition = {
  kind: 'PlacementProbe',
  plural: 'placementprobes',
  singular: 'placementprobe',
  shortNames: ['pp'],
  scope: 'Namespaced',
  description:
    'A question to the scheduler that claims nothing, answered once: would an Instance fit, where else could one go, how many more fit. For owners: counts and reasons, and no node but the own.',
  spec: placementProbeSpec,
  status: placementProbeStatus,
  conditions: PROBE_CONDITIONS,
  columns: PROBE_COLUMNS,
};
