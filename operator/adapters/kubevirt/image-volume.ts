import { API_VERSION, IMAGE_LABEL } from '#api/constants.ts';
import type { Image } from '#api/image.ts';
import { imageClaimName } from '#core/images/built-image.ts';
import type { ImageVolume } from '#core/images/standing.ts';
import { parseGiB } from '#core/quantity.ts';
import type { KubeObject, Manifest } from '#runtime/resource.ts';
import type { DataVolume } from './types.ts';

/** Binds a volume at once, though its class waits for a consumer: nothing will ever consume it (CDI's docs). */
const BIND_AT_ONCE = 'cdi.kubevirt.io/storage.bind.immediate.requested';

/** The DataVolume that holds what an Image downloads or copies. It goes with the Image. */
export function imageVolumeManifest({ metadata, spec }: Image, sizeGiB: number): Manifest & object {
  const { name, namespace, uid } = metadata;
  const { http, pvc } = spec.source;
  const owner = { apiVersion: API_VERSION, kind: 'Image', name, uid, controller: true };
  return {
    metadata: {
      name: imageClaimName(name),
      namespace,
      labels: { [IMAGE_LABEL]: name },
      annotations: { [BIND_AT_ONCE]: 'true' },
      ownerReferences: [owner],
    },
    spec: {
      source: http ? { http } : { pvc: { namespace, name: pvc?.name } },
      storage: {
        resources: { requests: { storage: `${sizeGiB}Gi` } },
        ...(spec.storageClassName && { storageClassName: spec.storageClassName }),
      },
    },
  };
}

export const isVolumeOf = ({ metadata }: KubeObject, image: Image): boolean =>
  metadata.ownerReferences?.some(({ uid }) => uid === image.metadata.uid) ?? false;

export function imageVolumeView({ spec, status }: DataVolume): ImageVolume {
  return {
    phase: status?.phase ?? 'Pending',
    progress: status?.progress,
    failure: failureOf(status),
    sizeGiB: parseGiB(spec.storage.resources.requests.storage, 'up'),
  };
}

/** Why CDI's last attempt failed. */
export function failureOf(status: DataVolume['status']): string | undefined {
  const isFailure = ({ type, status: holds, reason }: { type: string; status: string; reason?: string }) =>
    type === 'Running' && holds === 'False' && reason === 'Error';
  return status?.conditions?.find(isFailure)?.message;
}
