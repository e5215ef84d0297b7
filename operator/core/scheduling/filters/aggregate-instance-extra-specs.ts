import { NO_ARGS, type NoArgs } from '../args.ts';
import { valueColumn } from '../columns.ts';
import { parseRequirement, type Requirement } from '../extra-spec-ops.ts';
import { aggregateTexts } from './aggregate-texts.ts';
import type { Filter } from './filter.ts';

const SCOPE = 'aggregate_instance_extra_specs';

const MISSING = 1;
const MISMATCH = 2;
const UNREADABLE = 3;

const metadata = valueColumn((host) => aggregateTexts(host.aggregates));

/**
 * Nova's AggregateInstanceExtraSpecsFilter: each extra spec of the flavor that has no scope, or the scope
 * `aggregate_instance_extra_specs`, must be met by one of the values that the host's aggregates have under its key.
 * Nova fails the request when a number is asked for and a value is none; here such a value is met by nothing.
 * Arguments: none.
 */
export const aggregateInstanceExtraSpecsFilter: Filter<NoArgs> = {
  name: 'AggregateInstanceExtraSpecsFilter',
  reasons: [
    { code: 'AggregateKeyMissing', label: 'no aggregate with the extra spec' },
    { code: 'AggregateValueMismatch', label: 'other value in the aggregate' },
    { code: 'AggregateValueUnreadable', label: 'not a number in the aggregate' },
  ],
  defaults: NO_ARGS,
  prepare(request, fleet) {
    const asked = Object.entries(request.flavor?.extraSpecs ?? {}).flatMap(([name, text]) => {
      const key = keyOf(name);
      return key === undefined ? [] : [{ key, requirement: parseRequirement(text) }];
    });
    if (asked.length === 0) return 'skip';
    const texts = fleet.column(metadata);
    return {
      check(host) {
        for (let i = 0; i < asked.length; i += 1) {
          const { key, requirement } = asked[i] as (typeof asked)[number];
          const refusal = judge(requirement, texts.values[host]?.get(key));
          if (refusal !== 0) return refusal;
        }
        return 0;
      },
      detail(host) {
        const failed = asked.find(
          ({ key, requirement }) => judge(requirement, texts.values[host]?.get(key)) !== 0,
        );
        return failed?.key;
      },
    };
  },
};

/** The aggregate's key that an extra spec is about; undefined when it is another's business (`hw:cpu_policy`). */
function keyOf(name: string): string | undefined {
  const colon = name.indexOf(':');
  if (colon < 0) return name;
  return name.slice(0, colon) === SCOPE ? name.slice(colon + 1) : undefined;
}

function judge(requirement: Requirement, values: ReadonlySet<string> | undefined): number {
  if (values === undefined) return MISSING;
  let refusal = MISMATCH;
  for (const value of values) {
    const answer = requirement(value);
    if (answer === 'matches') return 0;
    if (answer === 'unreadable') refusal = UNREADABLE;
  }
  return refusal;
}
