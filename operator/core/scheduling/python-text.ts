import type { Json } from './args.ts';

/**
 * Numbers and texts as Python reads and writes them. Nova compares what operators and tenants typed by Python's own
 * rules, and whoever moves here typed it for Nova.
 */

/** What str.strip() takes off: JavaScript's white space, four separators and NEL, but no byte order mark. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are white space to Python.
const SPACE = /[\t-\r\u001c- \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
const SPACES = new RegExp(`${SPACE.source}+`);
const OUTER_SPACES = new RegExp(`^${SPACE.source}+|${SPACE.source}+$`, 'g');

const INT = /^[+-]?\d+(?:_\d+)*$/;
const FLOAT =
  /^[+-]?(?:(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+(?:_\d+)*)?|inf(?:inity)?|nan)$/i;

/** str.strip() */
export function strip(text: string): string {
  return text.replace(OUTER_SPACES, '');
}

/** str.split(): the words, without any white space. */
export function words(text: string): string[] {
  return text.split(SPACES).filter((word) => word !== '');
}

/** int(text), or undefined where Python raises ValueError: "3.5", "1e3", "". */
export function parseInteger(text: string): number | undefined {
  const plain = strip(text);
  return INT.test(plain) ? Number(plain.replaceAll('_', '')) : undefined;
}

/** float(text), or undefined where Python raises ValueError. "nan" is a float. */
export function parseFloating(text: string): number | undefined {
  const plain = strip(text).toLowerCase();
  if (!FLOAT.test(plain)) return undefined;
  if (plain.includes('nan')) return Number.NaN;
  if (plain.includes('inf')) return plain.startsWith('-') ? -Infinity : Infinity;
  return Number(plain.replaceAll('_', ''));
}

/** str(value) */
export function asPythonText(value: Json): string {
  return typeof value === 'string' ? value : repr(value);
}

function repr(value: Json): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number') return String(value);
  if (isList(value)) return `[${value.map(repr).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, entry]) => `${quoted(key)}: ${repr(entry)}`)
    .join(', ')}}`;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function quoted(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\');
  return escaped.includes("'") && !escaped.includes('"')
    ? `"${escaped}"`
    : `'${escaped.replaceAll("'", "\\'")}'`;
}
