import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { POD, type Pod } from '#adapters/kubernetes/types.ts';
import { type VirtualMachine, type VirtualMachineInstance, VM, VMI } from '#adapters/kubevirt/types.ts';
import { COMPUTE_NODE } from '#api/computenode.ts';
import { INSTANCE } from '#api/instance.ts';
import { NODE_LEDGER } from '#api/nodeledger.ts';
import { createClient, type KubeClient } from '#runtime/client.ts';
import type { Resource } from '#runtime/resource.ts';
import { Berth, EPHEMERAL } from '#test/berth.ts';
import { actingAs } from '#test/cluster.ts';

/** The genuine roles `edit` and `kubevirt.io:edit`, and all on Instances but their status. */
const TENANT = 'tenant';
const UID_LABEL = 'compute.berth.dev/instance-uid';
const WITHIN = { timeout: 60_000, interval: 200 };

let berth: Berth;
let tenant: KubeClient;
let controller: KubeClient;
let uid: string;
let nodeName: string;

beforeAll(async () => {
  const soon = ['kube-controller-manager=--node-monitor-grace-period=6s', 'fleet=--lease-period=1s'];
  berth = await Berth.start({ args: soon });
  tenant = createClient(actingAs(berth.cluster, TENANT));
  controller = createClient(actingAs(berth.cluster, 'system:serviceaccount:kubevirt:kubevirt-controller'));
  await berth.operator();
  const { kubectl } = berth.cluster;
  await kubectl('create', 'namespace', 'own');
  const verbs = '--verb=get,list,watch,create,update,patch,delete';
  await kubectl('create', 'clusterrole', 'instances', verbs, '--resource=instances.compute.berth.dev');
  for (const namespace of ['default', 'own']) {
    for (const role of ['edit', 'kubevirt.io:edit', 'instances']) {
      const name = role.replaceAll(/[.:]/g, '-');
      const what = ['rolebinding', name, `--clusterrole=${role}`, `--user=${TENANT}`];
      await kubectl('create', ...what, '-n', namespace);
    }
  }
  const nodes = ['clusterrole', 'nodes', '--verb=get,patch', '--resource=computenodes.compute.berth.dev'];
  await kubectl('create', ...nodes);
  await kubectl('create', 'clusterrolebinding', 'nodes', '--clusterrole=nodes', `--user=${TENANT}`);
  await berth.create('target', EPHEMERAL);
  await berth.create('off', { ...EPHEMERAL, powerState: 'Stopped' });
  const { metadata, status } = await berth.active('target');
  [uid, nodeName] = [metadata.uid, status?.nodeName ?? ''];
  await berth.until('off', (it) => it.status?.vmState === 'Stopped');
  await policiesHold();
});
afterAll(async () => {
  await tenant?.close();
  await controller?.close();
  await berth?.stop();
});

/** The API server compiles a policy a moment after it was written. */
const policiesHold = () =>
  vi.waitFor(async () => {
    for (const attempt of [
      () => patch(VM, 'target', { metadata: { labels: { [UID_LABEL]: 'x' } } }, { dryRun: true }),
      () => patch(VMI, 'target', { metadata: { labels: { [UID_LABEL]: 'x' } } }, { dryRun: true }),
      async () => tenant.create(POD, forged({ [UID_LABEL]: uid }), { dryRun: true }),
    ]) {
      await expect(attempt()).rejects.toThrow(/ValidatingAdmissionPolicy/);
    }
  }, WITHIN);

const patch = (resource: Resource, name: string, body: object, options: { dryRun?: boolean } = {}) =>
  tenant.patch(resource, `default/${name}`, body, { type: 'merge', ...options });
const forged = (labels: Record<string, string>) =>
  ({
    metadata: { name: 'forged', namespace: 'own', labels },
    spec: { containers: [{ name: 'compute', image: 'x' }] },
  }) as never;
const domain = { devices: {}, memory: { guest: '64Mi' } };
const labels = () => ({ [UID_LABEL]: uid, 'compute.berth.dev/instance': 'target' });
const podsOf = async (name: string): Promise<Pod[]> => {
  const labelSelector = `compute.berth.dev/instance=${name}`;
  return (await berth.client.list<Pod>(POD, { namespace: 'default', labelSelector })).items;
};
const isGated = ({ spec }: Pod) => (spec.schedulingGates?.length ?? 0) > 0;
const subresource = (kind: string, name: string, verb: string) =>
  tenant.request('PUT', `/apis/subresources.kubevirt.io/v1/namespaces/default/${kind}/${name}/${verb}`, {});

describe('a pod behind the gate', () => {
  let gated: string;

  beforeAll(async () => {
    await berth.create('held', EPHEMERAL);
    const { status } = await berth.active('held');
    await berth.fleet.partition(status?.nodeName ?? '');
    await tenant.delete(VMI, 'default/held');
    gated = await vi.waitFor(async () => {
      const vmi = await tenant.get<VirtualMachineInstance>(VMI, 'default/held');
      if (vmi.metadata.deletionTimestamp) await patch(VMI, 'held', { metadata: { finalizers: [] } });
      const next = (await podsOf('held')).find(isGated);
      expect(next).toBeDefined();
      return next?.metadata.name ?? '';
    }, WITHIN);
  });

  const OTHER_NODE = { 'kubernetes.io/hostname': 'node-001' };
  test.each<[string, object, RegExp]>([
    ['takes the gate off', { spec: { schedulingGates: null } }, /the gate .* is Berth's/],
    [
      'takes the gate off and names a node',
      { spec: { schedulingGates: null, nodeSelector: OTHER_NODE } },
      /the gate .* is Berth's/,
    ],
    ['narrows it to another node', { spec: { nodeSelector: OTHER_NODE } }, /change the Instance instead/],
    ['strips the label', { metadata: { labels: { [UID_LABEL]: null } } }, /on a guest's pod are Berth's/],
    [
      'changes an annotation',
      { metadata: { annotations: { 'compute.berth.dev/request-id': 'mine' } } },
      /on a guest's pod are Berth's/,
    ],
    [
      'makes it look like the target of a migration',
      { metadata: { labels: { 'kubevirt.io/migrationJobUID': 'x' } } },
      /change the Instance instead/,
    ],
    [
      'makes it look like a temporary pod',
      { metadata: { annotations: { 'kubevirt.io/ephemeral-provisioning': 'true' } } },
      /change the Instance instead/,
    ],
    ['takes the finalizer off', { metadata: { finalizers: null } }, /kubectl patch computenode NODE/],
    ['orphans it', { metadata: { ownerReferences: null } }, /whose guest a pod carries/],
  ])('a tenant who %s is refused', async (_, body, message) => {
    await expect(patch(POD, gated, body)).rejects.toThrow(message);
  });

  test('a tenant cannot bind it, nor add a container to it; an administrator cannot bind it either', async () => {
    const path = `/api/v1/namespaces/default/pods/${gated}`;
    const body = { metadata: { name: gated }, target: { kind: 'Node', name: 'node-001' } };
    const binding = { apiVersion: 'v1', kind: 'Binding', ...body };
    await expect(tenant.request('POST', `${path}/binding`, binding)).rejects.toThrow(
      /cannot create .*binding/,
    );
    await expect(berth.client.request('POST', `${path}/binding`, binding)).rejects.toThrow(/schedulingGates/);
    const pod = await tenant.get<Pod>(POD, `default/${gated}`);
    await expect(tenant.request('PUT', `${path}/ephemeralcontainers`, pod)).rejects.toThrow(
      /cannot update .*ephemeralcontainers/,
    );
  });

  test('not even an administrator takes its gate or finalizer off in passing', async () => {
    const change = (body: object) => berth.client.patch(POD, `default/${gated}`, body, { type: 'merge' });
    await expect(change({ spec: { schedulingGates: null } })).rejects.toThrow(/the gate .* is Berth's/);
    await expect(change({ metadata: { finalizers: null } })).rejects.toThrow(/proven off/);
  });
});

describe('a pod that a tenant makes', () => {
  test.each([
    ['as a launcher of the guest', { 'kubevirt.io': 'virt-launcher' }],
    ['with the label alone', {}],
  ])('%s is refused', async (_, more) => {
    const pod = forged({ ...labels(), ...more });
    await expect(tenant.create(POD, pod)).rejects.toThrow(/the pods of Berth's guests, which KubeVirt makes/);
  });

  test('as KubeVirt’s controller would, without a guest, is refused', async () => {
    const pod = forged({ ...labels(), 'kubevirt.io': 'virt-launcher' });
    await expect(controller.create(POD, pod)).rejects.toThrow(
      /not its own: it has no VirtualMachineInstance/,
    );
  });
});

describe('the VirtualMachine', () => {
  const template = (spec: object) => ({ spec: { template: { spec } } });
  const affinity = {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } },
  };

  test.each<[string, object, RegExp]>([
    ['its affinity', template({ affinity }), /is an Instance's/],
    ['its node selector', template({ nodeSelector: { a: 'b' } }), /is an Instance's/],
    ['its CPUs', template({ domain: { cpu: { sockets: 8 } } }), /is an Instance's/],
    ['its run strategy', { spec: { runStrategy: 'Always' } }, /spec.powerState/],
    ['its labels', { metadata: { labels: { [UID_LABEL]: null } } }, /are Berth's/],
    [
      'its template’s labels',
      { spec: { template: { metadata: { labels: { [UID_LABEL]: null } } } } },
      /is an Instance's/,
    ],
    [
      'its annotations',
      { metadata: { annotations: { 'compute.berth.dev/asked-power-state': 'x' } } },
      /are Berth's/,
    ],
    ['its owner', { metadata: { ownerReferences: null } }, /whose VirtualMachine this is/],
  ])('a tenant who changes %s is refused', async (_, body, message) => {
    await expect(patch(VM, 'target', body)).rejects.toThrow(message);
  });

  test('size and place are kept even from KubeVirt’s controller, which restores what users wrote', async () => {
    for (const spec of [{ nodeSelector: { a: 'b' } }, { domain: { cpu: { sockets: 8 } } }]) {
      await expect(controller.patch(VM, 'default/target', template(spec), { type: 'merge' })).rejects.toThrow(
        /its size and where it may run are claimed by Berth/,
      );
    }
  });

  test('a tenant who stops or starts it past Berth is refused', async () => {
    await expect(subresource('virtualmachines', 'target', 'stop')).rejects.toThrow(/spec.powerState/);
    await expect(subresource('virtualmachines', 'off', 'start')).rejects.toThrow(/spec.powerState/);
  });

  test.each([
    ['labels of a guest in the template', () => ({ labels: labels() }), () => ({})],
    ['labels of its own', () => ({}), () => ({ labels: labels() })],
    [
      'an Instance as its owner',
      () => ({}),
      () => ({
        ownerReferences: [
          { apiVersion: 'compute.berth.dev/v1alpha1', kind: 'Instance', name: 'target', uid },
        ],
      }),
    ],
  ])('one that a tenant makes with %s is refused', async (_, inner, outer) => {
    const spec = { runStrategy: 'Halted', template: { metadata: inner(), spec: { domain } } };
    const vm = { metadata: { name: 'mine', namespace: 'own', ...outer() }, spec };
    await expect(tenant.create(VM, vm as never)).rejects.toThrow(/mark Berth's VirtualMachines/);
  });
});

describe('the VirtualMachineInstance', () => {
  test('of another tenant’s uid is refused, made directly or by a replica set', async () => {
    const vmi = { metadata: { name: 'mine', namespace: 'own', labels: labels() }, spec: { domain } };
    await expect(tenant.create(VMI, vmi as never)).rejects.toThrow(/mark Berth's guests/);
    const replicaSet = {
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachineInstanceReplicaSet',
      metadata: { name: 'mine', namespace: 'own' },
      spec: {
        replicas: 1,
        selector: { matchLabels: { [UID_LABEL]: uid } },
        template: { metadata: { labels: labels() }, spec: { domain } },
      },
    };
    const path = '/apis/kubevirt.io/v1/namespaces/own/virtualmachineinstancereplicasets';
    await tenant.request('POST', path, replicaSet);
    await vi.waitFor(async () => {
      const events = await berth.cluster.kubectl('get', 'events', '-n', 'own', '-o', 'json');
      expect(events).toContain("mark Berth's guests: remove them");
    }, WITHIN);
    expect((await tenant.list(VMI, { namespace: 'own' })).items).toEqual([]);
    await tenant.request('DELETE', `${path}/mine`);
  });

  test.each<[string, object, RegExp]>([
    ['its labels', { metadata: { labels: { [UID_LABEL]: 'x' } } }, /are Berth's/],
    [
      'what KubeVirt copies to its next pod',
      { metadata: { annotations: { 'kubevirt.io/ephemeral-provisioning': 'true' } } },
      /is an Instance's/,
    ],
    ['its owner', { metadata: { ownerReferences: null } }, /whose guest this is/],
  ])('a tenant who changes %s is refused', async (_, body, message) => {
    await expect(patch(VMI, 'target', body)).rejects.toThrow(message);
  });
});

describe('Berth’s own records', () => {
  const refused = (promise: Promise<unknown>) =>
    expect(promise).rejects.toThrow(/forbidden: User "tenant" cannot/);

  test('are out of a tenant’s reach: ledgers, and the status of Instances', async () => {
    await refused(tenant.patch(NODE_LEDGER, nodeName, { spec: { claims: [] } }, { type: 'merge' }));
    const lie = { status: { nodeName: 'node-001' } };
    await refused(tenant.patch(INSTANCE, 'default/target', lie, { type: 'merge', subresource: 'status' }));
  });

  test('a node is attested only with the verb fence', async () => {
    const { status } = await berth.get('held');
    const body = { spec: { fenced: { reason: 'trust me' } } };
    await vi.waitFor(async () => {
      const word = tenant.patch(COMPUTE_NODE, status?.nodeName ?? '', body, { type: 'merge' });
      await expect(word).rejects.toThrow(/needs the verb fence on computenodes/);
    }, WITHIN);
  });
});

describe('what a tenant may do as ever', () => {
  test('pause, look into, annotate and label the guest', async () => {
    await subresource('virtualmachineinstances', 'target', 'pause');
    // spec.powerState says Running: Berth resumes it; a guest that is paused cannot reboot.
    await vi.waitFor(() => subresource('virtualmachineinstances', 'target', 'softreboot'), WITHIN);
    const path = '/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachineinstances/target';
    await tenant.request('GET', `${path}/guestosinfo`);
    for (const kind of [VM, VMI]) {
      await patch(kind, 'target', { metadata: { annotations: { mine: '1' }, labels: { mine: '1' } } });
    }
    await berth.active('target');
  });

  test.each([
    ['VirtualMachine', VM],
    ['VirtualMachineInstance', VMI],
  ])('delete the %s: it comes back to its node', async (_, kind) => {
    const before = await tenant.get<VirtualMachine>(kind, 'default/target');
    await tenant.delete(kind, 'default/target');
    await vi.waitFor(async () => {
      const after = await tenant.get<VirtualMachine>(kind, 'default/target');
      expect(after.metadata.uid).not.toBe(before.metadata.uid);
      const vmi = await tenant.get<VirtualMachineInstance>(VMI, 'default/target');
      expect(vmi.status).toMatchObject({ phase: 'Running', nodeName });
    }, WITHIN);
    await berth.active('target');
  });
});

describe('while Berth is away', () => {
  const CONFIGURATION = 'mutatingwebhookconfiguration';

  async function restartGuest(): Promise<string> {
    await vi.waitFor(async () => expect(await podsOf('target')).toHaveLength(1), WITHIN);
    const { metadata } = await tenant.get(VMI, 'default/target');
    await tenant.delete(VMI, 'default/target');
    // Its pod is held until Berth is back, and KubeVirt waits for that.
    await vi.waitFor(async () => {
      const [pod] = await podsOf('target');
      expect(['Succeeded', 'Failed']).toContain(pod?.status?.phase ?? 'Failed');
    }, WITHIN);
    return metadata.uid;
  }

  test('a guest that ends does not come back before it; then it does, and the policies hold meanwhile', async () => {
    await berth.operators.at(-1)?.kill();
    const before = await restartGuest();
    expect((await tenant.get(VMI, 'default/target')).metadata.uid).toBe(before);
    await expect(patch(VM, 'target', { spec: { runStrategy: 'Always' } })).rejects.toThrow(/spec.powerState/);
    await berth.operator('second', [], { nodesUp: false });
    await berth.active('target');
  });

  test('KubeVirt makes no pod that its webhook has not seen, and tries again', async () => {
    await berth.operators.at(-1)?.kill();
    await berth.client.patch(INSTANCE, 'default/off', { spec: { powerState: 'Running' } }, { type: 'merge' });
    await controller.patch(VM, 'default/off', { spec: { runStrategy: 'Once' } }, { type: 'merge' });
    /** What virt-controller says of its attempts; a change of the VMI makes it try again at once. */
    const attempted = async () => {
      await patch(VMI, 'off', { metadata: { annotations: { again: `${Date.now()}` } } });
      return berth.cluster.kubectl('get', 'events', '-o', 'jsonpath={.items[*].message}');
    };
    await vi.waitFor(async () => expect(await attempted()).toContain('failed calling webhook'), WITHIN);
    expect(await podsOf('off')).toEqual([]);
    await berth.cluster.kubectl('delete', CONFIGURATION, 'berth');
    const unseen = "has not been through Berth's webhook";
    await vi.waitFor(async () => expect(await attempted()).toContain(unseen), WITHIN);
    expect(await podsOf('off')).toEqual([]);
    await berth.operator('third', [], { nodesUp: false });
    await vi.waitFor(async () => {
      await attempted();
      expect((await berth.get('off')).status?.vmState).toBe('Active');
    }, WITHIN);
  }, 240_000);

  test('uninstalled: guests are KubeVirt’s alone, and start where kube-scheduler likes', async () => {
    await berth.create('left', { ...EPHEMERAL, powerState: 'Stopped' });
    await berth.until('left', (it) => it.status?.vmState === 'Stopped');
    await berth.operators.at(-1)?.kill();
    const { kubectl } = berth.cluster;
    const names = ['berth-guest-pods', 'berth-guest-vms', 'berth-guest-vmis'];
    await kubectl('delete', CONFIGURATION, 'berth');
    await kubectl('delete', 'validatingadmissionpolicybinding', ...names);
    await vi.waitFor(() => subresource('virtualmachines', 'left', 'start'), WITHIN);
    await vi.waitFor(async () => {
      const vmi = await tenant.get<VirtualMachineInstance>(VMI, 'default/left');
      expect(vmi.status?.phase).toBe('Running');
    }, WITHIN);
    const [pod] = await podsOf('left');
    expect(pod).toBeDefined();
    expect(JSON.stringify(pod?.spec.affinity ?? {})).not.toContain('matchFields');
    expect(pod?.metadata.finalizers ?? []).toEqual([]);
  });
});
