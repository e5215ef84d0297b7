import { decide } from '#core/scheduling/decide.ts';
import { Fleet } from '#core/scheduling/fleet.ts';
import type { HostState } from '#core/scheduling/host-state.ts';
import { DEFAULT_PROFILE, type ProfileFilter } from '#core/scheduling/profile.ts';
import { ASKED_ON_REBUILD, NOT_THERE, ON_PURPOSE, RAISED_ON_PURPOSE } from './apart.ts';
import { hostStateOf } from './hosts.ts';
import type { FilterCase, FilterRecording, NovaHost, NovaSpec } from './recording.ts';
import type { Report } from './report.ts';
import { requestOf } from './request.ts';
import { filterOf } from './settings.ts';

/** Asks each filter about one host, as Nova's filter handler was asked. An input on which Nova raises is to be refused. */
export function replayFilterCases({ cases, raises = [] }: FilterRecording, report: Report): void {
  for (const one of [...cases, ...raises]) {
    const { id, filter: name } = one;
    const filter = filterOf(name, one.config);
    const raised = one.error === undefined ? undefined : RAISED_ON_PURPOSE[name];
    const why = ON_PURPOSE[name] ?? raised ?? (filter ? undefined : NOT_THERE[name]);
    if (why !== undefined) report.apart(name, why);
    else if (!filter) report.compare(id, name, 'no such filter');
    else if (isRebuild(one) && !ASKED_ON_REBUILD.includes(name))
      report.apart(name, 'a rebuild does not ask it');
    else report.compare(id, one.passes ?? false, passes(one, filter));
  }
}

function isRebuild({ spec }: FilterCase): boolean {
  return spec.scheduler_hints?._nova_check_type?.includes('rebuild') === true;
}

function passes({ host, spec, config }: FilterCase, filter: ProfileFilter): boolean {
  const fleet = new Fleet();
  for (const state of [hostStateOf(host, config, spec), ...groupElsewhere(host, spec)])
    fleet.upsertHost(state);
  const profile = { ...DEFAULT_PROFILE, filters: [filter], weighers: [], explainedHosts: fleet.size };
  const decision = decide(fleet, requestOf(spec, [host]), profile);
  return decision.kind === 'placed' && decision.best.some((left) => left.host === host.host);
}

/** The group's other hosts: Nova names them in the request, Berth counts its members on the hosts of the fleet. */
function groupElsewhere(host: NovaHost, { instance_group: group }: NovaSpec): HostState[] {
  const others = group?.hosts.filter((name) => name !== host.host) ?? [];
  return others.map((name) => ({ ...hostStateOf(host, {}), name, groups: { [group?.uuid ?? '']: 1 } }));
}
