import { describe, expect, test } from 'vitest';
import type { Claim } from '#api/nodeledger.ts';
import { view } from '../lifecycle/test-views.ts';
import { requestSpecOf } from '../placement/request.ts';
import { decide } from '../scheduling/decide.ts';
import { judgeStay } from '../scheduling/host-verdict.ts';
import { DEFAULT_PROFILE } from '../scheduling/profile.ts';
import { fleetOf, host, inventory } from '../scheduling/testing/hosts.ts';
import { moveQuestion, placeQuestion } from './question.ts';

const flavor = {
  name: 'small',
  vcpus: 2,
  memoryMiB: 2048,
  rootDiskGiB: 20,
  ephemeralDiskGiB: 0,
  swapMiB: 0,
};
const asking = { requests: requestSpecOf, profile: DEFAULT_PROFILE };
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

describe('an Instance that is not placed', () => {
  test('asks as its first boot would', () => {
    expect(placeQuestion(asking, instance, flavor, 1)).toMatchObject({
      kind: 'place',
      request: { resources: { vcpus: 2, memoryMiB: 2048, diskGiB: 0 }, flavor: { name: 'small' } },
    });
  });

  test('forgets where an earlier request failed, and keeps to the node that an administrator named', () => {
    const excluded = [{ nodeName: 'n2', message: 'too small' }];
    const { instance: pinned } = view({
      spec: { nodeName: 'n1' },
      status: { placement: { requestId: 'req-1', excluded } },
    });
    const question = placeQuestion(asking, pinned, flavor, 1);
    expect(question.kind === 'place' && question.request.ties).toEqual({ onlyHosts: ['n1'] });
  });

  test('that cannot be is told why', () => {
    expect(placeQuestion(asking, instance, { ...flavor, rootDiskGiB: 0 }, 1)).toMatchObject({
      kind: 'unanswerable',
      reason: 'InvalidSpec',
      message: expect.stringContaining('rootDisk 0'),
    });
  });
});

test('an Image that needs more than the Flavor has is told of before anything is made', () => {
  const image = { name: 'golden', pvc: { name: 'image-golden' }, minDiskGiB: 30 };
  expect(placeQuestion(asking, instance, flavor, 1, image)).toEqual({
    kind: 'unanswerable',
    reason: 'InvalidSpec',
    message:
      'spec.flavorRef: Image golden needs a root disk of 30 GiB, and Flavor small has one of 20: choose a Flavor with a larger rootDisk',
  });
});

describe('an Instance that holds a place', () => {
  const holds = { nodeName: 'home', claim, nodeNames: ['home', 'target'] };
  const question = moveQuestion(asking, instance, flavor, holds);

  test('asks of other hosts what it holds, and never of those where it holds something', () => {
    const hosts = [
      host('home', { vcpus: inventory(64) }),
      host('target', { vcpus: inventory(64) }),
      host('small', { vcpus: inventory(7) }),
      host('z'),
    ];
    const decision = decide(fleetOf(hosts), question.request, DEFAULT_PROFILE);
    expect(decision).toMatchObject({ kind: 'placed', host: 'z', hostsLeft: 1 });
  });

  test('is asked whether it could stay with what it holds', () => {
    const { uid, ownerKind, namespace, name, instanceUid, ...amounts } = claim;
    const { nodeName, held, request } = question.current;
    expect([nodeName, held]).toEqual(['home', amounts]);
    const fleet = fleetOf([host('home', { vcpus: inventory(8, { used: 8 }) }), host('z')]);
    const verdict = judgeStay(fleet, request, DEFAULT_PROFILE, { host: nodeName, held });
    expect(verdict?.filters.flatMap(({ reason }) => reason ?? [])).toEqual([]);
  });
});
