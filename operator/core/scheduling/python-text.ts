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
  const plain = withPlainDigits(strip(text));
  return INT.test(plain) ? Number(plain.replaceAll('_', '')) : undefined;
}

/** float(text), or undefined where Python raises ValueError. "nan" is a float. */
export function parseFloating(text: string): number | undefined {
  const plain = withPlainDigits(strip(text)).toLowerCase();
  if (!FLOAT.test(plain)) return undefined;
  if (plain.includes('nan')) return Number.NaN;
  if (plain.includes('inf')) return plain.startsWith('-') ? -Infinity : Infinity;
  return Number(plain.replaceAll('_', ''));
}

/** Python takes the decimal digits of every script. Each script has its ten in a row, from 0 on. */
function withPlainDigits(text: string): string {
  return text.replace(/(?![0-9])\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0) ?? 0;
    let first = code;
    while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first -= 1;
    return String((code - first) % 10);
  });
}

/** Below 0, 0 or above it, as Python orders texts: by code points, where JavaScript has UTF-16's units. */
export function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  if (at === length) return a.length - b.length;
  return inCodePointOrder(a.charCodeAt(at)) - inCodePointOrder(b.charCodeAt(at));
}

/** Surrogates stand for code points above all others. */
function inCodePointOrder(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** JSON as Python reads it: a bigint is an int, a number a float. */
export type PythonJson =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly PythonJson[]
  | { readonly [key: string]: PythonJson };

/** str(value). Whole numbers are ints: JSON that JavaScript read does not say otherwise. */
export function asPythonText(value: PythonJson): string {
  return typeof value === 'string' ? value : repr(value, (number) => numberText(number, ''));
}

/** str(value) */
export function pythonText(value: PythonJson): string {
  return typeof value === 'string' ? value : repr(value, (number) => numberText(number, '.0'));
}

function repr(value: PythonJson, write: (number: number) => string): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return write(value);
  if (isList(value)) return `[${value.map((entry) => repr(entry, write)).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, entry]) => `${quoted(key)}: ${repr(entry, write)}`)
    .join(', ')}}`;
}

function isList(value: PythonJson): value is readonly PythonJson[] {
  return Array.isArray(value);
}

/** Both languages write the fewest digits that say which float it is; Python has an exponent from 1e16 and 1e-5 on. */
function numberText(value: number, wholeSuffix: string): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return `-0${wholeSuffix}`;
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  const places = Number(exponent);
  if (value === 0 || (places >= -4 && places < 16))
    return Number.isInteger(value) ? `${value}${wholeSuffix}` : fixed(value, places, digits);
  return `${digits}e${places < 0 ? '-' : '+'}${String(Math.abs(places)).padStart(2, '0')}`;
}

function fixed(value: number, places: number, digits: string): string {
  const behindPoint = digits.replace('-', '').replace('.', '').length - 1 - places;
  return value.toFixed(behindPoint);
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
/** What str.isprintable() says no to, but the backslash; a space is printable, other separators are not. */
const UNPRINTABLE = /\\|(?! )[\p{C}\p{Z}]/gu;

function quoted(text: string): string {
  const escaped = text.replace(UNPRINTABLE, (character) => ESCAPES[character] ?? coded(character));
  return escaped.includes("'") && !escaped.includes('"')
    ? `"${escaped}"`
    : `'${escaped.replaceAll("'", "\\'")}'`;
}

function coded(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
