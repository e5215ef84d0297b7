import type { Json, JsonArgs } from '#core/scheduling/args.ts';
import type { Filter } from '#core/scheduling/filters/filter.ts';
import { FILTERS } from '#core/scheduling/filters/list.ts';
import type { ProfileFilter, ProfileWeigher } from '#core/scheduling/profile.ts';
import { WEIGHERS } from '#core/scheduling/weighers/list.ts';
import type { Weigher } from '#core/scheduling/weighers/weigher.ts';
import type { Config } from './recording.ts';

/** Nova's options that are a weigher's multiplier. */
export const MULTIPLIER_OPTIONS: Readonly<Record<string, string>> = {
  RAMWeigher: 'filter_scheduler.ram_weight_multiplier',
  CPUWeigher: 'filter_scheduler.cpu_weight_multiplier',
  DiskWeigher: 'filter_scheduler.disk_weight_multiplier',
  IoOpsWeigher: 'filter_scheduler.io_ops_weight_multiplier',
  NumInstancesWeigher: 'filter_scheduler.num_instances_weight_multiplier',
  MetricsWeigher: 'metrics.weight_multiplier',
  BuildFailureWeigher: 'filter_scheduler.build_failure_weight_multiplier',
  ServerGroupSoftAffinityWeigher: 'filter_scheduler.soft_affinity_weight_multiplier',
  ServerGroupSoftAntiAffinityWeigher: 'filter_scheduler.soft_anti_affinity_weight_multiplier',
  PCIWeigher: 'filter_scheduler.pci_weight_multiplier',
  CrossCellWeigher: 'filter_scheduler.cross_cell_move_weight_multiplier',
  ImagePropertiesWeigher: 'filter_scheduler.image_props_weight_multiplier',
  HypervisorVersionWeigher: 'filter_scheduler.hypervisor_version_weight_multiplier',
};

/** Nova's options that are an argument of one of Berth's filters or weighers. */
const ARGUMENT_OPTIONS: Readonly<Record<string, string>> = {
  'filter_scheduler.max_io_ops_per_host': 'maxIoOpsPerHost',
  'filter_scheduler.max_instances_per_host': 'maxInstancesPerHost',
  'filter_scheduler.isolated_hosts': 'isolatedHosts',
  'filter_scheduler.isolated_images': 'isolatedImages',
  'filter_scheduler.restrict_isolated_hosts_to_isolated_images': 'restrictIsolatedHostsToIsolatedImages',
  'filter_scheduler.aggregate_image_properties_isolation_namespace':
    'aggregateImagePropertiesIsolationNamespace',
  'filter_scheduler.aggregate_image_properties_isolation_separator':
    'aggregateImagePropertiesIsolationSeparator',
  'filter_scheduler.image_properties_default_architecture': 'imagePropertiesDefaultArchitecture',
  'filter_scheduler.image_props_weight_setting': 'imagePropsWeightSetting',
  'metrics.weight_setting': 'weightSetting',
  'metrics.required': 'required',
  'metrics.weight_of_unavailable': 'weightOfUnavailable',
};

const PLAYED = {
  serviceDownTime: 'DEFAULT.service_down_time',
  subsetSize: 'filter_scheduler.host_subset_size',
  shuffle: 'filter_scheduler.shuffle_best_same_weighed_hosts',
};

/** What in a configuration the replay cannot play, in words; nothing in it is passed over. */
export function notUnderstood(config: Config): string[] {
  return Object.entries(config).flatMap(([option, value]) => {
    const example = exampleOf(option);
    if (example === undefined) return [`option ${option}: the replay does not know it`];
    return isLike(example, value)
      ? []
      : [`option ${option}: the replay cannot read ${JSON.stringify(value)}`];
  });
}

/** A value of the option's type. */
function exampleOf(option: string): Json | undefined {
  if (option === PLAYED.shuffle) return false;
  if (Object.values(PLAYED).includes(option) || Object.values(MULTIPLIER_OPTIONS).includes(option)) return 0;
  const name = ARGUMENT_OPTIONS[option] ?? '';
  const defaults = [...FILTERS, ...WEIGHERS].find((known) => name in known.defaults)?.defaults;
  return (defaults as JsonArgs | undefined)?.[name] ?? (defaults && '');
}

function isLike(example: Json, value: Json): boolean {
  if (Array.isArray(example)) return Array.isArray(value) && value.every((one) => typeof one === 'string');
  return typeof value === typeof example || (typeof example === 'string' && value === null);
}

/** The filter of Nova's name with Nova's options; undefined when there is none. */
export function filterOf(name: string, config: Config): ProfileFilter | undefined {
  const filter = FILTERS.find((known) => known.name === name);
  return filter && { filter, args: argsOf(filter, config) };
}

export function weigherOf(name: string, config: Config): ProfileWeigher | undefined {
  const weigher = WEIGHERS.find((known) => known.name === name);
  if (!weigher) return undefined;
  const multiplier = config[MULTIPLIER_OPTIONS[name] ?? ''];
  return {
    weigher,
    args: { ...argsOf(weigher, config), ...OWN_ARGS[name] },
    ...(typeof multiplier === 'number' && { multiplier }),
  };
}

/** What Nova's free disk lacks beside what instances use is reserved here: the image cache, other tenants of the disk. */
const OWN_ARGS: Readonly<Record<string, JsonArgs>> = { DiskWeigher: { countReserved: true } };

function argsOf({ defaults }: Filter | Weigher, config: Config): JsonArgs {
  const named = Object.entries(config).map(
    ([option, value]) => [ARGUMENT_OPTIONS[option] ?? '', value] as const,
  );
  return Object.fromEntries(named.filter(([name]) => name in defaults));
}

/** Seconds after which a host that was not heard of is down. */
export function serviceDownTime(config: Config): number {
  return Number(config[PLAYED.serviceDownTime] ?? 60);
}

/** How many of the hosts, best first, Nova draws its choice from; `tied` hosts share the best weight. */
export function drawnFrom(config: Config, tied: number): number {
  const shuffled = config[PLAYED.shuffle] === true ? tied : 1;
  return Math.max(shuffled, Number(config[PLAYED.subsetSize] ?? 1));
}
