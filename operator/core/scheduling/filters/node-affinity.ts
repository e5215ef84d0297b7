import { NO_ARGS, type NoArgs } from '../args.ts';
import { valueColumn } from '../columns.ts';
import type { Filter } from './filter.ts';

/** The Node's labels, for all filters that read them. */
export const nodeLabels = valueColumn((host) => host.labels);

/**
 * The nodeSelector of kube-scheduler's NodeAffinity: a node that has all the labels that the guest's pod selects on. The
 * target of a live migration selects on the CPU model that the guest was started with. Arguments: none.
 */
export const nodeAffinityFilter: Filter<NoArgs> = {
  name: 'NodeAffinityFilter',
  reasons: [{ code: 'NodeLabelMissing', label: "without a label that the guest's pod selects on" }],
  defaults: NO_ARGS,
  settled: true,
  prepare({ nodeSelector = {} }, fleet) {
    const wanted = Object.entries(nodeSelector);
    if (wanted.length === 0) return 'skip';
    const { values } = fleet.column(nodeLabels);
    const missing = (host: number) => wanted.find(([key, value]) => values[host]?.[key] !== value);
    return {
      check: (host) => (missing(host) === undefined ? 0 : 1),
      detail: (host) => missing(host)?.join('='),
    };
  },
};
