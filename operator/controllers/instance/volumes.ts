import { attachmentsOf, inTheWay } from '#adapters/kubernetes/attachments.ts';
import type { PersistentVolumeClaim } from '#adapters/kubernetes/storage.ts';
import { claimNameOf, claimOf, isMadeFor, pluggedOf } from '#adapters/kubevirt/plugged-volumes.ts';
import type { VirtualMachine, VirtualMachineInstance } from '#adapters/kubevirt/types.ts';
import { INSTANCE_LABEL, INSTANCE_UID_LABEL, VOLUME_LABEL } from '#api/constants.ts';
import type { Instance } from '#api/instance.ts';
import type { VolumeSpec } from '#api/instance-volumes.ts';
import { diskRecordOf, spareClaimsOf } from '#core/lifecycle/disk-record.ts';
import type { HeldBack } from '#core/lifecycle/flavor-wish.ts';
import { isBuilt } from '#core/lifecycle/situation.ts';
import type { VolumeView } from '#core/lifecycle/volume-view.ts';
import { volumeSelectors } from '#core/placement/volumes.ts';
import { selectorText, selectsNode } from '#core/scheduling/node-selector.ts';
import type { KubeObject } from '#runtime/resource.ts';
import type { Caches } from '../caches.ts';
import { volumeFacts } from '../placement/volumes.ts';
import { keptUnder } from './kept-volumes.ts';

interface Seen {
  vm: VirtualMachine | undefined;
  vmi: VirtualMachineInstance | undefined;
  /** Node that it has its place on. */
  claimNode: string | undefined;
}

/** A volume that is asked for, or that is still there. */
interface Known {
  name: string;
  claimName: string;
  entry?: VolumeSpec;
}

/** Every volume beside the root disk: those of the list in its order, then what is left of others. */
export function volumeViews(instance: Instance, caches: Caches, seen: Seen): VolumeView[] {
  const known = knownVolumes(instance, caches, seen);
  return known.map((it) => viewOf(instance, caches, seen, it));
}

function knownVolumes(instance: Instance, caches: Caches, { vm, vmi }: Seen): Known[] {
  const { spec, status, metadata } = instance;
  const all = new Map<string, Known>();
  const add = (it: Known) =>
    all.set(`${it.name} ${it.claimName}`, all.get(`${it.name} ${it.claimName}`) ?? it);
  for (const entry of spec.volumes ?? [])
    add({ name: entry.name, claimName: claimNameOf(instance, entry), entry });
  const spare = spareOf(instance);
  const addOther = (it: Known) => {
    if (!spare.has(it.claimName)) add(it);
  };
  for (const { name, ...volume } of pluggedOf(vm).volumes)
    addOther({ name, claimName: claimOf({ name, ...volume }) ?? '' });
  const nameOf = (claimName: string) => status?.volumes?.find((it) => it.claimName === claimName)?.name;
  for (const { name, hotplugVolume, persistentVolumeClaimInfo: claim } of vmi?.status?.volumeStatus ?? [])
    if (hotplugVolume && claim?.claimName) addOther({ name, claimName: claim.claimName });
  const named = new Set([...all.values()].map(({ claimName }) => claimName));
  for (const claim of caches.volumeClaims.byIndex('attachedTo', metadata.uid)) {
    const { name: claimName, labels } = claim.metadata;
    if (named.has(claimName) || isTemporary(claim)) continue;
    const name = nameOf(claimName) ?? labels?.[VOLUME_LABEL] ?? claimName;
    addOther({ name: name.slice(0, 63), claimName });
  }
  return [...all.values()];
}

function viewOf(instance: Instance, caches: Caches, seen: Seen, known: Known): VolumeView {
  const { name, claimName, entry } = known;
  const { namespace, uid } = instance.metadata;
  const claim = caches.volumeClaims.get(`${namespace}/${claimName}`);
  const record = claim ?? caches.dataVolumes.get(`${namespace}/${claimName}`);
  const copies = diskRecordOf(instance).copy?.disks.filter((it) => it.name === name) ?? [];
  const isIt = (it: string | undefined) => it === claimName || copies.some((copy) => copy.claimName === it);
  const configured = pluggedOf(seen.vm).volumes.some((it) => it.name === name && isIt(claimOf(it)));
  const obstacle =
    entry && !configured ? obstacleOf(instance, caches, seen, { ...known, entry, claim }) : undefined;
  return {
    name,
    claimName,
    wanted: entry !== undefined,
    configured,
    ...inGuest(seen.vmi, known),
    held: isHeld(record, uid),
    made: record !== undefined && isMadeFor(record, instance, name),
    deleteOnTermination: goesAlong(instance, name, entry),
    replaceable:
      entry?.blank !== undefined &&
      !entry.shareable &&
      record !== undefined &&
      isMadeFor(record, instance, name),
    shared: claim?.spec.accessModes?.includes('ReadWriteMany'),
    ...(obstacle && { obstacle }),
  };
}

/** CDI gives claims of its own, which it fills first, the labels and annotations of what they become, but not the name. */
const isTemporary = ({ metadata: { name, labels } }: KubeObject): boolean =>
  labels?.[VOLUME_LABEL] !== undefined && !name.startsWith(`${labels[INSTANCE_LABEL]}-`);

/** Claims of volumes that are none: being copied to, or left. */
const spareOf = (instance: Instance): Set<string> =>
  new Set(spareClaimsOf(instance).map(({ claimName }) => claimName));

/** What is on its way out holds nobody up. */
const isHeld = (record: KubeObject | undefined, uid: string): boolean =>
  record !== undefined &&
  record.metadata.deletionTimestamp === undefined &&
  attachmentsOf(record).some((it) => it.uid === uid);

/** As the list says; of what it does not name any more, as it said last. */
function goesAlong({ status }: Instance, name: string, entry: VolumeSpec | undefined): boolean {
  if (entry) return entry.blank?.deleteOnTermination ?? false;
  return status?.volumes?.find((it) => it.name === name)?.deleteOnTermination ?? false;
}

/** KubeVirt keeps the status of a volume until its attachment pod is gone. */
function inGuest(
  vmi: VirtualMachineInstance | undefined,
  { name, claimName, entry }: Known,
): Pick<VolumeView, 'guest' | 'device' | 'detail'> {
  // What the list does not name may have the name of what it does.
  const isIt = (claim: string | undefined) => (entry ? claim !== undefined : claim === claimName);
  const isMeant = vmi?.spec.volumes?.some((it) => it.name === name && isIt(claimOf(it)));
  const status = vmi?.status?.volumeStatus?.find(
    (it) => it.name === name && (entry || isIt(it.persistentVolumeClaimInfo?.claimName ?? claimName)),
  );
  if (!isMeant) return { guest: status ? 'unplugging' : 'absent', detail: status?.message };
  if (status?.phase === 'Ready') return { guest: 'ready', device: status.target || undefined };
  return { guest: 'plugging', detail: status?.message };
}

type Wanted = Known & { entry: VolumeSpec; claim: PersistentVolumeClaim | undefined };

function obstacleOf(instance: Instance, caches: Caches, seen: Seen, wanted: Wanted): HeldBack | undefined {
  const { entry, claim, claimName } = wanted;
  const not = (reason: string, message: string): HeldBack => ({ reason, message });
  const what = `PersistentVolumeClaim ${claimName}`;
  if (entry.pvc && !claim) return not('VolumeNotFound', `${what} does not exist: create it`);
  if (entry.pvc && claim?.metadata.deletionTimestamp)
    return not('VolumeNotFound', `${what} is being deleted`);
  const twice = firstOf(instance, seen.vm, wanted);
  if (twice) return not('VolumeInUse', `${what} is that of ${twice.name} already: remove one`);
  if (spareOf(instance).has(claimName))
    return not('VolumeInUse', `${what} of an earlier move is still there: it is being deleted`);
  return (
    (claim && takenBy(instance, caches, entry, claim)) ??
    (entry.blank && keptTwice(instance, caches, entry)) ??
    (entry.shareable && claim && !claim.spec.accessModes?.includes('ReadWriteMany')
      ? not('VolumeNotShared', `${what} is not ReadWriteMany, which a shareable volume has to be`)
      : undefined) ??
    outOfReach(instance, caches, seen, wanted)
  );
}

/** Another entry for the same claim that comes before it in the list, or that the VM has. */
function firstOf(
  instance: Instance,
  vm: VirtualMachine | undefined,
  { entry, claimName }: Wanted,
): VolumeSpec | undefined {
  const entries = instance.spec.volumes ?? [];
  const has = new Set(pluggedOf(vm).volumes.map(({ name }) => name));
  return entries.find(
    (it, index) =>
      it !== entry &&
      claimNameOf(instance, it) === claimName &&
      (index < entries.indexOf(entry) || has.has(it.name)),
  );
}

/** Two writers on one disk destroy it. */
function takenBy(
  { metadata: { uid } }: Instance,
  caches: Caches,
  { shareable = false }: VolumeSpec,
  claim: PersistentVolumeClaim,
): HeldBack | undefined {
  const lives = (other: string) => caches.instances.byIndex('uid', other).length > 0;
  const { labels, name } = claim.metadata;
  const rootOf = labels?.[VOLUME_LABEL] === undefined ? labels?.[INSTANCE_UID_LABEL] : undefined;
  const what = `PersistentVolumeClaim ${name}`;
  if (rootOf !== undefined && lives(rootOf)) {
    const message = `${what} is the root disk of Instance ${labels?.[INSTANCE_LABEL]}`;
    return { reason: 'VolumeInUse', message };
  }
  const other = inTheWay(attachmentsOf(claim), { uid, shared: shareable }, lives);
  if (!other) return undefined;
  const message = `${what} is attached to Instance ${other.name}, and has one writer at a time: detach it there`;
  return { reason: 'VolumeInUse', message };
}

/** Nobody knows which of them it is. */
function keptTwice(instance: Instance, caches: Caches, { name }: VolumeSpec): HeldBack | undefined {
  const kept = keptUnder(instance, name, caches).map(({ claimName }) => claimName);
  if (kept.length < 2) return undefined;
  const message = `${kept.join(' and ')} were both made for it: delete the DataVolume that is not wanted`;
  return { reason: 'VolumeInUse', message };
}

/** A guest has its place before a volume is added, and does not move for it. */
function outOfReach(
  instance: Instance,
  caches: Caches,
  { claimNode }: Seen,
  { claimName, entry }: Wanted,
): HeldBack | undefined {
  if (claimNode === undefined || !isBuilt(instance)) return undefined;
  const facts = volumeFacts(caches, instance, { claimName, storageClassName: entry.blank?.storageClassName });
  const labels = caches.nodes.get(claimNode)?.metadata.labels;
  const selector = volumeSelectors([facts]).find((it) => !selectsNode(it, claimNode, labels));
  if (!selector) return undefined;
  const message = `the volume is where ${selectorText(selector)}, and the Instance on ${claimNode}: add it while the Instance is shelved, and unshelve it then`;
  return { reason: 'VolumeElsewhere', message };
}
