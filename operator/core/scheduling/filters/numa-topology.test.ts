import { expect, test } from 'vitest';
import { host, inventory, resources } from '../testing/hosts.ts';
import { asking, judge, preparedFor } from '../testing/judge.ts';
import { numaTopologyFilter } from './numa-topology.ts';

const PAGES = 'hugepages-1Gi';
const manager = { cpumanager: 'true' };
const dedicated = asking({ resources: resources({ vcpus: 0, dedicatedCpus: 2 }) });
const paged = asking({ resources: resources({ memoryMiB: 0, hugepages: { [PAGES]: 4 } }) });
const pages = (name: string, used: number, other = {}) =>
  host(name, { hugepages: { [PAGES]: { total: 8, used } }, ...other });

test('dedicated CPUs need a kubelet that gives them', () => {
  const hosts = [
    host('gives', { labels: manager }),
    host('gives none', { labels: { cpumanager: 'false' } }),
    host('says nothing'),
  ];
  expect(judge(numaTopologyFilter, dedicated, ...hosts)).toEqual([
    'passes',
    'CpuManagerMissing',
    'CpuManagerMissing',
  ]);
});

test('huge pages have to be there, and free; of another size they do not help', () => {
  const small = host('small', { hugepages: { 'hugepages-2Mi': { total: 9999, used: 0 } } });
  expect(judge(numaTopologyFilter, paged, pages('free', 4), pages('full', 5), small)).toEqual([
    'passes',
    'InsufficientHugepages',
    'HugepagesMissing',
  ]);
});

test('both at once', () => {
  const both = asking({
    resources: { ...paged.resources, ...dedicated.resources, hugepages: { [PAGES]: 4 } },
  });
  const hosts = [
    pages('all', 0, { labels: manager }),
    pages('shares CPUs', 0),
    host('b', { labels: manager }),
  ];
  expect(judge(numaTopologyFilter, both, ...hosts)).toEqual([
    'passes',
    'CpuManagerMissing',
    'HugepagesMissing',
  ]);
});

test('it says what is missing, and how many more fit', () => {
  const full = preparedFor(numaTopologyFilter, paged, pages('full', 5));
  expect(full.shortfalls?.(0)).toEqual([{ resource: PAGES, missing: 1, unit: 'page' }]);
  expect(preparedFor(numaTopologyFilter, paged, pages('free', 0)).room?.(0)).toBe(2);
});

test('who asks for neither is none of its business', () => {
  expect(judge(numaTopologyFilter, asking(), host('a', { vcpus: inventory(1) }))).toBe('skip');
});
