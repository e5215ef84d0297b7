import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { NODE, type Node, POD, type Pod } from '#adapters/kubernetes/types.ts';
import { type VirtualMachineInstance, VMI } from '#adapters/kubevirt/types.ts';
import { COMPUTE_NODE, type ComputeNode } from '#api/computenode.ts';
import type { Instance } from '#api/instance.ts';
import { createClient, type KubeClient } from '#runtime/client.ts';
import type { Resource } from '#runtime/resource.ts';
import { Berth, EPHEMERAL, onClass } from '#test/berth.ts';
import { actingAs } from '#test/cluster.ts';
import { WriterWatch } from '#test/writers.ts';

let berth: Berth;
let kubevirt: KubeClient;
let writers: WriterWatch;

const WITHIN = { timeout: 90_000, interval: 200 };

beforeAll(async () => {
  const soon = ['kube-controller-manager=--node-monitor-grace-period=6s', 'fleet=--lease-period=1s'];
  berth = await Berth.start({ args: soon });
  kubevirt = createClient(actingAs(berth.cluster, 'system:serviceaccount:kubevirt:kubevirt-controller'));
  writers = new WriterWatch(berth.fleet);
  await berth.operator();
});
afterAll(async () => {
  writers?.stop();
  await kubevirt?.close();
  await berth?.stop();
});

const podsOf = async (name: string): Promise<Pod[]> => {
  const labelSelector = `compute.berth.dev/instance=${name}`;
  return (await berth.client.list<Pod>(POD, { namespace: 'default', labelSelector })).items;
};
const namesOf = async (name: string) => (await podsOf(name)).map(({ metadata }) => metadata.name);
const isGated = ({ spec }: Pod) => (spec.schedulingGates?.length ?? 0) > 0;
const ready = ({ status }: Instance) => status?.conditions?.find(({ type }) => type === 'Ready');
const runningIn = async (name: string) =>
  (await berth.fleet.guests())
    .filter((guest) => guest.name === name && guest.state !== 'Off')
    .map(({ podName }) => podName);

/** An Instance that runs, and its node and pod. */
async function running(name: string, spec = onClass('immediate')) {
  await berth.create(name, spec);
  const { status } = await berth.active(name);
  const [pod = ''] = await namesOf(name);
  return { nodeName: status?.nodeName ?? '', pod };
}

const computeNode = (name: string) => berth.client.get<ComputeNode>(COMPUTE_NODE, name);

async function untilDown(nodeName: string, reason: string): Promise<void> {
  await vi.waitFor(async () => {
    const { status } = await computeNode(nodeName);
    expect([status?.state, status?.stateReason]).toEqual(['Down', reason]);
  }, WITHIN);
}

async function untilUp(nodeName: string): Promise<void> {
  await vi.waitFor(async () => {
    const { status, spec } = await computeNode(nodeName);
    expect([status?.state, spec.fenced]).toEqual(['Up', undefined]);
  }, WITHIN);
}

const untilReadyIs = (nodeName: string, wanted: string) =>
  vi.waitFor(async () => {
    const { status } = await berth.client.get<Node>(NODE, nodeName);
    expect(status?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe(wanted);
  }, WITHIN);

async function cutOff(nodeName: string): Promise<void> {
  await berth.fleet.partition(nodeName);
  await untilDown(nodeName, 'NodeUnreachable');
}

async function bringBack(nodeName: string): Promise<void> {
  await berth.fleet.resume(nodeName);
  await untilUp(nodeName);
}

const forceDelete = (pod: string) =>
  berth.cluster.kubectl('delete', 'pod', pod, '--grace-period=0', '--force', '--wait=false');

/** Takes the VMI away by force, as a user of the namespace can: KubeVirt makes the next one, and its pod. */
async function replaceVmi(name: string): Promise<void> {
  const { metadata } = await berth.client.get<VirtualMachineInstance>(VMI, `default/${name}`);
  await berth.client.delete(VMI, `default/${name}`);
  await vi.waitFor(async () => {
    const { metadata: there } = await berth.client.get(VMI, `default/${name}`);
    if (there.uid === metadata.uid) {
      await berth.client.patch(VMI, `default/${name}`, { metadata: { finalizers: [] } }, { type: 'merge' });
    }
    expect(there.uid).not.toBe(metadata.uid);
  }, WITHIN);
}

/** Takes off what holds it, again and again, until it is gone. */
async function removeByForce(resource: Resource, name: string): Promise<void> {
  await vi.waitFor(async () => {
    if (!(await berth.exists(resource, name))) return;
    await berth.client.patch(
      resource,
      `default/${name}`,
      { metadata: { finalizers: [] } },
      { type: 'merge' },
    );
    expect(await berth.exists(resource, name)).toBe(false);
  }, WITHIN);
}

/** Resolves with the second pod once the operator has said that it will not let it past the first. */
async function fenced(name: string, oldPod: string): Promise<string> {
  return vi.waitFor(async () => {
    const pods = await podsOf(name);
    expect(pods.map((it) => it.metadata.name)).toContain(oldPod);
    const next = pods.find(({ metadata }) => metadata.name !== oldPod);
    expect(next && isGated(next)).toBe(true);
    const words = `waits behind the gate: the guest may still run in ${oldPod}`;
    expect(berth.operators.at(-1)?.log.some(({ msg }) => msg === words)).toBe(true);
    return next?.metadata.name ?? '';
  }, WITHIN);
}

/** Resolves once the old pod is gone and the next one let through. */
const letThrough = (name: string, next: string) =>
  vi.waitFor(async () => {
    const pods = await podsOf(name);
    expect(pods.map(({ metadata }) => metadata.name)).toEqual([next]);
    expect(pods.some(isGated)).toBe(false);
  }, WITHIN);

const attest = (nodeName: string, reason = 'power cut through its BMC') =>
  vi.waitFor(
    () => berth.client.patch(COMPUTE_NODE, nodeName, { spec: { fenced: { reason } } }, { type: 'merge' }),
    WITHIN,
  );

describe('a node that is cut off, its pod deleted by force, its VMI replaced', () => {
  test('has no second writer until it is back and its kubelet has confirmed the end', async () => {
    const { nodeName, pod } = await running('cut-off');
    await cutOff(nodeName);
    await forceDelete(pod);
    await replaceVmi('cut-off');
    await fenced('cut-off', pod);
    expect(await runningIn('cut-off')).toEqual([pod]);
    expect((await berth.claims()).get('Instance/cut-off')).toEqual([nodeName]);
    const { status } = await berth.until('cut-off', (it) => ready(it)?.status === 'False');
    const commands = `${nodeName} is off: kubectl taint node ${nodeName} node.kubernetes.io/out-of-service=nodeshutdown:NoExecute, or kubectl patch computenode ${nodeName}`;
    expect(JSON.stringify(status?.conditions)).toContain(commands);
    await bringBack(nodeName);
    await vi.waitFor(async () => {
      const [next, ...others] = await runningIn('cut-off'); // that it is Active may have been written before
      expect([next === undefined || next === pod, others]).toEqual([false, []]);
    }, WITHIN);
    await berth.active('cut-off');
    expect(await namesOf('cut-off')).not.toContain(pod);
  });

  test('goes on after an attestation, which names who and when, and is gone when the node is back', async () => {
    const { nodeName, pod } = await running('attested');
    const fence = { spec: { fenced: { reason: 'it is up, really' } } };
    await expect(berth.client.patch(COMPUTE_NODE, nodeName, fence, { type: 'merge' })).rejects.toThrow(
      /the kubelet of node-\d+ reports/,
    );
    await cutOff(nodeName);
    await forceDelete(pod);
    await replaceVmi('attested');
    const next = await fenced('attested', pod);
    await attest(nodeName);
    expect((await computeNode(nodeName)).spec.fenced).toMatchObject({
      by: expect.stringMatching(/./),
      at: expect.stringMatching(/Z$/),
    });
    await letThrough('attested', next);
    await vi.waitFor(async () => {
      const events = await berth.cluster.kubectl('get', 'events', '-o', 'jsonpath={.items[*].message}');
      expect(events).toMatch(new RegExp(`${pod} on ${nodeName} is off: \\S+ at \\S+: power cut through`));
    }, WITHIN);
    await berth.fleet.powerOff(nodeName);
    await bringBack(nodeName);
    await berth.active('attested');
    expect(await runningIn('attested')).toEqual([next]);
  });

  test('goes on after the out-of-service taint', async () => {
    const { nodeName, pod } = await running('tainted');
    await cutOff(nodeName);
    await replaceVmi('tainted');
    const next = await fenced('tainted', pod);
    await berth.fleet.powerOff(nodeName);
    const taint = 'node.kubernetes.io/out-of-service=nodeshutdown:NoExecute';
    await berth.cluster.kubectl('taint', 'node', nodeName, taint);
    await vi.waitFor(async () => expect(await namesOf('tainted')).not.toContain(pod), WITHIN);
    expect(await runningIn('tainted')).toEqual([]);
    await berth.cluster.kubectl('taint', 'node', nodeName, `${taint}-`);
    await bringBack(nodeName);
    await berth.active('tainted');
    expect(next).not.toBe(pod);
  });

  test('is not proven off by the word that was given in an earlier outage', async () => {
    const { nodeName, pod } = await running('stale');
    await cutOff(nodeName);
    await forceDelete(pod);
    await replaceVmi('stale');
    const next = await fenced('stale', pod);
    await berth.fleet.powerOff(nodeName);
    await attest(nodeName, 'the first outage');
    await letThrough('stale', next);
    await berth.operators[0]?.kill();
    await berth.fleet.resume(nodeName);
    await vi.waitFor(async () => expect(await runningIn('stale')).toEqual([next]), WITHIN);
    await berth.fleet.partition(nodeName);
    await untilReadyIs(nodeName, 'Unknown');
    expect((await computeNode(nodeName)).spec.fenced?.reason).toBe('the first outage');
    await forceDelete(next);
    await berth.operator('second', [], { nodesUp: false });
    await replaceVmi('stale');
    await fenced('stale', next);
    expect(await runningIn('stale')).toEqual([next]);
    await bringBack(nodeName);
    await berth.active('stale');
  });
});

describe('virt-handler dead', () => {
  test('and the VMI called Failed with its guest running: the next waits for the kubelet’s word', async () => {
    const { nodeName, pod } = await running('orphan');
    await berth.fleet.killHandler(nodeName);
    const failed = [
      { op: 'replace', path: '/status/phase', value: 'Failed' },
      { op: 'add', path: '/status/reason', value: 'NodeUnresponsive' },
    ];
    await kubevirt.patch(VMI, 'default/orphan', failed, { type: 'json' });
    await berth.until('orphan', (it) => it.status?.vmState === 'Stopped');
    expect(await runningIn('orphan')).toEqual([pod]);
    await removeByForce(VMI, 'orphan');
    await berth.patch('orphan', { powerState: 'Stopped' });
    await berth.until('orphan', (it) => it.status?.appliedPowerState === 'Stopped');
    await berth.patch('orphan', { powerState: 'Running' });
    await fenced('orphan', pod);
    expect(await runningIn('orphan')).toEqual([pod]);
    await forceDelete(pod);
    await vi.waitFor(async () => expect(await namesOf('orphan')).not.toContain(pod), WITHIN);
    await berth.fleet.resume(nodeName);
    await berth.active('orphan');
  });
});

describe('a Node that is deleted', () => {
  test('keeps the claim, the pod and the Instance until somebody attests that it is off', async () => {
    const { nodeName, pod } = await running('lost');
    await cutOff(nodeName);
    await berth.client.delete(NODE, nodeName);
    await untilDown(nodeName, 'NodeDeleted');
    await vi.waitFor(
      async () => {
        const [left] = await podsOf('lost');
        expect([left?.status?.phase, left?.metadata.deletionTimestamp !== undefined]).toEqual([
          'Failed',
          true,
        ]);
      },
      { ...WITHIN, timeout: 180_000 },
    );
    await berth.delete('lost');
    const { status } = await berth.until(
      'lost',
      (it) => it.status?.taskState === 'Deleting' && ready(it)?.message.includes('proof') === true,
    );
    expect(ready({ status } as Instance)?.message).toContain(
      `kubectl patch computenode ${nodeName} --type merge`,
    );
    expect(ready({ status } as Instance)?.message).not.toContain('kubectl taint');
    expect(await runningIn('lost')).toEqual([pod]);
    expect((await berth.claims()).get('Instance/lost')).toEqual([nodeName]);
    await attest(nodeName);
    await berth.gone('lost');
    await vi.waitFor(async () => {
      const { items } = await berth.client.list<ComputeNode>(COMPUTE_NODE);
      expect(items.map(({ metadata }) => metadata.name)).not.toContain(nodeName);
    }, WITHIN);
  });
});

describe('Berth away', () => {
  test('while a guest ends: its pod stays, with the kubelet’s word, and the next goes on when Berth is back', async () => {
    const { pod } = await running('unseen', EPHEMERAL);
    await berth.operators.at(-1)?.kill();
    await berth.client.delete(VMI, 'default/unseen');
    await vi.waitFor(async () => {
      const [left] = await podsOf('unseen');
      expect(left?.metadata).toMatchObject({ name: pod, deletionTimestamp: expect.any(String) });
      expect(['Succeeded', 'Failed']).toContain(left?.status?.phase);
    }, WITHIN);
    await berth.operator('third');
    await berth.active('unseen');
    await vi.waitFor(async () => expect(await namesOf('unseen')).not.toContain(pod), WITHIN);
  });
});

test('at no moment did a guest run twice', () => {
  expect(writers.looks).toBeGreaterThan(10);
  expect([...writers.violations]).toEqual([]);
});
