import { isMadeFor } from '#adapters/kubevirt/plugged-volumes.ts';
import type { DataVolume } from '#adapters/kubevirt/types.ts';
import type { Instance } from '#api/instance.ts';
import { claimOfDisk, type DiskClaim, diskRecordOf, spareClaimsOf } from '#core/lifecycle/disk-record.ts';
import type { Caches } from '../caches.ts';

/**
 * Blank volumes of the list that an earlier Instance of this name, or this one, kept under another claim than their first one: a live
 * migration had taken them there. What has its first name goes before. Of several under one name none is: the view says so.
 */
export function keptVolumes(instance: Instance, caches: Pick<Caches, 'dataVolumes'>): DiskClaim[] {
  const known = new Set(diskRecordOf(instance).moved.map(({ name }) => name));
  return (instance.spec.volumes ?? [])
    .filter(({ blank, name }) => blank && !known.has(name))
    .flatMap(({ name }) => {
      const kept = keptUnder(instance, name, caches);
      return kept.length === 1 ? kept : [];
    });
}

/** Claims that may be the volume of this name, where none has its first name. */
export function keptUnder(
  instance: Instance,
  name: string,
  { dataVolumes }: Pick<Caches, 'dataVolumes'>,
): DiskClaim[] {
  const { namespace, name: instanceName } = instance.metadata;
  if (dataVolumes.get(`${namespace}/${claimOfDisk(instance, name)}`)) return [];
  const others = new Set([
    ...spareClaimsOf(instance).map(({ claimName }) => claimName),
    ...(instance.spec.volumes ?? []).map(({ pvc }) => pvc?.name),
  ]);
  const isKept = (it: DataVolume) =>
    !it.metadata.deletionTimestamp && isMadeFor(it, instance, name) && !others.has(it.metadata.name);
  return dataVolumes
    .byIndex('madeFor', `${namespace}/${instanceName}/${name}`)
    .filter(isKept)
    .map(({ metadata }) => ({ name, claimName: metadata.name }));
}
