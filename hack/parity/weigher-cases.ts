import { decide } from '#core/scheduling/decide.ts';
import type { WeighedHost } from '#core/scheduling/decision.ts';
import { Fleet } from '#core/scheduling/fleet.ts';
import { DEFAULT_PROFILE, type ProfileWeigher } from '#core/scheduling/profile.ts';
import { NOT_THERE, ON_PURPOSE, RAISED_ON_PURPOSE } from './apart.ts';
import { hostStateOf } from './hosts.ts';
import type { WeigherCase, WeigherRecording } from './recording.ts';
import type { Report } from './report.ts';
import { requestOf } from './request.ts';
import { weigherOf } from './settings.ts';

/** Weighs hosts by one weigher: raw, normalised and final weights, multipliers, and the order that follows. */
export function replayWeigherCases({ cases, raises = [] }: WeigherRecording, report: Report): void {
  for (const one of [...cases, ...raises]) {
    const weigher = weigherOf(one.weigher, one.config);
    const raised = one.error === undefined ? undefined : RAISED_ON_PURPOSE[one.weigher];
    const why = ON_PURPOSE[one.weigher] ?? raised ?? (weigher ? undefined : NOT_THERE[one.weigher]);
    if (why !== undefined) report.apart(one.weigher, why);
    else if (!weigher) report.compare(one.id, one.weigher, 'no such weigher');
    else compare(one, weighed(one, weigher), report);
  }
}

/** Nova runs no weigher for one host; Berth shows no figures then, nor those of a weigher that is off. */
function compare(one: WeigherCase, weighed: readonly WeighedHost[], report: Report): void {
  const weights = weighed.map(({ weight }) => weight);
  report.compare(`${one.id} weights`, one.weights, weights);
  report.compare(
    `${one.id} order`,
    one.order,
    inOrder(
      one.hosts.map(({ host }) => host),
      weights,
    ),
  );
  const figures = weighed.flatMap((host) => host.figures);
  if (figures.length < weighed.length) return;
  report.compare(
    `${one.id} raw`,
    one.rawWeights,
    figures.map(({ raw }) => raw),
  );
  report.compare(
    `${one.id} normalised`,
    one.normalised,
    figures.map(({ normalised }) => normalised),
  );
  report.compare(
    `${one.id} multipliers`,
    one.multipliers,
    figures.map(({ multiplier }) => multiplier),
  );
}

/** Best first; equal ones as they came, which is Nova's stable sort. Berth itself breaks ties by name (ADR 0020). */
export function inOrder(names: readonly string[], weights: readonly number[]): string[] {
  const places = [...names.keys()].sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0));
  return places.map((place) => names[place] ?? '');
}

/** In the order of the recording. */
function weighed({ hosts, spec, config }: WeigherCase, weigher: ProfileWeigher): WeighedHost[] {
  const fleet = new Fleet();
  for (const host of hosts) fleet.upsertHost(hostStateOf(host, config, spec));
  const profile = { ...DEFAULT_PROFILE, filters: [], weighers: [weigher], explainedHosts: hosts.length };
  const decision = decide(fleet, requestOf(spec, hosts), profile);
  const best = decision.kind === 'placed' ? decision.best : [];
  return hosts.flatMap(({ host }) => best.find((known) => known.host === host) ?? []);
}
