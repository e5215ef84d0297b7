import { setTimeout as sleep } from 'node:timers/promises';
import { NETWORK_DEFINITION } from '#adapters/kubernetes/network-definitions.ts';
import { COMPUTE_NODE, type ComputeNode } from '#api/computenode.ts';
import { INSTANCE, type Instance } from '#api/instance.ts';
import { INSTANCE_ACTION } from '#api/instanceaction.ts';
import { INSTANCE_MIGRATION, type InstanceMigration } from '#api/instancemigration.ts';
import { SERVER_GROUP } from '#api/servergroup.ts';
import type { Berth } from '../berth.ts';
import { eventually } from '../eventually.ts';
import type { FleetControl } from '../fleet.ts';
import {
  BOTH_NETWORKS,
  groupOf,
  type MixOperation,
  POD_NETWORK_ALONE,
  SIDE_NETWORK,
  specOf,
  volumesOf,
} from './expected.ts';
import type { MixMishap, MixStep } from './plan.ts';

const NAMESPACE = 'default';
export const nameOf = (instance: number): string => `mix-${`${instance}`.padStart(3, '0')}`;
/** What a rebuild may name in place of the image that an Instance was created from. */
export const OTHER_IMAGE = 'quay.io/containerdisks/fedora:42';
const keyOf = (instance: number) => `${NAMESPACE}/${nameOf(instance)}`;

const notUpText = ({ metadata: { name }, spec, status }: ComputeNode): string =>
  `${name} is not Up: ${JSON.stringify({ spec, state: status?.state, conditions: status?.conditions })}`;

/** How long nodes may take to be Up again. */
const HEALED_MS = 180_000;

/** How long a fault of a guest stays, and a node that nobody evacuates. */
const FAULT_MS = 20_000;
const LOST_MS = 60_000;

/** Carries out the steps of a run. Each is asked for, and not waited for. */
export class Performer {
  readonly #berth: Berth;
  readonly #fleet: FleetControl;
  /** What the API server refused, by its words' first piece. */
  readonly denied = new Map<string, number>();
  kills = 0;
  lostNodes = 0;
  /** What goes on in the background, such as a node that is lost. */
  readonly #running = new Set<Promise<void>>();

  constructor(berth: Berth) {
    this.#berth = berth;
    this.#fleet = berth.fleet;
  }

  async begin(instances: number): Promise<void> {
    await this.#berth.client.create(NETWORK_DEFINITION, {
      metadata: { name: SIDE_NETWORK, namespace: NAMESPACE },
      spec: { config: JSON.stringify({ cniVersion: '0.3.1', type: 'bridge', bridge: SIDE_NETWORK }) },
    } as never);
    const groups = new Set(
      Array.from({ length: instances }, (_, it) => groupOf(it)).filter((it) => it !== undefined),
    );
    for (const name of groups) {
      const policy = name.startsWith('apart') ? 'anti-affinity' : 'affinity';
      await this.#berth.client.create(SERVER_GROUP, {
        metadata: { name, namespace: NAMESPACE },
        spec: { policy },
      } as never);
    }
    await Promise.all(Array.from({ length: instances }, (_, it) => this.#create(it)));
  }

  async perform(step: MixStep): Promise<void> {
    try {
      if ('mishap' in step.does) await this.#mishap(step.does.mishap, step);
      else await this.#ask(step.does.operation, step, step.does.cancel ?? false);
    } catch (error) {
      const what = 'mishap' in step.does ? step.does.mishap : step.does.operation;
      const message = error instanceof Error ? error.message : String(error);
      const short = `${what}: ${message.replaceAll(/mix-\d+/g, 'NAME').slice(0, 160)}`;
      this.denied.set(short, (this.denied.get(short) ?? 0) + 1);
    }
  }

  /** Everything that went wrong is over, and whoever is locked can be changed. */
  async heal(): Promise<void> {
    await Promise.all(this.#running);
    await this.#fleet.clearFaults();
    const { items } = await this.#berth.client.list<ComputeNode>(COMPUTE_NODE);
    await Promise.all(items.map(({ metadata }) => this.#fleet.resume(metadata.name)));
    await eventually(async () => {
      const after = (await this.#berth.client.list<ComputeNode>(COMPUTE_NODE)).items;
      const notUp = after.filter(({ status }) => status?.state !== 'Up');
      if (notUp.length > 0) throw new Error(notUp.map(notUpText).join('\n'));
    }, HEALED_MS);
  }

  #create(instance: number): Promise<unknown> {
    return this.#berth.create(nameOf(instance), specOf(instance));
  }

  #set(instance: number, spec: object): Promise<unknown> {
    return this.#berth.client.patch(INSTANCE, keyOf(instance), { spec }, { type: 'merge' });
  }

  async #ask(operation: MixOperation, { index, instance, chance }: MixStep, cancel: boolean): Promise<void> {
    const { client } = this.#berth;
    const metadata = { name: `step-${index}`, namespace: NAMESPACE };
    const instanceRef = { name: nameOf(instance) };
    const flavor = { flavorRef: { name: chance < 0.5 ? 'wide' : 'tiny' } };
    const act = (spec: object) =>
      client.create(INSTANCE_ACTION, { metadata, spec: { instanceRef, ...spec } } as never);
    const move = async (type: 'Live' | 'Cold') => {
      await client.create(INSTANCE_MIGRATION, { metadata, spec: { instanceRef, type } } as never);
      if (!cancel) return;
      await sleep(chance * 4_000);
      await client.patch(
        INSTANCE_MIGRATION,
        `${NAMESPACE}/${metadata.name}`,
        { spec: { cancel: true } },
        { type: 'merge' },
      );
    };
    const asked: Record<MixOperation, () => Promise<unknown>> = {
      Create: () => this.#create(instance),
      Delete: () => client.delete(INSTANCE, keyOf(instance)),
      Start: () => this.#set(instance, { powerState: 'Running' }),
      Stop: () => this.#set(instance, { powerState: 'Stopped' }),
      Pause: () => this.#set(instance, { powerState: 'Paused' }),
      Suspend: () => this.#set(instance, { powerState: 'Suspended' }),
      SoftReboot: () => act({ reboot: { type: 'Soft' } }),
      HardReboot: () => act({ reboot: { type: 'Hard' } }),
      Shelve: () => this.#set(instance, { shelved: true }),
      Unshelve: () => this.#set(instance, { shelved: false }),
      Rescue: () => this.#set(instance, { rescue: {} }),
      Unrescue: () => this.#set(instance, { rescue: null }),
      Resize: () => this.#set(instance, { resizePolicy: 'Cold', ...flavor }),
      LiveResize: () => this.#set(instance, { resizePolicy: 'LiveIfPossible', ...flavor }),
      ConfirmResize: () => act({ confirmResize: {} }),
      RevertResize: () => act({ revertResize: {} }),
      ColdMigrate: () => move('Cold'),
      LiveMigrate: () => move('Live'),
      Rebuild: () => act({ rebuild: chance < 0.5 ? {} : { image: { containerDisk: OTHER_IMAGE } } }),
      CreateImage: () => act({ createImage: { name: `${nameOf(instance)}-image-${index}` } }),
      AttachVolume: () => this.#set(instance, { volumes: volumesOf(instance) }),
      DetachVolume: () => this.#set(instance, { volumes: [] }),
      AttachInterface: () => this.#set(instance, { networks: BOTH_NETWORKS }),
      DetachInterface: () => this.#set(instance, { networks: POD_NETWORK_ALONE }),
      Lock: () => this.#set(instance, { locked: true }),
      Unlock: () => this.#set(instance, { locked: false }),
    };
    await asked[operation]();
  }

  async #mishap(mishap: MixMishap, { instance, chance }: MixStep): Promise<void> {
    const match = keyOf(instance);
    switch (mishap) {
      case 'kill-operator':
        this.kills++;
        await this.#berth.operators.at(-1)?.kill(); // another one is started at once
        return;
      case 'lose-node':
        return this.#inBackground(this.#loseNode(chance));
      case 'crash':
        await this.#fleet.crashGuest(match);
        return;
      case 'power-off':
        await this.#fleet.powerOffGuest(match);
        return;
      case 'refuse-pod':
        await this.#fleet.addFault({ kind: mishap, match, times: 1 });
        return;
      default: {
        const delay = mishap === 'slow-start' || mishap === 'migration-slow' ? { delay: '5s' } : {};
        const { id } = (await this.#fleet.addFault({ kind: mishap, match, ...delay })) as { id: string };
        this.#inBackground(sleep(FAULT_MS).then(() => this.#fleet.clearFault(id)));
      }
    }
  }

  #inBackground(work: Promise<unknown>): void {
    const done = work.then(
      () => {},
      (error: Error) => void this.denied.set(`background: ${error.message}`, 1),
    );
    this.#running.add(done);
    void done.then(() => this.#running.delete(done));
  }

  /** Its power is cut; an operator says so, once it is Down, and evacuates what was there; later it comes back. */
  async #loseNode(chance: number): Promise<void> {
    const { client } = this.#berth;
    const { items } = await client.list<ComputeNode>(COMPUTE_NODE);
    const node = items.map(({ metadata }) => metadata.name).toSorted()[Math.floor(chance * items.length)];
    if (node === undefined) return;
    this.lostNodes++;
    await this.#fleet.powerOff(node);
    const fenced = { spec: { fenced: { reason: 'its power was cut' } } };
    await eventually(async () => {
      const { status } = await client.get<ComputeNode>(COMPUTE_NODE, node);
      if (status?.state !== 'Down') throw new Error(`${node} is ${status?.state}`);
      await client.patch(COMPUTE_NODE, node, fenced, { type: 'merge' });
    }, LOST_MS).catch(() => {}); // it stays lost until it is back
    const instances = await client.list<Instance>(INSTANCE);
    const there = instances.items.filter(({ status }) => status?.nodeName === node);
    await Promise.all(there.map((it) => this.#evacuate(it, this.lostNodes)));
    await sleep(LOST_MS / 2);
    await this.#fleet.resume(node);
  }

  async #evacuate({ metadata }: Instance, outage: number): Promise<void> {
    const object = {
      metadata: { name: `evacuate-${outage}-${metadata.name}`, namespace: NAMESPACE },
      spec: { instanceRef: { name: metadata.name }, type: 'Evacuate' },
    };
    await this.#berth.client.create<InstanceMigration>(INSTANCE_MIGRATION, object as never);
  }
}
