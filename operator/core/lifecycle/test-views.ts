import type { Instance, InstanceSpec, InstanceStatus } from '#api/instance.ts';
import type { GuestView, MoveView } from './guest-view.ts';
import type { InstanceView } from './situation.ts';

/** Views for the tests of this folder: an Instance that runs, less what a test changes. */
export function guest(changes: Partial<GuestView> = {}): GuestView {
  return {
    vm: { runs: true, deleting: false },
    power: 'running',
    trouble: undefined,
    nodeName: 'node-1',
    migrating: false,
    moves: [],
    liveMigratable: undefined,
    agentSince: undefined,
    addresses: [],
    disk: { exists: true, ready: true, detail: 'root disk: Succeeded' },
    pods: ['virt-launcher-a'],
    ...changes,
  };
}

/** A migration of the guest to node-2 that is under way. */
export function moveView(changes: Partial<MoveView> & Pick<MoveView, 'requestId'>): MoveView {
  return {
    name: changes.requestId,
    uid: 'vmim',
    origin: undefined,
    phase: 'Running',
    isDeleting: false,
    end: undefined,
    targetNode: 'node-2',
    refusal: undefined,
    failure: undefined,
    ...changes,
  };
}

export const NO_GUEST: Partial<GuestView> = {
  vm: undefined,
  power: 'absent',
  nodeName: undefined,
  disk: { exists: false, ready: false, detail: 'root disk: Pending' },
  pods: [],
};

export interface ViewChanges extends Partial<Omit<InstanceView, 'instance' | 'guest'>> {
  spec?: Partial<InstanceSpec>;
  status?: InstanceStatus;
  deleting?: boolean;
  annotations?: Record<string, string>;
  guest?: Partial<GuestView>;
}

export function view({
  spec,
  status,
  deleting,
  annotations,
  guest: changes,
  ...rest
}: ViewChanges = {}): InstanceView {
  const instance: Instance = {
    apiVersion: 'compute.berth.dev/v1alpha1',
    kind: 'Instance',
    metadata: {
      name: 'web-1',
      namespace: 'default',
      uid: '00000000-0000-4000-8000-000000000001',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...(annotations && { annotations }),
      ...(deleting && { deletionTimestamp: '2026-01-01T00:01:00Z' }),
    },
    spec: {
      flavorRef: { name: 'small' },
      image: { containerDisk: 'example/disk:1' },
      rootDisk: { ephemeral: false },
      powerState: 'Running',
      resizePolicy: 'Cold',
      shelved: false,
      locked: false,
      deletionProtection: false,
      ...spec,
    },
    status,
  };
  return {
    instance,
    guest: guest(changes),
    image: undefined,
    placement: status?.placement,
    claimNode: 'node-1',
    claims: [],
    wanted: undefined,
    volumes: [],
    networks: [],
    hotplugsVolumes: true,
    liveUpdates: true,
    confirmWindowMs: 0,
    homeDown: false,
    now: new Date('2026-01-01T01:00:00Z'),
    missing: undefined,
    invalid: undefined,
    foreignVm: false,
    unproven: [],
    maxAttempts: 3,
    requests: [],
    asking: undefined,
    targetClaim: undefined,
    ...rest,
  };
}

export const BUILT: InstanceStatus = {
  vmState: 'Active',
  powerState: 'Running',
  appliedPowerState: 'Running',
  nodeName: 'node-1',
};
