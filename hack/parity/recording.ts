import type { Json } from '#core/scheduling/args.ts';

/** What was recorded from OpenStack Nova's scheduler: inputs and outputs of its filters, weighers and whole decisions. */
export interface NovaHost {
  readonly host: string;
  readonly vcpus_total: number;
  readonly vcpus_used: number;
  readonly total_usable_ram_mb: number;
  readonly free_ram_mb: number;
  readonly total_usable_disk_gb: number;
  readonly free_disk_mb: number;
  readonly cpu_allocation_ratio: number;
  readonly ram_allocation_ratio: number;
  readonly disk_allocation_ratio: number;
  readonly num_instances: number;
  readonly num_io_ops: number;
  readonly failed_builds: number;
  readonly nodename: string | null;
  readonly hypervisor_hostname: string | null;
  readonly pci_pools: readonly { readonly count: number }[];
  readonly host_ip: string | null;
  readonly hypervisor_type: string | null;
  readonly hypervisor_version: number | null;
  readonly cpu_info: string | null;
  readonly supported_instances: readonly (readonly string[])[] | null;
  readonly stats: Readonly<Record<string, string>> | null;
  readonly metrics: readonly { readonly name: string; readonly value: number }[] | null;
  readonly service: {
    readonly disabled: boolean;
    readonly disabled_reason: string | null;
    readonly forced_down: boolean;
    /** Null: never seen. */
    readonly seconds_since_heartbeat: number | null;
  };
  readonly aggregates: readonly {
    readonly name: string;
    readonly metadata: Readonly<Record<string, string>>;
  }[];
  readonly instances: readonly {
    readonly uuid: string;
    readonly image_properties?: Readonly<Record<string, Json>>;
  }[];
  readonly placement_reserved?: Inventory;
  readonly placement_used?: Inventory;
}

/** Placement's resource classes. */
export interface Inventory {
  readonly VCPU: number;
  readonly MEMORY_MB: number;
  readonly DISK_GB: number;
}

export interface NovaSpec {
  readonly instance_uuid: string;
  readonly project_id: string;
  readonly availability_zone: string | null;
  readonly flavor: {
    readonly name: string;
    readonly vcpus: number;
    readonly memory_mb: number;
    readonly root_gb: number;
    readonly ephemeral_gb: number;
    readonly extra_specs: Readonly<Record<string, string>>;
  };
  readonly image: null | {
    readonly id: string | null;
    readonly effective_properties: Readonly<Record<string, Json>>;
  };
  readonly scheduler_hints: Readonly<Record<string, readonly string[]>> | null;
  readonly instance_group: null | {
    readonly uuid: string;
    readonly policy: string;
    readonly rules: Readonly<Record<string, Json>> | null;
    readonly members: readonly string[];
    readonly hosts: readonly string[];
  };
  readonly pci_requests?: readonly { readonly count?: number }[] | null;
  readonly ignore_hosts: readonly string[] | null;
  readonly force_hosts: readonly string[] | null;
  readonly requested_destination: null | { readonly host: string | null };
}

/** `group.option`: value; what is not named has Nova's default. */
export type Config = Readonly<Record<string, Json>>;

export interface FilterCase {
  readonly id: string;
  readonly filter: string;
  readonly host: NovaHost;
  readonly spec: NovaSpec;
  readonly config: Config;
  /** Absent where Nova raises `error`. */
  readonly passes?: boolean;
  readonly error?: string;
}

export interface WeigherCase {
  readonly id: string;
  readonly weigher: string;
  readonly hosts: readonly NovaHost[];
  readonly spec: NovaSpec;
  readonly config: Config;
  readonly rawWeights?: readonly number[];
  readonly normalised?: readonly number[];
  readonly multipliers?: readonly number[];
  readonly weights?: readonly number[];
  readonly order?: readonly string[];
  readonly error?: string;
}

export interface FleetRequest {
  readonly n: number;
  readonly spec: NovaSpec;
  readonly placementRequest: Inventory;
  readonly placementCandidates: readonly string[];
  readonly afterEachFilter: readonly (readonly [string, number])[];
  readonly filtered: readonly string[];
  readonly topWeights: readonly (readonly [string, number])[];
  readonly tiedBest: number;
  readonly chosen: string | null;
}

export interface FleetRun {
  readonly config: string;
  readonly enabled_filters: readonly string[];
  readonly weighers: readonly string[];
  readonly options: Config;
  readonly requests: readonly FleetRequest[];
  /** By host, in the order of `meta.finalState_columns`. */
  readonly finalState: Readonly<Record<string, readonly number[]>>;
}

export interface FilterRecording {
  readonly cases: readonly FilterCase[];
  readonly raises?: readonly FilterCase[];
}

export interface WeigherRecording {
  readonly cases: readonly WeigherCase[];
  readonly raises?: readonly WeigherCase[];
}

export interface FleetRecording {
  readonly meta: { readonly finalState_columns: readonly string[] };
  readonly hosts: readonly NovaHost[];
  readonly runs: readonly FleetRun[];
}
