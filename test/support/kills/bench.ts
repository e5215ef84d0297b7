import { NETWORK_DEFINITION } from '#adapters/kubernetes/network-definitions.ts';
import { PERSISTENT_VOLUME_CLAIM, type PersistentVolumeClaim } from '#adapters/kubernetes/storage.ts';
import { COMPUTE_NODE, type ComputeNode } from '#api/computenode.ts';
import { IMAGE, type Image } from '#api/image.ts';
import { INSTANCE, type Instance } from '#api/instance.ts';
import { INSTANCE_ACTION } from '#api/instanceaction.ts';
import { INSTANCE_MIGRATION } from '#api/instancemigration.ts';
import { type Claim, NODE_LEDGER, type NodeLedger } from '#api/nodeledger.ts';
import { Berth } from '../berth.ts';
import { eventually, eventuallyNone } from '../eventually.ts';
import { FaultProxy, type Rule } from '../faults/fault-proxy.ts';
import { History } from '../history.ts';
import { leftOver, lookAround } from '../invariants.ts';
import { unsettled } from '../mix/settled.ts';
import { OperatorProcess } from '../operator-process.ts';
import { type Hands, SIDE_NETWORK, STORIES, type Story } from './stories.ts';
import { type Subject, writeOf } from './write-of.ts';

const NAMESPACE = 'default';
/** KubeVirt tries the more slowly to make a pod, the longer the webhook was away. */
const WAIT_MS = 300_000;
/** Those that are side by side are each in a zone of its own: one that loses its node takes it from nobody else. */
const ZONES = ['zone-a', 'zone-b', 'zone-c'];
/** A node whose power is cut is soon Down. */
const SOON = ['kube-controller-manager=--node-monitor-grace-period=12s', 'fleet=--lease-period=2s'];

/** The operator dies before or after the API server sees this kind of write of this operation. */
export interface Kill {
  story: string;
  write: string;
  when: 'before' | 'after';
}

export interface Killed extends Kill {
  struck: boolean;
  failure: string | undefined;
}

/** One cluster and one operator behind a fault proxy, on which the stories of several Instances go on side by side. */
export class KillBench {
  readonly history: History;
  crashes = 0;
  readonly #berth: Berth;
  readonly #proxy: FaultProxy;
  readonly #ledgers = new Map<string, readonly Claim[]>();
  #operator: OperatorProcess | undefined;
  #starting: Promise<void> | undefined;
  #made = 0;
  #stopping = false;

  private constructor(berth: Berth, proxy: FaultProxy, history: History) {
    this.#berth = berth;
    this.#proxy = proxy;
    this.history = history;
    proxy.onWritten = ({ resource, name }, answer) => {
      if (resource !== 'nodeledgers' || name === undefined) return;
      this.#ledgers.set(name, (answer as NodeLedger | undefined)?.spec.claims ?? []);
    };
  }

  static async start(): Promise<KillBench> {
    const berth = await Berth.start({ fleetNodes: 9, fleetZones: ZONES.length, args: SOON });
    await berth.flavor('wide', { vcpus: 2, memory: '2Gi', rootDisk: '10Gi' });
    const bench = new KillBench(
      berth,
      await FaultProxy.before(berth.cluster),
      await History.of(berth.client),
    );
    await berth.client.create(NETWORK_DEFINITION, {
      metadata: { name: SIDE_NETWORK, namespace: NAMESPACE },
      spec: { config: JSON.stringify({ cniVersion: '0.3.1', type: 'bridge', bridge: SIDE_NETWORK }) },
    } as never);
    await bench.#startOperator();
    await berth.allNodesUp();
    const { items } = await berth.client.list<NodeLedger>(NODE_LEDGER);
    for (const { metadata, spec } of items) bench.#ledgers.set(metadata.name, spec.claims);
    return bench;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#operator?.kill();
    await this.history.stop();
    await this.#proxy.stop();
    await this.#berth.stop();
  }

  /** Every kind of write that each operation makes, seen as it goes well: two kills for each. */
  async allKills(isMeant: (story: string) => boolean): Promise<Kill[]> {
    const names = Object.keys(STORIES).filter(isMeant);
    const together = names.map((name) => (STORIES[name]?.alone ? undefined : this.#writesOf(name)));
    await Promise.all(together);
    const writes: Set<string>[] = [];
    for (const [index, name] of names.entries())
      writes.push((await together[index]) ?? (await this.#writesOf(name)));
    this.#proxy.rules.length = 0;
    await this.#promisesHold();
    await this.#allGone();
    return names.flatMap((story, index) =>
      [...(writes[index] ?? [])].flatMap((write) => [
        { story, write, when: 'before' } as const,
        { story, write, when: 'after' } as const,
      ]),
    );
  }

  /** Each on an Instance of its own, at one time; in the end all that is promised is looked at, and they are deleted. */
  async round(kills: readonly Kill[]): Promise<Killed[]> {
    const outcomes = await Promise.all(kills.map((kill) => this.#killed(kill)));
    await this.#starting;
    this.#proxy.rules.length = 0;
    const wrong = await this.#promisesHold().then(
      () => undefined,
      (error: Error) => `${error.message}\n${this.#words()}`,
    );
    if (wrong === undefined) await this.#allGone();
    return outcomes.map((it) => ({ ...it, failure: it.failure ?? wrong }));
  }

  async #writesOf(name: string): Promise<Set<string>> {
    const writes = new Set<string>();
    await this.#live(name, (subject) => {
      const matches: Rule['matches'] = (request) => {
        const kind = writeOf(request, subject(), this.#ledgers);
        if (kind !== undefined) writes.add(kind);
        return false;
      };
      this.#proxy.rules.push({ matches, fault: { kind: 'delay', ms: 0 } });
    });
    return writes;
  }

  async #killed(kill: Kill): Promise<Killed> {
    const rules: Rule[] = [];
    const failure = await this.#live(kill.story, (subject) => {
      const matches: Rule['matches'] = (request) => writeOf(request, subject(), this.#ledgers) === kill.write;
      const rule: Rule = { matches, fault: { kind: 'cut', when: kill.when, act: () => this.#crash() } };
      rules.push(rule);
      this.#proxy.rules.push(rule);
    }).then(
      () => undefined,
      (error: unknown) => `${error instanceof Error ? error.message : error}\n${this.#words()}`,
    );
    return { ...kill, struck: (rules[0]?.struck ?? 0) > 0, failure };
  }

  /** One story from its beginning to its end; `arm` is called when its operation is about to be asked for. */
  async #live(name: string, arm: (subject: () => Subject) => void): Promise<void> {
    const story = STORIES[name];
    if (!story) throw new Error(`there is no story ${name}`);
    const availabilityZone = ZONES[this.#made % ZONES.length] ?? '';
    const instance = `kill-${this.#made++}`;
    const hands = this.#handsOf(instance);
    const subject = { name: instance, uid: '' };
    const create = async () => {
      subject.uid = (await this.#berth.create(instance, { ...story.spec, availabilityZone })).metadata.uid;
    };
    if (name === 'Create') {
      arm(() => subject);
      return create().then(() => this.#ended(instance, story));
    }
    await create();
    await hands.is('Active');
    await story.begin?.(hands);
    const since = new Date(Date.now() - 1_000).toISOString();
    arm(() => subject);
    await story.ask(hands);
    await this.#ended(instance, story, since);
    if (story.alone) await this.#allBack();
  }

  /** Cuts the power of the node that an Instance is on; once Berth says that it is Down, so does an operator. */
  async #loseNodeOf(instance: string): Promise<void> {
    const { client, fleet } = this.#berth;
    const node = this.history.instances.get(`${NAMESPACE}/${instance}`)?.status?.nodeName ?? '';
    await fleet.powerOff(node);
    const fenced = { spec: { fenced: { reason: 'power cut' } } };
    await eventually(async () => {
      const { status } = await client.get<ComputeNode>(COMPUTE_NODE, node);
      if (status?.state !== 'Down') throw new Error(`${node} is ${status?.state}`);
      await client.patch(COMPUTE_NODE, node, fenced, { type: 'merge' });
    }, WAIT_MS);
  }

  /** Every node has its power again, and is Up. */
  async #allBack(): Promise<void> {
    const { client, fleet } = this.#berth;
    const list = async () => (await client.list<ComputeNode>(COMPUTE_NODE)).items;
    for (const { metadata, spec } of await list()) if (spec.fenced) await fleet.resume(metadata.name);
    await eventuallyNone(async () => {
      const away = (await list()).filter(({ status }) => status?.state !== 'Up');
      return away.map(({ metadata, status }) => `${metadata.name} is ${status?.state}`);
    }, WAIT_MS);
  }

  async #ended(name: string, { ends, did }: Story, since = ''): Promise<void> {
    await eventually(async () => {
      const it = this.history.instances.get(`${NAMESPACE}/${name}`);
      if (ends === 'Gone') {
        if (it) throw new Error(`${name} is still there: ${JSON.stringify(it.status)}`);
        return;
      }
      const { status } = it ?? {};
      const isDone =
        did === undefined ||
        status?.lastOperations?.some(
          (last) => last.name === did && last.result === 'Succeeded' && last.finishTime > since,
        );
      if (status?.vmState !== ends || status.taskState || !isDone)
        throw new Error(`${name} is not ${ends}: ${JSON.stringify(status)}`);
    }, WAIT_MS);
  }

  #handsOf(name: string): Hands {
    const { client, fleet } = this.#berth;
    const key = `${NAMESPACE}/${name}`;
    const object = (request: string, spec: object) =>
      ({
        metadata: { name: `${name}-${request}`, namespace: NAMESPACE },
        spec: { instanceRef: { name }, ...spec },
      }) as never;
    return {
      name,
      set: (spec) => client.patch(INSTANCE, key, { spec }, { type: 'merge' }),
      act: (request, spec) => client.create(INSTANCE_ACTION, object(request, spec)),
      move: (request, type) => client.create(INSTANCE_MIGRATION, object(request, { type })),
      delete: () => client.delete(INSTANCE, key),
      powerOff: () => fleet.powerOffGuest(key),
      loseNode: () => this.#loseNodeOf(name),
      is: (vmState, also = () => true) =>
        eventually(async () => {
          const it = this.history.instances.get(key);
          if (it?.status?.vmState !== vmState || it.status.taskState || !also(it))
            throw new Error(`${name} is not ${vmState}: ${JSON.stringify(it?.status)}`);
        }, WAIT_MS),
    };
  }

  #promisesHold(): Promise<void> {
    return eventuallyNone(() => unsettled(this.#berth.client, this.#berth.fleet), WAIT_MS);
  }

  async #allGone(): Promise<void> {
    const { client } = this.#berth;
    const { items } = await client.list<Instance>(INSTANCE);
    await Promise.all(
      items.map(({ metadata }) => client.delete(INSTANCE, `${metadata.namespace}/${metadata.name}`)),
    );
    await eventuallyNone(async () => leftOver(await lookAround(client), NAMESPACE), WAIT_MS);
    const images = (await client.list<Image>(IMAGE)).items;
    await Promise.all(images.map(({ metadata }) => client.delete(IMAGE, `${NAMESPACE}/${metadata.name}`)));
    await eventuallyNone(async () => {
      const claims = (await client.list<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIM)).items;
      return claims.map(({ metadata }) => `PersistentVolumeClaim ${metadata.name}`);
    }, WAIT_MS);
  }

  /** As a power failure would, at this moment; another one starts at once, under the same name. */
  async #crash(): Promise<void> {
    while (this.#starting) await this.#starting; // each kill is one of its own
    this.crashes++;
    const ended = this.#operator?.kill();
    this.#starting = this.#again(ended);
    await ended;
  }

  async #again(ended?: Promise<void>): Promise<void> {
    await ended;
    await this.#startOperator();
    this.#starting = undefined;
  }

  async #startOperator(): Promise<void> {
    const cluster = { ...this.#berth.cluster, kubeconfigPath: this.#proxy.kubeconfigPath };
    const operator = await OperatorProcess.start(cluster, 'to-be-killed', ['--log-level', 'debug']);
    this.#operator = operator;
    // One that ends by itself lost its Lease: the machine was too busy.
    void operator.exited.then(() => {
      if (!this.#stopping && !this.#starting && this.#operator === operator) this.#starting = this.#again();
    });
  }

  #words(): string {
    return (this.#operator?.log ?? [])
      .map((line) => JSON.stringify(line))
      .filter((line) => line.includes('kill-'))
      .slice(-40)
      .join('\n');
  }
}
