import { describe, expect, test } from 'vitest';
import { clusterPlacementProbeStatus, placementProbeStatus } from '#api/probe-answer.ts';
import { MOST_NODES_ASKED } from '#api/probe-question.ts';
import { decide } from '../scheduling/decide.ts';
import type { HostState } from '../scheduling/host-state.ts';
import { judgeHosts } from '../scheduling/host-verdict.ts';
import { DEFAULT_PROFILE } from '../scheduling/profile.ts';
import { fleetOf, host, inventory, resources } from '../scheduling/testing/hosts.ts';
import { asking } from '../scheduling/testing/judge.ts';
import { placeConditions } from './conditions.ts';
import { countsAnswer, elsewhere, hostsAnswer, nodeAnswer } from './place-answer.ts';

const request = asking({ resources: resources({ vcpus: 2, memoryMiB: 4096 }) });

const few = [
  host('node-1'),
  host('node-2', { memoryMiB: inventory(8192) }),
  host('node-3', { disabled: true, disabledReason: 'new disks' }),
  host('node-4', { vcpus: inventory(8, { used: 7 }) }),
];

function probed(hosts: readonly HostState[], nodeNames: string[] = []) {
  const fleet = fleetOf(hosts);
  const decision = decide(fleet, request, { ...DEFAULT_PROFILE, explainedHosts: 10 });
  const findings = { decision, availabilityZone: 'zone-a' };
  const verdicts = judgeHosts(fleet, request, DEFAULT_PROFILE, nodeNames);
  const nodes = nodeNames.map((name) =>
    nodeAnswer(
      name,
      verdicts.find((it) => it.host === name),
      false,
    ),
  );
  const answers = { owner: countsAnswer(findings), operator: hostsAnswer(findings, nodes) };
  return { ...answers, words: (audience: 'owner' | 'operator') => placeConditions(findings, audience) };
}

describe('an owner', () => {
  test('reads counts, reasons and a zone', () => {
    const { owner } = probed(few);
    expect(owner).toMatchObject({ hosts: 4, fits: 2, availabilityZone: 'zone-a', profile: 'default' });
    expect(owner.filters?.find(({ name }) => name === 'ComputeFilter')).toEqual({
      name: 'ComputeFilter',
      passed: 3,
      rejected: [{ reason: 'Disabled', count: 1 }],
    });
  });

  test.each([
    ['fits', few],
    ['does not fit', few.slice(2)],
  ])('reads no name or figure of a host where it %s', (_, hosts) => {
    const { owner, words } = probed(hosts);
    const all = JSON.stringify([owner, words('owner')]);
    expect(all).not.toMatch(/node-\d|new disks|weigh|best/);
    expect(JSON.stringify(words('operator'))).toMatch(/node-\d/);
  });

  test('is told of the own node', () => {
    const fleet = fleetOf(few);
    const decision = decide(fleet, request, DEFAULT_PROFILE);
    const [verdict] = judgeHosts(fleet, request, DEFAULT_PROFILE, ['node-3']);
    const findings = { decision, availabilityZone: undefined, current: { nodeName: 'node-3', verdict } };
    expect(countsAnswer(findings).current).toEqual({
      nodeName: 'node-3',
      refusals: [{ filter: 'ComputeFilter', reason: 'Disabled' }],
    });
    expect(placeConditions(findings, 'owner')[0]?.message).toMatch(
      /^to move: 2 of 4 hosts fit: .*; it could not stay: ComputeFilter Disabled$/,
    );
  });
});

test('the own node is no near miss of a move', () => {
  const move = { ...request, ties: { ignoreHosts: ['node-1'] } };
  const decision = decide(fleetOf([host('node-1'), ...few.slice(2)]), move, DEFAULT_PROFILE);
  if (decision.kind === 'placed') throw new Error('placed');
  expect(decision.nearestMisses.map((miss) => miss.host)).toContain('node-1');
  expect(countsAnswer({ decision, availabilityZone: undefined }).fits).toBe(0);
  const { nearestMisses } = hostsAnswer(
    { decision: elsewhere(decision, 'node-1'), availabilityZone: undefined },
    undefined,
  );
  expect(nearestMisses?.map(({ nodeName }) => nodeName)).toEqual(['node-4', 'node-3']);
});

describe('an operator', () => {
  test('reads where it would go, and the alternates with their figures', () => {
    const { operator, words } = probed(few);
    expect(operator.nodeName).toBe('node-1');
    expect(operator.best?.map(({ nodeName }) => nodeName)).toEqual(['node-1', 'node-2']);
    const ram = operator.best?.map(
      ({ weighers }) => weighers?.find(({ name }) => name === 'RAMWeigher')?.raw,
    );
    expect(ram).toEqual([16384, 8192]);
    expect(words('operator')[0]?.message).toMatch(/^would go to node-1; 2 of 4 hosts fit/);
  });

  test('reads what came closest where nothing fits', () => {
    expect(probed(few.slice(2)).operator.nearestMisses).toEqual([
      {
        nodeName: 'node-4',
        filter: 'ResourceFit',
        reason: 'InsufficientVcpus',
        missing: [{ resource: 'vcpus', amount: 1, unit: 'vCPU' }],
      },
      { nodeName: 'node-3', filter: 'ComputeFilter', reason: 'Disabled', detail: 'new disks' },
    ]);
  });

  test('reads why not a node: what every filter says of it, or its place', () => {
    const [second, refused, unknown] = probed(few, ['node-2', 'node-3', 'node-9']).operator.nodes ?? [];
    expect(second).toMatchObject({ nodeName: 'node-2', verdict: 'Fits', rank: 2 });
    expect(refused?.verdict).toBe('Refused');
    expect(refused?.filters).toContainEqual({
      name: 'ComputeFilter',
      reason: 'Disabled',
      detail: 'new disks',
    });
    expect(refused?.filters).toContainEqual({ name: 'ResourceFit' });
    expect(unknown).toEqual({ nodeName: 'node-9', verdict: 'Unknown' });
  });
});

test('answers about 5,000 hosts are bounded, and what the schemas take', () => {
  const many = Array.from({ length: 5_000 }, (_, index) =>
    host(`node-with-a-rather-long-name-${index}.rack.example`, {
      disabled: index % 3 === 0,
      disabledReason: 'x'.repeat(255),
      memoryMiB: inventory(16384, { used: (index * 37) % 16384 }),
    }),
  );
  const names = many.slice(0, MOST_NODES_ASKED).map(({ name }) => name);
  const { owner, operator } = probed(many, names);
  expect(Buffer.byteLength(JSON.stringify(owner))).toBeLessThan(4 * 1024);
  expect(Buffer.byteLength(JSON.stringify(operator))).toBeLessThan(64 * 1024);
  expect(operator.best).toHaveLength(10);
  expect(placementProbeStatus.safeParse(owner).error).toBeUndefined();
  expect(clusterPlacementProbeStatus.safeParse(operator).error).toBeUndefined();
});
