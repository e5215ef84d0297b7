import { expect, test } from 'vitest';
import { host } from '../testing/hosts.ts';
import { asking, judge } from '../testing/judge.ts';
import { simpleCidrAffinityFilter } from './simple-cidr-affinity.ts';

const hosts = [host('a', { address: '192.0.2.10' }), host('b', { address: '192.0.3.10' }), host('c')];
const says = (ip: string, cidr?: string) =>
  judge(simpleCidrAffinityFilter, asking({ near: { ip, ...(cidr !== undefined && { cidr }) } }), ...hosts);

test('hosts of the network pass; those of another, or without an address, do not', () => {
  expect(says('192.0.2.200')).toEqual(['passes', 'OtherNetwork', 'OtherNetwork']);
  expect(says('192.0.2.200', '/16')).toEqual(['passes', 'passes', 'OtherNetwork']);
  expect(says('192.0.2.200', '/32')).toEqual(['OtherNetwork', 'OtherNetwork', 'OtherNetwork']);
});

test('hints that make no network turn every host away', () => {
  for (const near of [
    ['not-an-ip', '/24'],
    ['192.0.2.1', '/99'],
    ['192.0.2.200', '24'],
  ] as const)
    expect(says(near[0], near[1])).toEqual(['NetworkMalformed', 'NetworkMalformed', 'NetworkMalformed']);
});

test('without the hint it has nothing to say', () => {
  expect(judge(simpleCidrAffinityFilter, asking(), ...hosts)).toBe('skip');
  expect(says('')).toBe('skip');
});
