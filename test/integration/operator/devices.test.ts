import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { POD, type Pod } from '#adapters/kubernetes/types.ts';
import { KUBEVIRT, type VirtualMachine, VM, VMIM } from '#adapters/kubevirt/types.ts';
import { COMPUTE_NODE, type ComputeNode } from '#api/computenode.ts';
import type { Instance, InstanceSpec } from '#api/instance.ts';
import { NODE_LEDGER, type NodeLedger } from '#api/nodeledger.ts';
import { PLACEMENT_PROBE, type PlacementProbe } from '#api/placementprobe.ts';
import { parseMiB } from '#core/quantity.ts';
import { Berth, EPHEMERAL, onClass } from '#test/berth.ts';

const WAIT = { timeout: 60_000, interval: 100 };
const GPU = 'example.com/gpu';
const VGPU = 'example.com/vgpu';

let berth: Berth;
let made: string[] = [];

beforeAll(async () => {
  berth = await Berth.start({ fleetNodes: 1, fleetZones: 1 });
  await permit();
  await berth.fleet.addNodes({
    count: 2,
    zone: 'zone-b',
    cpus: 8,
    memory: '32Gi',
    cpuManager: true,
    resources: { [GPU]: '1', [VGPU]: '4', 'hugepages-1Gi': '4Gi' },
  });
  await berth.flavor('gpu', {
    vcpus: 1,
    memory: '1Gi',
    rootDisk: '10Gi',
    extraSpecs: { 'pci_passthrough:alias': 'graphics:1' },
  });
  await berth.flavor('vgpu', {
    vcpus: 1,
    memory: '1Gi',
    rootDisk: '10Gi',
    extraSpecs: { 'pci_passthrough:alias': `${VGPU}:2` },
  });
  await berth.flavor('key', {
    vcpus: 1,
    memory: '1Gi',
    extraSpecs: { 'pci_passthrough:alias': 'example.com/key:1' },
  });
  await berth.flavor('pinned', {
    vcpus: 3,
    memory: '3Gi',
    extraSpecs: { 'hw:cpu_policy': 'dedicated', 'hw:mem_page_size': '1GB', 'hw:numa_nodes': '1' },
  });
  await berth.flavor('pinned-plain', {
    vcpus: 6,
    memory: '2Gi',
    extraSpecs: { 'hw:cpu_policy': 'dedicated' },
  });
  await berth.operator('devices', ['--device-alias', `graphics=${GPU}`, '--memory-allocation-ratio', '2']);
});
afterAll(() => berth?.stop());
afterEach(async () => {
  await Promise.all(made.map((name) => berth.delete(name).catch(() => undefined)));
  await Promise.all(made.map((name) => berth.gone(name)));
  made = [];
});

function permit(): Promise<unknown> {
  const permittedHostDevices = {
    pciHostDevices: [{ pciVendorSelector: '10DE:1DB6', resourceName: GPU, externalResourceProvider: true }],
    mediatedDevices: [{ mdevNameSelector: 'GRID T4-1Q', resourceName: VGPU, externalResourceProvider: true }],
  };
  const developerConfiguration = { featureGates: ['HostDevices', 'CPUManager'] };
  const spec = { configuration: { permittedHostDevices, developerConfiguration } };
  return berth.client.patch(KUBEVIRT, 'kubevirt/kubevirt', { spec }, { type: 'merge' });
}

function create(name: string, flavor: string, other: Partial<InstanceSpec> = EPHEMERAL): Promise<Instance> {
  made.push(name);
  return berth.create(name, { flavorRef: { name: flavor }, ...other });
}

const readyOf = ({ status }: Instance) => status?.conditions?.find(({ type }) => type === 'Ready');
const waits = (name: string, reason: string) =>
  berth.until(name, (instance) => readyOf(instance)?.reason === reason);

async function launcherOf(name: string): Promise<Pod & { spec: { nodeSelector?: Record<string, string> } }> {
  const { items } = await berth.client.list<Pod>(POD, {
    namespace: 'default',
    labelSelector: `compute.berth.dev/instance=${name}`,
  });
  const pod = items[0];
  if (!pod) throw new Error(`${name} has no pod`);
  return pod;
}

const askedOf = ({ spec }: Pod) =>
  spec.containers.find((it) => (it as { name?: string }).name === 'compute')?.resources?.requests ?? {};

async function claimOf(name: string) {
  const { items } = await berth.client.list<NodeLedger>(NODE_LEDGER);
  return items.flatMap(({ spec }) => spec.claims).find((claim) => claim.name === name);
}

describe('devices', () => {
  test('each goes to one Instance; who comes too late waits, is told what is missing, and gets what comes free', async () => {
    await Promise.all(['gpu-1', 'gpu-2'].map((name) => create(name, 'gpu')));
    const nodes = await Promise.all(
      ['gpu-1', 'gpu-2'].map(async (name) => (await berth.active(name)).status?.nodeName),
    );
    expect(nodes.toSorted()).toEqual(['node-002', 'node-003']);
    expect(askedOf(await launcherOf('gpu-1'))[GPU]).toBe('1');
    expect((await claimOf('gpu-1'))?.devices).toEqual({ [GPU]: 1 });
    expect((await berth.get('gpu-1')).status?.flavor?.devices).toEqual({ [GPU]: 1 });

    await create('gpu-3', 'gpu');
    const waiting = await waits('gpu-3', 'NoValidHost');
    expect(readyOf(waiting)?.message).toMatch(
      /PciPassthroughFilter turned away 3 \(devices 2, without the device 1\).*nearest miss: 1 example.com\/gpu short on one host/,
    );
    await berth.delete('gpu-1');
    expect((await berth.active('gpu-3')).status?.nodeName).toBe(nodes[0]);
  });

  test('in a burst no device is promised twice, and no pod is refused', async () => {
    const names = Array.from({ length: 5 }, (_, i) => `vgpu-${i}`);
    await Promise.all(names.map((name) => create(name, 'vgpu')));
    const placed = await Promise.all(
      names.map((name) =>
        berth.until(
          name,
          (it) =>
            (it.status?.vmState === 'Active' && it.status.taskState === undefined) ||
            readyOf(it)?.reason === 'NoValidHost',
        ),
      ),
    );
    const active = placed.filter(({ status }) => status?.vmState === 'Active');
    expect(active.map(({ status }) => status?.nodeName).toSorted()).toEqual([
      'node-002',
      'node-002',
      'node-003',
      'node-003',
    ]);
    for (const { status } of active) expect(status?.placement?.excluded).toBeUndefined();
    const vm = await berth.client.get<VirtualMachine>(VM, `default/${active[0]?.metadata.name}`);
    expect(vm.spec?.template.spec?.domain.devices.gpus).toHaveLength(2);
    await vi.waitFor(async () => {
      const { status } = await berth.client.get<ComputeNode>(COMPUTE_NODE, 'node-002');
      expect(status?.devices).toEqual({ [GPU]: { total: 1, used: 0 }, [VGPU]: { total: 4, used: 4 } });
    }, WAIT);
  });

  test('one that KubeVirt does not pass through is named, with what to do', async () => {
    await create('key', 'key');
    expect(readyOf(await waits('key', 'InvalidSpec'))?.message).toMatch(
      /no example.com\/key through.*permittedHostDevices/,
    );
  });
});

describe('dedicated CPUs and huge pages', () => {
  test('are given by nodes that have them, and once', async () => {
    await Promise.all(['pin-1', 'pin-2'].map((name) => create(name, 'pinned')));
    const nodes = await Promise.all(
      ['pin-1', 'pin-2'].map(async (name) => (await berth.active(name)).status?.nodeName),
    );
    expect(nodes.toSorted()).toEqual(['node-002', 'node-003']);
    const pod = await launcherOf('pin-1');
    expect(askedOf(pod)).toMatchObject({ cpu: '3', 'hugepages-1Gi': '3Gi' });
    expect(pod.status).toMatchObject({ qosClass: 'Guaranteed' });
    expect(await claimOf('pin-1')).toMatchObject({
      vcpus: 0,
      memoryMiB: 0,
      dedicatedCpus: 3,
      hugepages: { 'hugepages-1Gi': 3 },
    });

    await create('pin-3', 'pinned');
    expect(readyOf(await waits('pin-3', 'NoValidHost'))?.message).toMatch(
      /NUMATopologyFilter turned away 3 \(huge pages 2, gives no dedicated CPUs 1\).*nearest miss: 2 hugepages-1Gi short/,
    );
  });

  test('no ratio promises a CPU twice, nor the memory that goes with it', async () => {
    await Promise.all(['whole-1', 'whole-2'].map((name) => create(name, 'pinned-plain')));
    await Promise.all(['whole-1', 'whole-2'].map((name) => berth.active(name)));
    const [pod, claim] = [await launcherOf('whole-1'), await claimOf('whole-1')];
    expect(askedOf(pod).cpu).toBe('6');
    const askedMiB = parseMiB(askedOf(pod).memory ?? '', 'up');
    expect(askedMiB).toBeGreaterThan(2048);
    expect(claim?.overheadMiB).toBeGreaterThanOrEqual(askedMiB);
    await create('whole-3', 'pinned-plain');
    expect(readyOf(await waits('whole-3', 'NoValidHost'))?.message).toMatch(
      /ResourceFit turned away 2 \(vcpus 2\)/,
    );
  });
});

describe('volumes', () => {
  /** A class of volumes that several nodes share, but not all: as a storage array that serves one rack. */
  beforeAll(async () => {
    const path = join(berth.cluster.dir, 'rack.yaml');
    await writeFile(path, RACK);
    await berth.cluster.kubectl('apply', '-f', path);
  });

  test('a new root disk goes where its storage class can be, and a live migration away from there is cancelled', async () => {
    await create('racked', 'tiny', onClass('rack', 'ReadWriteMany'));
    const { status } = await berth.active('racked');
    expect(status?.nodeName).toBe('node-001');
    expect(status?.placement?.filters).toContainEqual(
      expect.objectContaining({
        name: 'VolumeTopologyFilter',
        rejected: [{ reason: 'VolumeElsewhere', count: 2 }],
      }),
    );
    const spec = { vmiName: 'racked' };
    await berth.client.create(VMIM, { metadata: { name: 'away', namespace: 'default' }, spec });
    await vi.waitFor(async () => expect(await berth.exists(VMIM, 'away')).toBe(false), WAIT);
    const notes = await berth.cluster.kubectl(
      'get',
      'events.events.k8s.io',
      '-o',
      'jsonpath={.items[*].note}',
    );
    expect(notes).toMatch(
      /migration away is cancelled: 0 of 3 hosts fit: .*VolumeTopologyFilter turned away 2 \(a volume is not reached from there 2\)/,
    );
  });

  test('a disk of one node holds its Instance there; one that all nodes share does not', async () => {
    await create('held', 'tiny', onClass('wffc'));
    await create('free', 'tiny', onClass('shared', 'ReadWriteMany'));
    await Promise.all(['held', 'free'].map((name) => berth.active(name)));
    expect(await elsewhere('held')).toMatchObject({
      fits: 0,
      filters: expect.arrayContaining([
        expect.objectContaining({
          name: 'VolumeTopologyFilter',
          rejected: [{ reason: 'VolumeElsewhere', count: 2 }],
        }),
      ]),
    });
    expect(await elsewhere('free')).toMatchObject({ fits: 2 });
  });

  /** Where could it go? */
  async function elsewhere(name: string): Promise<PlacementProbe['status']> {
    const metadata = { generateName: `${name}-`, namespace: 'default' };
    const spec = { instanceRef: { name } };
    const probe = await berth.client.create<PlacementProbe>(PLACEMENT_PROBE, { metadata, spec } as never);
    return vi.waitFor(async () => {
      const { status } = await berth.client.get<PlacementProbe>(
        PLACEMENT_PROBE,
        `default/${probe.metadata.name}`,
      );
      if (status?.fits === undefined) throw new Error('not answered yet');
      return status;
    }, WAIT);
  }
});

const RACK = `
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: { name: rack }
provisioner: kubernetes.io/no-provisioner
volumeBindingMode: Immediate
allowedTopologies:
  - matchLabelExpressions: [{ key: topology.kubernetes.io/zone, values: [zone-a] }]
---
apiVersion: v1
kind: PersistentVolume
metadata: { name: rack-1 }
spec:
  capacity: { storage: 20Gi }
  accessModes: [ReadWriteMany]
  volumeMode: Filesystem
  storageClassName: rack
  persistentVolumeReclaimPolicy: Retain
  nfs: { server: 192.0.2.1, path: /rack-1 }
  nodeAffinity:
    required:
      nodeSelectorTerms:
        - matchExpressions: [{ key: topology.kubernetes.io/zone, operator: In, values: [zone-a] }]
`;
