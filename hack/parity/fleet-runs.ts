import { decide } from '#core/scheduling/decide.ts';
import type { Decision } from '#core/scheduling/decision.ts';
import type { Filter } from '#core/scheduling/filters/filter.ts';
import { Fleet } from '#core/scheduling/fleet.ts';
import { DEFAULT_PROFILE, type Profile, type ProfileFilter } from '#core/scheduling/profile.ts';
import { NOT_THERE, ON_PURPOSE } from './apart.ts';
import { hostStateOf, placementStateOf } from './hosts.ts';
import type { FleetRecording, FleetRequest, FleetRun, NovaHost } from './recording.ts';
import type { Report } from './report.ts';
import { allocation, consumed, requestOf } from './request.ts';
import { filterOf, weigherOf } from './settings.ts';
import { inOrder } from './weigher-cases.ts';

/**
 * Replays whole runs: Placement's candidates, each filter's part, weights, the choice, and what it takes. After a
 * difference it goes on from Nova's choice.
 */
export function replayFleetRuns(recording: FleetRecording, report: Report): void {
  for (const run of recording.runs) {
    const replay = new Replay(recording.hosts, run, report);
    for (const request of run.requests) replay.decide(request);
    replay.compareEnd(recording.meta.finalState_columns);
  }
}

class Replay {
  readonly #run: FleetRun;
  readonly #report: Report;
  /** The hosts as Nova sees them; the chosen ones get the instance. */
  readonly #hosts: NovaHost[];
  readonly #nova = new Fleet();
  readonly #placement = new Fleet();
  readonly #profile: Profile;

  constructor(hosts: readonly NovaHost[], run: FleetRun, report: Report) {
    this.#run = run;
    this.#report = report;
    this.#hosts = [...hosts];
    for (const host of hosts) {
      this.#nova.upsertHost(hostStateOf(host, run.options));
      this.#placement.upsertHost(placementStateOf(host));
    }
    this.#profile = {
      ...DEFAULT_PROFILE,
      filters: run.enabled_filters.flatMap((name) => this.#known(name, filterOf(name, run.options))),
      weighers: run.weighers.flatMap((name) => this.#known(name, weigherOf(name, run.options))),
      explainedHosts: hosts.length,
    };
  }

  decide(recorded: FleetRequest): void {
    const candidates = this.#candidates(recorded);
    this.#compare(recorded, 'candidates', recorded.placementCandidates, candidates);
    const decision = this.#decision(recorded, candidates);
    this.#compareFilters(recorded, decision);
    const best = decision.kind === 'placed' ? decision.best : [];
    const weightOf = new Map(best.map(({ host, weight }) => [host, weight]));
    const filtered = this.#inFleetOrder(weightOf);
    this.#compare(recorded, 'filtered', recorded.filtered, filtered);
    const order = inOrder(
      filtered,
      filtered.map((host) => weightOf.get(host) ?? 0),
    );
    const top = order.slice(0, recorded.topWeights.length).map((host) => [host, weightOf.get(host)]);
    this.#compare(recorded, 'top weights', recorded.topWeights, top);
    const tied = order.filter((host) => weightOf.get(host) === weightOf.get(order[0] ?? ''));
    this.#compare(recorded, 'tied best', recorded.tiedBest, tied.length);
    this.#compare(recorded, 'chosen', recorded.chosen, order[0] ?? null);
    if (recorded.chosen !== null) this.#consume(recorded, recorded.chosen);
  }

  /** In Nova's units: free_ram_mb, free_disk_mb, vcpus_used, num_instances, num_io_ops. */
  compareEnd(columns: readonly string[]): void {
    for (const [name, expected] of Object.entries(this.#run.finalState)) {
      const state = this.#nova.stateOf(name);
      const known: Record<string, number | undefined> = state
        ? {
            free_ram_mb: state.memoryMiB.total - state.memoryMiB.used,
            free_disk_mb: (state.diskGiB.total - state.diskGiB.used) * 1024,
            vcpus_used: state.vcpus.used,
            num_instances: state.numInstances,
            num_io_ops: state.numIoOps,
          }
        : {};
      this.#report.compare(
        `${this.#run.config} end of ${name}`,
        expected,
        columns.map((column) => known[column]),
      );
    }
  }

  #candidates({ spec, placementRequest }: FleetRequest): string[] {
    const profile = {
      ...DEFAULT_PROFILE,
      filters: PLACEMENT,
      weighers: [],
      explainedHosts: this.#hosts.length,
    };
    const request = { ...requestOf(spec, this.#hosts), resources: allocation(placementRequest) };
    const decision = decide(this.#placement, request, profile);
    return this.#inFleetOrder(
      new Map(decision.kind === 'placed' ? decision.best.map(({ host }) => [host, 0]) : []),
    );
  }

  #decision({ spec }: FleetRequest, candidates: readonly string[]): Decision {
    for (const host of this.#hosts) this.#regroup(host, spec);
    const forced = spec.force_hosts?.length ? spec.force_hosts : undefined;
    const among = within(new Set(candidates));
    const request = requestOf(spec, this.#hosts);
    const filters = forced ? [among, ...TIES] : [among, ...TIES, ...this.#profile.filters];
    const ties = forced ? { onlyHosts: forced } : request.ties;
    return decide(this.#nova, { ...request, ties }, { ...this.#profile, filters });
  }

  /** The recording says with each request where the members of its group are. */
  #regroup(host: NovaHost, spec: FleetRequest['spec']): void {
    const state = this.#nova.stateOf(host.host);
    if (!state) return;
    const { groups, instanceImageProperties } = hostStateOf(host, this.#run.options, spec);
    this.#nova.upsertHost({ ...state, groups, instanceImageProperties });
  }

  /** Forced hosts pass all filters by: none is recorded. A filter that has nothing to say leaves as many as before. */
  #compareFilters(recorded: FleetRequest, { filters }: Decision): void {
    let left = recorded.placementCandidates.length;
    const known = new Map(filters.map(({ filter, hostsIn, turnedAway }) => [filter, hostsIn - turnedAway]));
    for (const name of ['PlacementCandidates', ...TIES.map(({ filter }) => filter.name)])
      left = known.get(name) ?? left;
    for (const [name, expected] of recorded.afterEachFilter) {
      left = known.get(name) ?? left;
      this.#compare(recorded, `after ${name}`, expected, left);
    }
  }

  #consume({ spec, placementRequest }: FleetRequest, name: string): void {
    const place = this.#hosts.findIndex(({ host }) => host === name);
    const host = this.#hosts[place] as NovaHost;
    this.#hosts[place] = { ...host, instances: [...host.instances, { uuid: spec.instance_uuid }] };
    this.#nova.claim(this.#nova.indexOf(name) ?? -1, consumed(spec));
    this.#placement.claim(this.#placement.indexOf(name) ?? -1, allocation(placementRequest));
  }

  #inFleetOrder(names: ReadonlyMap<string, unknown>): string[] {
    return this.#hosts.map(({ host }) => host).filter((host) => names.has(host));
  }

  #known<T>(name: string, known: T | undefined): T[] {
    if (known !== undefined) return [known];
    const why = ON_PURPOSE[name] ?? NOT_THERE[name];
    if (why !== undefined) this.#report.apart(name, why);
    else this.#report.compare(this.#run.config, name, 'not in Berth');
    return [];
  }

  #compare({ n }: FleetRequest, what: string, expected: unknown, got: unknown): void {
    this.#report.compare(`${this.#run.config} request ${n} ${what}`, expected, got);
  }
}

/** Filters of Berth that do in the profile what Nova has Placement, or its host manager, do before. */
const PLACEMENT = own('AvailabilityZoneFilter', 'ResourceFit');
const TIES = own('IgnoreHostsFilter', 'RequestedHostsFilter');

function own(...names: string[]): ProfileFilter[] {
  return DEFAULT_PROFILE.filters.filter(({ filter }) => names.includes(filter.name));
}

/** Placement's answer, as the first filter. */
function within(candidates: ReadonlySet<string>): ProfileFilter {
  const filter: Filter = {
    name: 'PlacementCandidates',
    reasons: [{ code: 'NoCandidate', label: 'no candidate' }],
    defaults: {},
    prepare: (_request, fleet) => ({ check: (host) => (candidates.has(fleet.nameOf(host)) ? 0 : 1) }),
  };
  return { filter };
}
