import { NO_ARGS, type NoArgs } from '../args.ts';
import { parseRequirement, type Requirement } from '../extra-spec-ops.ts';
import { FLOATS, HostAttributes, NOVA_ATTRIBUTES } from '../host-attributes.ts';
import { parsePythonJson } from '../python-json.ts';
import { asPythonText, type PythonJson, pythonText } from '../python-text.ts';
import type { Filter } from './filter.ts';

const SCOPE = 'capabilities';
const ADDRESS_BITS = 'hw:maxphysaddr_bits';
const ADDRESS_BITS_PATH = ['cpu_info', 'maxphysaddr', 'bits'];
const ADDRESS_BITS_KEY = [SCOPE, ...ADDRESS_BITS_PATH].join(':');

interface Asked {
  readonly key: string;
  readonly path: readonly string[];
  readonly requirement: Requirement;
  /** A capability that no host has is nobody's business, unless it is asked for with the scope or by Nova's own name. */
  readonly mayBeMissing: boolean;
}

const MISSING = 1;
const MISMATCH = 2;
const UNREADABLE = 3;

/**
 * Nova's ComputeCapabilitiesFilter: extra specs of the flavor without a scope, or with the scope `capabilities`, are
 * requirements of a host's attribute, by the names of Nova's HostState (`capabilities:cpu_info:features`,
 * `<in> avx2`); what is no attribute is looked for in `stats`. `hw:maxphysaddr_bits` is asked of the host's CPU.
 * Nova fails the request when a number is asked for and there is none; here the host is turned away. Arguments: none.
 */
export const computeCapabilitiesFilter: Filter<NoArgs> = {
  name: 'ComputeCapabilitiesFilter',
  reasons: [
    { code: 'CapabilityMissing', label: 'without the capability' },
    { code: 'CapabilityMismatch', label: 'other capability' },
    { code: 'CapabilityUnreadable', label: 'capability is no number' },
  ],
  defaults: NO_ARGS,
  prepare({ flavor }, fleet) {
    const extraSpecs = flavor?.extraSpecs ?? {};
    const asked = Object.entries(extraSpecs)
      .filter(([key]) => key !== ADDRESS_BITS_KEY || !Object.hasOwn(extraSpecs, ADDRESS_BITS))
      .flatMap(([key, text]) => askedOf(key, text));
    if (asked.length === 0) return 'skip';
    const attributes = new HostAttributes(fleet);
    const judge = (host: number, one: Asked) => refusalOf(one, textAt(attributes, host, one.path));
    return {
      check(host) {
        for (let i = 0; i < asked.length; i += 1) {
          const refusal = judge(host, asked[i] as Asked);
          if (refusal !== 0) return refusal;
        }
        return 0;
      },
      detail: (host) => asked.find((one) => judge(host, one) !== 0)?.key,
    };
  },
};

function askedOf(key: string, text: string): Asked[] {
  if (key === ADDRESS_BITS) {
    return [
      { key, path: ADDRESS_BITS_PATH, requirement: parseRequirement(`>= ${text}`), mayBeMissing: false },
    ];
  }
  const path = key.split(':');
  const scoped = path.length > 1;
  if (scoped && path[0] !== SCOPE) return [];
  return [
    {
      key,
      path: scoped ? path.slice(1) : path,
      requirement: parseRequirement(text),
      mayBeMissing: !scoped && !NOVA_ATTRIBUTES.has(key),
    },
  ];
}

function refusalOf({ requirement, mayBeMissing }: Asked, text: string | undefined): number {
  if (text === undefined) return mayBeMissing ? 0 : MISSING;
  const answer = requirement(text);
  if (answer === 'matches') return 0;
  return answer === 'unreadable' ? UNREADABLE : MISMATCH;
}

/** The capability as Python writes it; undefined where there is none. */
function textAt(
  attributes: HostAttributes,
  host: number,
  [name = '', ...path]: readonly string[],
): string | undefined {
  const value = attributes.get(host, name) ?? entryOf(attributes.get(host, 'stats'), name);
  if (value === undefined || value === null) return undefined;
  if (path.length > 0) return textWithin(value, path);
  return FLOATS.has(name) ? pythonText(value) : asPythonText(value);
}

/** Only of a number in a text it is known whether it is an int or a float. */
function textWithin(value: PythonJson, path: readonly string[]): string | undefined {
  let within: PythonJson | undefined = value;
  let write = asPythonText;
  for (const step of path) {
    if (typeof within === 'string') {
      within = parsePythonJson(within);
      write = pythonText;
    }
    within = entryOf(within, step);
  }
  return within === undefined || within === null ? undefined : write(within);
}

function entryOf(value: PythonJson | undefined, key: string): PythonJson | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, key) ? (value as { readonly [key: string]: PythonJson })[key] : undefined;
}
