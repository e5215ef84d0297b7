import { join } from 'node:path';
import { vi } from 'vitest';
import { NODE } from '#adapters/kubernetes/types.ts';
import { COMPUTE_NODE, type ComputeNode } from '#api/computenode.ts';
import { FLAVOR } from '#api/flavor.ts';
import { IMAGE, type Image, type ImageSpec } from '#api/image.ts';
import { INSTANCE, type Instance, type InstanceSpec } from '#api/instance.ts';
import { INSTANCE_ACTION, type InstanceAction } from '#api/instanceaction.ts';
import { INSTANCE_MIGRATION, type InstanceMigration } from '#api/instancemigration.ts';
import { NODE_LEDGER, type NodeLedger } from '#api/nodeledger.ts';
import { createClient, type KubeClient } from '#runtime/client.ts';
import { isNotFound } from '#runtime/errors.ts';
import type { KubeObject, Resource } from '#runtime/resource.ts';
import type { AuditEvent } from '../../hack/access/audit.ts';
import { recordAccess } from './access-record.ts';
import { AuditLog } from './audit-log.ts';
import { type Cluster, type ClusterOptions, kubeConfigOf, startCluster } from './cluster.ts';
import { FleetControl } from './fleet.ts';
import { OperatorProcess } from './operator-process.ts';

const CRDS = join(import.meta.dirname, '../../crds');
const WAIT = { timeout: 60_000, interval: 200 };

export const EPHEMERAL: Partial<InstanceSpec> = { rootDisk: { ephemeral: true } };
export const onClass = (storageClassName: string, accessMode?: 'ReadWriteMany'): Partial<InstanceSpec> => ({
  rootDisk: { ephemeral: false, storageClassName, ...(accessMode && { accessMode }) },
});

async function installByHand({ kubectl }: Cluster): Promise<void> {
  await kubectl('create', 'namespace', 'berth-system');
  await kubectl('apply', '-f', CRDS);
}

/** Berth on a control plane of its own, with a simulated fleet. */
export class Berth {
  readonly cluster: Cluster;
  readonly client: KubeClient;
  readonly fleet: FleetControl;
  readonly operators: OperatorProcess[] = [];
  readonly #audit: AuditLog;
  #stopping = false;

  private constructor(cluster: Cluster, audit: AuditLog) {
    this.cluster = cluster;
    this.client = createClient(kubeConfigOf(cluster), { userAgent: 'berth-tests' });
    this.fleet = new FleetControl(cluster);
    this.#audit = audit;
  }

  /** A cluster with the CRDs, two Flavors and no operator yet. */
  static async start({
    fleetNodes = 6,
    fleetZones = 3,
    args = [],
    install = installByHand,
  }: Pick<ClusterOptions, 'fleetNodes' | 'fleetZones' | 'args'> & {
    /** Makes Berth's namespace and kinds. */
    install?: (cluster: Cluster) => Promise<void>;
  } = {}): Promise<Berth> {
    const audit = await AuditLog.make();
    const options = { fleetNodes, fleetZones, apiserverArgs: audit.args, args };
    const berth = new Berth(await startCluster(options), audit);
    await install(berth.cluster);
    await berth.cluster.kubectl('wait', '--for=condition=Established', 'crd', '--all');
    await berth.flavor('tiny', { vcpus: 1, memory: '1Gi', rootDisk: '10Gi' });
    await berth.flavor('massive', { vcpus: 64, memory: '200Gi', rootDisk: '10Gi' });
    return berth;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.operators.map((operator) => operator.kill()));
    await this.client.close();
    await this.cluster.stop();
    const refused = await recordAccess(await this.#audit.events());
    await this.#audit.remove();
    if (refused.length > 0)
      throw new Error(
        `the operator may not do what it tried (see hack/access/berth.ts):\n${refused.join('\n')}`,
      );
  }

  async operator(
    identity = `operator-${this.operators.length}`,
    flags: string[] = [],
    { nodesUp = true } = {},
  ): Promise<OperatorProcess> {
    const operator = await OperatorProcess.start(this.cluster, identity, flags);
    this.operators.push(operator);
    if (nodesUp) await this.allNodesUp();
    return operator;
  }

  /**
   * An operator that is started anew whenever it ends, as a Deployment does: killed, or without its Lease since the machine
   * was too busy to renew it.
   */
  async keepOperator(identity: string, flags: string[] = []): Promise<void> {
    const operator = await this.operator(identity, flags, { nodesUp: false });
    void operator.exited.then(() => (this.#stopping ? undefined : this.keepOperator(identity, flags)));
  }

  async allNodesUp(): Promise<void> {
    await vi.waitFor(async () => {
      const [nodes, computeNodes] = await Promise.all([
        this.client.list(NODE),
        this.client.list<ComputeNode>(COMPUTE_NODE),
      ]);
      const up = computeNodes.items.filter(({ status }) => status?.state === 'Up').length;
      if (up < nodes.items.length) throw new Error(`${up} of ${nodes.items.length} ComputeNodes are Up`);
    }, WAIT);
  }

  /** While this is done kube-scheduler takes the node for full: no pod more goes there. */
  async whileFull(nodeName: string, done: () => Promise<void>): Promise<void> {
    const setPods = (pods: string) => {
      const patch = JSON.stringify({ status: { allocatable: { pods } } });
      return this.cluster.kubectl('patch', 'node', nodeName, '--subresource=status', '-p', patch);
    };
    const jsonpath = 'jsonpath={.status.allocatable.pods}';
    const before = await this.cluster.kubectl('get', 'node', nodeName, '-o', jsonpath);
    await setPods('0');
    try {
      await done();
    } finally {
      await setPods(before);
    }
  }

  flavor(name: string, spec: object): Promise<KubeObject> {
    return this.client.create(FLAVOR, { metadata: { name }, spec } as never);
  }

  create(
    name: string,
    spec: Partial<InstanceSpec> = EPHEMERAL,
    annotations?: Record<string, string>,
  ): Promise<Instance> {
    const image = { containerDisk: 'quay.io/containerdisks/fedora:41' };
    const object = {
      metadata: { name, namespace: 'default', annotations },
      spec: { flavorRef: { name: 'tiny' }, image, ...spec },
    };
    return this.client.create<Instance>(INSTANCE, object);
  }

  get(name: string): Promise<Instance> {
    return this.client.get<Instance>(INSTANCE, `default/${name}`);
  }

  patch(name: string, spec: Partial<InstanceSpec>): Promise<Instance> {
    return this.client.patch<Instance>(INSTANCE, `default/${name}`, { spec }, { type: 'merge' });
  }

  delete(name: string): Promise<void> {
    return this.client.delete(INSTANCE, `default/${name}`);
  }

  /** Asks an Instance for something: `reboot: { type: 'Hard' }`. */
  action(name: string, instance: string, spec: Partial<InstanceAction['spec']>): Promise<InstanceAction> {
    const object = {
      metadata: { name, namespace: 'default' },
      spec: { instanceRef: { name: instance }, ...spec },
    };
    return this.client.create<InstanceAction>(INSTANCE_ACTION, object);
  }

  image(name: string, spec: Partial<ImageSpec>): Promise<Image> {
    return this.client.create<Image>(IMAGE, { metadata: { name, namespace: 'default' }, spec } as never);
  }

  /** Resolves with the Image once `holds` does. */
  imageUntil(name: string, holds: (image: Image) => boolean, timeout = WAIT.timeout): Promise<Image> {
    const look = async () => {
      const image = await this.client.get<Image>(IMAGE, `default/${name}`);
      if (!holds(image)) throw new Error(`Image ${name} is ${JSON.stringify(image.status)}`);
      return image;
    };
    return vi.waitFor(look, { ...WAIT, timeout });
  }

  /** Asks for a move of an Instance: `type: 'Live'`. */
  migrate(
    name: string,
    instance: string,
    spec: Partial<InstanceMigration['spec']> = {},
  ): Promise<InstanceMigration> {
    const object = {
      metadata: { name, namespace: 'default' },
      spec: { instanceRef: { name: instance }, type: 'Live', ...spec },
    };
    return this.client.create<InstanceMigration>(INSTANCE_MIGRATION, object);
  }

  migration(name: string): Promise<InstanceMigration> {
    return this.client.get<InstanceMigration>(INSTANCE_MIGRATION, `default/${name}`);
  }

  /** Waits until an InstanceAction has ended, in whatever way. */
  ended(name: string, timeout = WAIT.timeout): Promise<InstanceAction> {
    return this.#ended<InstanceAction>(INSTANCE_ACTION, name, timeout);
  }

  /** Waits until an InstanceMigration has ended, in whatever way. */
  migrated(name: string, timeout = WAIT.timeout): Promise<InstanceMigration> {
    return this.#ended<InstanceMigration>(INSTANCE_MIGRATION, name, timeout);
  }

  #ended<T extends InstanceAction | InstanceMigration>(
    resource: Resource,
    name: string,
    timeout: number,
  ): Promise<T> {
    const look = async () => {
      const action = await this.client.get<T>(resource, `default/${name}`);
      const isOpen = ['Pending', 'Running', undefined].includes(action.status?.phase);
      if (isOpen) throw new Error(`${name} is ${JSON.stringify(action.status)}`);
      return action;
    };
    return vi.waitFor(look, { ...WAIT, timeout }).catch(async (error: Error) => {
      const action = await this.client.get<T>(resource, `default/${name}`);
      throw new Error(`${error.message}\n${await this.#circumstances(action.spec.instanceRef.name)}`, {
        cause: error,
      });
    });
  }

  /** Resolves with the Instance once `holds` does; fails with what it is instead, its pods and the operators' words. */
  async until(
    name: string,
    holds: (instance: Instance) => boolean,
    timeout = WAIT.timeout,
  ): Promise<Instance> {
    const look = async () => {
      const instance = await this.get(name);
      if (!holds(instance)) throw new Error(`${name} is ${JSON.stringify(instance.status)}`);
      return instance;
    };
    return vi.waitFor(look, { ...WAIT, timeout }).catch(async (error: Error) => {
      throw new Error(`${error.message}\n${await this.#circumstances(name)}`, { cause: error });
    });
  }

  async #circumstances(name: string): Promise<string> {
    const label = `compute.berth.dev/instance=${name}`;
    const objects = await this.cluster.kubectl('get', 'vm,vmi,pods', '-l', label, '-o', 'wide');
    const words = this.operators.flatMap(({ log }) =>
      log.filter((line) => JSON.stringify(line).includes(name)).slice(-15),
    );
    return [objects, ...words.map((line) => JSON.stringify(line))].join('\n');
  }

  /** Active, with nothing in flight. */
  active(name: string): Promise<Instance> {
    return this.until(name, ({ status }) => status?.vmState === 'Active' && status.taskState === undefined);
  }

  /** Waits until nothing of an Instance is left: itself, VM, VMI, pods, claims. */
  async gone(name: string): Promise<void> {
    await vi.waitFor(async () => {
      if (await this.exists(INSTANCE, name))
        throw new Error(`${name} is still there: ${JSON.stringify((await this.get(name)).status)}`);
    }, WAIT);
    const left = await this.remains(name);
    if (left.length > 0) throw new Error(`${name} left behind: ${left.join(', ')}`);
  }

  async remains(name: string): Promise<string[]> {
    const { kubectl } = this.cluster;
    const objects = await kubectl(
      'get',
      'vm,vmi,pods',
      '-l',
      `compute.berth.dev/instance=${name}`,
      '-o',
      'name',
      '--field-selector=',
      '--ignore-not-found',
    );
    const claims = [...(await this.claims())]
      .filter(([owner]) => owner.endsWith(`/${name}`))
      .map(([owner]) => `claim of ${owner}`);
    return [...objects.split('\n').filter(Boolean), ...claims];
  }

  async exists(resource: Resource, name: string): Promise<boolean> {
    try {
      await this.client.get(resource, `default/${name}`);
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  /** Nodes by owner of their claims: `Kind/name` to names of nodes. */
  async claims(): Promise<Map<string, string[]>> {
    const { items } = await this.client.list<NodeLedger>(NODE_LEDGER);
    const byOwner = new Map<string, string[]>();
    for (const ledger of items) {
      for (const { ownerKind, name } of ledger.spec.claims) {
        const owner = `${ownerKind}/${name}`;
        byOwner.set(owner, [...(byOwner.get(owner) ?? []), ledger.metadata.name]);
      }
    }
    return byOwner;
  }

  /** What the operators wrote so far, Events and Leases aside. */
  writes(): Promise<AuditEvent[]> {
    return this.#audit.writes();
  }
}
