import type { Instance, InstanceSpec } from '#api/instance.ts';
import { EPHEMERAL, onClass } from '../berth.ts';

/** What can be done to an Instance of a story; requests are named by it and the Instance. */
export interface Hands {
  readonly name: string;
  set(spec: object): Promise<unknown>;
  act(name: string, spec: object): Promise<unknown>;
  move(name: string, type: 'Live' | 'Cold' | 'Evacuate'): Promise<unknown>;
  delete(): Promise<unknown>;
  powerOff(): Promise<unknown>;
  /** Its node loses its power, and an operator says so; it is back when the story has ended. */
  loseNode(): Promise<unknown>;
  /** Waits until it is so, with nothing in flight. */
  is(vmState: string, also?: (instance: Instance) => boolean): Promise<unknown>;
}

/** The network beside the pod's that a story may attach. */
export const SIDE_NETWORK = 'side';

/** An operation, from before it is asked for. `ends`: the state that it ends in, whenever the operator dies. */
export interface Story {
  spec: Partial<InstanceSpec>;
  begin?(it: Hands): Promise<unknown>;
  ask(it: Hands): Promise<unknown>;
  ends: 'Active' | 'Stopped' | 'Paused' | 'Suspended' | 'Rescued' | 'Resized' | 'ShelvedOffloaded' | 'Gone';
  /** It takes a node from all who are there: nothing else may be in its zone. */
  alone?: true;
  /** Which operation is to be the last one that succeeded, where the state alone does not tell. */
  did?: string;
}

const VOLUME = onClass('immediate');
const SHARED = onClass('shared', 'ReadWriteMany');
const WIDE = { flavorRef: { name: 'wide' } };

const resized = async (it: Hands) => {
  await it.set(WIDE);
  await it.is('Resized');
};
const DATA = {
  volumes: [
    { name: 'data', blank: { size: '1Gi', storageClassName: 'immediate', deleteOnTermination: true } },
  ],
};
const NO_DATA = { volumes: [] };
const hasData = (it: Hands) =>
  it.is('Active', ({ status }) => status?.volumes?.some(({ phase }) => phase === 'Attached') ?? false);
const POD_NETWORK = { name: 'default', pod: {} };
const SIDE = { networks: [POD_NETWORK, { name: SIDE_NETWORK, multus: { name: SIDE_NETWORK } }] };
const NO_SIDE = { networks: [POD_NETWORK] };
const hasSide = (it: Hands) =>
  it.is('Active', ({ status: { networks = [] } = {} }) =>
    networks.some(({ name, phase }) => name === SIDE_NETWORK && phase === 'Attached'),
  );
const stopped = (it: Hands) => inState({ powerState: 'Stopped' }, 'Stopped')(it);
const inState = (spec: object, vmState: string) => async (it: Hands) => {
  await it.set(spec);
  await it.is(vmState);
};

/** Every operation that there is; Create is what comes before each of the others, and a story of its own. */
export const STORIES: Readonly<Record<string, Story>> = {
  Create: { spec: VOLUME, ask: async () => {}, ends: 'Active' },
  Delete: { spec: VOLUME, ask: (it) => it.delete(), ends: 'Gone' },
  Stop: { spec: EPHEMERAL, ask: (it) => it.set({ powerState: 'Stopped' }), ends: 'Stopped' },
  Start: {
    spec: EPHEMERAL,
    begin: inState({ powerState: 'Stopped' }, 'Stopped'),
    ask: (it) => it.set({ powerState: 'Running' }),
    ends: 'Active',
    did: 'Start',
  },
  'Start by an action': {
    spec: EPHEMERAL,
    begin: async (it) => {
      await it.powerOff();
      await it.is('Stopped');
    },
    ask: (it) => it.act('start', { start: {} }),
    ends: 'Active',
    did: 'Start',
  },
  SoftReboot: {
    spec: EPHEMERAL,
    ask: (it) => it.act('soft', { reboot: { type: 'Soft' } }),
    ends: 'Active',
    did: 'SoftReboot',
  },
  HardReboot: {
    spec: EPHEMERAL,
    ask: (it) => it.act('hard', { reboot: { type: 'Hard' } }),
    ends: 'Active',
    did: 'HardReboot',
  },
  Pause: { spec: EPHEMERAL, ask: (it) => it.set({ powerState: 'Paused' }), ends: 'Paused' },
  Unpause: {
    spec: EPHEMERAL,
    begin: inState({ powerState: 'Paused' }, 'Paused'),
    ask: (it) => it.set({ powerState: 'Running' }),
    ends: 'Active',
    did: 'Unpause',
  },
  Suspend: { spec: EPHEMERAL, ask: (it) => it.set({ powerState: 'Suspended' }), ends: 'Suspended' },
  Resume: {
    spec: EPHEMERAL,
    begin: inState({ powerState: 'Suspended' }, 'Suspended'),
    ask: (it) => it.set({ powerState: 'Running' }),
    ends: 'Active',
    did: 'Resume',
  },
  Shelve: { spec: VOLUME, ask: (it) => it.set({ shelved: true }), ends: 'ShelvedOffloaded' },
  Unshelve: {
    spec: VOLUME,
    begin: inState({ shelved: true }, 'ShelvedOffloaded'),
    ask: (it) => it.set({ shelved: false }),
    ends: 'Active',
    did: 'Unshelve',
  },
  Rescue: { spec: VOLUME, ask: (it) => it.set({ rescue: {} }), ends: 'Rescued' },
  Unrescue: {
    spec: VOLUME,
    begin: inState({ rescue: {} }, 'Rescued'),
    ask: (it) => it.set({ rescue: null }),
    ends: 'Active',
    did: 'Unrescue',
  },
  Resize: { spec: VOLUME, ask: (it) => it.set(WIDE), ends: 'Resized' },
  LiveResize: {
    spec: { ...SHARED, resizePolicy: 'Live' },
    ask: (it) => it.set(WIDE),
    ends: 'Active',
    did: 'LiveResize',
  },
  ConfirmResize: {
    spec: VOLUME,
    begin: resized,
    ask: (it) => it.act('confirm', { confirmResize: {} }),
    ends: 'Active',
    did: 'ConfirmResize',
  },
  RevertResize: {
    spec: VOLUME,
    begin: resized,
    ask: (it) => it.act('revert', { revertResize: {} }),
    ends: 'Active',
    did: 'RevertResize',
  },
  ColdMigrate: { spec: VOLUME, ask: (it) => it.move('cold', 'Cold'), ends: 'Resized', did: 'ColdMigrate' },
  LiveMigrate: { spec: SHARED, ask: (it) => it.move('live', 'Live'), ends: 'Active', did: 'LiveMigrate' },
  Evacuate: {
    spec: SHARED,
    begin: (it) => it.loseNode(),
    ask: (it) => it.move('evacuate', 'Evacuate'),
    ends: 'Active',
    did: 'Evacuate',
    alone: true,
  },
  Rebuild: { spec: VOLUME, ask: (it) => it.act('rebuild', { rebuild: {} }), ends: 'Active', did: 'Rebuild' },
  'Rebuild of an ephemeral root': {
    spec: EPHEMERAL,
    ask: (it) =>
      it.act('rebuild', { rebuild: { image: { containerDisk: 'quay.io/containerdisks/fedora:42' } } }),
    ends: 'Active',
    did: 'Rebuild',
  },
  'Rebuild while it is off': {
    spec: VOLUME,
    begin: stopped,
    ask: (it) => it.act('rebuild', { rebuild: {} }),
    ends: 'Stopped',
    did: 'Rebuild',
  },
  CreateImage: {
    spec: VOLUME,
    begin: stopped,
    ask: (it) => it.act('image', { createImage: { name: `${it.name}-made` } }),
    ends: 'Stopped',
    did: 'CreateImage',
  },
  AttachVolume: { spec: VOLUME, ask: (it) => it.set(DATA), ends: 'Active', did: 'AttachVolume' },
  DetachVolume: {
    spec: VOLUME,
    begin: async (it) => {
      await it.set(DATA);
      await hasData(it);
    },
    ask: (it) => it.set(NO_DATA),
    ends: 'Active',
    did: 'DetachVolume',
  },
  AttachInterface: { spec: EPHEMERAL, ask: (it) => it.set(SIDE), ends: 'Active', did: 'AttachInterface' },
  DetachInterface: {
    spec: EPHEMERAL,
    begin: async (it) => {
      await it.set(SIDE);
      await hasSide(it);
    },
    ask: (it) => it.set(NO_SIDE),
    ends: 'Active',
    did: 'DetachInterface',
  },
};
