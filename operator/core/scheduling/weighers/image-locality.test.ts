import { expect, test } from 'vitest';
import { fleetOf, host } from '../testing/hosts.ts';
import { asking } from '../testing/judge.ts';
import { imageLocalityWeigher as weigher } from './image-locality.ts';

const fleet = fleetOf([
  host('a'),
  host('b', { images: ['debian', 'fedora'] }),
  host('c', { images: ['debian'] }),
]);

test('1 for the hosts that hold the image', () => {
  const request = asking({ image: { id: 'fedora', properties: {}, pulled: true } });
  const prepared = weigher.prepare(request, fleet, weigher.defaults, 1);
  expect(prepared !== 'skip' && [0, 1, 2].map((index) => prepared.raw(index))).toEqual([0, 1, 0]);
});

test('a request without an image that a node pulls is not weighed', () => {
  const onVolume = asking({ image: { id: 'fedora', properties: {} } });
  expect(weigher.prepare(onVolume, fleet, weigher.defaults, 1)).toBe('skip');
  expect(weigher.prepare(asking(), fleet, weigher.defaults, 1)).toBe('skip');
});
