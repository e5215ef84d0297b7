import { expect, test } from 'vitest';
import { fleetOf, host } from '../testing/hosts.ts';
import { asking } from '../testing/judge.ts';
import { isolatedHostsFilter } from './isolated-hosts.ts';

const fleet = fleetOf([host('a'), host('b')]);

function says(id: string, restrictIsolatedHostsToIsolatedImages: boolean): number[] | 'skip' {
  const args = { isolatedHosts: ['a'], isolatedImages: ['secret'], restrictIsolatedHostsToIsolatedImages };
  const prepared = isolatedHostsFilter.prepare(asking({ image: { id, properties: {} } }), fleet, args);
  return prepared === 'skip' ? 'skip' : ['a', 'b'].map((name) => prepared.check(fleet.indexOf(name)!));
}

test('isolated images run on isolated hosts alone', () => {
  expect(says('secret', true)).toEqual([0, 2]);
  expect(says('secret', false)).toEqual([0, 2]);
});

test('other images stay away from isolated hosts, if these are restricted', () => {
  expect(says('plain', true)).toEqual([1, 0]);
  expect(says('plain', false)).toBe('skip');
});

test('without anything isolated it has nothing to say', () => {
  expect(isolatedHostsFilter.prepare(asking(), fleet, isolatedHostsFilter.defaults)).toBe('skip');
});
