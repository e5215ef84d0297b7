import type { Json } from '../args.ts';
import { valueColumn } from '../columns.ts';
import type { HostState } from '../host-state.ts';
import type { RequestSpec } from '../request-spec.ts';
import { parseVersionPredicate, versionParts } from '../version-predicate.ts';
import type { Filter } from './filter.ts';

const UNSUPPORTED = 1;
const VERSION = 2;
const MALFORMED = 3;
const ADDRESS_BITS = 4;

const supported = valueColumn(({ supportedInstances }) => supportedInstances ?? []);
const versions = valueColumn(({ hypervisorVersion }) => hypervisorVersion || undefined);
const addressBits = valueColumn(addressBitsOf);

/**
 * Nova's ImagePropertiesFilter: the architecture, hypervisor type and VM mode of the image (`hw_architecture`,
 * `img_hv_type`, `hw_vm_mode`) must be supported together, and `img_hv_requested_version` (`>=6.0,<7.0`) hold of the
 * hypervisor, where its version is known. With these, `hw_maxphysaddr_bits` is asked of the host's CPU (Nova fails the
 * request). As in Nova, a value may stand at any of a kind's three places: the VM mode xen is met by the hypervisor xen.
 * Arguments: `imagePropertiesDefaultArchitecture` (null: none), for images that do not say.
 * Nova's option: image_properties_default_architecture.
 */
export const imagePropertiesFilter: Filter<{ imagePropertiesDefaultArchitecture: string | null }> = {
  name: 'ImagePropertiesFilter',
  reasons: [
    { code: 'ImageUnsupported', label: 'image not supported' },
    { code: 'HypervisorVersion', label: 'other hypervisor version' },
    { code: 'ImageVersionMalformed', label: "image's version cannot be read" },
    { code: 'AddressBitsTooFew', label: 'too few physical address bits' },
  ],
  defaults: { imagePropertiesDefaultArchitecture: null },
  nullable: ['imagePropertiesDefaultArchitecture'],
  prepare(request, fleet, { imagePropertiesDefaultArchitecture }) {
    const asked = askedOf(request, imagePropertiesDefaultArchitecture);
    const bits = Number(request.image?.properties.hw_maxphysaddr_bits ?? 0);
    if (!asked.some(Boolean)) return 'skip';
    const [kinds, version, known] = [
      fleet.column(supported),
      fleet.column(versions),
      fleet.column(addressBits),
    ];
    const predicate = predicateOf(request.image?.properties.img_hv_requested_version);
    return {
      check(host) {
        if (!kinds.values[host]?.some((kind) => asked.every((part) => !part || isWithin(kind, part))))
          return UNSUPPORTED;
        const refusal = versionRefusal(predicate, version.values[host]);
        return refusal === 0 && bits > (known.values[host] ?? 0) ? ADDRESS_BITS : refusal;
      },
    };
  },
};

/** Architecture, hypervisor type, VM mode; what is not asked for is undefined. */
function askedOf({ image }: RequestSpec, defaultArchitecture: string | null): (Json | undefined)[] {
  const { hw_architecture, img_hv_type, hw_vm_mode } = image?.properties ?? {};
  return [hw_architecture ?? defaultArchitecture ?? undefined, img_hv_type, hw_vm_mode];
}

function isWithin(kind: readonly Json[], part: Json): boolean {
  return kind.includes(part);
}

type Predicate = ReturnType<typeof parseVersionPredicate>;

function predicateOf(requested: Json | undefined): { asked: boolean; holds: Predicate } {
  return {
    asked: Boolean(requested),
    holds: requested ? parseVersionPredicate(String(requested)) : undefined,
  };
}

function versionRefusal(
  { asked, holds }: ReturnType<typeof predicateOf>,
  version: number | undefined,
): number {
  if (!asked || version === undefined) return 0;
  if (!holds) return MALFORMED;
  return holds(versionParts(version)) ? 0 : VERSION;
}

/** What cpu_info says of it, which Nova keeps as a JSON text. */
function addressBitsOf({ facts }: HostState): number {
  try {
    const info = typeof facts?.cpu_info === 'string' ? JSON.parse(facts.cpu_info) : facts?.cpu_info;
    return Number(info?.maxphysaddr?.bits ?? 0);
  } catch {
    return 0;
  }
}
