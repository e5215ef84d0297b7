import { describe, expect, test } from 'vitest';
import type { InstanceStatus } from '#api/instance.ts';
import { assess } from './assess.ts';
import { afterDeadline } from './deadline.ts';
import { heldBack } from './held-back.ts';
import { networkStatusesOf } from './network-status.ts';
import type { NetworkView } from './network-view.ts';
import { BUILT, NO_GUEST, type ViewChanges, view } from './test-views.ts';

const asked: NetworkView = { name: 'storage', wanted: true, configured: false, guest: 'absent', plugs: true };
const there: NetworkView = { ...asked, configured: true, guest: 'ready' };
const pod: NetworkView = { ...asked, name: 'front', plugs: false };
const OFF: ViewChanges['guest'] = { vm: { runs: false, deleting: false }, power: 'absent', pods: [] };
const inFlight = (name: 'AttachInterface' | 'DetachInterface'): InstanceStatus => ({
  ...BUILT,
  taskState: name === 'AttachInterface' ? 'AttachingInterface' : 'DetachingInterface',
  operation: { name, requestId: 'req-1', startTime: '2026-01-01T00:00:00Z', waitingFor: 'KubeVirt' },
});
const seen = (networks: NetworkView[], more: ViewChanges = {}) => view({ status: BUILT, networks, ...more });
const begun = (networks: NetworkView[], more?: ViewChanges) => assess(seen(networks, more)).operation;
const held = (networks: NetworkView[], more: ViewChanges = {}) => {
  const it = seen(networks, more);
  const situation = assess(it);
  expect(situation.operation).toBeUndefined();
  return heldBack(it, situation);
};

describe('a change of the list', () => {
  test('begins an operation, what goes before what comes', () => {
    expect(begun([there])).toBeUndefined();
    expect(begun([there, { ...asked, name: 'more' }])).toBe('AttachInterface');
    expect(
      begun([
        { ...there, wanted: false },
        { ...asked, name: 'more' },
      ]),
    ).toBe('DetachInterface');
  });

  test('of the pod network waits until the guest is off, and says so', () => {
    expect(held([pod])).toMatchObject({
      reason: 'NextStart',
      message: expect.stringMatching(/^spec.networks front: /),
    });
    expect(held([{ ...pod, wanted: false, configured: true, guest: 'ready' }])).toMatchObject({
      reason: 'NextStart',
    });
    expect(begun([pod], { guest: OFF })).toBe('AttachInterface');
    expect(begun([{ ...pod, wanted: false, configured: true }], { guest: OFF })).toBe('DetachInterface');
  });

  test('waits in states that it does not start from, and for a network that is not there', () => {
    expect(held([asked], { status: { ...BUILT, vmState: 'Rescued' } })).toMatchObject({
      reason: 'WrongState',
    });
    const obstacle = { reason: 'NetworkNotFound', message: 'create it' };
    expect(held([{ ...asked, obstacle }])).toEqual({
      reason: 'NetworkNotFound',
      message: 'spec.networks storage: create it',
    });
  });
});

test('attaching goes into the VM, and has ended when the guest has it; what takes too long is undone', () => {
  const step = (network: NetworkView, more: ViewChanges = {}) =>
    assess(view({ status: inFlight('AttachInterface'), networks: [network], ...more }));
  expect(step(asked).action).toEqual({ kind: 'plugNetworks', names: ['storage'] });
  const late = { ...there, guest: 'plugging' as const };
  expect(step(late)).toMatchObject({ action: { kind: 'none' }, taskState: 'AttachingInterface' });
  expect(step(there).outcome).toEqual({ result: 'Succeeded' });
  expect(step(late, { guest: OFF }).outcome).toEqual({ result: 'Succeeded' });
  const overdue = view({ status: inFlight('AttachInterface'), networks: [late] });
  expect(afterDeadline(overdue, assess(overdue), undefined)).toMatchObject({
    action: { kind: 'unplugNetworks', names: ['storage'], runs: true },
    outcome: { result: 'Failed', code: 'DeadlineExceeded' },
  });
});

test('detaching marks it absent in the VM of a guest that runs, and waits until KubeVirt has taken it out', () => {
  const step = (network: NetworkView, more: ViewChanges = {}) =>
    assess(view({ status: inFlight('DetachInterface'), networks: [{ ...network, wanted: false }], ...more }));
  expect(step(there).action).toEqual({ kind: 'unplugNetworks', names: ['storage'], runs: true });
  expect(step({ ...there, configured: false, guest: 'unplugging' })).toMatchObject({
    action: { kind: 'none' },
    taskState: 'DetachingInterface',
  });
  expect(step({ ...there, configured: false, guest: 'absent' }).outcome).toEqual({ result: 'Succeeded' });
  expect(step({ ...there, guest: 'absent' }, { guest: OFF }).action).toMatchObject({ runs: false });
});

test('a new Instance waits for a network that does not exist', () => {
  const obstacle = { reason: 'NetworkNotFound', message: 'create it' };
  const waiting = assess(view({ guest: NO_GUEST, claimNode: undefined, networks: [{ ...asked, obstacle }] }));
  expect(waiting.blocked).toEqual({ reason: 'NetworkNotFound', message: 'spec.networks storage: create it' });
});

test('the status says how far each is, where the list is set', () => {
  const networks = [asked, there, { ...there, guest: 'plugging' as const }, { ...there, wanted: false }];
  const phases = networkStatusesOf(seen(networks, { spec: { networks: [] } }))?.map(({ phase }) => phase);
  expect(phases).toEqual(['Pending', 'Attached', 'Attaching', 'Detaching']);
  expect(networkStatusesOf(seen([there]))).toBeUndefined();
});
