import { ALWAYS_RUN } from '#core/profiles/profile-of.ts';
import type { Filter } from '#core/scheduling/filters/filter.ts';
import { FILTERS } from '#core/scheduling/filters/list.ts';
import { DEFAULT_PROFILE } from '#core/scheduling/profile.ts';
import { WEIGHERS } from '#core/scheduling/weighers/list.ts';
import type { Weigher } from '#core/scheduling/weighers/weigher.ts';
import { page, table } from './reference.ts';

/** Every filter and weigher that a SchedulerProfile can name, in Markdown. */
export function pluginsPage(): string {
  return page([
    '# Filters and weighers',
    'What a SchedulerProfile can name, in the order of the built-in profile. What each means, and how it compares with Nova, is in [Parity with Nova](../nova-parity.md) and at the head of its file in `operator/core/scheduling`.',
    '## Filters',
    'Those marked with * run whether a profile names them or not.',
    table(['Filter', 'Arguments and their defaults', 'Built-in profile', 'Reasons'], FILTERS.map(filterRow)),
    '## Weighers',
    table(
      ['Weigher', 'Multiplier', 'Arguments and their defaults', 'Built-in profile'],
      WEIGHERS.map(weigherRow),
    ),
  ]);
}

function filterRow(filter: Filter): string[] {
  const set = DEFAULT_PROFILE.filters.find((one) => one.filter === filter);
  const name = `\`${filter.name}\`${ALWAYS_RUN.includes(filter.name) ? ' *' : ''}`;
  const reasons = filter.reasons.map(({ code, label }) => `\`${code}\` (${label})`).join(', ');
  return [name, argsText(filter.defaults), argsText(set?.args ?? {}), reasons];
}

function weigherRow(weigher: Weigher): string[] {
  const set = DEFAULT_PROFILE.weighers.find((one) => one.weigher === weigher);
  return [
    `\`${weigher.name}\``,
    String(weigher.multiplier),
    argsText(weigher.defaults),
    argsText(set?.args ?? {}),
  ];
}

const argsText = (args: object): string =>
  Object.entries(args)
    .map(([name, value]) => `\`${name}: ${JSON.stringify(value)}\``)
    .join(', ');
