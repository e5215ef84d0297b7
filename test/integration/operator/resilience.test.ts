import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type VirtualMachine, VM } from '#adapters/kubevirt/types.ts';
import { COMPUTE_NODE, type ComputeNode } from '#api/computenode.ts';
import { INSTANCE, type Instance } from '#api/instance.ts';
import { NODE_LEDGER, type NodeLedger } from '#api/nodeledger.ts';
import { Berth, EPHEMERAL, onClass } from '#test/berth.ts';

let berth: Berth;

beforeAll(async () => {
  berth = await Berth.start();
});
afterAll(() => berth?.stop());

const COUNT = 50;
/** Each death costs the next operator its start and the rest of the Lease. */
const DEATHS = 6;
const LONG = { timeout: 240_000, interval: 250 };

test(`killed again and again while ${COUNT} Instances come and go: all end right, nothing is left over`, async () => {
  await berth.operator('victim-0');
  let over = false;
  const killing = (async () => {
    for (let life = 1; life <= DEATHS; life++) {
      const writes = (await berth.writes()).length;
      // Dies in the middle of its work, wherever that is by then.
      await vi.waitFor(
        async () => expect(over || (await berth.writes()).length > writes + 15 + 7 * life).toBe(true),
        LONG,
      );
      if (over) return life - 1;
      await berth.operators.at(-1)?.kill();
      await berth.operator(`victim-${life}`);
    }
    return DEATHS;
  })();
  const names = Array.from({ length: COUNT }, (_, index) => `storm-${index}`);
  const [doomed, kept] = [
    names.filter((_, index) => index % 2 === 0),
    names.filter((_, index) => index % 2 === 1),
  ];
  for (const [index, name] of names.entries())
    await berth.create(name, index % 3 === 0 ? onClass('immediate') : EPHEMERAL);
  for (const name of doomed) await berth.delete(name);
  await vi
    .waitFor(async () => {
      const { items } = await berth.client.list<Instance>(INSTANCE);
      const states = items.map(({ metadata, status }) => `${metadata.name} ${status?.vmState}`);
      expect(states.sort()).toEqual(kept.map((name) => `${name} Active`).sort());
    }, LONG)
    .finally(() => {
      over = true;
    });
  expect(await killing).toBeGreaterThanOrEqual(3);
  await consistent(kept);
}, 600_000);

test('two operators: one leads; when it is killed the other takes over; nothing is booked twice', async () => {
  const first = berth.operators.at(-1);
  await vi.waitFor(() => expect(first?.isLeading).toBe(true), LONG); // the one before it was killed with its Lease
  const second = await berth.operator('standby');
  expect(second.isLeading).toBe(false);
  const names = Array.from({ length: 20 }, (_, index) => `pair-${index}`);
  await Promise.all(names.slice(0, 10).map((name) => berth.create(name)));
  await first?.kill();
  const killed = performance.now();
  await Promise.all(names.slice(10).map((name) => berth.create(name)));
  await vi.waitFor(() => expect(second.isLeading).toBe(true), { timeout: 15_000, interval: 50 });
  console.log(
    JSON.stringify({ measured: 'takeOverSeconds', value: Math.round(performance.now() - killed) / 1000 }),
  );
  await Promise.all(names.map((name) => berth.active(name)));
  const { items } = await berth.client.list<Instance>(INSTANCE);
  await consistent(items.map(({ metadata }) => metadata.name));
}, 400_000);

test('ended gracefully, it hands over at once, and leaves the guests alone', async () => {
  const leader = berth.operators.at(-1);
  const next = await berth.operator('successor');
  await leader?.stop();
  await vi.waitFor(() => expect(next.isLeading).toBe(true), { timeout: 4_000, interval: 50 });
  await berth.create('after-all');
  await berth.active('after-all');
});

/** One claim for each Instance, on the node of its guest; one VM each; no node over its capacity. */
async function consistent(names: string[]): Promise<void> {
  await vi.waitFor(async () => {
    const claims = await berth.claims();
    expect([...claims.keys()].sort()).toEqual(names.map((name) => `Instance/${name}`).sort());
    for (const name of names)
      expect(claims.get(`Instance/${name}`)).toEqual([(await berth.get(name)).status?.nodeName]);
  }, LONG);
  const vms = await berth.client.list<VirtualMachine>(VM);
  expect(vms.items.map(({ metadata }) => metadata.name).sort()).toEqual([...names].sort());
  const guests = await berth.fleet.guests();
  expect(guests.map(({ name }) => name).sort()).toEqual([...names].sort());
  const [ledgers, nodes] = await Promise.all([
    berth.client.list<NodeLedger>(NODE_LEDGER),
    berth.client.list<ComputeNode>(COMPUTE_NODE),
  ]);
  for (const { metadata, spec } of ledgers.items) {
    const node = nodes.items.find((it) => it.metadata.name === metadata.name);
    const claimed = spec.claims.reduce((sum, { memoryMiB, overheadMiB }) => sum + memoryMiB + overheadMiB, 0);
    expect(claimed).toBeLessThanOrEqual(node?.status?.capacity?.memoryMiB ?? 0);
  }
}
