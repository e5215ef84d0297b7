import { describe, expect, it } from 'vitest';
import type { ServerGroup, ServerGroupSpec } from '#api/servergroup.ts';
import { groupStatus } from './group-status.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const group = (spec: ServerGroupSpec): ServerGroup => ({
  apiVersion: 'compute.berth.dev/v1alpha1',
  kind: 'ServerGroup',
  metadata: {
    name: 'web',
    namespace: 'a',
    uid: 'u',
    resourceVersion: '1',
    generation: 2,
    creationTimestamp: '',
  },
  spec,
});
const on = (...nodes: (string | undefined)[]) => nodes.map((nodeName, i) => ({ name: `web-${i}`, nodeName }));
const violated = (spec: ServerGroupSpec, ...nodes: (string | undefined)[]) =>
  groupStatus(group(spec), on(...nodes), NOW).violations?.map(({ nodeName, members }) => [nodeName, members]);

describe('violations', () => {
  it('of anti-affinity: nodes with more members than may be there', () => {
    expect(violated({ policy: 'anti-affinity' }, 'n2', 'n1', 'n2')).toEqual([['n2', 2]]);
    expect(violated({ policy: 'anti-affinity' }, 'n1', 'n2', undefined, undefined)).toEqual([]);
    expect(violated({ policy: 'anti-affinity', rules: { maxServerPerHost: 2 } }, 'n1', 'n1')).toEqual([]);
  });

  it('of affinity: every node but the one with the most members', () => {
    expect(violated({ policy: 'affinity' }, 'n1', 'n3', 'n2', 'n3')).toEqual([
      ['n1', 1],
      ['n2', 1],
    ]);
    expect(violated({ policy: 'affinity' }, 'n2', 'n1')).toEqual([['n2', 1]]);
    expect(violated({ policy: 'affinity' }, 'n1', 'n1', undefined)).toEqual([]);
  });

  it.each(['soft-affinity', 'soft-anti-affinity'] as const)('of %s: none', (policy) => {
    expect(violated({ policy }, 'n1', 'n1', 'n2')).toEqual([]);
  });
});

describe('the status', () => {
  it('lists members by name, with their nodes', () => {
    const members = [
      { name: 'b', nodeName: undefined },
      { name: 'a', nodeName: 'n1' },
    ];
    const status = groupStatus(group({ policy: 'affinity' }), members, NOW);
    expect(status.members).toEqual([{ name: 'a', nodeName: 'n1' }, { name: 'b' }]);
    expect(status.conditions).toMatchObject([
      { type: 'Ready', status: 'True', reason: 'InForce', observedGeneration: 2 },
    ]);
  });

  it('is bounded however many there are, and counts all', () => {
    const nodes = Array.from({ length: 600 }, (_, i) => `n${i % 300}`);
    const status = groupStatus(group({ policy: 'anti-affinity' }), on(...nodes), NOW);
    expect([status.members?.length, status.memberCount, status.violations?.length]).toEqual([200, 600, 50]);
    expect(status.conditions?.[0]?.message).toContain('and on 299 more nodes');
  });

  it('says in words what is against the policy', () => {
    const status = groupStatus(group({ policy: 'anti-affinity' }), on('n1', 'n1', 'n1'), NOW);
    expect(status.conditions).toMatchObject([
      {
        status: 'False',
        reason: 'PolicyViolated',
        message: '3 members are on n1, where 1 may be: migrate 2',
      },
    ]);
  });
});
