import { beforeEach, expect, test } from 'vitest';
import type { ComputeNode } from '#api/computenode.ts';
import type { Flavor } from '#api/flavor.ts';
import type { Instance } from '#api/instance.ts';
import { Store } from '#runtime/store.ts';
import { INDEXERS } from '../caches.ts';
import { flavorsFrom } from '../flavors.ts';
import { FlavorFigures } from './figures.ts';

let total: number;
let version: number;
let counted: number;
let figures: FlavorFigures;
let flavors: Store<Flavor>;

const flavor = (name: string, uid = name): Flavor => ({
  apiVersion: 'compute.berth.dev/v1alpha1',
  kind: 'Flavor',
  metadata: { name, uid, resourceVersion: '1', creationTimestamp: '2026-01-02T03:04:05Z' },
  spec: { vcpus: 1, memory: '1Gi', rootDisk: '0', ephemeralDisk: '0', swap: '0' },
});

beforeEach(() => {
  [total, version, counted] = [5, 1, 0];
  flavors = new Store<Flavor>();
  flavors.replace([flavor('small')], '1');
  const instances = new Store<Instance>({ indexers: INDEXERS.instances });
  const computeNodes = new Store<ComputeNode>();
  const prober = {
    get version() {
      return version;
    },
    capacity: () => {
      counted += 1;
      return { total, zones: new Map() };
    },
  };
  const { build } = flavorsFrom({ flavors }, new Map());
  figures = new FlavorFigures({ flavors, instances, computeNodes }, prober, build);
});

const fits = (now: number, of = flavor('small')) => figures.of(of, now).capacity.fits;

test('figures are worked out at once, then no oftener than every 10 seconds', () => {
  expect(fits(0)).toBe(5);
  [total, version] = [4, 2];
  expect(fits(9_999)).toBe(5);
  expect(fits(10_000)).toBe(4);
});

test('they are asked for again when they may be others', () => {
  expect(figures.of(flavor('small'), 0).nextInMs).toBe(10_000);
  expect(figures.of(flavor('small'), 4_000).nextInMs).toBe(6_000);
});

test('nothing is counted while the fleet does not change', () => {
  for (let now = 0; now <= 100_000; now += 10_000) fits(now);
  expect(counted).toBe(2);
});

test('a Flavor that was made again is counted at once', () => {
  fits(0);
  [total, version] = [4, 2];
  expect(fits(1, flavor('small', 'another'))).toBe(4);
});

test('with many Flavors each has its turn more seldom', () => {
  const many = Array.from({ length: 300 }, (_, index) => flavor(`flavor-${index}`));
  flavors.replace(many, '2');
  expect(figures.of(flavor('flavor-0'), 0).nextInMs).toBe(30_000);
});
