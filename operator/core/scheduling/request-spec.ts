import type { Json } from './args.ts';
import type { Toleration } from './node-constraints.ts';
import type { NodeSelector } from './node-selector.ts';
import type { ClaimResources } from './resources.ts';

/**
 * What ties one request to particular hosts. Few hosts are concerned, and many requests are alike but for this: they
 * share what was worked out (ADR 0024). Only filters and weighers that are marked `tied` read it.
 */
export interface Ties {
  /** Nova's ignore_hosts: never these (a move excludes its source). */
  readonly ignoreHosts?: readonly string[];
  /** Nova's requested_destination: none but these (a start of a stopped Instance, `nodeName`, a chosen target). */
  readonly onlyHosts?: readonly string[];
  /** Nova's retry.hosts: hosts where this request failed already. */
  readonly failedHosts?: readonly string[];
  /** Nova's hint same_host, looked up: the hosts of the Instances that it names; empty when none of them runs. */
  readonly sameHosts?: readonly string[];
  /** Nova's hint different_host, looked up. */
  readonly differentHosts?: readonly string[];
  /** The host that the Instance is on: a move that may stay is not in its own way. */
  readonly ownHost?: string;
  /** The server group that it is a member of, by namespace/name; its policy is the request's `group`. */
  readonly groupKey?: string;
  /** The hosts that the other members of its affinity group have reserved; empty while one of them is on the move. */
  readonly groupHosts?: readonly string[];
}

/** What is to be placed, named after Nova's RequestSpec. A filter that needs more adds an optional field. */
export interface RequestSpec {
  /** The owner of the claim to come: an Instance's uid, or an InstanceMigration's. No filter reads it. */
  readonly ownerUid?: string;
  /** What it asks of a host beyond what its owner holds; a resource of 0 is not asked for, as in Placement. */
  readonly resources: ClaimResources;
  readonly availabilityZone?: string;
  /** Nova's project_id. */
  readonly namespace?: string;
  readonly flavor?: FlavorSpec;
  readonly image?: ImageSpec;
  /** Of the guest's pod, beside those that every pod has. */
  readonly tolerations?: readonly Toleration[];
  /** Labels that the guest's pod selects on. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Nova's hint query: JSON, such as `[">=", "$free_ram_mb", 1024]`. */
  readonly query?: string;
  /** Nova's hints build_near_host_ip and cidr (`/24`). */
  readonly near?: { readonly ip: string; readonly cidr?: string };
  /** Where its volumes can be reached from; each has a say. A volume that can be from everywhere has none. */
  readonly volumes?: readonly NodeSelector[];
  /** What the server group `ties.groupKey` asks for. */
  readonly group?: GroupPolicy;
  readonly ties?: Ties;
  /** Chance, drawn by the caller: in [0, 1), read only when the profile chooses among several best hosts. */
  readonly draw?: number;
}

export interface FlavorSpec {
  readonly name: string;
  /** Nova's extra_specs, operators included (`>= 5`, `<or> gold <or> silver`). */
  readonly extraSpecs: Readonly<Record<string, string>>;
}

export interface ImageSpec {
  readonly id: string;
  /** As Nova reads them: legacy names replaced, texts made booleans, numbers and lists where the property is one. */
  readonly properties: Readonly<Record<string, Json>>;
  /** The node itself pulls it: the root disk is a containerDisk, not a volume. */
  readonly pulled?: boolean;
}

/** Nova's server group policies. */
export interface GroupPolicy {
  readonly policy: 'affinity' | 'anti-affinity' | 'soft-affinity' | 'soft-anti-affinity';
  /** Nova's rule max_server_per_host, of anti-affinity alone; 1 when absent. */
  readonly maxServerPerHost?: number;
}

/** Equal for requests that every filter and weigher must answer alike, but for what they are tied to. */
export function likeKey(request: RequestSpec): string {
  return JSON.stringify({ ...request, ownerUid: undefined, draw: undefined, ties: undefined });
}
