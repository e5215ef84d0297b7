import type { Json } from './args.ts';
import { parsePythonJson } from './python-json.ts';
import { compareTexts, type PythonJson } from './python-text.ts';

/** What a query comes to for one host. `malformed`: Nova fails the request. */
export type QueryAnswer = 'holds' | 'fails' | 'malformed';
export type Query = (attribute: (name: string) => Json | undefined) => QueryAnswer;

/** Bounds of what is evaluated for every host. */
const MOST_CHARACTERS = 4096;
const MOST_DEPTH = 16;

type Lookup = (name: string) => Json | undefined;

class Malformed extends Error {}

/**
 * Nova's query language: lists of an operator and its operands, `=` `<` `>` `<=` `>=` `in` `not` `and` `or`. A text that
 * starts with $ is an attribute, `$stats.gpu` an entry of one; what is not known drops out. Nothing is ever executed.
 */
export function parseQuery(text: string): Query {
  if (text === '') return () => 'holds';
  const query = parse(text);
  if (query === undefined) return () => 'malformed';
  return (attribute) => {
    try {
      const result = evaluate(query, attribute, 0);
      return (isList(result) ? result.some(isTrue) : isTrue(result)) ? 'holds' : 'fails';
    } catch (error) {
      if (error instanceof Malformed) return 'malformed';
      throw error;
    }
  };
}

function parse(text: string): PythonJson | undefined {
  return text.length > MOST_CHARACTERS ? undefined : parsePythonJson(text);
}

/** A query that is a text is a list of its characters, as everything is in Python that can be indexed. */
function evaluate(query: PythonJson, attribute: Lookup, depth: number): PythonJson {
  if (!isTrue(query)) return true;
  const parts = typeof query === 'string' ? [...query] : query;
  if (!isList(parts) || depth > MOST_DEPTH) throw new Malformed();
  const [name, ...operands] = parts;
  const operator = typeof name === 'string' && Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
  if (!operator) throw new Malformed();
  const values = operands.map((operand) => operandOf(operand, attribute, depth + 1));
  return operator(values.filter((value) => value !== null));
}

function operandOf(operand: PythonJson, attribute: Lookup, depth: number): PythonJson {
  if (isList(operand)) return evaluate(operand, attribute, depth);
  if (typeof operand !== 'string') return operand;
  if (operand === '') return null;
  return operand.startsWith('$') ? lookUp(operand.slice(1).split('.'), attribute) : operand;
}

function lookUp([name = '', ...path]: readonly string[], attribute: Lookup): Json {
  let value: Json = attribute(name) ?? null;
  for (const step of path) {
    if (value === null) return null;
    if (typeof value !== 'object' || Array.isArray(value)) throw new Malformed();
    value = (Object.hasOwn(value, step) ? (value as { readonly [key: string]: Json })[step] : null) ?? null;
  }
  return value;
}

const OPERATORS: Readonly<Record<string, (values: readonly PythonJson[]) => PythonJson>> = {
  '=': comparing(isEqual),
  '<': comparing(isOrdered((order) => order < 0)),
  '>': comparing(isOrdered((order) => order > 0)),
  '<=': comparing(isOrdered((order) => order <= 0)),
  '>=': comparing(isOrdered((order) => order >= 0)),
  in: ([first, ...others]) => others.some((other) => isEqual(first ?? null, other)),
  not: (values) => values.map((value) => !isTrue(value)),
  and: (values) => values.every(isTrue),
  or: (values) => values.some(isTrue),
};

type Holds = (a: PythonJson, b: PythonJson) => boolean;

/** The first operand against each of the others, to the last; with none there is nothing that holds. */
function comparing(holds: Holds): (values: readonly PythonJson[]) => boolean {
  return ([first, ...others]) => {
    const answers = others.map((other) => holds(first ?? null, other));
    return answers.length > 0 && answers.every(Boolean);
  };
}

function isList(value: PythonJson | undefined): value is readonly PythonJson[] {
  return Array.isArray(value);
}

/** Python's bool(value). */
function isTrue(value: PythonJson): boolean {
  if (isList(value)) return value.length > 0;
  return typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value);
}

/** Python's ==: true is 1, and 1.0 too. */
function isEqual(a: PythonJson, b: PythonJson): boolean {
  const [one, other] = [asNumber(a), asNumber(b)];
  if (one !== undefined && other !== undefined) return one <= other && one >= other;
  if (isList(a) && isList(b))
    return a.length === b.length && a.every((entry, i) => isEqual(entry, b[i] ?? null));
  return isEntries(a) && isEntries(b) ? areEqualEntries(a, b) : a === b;
}

type Entries = { readonly [key: string]: PythonJson };

function isEntries(value: PythonJson): value is Entries {
  return typeof value === 'object' && value !== null && !isList(value);
}

function areEqualEntries(a: Entries, b: Entries): boolean {
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key] ?? null, b[key] ?? null))
  );
}

function isOrdered(holds: (order: number) => boolean): Holds {
  return (a, b) => holds(order(a, b));
}

/** Python's < and >: numbers with numbers, texts with texts, lists by their first entries that differ, else it raises. */
function order(a: PythonJson, b: PythonJson): number {
  const [one, other] = [asNumber(a), asNumber(b)];
  if (one !== undefined && other !== undefined) return orderOfNumbers(one, other);
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b);
  if (!isList(a) || !isList(b)) throw new Malformed();
  const at = a.findIndex((entry, i) => i >= b.length || !isEqual(entry, b[i] ?? null));
  if (at < 0 || at >= b.length) return a.length - b.length;
  return order(a[at] ?? null, b[at] ?? null);
}

/** NaN, of which no comparison holds, where one of them is NaN. */
function orderOfNumbers(one: number | bigint, other: number | bigint): number {
  if (one < other) return -1;
  if (one > other) return 1;
  return one <= other ? 0 : Number.NaN;
}

function asNumber(value: PythonJson): number | bigint | undefined {
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'number' || typeof value === 'bigint' ? value : undefined;
}
