import type { Draft } from './api.ts';
import { CLAIM, DIGEST, draft, PUBLIC_KEY, REQUEST_ID } from './drafts.ts';

/** An object that looks odd, or lies on a bound, and is right. */
export interface GoodObject {
  what: string;
  object: Draft;
}

const good = (kind: string, what: string, changes: object, name?: string): GoodObject => ({
  what,
  object: draft(kind, changes, name),
});
const image = (what: string, containerDisk: string) => good('Instance', what, { image: { containerDisk } });
const http = (what: string, source: object) => good('Instance', what, { image: { http: source } });
const key = (what: string, publicKey: string) => good('KeyPair', what, { publicKey });

const url = 'https://images.example/disk.qcow2';
const BLOB = 'AAAAB3NzaC1yc2EAAAADAQABAAABgQC7';

/** Another question than that of the draft. */
const QUESTION = { instance: undefined };

export const GOOD: GoodObject[] = [
  good('Instance', 'the longest name', {}, `w${'-'.repeat(61)}1`),
  good('Instance', 'a name of one letter', {}, 'w'),
  good('Instance', 'a Flavor with dots', { flavorRef: { name: 'm1.small' } }),
  good('Instance', 'a zone with capitals, dots and underscores', { availabilityZone: 'eu_West-1.b' }),
  image('an image without registry or tag', 'fedora'),
  image('an image with port, tag and digest', `registry.example:5000/a/b_c/d__e-f:V1.2_x@sha256:${DIGEST}`),
  good('Instance', 'properties of an image, some that Nova does not know', {
    image: {
      containerDisk: 'fedora',
      properties: { hw_architecture: 'amd64', hw_cpu_cores: '4', img_hv_type: 'kvm', 'my own': 'anything' },
    },
  }),
  http('a URL with port, query and no checksum', { url: 'http://10.0.0.1:8080/a/b.img.xz?x=1&y=%20#z' }),
  http('a URL of an IPv6 host', { url: 'http://[fd00::1]:80/disk.img' }),
  http('an MD5 checksum', { url, checksum: `md5:${DIGEST.slice(32)}` }),
  http('a SHA-1 checksum', { url, checksum: `sha1:${DIGEST.slice(24)}` }),
  http('a SHA-512 checksum', { url, checksum: `sha512:${DIGEST}${DIGEST}` }),
  good('Instance', 'an Image', { image: undefined, imageRef: { name: 'fedora-41.2026' } }),
  good('Instance', 'an ephemeral root of an Image', {
    image: undefined,
    imageRef: { name: 'fedora' },
    rootDisk: { ephemeral: true },
  }),
  good('Image', 'only a container disk', {
    source: { containerDisk: 'fedora' },
    format: undefined,
    minDiskGiB: undefined,
    minMemoryMiB: undefined,
    architecture: undefined,
    properties: undefined,
    storageClassName: undefined,
  }),
  good('Image', 'a copy of a volume', { source: { pvc: { name: 'golden' } }, minDiskGiB: undefined }),
  good('Image', 'one architecture said twice', { properties: { hw_architecture: 'x86_64' } }),
  good('InstanceAction', 'a rebuild from what it has', { reboot: undefined, rebuild: {} }),
  good('InstanceAction', 'a rebuild from an image in the action, with all else given', {
    reboot: undefined,
    rebuild: {
      image: { containerDisk: 'fedora', properties: { os_type: 'linux' } },
      keyPairRef: { name: 'demo' },
      userDataSecretRef: { name: 'user-data' },
    },
  }),
  good('InstanceAction', 'a rebuild from an Image', {
    reboot: undefined,
    rebuild: { imageRef: { name: 'x' } },
  }),
  good('InstanceAction', 'an Image', { reboot: undefined, createImage: { name: 'snapshot-1' } }),
  good('Instance', 'a clone of a volume', { image: { pvc: { name: 'golden.2026' } } }),
  good('Instance', 'a volume of one letter', { volumes: [{ name: 'd', blank: { size: '1Mi' } }] }),
  good('Instance', 'a shared volume that is made', {
    volumes: [{ name: 'd', blank: { size: '1.5Gi', accessMode: 'ReadWriteMany' }, shareable: true }],
  }),
  good('Instance', 'as many volumes as there can be', {
    volumes: Array.from({ length: 16 }, (_, i) => ({ name: `v-${i}`, pvc: { name: `v-${i}` } })),
  }),
  good('Instance', 'no networks at all', { networks: [] }),
  good('Instance', 'one network that is not the pod one', {
    networks: [{ name: 'n', multus: { name: 'a.b' } }],
  }),
  good('Instance', 'as many networks as there can be', {
    networks: Array.from({ length: 8 }, (_, i) => ({ name: `n-${i}`, multus: { name: 'same' } })),
  }),
  good('Instance', 'no volumes, said', { volumes: [] }),
  good('Instance', 'an ephemeral root', { rootDisk: { ephemeral: true } }),
  good('Flavor', 'the smallest', { vcpus: 1, memory: '16Mi', rootDisk: '0' }),
  good('Flavor', 'the largest', { vcpus: 710, memory: '64Ti', rootDisk: '64Ti' }),
  good('Flavor', 'a fraction of a unit', { memory: '1.5Gi' }),
  good('Flavor', 'decimal units and plain bytes', { memory: '17000000', rootDisk: '20G', swap: '500M' }),
  good('Flavor', 'an extra spec with the longest name', { extraSpecs: { ['k'.repeat(255)]: '' } }),
  good('Flavor', 'all that a guest can be built with', {
    memory: '4Gi',
    extraSpecs: {
      'hw:cpu_policy': 'dedicated',
      'hw:mem_page_size': '1048576',
      'hw:numa_nodes': '2',
      'pci_passthrough:alias': 'a100:1, example.com/nic_x.y-z:2,nvidia.com/GA102GL:16',
    },
  }),
  good('Flavor', 'the ordinary, said', {
    extraSpecs: { 'hw:cpu_policy': 'shared', 'hw:mem_page_size': 'any' },
  }),
  good('Flavor', 'a fraction of a unit in whole pages', {
    memory: '1.5Gi',
    extraSpecs: { 'hw:mem_page_size': 'large' },
  }),
  good('ComputeNode', 'nothing said', {
    disabled: undefined,
    disabledReason: undefined,
    allocationRatios: undefined,
    reserved: undefined,
  }),
  good('ComputeNode', 'the least ratio', { allocationRatios: { cpu: 0.01 } }),
  good('HostAggregate', 'only names', { nodeSelector: undefined, availabilityZone: undefined }),
  good('HostAggregate', 'only labels', { nodes: undefined, allocationRatios: { cpu: 0.01 } }),
  good('ServerGroup', 'a wish', { policy: 'soft-affinity', rules: undefined }),
  good('ServerGroup', 'rules that say nothing', { policy: 'affinity', rules: {} }),
  good('Instance', 'hints that say nothing', { schedulerHints: {} }),
  good('SchedulerProfile', 'the built-in one by another name', {
    mode: undefined,
    shadowOf: undefined,
    filters: undefined,
    weighers: undefined,
  }),
  good('SchedulerProfile', 'arguments of any type', {
    filters: [{ name: 'X', args: { a: null, b: [1, 'x'], c: { d: true } } }],
  }),
  key('RSA without a comment', `ssh-rsa ${BLOB}==`),
  key('ECDSA', `ecdsa-sha2-nistp384 ${BLOB} me`),
  key('a security key', `sk-ssh-ed25519@openssh.com ${BLOB} me`),
  key('a comment of several words', `${PUBLIC_KEY} at work, ümlaut`),
  good('NodeLedger', 'two claims', {
    claims: [CLAIM, { ...CLAIM, uid: 'other', ownerKind: 'InstanceMigration', requestId: REQUEST_ID }],
  }),
  good('PlacementProbe', 'of an Instance that there is', { ...QUESTION, instanceRef: { name: 'web-1' } }),
  good('PlacementProbe', 'of all Flavors, kept for ever', {
    ...QUESTION,
    ttlSeconds: undefined,
    flavors: {},
  }),
  good('ClusterPlacementProbe', 'of all Flavors, in no namespace', {
    ...QUESTION,
    flavors: { names: ['small'] },
    namespace: undefined,
    nodeNames: undefined,
  }),
];
