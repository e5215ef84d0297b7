import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { NAMESPACE } from '#adapters/kubernetes/types.ts';
import { SCHEDULER_PROFILE_LABEL } from '#api/constants.ts';
import type { Instance, InstanceSpec } from '#api/instance.ts';
import { SCHEDULER_PROFILE, type SchedulerProfile } from '#api/schedulerprofile.ts';
import { Berth, EPHEMERAL } from '#test/berth.ts';

const WAIT = { timeout: 45_000, interval: 200 };

let berth: Berth;
let made: string[] = [];

beforeAll(async () => {
  berth = await Berth.start({ fleetNodes: 3, fleetZones: 1 });
  await berth.operator('profiles');
});
afterAll(() => berth?.stop());
afterEach(async () => {
  await Promise.all(made.map((name) => berth.delete(name).catch(() => undefined)));
  await Promise.all(made.map((name) => berth.gone(name)));
  made = [];
});

const create = (name: string, spec: Partial<InstanceSpec> = {}): Promise<Instance> => {
  made.push(name);
  return berth.create(name, { ...EPHEMERAL, ...spec });
};
const makeProfile = (name: string, spec: object) =>
  berth.client.create(SCHEDULER_PROFILE, { metadata: { name }, spec });
const patchProfile = (name: string, spec: object) =>
  berth.client.patch(SCHEDULER_PROFILE, name, { spec }, { type: 'merge' });
const untilProfile = (name: string, holds: (profile: SchedulerProfile) => void) =>
  vi.waitFor(async () => holds(await berth.client.get<SchedulerProfile>(SCHEDULER_PROFILE, name)), WAIT);
const readyOf = ({ status }: Pick<SchedulerProfile | Instance, 'status'>) =>
  status?.conditions?.find(({ type }) => type === 'Ready');
const nodeOf = async (name: string) => (await berth.active(name)).status?.nodeName;
const STACKING = { weighers: [{ name: 'RAMWeigher', multiplier: -1 }] };

/** Where four Instances land that come one after the other: as many nodes as were chosen. */
async function nodesChosen(stem: string, spec: Partial<InstanceSpec> = {}): Promise<number> {
  const nodes = new Set<string | undefined>();
  for (const i of [1, 2, 3]) {
    await create(`${stem}-${i}`, spec);
    nodes.add(await nodeOf(`${stem}-${i}`));
  }
  return nodes.size;
}

describe('a SchedulerProfile', () => {
  test('that stacks, named by an Instance, fills one node where the built-in one spreads', async () => {
    expect(await nodesChosen('spread')).toBe(3);
    await makeProfile('stack', STACKING);
    await untilProfile('stack', (profile) => expect(readyOf(profile)?.reason).toBe('InForce'));
    expect(await nodesChosen('stacked', { schedulerProfile: 'stack' })).toBe(1);
    expect((await berth.get('stacked-1')).status?.placement?.profile).toBe('stack');
  });

  test('is chosen by the label of the namespace, and counts from the next decision on when it is edited', async () => {
    await makeProfile('of-namespace', STACKING);
    const label = (value: string | null) =>
      berth.client.patch(
        NAMESPACE,
        'default',
        { metadata: { labels: { [SCHEDULER_PROFILE_LABEL]: value } } },
        { type: 'merge' },
      );
    await label('of-namespace');
    try {
      await vi.waitFor(async () => {
        const name = `probe-${made.length}`;
        await create(name);
        await berth.active(name);
        expect((await berth.get(name)).status?.placement?.profile).toBe('of-namespace');
      }, WAIT);
      expect(await nodesChosen('together')).toBe(1);
      await patchProfile('of-namespace', { weighers: [{ name: 'RAMWeigher', multiplier: 1 }] });
      await untilProfile('of-namespace', ({ status, metadata }) =>
        expect(status?.observedGeneration).toBe(metadata.generation),
      );
      expect(await nodesChosen('apart')).toBeGreaterThan(1);
    } finally {
      await label(null);
    }
  });

  test('that is missing lets the Instance wait, and go on once it is there', async () => {
    await create('early', { schedulerProfile: 'late' });
    const waiting = await berth.until(
      'early',
      (instance) => readyOf(instance)?.reason === 'SchedulerProfileNotFound',
    );
    expect(readyOf(waiting)?.message).toContain(
      'spec.schedulerProfile: SchedulerProfile late does not exist',
    );
    await makeProfile('late', {});
    await berth.active('early');
  });

  test('that is wrong says where; its last valid version goes on', async () => {
    await makeProfile('edited', STACKING);
    await untilProfile('edited', (profile) => expect(readyOf(profile)?.status).toBe('True'));
    await patchProfile('edited', {
      weighers: [{ name: 'RamWeigher' }],
      filters: [{ name: 'IoOpsFilter', args: { maxIoOpsPerHost: 'x' } }],
    });
    await untilProfile('edited', (profile) => {
      expect(readyOf(profile)).toMatchObject({ status: 'False', reason: 'InvalidProfile' });
      expect(readyOf(profile)?.message).toContain('spec.weighers[0].name: there is no weigher RamWeigher');
      expect(readyOf(profile)?.message).toContain(
        'spec.filters[0].args.maxIoOpsPerHost: is a text; use a number',
      );
    });
    expect(await nodesChosen('edited', { schedulerProfile: 'edited' })).toBe(1);
  });

  test('that was never valid lets the Instance wait until it is mended', async () => {
    await makeProfile('broken', { weighers: [{ name: 'NoSuchWeigher' }] });
    await create('held', { schedulerProfile: 'broken' });
    await berth.until('held', (instance) => readyOf(instance)?.reason === 'SchedulerProfileNotUsable');
    await patchProfile('broken', { weighers: [{ name: 'RAMWeigher' }] });
    await berth.active('held');
  });
});

describe('a shadow', () => {
  test('places nothing, and tells how often and why it would have chosen otherwise', async () => {
    await makeProfile('what-if', { mode: 'Shadow', ...STACKING });
    await untilProfile('what-if', (profile) => expect(readyOf(profile)?.reason).toBe('InShadow'));
    expect(await nodesChosen('watched')).toBe(3);
    await untilProfile('what-if', ({ status }) => {
      expect(status?.shadow?.decisions).toBeGreaterThanOrEqual(3);
      expect(status?.shadow?.differing).toBeGreaterThanOrEqual(1);
      expect(status?.shadow?.byReason[0]).toMatchObject({ reason: 'OtherHost', by: 'RAMWeigher' });
      expect(status?.shadow?.lastDiffering[0]?.requestId).toMatch(/^req-/);
    });
  });

  test('is not a profile to be placed by', async () => {
    await makeProfile('watcher', { mode: 'Shadow' });
    await create('shady', { schedulerProfile: 'watcher' });
    const waiting = await berth.until(
      'shady',
      (instance) => readyOf(instance)?.reason === 'SchedulerProfileNotUsable',
    );
    expect(readyOf(waiting)?.message).toContain('is in mode Shadow');
  });
});
