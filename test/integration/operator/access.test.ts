import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type VirtualMachine, VM } from '#adapters/kubevirt/types.ts';
import { CLUSTER_PLACEMENT_PROBE } from '#api/clusterplacementprobe.ts';
import { IMAGE } from '#api/image.ts';
import { INSTANCE, type Instance, type InstanceSpec } from '#api/instance.ts';
import { INSTANCE_MIGRATION } from '#api/instancemigration.ts';
import { KEY_PAIR } from '#api/keypair.ts';
import { SERVER_GROUP } from '#api/servergroup.ts';
import { createClient, type KubeClient } from '#runtime/client.ts';
import { Berth, EPHEMERAL } from '#test/berth.ts';
import { actingAs } from '#test/cluster.ts';
import { bindingOf, peopleRole } from '../../../hack/access/manifests.ts';
import { PEOPLE_ROLES } from '../../../hack/access/people.ts';

/** People with the chart's roles and no others; `editor` has Kubernetes' own role `edit`. */
const OWNER = 'owner';
const WITHIN = { timeout: 120_000, interval: 200 };

let berth: Berth;
let owner: KubeClient;

beforeAll(async () => {
  berth = await Berth.start({ fleetNodes: 3 });
  await berth.operator();
  const { kubectl } = berth.cluster;
  const items = [
    ...PEOPLE_ROLES.map(peopleRole),
    bindingOf('berth-catalog-reader', {
      kind: 'Group',
      apiGroup: 'rbac.authorization.k8s.io',
      name: 'system:authenticated',
    }),
    ...['own', 'other'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    bindingIn('own', 'berth-instance-owner', OWNER),
    bindingIn('own', 'berth-viewer', 'viewer'),
    bindingIn('own', 'edit', 'editor'),
    bindingIn('own', 'view', 'looker'),
    bindingIn('own', 'admin', 'chief'),
  ];
  const file = join(berth.cluster.dir, 'people.json');
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  await kubectl('apply', '-f', file);
  await kubectl('create', 'clusterrolebinding', 'on-call', '--clusterrole=berth-operator', '--user=on-call');
  owner = createClient(actingAs(berth.cluster, OWNER));
});
afterAll(async () => {
  await owner?.close();
  await berth?.stop();
});

const bindingIn = (namespace: string, role: string, user: string) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata: { name: user, namespace },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
});

/** The API server's own answer (SubjectAccessReview). */
async function may(user: string, verb: string, what: string, namespace: string): Promise<boolean> {
  const [resource = '', subresource] = what.split('/');
  const [plural = '', ...group] = resource.split('.');
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      user,
      groups: ['system:authenticated'],
      resourceAttributes: { verb, resource: plural, group: group.join('.'), subresource, namespace },
    },
  };
  const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
  const answer = await berth.client.request<{ status: { allowed: boolean } }>('POST', path, review);
  return answer.status.allowed;
}

const B = 'compute.berth.dev';

describe('roles for people', () => {
  test.each([
    ['viewer', 'list', `instances.${B}`],
    ['viewer', 'watch', `instancemigrations.${B}`],
    ['owner', 'create', `instances.${B}`],
    ['owner', 'create', `instanceactions.${B}`],
    ['owner', 'get', `instancemigrations.${B}`],
    ['owner', 'list', `flavors.${B}`],
    ['owner', 'get', 'virtualmachineinstances.subresources.kubevirt.io/console'],
    ['on-call', 'create', `instancemigrations.${B}`],
    ['on-call', 'create', `flavors.${B}`],
    ['on-call', 'fence', `computenodes.${B}`],
    ['on-call', 'unlock', `instances.${B}/lock`],
    ['on-call', 'pin', `instances.${B}/nodename`],
  ])('%s may %s %s', async (user, verb, what) => {
    expect(await may(user, verb, what, 'own')).toBe(true);
  });

  test.each([
    ['viewer', 'create', `instances.${B}`, 'own'],
    ['viewer', 'list', `instances.${B}`, 'other'],
    ['owner', 'create', `instances.${B}`, 'other'],
    ['owner', 'create', `instancemigrations.${B}`, 'own'],
    ['owner', 'patch', `instances.${B}/status`, 'own'],
    ['owner', 'pin', `instances.${B}/nodename`, 'own'],
    ['owner', 'list', `computenodes.${B}`, ''],
    ['owner', 'get', 'secrets', 'own'],
    ['owner', 'create', 'virtualmachines.kubevirt.io', 'own'],
    ['on-call', 'delete', `computenodes.${B}`, ''],
    ['on-call', 'update', `nodeledgers.${B}`, ''],
    ['on-call', 'get', 'secrets', 'own'],
  ])('%s may not %s %s', async (user, verb, what, namespace) => {
    expect(await may(user, verb, what, namespace)).toBe(false);
  });

  test('Kubernetes’ own roles have them: view looks, edit owns, admin unlocks', async () => {
    await vi.waitFor(async () => {
      expect(await may('looker', 'list', `instances.${B}`, 'own')).toBe(true);
      expect(await may('editor', 'create', `instances.${B}`, 'own')).toBe(true);
      expect(await may('chief', 'unlock', `instances.${B}/lock`, 'own')).toBe(true);
    }, WITHIN);
    expect(await may('looker', 'create', `instances.${B}`, 'own')).toBe(false);
    expect(await may('editor', 'unlock', `instances.${B}/lock`, 'own')).toBe(false);
    expect(await may('chief', 'create', `instancemigrations.${B}`, 'own')).toBe(false);
  });
});

test('what is asked for goes after its time: a migration that was refused, and an operator’s probe', async () => {
  const { client } = berth;
  await client.create(INSTANCE_MIGRATION, {
    metadata: { name: 'brief', namespace: 'own' },
    spec: { instanceRef: { name: 'nobody' }, type: 'Live', ttlSecondsAfterFinished: 1 },
  });
  await client.create(CLUSTER_PLACEMENT_PROBE, {
    metadata: { name: 'brief' },
    spec: {
      namespace: 'own',
      instance: {
        flavorRef: { name: 'tiny' },
        image: { containerDisk: 'quay.io/containerdisks/fedora:41' },
        ...EPHEMERAL,
      },
      ttlSeconds: 1,
    },
  });
  await vi.waitFor(async () => {
    await expect(client.get(INSTANCE_MIGRATION, 'own/brief')).rejects.toThrow('404');
    await expect(client.get(CLUSTER_PLACEMENT_PROBE, 'brief')).rejects.toThrow('404');
  }, WITHIN);
});

describe('what another namespace has', () => {
  const THEIRS = { namespace: 'other' };
  const instance = (name: string, spec: object) =>
    owner.create<Instance>(INSTANCE, {
      metadata: { name, namespace: 'own' },
      spec: {
        flavorRef: { name: 'tiny' },
        image: { containerDisk: 'quay.io/containerdisks/fedora:41' },
        ...EPHEMERAL,
        ...spec,
      },
    } as never);
  const untilSaid = (name: string, words: RegExp) =>
    vi.waitFor(async () => {
      const { status } = await owner.get<Instance>(INSTANCE, `own/${name}`);
      expect(JSON.stringify(status ?? {})).toMatch(words);
      return status;
    }, WITHIN);

  beforeAll(async () => {
    const { kubectl } = berth.cluster;
    await kubectl('create', 'secret', 'generic', 'theirs', '-n', 'other', '--from-literal=userdata=secret');
    const client = berth.client;
    await client.create(KEY_PAIR, {
      metadata: { name: 'theirs', ...THEIRS },
      spec: {
        publicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDIhz2GK/XCUj4i6Q5yQJNL1MKhmyBaMPnJ1pKPcB3mM them',
      },
    });
    await client.create(SERVER_GROUP, {
      metadata: { name: 'theirs', ...THEIRS },
      spec: { policy: 'affinity' },
    });
    await client.create(IMAGE, {
      metadata: { name: 'theirs', ...THEIRS },
      spec: { source: { containerDisk: 'quay.io/containerdisks/fedora:41' } },
    });
    await kubectl(...['create', '-f', await claimFile()]);
  });

  async function claimFile(): Promise<string> {
    const file = join(berth.cluster.dir, 'claim.json');
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'theirs', ...THEIRS },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    };
    await writeFile(file, JSON.stringify(claim));
    return file;
  }

  test.each<[string, Partial<InstanceSpec> | object, RegExp]>([
    ['key', { keyPairRef: { name: 'theirs' } }, /KeyPair theirs|key pair|keyPairRef/i],
    ['group', { serverGroupRef: { name: 'theirs' } }, /ServerGroup theirs|server group|serverGroupRef/i],
    ['disk', { volumes: [{ name: 'data', pvc: { name: 'theirs' } }] }, /theirs/],
  ])('is not found by name: %s', async (name, spec, words) => {
    await instance(name, spec);
    const status = await untilSaid(name, words);
    expect(status?.vmState).not.toBe('Active');
    expect(status?.nodeName).toBeUndefined();
  });

  test('is not found by name: an Image', async () => {
    const made = instance('image', { image: undefined, imageRef: { name: 'theirs' } });
    const said = await made.then(
      () => untilSaid('image', /theirs/).then((status) => status?.vmState ?? 'none'),
      (error: Error) => error.message,
    );
    expect(said).not.toBe('Active');
  });

  test.each([
    ['keyPairRef', { keyPairRef: { name: 'other/theirs' } }],
    ['userDataSecretRef', { userDataSecretRef: { name: 'other/theirs' } }],
    ['serverGroupRef', { serverGroupRef: { name: '../other/theirs' } }],
    ['volumes', { volumes: [{ name: 'data', pvc: { name: 'other/theirs' } }] }],
    ['networks', { networks: [{ name: 'net', multus: { name: 'other/theirs' } }] }],
  ])('cannot be named with its namespace: %s', async (field, spec) => {
    await expect(instance('named', spec)).rejects.toThrow(field);
  });

  test('is not reached by a namespace beside the name, which is no field', async () => {
    const { spec } = await instance('beside', {
      userDataSecretRef: { name: 'theirs', namespace: 'other' },
      powerState: 'Stopped',
    });
    expect(spec.userDataSecretRef).toEqual({ name: 'theirs' });
    const vm = await vi.waitFor(() => berth.client.get<VirtualMachine>(VM, 'own/beside'), WITHIN);
    expect(JSON.stringify(vm.spec)).not.toContain('other');
  });

  test('an Image is not made of another namespace’s volume', async () => {
    const image = (name: string, pvc: object) =>
      owner.create(IMAGE, { metadata: { name, namespace: 'own' }, spec: { source: { pvc } } } as never);
    await expect(image('stolen', { name: 'other/theirs' })).rejects.toThrow('pvc');
    await image('missing', { name: 'theirs', namespace: 'other' });
    await vi.waitFor(async () => {
      const { status } = (await owner.get(IMAGE, 'own/missing')) as { status?: object } & Awaited<
        ReturnType<KubeClient['get']>
      >;
      expect(JSON.stringify(status ?? {})).toContain('SourceNotFound');
    }, WITHIN);
  });

  test('is as it was: Berth changed nothing there for a tenant of elsewhere', async () => {
    const writes = (await berth.writes()).filter(({ objectRef }) => objectRef?.namespace === 'other');
    const changed = writes.map(({ objectRef }) => `${objectRef?.resource}/${objectRef?.subresource ?? ''}`);
    const expected = ['images/status', 'keypairs/status', 'secrets/', 'servergroups/status'];
    expect([...new Set(changed)].sort().filter((it) => !expected.includes(it))).toEqual([]);
    const { kubectl } = berth.cluster;
    expect(await kubectl('get', 'vm,vmi,pods,datavolumes', '-n', 'other', '-o', 'name')).toBe('');
  });
});
