import type { HostState, Inventory } from '#core/scheduling/host-state.ts';
import type { Config, NovaHost, NovaSpec } from './recording.ts';

const MIB_PER_GIB = 1024;

/** Nova's HostState as Berth's. What Nova gives as free becomes used: `total - free`. */
export function hostStateOf(nova: NovaHost, config: Config, spec?: NovaSpec): HostState {
  const members = spec?.instance_group ? membersOn(nova, spec.instance_group) : 0;
  return {
    name: nova.host,
    ...serviceOf(nova, config),
    availabilityZone: zoneOf(nova),
    vcpus: inventory(nova.vcpus_total, nova.vcpus_used, nova.cpu_allocation_ratio),
    memoryMiB: inventory(
      nova.total_usable_ram_mb,
      nova.total_usable_ram_mb - nova.free_ram_mb,
      nova.ram_allocation_ratio,
    ),
    diskGiB: inventory(
      nova.total_usable_disk_gb,
      nova.total_usable_disk_gb - nova.free_disk_mb / MIB_PER_GIB,
      nova.disk_allocation_ratio,
    ),
    overheadMiB: 0,
    numInstances: nova.num_instances,
    numIoOps: nova.num_io_ops,
    failedBuilds: nova.failed_builds,
    aggregates: nova.aggregates.map(({ name, metadata }) => ({ name, metadata })),
    metrics: Object.fromEntries((nova.metrics ?? []).map(({ name, value }) => [name, value])),
    address: nova.host_ip ?? undefined,
    supportedInstances: (nova.supported_instances ?? []) as [string, string, string][],
    devices: devicesOf(nova),
    facts: {
      hypervisor_type: nova.hypervisor_type,
      hypervisor_hostname: nova.hypervisor_hostname,
      nodename: nova.nodename,
      cpu_info: nova.cpu_info,
      stats: nova.stats ?? {},
    },
    hypervisorVersion: nova.hypervisor_version ?? undefined,
    instanceImageProperties: nova.instances.flatMap(({ image_properties: properties }) =>
      properties ? [properties] : [],
    ),
    ...(spec?.instance_group && members > 0 && { groups: { [spec.instance_group.uuid]: members } }),
  };
}

/** Nova's pools of PCI devices, each a resource. */
function devicesOf({ pci_pools: pools }: NovaHost): HostState['devices'] {
  const entries = pools.map(({ count }, i) => [`pool-${i}`, { total: count, used: 0 }]);
  return Object.fromEntries(entries);
}

/** The same host with Placement's ledger, for the list of candidates. */
export function placementStateOf(nova: NovaHost): HostState {
  const reserved = nova.placement_reserved ?? { VCPU: 0, MEMORY_MB: 0, DISK_GB: 0 };
  const used = nova.placement_used ?? { VCPU: 0, MEMORY_MB: 0, DISK_GB: 0 };
  return {
    ...hostStateOf(nova, {}),
    vcpus: { ...inventory(nova.vcpus_total, used.VCPU, nova.cpu_allocation_ratio), reserved: reserved.VCPU },
    memoryMiB: {
      ...inventory(nova.total_usable_ram_mb, used.MEMORY_MB, nova.ram_allocation_ratio),
      reserved: reserved.MEMORY_MB,
    },
    diskGiB: {
      ...inventory(nova.total_usable_disk_gb, used.DISK_GB, nova.disk_allocation_ratio),
      reserved: reserved.DISK_GB,
    },
  };
}

function inventory(total: number, used: number, allocationRatio: number): Inventory {
  return { total, reserved: 0, used, allocationRatio };
}

/** Nova's servicegroup: up while the last heartbeat is no older than `service_down_time` (60 s), unless forced down. */
function serviceOf({ service }: NovaHost, config: Config) {
  const { disabled, disabled_reason, forced_down, seconds_since_heartbeat: age } = service;
  const limit = Number(config['DEFAULT.service_down_time'] ?? 60);
  return {
    up: !forced_down && age !== null && Math.abs(age) <= limit,
    disabled,
    disabledReason: disabled_reason ?? undefined,
  };
}

function zoneOf({ aggregates }: NovaHost): string | undefined {
  return aggregates.find(({ metadata }) => metadata.availability_zone !== undefined)?.metadata
    .availability_zone;
}

/** Nova's affinity looks at the group's hosts, its other policies at the members among the host's instances. */
function membersOn({ host, instances }: NovaHost, group: NonNullable<NovaSpec['instance_group']>): number {
  if (group.policy === 'affinity') return group.hosts.includes(host) ? 1 : 0;
  return instances.filter(({ uuid }) => group.members.includes(uuid)).length;
}
