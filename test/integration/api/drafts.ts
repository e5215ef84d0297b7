import { API_VERSION } from '#api/constants.ts';
import type { Draft } from './api.ts';

export const PUBLIC_KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJx0bq9m6cSdUrdCvL3UQIzyvSxQWnFv0QhQd2FhYmNk someone@example';
export const DIGEST = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
export const REQUEST_ID = 'req-6fa459ea-ee8a-4ca4-894e-db77e160355e';

export const CLAIM = {
  uid: '6fa459ea-ee8a-4ca4-894e-db77e160355e',
  ownerKind: 'Instance',
  namespace: 'default',
  name: 'web-1',
  instanceUid: '6fa459ea-ee8a-4ca4-894e-db77e160355e',
  vcpus: 1,
  memoryMiB: 1024,
  overheadMiB: 200,
  diskGiB: 10,
  dedicatedCpus: 2,
  devices: { 'example.com/gpu': 1 },
  hugepages: { 'hugepages-2Mi': 512 },
};

const INSTANCE = {
  flavorRef: { name: 'small' },
  image: { containerDisk: 'registry.example/disks/fedora:41' },
  rootDisk: { ephemeral: false, storageClassName: 'fast', accessMode: 'ReadWriteOnce', volumeMode: 'Block' },
  keyPairRef: { name: 'demo' },
  userDataSecretRef: { name: 'user-data' },
  availabilityZone: 'zone-a',
  serverGroupRef: { name: 'web' },
  schedulerHints: { sameHost: ['web-2'], differentHost: ['web-3'] },
  nodeName: 'node-001',
  powerState: 'Running',
  networks: [
    { name: 'front', pod: {} },
    {
      name: 'storage',
      multus: { name: 'vlan-7' },
      macAddress: '02:00:00:00:00:07',
      addresses: ['192.0.2.10/24', '2001:db8::10/64'],
    },
  ],
  volumes: [
    { name: 'data', pvc: { name: 'data.2026' }, shareable: true },
    {
      name: 'scratch',
      blank: {
        size: '10Gi',
        storageClassName: 'fast',
        accessMode: 'ReadWriteOnce',
        volumeMode: 'Block',
        deleteOnTermination: true,
      },
      shareable: false,
    },
  ],
};

/** A spec of each kind that nobody objects to; each bad object differs from it in one thing. */
const SPECS: Record<string, object> = {
  Instance: INSTANCE,
  Flavor: {
    vcpus: 2,
    memory: '4Gi',
    rootDisk: '20Gi',
    ephemeralDisk: '1Gi',
    swap: '512Mi',
    extraSpecs: { 'hw:cpu_policy': 'dedicated' },
  },
  ComputeNode: {
    disabled: true,
    disabledReason: 'a fan is broken',
    allocationRatios: { cpu: 4, memory: 1.5, disk: 1 },
    reserved: { vcpus: 1.5, memory: '2Gi', disk: '10Gi' },
  },
  HostAggregate: {
    nodes: ['node-001'],
    nodeSelector: { matchLabels: { rack: 'r1' } },
    availabilityZone: 'zone-a',
    metadata: { ssd: 'true' },
    allocationRatios: { cpu: 4, memory: 1.5, disk: 1 },
  },
  ServerGroup: { policy: 'anti-affinity', rules: { maxServerPerHost: 2 } },
  SchedulerProfile: {
    mode: 'Shadow',
    shadowOf: 'default',
    filters: [{ name: 'NumInstancesFilter', args: { maxInstancesPerHost: 4 } }],
    weighers: [{ name: 'RAMWeigher', multiplier: -1 }],
    hostSubsetSize: 2,
    shuffleBestSameWeighedHosts: true,
    buildFailurePenalty: 5,
    maxAttempts: 3,
    alternates: 2,
  },
  InstanceAction: { instanceRef: { name: 'web-1' }, reboot: { type: 'Hard' }, requestId: REQUEST_ID },
  InstanceMigration: { instanceRef: { name: 'web-1' }, type: 'Live', targetNode: 'node-001' },
  Image: {
    source: { http: { url: 'https://images.example/disk.qcow2', checksum: `sha256:${DIGEST}` } },
    format: 'qcow2',
    minDiskGiB: 5,
    minMemoryMiB: 512,
    architecture: 'x86_64',
    properties: { os_type: 'linux' },
    storageClassName: 'fast',
  },
  KeyPair: { publicKey: PUBLIC_KEY },
  NodeLedger: { claims: [CLAIM] },
  PlacementProbe: { instance: { ...INSTANCE, nodeName: undefined }, ttlSeconds: 600 },
  ClusterPlacementProbe: {
    instance: { ...INSTANCE, nodeName: undefined },
    namespace: 'default',
    nodeNames: ['node-001'],
    ttlSeconds: 600,
  },
};

const NAMESPACED = [
  'Image',
  'Instance',
  'InstanceAction',
  'InstanceMigration',
  'KeyPair',
  'PlacementProbe',
  'ServerGroup',
];

/** The good object of a kind with these fields of its spec changed; `undefined` takes a field away. */
export function draft(kind: string, changes: object = {}, name = 'some-1'): Draft {
  const spec = JSON.parse(JSON.stringify({ ...SPECS[kind], ...changes }));
  const metadata = NAMESPACED.includes(kind) ? { name, namespace: 'default' } : { name };
  return { apiVersion: API_VERSION, kind, metadata, spec };
}

export const KINDS_WITH_DRAFT = Object.keys(SPECS);
