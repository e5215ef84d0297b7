import { describe, expect, test } from 'vitest';
import type { Claim } from '#api/nodeledger.ts';
import { view } from '../lifecycle/test-views.ts';
import { requestSpecOf } from '../placement/request.ts';
import { decide } from '../scheduling/decide.ts';
import { judgeHosts } from '../scheduling/host-verdict.ts';
import { DEFAULT_PROFILE } from '../scheduling/profile.ts';
import { fleetOf, host, inventory } from '../scheduling/testing/hosts.ts';
import { type MoveQuestion, moveQuestion, placeQuestion } from './question.ts';

const flavor = {
  name: 'small',
  vcpus: 2,
  memoryMiB: 2048,
  rootDiskGiB: 20,
  ephemeralDiskGiB: 0,
  swapMiB: 0,
};
const { instance } = view({ spec: { rootDisk: { ephemeral: false } } });
const claim: Claim = {
  uid: instance.metadata.uid,
  ownerKind: 'Instance',
  namespace: 'default',
  name: 'web-1',
  instanceUid: instance.metadata.uid,
  vcpus: 8,
  memoryMiB: 2048,
  overheadMiB: 200,
  diskGiB: 0,
};

describe('an Instance that is not created', () => {
  test('asks as its first boot would', () => {
    expect(placeQuestion(requestSpecOf, instance, flavor, 1)).toMatchObject({
      kind: 'place',
      request: { resources: { vcpus: 2, memoryMiB: 2048, diskGiB: 0 }, flavor: { name: 'small' } },
    });
  });

  test('that cannot be is told why', () => {
    expect(placeQuestion(requestSpecOf, instance, { ...flavor, rootDiskGiB: 0 }, 1)).toMatchObject({
      kind: 'unanswerable',
      reason: 'InvalidSpec',
      message: expect.stringContaining('rootDisk 0'),
    });
  });
});

describe('an Instance that holds a place', () => {
  const question = moveQuestion(requestSpecOf, instance, flavor, { nodeName: 'home', claim });
  const full = inventory(8, { used: 8 });

  const refusals = ({ current }: MoveQuestion, home: Parameters<typeof host>[1]) =>
    judgeHosts(fleetOf([host('home', home)]), current.request, DEFAULT_PROFILE, [
      current.nodeName,
    ])[0]?.filters.flatMap(({ reason }) => reason ?? []);

  test('asks of other hosts what it holds, and never of its own', () => {
    const hosts = [host('home', { vcpus: inventory(64) }), host('small', { vcpus: inventory(7) }), host('z')];
    const decision = decide(fleetOf(hosts), question.request, DEFAULT_PROFILE);
    expect(decision).toMatchObject({ kind: 'placed', host: 'z', hostsLeft: 1 });
  });

  test('could stay on a host that it fills by itself, or that is over-committed by now', () => {
    expect(refusals(question, { vcpus: full })).toEqual([]);
    expect(refusals(question, { vcpus: inventory(4, { used: 8 }) })).toEqual([]);
  });

  test('could not stay on a host that is disabled', () => {
    expect(refusals(question, { vcpus: full, disabled: true })).toEqual(['Disabled']);
  });
});
