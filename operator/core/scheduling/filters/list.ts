import { aggregateImagePropertiesIsolation } from './aggregate-image-properties-isolation.ts';
import { aggregateInstanceExtraSpecsFilter } from './aggregate-instance-extra-specs.ts';
import { aggregateIoOpsFilter } from './aggregate-io-ops.ts';
import { aggregateMultiTenancyIsolation } from './aggregate-multi-tenancy-isolation.ts';
import { aggregateNumInstancesFilter } from './aggregate-num-instances.ts';
import { aggregateTypeAffinityFilter } from './aggregate-type-affinity.ts';
import { availabilityZoneFilter } from './availability-zone.ts';
import { computeFilter } from './compute.ts';
import { computeCapabilitiesFilter } from './compute-capabilities.ts';
import { differentHostFilter } from './different-host.ts';
import type { Filter } from './filter.ts';
import { ignoreHostsFilter } from './ignore-hosts.ts';
import { imagePropertiesFilter } from './image-properties.ts';
import { ioOpsFilter } from './io-ops.ts';
import { isolatedHostsFilter } from './isolated-hosts.ts';
import { jsonFilter } from './json.ts';
import { metricsFilter } from './metrics.ts';
import { nodeAffinityFilter } from './node-affinity.ts';
import { nodeTaintsFilter } from './node-taints.ts';
import { numInstancesFilter } from './num-instances.ts';
import { numaTopologyFilter } from './numa-topology.ts';
import { pciPassthroughFilter } from './pci-passthrough.ts';
import { requestedHostsFilter } from './requested-hosts.ts';
import { resourceFit } from './resource-fit.ts';
import { retryFilter } from './retry.ts';
import { sameHostFilter } from './same-host.ts';
import { serverGroupAffinityFilter } from './server-group-affinity.ts';
import { serverGroupAntiAffinityFilter } from './server-group-anti-affinity.ts';
import { simpleCidrAffinityFilter } from './simple-cidr-affinity.ts';
import { volumeTopologyFilter } from './volume-topology.ts';

/** Every filter there is, in the order in which they run by default: the cheapest and the plainest answers first. */
export const FILTERS: readonly Filter[] = [
  requestedHostsFilter,
  ignoreHostsFilter,
  retryFilter,
  sameHostFilter,
  differentHostFilter,
  serverGroupAffinityFilter,
  serverGroupAntiAffinityFilter,
  computeFilter,
  nodeTaintsFilter,
  nodeAffinityFilter,
  volumeTopologyFilter,
  availabilityZoneFilter,
  aggregateMultiTenancyIsolation,
  aggregateTypeAffinityFilter,
  aggregateInstanceExtraSpecsFilter,
  aggregateImagePropertiesIsolation,
  isolatedHostsFilter,
  imagePropertiesFilter,
  computeCapabilitiesFilter,
  simpleCidrAffinityFilter,
  jsonFilter,
  metricsFilter,
  numInstancesFilter,
  aggregateNumInstancesFilter,
  ioOpsFilter,
  aggregateIoOpsFilter,
  pciPassthroughFilter,
  numaTopologyFilter,
  resourceFit,
];
