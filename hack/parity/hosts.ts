import type { HostState, Inventory } from '#core/scheduling/host-state.ts';
import type { Config, NovaGroup, NovaHost, NovaSpec } from './recording.ts';
import { serviceDownTime } from './settings.ts';

const MIB_PER_GIB = 1024;
/** A host that was never seen counts from its registration, and the recordings' were registered so long ago. */
const REGISTERED_SECONDS_AGO = 30 * 24 * 3600;

/** Nova's HostState as Berth's. What Nova gives as free becomes used, `total - free`, but for what the disk lacks. */
export function hostStateOf(nova: NovaHost, config: Config, spec?: NovaSpec): HostState {
  const members = spec?.instance_group ? membersOn(nova, spec.instance_group) : 0;
  return {
    name: nova.host,
    ...serviceOf(nova, config),
    availabilityZone: zonesOf(nova)[0],
    vcpus: inventory(nova.vcpus_total, nova.vcpus_used, nova.cpu_allocation_ratio),
    memoryMiB: inventory(
      nova.total_usable_ram_mb,
      nova.total_usable_ram_mb - nova.free_ram_mb,
      nova.ram_allocation_ratio,
    ),
    diskGiB: diskOf(nova),
    overheadMiB: 0,
    numInstances: nova.num_instances,
    numIoOps: nova.num_io_ops,
    failedBuilds: nova.failed_builds,
    aggregates: nova.aggregates.map(({ name, metadata }) => ({ name, metadata })),
    metrics: Object.fromEntries(nova.metrics.map(({ name, value }) => [name, value])),
    address: nova.host_ip ?? undefined,
    supportedInstances: nova.supported_instances as [string, string, string][],
    devices: devicesOf(nova),
    facts: factsOf(nova),
    hypervisorVersion: nova.hypervisor_version ?? undefined,
    instanceImageProperties: nova.instances.flatMap(({ image_properties: properties }) =>
      properties ? [properties] : [],
    ),
    ...(spec?.instance_group && members > 0 && { groups: { [spec.instance_group.uuid]: members } }),
  };
}

function factsOf(nova: NovaHost): HostState['facts'] {
  return {
    uuid: nova.uuid,
    cell_uuid: nova.cell_uuid,
    hypervisor_type: nova.hypervisor_type,
    hypervisor_hostname: nova.hypervisor_hostname,
    nodename: nova.nodename,
    cpu_info: nova.cpu_info,
    stats: nova.stats,
    limits: {},
  };
}

function diskOf(nova: NovaHost): Inventory {
  const free = nova.free_disk_mb / MIB_PER_GIB;
  const used =
    nova.disk_mb_used === null ? nova.total_usable_disk_gb - free : nova.disk_mb_used / MIB_PER_GIB;
  const disk = inventory(nova.total_usable_disk_gb, used, nova.disk_allocation_ratio);
  return { ...disk, reserved: disk.total - used - free };
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

/** Nova's servicegroup: up while the last heartbeat is no older than `service_down_time`, unless forced down. */
function serviceOf({ service }: NovaHost, config: Config) {
  const { disabled, disabled_reason, forced_down, seconds_since_heartbeat: seconds } = service;
  const age = Math.abs(seconds ?? REGISTERED_SECONDS_AGO);
  return {
    up: !forced_down && age <= serviceDownTime(config),
    disabled,
    disabledReason: disabled_reason ?? undefined,
  };
}

/** Of a host in several aggregates there may be several; Berth's hosts are in one. */
export function zonesOf({ aggregates }: NovaHost): string[] {
  return aggregates.flatMap(({ metadata }) => metadata.availability_zone ?? []);
}

/** Nova's affinity looks at the group's hosts, its other policies at the members among the host's instances. */
function membersOn({ host, instances }: NovaHost, group: NovaGroup): number {
  if (group.policy === 'affinity') return group.hosts.includes(host) ? 1 : 0;
  return new Set(instances.map(({ uuid }) => uuid).filter((uuid) => group.members.includes(uuid))).size;
}
