import type { ShadowStatus } from '#api/schedulerprofile.ts';
import type { Decision, Placed, WeighedHost } from '../scheduling/decision.ts';

type Reason = ShadowStatus['byReason'][number]['reason'];

/** How a shadow's decision differs from the one that counted, and what made the difference. */
export interface Difference {
  readonly reason: Reason;
  /** A filter or weigher; `several` where no single one can be told. */
  readonly by: string;
  readonly host?: string;
  readonly shadowHost?: string;
}

/** Undefined when both chose the same host, or none. */
export function differenceOf(active: Decision, shadow: Decision): Difference | undefined {
  if (active.kind === 'placed' && shadow.kind === 'placed') return otherHost(active, shadow);
  if (active.kind === 'placed') return { reason: 'NoValidHost', by: lastFilter(shadow), host: active.host };
  if (shadow.kind === 'placed')
    return { reason: 'WouldPlace', by: lastFilter(active), shadowHost: shadow.host };
  return undefined;
}

function otherHost(active: Placed, shadow: Placed): Difference | undefined {
  if (active.host === shadow.host) return undefined;
  return { reason: 'OtherHost', by: whatPrefers(active, shadow), host: active.host, shadowHost: shadow.host };
}

/** The filter that turned away the last host. */
function lastFilter({ filters }: Decision): string {
  return filters.findLast(({ turnedAway }) => turnedAway > 0)?.filter ?? 'several';
}

/** The weigher that speaks most for the shadow's host against the other; a filter where the other was turned away. */
function whatPrefers(active: Placed, shadow: Placed): string {
  const own = shadow.best.find(({ host }) => host === shadow.host);
  const other = shadow.best.find(({ host }) => host === active.host);
  if (own && other) return weigherFor(own, other) ?? 'several';
  return shadow.hostsLeft < active.hostsLeft ? extraFilter(active, shadow) : (heaviest(own) ?? 'several');
}

function weigherFor(own: WeighedHost, other: WeighedHost): string | undefined {
  let most = 0;
  let weigher: string | undefined;
  for (const [i, figure] of own.figures.entries()) {
    const against = other.figures[i];
    const gain =
      figure.multiplier * figure.normalised - (against ? against.multiplier * against.normalised : 0);
    if (gain <= most) continue;
    most = gain;
    weigher = figure.weigher;
  }
  return weigher;
}

/** The filter that turned away more than it, or nobody of its name, did for the other. */
function extraFilter(active: Placed, shadow: Placed): string {
  const before = new Map(active.filters.map(({ filter, turnedAway }) => [filter, turnedAway]));
  const extra = shadow.filters.find(({ filter, turnedAway }) => turnedAway > (before.get(filter) ?? 0));
  return extra?.filter ?? 'several';
}

function heaviest(own: WeighedHost | undefined): string | undefined {
  return own && weigherFor(own, { host: '', weight: 0, figures: [] });
}
