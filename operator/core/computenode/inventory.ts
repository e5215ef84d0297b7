import type { ResourceAmounts } from '#api/common.ts';
import type { ComputeNodeSpec, ComputeNodeStatus } from '#api/computenode.ts';
import type { HostState, Inventory } from '../scheduling/host-state.ts';
import type { ClaimResources } from '../scheduling/resources.ts';
import { poolsOf, totalsOf } from './pools.ts';

export interface Ratios {
  cpu: number;
  memory: number;
  disk: number;
}

const RATIO_OF = { vcpus: 'cpu', memoryMiB: 'memory', diskGiB: 'disk' } as const;
type ResourceName = keyof typeof RATIO_OF;
export const RESOURCE_NAMES = Object.keys(RATIO_OF) as ResourceName[];

/** Adds up amounts; the result is rounded to thousandths, since pods ask for thousandths of a CPU. */
export function sumAmounts(...amounts: ResourceAmounts[]): ResourceAmounts {
  const sum = (name: ResourceName) =>
    Math.round(amounts.reduce((total, amount) => total + amount[name], 0) * 1000) / 1000;
  return { vcpus: sum('vcpus'), memoryMiB: sum('memoryMiB'), diskGiB: sum('diskGiB') };
}

/**
 * What can still be claimed: (capacity - reserved) * ratio - used, cut at 0 and to whole units. What no ratio scales, KubeVirt's
 * overhead and dedicated CPUs, is taken off before it.
 */
export function freeOf(
  capacity: ResourceAmounts,
  reserved: ResourceAmounts,
  ratios: Ratios,
  used: ClaimResources,
): ResourceAmounts {
  const left = leftOf(capacity, reserved, ratios, used);
  return {
    vcpus: Math.max(0, left.vcpus),
    memoryMiB: Math.max(0, left.memoryMiB),
    diskGiB: Math.max(0, left.diskGiB),
  };
}

/** The same, below 0 where more is claimed than there is. */
export function leftOf(
  capacity: ResourceAmounts,
  reserved: ResourceAmounts,
  ratios: Ratios,
  used: ClaimResources,
): ResourceAmounts {
  const left = (name: ResourceName, overhead: number) =>
    Math.floor((capacity[name] - reserved[name] - overhead) * ratios[RATIO_OF[name]]) - used[name];
  return {
    vcpus: left('vcpus', used.dedicatedCpus ?? 0),
    memoryMiB: left('memoryMiB', used.overheadMiB),
    diskGiB: left('diskGiB', 0),
  };
}

/** A ComputeNode's observations and its ledger's totals, as the scheduler takes them; undefined until both are known. */
export function hostStateOf(
  name: string,
  spec: Pick<ComputeNodeSpec, 'disabled' | 'disabledReason' | 'maintenance'>,
  status: ComputeNodeStatus | undefined,
  used: ClaimResources,
  { numInstances, numIoOps }: Pick<HostState, 'numInstances' | 'numIoOps'>,
): HostState | undefined {
  if (!status?.capacity || !status.reserved || !status.allocationRatios) return undefined;
  const { capacity, reserved, allocationRatios } = status;
  const inventory = (resource: ResourceName): Inventory => ({
    total: capacity[resource],
    reserved: reserved[resource],
    used: used[resource],
    allocationRatio: allocationRatios[RATIO_OF[resource]],
  });
  const devices = poolsOf(totalsOf(status.devices), used.devices);
  const hugepages = poolsOf(totalsOf(status.hugepages), used.hugepages);
  return {
    name,
    up: status.state === 'Up',
    downReason: status.state === 'Up' ? undefined : status.stateReason,
    disabled: spec.disabled,
    disabledReason: spec.disabledReason,
    ...(spec.maintenance?.enabled && { maintenance: maintenanceOf(spec.maintenance) }),
    availabilityZone: status.availabilityZone,
    vcpus: inventory('vcpus'),
    memoryMiB: inventory('memoryMiB'),
    diskGiB: inventory('diskGiB'),
    overheadMiB: used.overheadMiB,
    ...(used.dedicatedCpus && { dedicatedCpus: used.dedicatedCpus }),
    ...(devices && { devices }),
    ...(hugepages && { hugepages }),
    numInstances,
    numIoOps,
  };
}

const maintenanceOf = ({ reason }: NonNullable<ComputeNodeSpec['maintenance']>) =>
  reason === undefined ? {} : { reason };
