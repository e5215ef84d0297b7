import type { SchedulerProfileSpec } from '#api/schedulerprofile.ts';
import type { JsonArgs } from '../scheduling/args.ts';
import { FILTERS } from '../scheduling/filters/list.ts';
import type { Profile, ProfileFilter, ProfileWeigher } from '../scheduling/profile.ts';
import { buildFailureWeigher } from '../scheduling/weighers/build-failure.ts';
import { WEIGHERS } from '../scheduling/weighers/list.ts';
import { argProblems } from './plugin-args.ts';

/**
 * Filters that run whether a profile names them or not: without them a host could be over-committed, chosen while it is
 * down, or tried again after it refused; or a request's own host be missed.
 */
export const ALWAYS_RUN: readonly string[] = [
  'RequestedHostsFilter',
  'IgnoreHostsFilter',
  'RetryFilter',
  'ComputeFilter',
  'ResourceFit',
];

export type Resolved =
  | { readonly kind: 'valid'; readonly profile: Profile }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

/** A SchedulerProfile with its names resolved; what it leaves out is the built-in profile's. */
export function profileOf(name: string, spec: SchedulerProfileSpec, builtIn: Profile): Resolved {
  const problems = [...filterProblems(spec), ...weigherProblems(spec)];
  if (problems.length > 0) return { kind: 'invalid', problems };
  const { hostSubsetSize, shuffleBestSameWeighedHosts, maxAttempts = builtIn.maxAttempts, alternates } = spec;
  const profile = {
    ...builtIn,
    name,
    filters: spec.filters ? filtersOf(spec.filters, builtIn) : builtIn.filters,
    weighers: weighersOf(spec, builtIn),
    hostSubsetSize,
    shuffleBestSameWeighedHosts,
    maxAttempts,
    alternates,
  };
  return { kind: 'valid', profile };
}

function filterProblems({ filters = [] }: SchedulerProfileSpec): string[] {
  return filters.flatMap(({ name, args = {} }, i) => {
    const filter = FILTERS.find((known) => known.name === name);
    const path = `spec.filters[${i}]`;
    if (!filter) return [`${path}.name: there is no filter ${name}: see the page Filters and weighers`];
    return argProblems(filter, args, `${path}.args`);
  });
}

function weigherProblems({ weighers = [] }: SchedulerProfileSpec): string[] {
  return weighers.flatMap(({ name, args = {} }, i) => {
    const weigher = WEIGHERS.find((known) => known.name === name);
    const path = `spec.weighers[${i}]`;
    if (!weigher) return [`${path}.name: there is no weigher ${name}: see the page Filters and weighers`];
    return argProblems(weigher, args, `${path}.args`);
  });
}

/** The always-running ones keep the built-in's place: ResourceFit last, so that near misses are told of; the others first. */
function filtersOf(named: NonNullable<SchedulerProfileSpec['filters']>, builtIn: Profile): ProfileFilter[] {
  const chosen = named.map(({ name, args }) => withArgs(builtInFilter(name, builtIn), args));
  const isChosen = ({ filter }: ProfileFilter) => named.some(({ name }) => name === filter.name);
  const missing = builtIn.filters.filter((one) => ALWAYS_RUN.includes(one.filter.name) && !isChosen(one));
  const isLast = ({ filter }: ProfileFilter) => filter.name === 'ResourceFit';
  return [...missing.filter((one) => !isLast(one)), ...chosen, ...missing.filter(isLast)];
}

function builtInFilter(name: string, { filters }: Profile): ProfileFilter {
  const filter = FILTERS.find((known) => known.name === name);
  if (!filter) throw new Error(`there is no filter ${name}`);
  return filters.find((one) => one.filter === filter) ?? { filter };
}

function weighersOf(
  { weighers, buildFailurePenalty }: SchedulerProfileSpec,
  builtIn: Profile,
): ProfileWeigher[] {
  const chosen = weighers?.map((entry) => weigherEntry(entry, builtIn)) ?? [...builtIn.weighers];
  return buildFailurePenalty === undefined ? chosen : penalised(chosen, buildFailurePenalty);
}

/** A penalty is asked for by itself: a list of weighers that leaves its weigher out does not take it back. */
function penalised(chosen: readonly ProfileWeigher[], multiplier: number): ProfileWeigher[] {
  const weighs = chosen.some(({ weigher }) => weigher === buildFailureWeigher);
  const all = weighs ? chosen : [...chosen, { weigher: buildFailureWeigher }];
  return all.map((one) => (one.weigher === buildFailureWeigher ? { ...one, multiplier } : one));
}

type Entry = NonNullable<SchedulerProfileSpec['weighers']>[number];

function weigherEntry({ name, multiplier, args }: Entry, { weighers }: Profile): ProfileWeigher {
  const weigher = WEIGHERS.find((known) => known.name === name);
  if (!weigher) throw new Error(`there is no weigher ${name}`);
  const known = weighers.find((one) => one.weigher === weigher) ?? { weigher };
  return { ...withArgs(known, args), ...(multiplier !== undefined && { multiplier }) };
}

/** The built-in profile's arguments, with those that the profile sets in their place. */
function withArgs<T extends { args?: JsonArgs }>(known: T, args: Record<string, unknown> = {}): T {
  return { ...known, args: { ...known.args, ...(args as JsonArgs) } };
}
