import { attachmentsOf } from '#adapters/kubernetes/attachments.ts';
import type { PersistentVolumeClaim } from '#adapters/kubernetes/storage.ts';
import { claimNameOf } from '#adapters/kubevirt/plugged-volumes.ts';
import type { VirtualMachineInstance } from '#adapters/kubevirt/types.ts';
import type { Image } from '#api/image.ts';
import type { Instance } from '#api/instance.ts';

/** Volumes and interfaces that are not as the spec lists them, without a word why; each in a sentence. */
export function notAsListed(
  instance: Instance,
  vmis: readonly VirtualMachineInstance[],
  isTold: boolean,
): string[] {
  const { metadata, spec, status } = instance;
  const vmi = vmis.find((it) => it.metadata.name === metadata.name);
  const isOn = status?.powerState === 'Running' || status?.powerState === 'Paused';
  const plugged = (vmi?.status?.volumeStatus ?? []).filter((it) => it.hotplugVolume);
  const ready = plugged.filter(({ phase }) => phase === 'Ready').map(({ name }) => name);
  const inDomain = (vmi?.status?.interfaces ?? []).filter((it) => it.infoSource?.includes('domain'));
  const namesOf = (list: readonly { name?: string | undefined }[]) => list.map(({ name }) => name ?? '');
  return [
    ...differing('status.volumes', namesOf(spec.volumes ?? []), attachedOf(status?.volumes), isTold),
    ...differing('status.networks', namesOf(spec.networks ?? []), attachedOf(status?.networks), isTold),
    ...(isOn ? otherThanSaid('volumes in the guest', status.volumes, ready) : []),
    ...(isOn && status.networks
      ? otherThanSaid('interfaces of the guest', status.networks, namesOf(inDomain))
      : []),
  ].map((it) => `${metadata.name}: ${it}`);
}

/** What is said to be attached is in the guest, and nothing else but what is on its way. */
function otherThanSaid(what: string, said: Attachments = [], inGuest: readonly string[]): string[] {
  const attached = said.filter(({ phase }) => phase === 'Attached').map(({ name }) => name);
  const onTheWay = said.filter(({ phase }) => phase === 'Attaching' || phase === 'Detaching');
  const settled = inGuest.filter((name) => !onTheWay.some((it) => it.name === name));
  return differing(what, attached, settled, false);
}

type Attachments = readonly { name: string; phase: string }[];

const attachedOf = (list: Attachments = []): string[] =>
  list.map(({ name, phase }) => (phase === 'Attached' ? name : `${name} ${phase}`));

function differing(
  what: string,
  wanted: readonly string[],
  is: readonly string[],
  isTold: boolean,
): string[] {
  const isSame = `${wanted.toSorted()}` === `${is.toSorted()}`;
  return isSame || isTold ? [] : [`${what}: [${is}] and not [${wanted}]`];
}

/** Claims that say that an Instance has them which neither has nor wants them. */
export function heldInVain(
  claims: readonly PersistentVolumeClaim[],
  instances: readonly Instance[],
): string[] {
  const wants = (uid: string, claimName: string) =>
    instances.some(
      (it) =>
        it.metadata.uid === uid &&
        (it.spec.volumes?.some((entry) => claimNameOf(it, entry) === claimName) ||
          it.status?.volumes?.some((volume) => volume.claimName === claimName)),
    );
  return claims.flatMap((claim) =>
    attachmentsOf(claim)
      .filter(({ uid }) => !wants(uid, claim.metadata.name))
      .map(({ name }) => `PersistentVolumeClaim ${claim.metadata.name} says that ${name} has it`),
  );
}

/** Images that were made of a root disk, and are not full although nothing is in flight any more. */
export const halfMade = (images: readonly Image[]): string[] =>
  images
    .filter(({ status }) => status?.stage !== 'Ready')
    .map(({ metadata, status }) => `Image ${metadata.name} is ${status?.stage}`);
