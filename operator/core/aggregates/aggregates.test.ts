import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Aggregate, aggregatesOf, isMember } from './members.ts';
import { aggregateRatios } from './ratios.ts';
import { aggregateZone, zoneConflict } from './zone.ts';

const aggregate = (name: string, spec: Aggregate['spec'], second = 0): Aggregate => ({
  metadata: { name, creationTimestamp: `2026-01-01T00:00:0${second}Z` },
  spec,
});
const node = (name: string, labels?: Record<string, string>) => ({ metadata: { name, labels } });

describe('members', () => {
  const selecting = aggregate('a', { nodes: ['n1'], nodeSelector: { matchLabels: { rack: '1', ssd: '' } } });

  it.each([
    ['named', node('n1'), true],
    ['with all labels', node('n2', { rack: '1', ssd: '', other: 'x' }), true],
    ['with one of two labels', node('n2', { rack: '1' }), false],
    ['without labels', node('n2'), false],
  ])('a node %s', (_, it, expected) => expect(isMember(selecting, it)).toBe(expected));

  it('an empty selector selects nothing', () => {
    expect(isMember(aggregate('a', { nodeSelector: { matchLabels: {} } }), node('n1'))).toBe(false);
  });
});

describe('zones', () => {
  const older = aggregate('z', { nodes: ['n1', 'n2'], availabilityZone: 'west' }, 1);
  const later = aggregate('a', { nodes: ['n2', 'n3'], availabilityZone: 'east' }, 2);

  it('the older aggregate keeps the zone', () => {
    expect(aggregateZone(node('n2'), [later, older])).toBe('west');
    expect(aggregateZone(node('n3'), [later, older])).toBe('east');
    expect(aggregateZone(node('n4'), [later, older])).toBeUndefined();
  });

  it('the later one has the conflict', () => {
    const nodes = ['n3', 'n2', 'n1'].map((name) => node(name));
    expect(zoneConflict(later, nodes, [later, older])).toEqual({ node: 'n2', keeper: 'z', zone: 'west' });
    expect(zoneConflict(older, nodes, [later, older])).toBeUndefined();
  });

  it('of one second, the first by name keeps it', () => {
    const twin = aggregate('b', { nodes: ['n3'], availabilityZone: 'north' }, 2);
    expect(aggregateZone(node('n3'), [twin, later])).toBe('east');
  });
});

it('the least ratio of several aggregates counts', () => {
  const two = [
    aggregate('a', { allocationRatios: { cpu: 4, memory: 1.5 } }),
    aggregate('b', { allocationRatios: { cpu: 2 } }),
  ];
  expect(aggregateRatios(two)).toEqual({ cpu: 2, memory: 1.5 });
  expect(aggregateRatios([])).toEqual({});
});

const names = fc.constantFrom('n1', 'n2', 'n3');
const anyAggregates = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('a', 'b', 'c', 'd'),
    second: fc.nat(2),
    nodes: fc.array(names),
    zone: fc.option(fc.constantFrom('east', 'west'), { nil: undefined }),
  }),
  { selector: ({ name }) => name },
);

it('no order matters, and an aggregate conflicts exactly when a member has another zone than its own', () => {
  fc.assert(
    fc.property(anyAggregates, (drafts) => {
      const all = drafts.map(({ name, second, nodes, zone }) =>
        aggregate(name, { nodes, availabilityZone: zone }, second),
      );
      const nodes = ['n1', 'n2', 'n3'].map((name) => node(name));
      const reversed = all.toReversed();
      for (const it of nodes) expect(aggregatesOf(it, all)).toEqual(aggregatesOf(it, reversed));
      for (const it of all) {
        const own = it.spec.availabilityZone;
        const differs = nodes.some((one) => isMember(it, one) && aggregateZone(one, all) !== own);
        expect(zoneConflict(it, nodes, all) !== undefined).toBe(own !== undefined && differs);
        expect(zoneConflict(it, nodes, reversed)).toEqual(zoneConflict(it, nodes, all));
      }
    }),
  );
});
