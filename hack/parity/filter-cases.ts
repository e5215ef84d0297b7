import { decide } from '#core/scheduling/decide.ts';
import { Fleet } from '#core/scheduling/fleet.ts';
import type { HostState } from '#core/scheduling/host-state.ts';
import { DEFAULT_PROFILE, type ProfileFilter } from '#core/scheduling/profile.ts';
import {
  ASKED_ON_REBUILD,
  ASKS_NOTHING,
  concerns,
  ON_PURPOSE,
  whyAnswered,
  whyFilterApart,
} from './apart.ts';
import { hostStateOf } from './hosts.ts';
import type { FilterCase, FilterRaise, FilterRecording, NovaHost, NovaSpec } from './recording.ts';
import type { Report } from './report.ts';
import { isRebuild, requestOf } from './request.ts';
import { filterOf, notUnderstood } from './settings.ts';

/** Asks each filter about one host, as Nova's filter handler was asked. An input on which Nova raises is to be refused. */
export function replayFilterCases({ cases, raises }: FilterRecording, report: Report): void {
  for (const one of [...cases, ...raises]) replayCase(one, report);
}

function replayCase(one: FilterCase | FilterRaise, report: Report): void {
  const { id, filter: name, config } = one;
  const faults = notUnderstood(config);
  for (const fault of faults) report.fault(id, fault);
  if (faults.length > 0) return;
  const why = isSilent(one) ? undefined : whyFilterApart(one);
  const filters = filtersOf(one);
  if (why !== undefined) report.apart(name, why);
  else if (!filters) report.fault(id, `filter ${name}: the replay does not know it`);
  else if (isRaise(one)) compareRaise(one, passes(one, filters), report);
  else report.compare(id, one.passes, passes(one, filters));
}

function compareRaise(one: FilterRaise, passes: boolean, report: Report): void {
  const { id, filter, error } = one;
  const expected = `refused (Nova raises ${error})`;
  const why = passes ? whyAnswered(one) : undefined;
  if (why !== undefined) report.apart(filter, why);
  else if (report.compare(id, expected, passes ? 'passes' : expected)) report.refused(filter);
}

function isRaise(one: FilterCase | FilterRaise): one is FilterRaise {
  return typeof one.error === 'string';
}

/** It passes every host, as a profile without filters does. */
function isSilent({ filter, spec }: FilterCase | FilterRaise): boolean {
  if (filter === ASKS_NOTHING) return true;
  if (filter in ON_PURPOSE && !concerns(filter, spec)) return true;
  return isRebuild(spec) && !ASKED_ON_REBUILD.includes(filter);
}

/** Undefined for a name that is no filter's. */
function filtersOf(one: FilterCase | FilterRaise): ProfileFilter[] | undefined {
  const filter = filterOf(one.filter, one.config);
  if (!filter && !(one.filter === ASKS_NOTHING || one.filter in ON_PURPOSE)) return undefined;
  return filter && !isSilent(one) ? [filter] : [];
}

function passes({ host, spec, config }: FilterCase | FilterRaise, filters: ProfileFilter[]): boolean {
  const fleet = new Fleet();
  for (const state of [hostStateOf(host, config, spec), ...groupElsewhere([host], spec)])
    fleet.upsertHost(state);
  const profile = { ...DEFAULT_PROFILE, filters, weighers: [], explainedHosts: fleet.size };
  const decision = decide(fleet, requestOf(spec, [host]), profile);
  return decision.kind === 'placed' && decision.best.some((left) => left.host === host.host);
}

/** The group's hosts that are not among these: Nova names them in the request, Berth counts members on hosts. */
export function groupElsewhere(hosts: readonly NovaHost[], { instance_group: group }: NovaSpec): HostState[] {
  const known = new Set(hosts.map(({ host }) => host));
  const [like] = hosts;
  if (!group || !like) return [];
  const others = group.hosts.filter((name) => !known.has(name));
  return others.map((name) => ({ ...hostStateOf(like, {}), name, groups: { [group.uuid]: 1 } }));
}
