import { decide } from '#core/scheduling/decide.ts';
import type { WeighedHost } from '#core/scheduling/decision.ts';
import { Fleet } from '#core/scheduling/fleet.ts';
import { DEFAULT_PROFILE, type ProfileWeigher } from '#core/scheduling/profile.ts';
import { CROSS_CELL, whyWeigherApart } from './apart.ts';
import { hostStateOf } from './hosts.ts';
import type { NovaHost, WeigherCase, WeigherRaise, WeigherRecording } from './recording.ts';
import type { Report } from './report.ts';
import { requestOf } from './request.ts';
import { notUnderstood, weigherOf } from './settings.ts';

/** Weighs hosts by one weigher: raw, normalised and final weights, multipliers, and the order that follows. */
export function replayWeigherCases({ cases, raises }: WeigherRecording, report: Report): void {
  for (const one of [...cases, ...raises]) replayCase(one, report);
}

function replayCase(one: WeigherCase | WeigherRaise, report: Report): void {
  const faults = notUnderstood(one.config);
  for (const fault of faults) report.fault(one.id, fault);
  if (faults.length > 0) return;
  const weigher = weigherOf(one.weigher, one.config);
  const why = whyWeigherApart(one);
  if (!weigher && one.weigher !== CROSS_CELL)
    report.fault(one.id, `weigher ${one.weigher}: the replay does not know it`);
  else if (why !== undefined) report.apart(one.weigher, why);
  else if (isRaise(one)) report.fault(one.id, `Nova raises ${one.error}, and Berth weighs`);
  else compare(one, weigher ? [weigher] : [], report);
}

function isRaise(one: WeigherCase | WeigherRaise): one is WeigherRaise {
  return typeof one.error === 'string';
}

function compare(one: WeigherCase, weighers: ProfileWeigher[], report: Report): void {
  const weights = weighed(one, weighers).map(({ weight }) => weight);
  const names = one.hosts.map(({ host }) => host);
  report.compare(`${one.id} weights`, one.weights, weights);
  report.compare(`${one.id} order`, one.order, inOrder(names, weights));
  const figures = weighed({ ...one, hosts: withTwin(one.hosts) }, weighers).slice(0, names.length);
  compareFigures(one, figures, report);
}

/** Neither weighs one host alone, but Nova's figures of it are recorded: they are those of two that are alike. */
function withTwin(hosts: readonly NovaHost[]): NovaHost[] {
  const [host] = hosts;
  return host && hosts.length === 1 ? [host, { ...host, host: `${host.host}'` }] : [...hosts];
}

/** Berth keeps no figures of a weigher that is off: in Nova it weighs all hosts alike. */
function compareFigures(one: WeigherCase, weighed: readonly WeighedHost[], report: Report): void {
  const figures = weighed.flatMap((host) => host.figures);
  const isOff = figures.length === 0;
  const got = {
    rawWeights: isOff ? weighed.map(() => one.rawWeights?.[0]) : figures.map(({ raw }) => raw),
    normalised: isOff ? weighed.map(() => 0) : figures.map(({ normalised }) => normalised),
    ...(!isOff && { multipliers: figures.map(({ multiplier }) => multiplier) }),
  };
  if (isOff) report.apart(one.weigher, 'multipliers while it weighs nothing');
  for (const [name, list] of Object.entries(got))
    if (one[name] === undefined) report.apart(one.weigher, `${name} are not in the recording`);
    else report.compare(`${one.id} ${name}`, one[name], list);
}

/** Best first; equal ones as they came, which is Nova's stable sort. Berth itself breaks ties by name (ADR 0020). */
export function inOrder(names: readonly string[], weights: readonly number[]): string[] {
  const places = [...names.keys()].sort((a, b) => {
    const [one, other] = [weights[a] ?? 0, weights[b] ?? 0];
    return one === other ? 0 : other - one;
  });
  return places.map((place) => names[place] ?? '');
}

/** In the order of the recording. */
function weighed({ hosts, spec, config }: WeigherCase, weighers: ProfileWeigher[]): WeighedHost[] {
  const fleet = new Fleet();
  for (const host of hosts) fleet.upsertHost(hostStateOf(host, config, spec));
  const profile = { ...DEFAULT_PROFILE, filters: [], weighers, explainedHosts: hosts.length };
  const decision = decide(fleet, requestOf(spec, hosts), profile);
  const best = new Map((decision.kind === 'placed' ? decision.best : []).map((known) => [known.host, known]));
  return hosts.flatMap(({ host }) => best.get(host) ?? []);
}
