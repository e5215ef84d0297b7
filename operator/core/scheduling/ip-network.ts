import { parseInteger } from './python-text.ts';

/** An address as a number, of 32 bits or 128. */
export interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** Undefined for what is no IPv4 or IPv6 address. */
export function parseAddress(text: string): Address | undefined {
  return text.includes(':') ? parseSix(text) : parseFour(text);
}

/**
 * Whether an address is in the network that `text` writes; undefined where it writes none. As Nova reads it:
 * `192.0.2.0/24`, `192.0.2.0/255.255.255.0`, `192.0.2.0/0.0.0.255`, or an address alone, which is its own network.
 */
export function inNetwork(text: string): ((address: Address) => boolean) | undefined {
  const slash = text.indexOf('/');
  const base = parseAddress(slash < 0 ? text : text.slice(0, slash));
  const length = base && (slash < 0 ? base.bits : lengthOf(text.slice(slash + 1), base));
  if (!base || length === undefined) return undefined;
  const shift = BigInt(base.bits - length);
  return ({ bits, value }) => bits === base.bits && value >> shift === base.value >> shift;
}

function lengthOf(text: string, { bits }: Address): number | undefined {
  const length = parseInteger(text);
  if (length !== undefined) return length >= 0 && length <= bits ? length : undefined;
  const mask = parseAddress(text);
  return mask?.bits === bits ? (onesOf(mask) ?? onesOf(inverse(mask))) : undefined;
}

/** How many ones a netmask begins with; undefined for what is none. */
function onesOf({ bits, value }: Address): number | undefined {
  const zeros = ((1n << BigInt(bits)) - 1n) ^ value;
  return (zeros & (zeros + 1n)) === 0n ? bits - (zeros === 0n ? 0 : zeros.toString(2).length) : undefined;
}

/** A hostmask has its ones where a netmask has zeros. */
function inverse({ bits, value }: Address): Address {
  return { bits, value: ((1n << BigInt(bits)) - 1n) ^ value };
}

function parseFour(text: string): Address | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined;
  return { bits: 32, value: parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n) };
}

const GROUPS = 8;

/** `::` stands for as many zero groups as are missing, and is there once at most; the end may be an IPv4 address. */
function parseSix(text: string): Address | undefined {
  const halves = withoutDots(text).split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const zeros = halves.length === 2 ? GROUPS - head.length - tail.length : 0;
  if (zeros < (halves.length === 2 ? 1 : 0)) return undefined;
  const groups = [...head, ...Array<string>(zeros).fill('0'), ...tail];
  if (groups.length !== GROUPS || !groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return { bits: 128, value: groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n) };
}

/** `::ffff:192.0.2.1` in groups alone. */
function withoutDots(text: string): string {
  const end = text.slice(text.lastIndexOf(':') + 1);
  const four = parseFour(end);
  if (!four) return text;
  const groups = [four.value >> 16n, four.value & 0xffffn].map((group) => group.toString(16));
  return text.slice(0, text.length - end.length) + groups.join(':');
}
