const PART = /^\s*(<=|>=|<|>|!=|==)\s*(\d+(?:\.\d+)*)\s*$/;

type Compare = (order: number) => boolean;

const COMPARE: Readonly<Record<string, Compare>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '==': (order) => order === 0,
  '!=': (order) => order !== 0,
  '>=': (order) => order >= 0,
  '>': (order) => order > 0,
};

/** Nova's predicates of versions, `>=6.0,<7.0`: all must hold. Undefined for a text that is none. */
export function parseVersionPredicate(text: string): ((version: readonly number[]) => boolean) | undefined {
  const parts = text.split(',').map((part) => PART.exec(part));
  if (parts.some((part) => part === null)) return undefined;
  const tests = parts.map((part) => ({
    compare: COMPARE[part?.[1] ?? ''],
    than: numbersOf(part?.[2] ?? ''),
  }));
  return (version) => tests.every(({ compare, than }) => compare?.(orderOf(version, than)) === true);
}

/** 8002001 is 8.2.1, as Nova writes versions of hypervisors. */
export function versionParts(version: number): number[] {
  return [Math.floor(version / 1_000_000), Math.floor(version / 1000) % 1000, version % 1000];
}

const numbersOf = (text: string): number[] => text.split('.').map(Number);

/** Missing parts are 0: 6.0 is 6.0.0. */
function orderOf(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
