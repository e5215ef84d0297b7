import { NO_ARGS, type NoArgs } from '../args.ts';
import { aggregateMultiplier } from './multiplier.ts';
import type { Weigher } from './weigher.ts';

/** Nova's MAX_DEVS: so many free devices and more are alike. */
const MOST = 100;

/**
 * Nova's PCIWeigher: hosts with few free devices are preferred. So hosts with many are spared by requests that ask for
 * none, and requests that ask for some use up one host's devices before the next one's.
 * Devices are those that KubeVirt passes through. Arguments: none. Nova's option: pci_weight_multiplier (1.0, at least 0).
 */
export const pciWeigher: Weigher<NoArgs> = {
  name: 'PCIWeigher',
  multiplier: 1,
  multipliers: aggregateMultiplier('pci_weight_multiplier'),
  defaults: NO_ARGS,
  prepare(_request, { devices }) {
    return { raw: (host) => MOST - Math.min(MOST - 1, devices.freeInAll(host)) };
  },
};
