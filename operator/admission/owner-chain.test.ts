import { expect, test } from 'vitest';
import { brokenChain, type Find } from './owner-chain.ts';

const reference = (apiVersion: string, kind: string, name: string, uid: string) => ({
  apiVersion,
  kind,
  name,
  uid,
  controller: true,
});
const toVmi = reference('kubevirt.io/v1', 'VirtualMachineInstance', 'web', 'vmi');
const toVm = reference('kubevirt.io/v1', 'VirtualMachine', 'web', 'vm');
const toInstance = reference('compute.berth.dev/v1alpha1', 'Instance', 'web', 'instance');
const labels = { 'compute.berth.dev/instance': 'web', 'compute.berth.dev/instance-uid': 'instance' };
const pod = { metadata: { labels, ownerReferences: [toVmi] } };
const owners = (vmi: object, vm: object) => ({
  'VirtualMachineInstance own/web vmi': { metadata: vmi },
  'VirtualMachine own/web vm': { metadata: vm },
  'Instance own/web instance': { metadata: {} },
});
const whole = owners({ ownerReferences: [toVm] }, { ownerReferences: [toInstance] });
const findIn =
  (objects: Record<string, { metadata: object }>): Find =>
  async ({ kind }, key, uid) =>
    objects[`${kind} ${key} ${uid}`] as Awaited<ReturnType<Find>>;

test('a pod whose owners lead to the Instance of its labels is a guest’s', async () => {
  expect(await brokenChain(pod, 'own', findIn(whole))).toBeUndefined();
});

test.each([
  ['without an owner', { metadata: { labels } }, whole, 'it has no VirtualMachineInstance above it'],
  ['in another namespace', pod, {}, 'its VirtualMachineInstance web is not there'],
  [
    'of a VMI that a replica set made',
    pod,
    owners({ ownerReferences: [{ ...toVm, kind: 'VirtualMachineInstanceReplicaSet' }] }, {}),
    'it has no VirtualMachine above it',
  ],
  ['of a VM that is nobody’s', pod, owners({ ownerReferences: [toVm] }, {}), 'it has no Instance above it'],
  [
    'of a VM that was made again meanwhile',
    pod,
    owners({ ownerReferences: [{ ...toVm, uid: 'older' }] }, {}),
    'its VirtualMachine web is not there',
  ],
  [
    'with the label of another tenant',
    {
      metadata: {
        ownerReferences: [toVmi],
        labels: { ...labels, 'compute.berth.dev/instance-uid': 'other' },
      },
    },
    whole,
    'it is another Instance’s',
  ],
])('one %s is not', async (_, other, objects, wrong) => {
  expect(await brokenChain(other, 'own', findIn(objects))).toBe(wrong);
});
