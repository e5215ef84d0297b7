import { clusterPlacementProbeKind } from './clusterplacementprobe.ts';
import { computeNodeKind } from './computenode.ts';
import { flavorKind } from './flavor.ts';
import { hostAggregateKind } from './hostaggregate.ts';
import { imageKind } from './image.ts';
import { instanceKind } from './instance.ts';
import { instanceActionKind } from './instanceaction.ts';
import { instanceMigrationKind } from './instancemigration.ts';
import { keyPairKind } from './keypair.ts';
import type { KindDefinition } from './kind.ts';
import { nodeLedgerKind } from './nodeledger.ts';

import { placementProbeKind } from './placementprobe.ts';

import { schedulerProfileKind } from './schedulerprofile.ts';
import { serverGroupKind } from './servergroup.ts';

/** Every kind of the API group. A new kind is a file and a line here. */
export const KINDS: readonly KindDefinition[] = [
  instanceKind,
  instanceActionKind,
  instanceMigrationKind,
  flavorKind,
  computeNodeKind,
  hostAggregateKind,
  serverGroupKind,
  schedulerProfileKind,
  imageKind,
  keyPairKind,
  nodeLedgerKind,
  placementProbeKind,
  clusterPlacementProbeKind,
];
