const decimal = /^[1-9]\d*$/;

/**
 * Whether resourceVersion `a` is newer than `b`. They are etcd's revisions, decimal numbers without leading zeros
 * (comparable by promise since KEP-5504, in fact since ever). Where one is not, the answer is that it differs.
 */
export function isNewer(a: string, b: string): boolean {
  if (!decimal.test(a) || !decimal.test(b)) return a !== b;
  if (a.length !== b.length) return a.length > b.length;
  return a > b;
}
