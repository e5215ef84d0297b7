import { type VirtualMachineInstanceMigration, VMIM } from '#adapters/kubevirt/types.ts';
import { INSTANCE, type Instance, type InstanceSpec } from '#api/instance.ts';
import { SERVER_GROUP } from '#api/servergroup.ts';
import type { KubeClient } from '#runtime/client.ts';
import { type KubeObject, keyOf, type Resource } from '#runtime/resource.ts';
import { eventually, eventuallyNone } from '../eventually.ts';
import type { History } from '../history.ts';
import { brokenPromises, leftOver } from '../invariants.ts';

const NAMESPACES: Resource = {
  group: '',
  version: 'v1',
  plural: 'namespaces',
  kind: 'Namespace',
  namespaced: false,
};
/** A cluster, and who watches it. */
interface Watched {
  client: KubeClient;
  history: History;
}

const WAIT_MS = 60_000;
const MOST_MIGRATIONS = 5;

const apart = { serverGroupRef: { name: 'apart' } };
const together = { serverGroupRef: { name: 'together' } };
const ephemeral = { rootDisk: { ephemeral: true } };
const volume = { rootDisk: { ephemeral: false, storageClassName: 'immediate' } };
const MEMBERS: Record<string, Partial<InstanceSpec>> = {
  a: { ...apart, ...ephemeral },
  b: { ...apart, ...ephemeral },
  c: { ...together, ...volume },
  d: { ...together, ...ephemeral },
};

/**
 * A few Instances come, are moved, stopped, started, and go, in a zone of three nodes. What is promised is looked at
 * whenever nothing is in flight. @throws with what does not hold
 */
export async function liveThrough(
  { client, history }: Watched,
  namespace: string,
  zone: string,
): Promise<void> {
  await client.create(NAMESPACES, { metadata: { name: namespace } });
  await Promise.all(
    [
      ['apart', 'anti-affinity'],
      ['together', 'affinity'],
    ].map(([name, policy]) =>
      client.create(SERVER_GROUP, { metadata: { name, namespace }, spec: { policy } } as never),
    ),
  );
  await Promise.all(
    Object.entries(MEMBERS).map(([name, spec]) => create(client, { namespace, zone, name, spec })),
  );
  await Promise.all(Object.keys(MEMBERS).map((name) => becomes(history, `${namespace}/${name}`, 'Active')));
  await promisesHold(history, namespace);
  await Promise.all([
    migrate({ client, history }, namespace, 'a'),
    stopAndStart({ client, history }, `${namespace}/b`),
  ]);
  await promisesHold(history, namespace);
  await Promise.all(Object.keys(MEMBERS).map((name) => client.delete(INSTANCE, `${namespace}/${name}`)));
  await eventuallyNone(() => history.wrong((world) => leftOver(world, namespace)), WAIT_MS);
  await client.delete(NAMESPACES, namespace);
}

function create(
  client: KubeClient,
  {
    namespace,
    zone,
    name,
    spec,
  }: { namespace: string; zone: string; name: string; spec: Partial<InstanceSpec> },
): Promise<Instance> {
  const image = { containerDisk: 'quay.io/containerdisks/fedora:41' };
  const object = {
    metadata: { name, namespace },
    spec: { flavorRef: { name: 'tiny' }, image, availabilityZone: zone, ...spec },
  };
  return client.create<Instance>(INSTANCE, object);
}

function becomes({ instances }: History, key: string, vmState: string): Promise<void> {
  return eventually(async () => {
    const { status } = instances.get(key) ?? {};
    if (status?.vmState !== vmState || status.taskState !== undefined)
      throw new Error(`${key} is not ${vmState}: ${JSON.stringify(status)}`);
  }, WAIT_MS);
}

async function stopAndStart({ client, history }: Watched, key: string): Promise<void> {
  const set = (powerState: 'Running' | 'Stopped') =>
    client.patch(INSTANCE, key, { spec: { powerState } }, { type: 'merge' });
  await set('Stopped');
  await becomes(history, key, 'Stopped');
  await set('Running');
  await becomes(history, key, 'Active');
}

/** As virtctl would. One that is cancelled or fails, since it was struck, is asked for again. */
async function migrate({ client, history }: Watched, namespace: string, vmiName: string): Promise<void> {
  for (let attempt = 1; attempt <= MOST_MIGRATIONS; attempt++) {
    const metadata = { name: `${vmiName}-${attempt}`, namespace };
    const made = await client.create<KubeObject>(VMIM, { metadata, spec: { vmiName } });
    if ((await endOf(history, made)) === 'Succeeded') return;
  }
  throw new Error(`${MOST_MIGRATIONS} migrations of ${namespace}/${vmiName} failed`);
}

function endOf({ migrations }: History, made: KubeObject): Promise<string> {
  migrations.put(made as VirtualMachineInstanceMigration);
  return eventually(async () => {
    const held = migrations.get(keyOf(made));
    const phase = held ? held.status?.phase : 'Gone';
    if (phase === 'Succeeded' || phase === 'Failed' || phase === 'Gone') return phase;
    throw new Error(`migration ${keyOf(made)} is ${phase}`);
  }, WAIT_MS);
}

const promisesHold = (history: History, namespace: string): Promise<void> =>
  eventuallyNone(() => history.wrong((world) => brokenPromises(world, namespace)), WAIT_MS);
