import { z } from 'zod';
import {
  amount,
  conditions,
  count,
  objectName,
  observedGeneration,
  requestId,
  textMap,
  time,
} from './common.ts';
import { POWER_STATES } from './instance-spec.ts';
import { placement } from './placement.ts';

export const VM_STATES = [
  'Building',
  'Active',
  'Paused',
  'Suspended',
  'Stopped',
  'Rescued',
  'Resized',
  'ShelvedOffloaded',
  'Error',
  'Deleting',
] as const;
export type VmState = (typeof VM_STATES)[number];

export const TASK_STATES = [
  'Scheduling',
  'BlockDeviceMapping',
  'Spawning',
  'PoweringOn',
  'PoweringOff',
  'Pausing',
  'Unpausing',
  'Migrating',
  'Deleting',
] as const;
export type TaskState = (typeof TASK_STATES)[number];

export const OPERATIONS = ['Create', 'Start', 'Stop', 'Pause', 'Unpause', 'Migrate', 'Delete'] as const;
export type OperationName = (typeof OPERATIONS)[number];

export const fault = z.strictObject({
  code: z.string().max(63).meta({ description: 'CamelCase; the list is in the reference.' }),
  message: z.string().max(2048).meta({ description: 'What happened and what to do.' }),
  time: time.meta({ description: 'When it went wrong.' }),
});

const operation = z.strictObject({
  name: z.enum(OPERATIONS).meta({ description: 'What is done.' }),
  requestId: requestId.meta({ description: 'Under which logs and Events tell of it.' }),
  startTime: time.meta({ description: 'When it began.' }),
});

const address = z.strictObject({
  interface: z.string().max(63).meta({ description: 'Name of the interface.' }),
  ip: z.string().max(45).meta({ description: 'IPv4 or IPv6 address.' }).optional(),
  mac: z.string().max(17).meta({ description: 'MAC address.' }).optional(),
});

const builtFlavor = z.strictObject({
  name: objectName.meta({ description: 'Name of the Flavor.' }),
  vcpus: count.meta({ description: 'Virtual CPUs.' }),
  memoryMiB: count.meta({ description: 'Memory in MiB.' }),
  rootDiskGiB: amount.meta({ description: 'Root disk in GiB.' }),
  ephemeralDiskGiB: amount.meta({ description: 'Additional empty disk in GiB.' }).default(0),
  swapMiB: amount.meta({ description: 'Disk for swap in MiB.' }).default(0),
  extraSpecs: textMap.meta({ description: "The Flavor's extra specs." }).optional(),
});

export const instanceStatus = z.strictObject({
  observedGeneration,
  vmState: z.enum(VM_STATES).meta({ description: "Nova's vm_state: what it is." }).optional(),
  taskState: z
    .enum(TASK_STATES)
    .meta({ description: "Nova's task_state: what is being done to it; absent when nothing is." })
    .optional(),
  powerState: z
    .enum(['NoState', 'Running', 'Paused', 'Shutdown', 'Crashed'])
    .meta({ description: "Nova's power_state: what the guest was last seen doing." })
    .optional(),
  nodeName: objectName.meta({ description: 'Node that the guest is on, or is kept a place on.' }).optional(),
  addresses: z.array(address).max(32).meta({ description: "The guest's addresses." }).optional(),
  flavor: builtFlavor.meta({ description: 'The Flavor as the guest was built with.' }).optional(),
  placement: placement.meta({ description: 'Why it is on the node, or why it is on none.' }).optional(),
  operation: operation
    .extend({
      waitingFor: z.string().max(512).meta({ description: 'What has to happen next.' }),
      deadline: time.meta({ description: 'When the wait ends in a fault.' }).optional(),
    })
    .meta({ description: 'The operation in flight.' })
    .optional(),
  lastOperations: z
    .array(
      operation.extend({
        finishTime: time.meta({ description: 'When it ended.' }),
        generation: z.int().min(0).meta({ description: 'metadata.generation that asked for it.' }).optional(),
        result: z.enum(['Succeeded', 'Failed']).meta({ description: 'How it ended.' }),
        message: z.string().max(512).meta({ description: 'The same in words.' }).optional(),
      }),
    )
    .max(10)
    .meta({ description: 'The last operations, newest first.' })
    .optional(),
  appliedPowerState: z
    .enum(POWER_STATES)
    .meta({
      description:
        'The spec.powerState that was last carried out; a guest that changes by itself afterwards is left alone.',
    })
    .optional(),
  fault: fault.meta({ description: 'What went wrong, until it is put right.' }).optional(),
  conditions: conditions.optional(),
});
