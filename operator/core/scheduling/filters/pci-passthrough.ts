import { NO_ARGS, type NoArgs } from '../args.ts';
import type { Filter } from './filter.ts';
import { PoolAsk } from './pool-ask.ts';

const MISSING = 1;
const SHORT = 2;

/**
 * Nova's PciPassthroughFilter, for devices as KubeVirt has them: resources of the Node, by name. A host passes with as many free as
 * are asked for: those that its kubelet offers, less those that claims and other pods hold. Where on the host's PCI buses
 * they are, and on which NUMA node, is the kubelet's business. Arguments: none.
 */
export const pciPassthroughFilter: Filter<NoArgs> = {
  name: 'PciPassthroughFilter',
  reasons: [
    { code: 'DeviceMissing', label: 'without the device' },
    { code: 'InsufficientDevices', label: 'devices' },
  ],
  defaults: NO_ARGS,
  prepare({ resources }, { devices }) {
    const ask = new PoolAsk(devices, resources.devices);
    if (ask.asksForNothing) return 'skip';
    return {
      check: (host) => (ask.fits(host) ? 0 : ask.lacking(host) === undefined ? SHORT : MISSING),
      detail: (host) => ask.lacking(host),
      distance: (host) => ask.distance(host),
      shortfalls: (host) => ask.shortfalls(host, 'device'),
      room: (host) => ask.room(host),
    };
  },
};
