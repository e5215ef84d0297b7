import { NO_ARGS, type NoArgs } from '../args.ts';
import type { Filter } from './filter.ts';
import { nodeLabels } from './node-affinity.ts';
import { PoolAsk } from './pool-ask.ts';

/** virt-handler says by it that the kubelet's CPU manager gives containers CPUs of their own (policy static). */
const CPU_MANAGER = 'cpumanager';

const NO_CPU_MANAGER = 1;
const NO_PAGES = 2;
const SHORT = 3;

/**
 * Nova's NUMATopologyFilter, for what KubeVirt's guests can ask of a node: CPUs of their own need a kubelet that gives them, and
 * huge pages have to be there. How many CPUs are free is ResourceFit's question. Which CPUs and which NUMA nodes the guest
 * gets is decided by the kubelet, which tells nobody in advance. Arguments: none.
 */
export const numaTopologyFilter: Filter<NoArgs> = {
  name: 'NUMATopologyFilter',
  reasons: [
    { code: 'CpuManagerMissing', label: 'gives no dedicated CPUs' },
    { code: 'HugepagesMissing', label: 'without huge pages of the size' },
    { code: 'InsufficientHugepages', label: 'huge pages' },
  ],
  defaults: NO_ARGS,
  prepare({ resources }, fleet) {
    const isDedicated = (resources.dedicatedCpus ?? 0) > 0;
    const ask = new PoolAsk(fleet.hugepages, resources.hugepages);
    if (!isDedicated && ask.asksForNothing) return 'skip';
    const { values: labels } = fleet.column(nodeLabels);
    return {
      check(host) {
        if (isDedicated && labels[host]?.[CPU_MANAGER] !== 'true') return NO_CPU_MANAGER;
        if (ask.fits(host)) return 0;
        return ask.lacking(host) === undefined ? SHORT : NO_PAGES;
      },
      detail: (host) => ask.lacking(host),
      distance: (host) => (ask.fits(host) ? Number.MAX_VALUE : ask.distance(host)),
      shortfalls: (host) => ask.shortfalls(host, 'page'),
      room: (host) => ask.room(host),
    };
  },
};
