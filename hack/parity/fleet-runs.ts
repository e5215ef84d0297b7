import { decide } from '#core/scheduling/decide.ts';
import type { Decision } from '#core/scheduling/decision.ts';
import type { Filter } from '#core/scheduling/filters/filter.ts';
import { Fleet } from '#core/scheduling/fleet.ts';
import { DEFAULT_PROFILE, type Profile, type ProfileFilter } from '#core/scheduling/profile.ts';
import {
  ASKED_ON_REBUILD,
  ASKS_NOTHING,
  CROSS_CELL,
  concerns,
  hasNanMultiplier,
  NAN,
  ON_PURPOSE,
  whyCellsApart,
  whyUnasked,
} from './apart.ts';
import { groupElsewhere } from './filter-cases.ts';
import { hostStateOf, placementStateOf, zonesOf } from './hosts.ts';
import type { FleetRecording, FleetRequest, FleetRun, NovaHost } from './recording.ts';
import type { Report } from './report.ts';
import { allocation, consumed, isForced, isRebuild, requestOf } from './request.ts';
import { drawnFrom, filterOf, notUnderstood, weigherOf } from './settings.ts';
import { inOrder } from './weigher-cases.ts';

/**
 * Replays whole runs: Placement's candidates, each filter's part, weights, the choice, and what it takes. After a
 * difference it goes on from Nova's candidates and choice.
 */
export function replayFleetRuns(recording: FleetRecording, report: Report): void {
  for (const run of recording.runs) {
    const faults = faultsOf(run);
    for (const fault of faults) report.fault(run.config, fault);
    if (faults.length > 0) continue;
    const replay = new Replay(recording.hosts, run, report);
    for (const request of run.requests) replay.replay(request);
    replay.compareEnd(recording.meta.finalState_columns);
  }
}

function faultsOf({ options, enabled_filters: filters, weighers }: FleetRun): string[] {
  const isKnown = (name: string) => name === ASKS_NOTHING || name in ON_PURPOSE || filterOf(name, options);
  return [
    ...notUnderstood(options),
    ...filters.filter((name) => !isKnown(name)).map((name) => `filter ${name}: the replay does not know it`),
    ...weighers
      .filter((name) => name !== CROSS_CELL && !weigherOf(name, options))
      .map((name) => `weigher ${name}: the replay does not know it`),
  ];
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
      filters: run.enabled_filters.flatMap((name) => filterOf(name, run.options) ?? []),
      weighers: run.weighers.flatMap((name) => weigherOf(name, run.options) ?? []),
      explainedHosts: hosts.length,
    };
  }

  replay(recorded: FleetRequest): void {
    this.#compare(recorded, 'candidates', recorded.placementCandidates, this.#candidates(recorded));
    const why = this.#whyApart(recorded);
    if (why === undefined) this.#compareDecision(recorded);
    else this.#report.apart('request', why);
    if (recorded.chosen !== null) this.#consume(recorded, recorded.chosen);
  }

  #compareDecision(recorded: FleetRequest): void {
    const decision = this.#decision(recorded);
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
    this.#compareChoice(recorded, order, tied);
    if (decision.kind === 'placed' && !tied.includes(decision.host))
      this.#compare(recorded, "Berth's own choice", 'one of the best', decision.host);
  }

  /** Nova draws where it is told to: then its choice is to be one that it could have drawn. */
  #compareChoice(recorded: FleetRequest, order: readonly string[], tied: readonly string[]): void {
    const drawn = order.slice(0, drawnFrom(this.#run.options, tied.length));
    const isDrawn = recorded.chosen !== null && drawn.includes(recorded.chosen);
    this.#compare(recorded, 'chosen', recorded.chosen, isDrawn ? recorded.chosen : (order[0] ?? null));
  }

  /** In Nova's units: free_ram_mb, free_disk_mb, vcpus_used, num_instances, num_io_ops. */
  compareEnd(columns: readonly string[]): void {
    for (const [name, expected] of Object.entries(this.#run.finalState)) {
      const state = this.#nova.stateOf(name);
      const known: Record<string, number | undefined> = state
        ? {
            free_ram_mb: state.memoryMiB.total - state.memoryMiB.used,
            free_disk_mb: (state.diskGiB.total - state.diskGiB.reserved - state.diskGiB.used) * 1024,
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
    for (const host of this.#hosts) this.#choosePlacementZone(host, spec.availability_zone);
    const profile = {
      ...DEFAULT_PROFILE,
      filters: PLACEMENT,
      weighers: [],
      explainedHosts: this.#hosts.length,
    };
    const { ties, ...request } = requestOf(spec, this.#hosts);
    const decision = decide(
      this.#placement,
      { ...request, resources: allocation(placementRequest) },
      profile,
    );
    return this.#inFleetOrder(
      new Map(decision.kind === 'placed' ? decision.best.map(({ host }) => [host, 0]) : []),
    );
  }

  /** Of a host that is in several zones, the one that is asked for. */
  #choosePlacementZone(host: NovaHost, zone: string | null): void {
    const zones = zonesOf(host);
    const state = this.#placement.stateOf(host.host);
    if (zone === null || zones.length < 2 || !state) return;
    this.#placement.upsertHost({ ...state, availabilityZone: zones.includes(zone) ? zone : zones[0] });
  }

  /** Why a decision cannot be compared: a part of it is Nova's alone. */
  #whyApart({ spec, afterEachFilter }: FleetRequest): string | undefined {
    const { enabled_filters: filters, weighers } = this.#run;
    const asked = filters.filter((name) => afterEachFilter.some(([filter]) => filter === name));
    const onPurpose = asked.find((name) => name in ON_PURPOSE && !isRebuild(spec) && concerns(name, spec));
    if (onPurpose !== undefined) return `it has to do with ${onPurpose}: ${ON_PURPOSE[onPurpose]}`;
    if (asked.includes('ServerGroupAffinityFilter') && this.#movesAlone(spec))
      return 'an Instance that is alone in its affinity group may move; in Nova it never may';
    const unasked = asked.map((name) => whyUnasked(name, spec, this.#hosts)).find((why) => why !== undefined);
    if (unasked !== undefined) return unasked;
    if (weighers.some((name) => this.#hosts.some((host) => hasNanMultiplier(host, name)))) return NAN;
    return weighers.includes(CROSS_CELL) ? whyCellsApart(spec, this.#hosts) : undefined;
  }

  #movesAlone({ instance_group: group, instance_uuid: uuid }: FleetRequest['spec']): boolean {
    const own = this.#hosts.find(({ instances }) => instances.some((instance) => instance.uuid === uuid));
    return (
      own !== undefined && group?.policy === 'affinity' && group.hosts.every((name) => name === own.host)
    );
  }

  #decision({ spec, placementCandidates }: FleetRequest): Decision {
    for (const host of this.#hosts) this.#regroup(host, spec);
    for (const state of groupElsewhere(this.#hosts, spec)) this.#nova.upsertHost(state);
    const ofProfile = this.#profile.filters.filter(
      ({ filter }) => !isForced(spec) && (!isRebuild(spec) || ASKED_ON_REBUILD.includes(filter.name)),
    );
    const filters = [within(new Set(placementCandidates)), ...TIES, ...ofProfile];
    return decide(this.#nova, requestOf(spec, this.#hosts), { ...this.#profile, filters });
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

  /** Devices that a request takes are those of any pool: only how many are free is weighed. */
  #consume({ spec, placementRequest }: FleetRequest, name: string): void {
    const place = this.#hosts.findIndex(({ host }) => host === name);
    const host = this.#hosts[place];
    const state = this.#nova.stateOf(name);
    if (!host || !state) return;
    this.#hosts[place] = { ...host, instances: [...host.instances, { uuid: spec.instance_uuid }] };
    const asked = spec.pci_requests.reduce((sum, { count }) => sum + count, 0);
    const used = (state.devices?.taken?.used ?? 0) + asked;
    this.#nova.upsertHost({ ...state, devices: { ...state.devices, taken: { total: 0, used } } });
    this.#nova.claim(this.#nova.indexOf(name) ?? -1, consumed(spec));
    this.#placement.claim(this.#placement.indexOf(name) ?? -1, allocation(placementRequest));
  }

  #inFleetOrder(names: ReadonlyMap<string, unknown>): string[] {
    return this.#hosts.map(({ host }) => host).filter((host) => names.has(host));
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
