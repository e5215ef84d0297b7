import { z } from 'zod';
import type { KubeObject } from '#runtime/resource.ts';
import { nameRef, objectName, referredName, requestId, time } from './common.ts';
import { GROUP, VERSION } from './constants.ts';
import type { KindDefinition } from './kind.ts';
import { placement } from './placement.ts';
import {
  CANCEL_STAYS,
  cancel,
  FIXED_BUT_FOR_CANCEL,
  REQUEST_CONDITIONS,
  requestColumns,
  requestStatus,
  ttlSecondsAfterFinished,
} from './request.ts';
import { withRules } from './schema.ts';

export const MIGRATION_TYPES = ['Live', 'Cold', 'Evacuate'] as const;

export const instanceMigrationSpec = withRules(
  z.strictObject({
    instanceRef: nameRef.meta({ description: 'The Instance of the same namespace.' }),
    type: z.enum(MIGRATION_TYPES).meta({
      description:
        'Live moves the guest while it runs; Cold shuts it down and boots it elsewhere, until confirmed or reverted; Evacuate boots it elsewhere when its node is Down and proven off.',
    }),
    targetNode: referredName
      .meta({ description: 'Node to move to, if it passes every filter; else the scheduler chooses.' })
      .optional(),
    requestId: requestId
      .meta({ description: 'Under which it is told of; else one made of the name and what is asked.' })
      .optional(),
    cancel,
    ttlSecondsAfterFinished,
  }),
  ...['instanceRef', 'type', 'targetNode', 'requestId', 'ttlSecondsAfterFinished'].map((field) =>
    FIXED_BUT_FOR_CANCEL('InstanceMigration', field),
  ),
  CANCEL_STAYS,
);

export const instanceMigrationStatus = requestStatus.extend({
  sourceNode: objectName.meta({ description: 'Node that the guest was on.' }).optional(),
  targetNode: objectName.meta({ description: 'Node that has a place for it.' }).optional(),
  progress: z
    .strictObject({
      phase: z.string().max(63).meta({ description: "KubeVirt's phase of the migration." }),
      method: z
        .enum(['LiveMigration', 'BlockMigration'])
        .meta({ description: 'BlockMigration copies disks that are on the node.' })
        .optional(),
      mode: z
        .string()
        .max(63)
        .meta({ description: 'PreCopy, PostCopy or Paused: how its memory moves.' })
        .optional(),
      startTime: time.meta({ description: 'When the memory began to move.' }).optional(),
      endTime: time.meta({ description: 'When it had moved, or had failed to.' }).optional(),
    })
    .meta({
      description:
        'How far KubeVirt is with a live migration. It tells no bytes here: its metric kubevirt_vmi_migration_data_processed_bytes does.',
    })
    .optional(),
  placement: placement.meta({ description: 'Why this target.' }).optional(),
});

export type InstanceMigrationSpec = z.infer<typeof instanceMigrationSpec>;
export type InstanceMigrationStatus = z.infer<typeof instanceMigrationStatus>;
export interface InstanceMigration extends KubeObject {
  spec: InstanceMigrationSpec;
  status?: z.infer<typeof instanceMigrationStatus>;
}

export const INSTANCE_MIGRATION = {
  group: GROUP,
  version: VERSION,
  plural: 'instancemigrations',
  kind: 'InstanceMigration',
  namespaced: true,
};

export const instanceMigrationKind: KindDefinition = {
  kind: 'InstanceMigration',
  plural: 'instancemigrations',
  singular: 'instancemigration',
  shortNames: ['imig'],
  scope: 'Namespaced',
  description:
    'A move of an Instance to another node, once. A kind of its own, so that RBAC can give it to operators only.',
  spec: instanceMigrationSpec,
  status: instanceMigrationStatus,
  conditions: REQUEST_CONDITIONS,
  columns: requestColumns([
    { name: 'Type', type: 'string', jsonPath: '.spec.type', description: 'Live, Cold or Evacuate' },
    { name: 'Source', type: 'string', jsonPath: '.status.sourceNode', description: 'From where' },
    { name: 'Target', type: 'string', jsonPath: '.status.targetNode', description: 'To where' },
  ]),
};
