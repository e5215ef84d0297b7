import { expect, test } from 'vitest';
import { DEFAULT_PROFILE } from './profile.ts';

test('the default profile runs every filter, the plain ones before resource fit, and every weigher', () => {
  expect(DEFAULT_PROFILE.filters.map(({ filter }) => filter.name)).toEqual([
    'RequestedHostsFilter',
    'IgnoreHostsFilter',
    'RetryFilter',
    'SameHostFilter',
    'DifferentHostFilter',
    'ServerGroupAffinityFilter',
    'ServerGroupAntiAffinityFilter',
    'ComputeFilter',
    'NodeTaintsFilter',
    'NodeAffinityFilter',
    'VolumeTopologyFilter',
    'AvailabilityZoneFilter',
    'AggregateMultiTenancyIsolation',
    'AggregateTypeAffinityFilter',
    'AggregateInstanceExtraSpecsFilter',
    'AggregateImagePropertiesIsolation',
    'IsolatedHostsFilter',
    'ImagePropertiesFilter',
    'ComputeCapabilitiesFilter',
    'SimpleCIDRAffinityFilter',
    'JsonFilter',
    'MetricsFilter',
    'NumInstancesFilter',
    'AggregateNumInstancesFilter',
    'IoOpsFilter',
    'AggregateIoOpsFilter',
    'PciPassthroughFilter',
    'NUMATopologyFilter',
    'ResourceFit',
  ]);
  expect(DEFAULT_PROFILE.weighers.map(({ weigher }) => weigher.name)).toEqual([
    'RAMWeigher',
    'CPUWeigher',
    'DiskWeigher',
    'IoOpsWeigher',
    'NumInstancesWeigher',
    'MetricsWeigher',
    'BuildFailureWeigher',
    'ServerGroupSoftAffinityWeigher',
    'ServerGroupSoftAntiAffinityWeigher',
    'PCIWeigher',
    'ImagePropertiesWeigher',
    'HypervisorVersionWeigher',
    'ImageLocalityWeigher',
  ]);
});

test('no host of the default profile is full by a count of Instances unless an aggregate says so', () => {
  const args = new Map(DEFAULT_PROFILE.filters.map(({ filter, args }) => [filter.name, args]));
  for (const name of ['NumInstancesFilter', 'AggregateNumInstancesFilter'])
    expect(args.get(name)).toEqual({ maxInstancesPerHost: null });
  for (const name of ['IoOpsFilter', 'AggregateIoOpsFilter'])
    expect(args.get(name)).toEqual({ maxIoOpsPerHost: null });
});
