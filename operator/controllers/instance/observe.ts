import { diskOf, guestView } from '#adapters/kubevirt/guest-view.ts';
import { belongsTo } from '#adapters/kubevirt/ownership.ts';
import {
  hotplugsVolumes,
  liveUpdates,
  notPassedThrough,
  passthroughOf,
} from '#adapters/kubevirt/passthrough.ts';
import { isMadeFor } from '#adapters/kubevirt/plugged-volumes.ts';
import { REQUEST_ID_ANNOTATION } from '#api/constants.ts';
import type { Image } from '#api/image.ts';
import type { Instance, InstanceStatus } from '#api/instance.ts';
import { homeOf } from '#core/claims/settle.ts';
import { whyLost } from '#core/computenode/lost.ts';
import { type ImageSources, whyNotAllowed } from '#core/images/allow-list.ts';
import { type BuiltImage, isUsable } from '#core/images/built-image.ts';
import { imageMismatch } from '#core/images/fit.ts';
import { claimOfDisk, type DiskClaim, diskRecordOf, ROOT, rootClaimOf } from '#core/lifecycle/disk-record.ts';
import { type BuiltFlavor, mismatch } from '#core/lifecycle/guest-size.ts';
import type { GuestView } from '#core/lifecycle/guest-view.ts';
import { cordoned } from '#core/lifecycle/move-volume.ts';
import { recordedNodeOf } from '#core/lifecycle/resize-record.ts';
import type { HeldPlace, InstanceView } from '#core/lifecycle/situation.ts';
import type { Ledgers } from '#ports/ledgers.ts';
import { type KubeObject, keyOf } from '#runtime/resource.ts';
import type { Caches } from '../caches.ts';
import { unprovenPods } from '../fence/unproven-pods.ts';
import { builtImageOf } from '../images.ts';
import { groupNodeOf } from '../placement/claim-node.ts';
import { disksOutOfReach, reaches } from '../placement/volumes.ts';
import { requestInFlight, requestsOf } from '../request/requests-of.ts';
import type { InstanceDependencies } from './dependencies.ts';
import { keptVolumes } from './kept-volumes.ts';
import { networkViews } from './networks.ts';
import { missingReference } from './references.ts';
import { volumeViews } from './volumes.ts';

export interface Observed extends InstanceView {
  /** As built with, else as it would be; undefined while the Flavor is missing. */
  flavor: BuiltFlavor | undefined;
}

export type ObserveDependencies = Pick<
  InstanceDependencies,
  | 'caches'
  | 'ledgers'
  | 'profiles'
  | 'flavors'
  | 'allowedImages'
  | 'judgeRebuild'
  | 'confirmWindowMs'
  | 'progress'
  | 'now'
>;

/** All that is known of an Instance, from the caches. */
export function observe(
  instance: Instance,
  {
    caches,
    ledgers,
    profiles,
    flavors,
    allowedImages: allowed,
    judgeRebuild: judge,
    confirmWindowMs,
    progress,
    now,
  }: ObserveDependencies,
): Observed {
  const { uid } = instance.metadata;
  const key = keyOf(instance);
  const [vm, vmi] = [caches.vms.get(key), caches.vmis.get(key)];
  const own = <T extends KubeObject>(it: T | undefined) => (it && belongsTo(it, uid) ? it : undefined);
  const guest = guestView({
    vm: own(vm),
    vmi: own(vmi),
    pods: caches.pods.byIndex('instance', uid),
    migrations: caches.migrations.byIndex('guest', key),
    dataVolume: instance.spec.rootDisk.ephemeral ? null : diskNamed(rootClaimOf(instance), instance, caches),
  });
  const flavor = flavors.of(instance);
  const isMade = hasDisk(guest);
  const image = builtImageOf(caches, instance, isMade);
  const choice = profiles.of(instance);
  const claims = claimsOf(instance, ledgers);
  const claimNode = claimNodeOf(instance, caches, { guestNode: guest.nodeName, claims });
  const wanted = caches.flavors.get(instance.spec.flavorRef.name);
  return {
    instance,
    guest,
    flavor,
    image,
    rescueRefused: instance.spec.rescue?.image && whyNotAllowed(instance.spec.rescue.image, allowed),
    placement: progress.placementOf(instance),
    claimNode,
    claims,
    wanted: wanted && flavors.build(wanted),
    confirmWindowMs,
    volumes: volumeViews(instance, caches, { vm: own(vm), vmi: own(vmi), claimNode }),
    networks: networkViews(instance, caches, { vm: own(vm), vmi: own(vmi) }),
    hotplugsVolumes: hotplugsVolumes(caches.kubeVirts.list()),
    liveUpdates: liveUpdates(caches.kubeVirts.list()),
    homeLost: whyLost(caches.computeNodes.get(claimNode ?? '')),
    homeDown: caches.computeNodes.get(claimNode ?? '')?.status?.state === 'Down',
    now: now(),
    missing: missingReference(instance, caches, flavor, {
      claimNode,
      choice,
      image,
      hasDisk: isMade,
    }),
    invalid:
      flavor &&
      (mismatch(flavor, instance.spec) ??
        (isMade ? undefined : withImage(image, flavor, instance, allowed)) ??
        withoutDevices(flavor, caches)),
    unproven: unprovenPods(caches, uid),
    foreignVm: vm !== undefined && !belongsTo(vm, uid),
    requests: requestsOf(instance, caches, { caches, allowed, judge }),
    asking: requestInFlight(instance, caches),
    madeImage: madeImageOf(instance, caches),
    targetClaim: targetClaimOf(instance, ledgers),
    ...otherDisks(instance, caches),
    ...moveOfDisks(instance, caches),
    maxAttempts: (choice.kind === 'chosen' ? choice.profile : profiles.fallback).maxAttempts,
  };
}

/** What was said at admission as well, unless the webhook was away or the Image came later. */
function withImage(
  image: BuiltImage | undefined,
  flavor: BuiltFlavor,
  { spec }: Instance,
  allowed: ImageSources,
): string | undefined {
  if (!image) return undefined;
  const refused = whyNotAllowed(image, allowed);
  if (refused !== undefined) return `${spec.image ? 'spec.image' : 'spec.imageRef'}: ${refused}`;
  const mismatched = imageMismatch(image, flavor, spec);
  return mismatched && `${mismatched.field}: ${mismatched.message}`;
}

/** From then on the Image itself is not needed any more. */
const hasDisk = ({ disk, vm }: GuestView): boolean => disk?.exists ?? vm !== undefined;

const withoutDevices = ({ devices }: BuiltFlavor, { kubeVirts }: Caches): string | undefined =>
  devices && notPassedThrough(devices, passthroughOf(kubeVirts.list()));

function diskNamed(claimName: string, { metadata }: Instance, caches: Caches) {
  const found = caches.dataVolumes.get(`${metadata.namespace}/${claimName}`);
  return found && belongsTo(found, metadata.uid) ? found : undefined;
}

/** What disks are being copied to, claims that they have left, and where volumes were kept. */
function otherDisks(
  instance: Instance,
  caches: Caches,
): Pick<InstanceView, 'copyDisks' | 'lostDisks' | 'leftDisks' | 'keptVolumes'> {
  const { copy, left } = diskRecordOf(instance);
  const copies = (copy?.disks ?? []).map((it) => [it.claimName, diskOf(ownDisk(it, instance, caches))]);
  const leftDisks = left.flatMap((it) => {
    const old = ownDisk(it, instance, caches);
    if (old) return [{ ...it, isDeleting: old.metadata.deletionTimestamp !== undefined }];
    return isClaimThere(it, instance, caches) ? [{ ...it, isDeleting: true }] : [];
  });
  const names = (copy?.disks ?? []).map(({ name }) => name);
  return {
    copyDisks: Object.fromEntries(copies),
    lostDisks: names.filter(
      (name) => !ownDisk({ name, claimName: claimOfDisk(instance, name) }, instance, caches),
    ),
    leftDisks,
    keptVolumes: keptVolumes(instance, caches),
  };
}

/** What a move of a guest that is off has to know of its two nodes. */
function moveOfDisks(
  instance: Instance,
  caches: Caches,
): Pick<InstanceView, 'outOfReach' | 'unfitNodes' | 'copyReach'> {
  const { sourceNode, targetNode } = instance.status?.resize ?? {};
  const nodes = [sourceNode, targetNode].filter((it) => it !== undefined);
  const { copy } = diskRecordOf(instance);
  const unfit = nodes.map((it) => [it, whyUnfit(it, caches)] as const);
  const copies = (copy?.disks ?? []).map(
    ({ claimName }) =>
      [
        claimName,
        reaches(caches, `${instance.metadata.namespace}/${claimName}`, copy?.nodeName ?? ''),
      ] as const,
  );
  return {
    outOfReach: Object.fromEntries(nodes.map((it) => [it, disksOutOfReach(caches, instance, it)])),
    unfitNodes: known(unfit),
    copyReach: known(copies),
  };
}

const known = <T>(entries: (readonly [string, T | undefined])[]): Record<string, T> =>
  Object.fromEntries(entries.filter((it): it is [string, T] => it[1] !== undefined));

function whyUnfit(nodeName: string, { computeNodes, nodes }: Caches) {
  const node = nodes.get(nodeName);
  const lost = whyLost(computeNodes.get(nodeName)) ?? (node ? undefined : `${nodeName} is no Node any more`);
  if (lost !== undefined)
    return { code: 'NodeDown', message: `${lost}. Nothing is copied from its disk, or to it` };
  return node?.spec?.unschedulable ? cordoned(nodeName) : undefined;
}

/** Of a volume: as long as its claim is there, which follows its DataVolume, it says that the Instance has it. */
const isClaimThere = ({ name, claimName }: DiskClaim, { metadata }: Instance, caches: Caches): boolean =>
  name !== ROOT && caches.volumeClaims.get(`${metadata.namespace}/${claimName}`) !== undefined;

/** A volume may have been made for an earlier Instance of the name. */
function ownDisk({ name, claimName }: DiskClaim, instance: Instance, caches: Caches) {
  if (name === ROOT) return diskNamed(claimName, instance, caches);
  const found = caches.dataVolumes.get(`${instance.metadata.namespace}/${claimName}`);
  return found && isMadeFor(found, instance, name) ? found : undefined;
}

/** That of the request in flight; once the Instance is deleted, what is left half made of it, whoever asked for that. */
function madeImageOf({ metadata, status }: Instance, { images }: Caches): InstanceView['madeImage'] {
  const { name, requestId: inFlight } = status?.operation ?? {};
  const asked = name === 'CreateImage' && inFlight !== undefined ? images.byIndex('request', inFlight) : [];
  const left = metadata.deletionTimestamp
    ? images.byIndex('madeOf', metadata.uid).filter((it) => !isUsable(it) && !wasFinished(it, status))
    : [];
  const made = [...left, ...asked].find(
    (it) => it.metadata.namespace === metadata.namespace && !it.metadata.deletionTimestamp,
  );
  const requestId = made && madeFor(made);
  if (!made || requestId === undefined) return undefined;
  const detail =
    made.status?.conditions?.find(({ type }) => type === 'Ready')?.message ?? 'not looked at yet';
  return { name: made.metadata.name, requestId, ready: isUsable(made), detail };
}

const madeFor = ({ metadata }: Image): string | undefined => metadata.annotations?.[REQUEST_ID_ANNOTATION];

/** Was it full once? Then it is its owner's, whatever became of it since. */
function wasFinished(image: Image, { lastOperations = [], rememberedRequests = [] }: InstanceStatus = {}) {
  const requestId = madeFor(image);
  return [...lastOperations, ...rememberedRequests].some(
    (it) => it.requestId === requestId && it.result === 'Succeeded',
  );
}

function claimsOf(instance: Instance, ledgers: Ledgers): HeldPlace[] {
  const own = ledgers.ofInstance(instance.metadata.uid).filter(({ claim }) => claim.ownerKind === 'Instance');
  return own.map(({ nodeName, claim }) => ({ nodeName, ...claim }));
}

/** Claims of a move are its InstanceMigration's until it has ended. */
function targetClaimOf({ metadata, status }: Instance, ledgers: Ledgers): string | undefined {
  const requestId = status?.operation?.requestId;
  const claims = ledgers.ofInstance(metadata.uid);
  const own = claims.find(({ claim }) => claim.ownerKind !== 'Instance' && claim.requestId === requestId);
  return own?.nodeName;
}

function claimNodeOf(
  instance: Instance,
  caches: Caches,
  { guestNode, claims }: { guestNode: string | undefined; claims: readonly HeldPlace[] },
): string | undefined {
  const claimedNodes = claims.map(({ nodeName }) => nodeName);
  const groupNode = groupNodeOf(caches, instance, claimedNodes);
  return homeOf({ guestNode, groupNode, recordedNode: recordedNodeOf(instance), claimedNodes });
}
