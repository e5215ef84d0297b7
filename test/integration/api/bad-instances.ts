import { type BadObject, bad } from './bad-object.ts';
import { DIGEST } from './drafts.ts';

const instance = (what: string, changes: object, field: string, message: string) =>
  bad('Instance', what, changes, field, message);
const http = (what: string, changes: object, field: string, message: string) => {
  const source = { url: 'https://images.example/disk.qcow2', ...changes };
  return instance(what, { image: { http: source } }, `spec.image.http.${field}`, message);
};

const properties = (what: string, given: object, message: string) =>
  instance(
    what,
    { image: { containerDisk: 'registry.example/fedora', properties: given } },
    'spec.image.properties',
    message,
  );

const VOLUME = { name: 'data', pvc: { name: 'data' } };
const volume = (what: string, changes: object, field: string, message: string) =>
  instance(what, { volumes: [{ ...VOLUME, ...changes }] }, `spec.volumes[0]${field}`, message);
const VOLUME_ONE_OF = 'a volume needs exactly one of pvc and blank';

const NETWORK = { name: 'storage', multus: { name: 'vlan-7' } };
const network = (what: string, changes: object, field: string, message: string) =>
  instance(what, { networks: [{ ...NETWORK, ...changes }] }, `spec.networks[0]${field}`, message);
const NETWORK_ONE_OF = 'a network needs exactly one of pod and multus';

const IMAGE_ONE_OF = 'exactly one of containerDisk, http and pvc: keep one';
const NAME_FORM = "must be the name of an object: lower-case letters, digits, '-' and '.'";
const NO_VOLUME = 'remove storageClassName, accessMode and volumeMode, or set ephemeral: false';

export const BAD_INSTANCES: BadObject[] = [
  bad(
    'Instance',
    'an ephemeral root to be rescued',
    { rootDisk: { ephemeral: true }, rescue: {} },
    'spec.rescue',
    'leaves nothing to rescue: remove rescue',
  ),
  bad(
    'Instance',
    'a rescue without an image to boot',
    { image: { pvc: { name: 'golden' } }, rescue: {} },
    'spec.rescue',
    'rescue needs an image where spec.image is no containerDisk',
  ),
  bad(
    'Instance',
    'user data for a rescue system that is given none',
    { keyPairRef: undefined, userDataSecretRef: undefined, rescue: { userDataSecretRef: { name: 'other' } } },
    'spec.rescue.userDataSecretRef',
    'needs an Instance with keyPairRef or userDataSecretRef',
  ),
  bad(
    'Instance',
    'an ephemeral root that is shelved',
    { rootDisk: { ephemeral: true }, shelved: true },
    'spec.shelved',
    'an ephemeral root disk would be lost when it is shelved',
  ),
  instance('no Flavor', { flavorRef: undefined }, 'spec.flavorRef', 'Required value'),
  instance('a Flavor without name', { flavorRef: {} }, 'spec.flavorRef.name', 'Required value'),
  instance('a Flavor as a text', { flavorRef: 'small' }, 'spec.flavorRef', 'must be of type object'),
  instance('a capital in a name', { flavorRef: { name: 'Small' } }, 'spec.flavorRef.name', NAME_FORM),
  instance('an empty name', { flavorRef: { name: '' } }, 'spec.flavorRef.name', NAME_FORM),
  instance('a name with a path', { keyPairRef: { name: 'team/demo' } }, 'spec.keyPairRef.name', NAME_FORM),
  instance(
    'a name with an underscore',
    { userDataSecretRef: { name: 'user_data' } },
    'spec.userDataSecretRef.name',
    NAME_FORM,
  ),
  instance(
    'a name of 254 characters',
    { flavorRef: { name: 'a'.repeat(254) } },
    'spec.flavorRef.name',
    'may not be more than 253',
  ),

  instance('no image', { image: undefined }, 'spec.image', 'exactly one of image and imageRef'),
  instance(
    'an image and an Image',
    { imageRef: { name: 'golden' } },
    'spec.image',
    'exactly one of image and imageRef',
  ),
  instance(
    'an Image with a capital',
    { image: undefined, imageRef: { name: 'Golden' } },
    'spec.imageRef.name',
    NAME_FORM,
  ),
  instance(
    'a rescue without an image to boot, of an Image',
    { image: undefined, imageRef: { name: 'golden' }, rescue: {} },
    'spec.rescue',
    'rescue needs an image where spec.image is no containerDisk',
  ),
  instance('an image of no source', { image: {} }, 'spec.image', IMAGE_ONE_OF),
  instance(
    'an image of two sources',
    { image: { containerDisk: 'registry.example/fedora', pvc: { name: 'golden' } } },
    'spec.image',
    IMAGE_ONE_OF,
  ),
  instance(
    'a container image with a scheme',
    { image: { containerDisk: 'docker://registry.example/fedora:41' } },
    'spec.image.containerDisk',
    'without a scheme such as docker://',
  ),
  instance(
    'a container image with a space',
    { image: { containerDisk: 'registry.example/fedora :41' } },
    'spec.image.containerDisk',
    'for example quay.io/containerdisks/fedora:41',
  ),
  instance(
    'a container image of 600 characters',
    { image: { containerDisk: 'a'.repeat(600) } },
    'spec.image.containerDisk',
    'may not be more than 512',
  ),
  instance(
    'a volume with a capital',
    { image: { pvc: { name: 'Golden' } } },
    'spec.image.pvc.name',
    NAME_FORM,
  ),
  properties(
    'an architecture that KubeVirt does not run',
    { hw_architecture: 'ppc64' },
    'hw_architecture must be one that KubeVirt runs: x86_64',
  ),
  properties('another hypervisor', { img_hv_type: 'xen' }, 'img_hv_type must be qemu or kvm'),
  properties('another virtual machine mode', { hw_vm_mode: 'xen' }, 'hw_vm_mode must be hvm'),
  properties('a text for a number', { hw_cpu_cores: 'four' }, 'must be whole numbers: hw_cpu_cores'),
  properties('a property without a name', { '': 'x' }, 'keys have 1 to 255 characters'),
  http('a URL of another scheme', { url: 'ftp://images.example/disk.qcow2' }, 'url', 'http:// or https://'),
  http('a URL without a path', { url: 'https://images.example' }, 'url', 'a host and a path'),
  http('a password in a URL', { url: 'https://me:secret@images.example/a' }, 'url', 'without user name'),
  http('a URL with a space', { url: 'https://images.example/a disk' }, 'url', 'spaces'),
  http('no URL', { url: undefined }, 'url', 'Required value'),
  http(
    'a bare digest',
    { checksum: DIGEST },
    'checksum',
    'an algorithm (md5, sha1, sha256, sha512), a colon',
  ),
  http('half a digest', { checksum: `sha256:${DIGEST.slice(32)}` }, 'checksum', 'the whole digest'),
  http('a digest in capitals', { checksum: `sha256:${DIGEST.toUpperCase()}` }, 'checksum', 'lower-case hex'),

  instance(
    'an ephemeral root of a volume',
    { rootDisk: { ephemeral: true, storageClassName: 'fast' } },
    'spec.rootDisk',
    NO_VOLUME,
  ),
  instance(
    'an ephemeral root in block mode',
    { rootDisk: { ephemeral: true, volumeMode: 'Block' } },
    'spec.rootDisk',
    NO_VOLUME,
  ),
  instance(
    'an ephemeral root from the web',
    { rootDisk: { ephemeral: true }, image: { http: { url: 'https://images.example/disk.qcow2' } } },
    'spec.image',
    'use one, or set rootDisk.ephemeral: false',
  ),
  instance(
    'an unknown access mode',
    { rootDisk: { accessMode: 'ReadOnlyMany' } },
    'spec.rootDisk.accessMode',
    '"ReadWriteOnce", "ReadWriteMany"',
  ),
  instance(
    'a text for yes or no',
    { rootDisk: { ephemeral: 'yes' } },
    'spec.rootDisk.ephemeral',
    'must be of type boolean',
  ),
  instance(
    'a storage class with a space',
    { rootDisk: { storageClassName: 'my class' } },
    'spec.rootDisk.storageClassName',
    NAME_FORM,
  ),

  network('a network of no kind', { multus: undefined }, '', NETWORK_ONE_OF),
  network('a network of two kinds', { pod: {} }, '', NETWORK_ONE_OF),
  network(
    'a network with a capital',
    { name: 'Storage' },
    '.name',
    "must be lower-case letters, digits and '-'",
  ),
  network('a network of another namespace', { multus: { name: 'team/lan' } }, '.multus.name', NAME_FORM),
  network(
    'a MAC address in capitals',
    { macAddress: '02:00:00:00:00:0A' },
    '.macAddress',
    'six pairs of lower-case hex',
  ),
  network('a MAC address of a group', { macAddress: '01:00:5e:00:00:01' }, '.macAddress', 'not of a group'),
  network(
    'an address without its length',
    { addresses: ['192.0.2.1'] },
    '.addresses[0]',
    'such as 192.0.2.10/24',
  ),
  network(
    'an address on the pod network',
    { multus: undefined, pod: {}, addresses: ['192.0.2.1/24'] },
    '',
    "an address on the pod network is the cluster's to give",
  ),
  instance(
    'two pod networks',
    {
      networks: [
        { name: 'a', pod: {} },
        { name: 'b', pod: {} },
      ],
    },
    'spec.networks',
    'a guest has one interface on the pod network',
  ),
  instance(
    'the same MAC address twice',
    {
      networks: [
        { ...NETWORK, macAddress: '02:00:00:00:00:01' },
        { ...NETWORK, name: 'b', macAddress: '02:00:00:00:00:01' },
      ],
    },
    'spec.networks',
    'the same macAddress is on the list twice',
  ),
  volume('a volume of no source', { pvc: undefined }, '', VOLUME_ONE_OF),
  volume('a volume of two sources', { blank: { size: '1Gi' } }, '', VOLUME_ONE_OF),
  volume('a volume with a dot', { name: 'my.data' }, '.name', "must be lower-case letters, digits and '-'"),
  volume(
    "a volume by the name of the root disk's",
    { name: 'root' },
    '.name',
    "these are disks of the guest's own",
  ),
  volume('a claim in another namespace', { pvc: { name: 'team/data' } }, '.pvc.name', NAME_FORM),
  volume('a blank volume without size', { pvc: undefined, blank: {} }, '.blank.size', 'Required value'),
  volume(
    'a blank volume of no size',
    { pvc: undefined, blank: { size: '0' } },
    '.blank.size',
    'must be a size from 1Mi to 64Ti',
  ),
  volume(
    'a shared blank volume that is not',
    { pvc: undefined, blank: { size: '1Gi', accessMode: 'ReadWriteOnce' }, shareable: true },
    '',
    'a shareable volume needs blank.accessMode ReadWriteMany',
  ),
  instance(
    'the same claim twice',
    { volumes: [VOLUME, { ...VOLUME, name: 'again' }] },
    'spec.volumes',
    'the same PersistentVolumeClaim is on the list twice',
  ),
  instance(
    '17 volumes',
    { volumes: Array.from({ length: 17 }, (_, i) => ({ name: `v-${i}`, pvc: { name: `v-${i}` } })) },
    'spec.volumes',
    'must have at most 16 items',
  ),

  instance('two zones', { availabilityZone: 'zone-a,zone-b' }, 'spec.availabilityZone', 'must be one zone'),
  instance('an empty zone', { availabilityZone: '' }, 'spec.availabilityZone', 'such as zone-a'),
  instance(
    'a network without its slash',
    { schedulerHints: { buildNearHostIp: '192.0.2.1', cidr: '24' } },
    'spec.schedulerHints.cidr',
    'is the length of a network',
  ),
  instance(
    'a group in another namespace',
    { serverGroupRef: { name: 'team/web' } },
    'spec.serverGroupRef.name',
    NAME_FORM,
  ),
  instance(
    'a hint that is no list',
    { schedulerHints: { sameHost: 'web-2' } },
    'spec.schedulerHints.sameHost',
    'must be of type array',
  ),
  instance(
    'a hint with a capital',
    { schedulerHints: { differentHost: ['Web'] } },
    'spec.schedulerHints.differentHost[0]',
    NAME_FORM,
  ),
  instance(
    'a hint of 17 Instances',
    { schedulerHints: { differentHost: Array.from({ length: 17 }, (_, i) => `web-${i}`) } },
    'spec.schedulerHints.differentHost',
    'must have at most 16 items',
  ),
  instance(
    'a hint that names the Instance itself',
    { schedulerHints: { sameHost: ['web-2', 'some-1'] } },
    'spec.schedulerHints',
    'remove its own name from them',
  ),
  instance('a node with a capital', { nodeName: 'Node-1' }, 'spec.nodeName', NAME_FORM),
  instance(
    'an unknown power state',
    { powerState: 'Off' },
    'spec.powerState',
    '"Running", "Stopped", "Paused"',
  ),
];

const HOST_NAME = 'use a letter, then at most 62 lower-case letters, digits and dashes';

export const BAD_NAMES: BadObject[] = [
  bad('Instance', 'a name with a dot', {}, 'metadata.name', HOST_NAME, 'web.example'),
  bad('Instance', 'a name that begins with a digit', {}, 'metadata.name', HOST_NAME, '1-web'),
  bad('Instance', 'a name of 64 characters', {}, 'metadata.name', HOST_NAME, 'w'.repeat(64)),
];
