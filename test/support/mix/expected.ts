import type { InstanceSpec } from '#api/instance.ts';
import { EPHEMERAL, onClass } from '../berth.ts';

/** What a run asks for; evacuations follow when a node is lost. */
export const OPERATIONS_OF_MIX = [
  'Create',
  'Delete',
  'Start',
  'Stop',
  'Pause',
  'Suspend',
  'SoftReboot',
  'HardReboot',
  'Shelve',
  'Unshelve',
  'Rescue',
  'Unrescue',
  'Resize',
  'LiveResize',
  'ConfirmResize',
  'RevertResize',
  'ColdMigrate',
  'LiveMigrate',
  'Rebuild',
  'CreateImage',
  'AttachVolume',
  'DetachVolume',
  'AttachInterface',
  'DetachInterface',
  'Lock',
  'Unlock',
] as const;
export type MixOperation = (typeof OPERATIONS_OF_MIX)[number];

/** Disks by the number of the Instance: in its pod, on a shared volume, on one of the network, on the disk of its node. */
const DISKS: readonly Partial<InstanceSpec>[] = [
  EPHEMERAL,
  onClass('shared', 'ReadWriteMany'),
  onClass('immediate'),
  onClass('wffc'),
];
const EPHEMERAL_ROOT = 0;
const SHARED_OR_EPHEMERAL = 2; // the first two
const LOCAL = 3;
const GROUPS: readonly (string | undefined)[] = [undefined, undefined, undefined, 'apart', 'together'];
/** Members of one server group. */
const GROUP_OF = 3;

export const groupOf = (instance: number): string | undefined => {
  const policy = GROUPS[instance % GROUPS.length];
  return policy && `${policy}-${Math.floor(instance / GROUPS.length / GROUP_OF)}`;
};

export const specOf = (instance: number): Partial<InstanceSpec> => {
  const name = groupOf(instance);
  return {
    ...DISKS[instance % DISKS.length],
    ...(name !== undefined && { serverGroupRef: { name } }),
    ...(isBornWithVolume(instance) && { volumes: volumesOf(instance) }),
  };
};

/** Of those whose volume goes with them: a kept one would be in the way of the next of that name. */
const isBornWithVolume = (instance: number): boolean => Math.floor(instance / DISKS.length) % 4 === 1;

/** The volume that an Instance can be given: one that moves with a guest that runs where the root disk does; half of them stay. */
export const volumesOf = (instance: number): NonNullable<InstanceSpec['volumes']> => {
  const disk = instance % DISKS.length;
  const kept = Math.floor(instance / DISKS.length) % 2 === 0;
  const storage =
    disk < SHARED_OR_EPHEMERAL
      ? ({ storageClassName: 'shared', accessMode: 'ReadWriteMany' } as const)
      : { storageClassName: disk === LOCAL ? 'wffc' : 'immediate' };
  return [
    {
      name: 'data',
      blank: { size: '1Gi' as never, ...storage, ...(!kept && { deleteOnTermination: true }) },
    },
  ];
};

/** The network beside the pod's, that KubeVirt plugs. */
export const SIDE_NETWORK = 'side';
const POD_NETWORK = { name: 'default', pod: {} };
export const BOTH_NETWORKS: NonNullable<InstanceSpec['networks']> = [
  POD_NETWORK,
  { name: SIDE_NETWORK, multus: { name: SIDE_NETWORK } },
];
export const POD_NETWORK_ALONE: NonNullable<InstanceSpec['networks']> = [POD_NETWORK];

/** The state that an Instance would be in if everything went well: what a plan goes by. */
export class Expected {
  exists = true;
  power: 'Running' | 'Stopped' | 'Paused' | 'Suspended' = 'Running';
  shelved = false;
  rescued = false;
  resized = false;
  locked = false;
  hasVolume: boolean;
  hasNetwork = false;
  readonly isEphemeral: boolean;
  readonly movesLive: boolean;
  readonly growsLive: boolean;
  readonly #instance: number;

  constructor(instance: number) {
    this.#instance = instance;
    this.hasVolume = isBornWithVolume(instance);
    const disk = instance % DISKS.length;
    this.isEphemeral = disk === EPHEMERAL_ROOT;
    this.growsLive = disk < SHARED_OR_EPHEMERAL;
    this.movesLive = this.growsLive || disk === LOCAL; // which takes its disks along
  }

  /** As it would be created anew, once it is. */
  get gone(): Expected {
    return Object.assign(new Expected(this.#instance), { exists: false });
  }

  after(operation: MixOperation): void {
    AFTER[operation]?.(this);
  }
}

export const EXPECTED_AT_CREATION = (instance: number): Expected => new Expected(instance);

const AFTER: Partial<Record<MixOperation, (it: Expected) => void>> = {
  Create: (it) => {
    it.exists = true;
  },
  Delete: (it) => Object.assign(it, it.gone),
  Start: (it) => {
    it.power = 'Running';
  },
  Stop: (it) => {
    it.power = 'Stopped';
  },
  Pause: (it) => {
    it.power = 'Paused';
  },
  Suspend: (it) => {
    it.power = 'Suspended';
  },
  HardReboot: (it) => {
    it.power = 'Running';
  },
  Shelve: (it) => {
    it.shelved = true;
  },
  Unshelve: (it) => {
    it.shelved = false;
  },
  Rescue: (it) => {
    it.rescued = true;
  },
  Unrescue: (it) => {
    it.rescued = false;
  },
  Resize: (it) => {
    it.resized = true;
  },
  ColdMigrate: (it) => {
    it.resized = true;
  },
  ConfirmResize: (it) => {
    it.resized = false;
  },
  RevertResize: (it) => {
    it.resized = false;
  },
  AttachVolume: (it) => {
    it.hasVolume = true;
  },
  DetachVolume: (it) => {
    it.hasVolume = false;
  },
  AttachInterface: (it) => {
    it.hasNetwork = true;
  },
  DetachInterface: (it) => {
    it.hasNetwork = false;
  },
  Lock: (it) => {
    it.locked = true;
  },
  Unlock: (it) => {
    it.locked = false;
  },
};

const isVolumeChange = (operation: MixOperation, { hasVolume }: Expected): boolean =>
  operation === (hasVolume ? 'DetachVolume' : 'AttachVolume');

const FROM_SHELVED: readonly MixOperation[] = ['Unshelve', 'Delete', 'CreateImage'];

/** Is an operation one for the state that the Instance is expected to be in? */
export function fits(operation: MixOperation, it: Expected): boolean {
  if (!it.exists) return operation === 'Create';
  if (it.locked) return operation === 'Unlock';
  if (it.resized) return operation === 'ConfirmResize' || operation === 'RevertResize';
  if (it.rescued) return operation === 'Unrescue';
  if (it.shelved) return FROM_SHELVED.includes(operation) || isVolumeChange(operation, it);
  const runs = it.power === 'Running';
  switch (operation) {
    case 'Delete':
    case 'Lock':
      return true;
    case 'Start':
      return !runs;
    case 'Stop':
      return it.power !== 'Stopped';
    case 'Pause':
    case 'Suspend':
    case 'SoftReboot':
    case 'HardReboot':
      return runs;
    case 'Shelve':
      return !it.isEphemeral;
    case 'Rescue':
      return !it.isEphemeral && (runs || it.power === 'Stopped');
    case 'Resize':
    case 'ColdMigrate':
      return !it.isEphemeral && (runs || it.power === 'Stopped');
    case 'LiveResize':
      return it.growsLive && runs;
    case 'Rebuild':
      return runs || it.power === 'Stopped';
    case 'CreateImage':
      return !it.isEphemeral && it.power === 'Stopped';
    case 'AttachVolume':
    case 'DetachVolume':
      return isVolumeChange(operation, it) && it.power !== 'Suspended';
    case 'AttachInterface':
      return !it.hasNetwork && it.power !== 'Suspended';
    case 'DetachInterface':
      return it.hasNetwork && it.power !== 'Suspended';
    case 'LiveMigrate':
      return it.movesLive && (runs || it.power === 'Paused');
    default:
      return false;
  }
}
