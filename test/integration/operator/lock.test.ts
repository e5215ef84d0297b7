import { afterAll, beforeAll, expect, test } from 'vitest';
import { INSTANCE } from '#api/instance.ts';
import { Berth } from '#test/berth.ts';

let berth: Berth;

beforeAll(async () => {
  berth = await Berth.start({ fleetNodes: 2 });
  await berth.operator();
  await berth.create('kept');
  await berth.active('kept');
});
afterAll(() => berth?.stop());

test('a locked Instance is not changed and not deleted, until it is unlocked', async () => {
  await berth.patch('kept', { locked: true });
  await expect(berth.patch('kept', { powerState: 'Paused' })).rejects.toThrow('the Instance is locked');
  await expect(berth.delete('kept')).rejects.toThrow('set spec.locked to false before it is deleted');
  const { kubectl } = berth.cluster;
  const create = (...what: string[]) => kubectl('create', ...what, '-n', 'default');
  await create('role', 'owner', '--verb=get,patch', '--resource=instances.compute.berth.dev');
  await create('rolebinding', 'owner', '--role=owner', '--user=owner');
  const unlock = () =>
    kubectl('patch', 'instance', 'kept', '--as=owner', '--type=merge', '-p', '{"spec":{"locked":false}}');
  await expect(unlock()).rejects.toThrow('unlocking needs the verb unlock');
  await berth.patch('kept', { locked: false });
  expect((await berth.get('kept')).spec.locked).toBe(false);
});

test('one with deletionProtection is not deleted, until that is taken back', async () => {
  await berth.patch('kept', { deletionProtection: true });
  await expect(berth.client.delete(INSTANCE, 'default/kept')).rejects.toThrow(
    'set spec.deletionProtection to false',
  );
  await berth.patch('kept', { deletionProtection: false });
  await berth.delete('kept');
  await berth.gone('kept');
});
