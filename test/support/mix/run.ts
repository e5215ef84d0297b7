import { setTimeout as sleep } from 'node:timers/promises';
import { PERSISTENT_VOLUME_CLAIM, type PersistentVolumeClaim } from '#adapters/kubernetes/storage.ts';
import { IMAGE, type Image } from '#api/image.ts';
import { INSTANCE } from '#api/instance.ts';
import { SERVER_GROUP, type ServerGroup } from '#api/servergroup.ts';
import type { KubeClient } from '#runtime/client.ts';
import { Berth } from '../berth.ts';
import { eventually, eventuallyNone } from '../eventually.ts';
import { History } from '../history.ts';
import { leftOver, lookAround } from '../invariants.ts';
import { volumesOf } from './expected.ts';
import { OperationBook, type OperationFigures } from './operation-book.ts';
import { Performer } from './perform.ts';
import { type MixOptions, planOf } from './plan.ts';
import { allInstances, refusals, unsettled } from './settled.ts';

export interface MixReport {
  seed: number;
  instances: number;
  minutes: number;
  steps: number;
  kills: number;
  /** How often the operator was started; more than it was killed where it lost its Lease. */
  starts: number;
  lostNodes: number;
  /** Operations that ended, and versions of pods and ledgers that were looked at. */
  operations: number;
  moments: number;
  /** How long it took until nothing moved any more, in seconds. */
  settledInSeconds: number;
  /** Berth's writes to ledgers. */
  ledgerWrites: number;
  figures: OperationFigures[];
  refused: Record<string, number>;
  denied: Record<string, number>;
  /** What did not hold; nothing if all is well. */
  wrong: string[];
}

const INSTANCES_ON_A_NODE = 14;
const FEWEST_NODES = 6;
/** Short, so that what hangs is given up within the run. */
const DEADLINES = [
  'Migrating=30',
  'RebootStarted=10',
  'Rebooting=10',
  'RebootingHard=10',
  'AttachingVolume=60',
  'DetachingVolume=60',
  'AttachingInterface=60',
  'DetachingInterface=60',
];
const FLAGS = DEADLINES.flatMap((it) => ['--task-deadline', it]);
/** After the last step: what hangs ends by its deadline, and what is deaf by its grace period. */
const SETTLE_MS = 240_000;

/** A random mix of operations and faults on a cluster of its own; in the end, what is promised is looked at. */
export async function runMix(options: MixOptions): Promise<MixReport> {
  const { instances } = options;
  const nodes = Math.max(FEWEST_NODES, Math.ceil(instances / INSTANCES_ON_A_NODE));
  const soon = ['kube-controller-manager=--node-monitor-grace-period=12s', 'fleet=--lease-period=2s'];
  const berth = await Berth.start({ fleetNodes: nodes, fleetZones: 3, args: soon });
  try {
    return await mixOn(berth, options);
  } finally {
    await berth.stop();
  }
}

async function mixOn(berth: Berth, options: MixOptions): Promise<MixReport> {
  await berth.flavor('wide', { vcpus: 2, memory: '2Gi', rootDisk: '10Gi' });
  const history = await History.of(berth.client);
  const book = new OperationBook();
  history.instances.onChange(({ type, object }) => {
    book.note(object);
    if (type === 'deleted') book.deleted(object, Date.now());
  });
  await berth.keepOperator('mix', FLAGS);
  await berth.allNodesUp();
  const performer = new Performer(berth);
  const steps = planOf(options);
  const wrong: string[] = [];
  let settledInSeconds = 0;
  try {
    await performer.begin(options.instances);
    await allBuilt(berth, options.instances);
    const start = performance.now();
    const asked: Promise<void>[] = [];
    for (const step of steps) {
      const early = step.atMs - (performance.now() - start);
      if (early > 0) await sleep(early);
      asked.push(performer.perform(step));
    }
    await Promise.all(asked);
    await performer.heal();
    const healed = performance.now();
    await eventuallyNone(() => unsettled(berth.client, berth.fleet), SETTLE_MS);
    settledInSeconds = Math.round((performance.now() - healed) / 1000);
    wrong.push(...(await allGone(berth)));
  } catch (error) {
    wrong.push(...wordsOf(error, berth), ...(await whatIsThere(berth)));
  }
  await history.stop();
  const writes = await berth.writes();
  return {
    seed: options.seed,
    instances: options.instances,
    minutes: options.minutes,
    steps: steps.length,
    kills: performer.kills,
    starts: berth.operators.length,
    lostNodes: performer.lostNodes,
    operations: book.count,
    moments: history.moments,
    settledInSeconds,
    ledgerWrites: writes.filter(({ objectRef }) => objectRef?.resource === 'nodeledgers').length,
    figures: book.figures(writes),
    refused: await refusals(berth.client),
    denied: Object.fromEntries(performer.denied),
    wrong: [...wrong, ...history.violations],
  };
}

function allBuilt({ client }: Berth, count: number): Promise<void> {
  return eventually(
    async () => {
      const built = (await allInstances(client)).filter(({ status }) => status?.vmState === 'Active').length;
      if (built < count) throw new Error(`${built} of ${count} Instances run`);
    },
    SETTLE_MS + count * 1_000,
  );
}

/** Everything is deleted; nothing may be left. */
async function allGone(berth: Berth): Promise<string[]> {
  const { client } = berth;
  for (const { metadata, spec } of await allInstances(client)) {
    const key = `${metadata.namespace}/${metadata.name}`;
    if (spec.locked) await client.patch(INSTANCE, key, { spec: { locked: false } }, { type: 'merge' });
    await client.delete(INSTANCE, key);
  }
  const look = async () => {
    const left = leftOver(await lookAround(client), 'default');
    if (left.length > 0) throw new Error(left.join('\n'));
    return left;
  };
  await eventually(look, SETTLE_MS, 500);
  return eventually(() => noDiskLeft(client), SETTLE_MS, 500);
}

/** Images are kept, and volumes that are not to go with their Instance; of all else no disk is left. */
async function noDiskLeft(client: KubeClient): Promise<string[]> {
  const images = (await client.list<Image>(IMAGE)).items;
  for (const { metadata } of images) await client.delete(IMAGE, `${metadata.namespace}/${metadata.name}`);
  const claims = (await client.list<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIM)).items;
  const left = claims.map(({ metadata }) => metadata.name).filter((name) => !isKept(name));
  if (left.length > 0)
    throw new Error(left.map((name) => `PersistentVolumeClaim ${name} is left`).join('\n'));
  return left;
}

const isKept = (claimName: string): boolean => {
  const [, instance] = claimName.match(/^mix-(\d+)-data(?:-[0-9a-f]{8})?$/) ?? [];
  return (
    instance !== undefined && volumesOf(Number(instance)).some(({ blank }) => !blank?.deleteOnTermination)
  );
};

/** What Instances and groups say of themselves, a line each. */
async function whatIsThere({ client }: Berth): Promise<string[]> {
  const groups = (await client.list<ServerGroup>(SERVER_GROUP)).items;
  const objects = [...(await allInstances(client)), ...groups];
  return objects.map(({ metadata: { name, uid, annotations }, status }) =>
    JSON.stringify({ name, uid, annotations, status }),
  );
}

/** What is wrong, and what the operator said at last of each Instance that it is about. */
function wordsOf(error: unknown, { operators }: Berth): string[] {
  const lines = (error instanceof Error ? error.message : String(error)).split('\n');
  const names = new Set(lines.flatMap((line) => line.match(/mix-\d+|node-\d+/)?.[0] ?? []));
  const log = operators.flatMap((it) => it.log).map((line) => JSON.stringify(line));
  return [
    ...lines,
    ...[...names].slice(0, 5).flatMap((name) => log.filter((it) => it.includes(name)).slice(-12)),
  ];
}
