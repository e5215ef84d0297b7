import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { INSTANCE, type Instance, type InstanceSpec } from '#api/instance.ts';
import { INSTANCE_ACTION, type InstanceAction } from '#api/instanceaction.ts';
import { Berth, EPHEMERAL, onClass } from '#test/berth.ts';

let berth: Berth;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'berth-gitops-'));
  berth = await Berth.start();
  await berth.operator('first');
});
afterAll(async () => {
  await berth?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** As Argo CD does with server-side apply: all of a file's fields, as one manager that wins. */
async function argoApply(object: object): Promise<string> {
  const file = join(folder, 'object.yaml');
  await writeFile(file, stringify(object));
  const how = ['--server-side', '--force-conflicts', '--field-manager=argocd-controller'];
  return berth.cluster.kubectl('apply', ...how, '-f', file);
}

/** As kubectl does without flags, with the last applied object in an annotation. */
async function clientApply(object: object): Promise<string> {
  const file = join(folder, 'object.yaml');
  await writeFile(file, stringify(object));
  return berth.cluster.kubectl('apply', '-f', file);
}

const instance = (name: string, spec: Partial<InstanceSpec>) => ({
  apiVersion: 'compute.berth.dev/v1alpha1',
  kind: 'Instance',
  metadata: { name, namespace: 'default' },
  spec: {
    flavorRef: { name: 'tiny' },
    image: { containerDisk: 'quay.io/containerdisks/fedora:41' },
    ...spec,
  },
});

const reboot = (name: string, of: string) => ({
  apiVersion: 'compute.berth.dev/v1alpha1',
  kind: 'InstanceAction',
  metadata: { name, namespace: 'default' },
  spec: { instanceRef: { name: of }, reboot: { type: 'Hard' } },
});

const boots = async (name: string) => (await berth.fleet.guests()).find((it) => it.name === name)?.boots;
const stopped = ({ status }: Instance) =>
  status?.vmState === 'Stopped' && status.taskState === undefined && status.addresses === undefined;

/** Writes of the operator that name the Instance, or what is made for it. */
const writesFor = async (name: string) =>
  (await berth.writes()).filter(({ objectRef }) => objectRef?.name?.startsWith(name)).length;

describe.each([
  ['server-side', argoApply],
  ['client-side', clientApply],
])('applied %s', (how, apply) => {
  test('the same file nine times more changes nothing, and costs no write', async () => {
    const file = instance(`same-${how}`, EPHEMERAL);
    await apply(file);
    await berth.active(`same-${how}`);
    const [before, writes] = [await berth.get(`same-${how}`), await writesFor(`same-${how}`)];
    for (let time = 0; time < 9; time++) await apply(file);
    const after = await berth.get(`same-${how}`);
    expect(after.metadata.generation).toBe(before.metadata.generation);
    expect(after.status).toEqual(before.status);
    expect(await writesFor(`same-${how}`)).toBe(writes);
  });

  test('self-heal: what somebody changed by hand is changed back', async () => {
    const name = `healed-${how}`;
    const file = instance(name, { ...EPHEMERAL, powerState: 'Running' });
    await apply(file);
    await berth.active(name);
    await berth.patch(name, { powerState: 'Paused' });
    await berth.until(name, ({ status }) => status?.vmState === 'Paused' && !status.taskState);
    await apply(file);
    const { status } = await berth.active(name);
    expect(status?.lastOperations?.slice(0, 2).map((it) => it.name)).toEqual(['Unpause', 'Pause']);
  });

  test('self-heal in the middle of what was asked by hand: it ends as the file says', async () => {
    const name = `torn-${how}`;
    const file = instance(name, { ...EPHEMERAL, powerState: 'Running' });
    await apply(file);
    await berth.active(name);
    for (let time = 0; time < 5; time++) {
      await berth.patch(name, { powerState: 'Stopped' });
      await apply(file);
    }
    const { metadata } = await berth.get(name);
    const at = ({ status }: Instance) =>
      status?.vmState === 'Active' && !status.taskState && status.observedGeneration === metadata.generation;
    expect((await berth.until(name, at)).status?.powerState).toBe('Running');
  });
});

test('deleted and applied anew while it still goes: another Instance of the same name comes up', async () => {
  const file = instance('phoenix', onClass('immediate'));
  await argoApply(file);
  const { metadata, status } = await berth.active('phoenix');
  await berth.delete('phoenix');
  await vi.waitFor(
    async () => {
      await argoApply(file);
      const again = await berth.get('phoenix');
      if (again.metadata.uid === metadata.uid) throw new Error('the first one is still there');
    },
    { timeout: 60_000, interval: 500 },
  );
  const again = await berth.active('phoenix');
  expect(status?.lastOperations?.[0]?.requestId).not.toBe(again.status?.lastOperations?.[0]?.requestId);
  expect((await berth.claims()).get('Instance/phoenix')).toEqual([again.status?.nodeName]);
});

test('pruned: gone with all that it had', async () => {
  await argoApply(instance('pruned', onClass('immediate')));
  await berth.active('pruned');
  await berth.cluster.kubectl('delete', 'instance', 'pruned', '--cascade=foreground', '--wait=false');
  await berth.gone('pruned');
});

describe('an action in the folder', () => {
  test('is carried out once, though it is applied for ever, pruned and applied anew', async () => {
    await argoApply(instance('acted', EPHEMERAL));
    await berth.active('acted');
    const before = (await boots('acted')) ?? 0;
    await argoApply(reboot('reboot-acted', 'acted'));
    await berth.ended('reboot-acted');
    for (let time = 0; time < 5; time++) await argoApply(reboot('reboot-acted', 'acted'));
    await berth.client.delete(INSTANCE_ACTION, 'default/reboot-acted');
    await argoApply(reboot('reboot-acted', 'acted'));
    const { status } = await berth.ended('reboot-acted');
    expect(status?.phase).toBe('Succeeded');
    expect(await boots('acted')).toBe(before + 1);
  });

  test('of an Instance that is made anew under its name is another request', async () => {
    const { metadata } = await berth.get('acted');
    const first = await berth.client.get<InstanceAction>(INSTANCE_ACTION, 'default/reboot-acted');
    await berth.delete('acted');
    await berth.gone('acted');
    await berth.client.delete(INSTANCE_ACTION, 'default/reboot-acted');
    await argoApply(instance('acted', EPHEMERAL));
    expect((await berth.active('acted')).metadata.uid).not.toBe(metadata.uid);
    await argoApply(reboot('reboot-acted', 'acted'));
    const { status } = await berth.ended('reboot-acted');
    expect(status?.requestId).not.toBe(first.status?.requestId);
    expect(await boots('acted')).toBe(2);
  });
});

test('several fields changed in one apply are carried out one after the other', async () => {
  await argoApply(instance('several', onClass('immediate')));
  await berth.active('several');
  await argoApply(instance('several', { ...onClass('immediate'), powerState: 'Stopped', shelved: true }));
  await berth.until('several', ({ status }) => status?.vmState === 'ShelvedOffloaded' && !status.taskState);
  await argoApply(instance('several', { ...onClass('immediate'), powerState: 'Paused', shelved: false }));
  const { status } = await berth.until(
    'several',
    (it) => it.status?.vmState === 'Paused' && !it.status.taskState,
  );
  const names = status?.lastOperations?.map(({ name }) => name).toReversed();
  expect(names).toEqual(['Create', 'Shelve', 'Unshelve', 'Pause']);
});

test('a guest that powered itself off is not fought, however often the file is applied', async () => {
  const file = instance('sleeper', { ...onClass('immediate'), powerState: 'Running' });
  await argoApply(file);
  await berth.active('sleeper');
  await berth.fleet.powerOffGuest('default/sleeper');
  await berth.until('sleeper', stopped);
  const before = await berth.get('sleeper');
  for (let time = 0; time < 5; time++) await argoApply(file);
  const after = await berth.get('sleeper');
  expect(after.status).toEqual(before.status);
  expect(after.metadata.generation).toBe(before.metadata.generation);
  expect(await berth.client.get<Instance>(INSTANCE, 'default/sleeper')).toSatisfy(stopped);
});
