import { cpuWeigher } from './cpu.ts';
import { ramWeigher } from './ram.ts';
import type { Weigher } from './weigher.ts';

/** Every weigher there is, in the order in which weights are summed. */
export const WEIGHERS: readonly Weigher[] = [ramWeigher, cpuWeigher];
