import { z } from 'zod';
import {
  amount,
  conditions,
  count,
  objectName,
  observedGeneration,
  requestedBy,
  requestId,
  resourceCounts,
  textMap,
  time,
} from './common.ts';
import { imageSources } from './image-source.ts';
import { networkStatuses } from './instance-networks.ts';
import { POWER_STATES } from './instance-spec.ts';
import { MOST_VOLUMES, volumeStatuses } from './instance-volumes.ts';
import { OPERATIONS, TASK_STATES, VM_STATES } from './operations.ts';
import { MOST_EXCLUDED, placement } from './placement.ts';

export const fault = z.strictObject({
  code: z.string().max(63).meta({ description: 'CamelCase; the list is in the reference.' }),
  message: z.string().max(2048).meta({ description: 'What happened and what to do.' }),
  time: time.meta({ description: 'When it went wrong.' }),
});

export const OPERATION_RESULTS = ['Succeeded', 'Failed', 'Cancelled'] as const;
export type OperationResult = (typeof OPERATION_RESULTS)[number];

const operation = z.strictObject({
  name: z.enum(OPERATIONS).meta({ description: 'What is done.' }),
  requestId: requestId.meta({ description: 'Under which logs and Events tell of it.' }),
  startTime: time.meta({ description: 'When it began.' }),
  generation: z.int().min(0).meta({ description: 'metadata.generation when it began.' }).optional(),
  source: z
    .strictObject({
      kind: z
        .enum(['InstanceAction', 'InstanceMigration', 'VirtualMachineInstanceMigration'])
        .meta({ description: 'Kind of the object.' }),
      name: objectName.meta({ description: 'Its name.' }),
    })
    .meta({
      description:
        "The object that asked for it; absent for what the spec asks for. KubeVirt's own kind for a move that Berth was not asked for.",
    })
    .optional(),
  sourceNode: objectName.meta({ description: 'Of a move: the node that the guest was on.' }).optional(),
  targetNode: objectName.meta({ description: 'Of a move: the node that it moves to.' }).optional(),
  requestedBy: requestedBy.optional(),
});

const address = z.strictObject({
  interface: z.string().max(63).meta({ description: 'Name of the interface.' }),
  ip: z.string().max(45).meta({ description: 'IPv4 or IPv6 address.' }).optional(),
  mac: z.string().max(17).meta({ description: 'MAC address.' }).optional(),
});

const wayIn = (what: string) =>
  z.strictObject({
    command: z
      .string()
      .max(1024)
      .meta({ description: `Command line that opens ${what}.` }),
    path: z.string().max(1024).meta({ description: 'The same as a path of the API server: a WebSocket.' }),
  });

const consoles = z.strictObject({
  log: z
    .strictObject({
      command: z
        .string()
        .max(1024)
        .meta({ description: 'Command line that prints it; needs get of pods/log.' }),
    })
    .meta({ description: 'What the guest wrote to its serial console since its pod started.' }),
  serial: wayIn('the serial console').meta({ description: 'The serial console, both ways.' }),
  vnc: wayIn('the screen').meta({ description: 'The screen, by VNC.' }),
});

const builtFlavor = z.strictObject({
  name: objectName.meta({ description: 'Name of the Flavor.' }),
  vcpus: count.meta({ description: 'Virtual CPUs.' }),
  memoryMiB: count.meta({ description: 'Memory in MiB.' }),
  rootDiskGiB: amount.meta({ description: 'Root disk in GiB.' }),
  ephemeralDiskGiB: amount.meta({ description: 'Additional empty disk in GiB.' }).default(0),
  swapMiB: amount.meta({ description: 'Disk for swap in MiB.' }).default(0),
  extraSpecs: textMap.meta({ description: "The Flavor's extra specs." }).optional(),
  devices: resourceCounts.meta({ description: 'The devices that it asks for, by resource name.' }).optional(),
});

/** Of what the root disk was made: the image of the spec, or the Image as it was then. */
const builtImage = z.strictObject({
  name: objectName.meta({ description: 'Name of the Image; absent for an inline image.' }).optional(),
  ...imageSources,
  properties: textMap.meta({ description: "Nova's properties of the image." }).optional(),
  minDiskGiB: count.meta({ description: 'The least root disk that a Flavor needs, in GiB.' }).optional(),
  minMemoryMiB: count.meta({ description: 'The least memory that a Flavor needs, in MiB.' }).optional(),
});

const resizeRecord = z.strictObject({
  requestId: requestId.meta({ description: 'Request that began it.' }),
  flavor: builtFlavor.meta({ description: 'The new size; the old one where only the place is another.' }),
  oldFlavor: builtFlavor.meta({ description: 'What a revert gives back.' }),
  sourceNode: objectName.meta({ description: 'Node of the old place, which is kept.' }),
  targetNode: objectName.meta({ description: 'Node of the new place, once there is one.' }).optional(),
  wantedNode: objectName.meta({ description: 'Node that was asked for.' }).optional(),
  ran: z.boolean().meta({ description: 'Did the guest run when it began.' }),
  live: z.boolean().meta({ description: 'The guest grows while it runs.' }).optional(),
  excluded: z
    .array(objectName)
    .max(MOST_EXCLUDED)
    .meta({ description: 'Nodes that refused it while it grew.' })
    .optional(),
  moved: z.boolean().meta({ description: 'The guest belongs on the new place, and is off the old one.' }),
  oldPlacement: placement.meta({ description: 'Why it is on the old place.' }).optional(),
  failure: z
    .strictObject({
      code: z.string().max(63).meta({ description: 'CamelCase.' }),
      message: z.string().max(512).meta({ description: 'The same in words.' }),
    })
    .meta({ description: 'Why it is being given back.' })
    .optional(),
  finishTime: time.meta({ description: 'Since when it can be confirmed or reverted.' }).optional(),
  confirmBy: time.meta({ description: 'When it is confirmed by itself.' }).optional(),
});

const cloudInit = z.strictObject({
  keyPairName: objectName.meta({ description: 'KeyPair in place of that of the spec.' }).optional(),
  userDataSecretName: objectName
    .meta({ description: 'Secret with user data in place of that of the spec.' })
    .optional(),
});

const rebuildRecord = z.strictObject({
  image: builtImage.meta({ description: 'What the new root disk is made from.' }),
  cloudInit: cloudInit.meta({ description: 'What the guest is given from then on.' }).optional(),
  runs: z.boolean().meta({ description: 'Is it started after that.' }),
});

const rootDiskRecord = z.strictObject({
  claimName: objectName
    .meta({
      description:
        "PersistentVolumeClaim, and DataVolume, of the root disk: once it was copied to another one. Absent: it is called as the Instance, with '-root'.",
    })
    .optional(),
  copy: z
    .strictObject({
      claimName: objectName.meta({ description: 'Where it is copied to.' }),
      nodeName: objectName.meta({ description: 'Node that the guest moves to with it.' }),
      requestId: requestId.meta({ description: 'The move that copies it.' }),
    })
    .meta({ description: 'What `disks.copy` is now, as earlier versions wrote it of the root disk alone.' })
    .optional(),
  left: objectName
    .meta({ description: 'What `disks.left` is now, as earlier versions wrote it.' })
    .optional(),
});

const diskClaims = (description: string) =>
  z
    .array(
      z.strictObject({
        name: z.string().max(63).meta({ description: "Name in spec.volumes; 'root' is the root disk." }),
        claimName: objectName.meta({ description: 'PersistentVolumeClaim, and DataVolume.' }),
      }),
    )
    .max(2 * (MOST_VOLUMES + 1))
    .meta({ description });

const diskRecord = z.strictObject({
  moved: diskClaims(
    'Blank volumes of spec.volumes that a move took along, and the claim that each is on since.',
  ).optional(),
  copy: z
    .strictObject({
      requestId: requestId.meta({ description: 'The move that copies them.' }),
      nodeName: objectName.meta({ description: 'Node that the guest moves to with them.' }),
      disks: diskClaims('Where each is copied to.'),
    })
    .meta({ description: 'Disks that are being copied: the guest has them there once it is on that node.' })
    .optional(),
  left: diskClaims('Claims that nothing needs any more, and that are being deleted.').optional(),
});

const heldFlavor = z.strictObject({
  name: objectName.meta({ description: 'Name of the Flavor.' }),
  reason: z.string().max(63).meta({ description: 'CamelCase.' }),
  message: z.string().max(1024).meta({ description: 'The same in words.' }),
});

/** As many ended requests as an Instance remembers, and for how long. */
export const MOST_REMEMBERED_REQUESTS = 100;
export const REMEMBERED_FOR_DAYS = 30;

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
  consoles: consoles
    .meta({
      description:
        "Where the guest's consoles are, while it is on: KubeVirt's subresources, which need its verbs on virtualmachineinstances/console and /vnc.",
    })
    .optional(),
  flavor: builtFlavor.meta({ description: 'The Flavor as the guest was built with.' }).optional(),
  image: builtImage.meta({ description: 'The image as the root disk was made from.' }).optional(),
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
        result: z.enum(OPERATION_RESULTS).meta({ description: 'How it ended.' }),
        message: z.string().max(512).meta({ description: 'The same in words.' }).optional(),
      }),
    )
    .max(10)
    .meta({ description: 'The last operations, newest first.' })
    .optional(),
  rememberedRequests: z
    .array(
      z.strictObject({
        requestId: requestId.meta({ description: 'Of an InstanceAction or InstanceMigration that ended.' }),
        result: z.enum(OPERATION_RESULTS).meta({ description: 'How it ended.' }),
        finishTime: time.meta({ description: 'When it ended.' }),
      }),
    )
    .max(MOST_REMEMBERED_REQUESTS)
    .meta({
      description:
        'Requests that are not carried out again, newest first: the last 100 of the last 30 days. An action that is deleted and applied anew is the same request.',
    })
    .optional(),
  appliedPowerState: z
    .enum(POWER_STATES)
    .meta({
      description:
        'The spec.powerState that was last carried out; a guest that changes by itself afterwards is left alone.',
    })
    .optional(),
  resize: resizeRecord
    .meta({
      description: 'A resize or cold migration that is under way, or waits to be confirmed or reverted.',
    })
    .optional(),
  rebuild: rebuildRecord
    .meta({ description: 'A rebuild that is under way: what it was asked for with.' })
    .optional(),
  rootDisk: rootDiskRecord
    .meta({ description: 'Where the root disk is, since a live migration that took it along.' })
    .optional(),
  disks: diskRecord.meta({ description: 'What moves that copy disks make of their claims.' }).optional(),
  cloudInit: cloudInit
    .meta({ description: 'What a rebuild gave the guest in place of what the spec names.' })
    .optional(),
  heldFlavor: heldFlavor
    .meta({
      description:
        'A Flavor that spec.flavorRef names and that is not tried again until the field names another one.',
    })
    .optional(),
  shelved: z
    .boolean()
    .meta({ description: 'It holds no place and does not run: spec.shelved was carried out.' })
    .optional(),
  rescued: z
    .strictObject({ image: z.string().max(512).meta({ description: 'Container image that it runs from.' }) })
    .meta({ description: 'It runs from a rescue image: spec.rescue was carried out.' })
    .optional(),
  volumes: volumeStatuses.optional(),
  networks: networkStatuses.optional(),
  fault: fault.meta({ description: 'What went wrong, until it is put right.' }).optional(),
  conditions: conditions.optional(),
});
