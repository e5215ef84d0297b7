import type { GroupPolicy, RequestSpec, Ties } from '#core/scheduling/request-spec.ts';
import type { ClaimResources } from '#core/scheduling/resources.ts';
import type { Inventory, NovaHost, NovaSpec } from './recording.ts';

/** Nova's RequestSpec as Berth's; hints that name instances are looked up among these hosts. */
export function requestOf(spec: NovaSpec, hosts: readonly NovaHost[]): RequestSpec {
  const { image, instance_group: group, scheduler_hints: hints } = spec;
  const on = (uuids: readonly string[] = []) =>
    hosts
      .filter(({ instances }) => instances.some(({ uuid }) => uuids.includes(uuid)))
      .map(({ host }) => host);
  const ties: Ties = {
    ignoreHosts: spec.ignore_hosts ?? undefined,
    onlyHosts: spec.requested_destination?.host ? [spec.requested_destination.host] : undefined,
    sameHosts: given(hints?.same_host) && on(given(hints?.same_host)),
    differentHosts: given(hints?.different_host) && on(given(hints?.different_host)),
    ownHost: on([spec.instance_uuid])[0],
    groupKey: group?.uuid,
  };
  return {
    resources: consumed(spec),
    availabilityZone: spec.availability_zone ?? undefined,
    namespace: spec.project_id,
    flavor: { name: spec.flavor.name, extraSpecs: spec.flavor.extra_specs },
    image: image ? { id: image.id ?? '', properties: image.effective_properties } : undefined,
    query: hints?.query?.[0],
    near: hints?.build_near_host_ip?.[0]
      ? { ip: hints.build_near_host_ip[0], ...cidrOf(hints.cidr) }
      : undefined,
    devices: spec.pci_requests?.length ? { any: spec.pci_requests.length } : undefined,
    group: group ? policyOf(group) : undefined,
    ties,
  };
}

const cidrOf = (cidr: readonly string[] | undefined) => (cidr?.[0] === undefined ? {} : { cidr: cidr[0] });

/** A hint that says something: Nova reads a list of one empty text as none. */
function given(hint: readonly string[] | undefined): readonly string[] | undefined {
  return hint?.some((text) => text !== '') ? hint : undefined;
}

/** What Nova's HostState.consume_from_request takes: swap is not counted. */
export function consumed({ flavor }: NovaSpec): ClaimResources {
  const { vcpus, memory_mb: memoryMiB, root_gb, ephemeral_gb } = flavor;
  return { vcpus, memoryMiB, overheadMiB: 0, diskGiB: root_gb + ephemeral_gb };
}

export function allocation({ VCPU, MEMORY_MB, DISK_GB }: Inventory): ClaimResources {
  return { vcpus: VCPU, memoryMiB: MEMORY_MB, overheadMiB: 0, diskGiB: DISK_GB };
}

function policyOf({ policy, rules }: NonNullable<NovaSpec['instance_group']>): GroupPolicy {
  const most = rules?.max_server_per_host;
  return {
    policy: policy as GroupPolicy['policy'],
    ...(most !== undefined && most !== null && { maxServerPerHost: Number(most) }),
  };
}
