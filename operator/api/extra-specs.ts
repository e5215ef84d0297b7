import { celMatches, type Rule } from './schema.ts';

/** Nova's extra specs that change how a guest is built, not only where it goes. */
export const CPU_POLICY = 'hw:cpu_policy';
export const NUMA_NODES = 'hw:numa_nodes';
export const PAGE_SIZE = 'hw:mem_page_size';
export const PCI_ALIAS = 'pci_passthrough:alias';

type ExtraSpecs = Readonly<Record<string, string>>;

/** Sizes of pages in MiB by Nova's words for them (a bare number is KiB); 0: no huge pages. */
export const PAGE_SIZES_MIB: Readonly<Record<string, 0 | 2 | 1024>> = {
  any: 0,
  small: 0,
  '4': 0,
  '4KB': 0,
  large: 2,
  '2048': 2,
  '2MB': 2,
  '1048576': 1024,
  '1GB': 1024,
};

const named = (pageMiB: number) =>
  Object.entries(PAGE_SIZES_MIB).flatMap(([name, size]) => (size === pageMiB ? [name] : []));
export const HUGE_PAGES: readonly string[] = [...named(2), ...named(1024)];

const ALIAS = '[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?:[1-9][0-9]{0,2}';
const ALIASES = new RegExp(`^${ALIAS}(, *${ALIAS})*$`);
const COUNT = /^[1-9][0-9]{0,2}$/;

const celList = (texts: readonly string[]) => `[${texts.map((text) => `'${text}'`).join(', ')}]`;
const given = (name: string) => `'${name}' in self`;
const isOneOf = (name: string, texts: readonly string[]) =>
  `${given(name)} && self['${name}'] in ${celList(texts)}`;

function oneOf(name: string, texts: readonly string[]): Rule<ExtraSpecs> {
  return {
    rule: `!(${given(name)}) || self['${name}'] in ${celList(texts)}`,
    message: `${name} must be one of ${texts.join(', ')}`,
    check: (specs) => specs[name] === undefined || texts.includes(specs[name]),
  };
}

function formed(name: string, form: RegExp, message: string): Rule<ExtraSpecs> {
  return {
    rule: `!(${given(name)}) || ${celMatches(`self['${name}']`, form)}`,
    message: `${name} ${message}`,
    check: (specs) => specs[name] === undefined || form.test(specs[name]),
  };
}

/** What the values of these extra specs have to be. All others are for filters, which take any text. */
export const EXTRA_SPEC_RULES: readonly Rule<ExtraSpecs>[] = [
  oneOf(CPU_POLICY, ['shared', 'dedicated']),
  oneOf(PAGE_SIZE, Object.keys(PAGE_SIZES_MIB).toSorted()),
  formed(NUMA_NODES, COUNT, 'must be a whole number of 1 or more, such as 1'),
  formed(PCI_ALIAS, ALIASES, 'must be NAME:COUNT, several with commas, such as example.com/gpu:1,nic:2'),
  {
    rule: `!(${given(NUMA_NODES)}) || (${isOneOf(CPU_POLICY, ['dedicated'])} && ${isOneOf(PAGE_SIZE, HUGE_PAGES)})`,
    message: `${NUMA_NODES} needs ${CPU_POLICY}: dedicated and huge pages, such as ${PAGE_SIZE}: 2MB: KubeVirt shows a guest the NUMA nodes of nothing else`,
    check: (specs) =>
      specs[NUMA_NODES] === undefined ||
      (specs[CPU_POLICY] === 'dedicated' && HUGE_PAGES.includes(specs[PAGE_SIZE] ?? '')),
  },
];

/** A rule of a Flavor's spec: a guest's memory is whole pages of this size. */
export function wholePages(
  pageMiB: 2 | 1024,
  bytesOf: (quantity: string) => number,
): Rule<{ memory: string; extraSpecs?: ExtraSpecs | undefined }> {
  const names = named(pageMiB);
  const bytes = pageMiB * 1024 * 1024;
  const size = pageMiB === 2 ? '2Mi' : '1Gi';
  const asked = `has(self.extraSpecs) && '${PAGE_SIZE}' in self.extraSpecs && self.extraSpecs['${PAGE_SIZE}'] in ${celList(names)}`;
  // An integer as CEL has it is not what 1.5Gi is.
  const whole = `int(quantity(self.memory).asApproximateFloat()) % ${bytes} == 0`;
  return {
    rule: `!(${asked}) || type(self.memory) != string || !isQuantity(self.memory) || (${whole})`,
    message: `memory must be a multiple of ${size}, the size of the pages in extraSpecs ${PAGE_SIZE}`,
    fieldPath: '.memory',
    check: ({ memory, extraSpecs }) =>
      !names.includes(extraSpecs?.[PAGE_SIZE] ?? '') || Math.trunc(bytesOf(memory)) % bytes === 0,
  };
}
