import type { z } from 'zod';
import type { KubeObject } from '#runtime/resource.ts';
import { GROUP, VERSION } from './constants.ts';
import { INSTANCE_CONDITIONS } from './instance-conditions.ts';
import { NO_HINT_TO_ITSELF } from './instance-hints.ts';
import { instanceSpec } from './instance-spec.ts';
import { instanceStatus } from './instance-status.ts';
import { AGE_COLUMN, type KindDefinition, READY_COLUMNS } from './kind.ts';
import { celMatches } from './schema.ts';

export { instanceSpec, POWER_STATES } from './instance-spec.ts';
export { fault, instanceStatus } from './instance-status.ts';
export {
  OPERATIONS,
  type OperationName,
  TASK_STATES,
  type TaskState,
  VM_STATES,
  type VmState,
} from './operations.ts';
export { type Placement, placement } from './placement.ts';

export type InstanceSpec = z.infer<typeof instanceSpec>;
export type InstanceStatus = z.infer<typeof instanceStatus>;
export interface Instance extends KubeObject {
  spec: InstanceSpec;
  status?: InstanceStatus;
}

export const INSTANCE = {
  group: GROUP,
  version: VERSION,
  plural: 'instances',
  kind: 'Instance',
  namespaced: true,
};

const HOST_NAME = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

export const instanceKind: KindDefinition = {
  kind: 'Instance',
  plural: 'instances',
  singular: 'instance',
  shortNames: ['inst'],
  scope: 'Namespaced',
  description: 'A virtual machine: placed on a ComputeNode by the scheduler and booted by KubeVirt.',
  spec: instanceSpec,
  status: instanceStatus,
  conditions: INSTANCE_CONDITIONS,
  rules: [
    {
      rule: celMatches('self.metadata.name', HOST_NAME),
      message:
        "is the guest's host name too: use a letter, then at most 62 lower-case letters, digits and dashes, without dots, such as web-1",
      fieldPath: '.metadata.name',
      check: ({ metadata }) => HOST_NAME.test(metadata.name),
    },
    NO_HINT_TO_ITSELF,
  ],
  columns: [
    { name: 'Flavor', type: 'string', jsonPath: '.spec.flavorRef.name', description: 'Flavor asked for' },
    { name: 'State', type: 'string', jsonPath: '.status.vmState', description: 'vmState' },
    { name: 'Task', type: 'string', jsonPath: '.status.taskState', description: 'taskState' },
    { name: 'Power', type: 'string', jsonPath: '.status.powerState', description: 'powerState' },
    { name: 'Node', type: 'string', jsonPath: '.status.nodeName', description: 'Where it is' },
    {
      name: 'Zone',
      type: 'string',
      jsonPath: '.status.placement.availabilityZone',
      description: 'Availability zone',
      priority: 1,
    },
    {
      name: 'Address',
      type: 'string',
      jsonPath: '.status.addresses[0].ip',
      description: 'First address',
      priority: 1,
    },
    ...READY_COLUMNS,
    AGE_COLUMN,
  ],
};
