import type { Json } from './args.ts';

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
      return (Array.isArray(result) ? result.some(isTrue) : isTrue(result)) ? 'holds' : 'fails';
    } catch (error) {
      if (error instanceof Malformed) return 'malformed';
      throw error;
    }
  };
}

function parse(text: string): Json | undefined {
  if (text.length > MOST_CHARACTERS) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function evaluate(query: Json, attribute: Lookup, depth: number): Json {
  if (!isTrue(query)) return true;
  if (!Array.isArray(query) || depth > MOST_DEPTH) throw new Malformed();
  const [name, ...operands] = query as readonly Json[];
  const operator = typeof name === 'string' && Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
  if (!operator) throw new Malformed();
  const values = operands.map((operand) => operandOf(operand, attribute, depth + 1));
  return operator(values.filter((value) => value !== null));
}

function operandOf(operand: Json, attribute: Lookup, depth: number): Json {
  if (Array.isArray(operand)) return evaluate(operand, attribute, depth);
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

const OPERATORS: Readonly<Record<string, (values: readonly Json[]) => Json>> = {
  '=': comparing(isEqual),
  '<': comparing((a, b) => order(a, b) < 0),
  '>': comparing((a, b) => order(a, b) > 0),
  '<=': comparing((a, b) => order(a, b) <= 0),
  '>=': comparing((a, b) => order(a, b) >= 0),
  in: ([first, ...others]) => others.length > 0 && others.some((other) => isEqual(first ?? null, other)),
  not: (values) => values.map((value) => !isTrue(value)),
  and: (values) => values.every(isTrue),
  or: (values) => values.some(isTrue),
};

/** The first operand against each of the others; with none there is nothing that holds. */
function comparing(holds: (a: Json, b: Json) => boolean): (values: readonly Json[]) => boolean {
  return ([first, ...others]) => others.length > 0 && others.every((other) => holds(first ?? null, other));
}

/** Python's bool(value). */
function isTrue(value: Json): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value);
}

/** Python's ==: true is 1. */
function isEqual(a: Json, b: Json): boolean {
  const [one, other] = [asNumber(a), asNumber(b)];
  if (one !== undefined && other !== undefined) return one === other;
  return typeof a === typeof b && JSON.stringify(a) === JSON.stringify(b);
}

/** Python's < and >: numbers with numbers and texts with texts, else it raises. */
function order(a: Json, b: Json): number {
  const [one, other] = [asNumber(a), asNumber(b)];
  if (one !== undefined && other !== undefined) return one - other;
  if (typeof a !== 'string' || typeof b !== 'string') throw new Malformed();
  return a < b ? -1 : Number(a > b);
}

function asNumber(value: Json): number | undefined {
  return typeof value === 'number' || typeof value === 'boolean' ? Number(value) : undefined;
}
