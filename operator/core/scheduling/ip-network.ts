/** An address as a number, of 32 bits or 128. */
export interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** Undefined for what is no IPv4 or IPv6 address. */
export function parseAddress(text: string): Address | undefined {
  return text.includes(':') ? parseSix(text) : parseFour(text);
}

/** Whether an address is in the network of `ip` and `cidr` (`/24`); undefined where these do not make one. */
export function inNetwork(ip: string, cidr: string): ((address: Address) => boolean) | undefined {
  const base = parseAddress(ip);
  const length = /^\/\d{1,3}$/.test(cidr) ? Number(cidr.slice(1)) : Number.NaN;
  if (!base || !(length <= base.bits)) return undefined;
  const shift = BigInt(base.bits - length);
  return ({ bits, value }) => bits === base.bits && value >> shift === base.value >> shift;
}

function parseFour(text: string): Address | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256))
    return undefined;
  return { bits: 32, value: parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n) };
}

const GROUPS = 8;

/** `::` stands for as many zero groups as are missing, and is there once at most. */
function parseSix(text: string): Address | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const zeros = halves.length === 2 ? GROUPS - head.length - tail.length : 0;
  if (zeros < (halves.length === 2 ? 1 : 0)) return undefined;
  const groups = [...head, ...Array<string>(zeros).fill('0'), ...tail];
  if (groups.length !== GROUPS || !groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return { bits: 128, value: groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n) };
}
