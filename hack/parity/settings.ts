import type { JsonArgs } from '#core/scheduling/args.ts';
import type { Filter } from '#core/scheduling/filters/filter.ts';
import { FILTERS } from '#core/scheduling/filters/list.ts';
import type { ProfileFilter, ProfileWeigher } from '#core/scheduling/profile.ts';
import { WEIGHERS } from '#core/scheduling/weighers/list.ts';
import type { Weigher } from '#core/scheduling/weighers/weigher.ts';
import type { Config } from './recording.ts';

/** Nova's options that are a weigher's multiplier. */
const MULTIPLIER_OPTIONS: Readonly<Record<string, string>> = {
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
  ImagePropertiesWeigher: 'filter_scheduler.image_props_weight_multiplier',
  HypervisorVersionWeigher: 'filter_scheduler.hypervisor_version_weight_multiplier',
};

/** The filter of Nova's name with Nova's options; undefined when there is none. */
export function filterOf(name: string, config: Config): ProfileFilter | undefined {
  const filter = FILTERS.find((known) => known.name === name);
  return filter && { filter, args: argsOf(filter, config) };
}

export function weigherOf(name: string, config: Config): ProfileWeigher | undefined {
  const weigher = WEIGHERS.find((known) => known.name === name);
  if (!weigher) return undefined;
  const multiplier = config[MULTIPLIER_OPTIONS[name] ?? ''];
  return { weigher, args: argsOf(weigher, config), ...(typeof multiplier === 'number' && { multiplier }) };
}

/** Berth's arguments have the names of Nova's options, in its own spelling: max_io_ops_per_host, maxIoOpsPerHost. */
function argsOf({ defaults }: Filter | Weigher, config: Config): JsonArgs {
  const options = Object.entries(config).map(([option, value]) => [
    camelCase(option.split('.').at(-1) ?? ''),
    value,
  ]);
  return Object.fromEntries(options.filter(([name]) => (name as string) in defaults));
}

function camelCase(option: string): string {
  return option.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
