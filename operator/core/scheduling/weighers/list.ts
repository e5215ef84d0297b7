import { buildFailureWeigher } from './build-failure.ts';
import { cpuWeigher } from './cpu.ts';
import { diskWeigher } from './disk.ts';
import { hypervisorVersionWeigher } from './hypervisor-version.ts';
import { imageLocalityWeigher } from './image-locality.ts';
import { imagePropertiesWeigher } from './image-properties.ts';
import { ioOpsWeigher } from './io-ops.ts';
import { metricsWeigher } from './metrics.ts';
import { numInstancesWeigher } from './num-instances.ts';
import { pciWeigher } from './pci.ts';
import { ramWeigher } from './ram.ts';
import { serverGroupSoftAffinityWeigher } from './soft-affinity.ts';
import { serverGroupSoftAntiAffinityWeigher } from './soft-anti-affinity.ts';
import type { Weigher } from './weigher.ts';

/** Every weigher there is, in the order in which weights are summed. */
export const WEIGHERS: readonly Weigher[] = [
  ramWeigher,
  cpuWeigher,
  diskWeigher,
  ioOpsWeigher,
  numInstancesWeigher,
  metricsWeigher,
  buildFailureWeigher,
  serverGroupSoftAffinityWeigher,
  serverGroupSoftAntiAffinityWeigher,
  pciWeigher,
  imagePropertiesWeigher,
  hypervisorVersionWeigher,
  imageLocalityWeigher,
];
