import { afterAll, beforeAll, expect, test } from 'vitest';
import { INSTANCE } from '#api/instance.ts';
import { createClient, type KubeClient } from '#runtime/client.ts';
import { Berth, EPHEMERAL } from '#test/berth.ts';
import { actingAs } from '#test/cluster.ts';

let berth: Berth;
/** May do everything with Instances but unlock them. */
let owner: KubeClient;

beforeAll(async () => {
  berth = await Berth.start({ fleetNodes: 2 });
  await berth.operator();
  const create = (...what: string[]) => berth.cluster.kubectl('create', ...what, '-n', 'default');
  const verbs = '--verb=get,list,create,update,patch,delete';
  await create('role', 'owner', verbs, '--resource=instances.compute.berth.dev');
  await create('rolebinding', 'owner', '--role=owner', '--user=owner');
  owner = createClient(actingAs(berth.cluster, 'owner'));
  await berth.create('kept');
  await berth.active('kept');
});
afterAll(async () => {
  await owner?.close();
  await berth?.stop();
});

const patch = (client: KubeClient, spec: object) =>
  client.patch(INSTANCE, 'default/kept', { spec }, { type: 'merge' });

test('a locked Instance is not changed and not deleted; only who has the verb unlocks it', async () => {
  await patch(owner, { locked: true });
  await expect(patch(owner, { powerState: 'Stopped' })).rejects.toThrow('the Instance is locked');
  await expect(patch(owner, { shelved: true })).rejects.toThrow('the Instance is locked');
  await expect(owner.delete(INSTANCE, 'default/kept')).rejects.toThrow(
    'set spec.locked to false before it is deleted',
  );
  await expect(patch(owner, { locked: false })).rejects.toThrow('unlocking needs the verb unlock');
  const verb = ['create', 'role', 'unlocker', '--verb=unlock', '--resource=instances.compute.berth.dev/lock'];
  await berth.cluster.kubectl(...verb, '-n', 'default');
  const binding = ['create', 'rolebinding', 'unlocker', '--role=unlocker', '--user=owner', '-n', 'default'];
  await berth.cluster.kubectl(...binding);
  await patch(owner, { locked: false });
  expect((await berth.get('kept')).spec.locked).toBe(false);
});

test('one with deletionProtection is changed, and not deleted', async () => {
  await patch(owner, { deletionProtection: true });
  await expect(owner.delete(INSTANCE, 'default/kept')).rejects.toThrow(
    'set spec.deletionProtection to false',
  );
  await patch(owner, { powerState: 'Paused' });
  await berth.until('kept', ({ status }) => status?.vmState === 'Paused' && !status.taskState);
  await patch(owner, { deletionProtection: false });
  await owner.delete(INSTANCE, 'default/kept');
  await berth.gone('kept');
});

test('an Instance that is neither is as free as before', async () => {
  await berth.create('free', EPHEMERAL);
  await berth.active('free');
  await owner.patch(INSTANCE, 'default/free', { spec: { powerState: 'Paused' } }, { type: 'merge' });
  await owner.delete(INSTANCE, 'default/free');
  await berth.gone('free');
});
