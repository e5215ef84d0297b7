import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Aggregate, aggregatesOf, selects } from './members.ts';
import { aggregateRatios } from './ratios.ts';
import { aggregateZone, membershipOf } from './zone.ts';

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
  ])('a node %s', (_, it, expected) => expect(selects(selecting, it)).toBe(expected));

  it('an empty selector selects nothing', () => {
    expect(selects(aggregate('a', { nodeSelector: { matchLabels: {} } }), node('n1'))).toBe(false);
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
    expect(membershipOf(later, nodes, [later, older])).toEqual({
      members: ['n3'],
      conflicts: [{ node: 'n2', keeper: 'z', zone: 'west' }],
    });
    expect(membershipOf(older, nodes, [later, older])).toEqual({ members: ['n1', 'n2'], conflicts: [] });
  });

  it('the later one does not have the node, whatever else it gives; one without a zone does', () => {
    const zoneless = aggregate('b', { nodes: ['n2'], allocationRatios: { cpu: 2 } }, 3);
    const named = (name: string) =>
      aggregatesOf(node(name), [later, zoneless, older]).map((it) => it.metadata.name);
    expect(named('n2')).toEqual(['z', 'b']);
    expect(named('n3')).toEqual(['a']);
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

it('no order matters, and an aggregate has every node that it selects but those of another zone', () => {
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
        const { members, conflicts } = membershipOf(it, nodes, all);
        const kept = nodes.filter((one) => selects(it, one) && aggregateZone(one, all) !== own);
        expect(conflicts.map((one) => one.node)).toEqual(
          own === undefined ? [] : kept.map(({ metadata }) => metadata.name),
        );
        for (const one of nodes)
          expect(members.includes(one.metadata.name)).toBe(aggregatesOf(one, all).includes(it));
        expect(membershipOf(it, nodes, reversed)).toEqual({ members, conflicts });
      }
    }),
  );
});
