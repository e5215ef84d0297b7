import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Berth } from '#test/berth.ts';
import { ROOT } from '#test/helm.ts';
import { leadWebhooksTo, type Replica, release, startReplica, versionBefore } from '#test/release.ts';
import { TcpService } from '#test/tcp-service.ts';

vi.setConfig({ testTimeout: 900_000, hookTimeout: 300_000 });

/** Two replicas of the version before this one, behind the chart's Service. */
const [CREATES, MOVES] = [100, 20];
const NODES = 14;
const SLOW_MS = 300_000;

const service = new TcpService();
let berth: Berth;
let before: string;
let port: number;
let replicas: Replica[] = [];

beforeAll(async () => {
  before = await versionBefore('roll-out');
  berth = await Berth.start({
    fleetNodes: NODES,
    install: (cluster) => release(cluster, 'Helm 3', 'install', before),
  });
  port = await service.listen();
  for (const identity of ['berth-old-0', 'berth-old-1']) await join(identity, before);
  await leadWebhooksTo(berth.cluster, port);
  await berth.allNodesUp();
});
afterAll(async () => {
  await Promise.all(replicas.map(({ operator }) => operator.kill()));
  service.close();
  await berth?.stop();
});

async function join(identity: string, root: string): Promise<void> {
  const replica = await startReplica(berth.cluster, identity, root);
  replicas.push(replica);
  service.add(replica.webhookPort);
}

/** A pod that is deleted is told to end, and taken off the Service at the same time. */
async function leave(replica: Replica): Promise<void> {
  replicas = replicas.filter((it) => it !== replica);
  const ended = replica.operator.stop();
  service.remove(replica.webhookPort);
  await ended;
}

const name = (index: number) => `guest-${index}`;
const movers = Array.from({ length: MOVES }, (_, index) => `mover-${index}`);

/** This share of all that is asked for, one after the other: a piece of it falls on each step of the roll-out. */
async function ask(part: number, of: number): Promise<void> {
  const [first, end] = [part, part + 1].map((it) => Math.floor((it * CREATES) / of)) as [number, number];
  for (let index = first; index < end; index++) {
    await berth.create(name(index));
    const mover = movers[index / (CREATES / MOVES)];
    if (mover) await berth.migrate(`move-${mover}`, mover);
  }
}

test(`a roll-out to this version in the middle of ${CREATES} creates and ${MOVES} migrations: none is lost, none fails`, async () => {
  for (const mover of movers) await berth.create(mover);
  for (const mover of movers) await berth.active(mover);
  await release(berth.cluster, 'Helm 3', 'upgrade', ROOT);
  await leadWebhooksTo(berth.cluster, port);
  const parts = 2 * replicas.length + 1;
  let part = 0;
  const during = async (step: Promise<void>) => {
    await Promise.all([step, ask(part++, parts)]);
  };
  await ask(part++, parts);
  for (const [index, old] of [...replicas].entries()) {
    await during(join(`berth-new-${index}`, ROOT));
    await during(leave(old));
  }
  expect(part).toBe(parts);
  for (const mover of movers)
    expect((await berth.migrated(`move-${mover}`, SLOW_MS)).status).toMatchObject({ phase: 'Succeeded' });
  const guests = [...movers, ...Array.from({ length: CREATES }, (_, index) => name(index))];
  for (const guest of guests) {
    const { status } = await berth.until(guest, (it) => it.status?.vmState === 'Active', SLOW_MS);
    expect(status?.lastOperations?.filter(({ result }) => result !== 'Succeeded')).toEqual([]);
    expect(status?.fault).toBeUndefined();
  }
  await vi.waitFor(async () => {
    const claims = await berth.claims();
    expect([...claims.keys()].sort()).toEqual(guests.map((it) => `Instance/${it}`).sort());
    for (const guest of guests) expect(claims.get(`Instance/${guest}`)).toHaveLength(1);
  }, SLOW_MS);
  const running = (await berth.fleet.guests()).filter(({ state }) => state === 'Running');
  expect(running.map((it) => it.name).sort()).toEqual(guests.toSorted());
});
