import { expect, test } from 'vitest';
import { decideMany } from '../decide.ts';
import { explain } from '../explain.ts';
import { DEFAULT_PROFILE } from '../profile.ts';
import { fleetOf, host, resources } from '../testing/hosts.ts';
import { asking, judge, preparedFor } from '../testing/judge.ts';
import { pciPassthroughFilter } from './pci-passthrough.ts';

const GPU = 'example.com/gpu';
const with2 = asking({ resources: resources({ devices: { [GPU]: 2 } }) });
const gpus = (name: string, total: number, used: number) =>
  host(name, { devices: { [GPU]: { total, used } } });

test('a host needs as many free devices as are asked for', () => {
  const hosts = [gpus('two', 2, 0), gpus('one', 2, 1), gpus('promised too many', 1, 3), host('none')];
  const nics = host('others', { devices: { 'example.com/nic': { total: 4, used: 0 } } });
  expect(judge(pciPassthroughFilter, with2, ...hosts, nics)).toEqual([
    'passes',
    'InsufficientDevices',
    'InsufficientDevices',
    'DeviceMissing',
    'DeviceMissing',
  ]);
});

test('who asks for none is none of its business', () => {
  expect(judge(pciPassthroughFilter, asking(), gpus('two', 2, 0))).toBe('skip');
  expect(judge(pciPassthroughFilter, asking({ resources: resources({ devices: {} }) }), host('a'))).toBe(
    'skip',
  );
});

test('it says what is missing, and how many more fit', () => {
  const one = preparedFor(pciPassthroughFilter, with2, gpus('one', 2, 1));
  expect(one.shortfalls?.(0)).toEqual([{ resource: GPU, missing: 1, unit: 'device' }]);
  expect(one.distance?.(0)).toBe(0.5);
  expect(preparedFor(pciPassthroughFilter, with2, host('none')).detail?.(0)).toBe(GPU);
  expect(preparedFor(pciPassthroughFilter, with2, gpus('many', 8, 1)).room?.(0)).toBe(3);
});

test('within one batch no device is promised twice', () => {
  const fleet = fleetOf([gpus('a', 1, 0), gpus('b', 1, 0), host('none')]);
  const one = asking({ resources: resources({ devices: { [GPU]: 1 } }) });
  const decisions = decideMany(fleet, [one, one, one], DEFAULT_PROFILE);
  const hosts = decisions.map((decision) => decision.kind === 'placed' && decision.host);
  expect(hosts).toEqual(['a', 'b', false]);
  expect(explain(decisions[2]!, 'owner')).toBe(
    '0 of 3 hosts fit: PciPassthroughFilter turned away 3 (devices 2, without the device 1); ' +
      `nearest miss: 1 ${GPU} short on one host`,
  );
});
