import { NO_ARGS, type NoArgs } from '../args.ts';
import { selectorText, selectsNode } from '../node-selector.ts';
import type { Filter } from './filter.ts';
import { nodeLabels } from './node-affinity.ts';

/**
 * kube-scheduler's VolumeBinding, as far as it is about places: every volume of the guest can be reached from the node. A bound
 * volume says from where by its node affinity, one that is not there yet by the topologies that its storage class allows.
 * Arguments: none.
 */
export const volumeTopologyFilter: Filter<NoArgs> = {
  name: 'VolumeTopologyFilter',
  reasons: [{ code: 'VolumeElsewhere', label: 'a volume is not reached from there' }],
  defaults: NO_ARGS,
  settled: true,
  prepare({ volumes = [] }, fleet) {
    if (volumes.length === 0) return 'skip';
    const { values: labels } = fleet.column(nodeLabels);
    const outOfReach = (host: number) =>
      volumes.find((selector) => !selectsNode(selector, fleet.nameOf(host), labels[host]));
    return {
      check: (host) => (outOfReach(host) === undefined ? 0 : 1),
      detail(host) {
        const selector = outOfReach(host);
        return selector && `the volume is where ${selectorText(selector)}`;
      },
    };
  },
};
