import { z } from 'zod';
import type { Json } from '#core/scheduling/args.ts';

/**
 * What was recorded from OpenStack Nova's scheduler: inputs and outputs of its filters, weighers and whole decisions.
 * Fields that the replay has no use for may be there; some that it has may be absent, and say nothing then.
 */
const json = z.custom<Json>((value) => value !== undefined);
/** Python writes NaN and Infinity too. */
const float = z.custom<number>((value) => typeof value === 'number', 'expected a number');
const texts = z.record(z.string(), z.string());
const names = z.array(z.string());

const listOf = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((list) => list ?? []);
const orNull = <T extends z.ZodType>(item: T) => item.nullish().transform((value) => value ?? null);

/** Placement's resource classes. */
const inventory = z.looseObject({ VCPU: z.number(), MEMORY_MB: z.number(), DISK_GB: z.number() });
const placementRequest = z.looseObject({
  VCPU: z.number().default(0),
  MEMORY_MB: z.number().default(0),
  DISK_GB: z.number().default(0),
});

const service = z.looseObject({
  disabled: z.boolean(),
  disabled_reason: orNull(z.string()),
  forced_down: z.boolean().default(false),
  /** Null: never seen. */
  seconds_since_heartbeat: orNull(z.number()),
});

const host = z.looseObject({
  host: z.string(),
  uuid: orNull(z.string()),
  cell_uuid: orNull(z.string()),
  nodename: orNull(z.string()),
  vcpus_total: z.number(),
  vcpus_used: z.number(),
  total_usable_ram_mb: z.number(),
  free_ram_mb: z.number(),
  total_usable_disk_gb: z.number(),
  free_disk_mb: z.number(),
  disk_mb_used: orNull(z.number()),
  cpu_allocation_ratio: z.number(),
  ram_allocation_ratio: z.number(),
  disk_allocation_ratio: z.number(),
  num_instances: z.number(),
  num_io_ops: z.number(),
  failed_builds: z.number().default(0),
  host_ip: orNull(z.string()),
  hypervisor_type: orNull(z.string()),
  hypervisor_version: orNull(z.number()),
  hypervisor_hostname: orNull(z.string()),
  cpu_info: orNull(z.string()),
  supported_instances: listOf(names),
  stats: texts.nullish().transform((stats) => stats ?? {}),
  metrics: listOf(z.looseObject({ name: z.string(), value: z.number() })),
  service,
  aggregates: listOf(z.looseObject({ name: z.string().default(''), metadata: texts })),
  instances: listOf(
    z.looseObject({ uuid: z.string(), image_properties: z.record(z.string(), json).nullish() }),
  ),
  pci_pools: listOf(z.looseObject({ count: z.number() })),
  numa_topology: orNull(json),
  placement_reserved: inventory.optional(),
  placement_used: inventory.optional(),
});

const group = z.looseObject({
  uuid: z.string(),
  policy: orNull(z.string()),
  rules: orNull(z.record(z.string(), json)),
  members: listOf(z.string()),
  hosts: listOf(z.string()),
});

const spec = z.looseObject({
  instance_uuid: z.string(),
  project_id: orNull(z.string()),
  availability_zone: orNull(z.string()),
  flavor: z.looseObject({
    name: z.string(),
    vcpus: z.number(),
    memory_mb: z.number(),
    root_gb: z.number(),
    ephemeral_gb: z.number().default(0),
    extra_specs: texts.nullish().transform((specs) => specs ?? {}),
  }),
  image: orNull(
    z.looseObject({
      id: orNull(z.string()),
      effective_properties: z.record(z.string(), json),
    }),
  ),
  scheduler_hints: orNull(z.record(z.string(), names)),
  instance_group: orNull(group),
  pci_requests: listOf(z.looseObject({ count: z.number().default(1) })),
  ignore_hosts: listOf(z.string()),
  force_hosts: listOf(z.string()),
  force_nodes: listOf(z.string()),
  requested_destination: orNull(
    z.looseObject({
      host: orNull(z.string()),
      node: orNull(z.string()),
      cell_uuid: orNull(z.string()),
      allow_cross_cell_move: orNull(z.boolean()),
    }),
  ),
});

/** `group.option`: value; what is not named has Nova's default. */
const config = z.record(z.string(), json).default({});

const filterCase = z.looseObject({
  id: z.string(),
  filter: z.string(),
  host,
  spec,
  config,
  passes: z.boolean(),
});
const filterRaise = filterCase.extend({ passes: z.undefined().optional(), error: z.string() });

const weigherInput = z.looseObject({
  id: z.string(),
  weigher: z.string(),
  hosts: z.array(host),
  spec,
  config,
});
const weigherCase = weigherInput.extend({
  rawWeights: z.array(float).optional(),
  normalised: z.array(float).optional(),
  multipliers: z.array(float).optional(),
  weights: z.array(float),
  order: names,
});
const weigherRaise = weigherInput.extend({ error: z.string() });

const fleetRequest = z.looseObject({
  n: z.number(),
  spec,
  placementRequest,
  placementCandidates: names,
  afterEachFilter: z.array(z.tuple([z.string(), z.number()])),
  filtered: names,
  topWeights: z.array(z.tuple([z.string(), float])),
  tiedBest: z.number(),
  chosen: z.string().nullable(),
});

const fleetRun = z.looseObject({
  config: z.string(),
  enabled_filters: names,
  weighers: names,
  options: config,
  requests: z.array(fleetRequest),
  /** By host, in the order of `meta.finalState_columns`. */
  finalState: z.record(z.string(), z.array(float)),
});

const COLUMNS = ['free_ram_mb', 'free_disk_mb', 'vcpus_used', 'num_instances', 'num_io_ops'];

export const RECORDINGS = {
  filters: z.looseObject({ cases: z.array(filterCase), raises: listOf(filterRaise) }),
  weighers: z.looseObject({ cases: z.array(weigherCase), raises: listOf(weigherRaise) }),
  fleet: z.looseObject({
    meta: z
      .looseObject({ finalState_columns: names.default(COLUMNS) })
      .default({ finalState_columns: COLUMNS }),
    hosts: z.array(host),
    runs: z.array(fleetRun),
  }),
};

export type Config = Readonly<z.infer<typeof config>>;
export type Inventory = z.infer<typeof inventory>;
export type NovaHost = z.infer<typeof host>;
export type NovaSpec = z.infer<typeof spec>;
export type NovaGroup = z.infer<typeof group>;
export type FilterCase = z.infer<typeof filterCase>;
export type FilterRaise = z.infer<typeof filterRaise>;
export type WeigherCase = z.infer<typeof weigherCase>;
export type WeigherRaise = z.infer<typeof weigherRaise>;
export type FleetRequest = z.infer<typeof fleetRequest>;
export type FleetRun = z.infer<typeof fleetRun>;
export type FilterRecording = z.infer<typeof RECORDINGS.filters>;
export type WeigherRecording = z.infer<typeof RECORDINGS.weighers>;
export type FleetRecording = z.infer<typeof RECORDINGS.fleet>;
