import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { COMPUTE_NODE } from '#api/computenode.ts';
import { INSTANCE, type Instance, type TaskState } from '#api/instance.ts';
import {
  INSTANCE_MIGRATION,
  type InstanceMigration,
  type InstanceMigrationSpec,
} from '#api/instancemigration.ts';
import { NODE_LEDGER, type NodeLedger } from '#api/nodeledger.ts';
import { Berth, EPHEMERAL, onClass } from '#test/berth.ts';

let berth: Berth;

beforeAll(async () => {
  berth = await Berth.start();
  await berth.flavor('wide', { vcpus: 2, memory: '2Gi', rootDisk: '10Gi' });
  await berth.flavor('tall', { vcpus: 2, memory: '2Gi', rootDisk: '20Gi' });
  await berth.flavor('thin', { vcpus: 2, memory: '2Gi', rootDisk: '5Gi' });
  await berth.operator('first', ['--task-deadline', 'ResizeFinish=60']);
});
afterAll(() => berth?.stop());
afterEach(() => berth.fleet.clearFaults());

const TINY = { vcpus: 1, memoryMiB: 1024 };
const WIDE = { vcpus: 2, memoryMiB: 2048 };
const wide = { flavorRef: { name: 'wide' } };
const tiny = { flavorRef: { name: 'tiny' } };
const QUICK = { timeout: 60_000, interval: 10 };

/** An Instance that runs, with its node. */
async function running(name: string, spec = onClass('immediate')): Promise<string> {
  await berth.create(name, spec);
  const { status } = await berth.active(name);
  return status?.nodeName ?? '';
}

const disable = (node: string, disabled: boolean) =>
  berth.client.patch(COMPUTE_NODE, node, { spec: { disabled } }, { type: 'merge' });

/** While `act` lasts, nothing new is placed on these nodes. */
async function without<T>(nodes: readonly string[], act: () => Promise<T>): Promise<T> {
  for (const node of nodes) await disable(node, true);
  try {
    return await act();
  } finally {
    for (const node of nodes) await disable(node, false);
  }
}

async function allNodes(): Promise<string[]> {
  const { items } = await berth.client.list(COMPUTE_NODE);
  return items.map(({ metadata }) => metadata.name);
}

const resized = (name: string) =>
  berth.until(name, ({ status }) => status?.vmState === 'Resized' && !status.taskState);

/** Resizes it to `wide`, away from its node. */
async function widened(name: string): Promise<{ source: string; target: string }> {
  const source = await running(name);
  const { status } = await without([source], async () => {
    await berth.patch(name, wide);
    return resized(name);
  });
  return { source, target: status?.nodeName ?? '' };
}

/** What it holds of each node. */
async function held(name: string): Promise<Record<string, { vcpus: number; memoryMiB: number }>> {
  const { items } = await berth.client.list<NodeLedger>(NODE_LEDGER);
  const own = items.flatMap(({ metadata, spec }) =>
    spec.claims
      .filter((claim) => claim.name === name)
      .map(({ vcpus, memoryMiB }) => [metadata.name, { vcpus, memoryMiB }] as const),
  );
  return Object.fromEntries(own);
}

const jsonpath = (kind: string, name: string, path: string) =>
  berth.cluster.kubectl('get', kind, name, '-o', `jsonpath={${path}}`);
const sockets = (name: string, kind = 'vmi') => {
  const spec = kind === 'vmi' ? '.spec' : '.spec.template.spec';
  return jsonpath(kind, name, `${spec}.domain.cpu.sockets`);
};
const diskUid = (name: string) => jsonpath('pvc', `${name}-root`, '.metadata.uid');
const guestNode = async (name: string) => (await berth.fleet.guests()).find((it) => it.name === name)?.node;

const condition = ({ status }: Instance, type: string) =>
  status?.conditions?.find((it) => it.type === type && it.status === 'True');
/** Waits until the Instance says why a change is not carried out. */
const heldBecause = (name: string, reason: string) =>
  berth.until(name, (it) => condition(it, 'SpecHeld')?.reason === reason && !it.status?.taskState);

const act = async (verb: 'confirmResize' | 'revertResize', name: string) => {
  const action = `${verb.toLowerCase()}-${name}-${Date.now()}`;
  await berth.action(action, name, { [verb]: {} });
  return (await berth.ended(action)).status;
};

async function migrate(name: string, instance: string, spec: Partial<InstanceMigrationSpec> = {}) {
  await berth.client.create<InstanceMigration>(INSTANCE_MIGRATION, {
    metadata: { name, namespace: 'default' },
    spec: { instanceRef: { name: instance }, type: 'Cold', ...spec },
  });
  return vi.waitFor(async () => {
    const { status } = await berth.client.get<InstanceMigration>(INSTANCE_MIGRATION, `default/${name}`);
    if (['Pending', 'Running', undefined].includes(status?.phase))
      throw new Error(`${name} is ${JSON.stringify(status)}`);
    return status;
  }, QUICK);
}

/** At its old size and place, with nothing else held. */
async function expectBack(name: string, node: string): Promise<Instance> {
  const instance = await berth.active(name);
  expect(instance.status).toMatchObject({ nodeName: node, flavor: { name: 'tiny' } });
  expect(instance.status?.resize).toBeUndefined();
  expect(await held(name)).toEqual({ [node]: TINY });
  expect([await guestNode(name), await sockets(name)]).toEqual([node, '1']);
  return instance;
}

describe('resize', () => {
  test('up, to another node: both places are held until it is confirmed; the disk is the same', async () => {
    const disk = running('grows').then(async (node) => ({ node, uid: await diskUid('grows') }));
    const { node: source, uid } = await disk;
    const { status } = await without([source], async () => {
      await berth.patch('grows', wide);
      return resized('grows');
    });
    const target = status?.nodeName ?? '';
    expect(target).not.toBe(source);
    expect(status?.resize).toMatchObject({ sourceNode: source, targetNode: target, ran: true, moved: true });
    expect(status?.flavor?.name).toBe('wide');
    expect(await held('grows')).toEqual({ [source]: TINY, [target]: WIDE });
    expect([await guestNode('grows'), await sockets('grows')]).toEqual([target, '2']);
    expect(await act('confirmResize', 'grows')).toMatchObject({ phase: 'Succeeded' });
    const after = await berth.active('grows');
    expect(after.status?.resize).toBeUndefined();
    expect(after.status?.lastOperations?.slice(0, 2).map(({ name }) => name)).toEqual([
      'ConfirmResize',
      'Resize',
    ]);
    expect(await held('grows')).toEqual({ [target]: WIDE });
    expect(await diskUid('grows')).toBe(uid);
  });

  test('and down again, on the same node: the larger of both is held until it is confirmed', async () => {
    const node = (await berth.get('grows')).status?.nodeName ?? '';
    const others = (await allNodes()).filter((it) => it !== node);
    await without(others, async () => {
      await berth.patch('grows', tiny);
      await resized('grows');
    });
    expect(await held('grows')).toEqual({ [node]: WIDE });
    expect(await sockets('grows')).toBe('1');
    await act('confirmResize', 'grows');
    await expectBack('grows', node);
  });

  test('reverted, while the spec still names the new Flavor: it is not begun again, and says so', async () => {
    const { source } = await widened('back');
    expect(await act('revertResize', 'back')).toMatchObject({ phase: 'Succeeded' });
    await expectBack('back', source);
    const { status } = await heldBecause('back', 'ResizeReverted');
    expect(status?.heldFlavor).toMatchObject({ name: 'wide' });
    await berth.patch('back', { powerState: 'Stopped' });
    await berth.until('back', (it) => it.status?.vmState === 'Stopped' && !it.status.taskState);
    await heldBecause('back', 'ResizeReverted');
    await berth.patch('back', tiny);
    await berth.until('back', (it) => it.status?.heldFlavor === undefined && !condition(it, 'SpecHeld'));
  });

  test('of a guest that is off: it stays off, at the new size, and is Stopped when that is confirmed', async () => {
    await running('off');
    await berth.patch('off', { powerState: 'Stopped' });
    await berth.until('off', ({ status }) => status?.vmState === 'Stopped' && !status.taskState);
    await berth.patch('off', wide);
    const { status } = await resized('off');
    expect(status).toMatchObject({ powerState: 'Shutdown', resize: { ran: false } });
    expect(await sockets('off', 'vm')).toBe('2');
    await act('confirmResize', 'off');
    const stopped = await berth.until('off', (it) => it.status?.vmState === 'Stopped');
    expect(await held('off')).toEqual({ [stopped.status?.nodeName ?? '']: WIDE });
  });

  test('other changes of the spec wait until it is confirmed, and are carried out then', async () => {
    await widened('waits');
    await berth.patch('waits', { powerState: 'Stopped' });
    await heldBecause('waits', 'AwaitsConfirm');
    await act('confirmResize', 'waits');
    await berth.until('waits', ({ status }) => status?.vmState === 'Stopped' && !status.taskState);
  });

  test('what does not start from Resized is refused; so is confirming what is not', async () => {
    const node = await running('plain');
    expect(await act('confirmResize', 'plain')).toMatchObject({ phase: 'Refused', reason: 'WrongState' });
    expect(await act('revertResize', 'plain')).toMatchObject({ phase: 'Refused', reason: 'WrongState' });
    await expectBack('plain', node);
  });
});

describe('the root disk', () => {
  test('a larger one grows the volume; a revert keeps that, and gives back the rest', async () => {
    const node = await running('disk');
    const uid = await diskUid('disk');
    await berth.patch('disk', { flavorRef: { name: 'tall' } });
    await resized('disk');
    expect(await jsonpath('pvc', 'disk-root', '.status.capacity.storage')).toBe('20Gi');
    await act('revertResize', 'disk');
    await expectBack('disk', node);
    expect(await diskUid('disk')).toBe(uid);
  });

  test('a smaller one is refused before anything is done', async () => {
    const node = await running('shrinks');
    await berth.patch('shrinks', { flavorRef: { name: 'thin' } });
    const { status } = await heldBecause('shrinks', 'DiskCannotShrink');
    expect(status?.vmState).toBe('Active');
    expect(status?.lastOperations?.map(({ name }) => name)).toEqual(['Create']);
    await expectBack('shrinks', node);
  });

  test('one that its StorageClass does not let grow is refused before the guest is stopped', async () => {
    const node = await running('fixed', onClass('shared', 'ReadWriteMany'));
    const allow = (allowed: boolean) =>
      berth.cluster.kubectl('patch', 'storageclass', 'shared', '-p', `{"allowVolumeExpansion":${allowed}}`);
    await allow(false);
    await berth.patch('fixed', { flavorRef: { name: 'tall' } });
    const { status } = await heldBecause('fixed', 'ResizeFailed');
    await allow(true);
    expect(status?.lastOperations?.[0]).toMatchObject({ name: 'Resize', result: 'Failed' });
    expect(status?.heldFlavor?.message).toContain('StorageClass shared does not let volumes grow');
    await expectBack('fixed', node);
  });

  test('an ephemeral one would be lost: refused', async () => {
    await running('cattle', EPHEMERAL);
    await berth.patch('cattle', wide);
    await heldBecause('cattle', 'EphemeralRoot');
    const status = await migrate('cattle-moves', 'cattle');
    expect(status).toMatchObject({ phase: 'Refused', reason: 'NotPossible' });
  });
});

describe('what fails is given back', () => {
  test('no node has room: nothing was done, and it is told why', async () => {
    const node = await running('greedy');
    await berth.patch('greedy', { flavorRef: { name: 'massive' } });
    const { status } = await heldBecause('greedy', 'ResizeFailed');
    expect(status?.lastOperations?.[0]).toMatchObject({ name: 'Resize', result: 'Failed' });
    expect(condition(await berth.get('greedy'), 'SpecHeld')?.message).toContain('massive');
    expect(await berth.fleet.guests().then((all) => all.find((it) => it.name === 'greedy')?.boots)).toBe(1);
    await expectBack('greedy', node);
  });

  test('the new node refuses the pod: back to the old node and size', async () => {
    const source = await running('unwanted');
    const others = (await allNodes()).filter((it) => it !== source);
    for (const node of others)
      await berth.fleet.addFault({ kind: 'refuse-pod', node, match: 'default/unwanted' });
    await without([source], async () => {
      await berth.patch('unwanted', wide);
      await heldBecause('unwanted', 'ResizeFailed');
    });
    const { status } = await expectBack('unwanted', source);
    expect(status?.lastOperations?.[0]).toMatchObject({ name: 'Resize', result: 'Failed' });
    expect(status?.lastOperations?.[0]?.message).toContain('it did not start on');
  });
});

describe('cold migration', () => {
  test('to the node that the scheduler chooses, and back', async () => {
    const source = await running('moves');
    const uid = await diskUid('moves');
    const status = await migrate('moves-1', 'moves');
    expect(status).toMatchObject({ phase: 'Succeeded', operation: 'ColdMigrate', sourceNode: source });
    const target = (await resized('moves')).status?.nodeName ?? '';
    expect([target === source, status?.targetNode]).toEqual([false, target]);
    expect(await held('moves')).toEqual({ [source]: TINY, [target]: TINY });
    await act('revertResize', 'moves');
    await expectBack('moves', source);
    expect(await diskUid('moves')).toBe(uid);
  });

  test('to a node of choice, then confirmed; its own is refused', async () => {
    const source = (await berth.get('moves')).status?.nodeName ?? '';
    expect(await migrate('moves-2', 'moves', { targetNode: source })).toMatchObject({
      phase: 'Refused',
      reason: 'NotPossible',
    });
    const targetNode = (await allNodes()).find((it) => it !== source) ?? '';
    expect(await migrate('moves-3', 'moves', { targetNode })).toMatchObject({
      phase: 'Succeeded',
      targetNode,
    });
    await act('confirmResize', 'moves');
    await expectBack('moves', targetNode);
  });

  test('to a node that has no room for it: Failed, and it stays', async () => {
    const node = (await berth.get('moves')).status?.nodeName ?? '';
    const [targetNode = ''] = (await allNodes()).filter((it) => it !== node);
    await without([targetNode], async () => {
      expect(await migrate('moves-4', 'moves', { targetNode })).toMatchObject({ phase: 'Failed' });
    });
    await expectBack('moves', node);
  });
});

describe('deleted', () => {
  test('while Resized: both places are free', async () => {
    await widened('gone-1');
    await berth.delete('gone-1');
    await berth.gone('gone-1');
    expect(await held('gone-1')).toEqual({});
  });

  test('while its guest shuts down, and at the same moment', async () => {
    await running('gone-2');
    await berth.patch('gone-2', wide);
    await vi.waitFor(async () => {
      expect((await berth.get('gone-2')).status?.taskState).toBe('ResizeMigrating');
    }, QUICK);
    await berth.delete('gone-2');
    await berth.gone('gone-2');
    await running('gone-3');
    await Promise.all([berth.patch('gone-3', wide), berth.delete('gone-3')]);
    await berth.gone('gone-3');
    expect([await held('gone-2'), await held('gone-3')]).toEqual([{}, {}]);
  });
});

describe('goes on where a killed operator left it', () => {
  const killedIn = async (name: string, taskState: TaskState) => {
    await vi.waitFor(async () => expect((await berth.get(name)).status?.taskState).toBe(taskState), QUICK);
    await berth.operators.at(-1)?.kill();
    await berth.operator(`after-${name}`);
  };

  test.each([
    ['ResizePrep', 'killed-1'],
    ['ResizeMigrating', 'killed-2'],
    ['ResizeMigrated', 'killed-3'],
    ['ResizeFinish', 'killed-4'],
  ] as const)('in %s', async (taskState, name) => {
    const source = await running(name);
    await berth.patch(name, wide);
    await killedIn(name, taskState);
    const { status } = await resized(name);
    const target = status?.nodeName ?? '';
    expect(await held(name)).toEqual({ [source]: source === target ? WIDE : TINY, [target]: WIDE });
    expect([await guestNode(name), await sockets(name)]).toEqual([target, '2']);
    await act('confirmResize', name);
    expect(await held(name)).toEqual({ [target]: WIDE });
  });

  test('in ResizeReverting', async () => {
    const { source } = await widened('killed-5');
    await berth.action('killed-revert', 'killed-5', { revertResize: {} });
    await killedIn('killed-5', 'ResizeReverting');
    expect((await berth.ended('killed-revert')).status?.phase).toBe('Succeeded');
    await expectBack('killed-5', source);
  });
});

test('with a window, a resize is confirmed by itself when it is over', async () => {
  await berth.operators.at(-1)?.stop();
  await berth.operator('confirming', ['--resize-confirm-window', '5']);
  const { target } = await widened('window');
  const { status } = await berth.active('window');
  expect(status?.lastOperations?.[0]).toMatchObject({ name: 'ConfirmResize', result: 'Succeeded' });
  expect(await held('window')).toEqual({ [target]: WIDE });
  await berth.client.delete(INSTANCE, 'default/window');
  await berth.gone('window');
});
