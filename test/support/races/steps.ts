import { NODE_LEDGER, type NodeLedger } from '#api/nodeledger.ts';
import { SERVER_GROUP, type ServerGroup } from '#api/servergroup.ts';
import type { KubeClient } from '#runtime/client.ts';
import { ApiError } from '#runtime/errors.ts';
import type { KubeObject, Resource } from '#runtime/resource.ts';
import { pick, seededRandom } from '../faults/random.ts';
import { requestOf } from './race.ts';

/** What is sent to an API server: to which of a few objects, from which version of it that was seen, with how many claims. */
interface Step {
  verb: 'create' | 'update' | 'patch' | 'delete' | 'get';
  kind: 'NodeLedger' | 'ServerGroup';
  object: number;
  /** 0: as seen last; 1: the version before; and so on. */
  age: number;
  claims: number;
  /** Says the uid of an earlier object of the name. */
  wrongUid: boolean;
}

export interface Answer {
  step: string;
  /** ok, or code and reason. */
  answer: string;
  /** Did the resourceVersion move. */
  moved: boolean;
  claims: number | undefined;
}

export function randomSteps(seed: number, count: number): Step[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => ({
    verb: pick(random, ['create', 'update', 'update', 'patch', 'patch', 'delete', 'get'] as const),
    kind: pick(random, ['NodeLedger', 'ServerGroup'] as const),
    object: Math.floor(random() * 2),
    age: random() < 0.7 ? 0 : 1 + Math.floor(random() * 2),
    claims: Math.floor(random() * 3),
    wrongUid: random() < 0.1,
  }));
}

/** What each step was answered. `prefix` keeps runs on one API server apart; all that is made is removed. */
export async function answersOf(
  client: KubeClient,
  steps: readonly Step[],
  prefix: string,
): Promise<Answer[]> {
  const seen = new Map<string, KubeObject[]>();
  const answers: Answer[] = [];
  for (const step of steps) {
    const name = `${prefix}-${step.object}`;
    const key = step.kind === 'NodeLedger' ? name : `races/${name}`;
    const versions = seen.get(`${step.kind} ${key}`) ?? [];
    seen.set(`${step.kind} ${key}`, versions);
    const before = versions.at(-1)?.metadata.resourceVersion;
    const { answer, object } = await send(client, step, name, key, versions);
    if (object) versions.push(object);
    const moved = object !== undefined && object.metadata.resourceVersion !== before;
    answers.push({
      step: `${step.verb} ${step.kind} ${name}`,
      answer,
      moved,
      claims: object && contentOf(object),
    });
  }
  for (const [path] of seen) {
    const [kind, key = ''] = path.split(' ');
    await client.delete(kind === 'NodeLedger' ? NODE_LEDGER : SERVER_GROUP, key).catch(() => {});
  }
  return answers;
}

async function send(
  client: KubeClient,
  step: Step,
  name: string,
  key: string,
  versions: readonly KubeObject[],
) {
  try {
    const object = await call(client, step, name, key, versions);
    return { answer: 'ok', object };
  } catch (error) {
    if (error instanceof ApiError) return { answer: `${error.code} ${error.reason}`, object: undefined };
    throw error;
  }
}

async function call(
  client: KubeClient,
  step: Step,
  name: string,
  key: string,
  versions: readonly KubeObject[],
): Promise<KubeObject | undefined> {
  const resource: Resource = step.kind === 'NodeLedger' ? NODE_LEDGER : SERVER_GROUP;
  const known = versions.at(-1 - step.age) ?? versions.at(-1);
  const other = versions.find(({ metadata }) => metadata.uid !== known?.metadata.uid)?.metadata.uid;
  const uid = (step.wrongUid ? other : undefined) ?? known?.metadata.uid;
  const { resourceVersion } = known?.metadata ?? {};
  const claims = Array.from({ length: step.claims }, (_, index) => claimOf(index));
  const isLedger = step.kind === 'NodeLedger';
  if (step.verb === 'get') return client.get(resource, key);
  if (step.verb === 'create' || !known) {
    const metadata = { name, ...(!isLedger && { namespace: 'races' }) };
    const spec = isLedger ? { claims } : { policy: 'affinity' };
    return client.create(resource, { metadata, spec });
  }
  if (step.verb === 'delete') {
    await client.delete(resource, key, { preconditions: { uid, resourceVersion } });
    return undefined;
  }
  if (isLedger)
    return client.update<NodeLedger>(resource, {
      ...(known as NodeLedger),
      metadata: { ...known.metadata, uid: uid ?? '' },
      spec: { claims },
    });
  const reservations = claims.map(({ uid: owner, ownerKind, name: its, instanceUid }) => ({
    uid: owner,
    ownerKind,
    name: its,
    instanceUid,
    nodeName: 'node-1',
  }));
  const patch = { metadata: { uid, resourceVersion }, status: { reservations } };
  return client.patch<ServerGroup>(resource, key, patch, { type: 'merge', subresource: 'status' });
}

const claimOf = (index: number) =>
  requestOf(`owner-${index}`, { vcpus: 1, memoryMiB: 1024, overheadMiB: 180, diskGiB: 10 }).claim;

function contentOf(object: KubeObject): number {
  const { spec, status } = object as Partial<NodeLedger & ServerGroup> & { spec?: { claims?: unknown[] } };
  return spec?.claims?.length ?? status?.reservations?.length ?? 0;
}
