import type { ClaimResources } from './resources.ts';

/** What is to be placed, named after Nova's RequestSpec. A filter that needs more adds an optional field. */
export interface RequestSpec {
  /** The owner of the claim to come: an Instance's uid, or an InstanceMigration's. No filter reads it. */
  readonly ownerUid?: string;
  /** What it asks of a host beyond what its owner holds; a resource of 0 is not asked for, as in Placement. */
  readonly resources: ClaimResources;
  readonly availabilityZone?: string;
  /** Nova's ignore_hosts: never these (a move excludes its source). */
  readonly ignoreHosts?: readonly string[];
  /** Nova's requested_destination: none but these (a start of a stopped Instance, `nodeName`, a chosen target). */
  readonly onlyHosts?: readonly string[];
  /** Nova's retry.hosts: hosts where this request failed already. */
  readonly failedHosts?: readonly string[];
  /** Chance, drawn by the caller: in [0, 1), read only when the profile chooses among several best hosts. */
  readonly draw?: number;
}

/** Equal for requests that every filter and weigher must answer alike: all but whose it is and its draw. */
export function likeKey(request: RequestSpec): string {
  return JSON.stringify(request, withoutIdentity);
}

function withoutIdentity(key: string, value: unknown): unknown {
  return key === 'ownerUid' || key === 'draw' ? undefined : value;
}
