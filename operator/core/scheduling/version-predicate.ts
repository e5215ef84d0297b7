const PART = /^\s*(<=|>=|<|>|!=|==)\s*(\S+)\s*$/;
/** A version as Python's packaging reads it (PEP 440): epoch, release, pre-, post- and dev release, local part. */
const VERSION =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)([._-]?(?:alpha|a|beta|b|preview|pre|c|rc)[._-]?\d*)?(-\d+|[._-]?(?:post|rev|r)[._-]?\d*)?([._-]?dev[._-]?\d*)?(\+[a-z0-9]+(?:[._-][a-z0-9]+)*)?$/i;

type Compare = (order: number) => boolean;

const COMPARE: Readonly<Record<string, Compare>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '==': (order) => order === 0,
  '!=': (order) => order !== 0,
  '>=': (order) => order >= 0,
  '>': (order) => order > 0,
};

/** What a hypervisor's version, which is a release, is compared with. */
interface Bound {
  readonly epoch: number;
  readonly release: readonly number[];
  /** Where it stands to its own release: -1 before it (6.0rc1), 1 after it (6.0.post1), 0 the release itself. */
  readonly side: -1 | 0 | 1;
}

/** Nova's predicates of versions, `>=6.0,<7.0`: all must hold. Undefined for a text that is none. */
export function parseVersionPredicate(text: string): ((version: readonly number[]) => boolean) | undefined {
  const tests = text.split(',').map(testOf);
  if (!tests.every((test) => test !== undefined)) return undefined;
  return (version) => tests.every(({ compare, than }) => compare(orderOf(version, than)));
}

/** 8002001 is 8.2.1, as Nova writes versions of hypervisors. */
export function versionParts(version: number): number[] {
  const parts: number[] = [];
  for (let rest = version; rest > 0; rest = Math.floor(rest / 1000)) parts.unshift(rest % 1000);
  return parts;
}

function testOf(text: string): { readonly compare: Compare; readonly than: Bound } | undefined {
  const [, operator = '', version = ''] = PART.exec(text) ?? [];
  const [compare, than] = [COMPARE[operator], boundOf(version)];
  return compare && than && { compare, than };
}

function boundOf(text: string): Bound | undefined {
  const found = VERSION.exec(text);
  if (!found) return undefined;
  const [, epoch = '0', release = '', pre, post, dev, local] = found;
  return {
    epoch: Number(epoch),
    release: release.split('.').map(Number),
    side: sideOf(pre, post, dev, local),
  };
}

function sideOf(pre?: string, post?: string, dev?: string, local?: string): Bound['side'] {
  if (pre || (dev && !post)) return -1;
  return post || local ? 1 : 0;
}

/** Missing parts are 0: 6.0 is 6.0.0. */
function orderOf(version: readonly number[], { epoch, release, side }: Bound): number {
  if (epoch > 0) return -1;
  for (let i = 0; i < Math.max(version.length, release.length); i += 1) {
    const difference = (version[i] ?? 0) - (release[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return -side;
}
