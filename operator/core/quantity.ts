/**
 * Kubernetes quantities ("500m", "1.5Gi", "1e3"), read exactly.
 * Source: k8s.io/apimachinery pkg/api/resource/quantity.go (the grammar at type Quantity).
 */

/** An exact amount: numerator / denominator, the denominator a power of ten. */
interface Exact {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Which way a fraction goes: a request up, a capacity down, so that what was promised is always there. */
export type Rounding = 'up' | 'down';

const SUFFIX_FACTORS: Readonly<Record<string, Exact>> = {
  n: { numerator: 1n, denominator: 10n ** 9n },
  u: { numerator: 1n, denominator: 10n ** 6n },
  m: { numerator: 1n, denominator: 10n ** 3n },
  '': { numerator: 1n, denominator: 1n },
  ...powers(1000n, ['k', 'M', 'G', 'T', 'P', 'E']),
  ...powers(1024n, ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']),
};

const QUANTITY = /^([+-]?)(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d{1,2})|([numkMGTPE]|[KMGTPE]i)?)$/;
const LONGEST = 64;

/** What could not be read, and why. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError';
}

/** A quantity of bytes in MiB. */
export function parseMiB(text: string, rounding: Rounding): number {
  return wholeNumber(parse(text), 1024n ** 2n, 1n, rounding, text);
}

/** A quantity of bytes in GiB. */
export function parseGiB(text: string, rounding: Rounding): number {
  return wholeNumber(parse(text), 1024n ** 3n, 1n, rounding, text);
}

export function parseBytes(text: string, rounding: Rounding): number {
  return wholeNumber(parse(text), 1n, 1n, rounding, text);
}

/** A quantity of CPUs, or of anything counted, in thousandths. */
export function parseMilli(text: string, rounding: Rounding): number {
  return wholeNumber(parse(text), 1n, 1000n, rounding, text);
}

/** A quantity that counts: CPUs as whole ones. */
export function parseCount(text: string, rounding: Rounding): number {
  return wholeNumber(parse(text), 1n, 1n, rounding, text);
}

/** Bytes as Kubernetes writes them: in the largest binary unit that leaves a whole number. */
export function formatBytes(bytes: number): string {
  const units = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
  let amount = safeInteger(bytes);
  let unit = 0;
  for (; amount !== 0n && amount % 1024n === 0n && unit < units.length - 1; unit += 1) amount /= 1024n;
  return `${amount}${units[unit]}`;
}

export function formatMiB(mebibytes: number): string {
  return formatBytes(mebibytes * 1024 * 1024);
}

/** Thousandths as Kubernetes writes CPUs: "2" or "1500m". */
export function formatMilli(milli: number): string {
  const amount = safeInteger(milli);
  return amount % 1000n === 0n ? `${amount / 1000n}` : `${amount}m`;
}

function parse(text: string): Exact {
  const match = text.length > LONGEST ? null : QUANTITY.exec(text);
  if (match === null) throw new QuantityError(`${show(text)} is not a quantity: ${whyNot(text)}`);
  const [, sign = '', digits = '', exponent, suffix = ''] = match;
  const [whole = '', fraction = ''] = digits.split('.');
  const magnitude = BigInt(whole + fraction);
  const factor = exponent === undefined ? SUFFIX_FACTORS[suffix] : powerOfTen(Number(exponent));
  if (factor === undefined) throw new QuantityError(`${show(text)} has the unknown suffix "${suffix}"`);
  return {
    numerator: (sign === '-' ? -magnitude : magnitude) * factor.numerator,
    denominator: 10n ** BigInt(fraction.length) * factor.denominator,
  };
}

function wholeNumber(exact: Exact, unit: bigint, perUnit: bigint, rounding: Rounding, text: string): number {
  const numerator = exact.numerator * perUnit;
  const denominator = exact.denominator * unit;
  const down = numerator / denominator - (numerator < 0n && numerator % denominator !== 0n ? 1n : 0n);
  const whole = rounding === 'up' && down * denominator !== numerator ? down + 1n : down;
  const number = Number(whole);
  if (!Number.isSafeInteger(number)) throw new QuantityError(`${show(text)} is too large`);
  return number;
}

function whyNot(text: string): string {
  if (text === '') return 'it is empty';
  if (text.length > LONGEST) return `it is longer than ${LONGEST} characters`;
  const suffix = /^[+-]?(?:\d+\.?\d*|\.\d+)(.+)$/.exec(text)?.[1];
  if (suffix === undefined) return 'it does not start with a number';
  return `"${suffix}" is not one of the suffixes n u m k M G T P E Ki Mi Gi Ti Pi Ei, nor an exponent`;
}

function show(text: string): string {
  return JSON.stringify(text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text);
}

function powers(base: bigint, suffixes: readonly string[]): Record<string, Exact> {
  return Object.fromEntries(
    suffixes.map((suffix, i) => [suffix, { numerator: base ** BigInt(i + 1), denominator: 1n }]),
  );
}

function powerOfTen(exponent: number): Exact {
  const power = 10n ** BigInt(Math.abs(exponent));
  return exponent < 0 ? { numerator: 1n, denominator: power } : { numerator: power, denominator: 1n };
}

function safeInteger(value: number): bigint {
  if (!Number.isSafeInteger(value))
    throw new QuantityError(`${value} is not a whole number that can be written exactly`);
  return BigInt(value);
}
