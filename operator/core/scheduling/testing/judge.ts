import type { Filter, PreparedFilter, Reason } from '../filters/filter.ts';
import type { HostState } from '../host-state.ts';
import type { RequestSpec } from '../request-spec.ts';
import { fleetOf, resources } from './hosts.ts';

/** A request that asks for little, with what the test is about. */
export function asking(other: Partial<RequestSpec> = {}): RequestSpec {
  return { resources: resources(), ...other };
}

/** What one filter says of each host: 'passes' or the reason's code; 'skip' when the request is none of its business. */
export function judge(filter: Filter, request: RequestSpec, ...hosts: HostState[]): string[] | 'skip' {
  const fleet = fleetOf(hosts);
  const prepared = filter.prepare(request, fleet, filter.defaults);
  if (prepared === 'skip') return 'skip';
  return hosts.map(({ name }) => verdict(filter.reasons, prepared, fleet.indexOf(name) ?? -1));
}

/** The filter at work on a fleet of this one host, whose index is 0. */
export function preparedFor(filter: Filter, request: RequestSpec, state: HostState): PreparedFilter {
  const prepared = filter.prepare(request, fleetOf([state]), filter.defaults);
  if (prepared === 'skip') throw new Error(`${filter.name} does not apply`);
  return prepared;
}

function verdict(reasons: readonly Reason[], prepared: PreparedFilter, host: number): string {
  const reason = prepared.check(host);
  return reason === 0 ? 'passes' : (reasons[reason - 1]?.code ?? `no such reason: ${reason}`);
}
