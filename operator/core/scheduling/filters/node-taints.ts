import { NO_ARGS, type NoArgs } from '../args.ts';
import { valueColumn } from '../columns.ts';
import type { Taint, Toleration } from '../node-constraints.ts';
import type { Filter } from './filter.ts';

/** Taints that keep pods away; PreferNoSchedule does not. */
const taints = valueColumn((host) =>
  (host.taints ?? []).filter(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute'),
);

/** What the API server gives every pod (its DefaultTolerationSeconds plugin). Such a node is down: ComputeFilter says why. */
const OF_EVERY_POD: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
];

/**
 * kube-scheduler's TaintToleration: a node with a taint that the guest's pod does not tolerate is left out, a cordoned
 * one too. kube-scheduler would refuse it once the pod is pinned there. Arguments: none.
 */
export const nodeTaintsFilter: Filter<NoArgs> = {
  name: 'NodeTaintsFilter',
  reasons: [
    { code: 'NodeTainted', label: 'tainted' },
    { code: 'NodeCordoned', label: 'cordoned' },
  ],
  defaults: NO_ARGS,
  settled: true,
  prepare({ tolerations = [] }, fleet) {
    const { values } = fleet.column(taints);
    const own = [...OF_EVERY_POD, ...tolerations];
    const found = (host: number) => values[host]?.find((taint) => !own.some((one) => tolerates(one, taint)));
    return {
      check(host) {
        if (!values[host]?.length) return 0;
        const taint = found(host);
        if (taint === undefined) return 0;
        return taint.key === 'node.kubernetes.io/unschedulable' ? 2 : 1;
      },
      detail: (host) => found(host)?.key,
    };
  },
};

/** Kubernetes' rule (core/v1 Toleration.ToleratesTaint): without a key every taint, without an effect every effect. */
function tolerates({ key, operator = 'Equal', value = '', effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  if (operator === 'Exists') return true;
  return Boolean(key) && value === (taint.value ?? '');
}
