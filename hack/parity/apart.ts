import { aggregateValues } from '#core/scheduling/columns.ts';
import { parseFloating } from '#core/scheduling/python-text.ts';
import type { FilterCase, FilterRaise, NovaHost, NovaSpec, WeigherCase, WeigherRaise } from './recording.ts';
import { maxServerPerHost } from './request.ts';
import { MULTIPLIER_OPTIONS } from './settings.ts';

/** Filters whose answer differs from Nova's on purpose. */
export const ON_PURPOSE: Readonly<Record<string, string>> = {
  PciPassthroughFilter: 'KubeVirt has devices by resource name in place of pools by vendor and product',
  NUMATopologyFilter:
    'in KubeVirt the kubelet fits NUMA cells on the node; the filter asks what is known before',
};

/** Of Nova's filters those that a rebuild runs; it asks no other, and neither does Berth, which rebuilds in place. */
export const ASKED_ON_REBUILD: readonly string[] = [
  'ImagePropertiesFilter',
  'AggregateImagePropertiesIsolation',
  'IsolatedHostsFilter',
];

/** A profile without filters does the same. */
export const ASKS_NOTHING = 'AllHostsFilter';

/** Whether one of these has anything to say about a request; of what does not concern it, it passes every host. */
export function concerns(filter: string, spec: NovaSpec): boolean {
  if (filter === 'PciPassthroughFilter') return spec.pci_requests.length > 0;
  const { extra_specs: specs } = spec.flavor;
  const policy = specs['hw:cpu_policy'] ?? spec.image?.effective_properties.hw_cpu_policy;
  return spec.image === null || Boolean(spec.numa_topology) || policy !== undefined;
}

/** Why a case of a filter cannot be compared; undefined when it can. */
export function whyFilterApart(one: FilterCase | FilterRaise): string | undefined {
  const { filter, host, spec } = one;
  return ON_PURPOSE[filter] ?? whyUnasked(filter, spec, [host]);
}

/** What a Berth user cannot ask, or gets another answer to. */
export function whyUnasked(filter: string, spec: NovaSpec, hosts: readonly NovaHost[]): string | undefined {
  const attributes = READS_ATTRIBUTES[filter]?.(spec) ?? [];
  if (attributes.some((name) => INTERNAL.has(name) || (name === 'numa_topology' && hosts.some(hasCells))))
    return "asks for a Python object of Nova's, which Berth does not have";
  const query = spec.scheduler_hints?.query?.[0] ?? '';
  if (filter === 'JsonFilter' && (query.length > MOST_CHARACTERS || depthOf(query) > MOST_DEPTH))
    return 'queries are bounded: 4,096 characters, 16 levels';
  return undefined;
}

/** Why Berth has an answer where Nova raises, which fails the whole request. */
export function whyAnswered({ filter, host, spec }: FilterRaise): string | undefined {
  const { instance_group: group, scheduler_hints: hints } = spec;
  if (hints === null) return 'Nova raises on a request without hints; here none is like an empty one';
  if (TEXT_HINTS[filter]?.some((name) => (hints[name]?.length ?? 1) !== 1))
    return 'Nova raises on a hint of several texts; here it is one text';
  if (filter === 'ServerGroupAntiAffinityFilter' && group && maxServerPerHost(group) === undefined)
    return 'maxServerPerHost that is no number is refused when the ServerGroup is written';
  if (filter === 'ImagePropertiesFilter' && spec.image?.effective_properties.hw_maxphysaddr_bits)
    return 'Nova raises on hw_maxphysaddr_bits; here the host is asked';
  if (filter === 'AggregateInstanceExtraSpecsFilter' && hasSeveralValues(host))
    return 'whether Nova raises hangs on the order of a Python set: a readable value that fits passes here';
  return undefined;
}

const TEXT_HINTS: Readonly<Record<string, readonly string[]>> = {
  JsonFilter: ['query'],
  SimpleCIDRAffinityFilter: ['build_near_host_ip', 'cidr'],
};

/** Attributes that a request names to a filter, of Nova's HostState. */
const READS_ATTRIBUTES: Readonly<Record<string, (spec: NovaSpec) => string[]>> = {
  JsonFilter: ({ scheduler_hints: hints }) =>
    [...(hints?.query?.[0] ?? '').matchAll(/\$(\w+)/g)].map(([, name = '']) => name),
  // Its paths go through dictionaries, and none of Nova's objects is one: those paths lead nowhere, in Berth too.
  ComputeCapabilitiesFilter: ({ flavor }) =>
    Object.keys(flavor.extra_specs).map((key) => key.replace(/^capabilities:/, '')),
};

const INTERNAL: ReadonlySet<string> = new Set([
  'aggregates',
  'allocation_candidates',
  'consume_from_request',
  'instances',
  'metrics',
  'pci_stats',
  'service',
  'update',
]);

function hasCells({ numa_topology: cells }: NovaHost): boolean {
  return cells !== null;
}

function hasSeveralValues({ aggregates }: NovaHost): boolean {
  const values = new Map<string, Set<string>>();
  for (const { metadata } of aggregates)
    for (const [key, text] of Object.entries(metadata))
      values.set(key, new Set([...(values.get(key) ?? []), ...text.split(',')]));
  return [...values.values()].some((all) => all.size > 1);
}

/** As core/scheduling/json-query.ts bounds them. */
const MOST_CHARACTERS = 4096;
const MOST_DEPTH = 16;

/** The most lists within lists; brackets in texts count too, which is rare. */
function depthOf(query: string): number {
  let [depth, most] = [0, 0];
  for (const character of query) {
    if (character === '[') depth += 1;
    if (character === ']') depth -= 1;
    most = Math.max(most, depth);
  }
  return most;
}

/** Why a case of a weigher cannot be compared; undefined when it can. */
export function whyWeigherApart(one: WeigherCase | WeigherRaise): string | undefined {
  const { weigher, hosts, spec } = one;
  if (weigher === CROSS_CELL) return whyCellsApart(spec, hosts);
  if (weigher === 'MetricsWeigher' && one.error === 'ComputeHostMetricNotFound')
    return 'a host that lacks a metric gets weightOfUnavailable, and the request goes on; MetricsFilter is there to refuse';
  return hosts.some((host) => hasNanMultiplier(host, weigher)) ? NAN : undefined;
}

export const CROSS_CELL = 'CrossCellWeigher';

/** It weighs hosts alike but for a move that may leave its cell, among hosts of several. */
export function whyCellsApart(
  { requested_destination: wanted }: NovaSpec,
  hosts: readonly NovaHost[],
): string | undefined {
  const cells = new Set(hosts.map(({ cell_uuid }) => cell_uuid));
  return wanted?.cell_uuid && wanted.allow_cross_cell_move && cells.size > 1
    ? 'weighs moves between cells: a cluster is one cell'
    : undefined;
}

export const NAN =
  "an aggregate's multiplier is nan, which Nova weighs with; here it is no number, and the option holds";

export function hasNanMultiplier({ aggregates }: NovaHost, weigher: string): boolean {
  const option = MULTIPLIER_OPTIONS[weigher] ?? '';
  const key = weigher === 'MetricsWeigher' ? 'metrics_weight_multiplier' : option.replace(/^\w+\./, '');
  return aggregateValues(aggregates, key).some((text) => Number.isNaN(parseFloating(text)));
}
