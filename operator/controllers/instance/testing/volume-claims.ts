import { attachedTo, attachmentsOf } from '#adapters/kubernetes/attachments.ts';
import type { PersistentVolumeClaim } from '#adapters/kubernetes/storage.ts';
import { claimNameOf } from '#adapters/kubevirt/plugged-volumes.ts';
import { INSTANCE_LABEL, INSTANCE_UID_LABEL, VOLUME_LABEL } from '#api/constants.ts';
import type { Instance } from '#api/instance.ts';
import type { VolumeSpec } from '#api/instance-volumes.ts';
import type { KubeObject } from '#runtime/resource.ts';
import { object } from './objects.ts';
import { locate } from './places.ts';
import type { Scene } from './scene.ts';

/** @throws where another Instance has one. */
export function reserve(scene: Scene, instance: Instance, names: readonly string[]): VolumeSpec[] {
  const entries = (instance.spec.volumes ?? []).filter(({ name }) => names.includes(name));
  for (const entry of entries) {
    const claimName = claimNameOf(instance, entry);
    const claim = scene.caches.volumeClaims.get(`default/${claimName}`) ?? makeBlank(scene, entry, claimName);
    const { uid, name } = instance.metadata;
    if (attachmentsOf(claim).some((it) => it.uid !== uid)) throw new Error(`mishap: ${claimName} is taken`);
    scene.attach(claim, attachedTo([{ name, uid, shared: entry.shareable ?? false }]));
  }
  return entries;
}

function makeBlank(scene: Scene, { name }: VolumeSpec, claimName: string): PersistentVolumeClaim {
  const kept = scene.caches.dataVolumes.byIndex('madeFor', `default/web/${name}`);
  if (kept.length > 0)
    throw new Error(`makes an empty ${name}, and ${kept[0]?.metadata.name} has what was written`);
  scene.kubevirt.contents.set(claimName, 'all');
  makeClaim(scene, name, claimName);
  locate(scene, claimName, scene.kubevirt.vmi?.status?.nodeName ?? scene.claimed[0]);
  return scene.caches.volumeClaims.get(`default/${claimName}`) as PersistentVolumeClaim;
}

/** Of a volume that is made for the Instance; with a uid, that has it from birth. */
export function makeClaim(
  scene: Scene,
  name: string,
  claimName: string,
  uid?: string,
): PersistentVolumeClaim {
  const labels = { [INSTANCE_LABEL]: 'web', [INSTANCE_UID_LABEL]: 'uid-web', [VOLUME_LABEL]: name };
  const made = (kind: string) =>
    object<KubeObject>(kind, claimName, { spec: {} }, { namespace: 'default', labels });
  scene.put('dataVolumes', made('DataVolume'));
  const claim = made('PersistentVolumeClaim') as PersistentVolumeClaim;
  scene.put('volumeClaims', claim);
  if (uid !== undefined) scene.attach(claim, attachedTo([{ name: 'web', uid, shared: false }]));
  return claim;
}

export function release(
  scene: Scene,
  { metadata: { uid } }: Instance,
  claimName: string,
  goes: boolean,
): void {
  const claim = scene.caches.volumeClaims.get(`default/${claimName}`);
  if (!claim) return;
  const left = attachmentsOf(claim).filter((it) => it.uid !== uid);
  if (!goes) {
    scene.attach(claim, attachedTo(left));
    return;
  }
  const made = scene.caches.dataVolumes.get(`default/${claimName}`);
  if (made) scene.kubevirt.remove(scene.caches.dataVolumes, made);
  scene.kubevirt.remove(scene.caches.volumeClaims, claim);
}
