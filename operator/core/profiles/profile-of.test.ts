import { describe, expect, test } from 'vitest';
import { schedulerProfileSpec } from '#api/schedulerprofile.ts';
import { FILTERS } from '../scheduling/filters/list.ts';
import { DEFAULT_PROFILE, type Profile } from '../scheduling/profile.ts';
import { WEIGHERS } from '../scheduling/weighers/list.ts';
import { ALWAYS_RUN, profileOf } from './profile-of.ts';

const resolve = (spec: object) => profileOf('own', schedulerProfileSpec.parse(spec), DEFAULT_PROFILE);

function valid(spec: object): Profile {
  const resolved = resolve(spec);
  if (resolved.kind === 'invalid') throw new Error(resolved.problems.join('; '));
  return resolved.profile;
}

function problems(spec: object): readonly string[] {
  const resolved = resolve(spec);
  return resolved.kind === 'invalid' ? resolved.problems : [];
}

const filterNames = (profile: Profile) => profile.filters.map(({ filter }) => filter.name);

describe('a profile', () => {
  test('that says nothing is the built-in one, under its own name', () => {
    expect(valid({})).toEqual({ ...DEFAULT_PROFILE, name: 'own' });
  });

  test('has its filters in its order, and those that always run around them', () => {
    const names = filterNames(
      valid({ filters: [{ name: 'NumInstancesFilter' }, { name: 'AvailabilityZoneFilter' }] }),
    );
    expect(names.slice(-3)).toEqual(['NumInstancesFilter', 'AvailabilityZoneFilter', 'ResourceFit']);
    expect(names).toEqual(expect.arrayContaining([...ALWAYS_RUN]));
    expect(names.length).toBe(2 + ALWAYS_RUN.length);
  });

  test('without filters still over-commits no host', () => {
    expect(filterNames(valid({ filters: [] })).sort()).toEqual([...ALWAYS_RUN].sort());
  });

  test('sets arguments and multipliers on top of the built-in ones', () => {
    const { filters, weighers } = valid({
      filters: [{ name: 'NumInstancesFilter', args: { maxInstancesPerHost: 4 } }],
      weighers: [{ name: 'CPUWeigher', multiplier: -2 }, { name: 'RAMWeigher' }],
    });
    expect(filters.find(({ filter }) => filter.name === 'NumInstancesFilter')?.args).toEqual({
      maxInstancesPerHost: 4,
    });
    expect(weighers.map(({ weigher, multiplier, args }) => [weigher.name, multiplier, args])).toEqual([
      ['CPUWeigher', -2, { countReserved: true }],
      ['RAMWeigher', undefined, {}],
    ]);
  });

  test('turns the build failure penalty into the multiplier of its weigher', () => {
    const { weighers } = valid({ buildFailurePenalty: 5 });
    expect(weighers.find(({ weigher }) => weigher.name === 'BuildFailureWeigher')?.multiplier).toBe(5);
  });

  test('has that weigher for a penalty, also where the weighers are others', () => {
    const named = valid({ buildFailurePenalty: 5, weighers: [{ name: 'RAMWeigher' }] }).weighers;
    expect(named.map(({ weigher, multiplier }) => [weigher.name, multiplier])).toEqual([
      ['RAMWeigher', undefined],
      ['BuildFailureWeigher', 5],
    ]);
  });
});

describe('what is wrong', () => {
  test('is told of all at once, with paths and what to do', () => {
    const spec = {
      filters: [
        { name: 'NoSuchFilter' },
        { name: 'NumInstancesFilter', args: { maxInstancesPerHost: 'four' } },
      ],
      weighers: [{ name: 'CPUWeigher', args: { countReserved: 1, other: true } }],
    };
    expect(problems(spec)).toEqual([
      'spec.filters[0].name: there is no filter NoSuchFilter: see the page Filters and weighers',
      'spec.filters[1].args.maxInstancesPerHost: is a text; use a number',
      'spec.weighers[0].args.countReserved: is a number; use true or false',
      'spec.weighers[0].args.other: CPUWeigher has no such argument: it has countReserved',
    ]);
  });

  test('null is an argument only where it means something', () => {
    expect(problems({ filters: [{ name: 'IoOpsFilter', args: { maxIoOpsPerHost: null } }] })).toEqual([]);
    expect(problems({ weighers: [{ name: 'CPUWeigher', args: { countReserved: null } }] })).toEqual([
      'spec.weighers[0].args.countReserved: is null; use true or false',
    ]);
  });

  test('what every filter and weigher has by default is right', () => {
    const all = [...FILTERS, ...WEIGHERS].map(({ name, defaults }) => ({ name, args: defaults }));
    const filters = all.filter(({ name }) => FILTERS.some((filter) => filter.name === name));
    const weighers = all.filter(({ name }) => WEIGHERS.some((weigher) => weigher.name === name));
    expect(problems({ filters, weighers })).toEqual([]);
  });
});
