import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { COMPUTE_NODE } from '#api/computenode.ts';
import type { Instance } from '#api/instance.ts';
import { NODE_LEDGER, type NodeLedger } from '#api/nodeledger.ts';
import { Berth, EPHEMERAL, onClass } from '#test/berth.ts';

let berth: Berth;

beforeAll(async () => {
  berth = await Berth.start();
  await berth.flavor('wide', { vcpus: 2, memory: '2Gi', rootDisk: '10Gi' });
  await berth.flavor('wider', { vcpus: 3, memory: '2Gi', rootDisk: '10Gi' });
  await berth.flavor('broad', { vcpus: 5, memory: '1Gi', rootDisk: '10Gi' });
  await berth.flavor('tall', { vcpus: 1, memory: '5Gi', rootDisk: '10Gi' });
  await berth.flavor('deep', { vcpus: 2, memory: '2Gi', rootDisk: '20Gi' });
  await berth.operator('first');
});
afterAll(() => berth?.stop());
afterEach(() => berth.fleet.clearFaults());

const PATIENCE = { timeout: 120_000, interval: 200 };
const TINY = { vcpus: 1, memoryMiB: 1024 };
const WIDE = { vcpus: 2, memoryMiB: 2048 };
const SHARED = onClass('shared', 'ReadWriteMany');
const LIVE = { resizePolicy: 'Live' } as const;
const named = (name: string) => ({ flavorRef: { name } });

async function running(name: string, spec: Parameters<Berth['create']>[1]): Promise<string> {
  await berth.create(name, spec);
  const movable = (it: Instance) =>
    it.status?.conditions?.some(({ type, status }) => type === 'LiveMigratable' && status === 'True') ??
    false;
  const { status } = await berth.until(name, (it) => it.status?.vmState === 'Active' && movable(it), 120_000);
  return status?.nodeName ?? '';
}

const jsonpath = (kind: string, name: string, path: string) =>
  berth.cluster.kubectl('get', kind, name, '-o', `jsonpath={${path}}`);
const guestSize = (name: string) =>
  jsonpath('vmi', name, '.status.currentCPUTopology.sockets} {.status.memory.guestCurrent');
const askedOf = (name: string) =>
  jsonpath('vmi', name, '.spec.domain.cpu.sockets} {.spec.domain.memory.guest');
const templateOf = (name: string) =>
  jsonpath('vm', name, '.spec.template.spec.domain.cpu.sockets} {.spec.template.spec.domain.memory.guest');
const bootsOf = async (name: string) =>
  (await berth.fleet.guests()).find((it) => it.name === name && it.state === 'Running')?.boots;

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

const condition = ({ status }: Instance, type: string) => status?.conditions?.find((it) => it.type === type);
const heldBecause = (name: string, reason: string) =>
  berth.until(name, (it) => condition(it, 'SpecHeld')?.reason === reason && !it.status?.operation, 120_000);
/** Of this Flavor, with nothing in flight. */
const built = (name: string, flavor: string) =>
  berth.until(name, ({ status }) => status?.flavor?.name === flavor && !status.operation, 120_000);

/** While `act` lasts, nothing new is placed on these nodes. */
async function without<T>(nodes: readonly string[], act: () => Promise<T>): Promise<T> {
  const disable = (node: string, disabled: boolean) =>
    berth.client.patch(COMPUTE_NODE, node, { spec: { disabled } }, { type: 'merge' });
  for (const node of nodes) await disable(node, true);
  try {
    return await act();
  } finally {
    for (const node of nodes) await disable(node, false);
  }
}

async function expectAsBefore(name: string, node: string): Promise<void> {
  expect(await held(name)).toEqual({ [node]: TINY });
  expect([await guestSize(name), await bootsOf(name)]).toEqual(['1 1Gi', 1]);
  const { status } = await berth.get(name);
  expect(status).toMatchObject({ vmState: 'Active', nodeName: node, flavor: { name: 'tiny' } });
  expect(status?.resize).toBeUndefined();
}

describe('a guest that runs', () => {
  test('gets vCPUs and memory without going off, on a node that has the room, and keeps them at its next start', async () => {
    const source = await running('grows', { ...SHARED, ...LIVE });
    await berth.patch('grows', named('wide'));
    const { status } = await built('grows', 'wide');
    const target = status?.nodeName ?? '';
    expect(target).not.toBe(source);
    expect(status).toMatchObject({ vmState: 'Active', powerState: 'Running' });
    expect(status?.lastOperations?.[0]).toMatchObject({
      name: 'LiveResize',
      result: 'Succeeded',
      sourceNode: source,
      targetNode: target,
    });
    expect(status?.resize).toBeUndefined();
    expect(await held('grows')).toEqual({ [target]: WIDE });
    expect([await guestSize('grows'), await bootsOf('grows')]).toEqual(['2 2Gi', 1]);
    await berth.patch('grows', { powerState: 'Stopped' });
    await berth.until('grows', (it) => it.status?.vmState === 'Stopped' && !it.status.operation, 120_000);
    await berth.patch('grows', { powerState: 'Running' });
    await berth.active('grows');
    expect(await guestSize('grows')).toBe('2 2Gi');
    expect(await held('grows')).toEqual({ [target]: WIDE });
  });

  test('keeps what is on an ephemeral root disk, which a cold resize would lose', async () => {
    await running('cattle', { ...EPHEMERAL, resizePolicy: 'LiveIfPossible' });
    await berth.fleet.write('default/cattle', 'marker');
    await berth.patch('cattle', named('wide'));
    await built('cattle', 'wide');
    expect((await berth.fleet.disk('default/cattle')).written).toEqual(['marker']);
    await berth.patch('cattle', named('tiny'));
    await heldBecause('cattle', 'EphemeralRoot');
    expect(await guestSize('cattle')).toBe('2 2Gi');
  });

  test('is left alone where KubeVirt cannot plug it, and says why; or is resized cold, if that is asked for', async () => {
    const node = await running('picky', { ...SHARED, ...LIVE });
    const why = async (flavor: string) => {
      await berth.patch('picky', named(flavor));
      const isMeant = (it: Instance) =>
        condition(it, 'SpecHeld')?.message.includes(`flavorRef ${flavor}:`) === true;
      const instance = await berth.until('picky', isMeant, 120_000);
      expect(condition(instance, 'SpecHeld')?.reason).toBe('NotLive');
      return condition(instance, 'SpecHeld')?.message;
    };
    expect(await why('broad')).toContain('at most');
    expect(await why('tall')).toContain('up to 4096 MiB');
    expect(await why('deep')).toContain('differs in rootDisk');
    await expectAsBefore('picky', node);
    await berth.patch('picky', { resizePolicy: 'LiveIfPossible' });
    await berth.until('picky', ({ status }) => status?.vmState === 'Resized' && !status.operation, 120_000);
  });

  test('is left alone where no other node has room', async () => {
    const node = await running('crowded', { ...SHARED, ...LIVE });
    const { items } = await berth.client.list(COMPUTE_NODE);
    const others = items.map(({ metadata }) => metadata.name).filter((it) => it !== node);
    await without(others, async () => {
      await berth.patch('crowded', named('wide'));
      const instance = await heldBecause('crowded', 'ResizeFailed');
      expect(condition(instance, 'SpecHeld')?.message).toContain('A guest grows by moving to another node');
    });
    await expectAsBefore('crowded', node);
    expect([await templateOf('crowded'), await askedOf('crowded')]).toEqual(['1 1Gi', '1 1Gi']);
  });
});

describe('a migration that fails', () => {
  let source: string;

  test('leaves guest and claim at the old size; what KubeVirt keeps asked, no move makes real', async () => {
    source = await running('fails', { ...SHARED, ...LIVE });
    await berth.fleet.addFault({
      kind: 'migration-fail',
      match: 'default/fails',
      message: 'no route to host',
    });
    await berth.patch('fails', named('wide'));
    const instance = await heldBecause('fails', 'ResizeFailed');
    expect(condition(instance, 'SpecHeld')?.message).toContain('the migration that plugs it failed');
    await berth.fleet.clearFaults();
    await expectAsBefore('fails', source);
    expect([await templateOf('fails'), await askedOf('fails')]).toEqual(['1 1Gi', '2 2Gi']);
    await berth.until('fails', (it) => condition(it, 'LiveMigratable')?.reason === 'ResizePending', 120_000);
    await berth.migrate('no-move', 'fails');
    expect((await berth.migrated('no-move')).status).toMatchObject({
      phase: 'Refused',
      reason: 'NotPossible',
    });
    // KubeVirt's workload updater goes on trying, and is refused at the gate.
    await vi.waitFor(async () => {
      const refused = await berth.cluster.kubectl(
        'get',
        'vmim',
        '-o',
        'jsonpath={.items[*].metadata.annotations.compute\\.berth\\.dev/refused}',
      );
      expect(refused).toContain('a resize that was given up');
    }, PATIENCE);
    await expectAsBefore('fails', source);
  });

  test('is tried again under another request id, and ends well', async () => {
    const requestId = 'req-0f0e0d0c-0b0a-4908-8706-050403020100';
    await berth.cluster.kubectl('annotate', 'instance', 'fails', `compute.berth.dev/request-id=${requestId}`);
    const { status } = await berth.until(
      'fails',
      (it) => it.status?.flavor?.name === 'wide' && !it.status.operation,
      180_000,
    );
    expect(await held('fails')).toEqual({ [status?.nodeName ?? '']: WIDE });
    expect([await guestSize('fails'), await bootsOf('fails')]).toEqual(['2 2Gi', 1]);
    await berth.until('fails', (it) => condition(it, 'LiveMigratable')?.status === 'True', 120_000);
  });
});

test('a node that kube-scheduler refuses is passed over: it grows on the next best', async () => {
  const source = await running('retried', { ...SHARED, ...LIVE });
  const preferred = await running('scout', SHARED);
  expect(preferred).not.toBe(source);
  await berth.delete('scout');
  await berth.gone('scout');
  await berth.whileFull(preferred, async () => {
    await berth.patch('retried', named('wide'));
    const { status } = await built('retried', 'wide');
    expect([source, preferred]).not.toContain(status?.nodeName);
    expect(status?.lastOperations?.[0]).toMatchObject({ name: 'LiveResize', result: 'Succeeded' });
    expect(await held('retried')).toEqual({ [status?.nodeName ?? '']: WIDE });
    expect([await guestSize('retried'), await bootsOf('retried')]).toEqual(['2 2Gi', 1]);
  });
});

test('a guest that moved, and that KubeVirt could not plug, keeps its old size where it is now', async () => {
  const source = await running('stays-small', { ...SHARED, ...LIVE });
  await berth.fleet.addFault({ kind: 'plug-fail', match: 'default/stays-small' });
  await berth.patch('stays-small', named('wide'));
  const { status } = await heldBecause('stays-small', 'NotLive');
  expect(status?.lastOperations?.[0]).toMatchObject({
    name: 'LiveResize',
    result: 'Failed',
    message: expect.stringMatching(/could not plug the memory|Memory-hotplug failed/),
  });
  expect(status?.nodeName).not.toBe(source);
  await expectAsBefore('stays-small', status?.nodeName ?? '');
  expect(await templateOf('stays-small')).toBe('1 1Gi');
});

test('the operator is killed in the middle: whoever makes the migration, it goes to the claimed node, and ends well', async () => {
  const source = await running('killed', { ...SHARED, ...LIVE });
  await berth.fleet.addFault({ kind: 'migration-slow', match: 'default/killed', delay: '3s' });
  await berth.patch('killed', named('wide'));
  await vi.waitFor(async () => expect(await templateOf('killed')).toBe('2 2Gi'), {
    ...PATIENCE,
    interval: 20,
  });
  await Promise.all(berth.operators.map((operator) => operator.kill()));
  await berth.operator('second');
  const { status } = await built('killed', 'wide');
  expect(status?.nodeName).not.toBe(source);
  expect(await held('killed')).toEqual({ [status?.nodeName ?? '']: WIDE });
  expect([await guestSize('killed'), await bootsOf('killed')]).toEqual(['2 2Gi', 1]);
});
