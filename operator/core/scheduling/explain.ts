import type { Decision, FilterCount, NearestMiss, Placed, WeighedHost, WeigherFigure } from './decision.ts';
import type { Shortfall } from './filters/filter.ts';

/** Who reads it: an owner sees counts, reasons and the own node; an operator sees hosts. */
export type Audience = 'owner' | 'operator';

/** A decision in one line that a person understands. */
export function explain(decision: Decision, audience: Audience): string {
  const counts = explainCounts(decision, audience);
  return decision.kind === 'placed' ? `placed on ${decision.host}; ${counts}` : counts;
}

/** The same without the host that was chosen: how many fit, who was turned away and, for operators, the best. */
export function explainCounts(decision: Decision, audience: Audience): string {
  if (decision.hostsConsidered === 0) return 'there are no hosts';
  const left = decision.kind === 'placed' ? decision.hostsLeft : 0;
  const fit = `${left} of ${decision.hostsConsidered} hosts fit`;
  const sieved = [fit, turnedAway(decision.filters)].filter(Boolean).join(': ');
  if (decision.kind === 'noValidHost')
    return [sieved, ...missText(decision.nearestMisses, audience)].join('; ');
  return [sieved, ...(audience === 'operator' ? bestText(decision) : [])].join('; ');
}

function bestText({ best, drawn }: Placed): string[] {
  const texts = [`best: ${best.map(weightText).join(', ')}`];
  return drawn ? [`drawn: ${weightText(drawn)}`, ...texts] : texts;
}

function turnedAway(filters: readonly FilterCount[]): string {
  return filters
    .filter((count) => count.turnedAway > 0)
    .map(({ filter, turnedAway, reasons }) => {
      const counts = reasons.map(({ label, hosts }) => `${label} ${hosts}`).join(', ');
      return `${filter} turned away ${turnedAway} (${counts})`;
    })
    .join(', ');
}

function missText(misses: readonly NearestMiss[], audience: Audience): string[] {
  const nearest = misses[0];
  if (nearest === undefined) return [];
  return [`nearest miss: ${audience === 'owner' ? namelessMiss(nearest) : namedMiss(nearest)}`];
}

function namelessMiss({ shortfalls, label }: NearestMiss): string {
  return shortfalls.length > 0 ? `${amounts(shortfalls)} short on one host` : `${label}, on one host`;
}

function namedMiss({ host, shortfalls, label, detail }: NearestMiss): string {
  if (shortfalls.length > 0) return `${host} lacks ${amounts(shortfalls)}`;
  return `${host} (${label}${detail === undefined ? '' : `: ${detail}`})`;
}

function amounts(shortfalls: readonly Shortfall[]): string {
  return shortfalls.map(amount).join(' and ');
}

function amount({ resource, missing, unit }: Shortfall): string {
  return unit === 'MiB' || unit === 'GiB' ? `${missing} ${unit} ${resource}` : `${missing} ${resource}`;
}

/** A weigher that adds nothing is not mentioned. */
function weightText({ host, weight, figures }: WeighedHost): string {
  const parts = figures.filter(({ normalised, multiplier }) => normalised * multiplier !== 0).map(figureText);
  return parts.length === 0 ? host : `${host} ${weight.toFixed(3)} (${parts.join(', ')})`;
}

/** Raw figure, then what it adds. */
function figureText({ weigher, raw, normalised, multiplier }: WeigherFigure): string {
  const times = multiplier === 1 ? '' : `${multiplier} * `;
  return `${weigher} ${Number(raw.toFixed(3))}: ${times}${normalised.toFixed(3)}`;
}
