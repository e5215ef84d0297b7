/** Why Berth has none of a name of Nova's. */
export const NOT_THERE: Readonly<Record<string, string>> = {
  AllHostsFilter: 'turns nothing away: a profile without filters does the same',
  CrossCellWeigher: 'keeps moves within a cell: a cluster is one cell',
};

/** Filters and weighers whose answer differs from Nova's on purpose. */
export const ON_PURPOSE: Readonly<Record<string, string>> = {
  PciPassthroughFilter:
    'KubeVirt has devices by resource name in place of pools; Flavors do not ask for them yet',
  NUMATopologyFilter: 'in KubeVirt the kubelet fits NUMA cells on the node; Flavors do not ask for it yet',
};

/** Of Nova's filters those that a rebuild runs; it asks no other, and neither does Berth, which rebuilds in place. */
export const ASKED_ON_REBUILD: readonly string[] = [
  'ImagePropertiesFilter',
  'AggregateImagePropertiesIsolation',
  'IsolatedHostsFilter',
];

/** Inputs on which Nova fails the whole request, and Berth has an answer that is no refusal by the filter or weigher itself. */
export const RAISED_ON_PURPOSE: Readonly<Record<string, string>> = {
  MetricsWeigher:
    'a host that lacks a metric gets weightOfUnavailable, and the request goes on; MetricsFilter is there to refuse',
  ServerGroupAntiAffinityFilter:
    'maxServerPerHost that is no number is refused when the ServerGroup is written',
};
