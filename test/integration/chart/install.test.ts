import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { POD, type Pod } from '#adapters/kubernetes/types.ts';
import { type VirtualMachineInstance, VMI } from '#adapters/kubevirt/types.ts';
import { GUEST_FINALIZER } from '#api/constants.ts';
import { FLAVOR } from '#api/flavor.ts';
import { INSTANCE, type Instance } from '#api/instance.ts';
import { Berth, EPHEMERAL } from '#test/berth.ts';
import { kubeconfigOfAccount } from '#test/berth-account.ts';
import { type HelmName, helm, ROOT } from '#test/helm.ts';
import type { OperatorProcess } from '#test/operator-process.ts';
import { leadWebhooksTo, NAMESPACE, release, startReplica, versionBefore } from '#test/release.ts';

const run = promisify(execFile);
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const SLOW = { timeout: 120_000, interval: 200 };

/** Helm against a real API server, with Instances that run. */
let berth: Berth;
let operator: OperatorProcess | undefined;
/** The version before this one: its chart, and the code that goes with it. */
let before: string;

beforeAll(async () => {
  before = await versionBefore('install');
  berth = await Berth.start({
    fleetNodes: 3,
    install: (cluster) => release(cluster, 'Helm 3', 'install', before),
  });
});
afterAll(async () => {
  await operator?.kill();
  await berth?.stop();
});

const helmOn = (name: HelmName, ...args: string[]) =>
  helm(name, ...args, '--kubeconfig', berth.cluster.kubeconfigPath, '-n', NAMESPACE);
const kubectl = (...args: string[]) => berth.cluster.kubectl(...args);

async function startOperator(root = ROOT): Promise<void> {
  await operator?.stop();
  const replica = await startReplica(berth.cluster, 'berth-0', root);
  operator = replica.operator;
  await leadWebhooksTo(berth.cluster, replica.webhookPort);
  await berth.allNodesUp();
}

const uidsOfGuests = async (): Promise<Record<string, string>> => {
  const { items } = await berth.client.list<VirtualMachineInstance>(VMI);
  return Object.fromEntries(items.map(({ metadata }) => [metadata.name, metadata.uid]));
};
const podsOf = async (name: string): Promise<Pod[]> =>
  (await berth.client.list<Pod>(POD, { labelSelector: `compute.berth.dev/instance=${name}` })).items;
const uidsOfInstances = async () =>
  (await berth.client.list<Instance>(INSTANCE)).items
    .map(({ metadata: { name, uid } }) => `${name} ${uid}`)
    .sort();
const berthObjects = async () =>
  (
    await kubectl(
      ...[
        'get',
        'mutatingwebhookconfigurations,validatingadmissionpolicies,validatingadmissionpolicybindings',
      ],
      ...['-l', 'app.kubernetes.io/name=berth', '-o', 'name'],
    )
  )
    .split('\n')
    .filter(Boolean);

let instances: string[];
let guests: Record<string, string>;

test('installed by Helm 3: Instances go through the chart’s webhooks and run', async () => {
  expect(await berthObjects()).toHaveLength(15);
  await startOperator(before);
  await berth.create('one', EPHEMERAL);
  await berth.create('two', EPHEMERAL);
  for (const name of ['one', 'two']) await berth.active(name);
  const [pod] = await podsOf('one');
  expect(pod?.metadata.finalizers).toContain(GUEST_FINALIZER);
  const { metadata } = await berth.get('one');
  expect(metadata.annotations).toHaveProperty(['compute.berth.dev/changed-by']);
  [instances, guests] = [await uidsOfInstances(), await uidsOfGuests()];
});

test('upgraded and rolled back while they run: nothing of them changes, and more can be made', async () => {
  await release(
    berth.cluster,
    'Helm 3',
    'upgrade',
    ROOT,
    '--set',
    'config.maxAttempts=4',
    '--set',
    'samples.flavors=true',
  );
  await startOperator();
  await berth.create('three', { ...EPHEMERAL, flavorRef: { name: 'm1.small' } });
  await berth.active('three');
  await helmOn('Helm 3', 'rollback', 'berth', '1');
  await startOperator(before);
  await berth.create('four', EPHEMERAL);
  await berth.active('four');
  expect(await uidsOfGuests()).toMatchObject(guests);
  expect(await uidsOfInstances()).toEqual(expect.arrayContaining(instances));
  [instances, guests] = [await uidsOfInstances(), await uidsOfGuests()];
  expect(instances).toHaveLength(4);
});

test('a tenant cannot take a guest’s gate or finalizer: the chart’s policies hold', async () => {
  const [pod] = await podsOf('one');
  const key = `default/${pod?.metadata.name}`;
  await vi.waitFor(
    () =>
      expect(
        berth.client.patch(POD, key, { metadata: { finalizers: null } }, { type: 'merge', dryRun: true }),
      ).rejects.toThrow(/ValidatingAdmissionPolicy 'berth-guest-pods'/),
    SLOW,
  );
});

test('uninstalled: no webhook, policy, gate or finalizer is left, guests run on, and KubeVirt restarts them', async () => {
  await operator?.stop();
  operator = undefined;
  const job = playJob();
  await helmOn('Helm 3', 'uninstall', 'berth', '--timeout', '3m');
  await job;
  expect(await berthObjects()).toEqual([]);
  expect(await uidsOfGuests()).toEqual(guests);
  expect(await uidsOfInstances()).toEqual(instances);
  const { items } = await berth.client.list<Pod>(POD, { labelSelector: 'compute.berth.dev/instance-uid' });
  expect(items.flatMap(({ metadata }) => metadata.finalizers ?? [])).toEqual([]);

  await berth.client.delete(VMI, 'default/one');
  await vi.waitFor(async () => {
    const vmi = await berth.client.get<VirtualMachineInstance>(VMI, 'default/one');
    expect(vmi.metadata.uid).not.toBe(guests.one);
    expect(vmi.status?.phase).toBe('Running');
  }, SLOW);
});

test('installed again, by Helm 4: no Instance is lost, all are looked after as before', async () => {
  await release(berth.cluster, 'Helm 4', 'install', ROOT, '--set', 'samples.flavors=true');
  await startOperator();
  for (const name of ['one', 'two', 'three', 'four']) await berth.active(name);
  expect(await uidsOfInstances()).toEqual(instances);
  await release(berth.cluster, 'Helm 4', 'upgrade', ROOT, '--set', 'replicas=3');
  await startOperator();
  await berth.patch('two', { powerState: 'Stopped' });
  await berth.until('two', ({ status }) => status?.vmState === 'Stopped', SLOW.timeout);
  expect((await berth.client.list(FLAVOR)).items.map(({ metadata }) => metadata.name)).toContain('m1.small');
  for (const name of ['one', 'two', 'three', 'four']) {
    await berth.delete(name);
    await berth.gone(name);
  }
});

/** The kubelet's part in the hook after uninstall: runs what the Job says, as its account, and tells how the pod ended. */
async function playJob(): Promise<void> {
  const pod = await vi.waitFor(async () => {
    const selector = 'batch.kubernetes.io/job-name=berth-release-guests';
    const text = await kubectl('get', 'pods', '-n', NAMESPACE, '-l', selector, '-o', 'yaml');
    const [list] = parseAllDocuments(text).map((it) => it.toJS() as { items: JobPod[] });
    const found = list?.items[0];
    if (!found) throw new Error('no pod of the Job yet');
    return found;
  }, SLOW);
  const kubeconfig = await kubeconfigOfAccount(berth.cluster, NAMESPACE, pod.spec.serviceAccountName);
  const args = pod.spec.containers[0]?.args ?? [];
  await run(process.execPath, [join(ROOT, 'operator/main.ts'), ...args, '--kubeconfig', kubeconfig]).catch(
    (error: { stdout?: string }) => {
      throw new Error(`${args.join(' ')}: ${error.stdout}`, { cause: error });
    },
  );
  const status = { status: { phase: 'Succeeded' } };
  const what = ['pod', pod.metadata.name, '-n', NAMESPACE, '--subresource=status', '--type=merge'];
  await kubectl('patch', ...what, '-p', JSON.stringify(status));
}

interface JobPod {
  metadata: { name: string };
  spec: { serviceAccountName: string; containers: { args: string[] }[] };
}
