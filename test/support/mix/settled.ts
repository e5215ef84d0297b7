import { PERSISTENT_VOLUME_CLAIM, type PersistentVolumeClaim } from '#adapters/kubernetes/storage.ts';
import { type VirtualMachine, VM } from '#adapters/kubevirt/types.ts';
import { IMAGE, type Image } from '#api/image.ts';
import { INSTANCE, type Instance } from '#api/instance.ts';
import { INSTANCE_ACTION, type InstanceAction } from '#api/instanceaction.ts';
import { INSTANCE_MIGRATION, type InstanceMigration } from '#api/instancemigration.ts';
import type { KubeClient } from '#runtime/client.ts';
import type { FleetControl, Guest } from '../fleet.ts';
import { brokenPromises, lookAround } from '../invariants.ts';
import { halfMade, heldInVain, notAsListed } from './attached.ts';

/** What does not hold of a cluster in which nothing is asked for any more; each in a sentence. */
export async function unsettled(client: KubeClient, fleet: FleetControl): Promise<string[]> {
  const [world, vms, claims, images, actions, migrations, guests] = await Promise.all([
    lookAround(client),
    client.list<VirtualMachine>(VM),
    client.list<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIM),
    client.list<Image>(IMAGE),
    client.list<InstanceAction>(INSTANCE_ACTION),
    client.list<InstanceMigration>(INSTANCE_MIGRATION),
    fleet.guests(),
  ]);
  const { instances } = world;
  return [
    ...instances.flatMap(undocumented),
    ...[...actions.items, ...migrations.items].flatMap(open),
    ...instances.flatMap((it) => notAsListed(it, world.vmis, isTold(it))),
    ...heldInVain(claims.items, instances),
    ...halfMade(images.items),
    ...oneVmEach(instances, vms.items),
    ...(await otherImages(instances, fleet)),
    ...oneGuestEach(instances, guests),
    ...brokenPromises(world),
  ];
}

/** In a state that is none of those that the docs name, or that is not what the spec says without a word why. */
function undocumented(instance: Instance): string[] {
  const { spec, status } = instance;
  const { name, generation, deletionTimestamp } = instance.metadata;
  const told = `${name}: ${JSON.stringify({ spec: wishOf(spec), ...status, placement: undefined, rememberedRequests: undefined })}`;
  if (deletionTimestamp) return [`is being deleted: ${told}`];
  if (!status || status.observedGeneration !== generation) return [`its spec was not looked at: ${told}`];
  const { operation, taskState, vmState, powerState, fault } = status;
  if (operation || taskState) {
    const late = operation?.deadline !== undefined && Date.parse(operation.deadline) < Date.now();
    return [`${late ? 'later than its deadline' : 'in flight'}: ${told}`];
  }
  if (vmState === 'Error') return fault ? [] : [`in Error without a fault: ${told}`];
  const wentOff = vmState === 'Stopped' && (powerState === 'Shutdown' || powerState === 'Crashed');
  const isRight = vmState === wantedState(spec) || (wentOff && !spec.shelved) || vmState === 'Resized';
  return isRight || isTold(instance) ? [] : [`not as its spec says, and no word why: ${told}`];
}

/** It says why it is not as its spec says. */
const isTold = ({ status }: Instance): boolean =>
  status?.conditions?.some(
    ({ type, status: holds }) => (type === 'SpecHeld' || type === 'Stalled') && holds === 'True',
  ) ?? false;

/** Guests whose disk was not made from the image that the Instance says. */
async function otherImages(instances: readonly Instance[], fleet: FleetControl): Promise<string[]> {
  const running = instances.filter(({ status }) => status?.vmState === 'Active' && !status.taskState);
  const looked = running.map(async ({ metadata: { namespace, name }, status }) => {
    const wanted = status?.image?.containerDisk;
    const is = await fleet.disk(`${namespace}/${name}`).catch(() => undefined);
    if (wanted === undefined || is === undefined || is.image.endsWith(wanted)) return [];
    return [`the disk of ${name} is made from ${is.image} and not from ${wanted}`];
  });
  return (await Promise.all(looked)).flat();
}

function wantedState({ shelved, rescue, powerState }: Instance['spec']): string {
  if (shelved) return 'ShelvedOffloaded';
  if (rescue) return 'Rescued';
  return powerState === 'Running' ? 'Active' : powerState;
}

const wishOf = ({ powerState, shelved, rescue, flavorRef, locked }: Instance['spec']) => ({
  powerState,
  shelved,
  rescue,
  flavor: flavorRef.name,
  locked,
});

const open = ({ metadata, status, spec }: InstanceAction | InstanceMigration): string[] =>
  status?.phase === undefined || status.phase === 'Pending' || status.phase === 'Running'
    ? [`${metadata.name} of ${spec.instanceRef.name} has not ended: ${JSON.stringify(status)}`]
    : [];

function oneVmEach(instances: readonly Instance[], vms: readonly VirtualMachine[]): string[] {
  const uids = new Map(instances.map(({ metadata }) => [metadata.name, metadata.uid]));
  const strays = vms.filter(
    ({ metadata }) =>
      metadata.ownerReferences?.[0]?.uid !== uids.get(metadata.name) || !uids.has(metadata.name),
  );
  const names = new Set(vms.map(({ metadata }) => metadata.name));
  const without = instances.filter(
    ({ metadata, status }) => status?.appliedPowerState !== undefined && !names.has(metadata.name),
  );
  return [
    ...strays.map(({ metadata }) => `the VM ${metadata.name} is no Instance's`),
    ...without.map(({ metadata, status }) => `${metadata.name} has no VM: ${JSON.stringify(status)}`),
  ];
}

/** Where the guest of each Instance is on, it is on once, and on the node that the Instance says. */
function oneGuestEach(instances: readonly Instance[], guests: readonly Guest[]): string[] {
  const on = Map.groupBy(
    guests.filter(({ state }) => state !== 'Off'),
    ({ name }) => name,
  );
  const known = new Map(instances.map((it) => [it.metadata.name, it]));
  const strays = [...on.keys()].filter((name) => !known.has(name));
  const wrong = instances.flatMap(({ metadata: { name }, status }) => {
    const nodes = (on.get(name) ?? []).map(({ node }) => node);
    const wanted =
      status?.powerState === 'Running' || status?.powerState === 'Paused' ? [status.nodeName] : [];
    return `${nodes}` === `${wanted}` ? [] : [`${name} runs on [${nodes}] and says [${wanted}]`];
  });
  return [...strays.map((name) => `the guest ${name} is no Instance's`), ...wrong];
}

/** Refused and failed requests by operation and reason. */
export async function refusals(client: KubeClient): Promise<Record<string, number>> {
  const [actions, migrations] = await Promise.all([
    client.list<InstanceAction>(INSTANCE_ACTION),
    client.list<InstanceMigration>(INSTANCE_MIGRATION),
  ]);
  const counts: Record<string, number> = {};
  for (const { status } of [...actions.items, ...migrations.items]) {
    if (status?.phase !== 'Refused') continue;
    const key = `${status.operation ?? 'any'} ${status.reason}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

export const allInstances = async (client: KubeClient): Promise<Instance[]> =>
  (await client.list<Instance>(INSTANCE)).items;
