import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, type TestContext, test, vi } from 'vitest';
import { createClient, type KubeClient } from '#runtime/client.ts';
import { type Lease, leases } from '#runtime/lease.ts';
import { type Cluster, kubeConfigOf, startCluster } from '#test/cluster.ts';
import { TcpProxy } from '#test/tcp-proxy.ts';

/** With the default settings: lease 5 s, renew deadline 3.5 s, retry 1 s. */
const leaseMs = 5_000;
const renewDeadlineMs = 3_500;

interface Said {
  what: string;
  at: number;
}

/** A candidate in a process of its own, and all that it said. */
class Candidate {
  readonly said: Said[] = [];
  readonly process: ChildProcess;
  readonly ended: Promise<unknown>;

  constructor(context: TestContext, lease: string, identity: string, server = '') {
    const script = join(import.meta.dirname, 'candidate.ts');
    const stdio = ['ignore', 'pipe', 'inherit'] as const;
    this.process = spawn(process.execPath, [script, cluster.kubeconfigPath, server, lease, identity], {
      stdio: [...stdio],
    });
    this.ended = new Promise((resolve) => this.process.once('exit', resolve));
    createInterface({ input: this.process.stdout! }).on('line', (line) => this.said.push(JSON.parse(line)));
    context.onTestFinished(async () => {
      this.process.kill('SIGKILL');
      await this.ended;
    });
  }

  async says(what: string): Promise<number> {
    const find = () => this.said.find((said) => said.what === what);
    await vi.waitUntil(find, { timeout: 60_000, interval: 10 });
    return find()!.at;
  }

  /** First and last moment at which it said that it leads, after `since`. */
  reign(since = 0): { from: number; to: number } {
    const times = this.said
      .filter((said) => said.what === 'leading' && said.at >= since)
      .map((said) => said.at);
    return { from: times[0] ?? Number.POSITIVE_INFINITY, to: times.at(-1) ?? Number.NEGATIVE_INFINITY };
  }
}

let cluster: Cluster;
let client: KubeClient;

beforeAll(async () => {
  cluster = await startCluster({ only: ['etcd', 'kube-apiserver'] });
  client = createClient(kubeConfigOf(cluster));
});

afterAll(async () => {
  await client?.close();
  await cluster?.stop();
});

/** One leads, and another one waits. */
async function leaderAndStandby(
  context: TestContext,
  lease: string,
  server?: string,
): Promise<[Candidate, Candidate]> {
  const leader = new Candidate(context, lease, 'leader', server);
  await leader.says('elected');
  const standby = new Candidate(context, lease, 'standby');
  await standby.says('standing');
  return [leader, standby];
}

describe.concurrent('election', () => {
  test('the leader is killed: another takes over once the lease has run out, not before', async (context) => {
    const [leader, standby] = await leaderAndStandby(context, 'default/killed');
    const held = await client.get<Lease>(leases, 'default/killed');
    expect(held.spec).toMatchObject({
      holderIdentity: 'leader',
      leaseDurationSeconds: 5,
      leaseTransitions: 0,
    });
    leader.process.kill('SIGKILL');
    await leader.ended;
    const elected = await standby.says('elected');
    const gapMs = elected - leader.reign().to;
    console.log(`take-over after a kill: ${gapMs} ms`);
    expect(gapMs).toBeGreaterThan(leaseMs - 1_500); // the last renewal may have been that long ago
    expect(gapMs).toBeLessThan(leaseMs + 2_500);
    expect((await client.get<Lease>(leases, 'default/killed')).spec.leaseTransitions).toBe(1);
  });

  test('the leader stops in good order: another takes over at its next try', async (context) => {
    const [leader, standby] = await leaderAndStandby(context, 'default/stopped');
    leader.process.kill('SIGTERM');
    const elected = await standby.says('elected');
    await leader.ended;
    const gapMs = elected - leader.reign().to;
    console.log(`take-over after a stop: ${gapMs} ms`);
    expect(gapMs).toBeGreaterThan(0);
    expect(gapMs).toBeLessThan(2_000);
  });

  test('the leader cannot reach the API server: it steps down before its lease can be taken', async (context) => {
    const proxy = await TcpProxy.before(kubeConfigOf(cluster).getCurrentCluster()!.server);
    const [leader, standby] = await leaderAndStandby(context, 'default/stalled', proxy.url);
    const stalledAt = Date.now();
    proxy.stall();
    const lost = await leader.says('lost');
    const elected = await standby.says('elected');
    const { to } = leader.reign();
    console.log(
      `stalled: leads ${to - stalledAt} ms more, says lost after ${lost - stalledAt} ms, ${elected - to} ms before the other leads`,
    );
    expect(to - stalledAt).toBeLessThanOrEqual(renewDeadlineMs + 100);
    expect(lost).toBeLessThan(elected);
    expect(elected - to).toBeGreaterThan(500);
    // Reachable again, it does not take the lease back while the other one holds it.
    proxy.resume();
    proxy.cut();
    const { renewTime } = (await client.get<Lease>(leases, 'default/stalled')).spec;
    await vi.waitUntil(
      async () => {
        const { spec } = await client.get<Lease>(leases, 'default/stalled');
        expect(spec.holderIdentity).toBe('standby');
        return spec.renewTime !== renewTime;
      },
      { timeout: 10_000 },
    );
    expect(leader.reign(elected).to).toBe(Number.NEGATIVE_INFINITY);
    await proxy.stop();
  });

  test('the leader’s process is frozen: when it wakes up it knows that it does not lead', async (context) => {
    const [leader, standby] = await leaderAndStandby(context, 'default/frozen');
    leader.process.kill('SIGSTOP');
    const elected = await standby.says('elected');
    const wokenAt = Date.now();
    leader.process.kill('SIGCONT');
    await leader.says('lost');
    expect(leader.reign(wokenAt).to).toBe(Number.NEGATIVE_INFINITY);
    expect(leader.reign().to).toBeLessThan(elected);
  });

  test('cuts and a short outage do not cost the leadership', async (context) => {
    const proxy = await TcpProxy.before(kubeConfigOf(cluster).getCurrentCluster()!.server);
    const [leader, standby] = await leaderAndStandby(context, 'default/steady', proxy.url);
    const before = (await client.get<Lease>(leases, 'default/steady')).spec;
    const cutting = setInterval(() => proxy.cut(), 900);
    await proxy.refuse();
    await new Promise((resolve) => setTimeout(resolve, 1_000)); // the length of the outage, well within the deadline
    await proxy.listenAgain();
    await vi.waitUntil(
      async () => {
        const { spec } = await client.get<Lease>(leases, 'default/steady');
        return Date.parse(spec.renewTime!) > Date.parse(before.renewTime!) + 2 * leaseMs;
      },
      { timeout: 30_000, interval: 200 },
    );
    clearInterval(cutting);
    expect(leader.said.some((said) => said.what === 'lost')).toBe(false);
    expect(standby.said.some((said) => said.what === 'elected')).toBe(false);
    await proxy.stop();
  });

  test('many candidates at once, leaders killed one after another: never two at a time', async (context) => {
    const all = Array.from({ length: 5 }, (_, i) => new Candidate(context, 'default/many', `c${i}`));
    const alive = new Set(all);
    for (let round = 0; round < 3; round++) {
      const leading = () =>
        [...alive].find((candidate) => candidate.said.some((said) => said.what === 'leading'));
      await vi.waitUntil(leading, { timeout: 60_000, interval: 10 });
      const leader = leading()!;
      leader.process.kill(round === 1 ? 'SIGTERM' : 'SIGKILL');
      await leader.ended;
      alive.delete(leader);
    }
    const reigns = all.map((candidate) => candidate.reign()).filter((reign) => Number.isFinite(reign.from));
    const inOrder = reigns.toSorted((a, b) => a.from - b.from);
    expect(inOrder.length).toBeGreaterThanOrEqual(3);
    for (const [index, reign] of inOrder.slice(1).entries())
      expect(reign.from).toBeGreaterThan(inOrder[index]!.to);
  });
});
