import { type BadObject, bad } from './bad-object.ts';
import { CLAIM, draft, PUBLIC_KEY } from './drafts.ts';

const flavor = (what: string, changes: object, field: string, message: string) =>
  bad('Flavor', what, changes, `spec.${field}`, message);
const node = (what: string, changes: object, field: string, message: string) =>
  bad('ComputeNode', what, changes, `spec.${field}`, message);
const key = (what: string, publicKey: unknown, message: string) =>
  bad('KeyPair', what, { publicKey }, 'spec.publicKey', message);
const ledger = (what: string, claim: object, field: string, message: string) =>
  bad('NodeLedger', what, { claims: [{ ...CLAIM, ...claim }] }, `spec.claims[0].${field}`, message);

const SIZE = 'written as digits and a unit: 512Mi, 20Gi';
const ONE_LINE = 'one OpenSSH public key on one line, without a line break at its end: paste';
const manySpecs = Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`hw:${i}`, 'x']));

const spec = (what: string, extraSpecs: object, message: string) =>
  flavor(what, { extraSpecs }, 'extraSpecs', message);
const PINNED = { 'hw:cpu_policy': 'dedicated', 'hw:mem_page_size': '2MB' };
const NEEDS = 'hw:numa_nodes needs hw:cpu_policy: dedicated and huge pages';

export const BAD_FLAVORS: BadObject[] = [
  flavor('no vCPUs', { vcpus: 0 }, 'vcpus', 'greater than or equal to 1'),
  flavor('more vCPUs than a guest can have', { vcpus: 711 }, 'vcpus', 'less than or equal to 710'),
  flavor('half a vCPU more', { vcpus: 1.5 }, 'vcpus', 'must be of type integer'),
  flavor('vCPUs as a text', { vcpus: '2' }, 'vcpus', 'must be of type integer'),
  flavor('vCPUs not given', { vcpus: undefined }, 'vcpus', 'Required value'),
  flavor('memory not given', { memory: undefined }, 'memory', 'Required value'),
  flavor('memory as a number', { memory: 2048 }, 'memory', SIZE),
  flavor('memory with an unknown unit', { memory: '2GB' }, 'memory', SIZE),
  flavor('memory with a space', { memory: '2 Gi' }, 'memory', SIZE),
  flavor('memory in thousandths', { memory: '2000000000000m' }, 'memory', SIZE),
  flavor('memory below zero', { memory: '-2Gi' }, 'memory', SIZE),
  flavor('memory without a unit', { memory: '2' }, 'memory', 'a size from 16Mi to 64Ti'),
  flavor('more memory than there is', { memory: '65Ti' }, 'memory', 'a size from 16Mi to 64Ti'),
  flavor('memory of 40 digits', { memory: '1'.repeat(40) }, 'memory', 'may not be more than 32'),
  flavor('a disk as a number', { rootDisk: 20 }, 'rootDisk', SIZE),
  flavor('a disk that is too large', { rootDisk: '1Pi' }, 'rootDisk', 'a size from 0 to 64Ti'),
  flavor('an ephemeral disk of words', { ephemeralDisk: 'much' }, 'ephemeralDisk', SIZE),
  flavor('an exponent', { swap: '1e9' }, 'swap', SIZE),
  flavor('an extra spec with no name', { extraSpecs: { '': 'x' } }, 'extraSpecs', 'give it a name'),
  flavor(
    'an extra spec with a long name',
    { extraSpecs: { ['k'.repeat(256)]: 'x' } },
    'extraSpecs',
    'keys have 1 to 255 characters: shorten the key',
  ),
  flavor(
    'an extra spec with a long value',
    { extraSpecs: { a: 'x'.repeat(256) } },
    'extraSpecs.a',
    'may not be more than 255',
  ),
  flavor('an extra spec as yes or no', { extraSpecs: { a: true } }, 'extraSpecs.a', 'must be of type string'),
  spec(
    'a policy that KubeVirt does not have',
    { 'hw:cpu_policy': 'mixed' },
    'must be one of shared, dedicated',
  ),
  spec('pages of an odd size', { 'hw:mem_page_size': '4MB' }, 'hw:mem_page_size must be one of 1048576, 1GB'),
  spec('no NUMA nodes', { ...PINNED, 'hw:numa_nodes': '0' }, 'must be a whole number of 1 or more'),
  spec('NUMA nodes of shared CPUs', { 'hw:mem_page_size': 'large', 'hw:numa_nodes': '1' }, NEEDS),
  spec(
    'NUMA nodes of ordinary pages',
    { ...PINNED, 'hw:mem_page_size': 'small', 'hw:numa_nodes': '1' },
    NEEDS,
  ),
  spec('a device without a count', { 'pci_passthrough:alias': 'gpu' }, 'must be NAME:COUNT'),
  spec('no devices', { 'pci_passthrough:alias': 'gpu:0' }, 'must be NAME:COUNT'),
  spec('devices without a comma', { 'pci_passthrough:alias': 'gpu:1 nic:1' }, 'must be NAME:COUNT'),
  flavor(
    'half a page of memory',
    { memory: '2047Mi', extraSpecs: { 'hw:mem_page_size': '2048' } },
    'memory',
    'must be a multiple of 2Mi',
  ),
  flavor(
    'a page and a half of memory',
    { memory: '1.5Gi', extraSpecs: { 'hw:mem_page_size': '1GB' } },
    'memory',
    'must be a multiple of 1Gi',
  ),
  flavor('65 extra specs', { extraSpecs: manySpecs }, 'extraSpecs', 'must have at most 64 items'),
];

export const BAD_COMPUTE_NODES: BadObject[] = [
  node('a reason but not disabled', { disabled: false }, 'disabledReason', 'set disabled: true or remove'),
  node(
    'a reason and nothing said',
    { disabled: undefined },
    'disabledReason',
    'set disabled: true or remove',
  ),
  node('a long reason', { disabledReason: 'x'.repeat(256) }, 'disabledReason', 'may not be more than 255'),
  node('a text for yes or no', { disabled: 'true' }, 'disabled', 'must be of type boolean'),
  node('a ratio of 0', { allocationRatios: { cpu: 0 } }, 'allocationRatios.cpu', 'must be 0.01 to 1000'),
  node(
    'a ratio as a text',
    { allocationRatios: { memory: '1.5' } },
    'allocationRatios.memory',
    'of type number',
  ),
  node('a ratio of 2000', { allocationRatios: { disk: 2000 } }, 'allocationRatios.disk', 'or equal to 1000'),
  node('CPUs below zero', { reserved: { vcpus: -1 } }, 'reserved.vcpus', 'greater than or equal to 0'),
  node('memory as a number', { reserved: { memory: 2 } }, 'reserved.memory', SIZE),
  node('a disk with an unknown unit', { reserved: { disk: '10GB' } }, 'reserved.disk', SIZE),
];

const aggregate = (what: string, changes: object, field: string, message: string) =>
  bad('HostAggregate', what, changes, field, message);

export const BAD_HOST_AGGREGATES: BadObject[] = [
  aggregate('no nodes', { nodes: [], nodeSelector: undefined }, 'spec', 'name some in nodes, or give labels'),
  aggregate('a name with a capital', { nodes: ['Node'] }, 'spec.nodes[0]', 'must be the name of an object'),
  aggregate('two zones', { availabilityZone: 'a,b' }, 'spec.availabilityZone', 'must be one zone'),
  aggregate(
    'metadata with no name',
    { metadata: { '': 'x' } },
    'spec.metadata',
    'keys have 1 to 255 characters: shorten the key',
  ),
  aggregate(
    'a ratio of 0',
    { allocationRatios: { cpu: 0 } },
    'spec.allocationRatios.cpu',
    'must be 0.01 to 1000',
  ),
];

const group = (what: string, changes: object, field: string, message: string) =>
  bad('ServerGroup', what, changes, `spec.${field}`, message);
const MOST = 'is a rule of the policy anti-affinity alone';

export const BAD_SERVER_GROUPS: BadObject[] = [
  group('no policy', { policy: undefined }, 'policy', 'Required value'),
  group('an unknown policy', { policy: 'spread', rules: undefined }, 'policy', '"soft-anti-affinity"'),
  group('a bound on affinity', { policy: 'affinity' }, 'rules.maxServerPerHost', MOST),
  group('a bound on a wish', { policy: 'soft-anti-affinity' }, 'rules.maxServerPerHost', MOST),
  group('none on a node', { rules: { maxServerPerHost: 0 } }, 'rules.maxServerPerHost', 'or equal to 1'),
  group(
    'more on a node than it holds',
    { rules: { maxServerPerHost: 1001 } },
    'rules.maxServerPerHost',
    'or equal to 1000',
  ),
];

const profile = (what: string, changes: object, field: string, message: string) =>
  bad('SchedulerProfile', what, changes, `spec.${field}`, message);

export const BAD_SCHEDULER_PROFILES: BadObject[] = [
  profile('a shadow that decides', { mode: 'Active' }, 'shadowOf', 'shadowOf is for mode Shadow alone'),
  profile('an unknown mode', { mode: 'Dark', shadowOf: undefined }, 'mode', '"Shadow"'),
  profile('no host to choose from', { hostSubsetSize: 0 }, 'hostSubsetSize', 'or equal to 1'),
  profile('a penalty that is none', { buildFailurePenalty: -1 }, 'buildFailurePenalty', 'or equal to 0'),
  profile('a filter without a name', { filters: [{}] }, 'filters[0].name', 'Required value'),
];

const image = (what: string, changes: object, field: string, message: string, name?: string) =>
  bad('Image', what, changes, field, message, name);
const CONTAINER = { source: { containerDisk: 'fedora' } };

const action = (what: string, changes: object, field: string, message: string) =>
  bad('InstanceAction', what, { reboot: undefined, ...changes }, field, message);

export const BAD_IMAGE_ACTIONS: BadObject[] = [
  action(
    'a rebuild from two images',
    { rebuild: { image: { containerDisk: 'fedora' }, imageRef: { name: 'golden' } } },
    'spec.rebuild',
    'a rebuild has one image: remove image or imageRef',
  ),
  action(
    'a rebuild from no source',
    { rebuild: { image: {} } },
    'spec.rebuild.image',
    'image needs exactly one of containerDisk, http and pvc',
  ),
  action('an image without a name', { createImage: {} }, 'spec.createImage.name', 'Required value'),
  action(
    'an image of a long name',
    { createImage: { name: 'a'.repeat(64) } },
    'spec.createImage.name',
    'the name of an Image has at most 63 characters',
  ),
];

export const BAD_IMAGES: BadObject[] = [
  image(
    'no source',
    { source: {} },
    'spec.source',
    'source needs exactly one of containerDisk, http and pvc',
  ),
  image(
    'two sources',
    { source: { containerDisk: 'fedora', pvc: { name: 'golden' } }, storageClassName: undefined },
    'spec.source',
    'source needs exactly one of containerDisk, http and pvc',
  ),
  image(
    'a download of unknown size',
    { minDiskGiB: undefined },
    'spec.minDiskGiB',
    'minDiskGiB is missing: nobody knows how large a download is',
  ),
  image('less than no memory', { minMemoryMiB: -1 }, 'spec.minMemoryMiB', 'greater than or equal to 0'),
  image('a format that CDI does not read', { format: 'ploop' }, 'spec.format', '"qcow2"'),
  image(
    'an architecture that KubeVirt does not run',
    { architecture: 'ppc64' },
    'spec.architecture',
    '"x86_64"',
  ),
  image(
    'two architectures',
    { properties: { hw_architecture: 'aarch64' } },
    'spec.architecture',
    'architecture and properties.hw_architecture say two things',
  ),
  image(
    'another hypervisor',
    { properties: { img_hv_type: 'xen' } },
    'spec.properties',
    'must be qemu or kvm',
  ),
  image(
    'a class for what no volume holds',
    CONTAINER,
    'spec.storageClassName',
    'storageClassName is of no use for a containerDisk',
  ),
  image('a long name', {}, 'metadata.name', 'the name of an Image has at most 63 characters', 'a'.repeat(64)),
];

export const BAD_KEY_PAIRS: BadObject[] = [
  key('no key', undefined, 'Required value'),
  key('an empty key', '', ONE_LINE),
  key('a private key', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz', ONE_LINE),
  key('the name of a file', '~/.ssh/id_ed25519.pub', 'the contents of a .pub file'),
  key('a line break at the end', `${PUBLIC_KEY}\n`, 'without a line break at its end'),
  key('two keys', `${PUBLIC_KEY}\n${PUBLIC_KEY}`, ONE_LINE),
  key('options before the key', `no-pty ${PUBLIC_KEY}`, ONE_LINE),
  key('an outdated algorithm', 'ssh-dss AAAAB3NzaC1kc3MAAACBAOK5', ONE_LINE),
  key('a key that is none', 'ssh-ed25519 hello', ONE_LINE),
  key('a key of 17000 characters', `${PUBLIC_KEY} ${'x'.repeat(17000)}`, 'may not be more than 16384'),
];

export const BAD_NODE_LEDGERS: BadObject[] = [
  ledger('an owner of another kind', { ownerKind: 'Pod' }, 'ownerKind', 'Unsupported value'),
  ledger('a claim of no one', { uid: undefined }, 'uid', 'Required value'),
  ledger('memory below zero', { memoryMiB: -1 }, 'memoryMiB', 'greater than or equal to 0'),
  ledger('half a GiB', { diskGiB: 0.5 }, 'diskGiB', 'must be of type integer'),
  ledger(
    'a device less than none',
    { devices: { 'example.com/gpu': -1 } },
    'devices.example.com/gpu',
    'or equal to 0',
  ),
  ledger('a device without a name', { devices: { '': 1 } }, 'devices', 'keys are names of resources'),
  ledger('a request id of words', { requestId: 'req-1' }, 'requestId', 'should match'),
];

const owners = (what: string, changes: object, field: string, message: string) =>
  bad('PlacementProbe', what, changes, `spec${field}`, message);
const operators = (what: string, changes: object, field: string, message: string) =>
  bad('ClusterPlacementProbe', what, changes, `spec${field}`, message);

const ONE_THING = 'give exactly one of instance, instanceRef and flavors';

export const BAD_PROBES: BadObject[] = [
  bad(
    'PlacementProbe',
    'a node by name',
    { instance: draft('Instance').spec },
    'spec.instance.nodeName',
    'a probe answers for all nodes: remove instance.nodeName',
  ),
  owners('no question', { instance: undefined }, '', ONE_THING),
  owners('two questions', { flavors: {} }, '', ONE_THING),
  owners(
    'an Instance that cannot be',
    { instance: { image: { pvc: { name: 'a' } } } },
    '.instance.flavorRef',
    'Required',
  ),
  owners('kept for no time', { ttlSeconds: 0 }, '.ttlSeconds', 'greater than or equal to 1'),
  owners('kept for longer than a month', { ttlSeconds: 2_592_001 }, '.ttlSeconds', 'less than or equal to'),
  operators('no question', { instance: undefined }, '', ONE_THING),
  operators('no namespace', { namespace: undefined }, '', "namespace is missing: name the Instance's"),
  operators('a namespace with dots', { namespace: 'a.b' }, '.namespace', 'should match'),
  operators(
    'more nodes than one can read',
    { nodeNames: Array.from({ length: 17 }, (_, index) => `node-${index}`) },
    '.nodeNames',
    'must have at most 16 items',
  ),
];

const ONE_ACTION = 'an InstanceAction asks for one thing: give exactly one of start, reboot';

export const BAD_REQUESTS: BadObject[] = [
  bad('InstanceAction', 'nothing asked', { reboot: undefined }, 'spec', ONE_ACTION),
  bad('InstanceAction', 'two things asked', { start: {} }, 'spec', ONE_ACTION),
  bad(
    'InstanceAction',
    'an unknown reboot',
    { reboot: { type: 'Warm' } },
    'spec.reboot.type',
    'supported values: "Soft", "Hard"',
  ),
  bad('InstanceAction', 'no Instance', { instanceRef: undefined }, 'spec.instanceRef', 'Required value'),
  bad('InstanceMigration', 'an unknown type', { type: 'Warm' }, 'spec.type', 'supported values'),
];
