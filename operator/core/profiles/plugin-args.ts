import type { Json, JsonArgs } from '../scheduling/args.ts';
import type { Filter } from '../scheduling/filters/filter.ts';
import type { Weigher } from '../scheduling/weighers/weigher.ts';

/** What is wrong with a filter's or weigher's arguments as a profile has them: `path: what; what to do`, one for each. */
export function argProblems(
  { name, defaults, nullable = [] }: Filter | Weigher,
  args: Readonly<Record<string, unknown>>,
  path: string,
): string[] {
  const known = Object.keys(defaults);
  return Object.entries(args).flatMap(([arg, value]) => {
    const wanted = (defaults as JsonArgs)[arg];
    const at = `${path}.${arg}`;
    if (wanted === undefined) {
      const choice = known.length > 0 ? `it has ${known.join(', ')}` : 'it has none';
      return [`${at}: ${name} has no such argument: ${choice}`];
    }
    if (JSON.stringify(value).length > MOST)
      return [`${at}: is longer than ${MOST} characters as JSON; shorten it`];
    if (value === null && nullable.includes(arg)) return [];
    const kind = kindOf(wanted);
    return kindOf(value) === kind ? [] : [`${at}: is ${kindOf(value)}; use ${asked(kind)}`];
  });
}

/** Characters of one argument, written as JSON. */
const MOST = 4096;

type Kind = 'a text' | 'a number' | 'a boolean' | 'a list of texts' | 'null' | 'something else';

function kindOf(value: unknown): Kind {
  if (typeof value === 'string') return 'a text';
  if (typeof value === 'number') return Number.isFinite(value) ? 'a number' : 'something else';
  if (typeof value === 'boolean') return 'a boolean';
  if (value === null) return 'null';
  return Array.isArray(value) && value.every((item: Json) => typeof item === 'string')
    ? 'a list of texts'
    : 'something else';
}

const asked = (kind: Kind): string => (kind === 'a boolean' ? 'true or false' : kind);
