import type { ComputeNode } from '#api/computenode.ts';
import { API_VERSION, INSTANCE_FINALIZER } from '#api/constants.ts';
import type { Instance } from '#api/instance.ts';
import type { NodeLedger } from '#api/nodeledger.ts';
import { placementRecord } from '#core/placement/record.ts';
import { decideMany } from '#core/scheduling/decide.ts';
import type { Placed } from '#core/scheduling/decision.ts';
import type { HostState } from '#core/scheduling/host-state.ts';
import { Plans } from '#core/scheduling/plans.ts';
import { DEFAULT_PROFILE } from '#core/scheduling/profile.ts';
import type { ClaimResources } from '#core/scheduling/resources.ts';
import { FLAVORS, seeded, variedFleet } from '../fleet.ts';

/** A fleet and its Instances as the API server lists them, without managedFields, which the stores do not keep. */
export interface ClusterObjects {
  readonly computeNodes: readonly ComputeNode[];
  readonly ledgers: readonly NodeLedger[];
  readonly instances: readonly Instance[];
}

const TIME = '2026-01-01T00:00:00.000Z';
const CREATED = '2026-01-01T00:00:00Z';

/** Every Instance placed by the default profile, and Active. */
export function clusterObjects(hosts: number, instances: number): ClusterObjects {
  const random = seeded(hosts);
  const fleet = variedFleet(hosts, random);
  const names = Array.from({ length: hosts }, (_, host) => fleet.nameOf(host));
  const computeNodes = names.map((name) => computeNodeOf(fleet.stateOf(name) as HostState));
  const ledgers = new Map(names.map((name) => [name, ledgerOf(name)]));
  const plans = new Plans(fleet, DEFAULT_PROFILE);
  const placed = Array.from({ length: instances }, (_, index) => {
    const resources = FLAVORS[index % FLAVORS.length] as ClaimResources;
    const [decision] = decideMany(fleet, [{ resources }], DEFAULT_PROFILE, plans);
    if (decision?.kind !== 'placed') throw new Error(`instance ${index} has no place: take more hosts`);
    const instance = instanceOf(index, resources, decision, uid(random));
    ledgers.get(decision.host)?.spec.claims.push(claimOf(instance, resources));
    return instance;
  });
  return { computeNodes, ledgers: [...ledgers.values()], instances: placed };
}

const metadata = (name: string, of: string) => ({
  name,
  uid: of,
  resourceVersion: String(1_000_000 + parseInt(of.slice(0, 6), 16)),
  generation: 1,
  creationTimestamp: CREATED,
});

function uid(random: () => number): string {
  const hex = (digits: number) =>
    Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');
  return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
}

function computeNodeOf(host: HostState): ComputeNode {
  const amounts = (of: 'total' | 'reserved' | 'used') => ({
    vcpus: host.vcpus[of],
    memoryMiB: host.memoryMiB[of],
    diskGiB: host.diskGiB[of],
  });
  const message = 'the kubelet and virt-handler report';
  return {
    apiVersion: API_VERSION,
    kind: 'ComputeNode',
    metadata: metadata(host.name, uid(seeded(host.memoryMiB.used))),
    spec: { disabled: false },
    status: {
      observedGeneration: 1,
      state: 'Up',
      stateReason: 'Reporting',
      stateMessage: message,
      stateSince: TIME,
      availabilityZone: host.availabilityZone,
      hypervisor: {
        type: 'QEMU',
        architecture: 'amd64',
        cpuModel: 'Skylake-Server-IBRS',
        kubeletVersion: 'v1.33.13',
      },
      allocationRatios: { cpu: 4, memory: 1, disk: 1 },
      capacity: amounts('total'),
      reserved: amounts('reserved'),
      used: { ...amounts('used'), overheadMiB: 0 },
      free: amounts('total'),
      instances: 0,
      conditions: [condition('Ready', 'Reporting', message)],
    },
  };
}

const condition = (type: string, reason: string, message: string) =>
  ({ type, status: 'True', reason, message, lastTransitionTime: TIME, observedGeneration: 1 }) as const;

function ledgerOf(name: string): NodeLedger {
  const id = uid(seeded(Number(name.slice(-5)) + 1));
  return { apiVersion: API_VERSION, kind: 'NodeLedger', metadata: metadata(name, id), spec: { claims: [] } };
}

function claimOf({ metadata: { name, uid: owner }, status }: Instance, resources: ClaimResources) {
  const requestId = status?.placement?.requestId;
  return {
    uid: owner,
    ownerKind: 'Instance',
    namespace: 'default',
    name,
    instanceUid: owner,
    ...resources,
    requestId,
  } as const;
}

/** What one looks like that was created and never touched again. */
function instanceOf(
  index: number,
  { vcpus, memoryMiB, diskGiB }: ClaimResources,
  decision: Placed,
  id: string,
): Instance {
  const requestId = `req-${id}`;
  const flavor = `flavor-${index % FLAVORS.length}`;
  const spec: Instance['spec'] = {
    flavorRef: { name: flavor },
    image: { containerDisk: 'quay.io/containerdisks/fedora:41' },
    powerState: 'Running',
    resizePolicy: 'Cold',
    shelved: false,
    locked: false,
    deletionProtection: false,
    rootDisk: { ephemeral: true },
  };
  const instance = {
    apiVersion: API_VERSION,
    kind: 'Instance',
    metadata: {
      ...metadata(`instance-${index}`, id),
      namespace: 'default',
      finalizers: [INSTANCE_FINALIZER],
    },
    spec,
  };
  const { host } = decision;
  const operation = { name: 'Create', requestId, startTime: TIME } as const;
  return {
    ...instance,
    status: {
      observedGeneration: 1,
      vmState: 'Active',
      powerState: 'Running',
      appliedPowerState: 'Running',
      nodeName: host,
      addresses: [
        {
          interface: 'default',
          ip: `10.64.${index >> 8}.${index & 255}`,
          mac: `02:${id.slice(0, 2)}:00:00:00:01`,
        },
      ],
      flavor: { name: flavor, vcpus, memoryMiB, rootDiskGiB: diskGiB, ephemeralDiskGiB: 0, swapMiB: 0 },
      placement: placementRecord(decision, {
        requestId,
        time: new Date(TIME),
        availabilityZone: 'zone-a',
      }),
      lastOperations: [{ ...operation, finishTime: TIME, generation: 1, result: 'Succeeded' }],
      conditions: [
        condition('Ready', 'Active', `the guest runs on ${host}`),
        condition('Scheduled', 'Placed', `has its place on ${host}`),
      ],
    },
  };
}
