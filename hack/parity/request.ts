import { parseInteger } from '#core/scheduling/python-text.ts';
import type { GroupPolicy, RequestSpec, Ties } from '#core/scheduling/request-spec.ts';
import type { ClaimResources } from '#core/scheduling/resources.ts';
import type { Inventory, NovaGroup, NovaHost, NovaSpec } from './recording.ts';

/** Nova's RequestSpec as Berth's; what names instances, nodes or hosts is looked up among these hosts. */
export function requestOf(spec: NovaSpec, hosts: readonly NovaHost[]): RequestSpec {
  const { image, instance_group: group, scheduler_hints: hints } = spec;
  const on = (uuids: readonly string[]) => namesOf(hosts, (host) => hasAny(host, uuids));
  const ignored = spec.ignore_hosts.map(lowerCase);
  const ties: Ties = {
    ignoreHosts: namesOf(hosts, ({ host }) => ignored.includes(lowerCase(host))),
    onlyHosts: onlyHosts(spec, hosts),
    sameHosts: given(hints?.same_host) && on(given(hints?.same_host) ?? []),
    differentHosts: given(hints?.different_host) && on(given(hints?.different_host) ?? []),
    ownHost: on([spec.instance_uuid])[0],
    groupKey: group?.uuid,
  };
  return {
    resources: consumed(spec),
    availabilityZone: spec.availability_zone ?? undefined,
    namespace: spec.project_id ?? undefined,
    flavor: { name: spec.flavor.name, extraSpecs: spec.flavor.extra_specs },
    image: image ? { id: image.id ?? '', properties: image.effective_properties } : undefined,
    query: hints?.query?.[0],
    near: hints?.build_near_host_ip?.[0]
      ? { ip: hints.build_near_host_ip[0], ...cidrOf(hints.cidr) }
      : undefined,
    group: group?.policy ? policyOf(group) : undefined,
    ties,
  };
}

/** Nova runs no filter for forced hosts, but in moves that ask it to. */
export function isForced({ force_hosts, force_nodes, scheduler_hints: hints }: NovaSpec): boolean {
  return (force_hosts.length > 0 || force_nodes.length > 0) && !hints?._nova_check_type?.length;
}

/** The check of a rebuild, of which Nova runs a few filters alone. */
export function isRebuild({ scheduler_hints: hints }: NovaSpec): boolean {
  const type = hints?._nova_check_type ?? [];
  return type.length === 1 && type[0] === 'rebuild';
}

/** What Nova's host manager leaves: the requested destination, and what is forced by host and by node. */
function onlyHosts(spec: NovaSpec, hosts: readonly NovaHost[]): string[] | undefined {
  const { requested_destination: wanted, force_nodes: nodes } = spec;
  const forced = spec.force_hosts.map(lowerCase);
  const tests: ((host: NovaHost) => boolean)[] = [];
  if (wanted && wanted.host !== null)
    tests.push((host) => host.host === wanted.host && (!wanted.node || host.nodename === wanted.node));
  if (forced.length > 0) tests.push(({ host }) => forced.includes(lowerCase(host)));
  if (nodes.length > 0) tests.push(({ nodename }) => nodename !== null && nodes.includes(nodename));
  return tests.length === 0 ? undefined : namesOf(hosts, (host) => tests.every((test) => test(host)));
}

const lowerCase = (name: string) => name.toLowerCase();

function namesOf(hosts: readonly NovaHost[], test: (host: NovaHost) => boolean): string[] {
  return hosts.filter(test).map(({ host }) => host);
}

function hasAny({ instances }: NovaHost, uuids: readonly string[]): boolean {
  return instances.some(({ uuid }) => uuids.includes(uuid));
}

const cidrOf = (cidr: readonly string[] | undefined) => (cidr?.[0] === undefined ? {} : { cidr: cidr[0] });

/** A hint that says something: Nova reads a list of one text as that text, and an empty one as none. */
function given(hint: readonly string[] | undefined): readonly string[] | undefined {
  return hint?.length === 1 && hint[0] === '' ? undefined : hint?.length ? hint : undefined;
}

/** What Nova's HostState.consume_from_request takes: swap is not counted. */
export function consumed({ flavor }: NovaSpec): ClaimResources {
  const { vcpus, memory_mb: memoryMiB, root_gb, ephemeral_gb } = flavor;
  return { vcpus, memoryMiB, overheadMiB: 0, diskGiB: root_gb + ephemeral_gb };
}

export function allocation({ VCPU, MEMORY_MB, DISK_GB }: Inventory): ClaimResources {
  return { vcpus: VCPU, memoryMiB: MEMORY_MB, overheadMiB: 0, diskGiB: DISK_GB };
}

function policyOf(group: NovaGroup): GroupPolicy {
  const most = maxServerPerHost(group);
  return {
    policy: group.policy as GroupPolicy['policy'],
    ...(most !== undefined && { maxServerPerHost: most }),
  };
}

/** Undefined where the group has no such rule, and where it is no number. */
export function maxServerPerHost({ rules }: NovaGroup): number | undefined {
  const most = rules?.max_server_per_host;
  return most === undefined || most === null ? undefined : parseInteger(String(most));
}
