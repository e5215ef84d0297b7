import {
  CPU_POLICY,
  EXTRA_SPEC_RULES,
  NUMA_NODES,
  PAGE_SIZE,
  PAGE_SIZES_MIB,
  PCI_ALIAS,
} from '#api/extra-specs.ts';
import { addCounts, type Counts } from '../scheduling/pools.ts';

type ExtraSpecs = Readonly<Record<string, string>> | undefined;

/** How a guest is built beyond its size. */
export interface GuestFeatures {
  /** Each vCPU has a CPU of its own. */
  readonly dedicatedCpus: boolean;
  /** The guest sees the NUMA nodes that its CPUs are on. */
  readonly numaPassthrough: boolean;
  /** Its memory is of pages of this size; undefined: of ordinary ones. */
  readonly pageMiB: 2 | 1024 | undefined;
}

/** What the Flavor's extra specs ask for; values that are none ask for nothing: `badExtraSpec` tells of them. */
export function featuresOf(extraSpecs: ExtraSpecs): GuestFeatures {
  return {
    dedicatedCpus: extraSpecs?.[CPU_POLICY] === 'dedicated',
    numaPassthrough: extraSpecs?.[NUMA_NODES] !== undefined,
    pageMiB: PAGE_SIZES_MIB[extraSpecs?.[PAGE_SIZE] ?? ''] || undefined,
  };
}

/** What is wrong with extra specs that were written before the API server looked at them. */
export function badExtraSpec(extraSpecs: ExtraSpecs): string | undefined {
  return EXTRA_SPEC_RULES.find(({ check }) => check && !check(extraSpecs ?? {}))?.message;
}

/** Kubernetes' name of a device by the name that Flavors have for it. */
export type DeviceAliases = ReadonlyMap<string, string>;

/** The devices that the Flavor asks for, by Kubernetes' name: a name that is no alias is that name itself. */
export function devicesOf(extraSpecs: ExtraSpecs, aliases: DeviceAliases): Counts | undefined {
  const asked = extraSpecs?.[PCI_ALIAS]?.split(',').map((text) => text.trim().split(':')) ?? [];
  return asked
    .map(([alias = '', count]): Counts => ({ [aliases.get(alias) ?? alias]: Number(count) || 0 }))
    .reduce<Counts | undefined>(addCounts, undefined);
}

/** Kubernetes' name of the resource that such pages are. */
export const pagesName = (pageMiB: 2 | 1024): string => `hugepages-${pageSizeText(pageMiB)}`;

export const pageSizeText = (pageMiB: 2 | 1024): '2Mi' | '1Gi' => (pageMiB === 2 ? '2Mi' : '1Gi');
