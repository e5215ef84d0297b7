/** A change to a stored object, as a merge patch to its spec. */
export interface Transition {
  kind: string;
  what: string;
  /** How the stored object differs from the good one of its kind. */
  before?: object;
  change: object;
}

export interface RefusedTransition extends Transition {
  field: string;
  message: string;
}

const ANOTHER = 'create another Instance';
const OTHER_ID = 'req-99999999-2222-4333-8444-555555555555';

const changed = (field: string, change: unknown, message = ANOTHER): RefusedTransition => ({
  kind: 'Instance',
  what: `another ${field}`,
  change: { [field]: change },
  field: `spec.${field}`,
  message: `${field} cannot be changed after creation: ${message}`,
});

const gone = (field: string): RefusedTransition => ({
  kind: 'Instance',
  what: `${field} taken away`,
  change: { [field]: null },
  field: `spec.${field}`,
  message: `${field} cannot be added or removed after creation: ${ANOTHER}`,
});

const added = (field: string, value: unknown): RefusedTransition => ({
  kind: 'Instance',
  what: `${field} added`,
  before: { [field]: undefined },
  change: { [field]: value },
  field: `spec.${field}`,
  message: `${field} cannot be added or removed after creation: ${ANOTHER}`,
});

const flavor = (what: string, change: object): RefusedTransition => ({
  kind: 'Flavor',
  what,
  change,
  field: 'spec',
  message: 'a Flavor cannot be changed: create another one with a new name',
});

const request = (kind: string, what: string, change: object, field: string): RefusedTransition => ({
  kind,
  what,
  change,
  field: `spec.${field}`,
  message: `${field} of an ${kind} cannot be changed, it asks once: create another one`,
});

const probe = (kind: string): RefusedTransition => ({
  kind,
  what: 'another question',
  before: { instance: undefined, flavors: {} },
  change: { flavors: { names: ['small'] } },
  field: 'spec',
  message: `a ${kind} cannot be changed, it asks once: create another one`,
});

const volume = (what: string, before: object, after: object, message: string): RefusedTransition => ({
  kind: 'Instance',
  what,
  before: { volumes: [{ name: 'data', ...before }] },
  change: { volumes: [{ name: 'data', ...after }] },
  field: 'spec.volumes[0]',
  message,
});
const ANOTHER_VOLUME = 'a volume on the list cannot become another one';
const SAME_BLANK = 'of a blank volume on the list only deleteOnTermination can change';

const network = (what: string, before: object, after: object): RefusedTransition => ({
  kind: 'Instance',
  what,
  before: { networks: [{ name: 'lan', ...before }] },
  change: { networks: [{ name: 'lan', ...after }] },
  field: 'spec.networks[0]',
  message: 'a network on the list cannot become another one',
});

export const REFUSED_TRANSITIONS: RefusedTransition[] = [
  network('another network of multus', { multus: { name: 'a' } }, { multus: { name: 'b' } }),
  network('the pod network for one of multus', { multus: { name: 'a' } }, { pod: {} }),
  network(
    'a MAC address later',
    { multus: { name: 'a' } },
    { multus: { name: 'a' }, macAddress: '02:00:00:00:00:01' },
  ),
  {
    kind: 'Instance',
    what: 'a network with addresses that is added later',
    before: { networks: [{ name: 'front', pod: {} }] },
    change: {
      networks: [
        { name: 'front', pod: {} },
        { name: 'lan', multus: { name: 'a' }, addresses: ['192.0.2.1/24'] },
      ],
    },
    field: 'spec.networks',
    message: 'addresses cannot be added after creation',
  },
  volume('another claim', { pvc: { name: 'a' } }, { pvc: { name: 'b' } }, ANOTHER_VOLUME),
  volume('a claim for a blank volume', { blank: { size: '1Gi' } }, { pvc: { name: 'b' } }, ANOTHER_VOLUME),
  volume(
    'a claim that is shared',
    { pvc: { name: 'a' } },
    { pvc: { name: 'a' }, shareable: true },
    ANOTHER_VOLUME,
  ),
  volume('a larger blank volume', { blank: { size: '1Gi' } }, { blank: { size: '2Gi' } }, SAME_BLANK),
  volume(
    'a blank volume of a class',
    { blank: { size: '1Gi' } },
    { blank: { size: '1Gi', storageClassName: 'fast' } },
    SAME_BLANK,
  ),
  changed('image', { containerDisk: 'registry.example/disks/fedora:42' }),
  {
    kind: 'Instance',
    what: 'an Image in place of an image',
    change: { image: null, imageRef: { name: 'golden' } },
    field: 'spec.image',
    message: 'image cannot be added or removed after creation',
  },
  {
    kind: 'Instance',
    what: 'another Image',
    before: { image: undefined, imageRef: { name: 'golden' } },
    change: { imageRef: { name: 'silver' } },
    field: 'spec.imageRef',
    message: 'imageRef cannot be changed after creation: create another Instance, or rebuild this one',
  },
  {
    kind: 'Image',
    what: 'another source',
    change: { source: { http: { url: 'https://images.example/other.qcow2', checksum: null } } },
    field: 'spec.source',
    message: 'source cannot be changed, root disks were made from it',
  },
  {
    kind: 'Image',
    what: 'another class',
    change: { storageClassName: 'slow' },
    field: 'spec.storageClassName',
    message: 'storageClassName cannot be changed: create another Image',
  },
  changed('rootDisk', { storageClassName: 'slow' }),
  changed('rootDisk', { volumeMode: null }),
  changed('rootDisk', null),
  changed('keyPairRef', { name: 'other' }, 'a guest is given its key when it is first started'),
  changed('userDataSecretRef', { name: 'other' }, 'user data is read when a guest is first started'),
  changed('availabilityZone', 'zone-b'),
  changed('serverGroupRef', { name: 'other' }, 'a group is joined at creation'),
  changed('schedulerHints', { sameHost: ['web-9'] }),
  changed('nodeName', 'node-002'),
  gone('keyPairRef'),
  gone('userDataSecretRef'),
  gone('availabilityZone'),
  gone('serverGroupRef'),
  gone('schedulerHints'),
  gone('nodeName'),
  added('keyPairRef', { name: 'demo' }),
  added('userDataSecretRef', { name: 'user-data' }),
  added('availabilityZone', 'zone-a'),
  added('serverGroupRef', { name: 'web' }),
  added('schedulerHints', { sameHost: ['web-2'] }),
  added('nodeName', 'node-001'),
  {
    kind: 'ServerGroup',
    what: 'another policy',
    before: { rules: undefined },
    change: { policy: 'affinity' },
    field: 'spec.policy',
    message: 'policy cannot be changed: create another ServerGroup with a new name',
  },
  flavor('more vCPUs', { vcpus: 3 }),
  flavor('more memory', { memory: '8Gi' }),
  flavor('the same memory in another unit', { memory: '4096Mi' }),
  flavor('another disk', { rootDisk: '21Gi' }),
  flavor('an extra spec more', { extraSpecs: { 'hw:mem_page_size': 'large' } }),
  flavor('extra specs taken away', { extraSpecs: null }),
  probe('PlacementProbe'),
  probe('ClusterPlacementProbe'),
  {
    kind: 'InstanceAction',
    what: 'another reboot',
    change: { reboot: { type: 'Soft' } },
    field: 'spec',
    message: 'what an InstanceAction asks for cannot be changed',
  },
  {
    kind: 'InstanceAction',
    what: 'another image to rebuild from',
    before: { reboot: undefined, rebuild: { imageRef: { name: 'golden' } } },
    change: { rebuild: { imageRef: { name: 'silver' } } },
    field: 'spec',
    message: 'what an InstanceAction asks for cannot be changed',
  },
  request('InstanceAction', 'another request id', { requestId: OTHER_ID }, 'requestId'),
  request('InstanceAction', 'a time to live', { ttlSecondsAfterFinished: 5 }, 'ttlSecondsAfterFinished'),
  request('InstanceMigration', 'another Instance', { instanceRef: { name: 'web-2' } }, 'instanceRef'),
  request('InstanceMigration', 'another type', { type: 'Cold' }, 'type'),
  request('InstanceMigration', 'a request id', { requestId: OTHER_ID }, 'requestId'),
  request('InstanceMigration', 'a time to live', { ttlSecondsAfterFinished: 5 }, 'ttlSecondsAfterFinished'),
  {
    kind: 'Instance',
    what: 'another rescue image',
    before: { rescue: {} },
    change: { rescue: { image: { containerDisk: 'registry.example/rescue:2' } } },
    field: 'spec.rescue',
    message: 'rescue cannot be changed while it is there',
  },
  request('InstanceAction', 'another Instance', { instanceRef: { name: 'web-2' } }, 'instanceRef'),
  request('InstanceMigration', 'another target', { targetNode: 'node-002' }, 'targetNode'),
  request('InstanceMigration', 'no target', { targetNode: null }, 'targetNode'),
  {
    kind: 'InstanceAction',
    what: 'not cancelled after all',
    before: { cancel: true },
    change: { cancel: false },
    field: 'spec.cancel',
    message: 'cancel cannot be taken back',
  },
];

export const TAKEN_TRANSITIONS: Transition[] = [
  { kind: 'Instance', what: 'locked', change: { locked: true } },
  { kind: 'Instance', what: 'another Flavor', change: { flavorRef: { name: 'large' } } },
  { kind: 'Image', what: 'other needs', change: { minDiskGiB: 6, properties: { os_distro: 'fedora' } } },
  { kind: 'Instance', what: 'shelved', change: { shelved: true } },
  { kind: 'Instance', what: 'without volumes', change: { volumes: null } },
  { kind: 'Instance', what: 'without the list of networks', change: { networks: null } },
  {
    kind: 'Instance',
    what: 'a network more',
    before: { networks: [{ name: 'front', pod: {} }] },
    change: {
      networks: [
        { name: 'lan', multus: { name: 'a' } },
        { name: 'front', pod: {} },
      ],
    },
  },
  {
    kind: 'Instance',
    what: 'another volume in the place of one, and one that is kept',
    before: { volumes: [{ name: 'a', blank: { size: '1Gi' } }] },
    change: {
      volumes: [
        { name: 'b', pvc: { name: 'b' } },
        { name: 'a', blank: { size: '1Gi', deleteOnTermination: true } },
      ],
    },
  },
  { kind: 'InstanceAction', what: 'cancelled', change: { cancel: true } },
  { kind: 'InstanceMigration', what: 'cancelled', change: { cancel: true } },
  { kind: 'Instance', what: 'stopped', change: { powerState: 'Stopped' } },
  { kind: 'Instance', what: 'paused', change: { powerState: 'Paused' } },
  { kind: 'Instance', what: 'power state left to the default', change: { powerState: null } },
  {
    kind: 'Instance',
    what: 'the default written out',
    before: { rootDisk: {} },
    change: { rootDisk: { ephemeral: false } },
  },
  { kind: 'Flavor', what: 'the default written out', before: { swap: undefined }, change: { swap: '0' } },
  { kind: 'ServerGroup', what: 'another bound', change: { rules: { maxServerPerHost: 3 } } },
  { kind: 'ComputeNode', what: 'enabled', change: { disabled: false, disabledReason: null } },
  { kind: 'ComputeNode', what: 'other ratios', change: { allocationRatios: { cpu: 16 } } },
  {
    kind: 'KeyPair',
    what: 'another comment',
    change: { publicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA me' },
  },
  { kind: 'NodeLedger', what: 'emptied', change: { claims: [] } },
];
