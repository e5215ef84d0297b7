import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { NODE, POD, type Pod } from '#adapters/kubernetes/types.ts';
import {
  type VirtualMachineInstance,
  type VirtualMachineInstanceMigration,
  VMI,
  VMIM,
} from '#adapters/kubevirt/types.ts';
import { COMPUTE_NODE } from '#api/computenode.ts';
import type { Instance } from '#api/instance.ts';
import { createClient, type KubeClient } from '#runtime/client.ts';
import { Berth, EPHEMERAL, onClass } from '#test/berth.ts';
import { actingAs } from '#test/cluster.ts';

/** KubeVirt's own ways to start a guest's pod: each is placed by Berth, claimed and recorded. */
let berth: Berth;
let controller: KubeClient;

const WITHIN = { timeout: 120_000, interval: 200 };
const shared = onClass('shared', 'ReadWriteMany');

beforeAll(async () => {
  berth = await Berth.start();
  controller = createClient(actingAs(berth.cluster, 'system:serviceaccount:kubevirt:kubevirt-controller'));
  await berth.operator();
});
afterAll(async () => {
  await controller?.close();
  await berth?.stop();
});

const podsOf = async (name: string): Promise<Pod[]> => {
  const labelSelector = `compute.berth.dev/instance=${name}`;
  return (await berth.client.list<Pod>(POD, { namespace: 'default', labelSelector })).items;
};

/** It runs elsewhere, and its one claim is there: nothing is left of the move. */
async function movedFrom(name: string, nodeName: string, timeout = WITHIN.timeout): Promise<string> {
  const { status } = await berth.until(
    name,
    (it) => it.status?.vmState === 'Active' && it.status.nodeName !== nodeName && !it.status.taskState,
    timeout,
  );
  await vi.waitFor(async () => {
    const claims = [...(await berth.claims())].filter(([owner]) => owner.includes(name));
    expect(claims).toEqual([[`Instance/${name}`, [status?.nodeName]]]);
  }, WITHIN);
  return status?.nodeName ?? '';
}

const drain = (nodeName: string, timeout: string) => {
  const flags = ['--ignore-daemonsets', '--delete-emptydir-data', `--timeout=${timeout}`];
  return berth.cluster.kubectl('drain', nodeName, ...flags);
};

const setDisabled = (nodes: string[], disabled: boolean) =>
  Promise.all(
    nodes.map((node) => berth.client.patch(COMPUTE_NODE, node, { spec: { disabled } }, { type: 'merge' })),
  );

describe('a node drain', () => {
  test('moves its guests within the policy of their group, and holds up none of the others', async () => {
    await berth.create('drained', shared);
    const { status } = await berth.active('drained');
    const home = status?.nodeName ?? '';
    const zone = status?.placement?.availabilityZone ?? '';
    const { items } = await berth.client.list(NODE);
    const inZone = items.filter(
      ({ metadata }) => metadata.labels?.['topology.kubernetes.io/zone'] === zone && metadata.name !== home,
    );
    const others = inZone.map(({ metadata }) => metadata.name);
    await setDisabled(others, true);
    // Bound to a zone that has no other node for it: it cannot move.
    await berth.create('bound', { ...shared, availabilityZone: zone });
    expect((await berth.active('bound')).status?.nodeName).toBe(home);

    const drained = drain(home, '100s').catch((error: Error) => error.message);
    expect(await movedFrom('drained', home)).not.toBe('');
    await vi.waitFor(async () => {
      const events = await berth.cluster.kubectl('get', 'events', '-o', 'json');
      expect(events).toMatch(/migration kubevirt-evacuation-\w+ is cancelled: 0 of \d hosts fit/);
    }, WITHIN);
    expect((await berth.get('bound')).status?.nodeName).toBe(home);
    await vi.waitFor(async () => {
      const { items: made } = await berth.client.list<VirtualMachineInstanceMigration>(VMIM);
      const failed = made.find(({ spec, status }) => spec.vmiName === 'bound' && status?.phase === 'Failed');
      expect(failed?.metadata.annotations?.['compute.berth.dev/refused']).toMatch(/^0 of \d hosts fit/);
    }, WITHIN);

    await setDisabled(others, false);
    // KubeVirt waits 20 s after a migration of its own that failed, 40 s after the next, then 80 s.
    expect(others).toContain(await movedFrom('bound', home, 300_000));
    const tries = await berth.cluster.kubectl('get', 'events', '--field-selector=reason=NoValidHost');
    expect(new Set(tries.match(/kubevirt-evacuation-\w+ is cancelled/g)).size).toBeLessThan(6);
    await drained;
    await berth.cluster.kubectl('uncordon', home);
    await vi.waitFor(async () => {
      const { items: left } = await berth.client.list(VMIM);
      const open = left.filter((it) => !('status' in it) || !JSON.stringify(it).match(/Succeeded|Failed/));
      expect(open).toEqual([]);
    }, WITHIN);
  }, 600_000);

  test('goes on where kube-scheduler refused the first target: the next of KubeVirt’s tries leads elsewhere', async () => {
    const placed = async (name: string) => {
      await berth.create(name, shared);
      return (await berth.active(name)).status?.nodeName ?? '';
    };
    const home = await placed('refused');
    const preferred = await placed('scout');
    expect(preferred).not.toBe(home);
    await berth.delete('scout');
    await berth.gone('scout');
    await berth.whileFull(preferred, async () => {
      const drained = drain(home, '200s');
      expect(await movedFrom('refused', home, 240_000)).not.toBe(preferred);
      await drained;
      const { items } = await berth.client.list<VirtualMachineInstanceMigration>(VMIM);
      const tries = items.filter(({ spec }) => spec.vmiName === 'refused');
      expect(tries.map(({ status }) => status?.phase).toSorted()).toEqual(['Failed', 'Succeeded']);
      const failed = tries.find(({ status }) => status?.phase === 'Failed')?.metadata.annotations;
      expect(failed?.['compute.berth.dev/refused-node']).toBe(preferred);
      expect(failed?.['compute.berth.dev/refused']).toContain('Too many pods');
    });
    await berth.cluster.kubectl('uncordon', home);
  }, 600_000);
});

describe('KubeVirt’s workload updater', () => {
  test('moves a guest whose launcher is out of date through the gate', async () => {
    await berth.create('outdated', shared);
    const { status } = await berth.active('outdated');
    const [pod] = await podsOf('outdated');
    const image = {
      spec: { containers: [{ name: 'compute', image: 'quay.io/kubevirt/virt-launcher:v1.6.0' }] },
    };
    await controller.patch(POD, `default/${pod?.metadata.name}`, image, { type: 'strategic' });
    await vi.waitFor(async () => {
      const labels = await berth.cluster.kubectl(
        'get',
        'vmi',
        'outdated',
        '-o',
        'jsonpath={.metadata.labels}',
      );
      expect(labels).toContain('outdatedLauncherImage');
    }, WITHIN);
    // KubeVirt's updater looks when its KubeVirt object changes, as an update of KubeVirt makes it do.
    await berth.cluster.kubectl('annotate', 'kubevirt', '-n', 'kubevirt', '--all', 'updated=1');
    const moved = await movedFrom('outdated', status?.nodeName ?? '');
    const { items } = await berth.client.list(VMIM);
    expect(items.map(({ metadata }) => metadata.name)).toContainEqual(
      expect.stringMatching(/^kubevirt-workload-update-/),
    );
    expect(moved).not.toBe(status?.nodeName);
  }, 200_000);
});

describe('the temporary pod of a volume that waits for its first consumer', () => {
  test('goes to the node of the claim, carries no guest and is not held', async () => {
    const seen = new Map<string, Pod>();
    const looking = setInterval(async () => {
      for (const pod of await podsOf('first')) seen.set(pod.metadata.name, pod);
    }, 50);
    await berth.create('first', onClass('wffc'));
    const { status } = await berth.active('first');
    clearInterval(looking);
    const annotation = 'volume\\.kubernetes\\.io/selected-node';
    const jsonpath = `jsonpath={.metadata.annotations.${annotation}}`;
    expect(await berth.cluster.kubectl('get', 'pvc', 'first-root', '-o', jsonpath)).toBe(status?.nodeName);
    const temporary = [...seen.values()].filter(
      ({ metadata }) => metadata.annotations?.['kubevirt.io/ephemeral-provisioning'] !== undefined,
    );
    expect(temporary.length).toBeGreaterThan(0);
    for (const pod of temporary) {
      expect(pod.metadata.finalizers ?? []).toEqual([]);
      expect([undefined, status?.nodeName]).toContain(pod.spec.nodeName);
    }
  });
});

describe('a guest that crashes', () => {
  const isCrashed = ({ status }: Instance) =>
    status?.powerState === 'Crashed' || status?.powerState === 'Shutdown';

  test('is not restarted by KubeVirt; a start goes through the gate to its place', async () => {
    await berth.create('crashed', EPHEMERAL);
    const { status } = await berth.active('crashed');
    const before = await berth.client.get<VirtualMachineInstance>(VMI, 'default/crashed');
    await berth.fleet.crashGuest('default/crashed');
    await berth.until('crashed', (it) => isCrashed(it) && it.status?.vmState === 'Stopped');
    await berth.patch('crashed', { powerState: 'Stopped' });
    await berth.until('crashed', (it) => it.status?.appliedPowerState === 'Stopped');
    await berth.patch('crashed', { powerState: 'Running' });
    expect((await berth.active('crashed')).status?.nodeName).toBe(status?.nodeName);
    const after = await berth.client.get<VirtualMachineInstance>(VMI, 'default/crashed');
    expect(after.metadata.uid).not.toBe(before.metadata.uid);
    expect((await berth.claims()).get('Instance/crashed')).toEqual([status?.nodeName]);
  });
});
