import { podRequest } from '#adapters/kubernetes/amounts.ts';
import type { Node, Pod } from '#adapters/kubernetes/types.ts';
import { pagesName } from '#core/flavors/guest-features.ts';
import { parseBytes, parseCount } from '#core/quantity.ts';
import type { Counts } from '#core/scheduling/pools.ts';

const MIB = 1024 * 1024;

/** Devices of these names that the kubelet offers, less those that other pods hold. */
export function deviceTotals(node: Node, others: readonly Pod[], names: Iterable<string>): Counts {
  const count = (amount: string | undefined) => parseCount(amount ?? '0', 'down');
  return totals(node, others, [...names], count);
}

/** Huge pages likewise, in pages: Kubernetes counts them in bytes. */
export function pageTotals(node: Node, others: readonly Pod[]): Counts {
  const sizes = ([2, 1024] as const).map((pageMiB) => {
    const pages = (amount: string | undefined) =>
      Math.floor(parseBytes(amount ?? '0', 'down') / (pageMiB * MIB));
    return totals(node, others, [pagesName(pageMiB)], pages);
  });
  return Object.assign({}, ...sizes);
}

function totals(
  { status }: Node,
  others: readonly Pod[],
  names: readonly string[],
  amountOf: (quantity: string | undefined) => number,
): Counts {
  const found = names.flatMap((name) => {
    const offered = amountOf(status?.allocatable?.[name]);
    const taken = others.reduce((sum, pod) => sum + podRequest(pod, name, amountOf), 0);
    return offered > 0 ? [[name, Math.max(0, offered - taken)] as const] : [];
  });
  return Object.fromEntries(found);
}
