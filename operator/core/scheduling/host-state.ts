import type { Json } from './args.ts';
import type { Taint } from './node-constraints.ts';
import type { Pool } from './pools.ts';
import type { ImageSpec } from './request-spec.ts';

/** One resource of a host, in Placement's terms. `reserved` may be a fraction (pods that Berth does not manage). */
export interface Inventory {
  readonly total: number;
  readonly reserved: number;
  /** Held by claims: a whole number. */
  readonly used: number;
  readonly allocationRatio: number;
}

/** An aggregate that the host belongs to; its metadata can override a weigher's multiplier (Nova's key names). */
export interface AggregateState {
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * What the scheduler knows of one host, named after Nova's HostState. A ComputeNode's observations and its
 * NodeLedger's totals make one. A filter that needs more adds an optional field here and a column in its own file.
 */
export interface HostState {
  readonly name: string;
  readonly up: boolean;
  /** Why it is down: a short CamelCase reason, as on the ComputeNode. */
  readonly downReason?: string;
  readonly disabled: boolean;
  /** Why an operator disabled it, in the operator's words. */
  readonly disabledReason?: string;
  /** It is being emptied; the reason is the operator's words. */
  readonly maintenance?: { readonly reason?: string };
  readonly availabilityZone?: string;
  readonly vcpus: Inventory;
  readonly memoryMiB: Inventory;
  readonly diskGiB: Inventory;
  /** Memory of the claims held that no ratio scales, in MiB: KubeVirt's overhead, guests with dedicated CPUs. */
  readonly overheadMiB: number;
  readonly numInstances: number;
  /** Instances that are being built, resized, migrated, snapshotted: Nova's num_io_ops. */
  readonly numIoOps: number;
  readonly aggregates?: readonly AggregateState[];
  /** Builds that failed here since the last that did not: Nova's failed_builds. */
  readonly failedBuilds?: number;
  /** Nova's metrics of the host's monitors, by name ("cpu.frequency"). */
  readonly metrics?: Readonly<Record<string, number>>;
  /** As Nova writes it: 8002001 for 8.2.1. */
  readonly hypervisorVersion?: number;
  /** Ids of the images that the host holds. */
  readonly images?: readonly string[];
  /** The image properties of each Instance here, read as a request's are. */
  readonly instanceImageProperties?: readonly ImageSpec['properties'][];
  /** The Node's taints; a cordoned one has node.kubernetes.io/unschedulable. */
  readonly taints?: readonly Taint[];
  /** The Node's labels. */
  readonly labels?: Readonly<Record<string, string>>;
  /** IPv4 or IPv6 address: Nova's host_ip. */
  readonly address?: string;
  /** Nova's supported_instances: architecture, hypervisor type and VM mode that go together, each in Nova's spelling. */
  readonly supportedInstances?: readonly (readonly [string, string, string])[];
  /** CPUs that claims hold for guests alone. */
  readonly dedicatedCpus?: number;
  /** Devices that can be passed through, by resource name (KubeVirt's permittedHostDevices). */
  readonly devices?: Readonly<Record<string, Pool>>;
  /** Huge pages in pages, by resource name: `hugepages-2Mi`. */
  readonly hugepages?: Readonly<Record<string, Pool>>;
  /** What else is known, by the names of Nova's HostState: hypervisor_type, cpu_info, stats. Queries ask for it. */
  readonly facts?: Readonly<Record<string, Json>>;
  /** Members of server groups on the host, by the group's namespace/name. */
  readonly groups?: Readonly<Record<string, number>>;
}
