import type { Json } from './args.ts';
import { type ValueColumn, valueColumn } from './columns.ts';
import type { Fleet } from './fleet.ts';

type Facts = Readonly<Record<string, Json | undefined>>;

const facts = valueColumn<Facts>((host) => ({
  hypervisor_version: host.hypervisorVersion ?? null,
  failed_builds: host.failedBuilds ?? 0,
  host_ip: host.address ?? null,
  supported_instances: host.supportedInstances ?? [],
  ...host.facts,
}));

const MIB_PER_GIB = 1024;

/** Attributes that are floats in Nova. */
export const FLOATS: ReadonlySet<string> = new Set([
  'cpu_allocation_ratio',
  'ram_allocation_ratio',
  'disk_allocation_ratio',
]);

/** What every HostState has in Nova, whether it says something or not (None). */
export const NOVA_ATTRIBUTES: ReadonlySet<string> = new Set([
  'aggregates',
  'allocation_candidates',
  'cell_uuid',
  'consume_from_request',
  'cpu_allocation_ratio',
  'cpu_info',
  'disk_allocation_ratio',
  'disk_mb_used',
  'failed_builds',
  'free_disk_mb',
  'free_ram_mb',
  'host',
  'host_ip',
  'hypervisor_hostname',
  'hypervisor_type',
  'hypervisor_version',
  'instances',
  'limits',
  'metrics',
  'nodename',
  'num_instances',
  'num_io_ops',
  'numa_topology',
  'pci_stats',
  'ram_allocation_ratio',
  'service',
  'stats',
  'supported_instances',
  'total_usable_disk_gb',
  'total_usable_ram_mb',
  'update',
  'updated',
  'uuid',
  'vcpus_total',
  'vcpus_used',
]);

/** Reads a host's attributes by the names that Nova's HostState gives them. They are those of now: read again later. */
export class HostAttributes {
  readonly #fleet: Fleet;
  readonly #facts: ValueColumn<Facts>;

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
    this.#facts = fleet.column(facts);
  }

  /** Undefined for what is not known, as for what there is not. */
  get(host: number, name: string): Json | undefined {
    const figure = FIGURES[name];
    if (figure) return figure(this.#fleet, host);
    const known = this.#facts.values[host];
    const fact = known && Object.hasOwn(known, name) ? known[name] : undefined;
    if (fact !== undefined && fact !== null) return fact;
    return NAMES.has(name) ? this.#fleet.nameOf(host) : undefined;
  }
}

const NAMES: ReadonlySet<string> = new Set(['host', 'nodename', 'hypervisor_hostname']);

const at = (values: Float64Array, host: number): number => values[host] ?? 0;

/** What changes with every claim. */
const FIGURES: Readonly<Record<string, ((fleet: Fleet, host: number) => number) | undefined>> = {
  vcpus_total: ({ vcpus }, host) => at(vcpus.total, host),
  vcpus_used: ({ vcpus }, host) => at(vcpus.used, host),
  total_usable_ram_mb: ({ memoryMiB }, host) => at(memoryMiB.total, host),
  free_ram_mb: ({ memoryMiB, overheadMiB }, host) =>
    at(memoryMiB.total, host) -
    at(memoryMiB.reserved, host) -
    at(memoryMiB.used, host) -
    at(overheadMiB, host),
  total_usable_disk_gb: ({ diskGiB }, host) => at(diskGiB.total, host),
  free_disk_mb: ({ diskGiB }, host) =>
    (at(diskGiB.total, host) - at(diskGiB.reserved, host) - at(diskGiB.used, host)) * MIB_PER_GIB,
  disk_mb_used: ({ diskGiB }, host) => at(diskGiB.used, host) * MIB_PER_GIB,
  cpu_allocation_ratio: ({ vcpus }, host) => at(vcpus.allocationRatio, host),
  ram_allocation_ratio: ({ memoryMiB }, host) => at(memoryMiB.allocationRatio, host),
  disk_allocation_ratio: ({ diskGiB }, host) => at(diskGiB.allocationRatio, host),
  num_instances: ({ numInstances }, host) => at(numInstances, host),
  num_io_ops: ({ numIoOps }, host) => at(numIoOps, host),
};
