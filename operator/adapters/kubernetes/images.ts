import { INSTANCE_LABEL, INSTANCE_UID_LABEL, REQUEST_ID_ANNOTATION } from '#api/constants.ts';
import { IMAGE, type Image } from '#api/image.ts';
import type { Instance } from '#api/instance.ts';
import { rootClaimOf } from '#core/lifecycle/disk-record.ts';
import type { ImageMaker, NewImage } from '#ports/image-maker.ts';
import type { KubeClient } from '#runtime/client.ts';
import { isAlreadyExists, isNotFound } from '#runtime/errors.ts';
import { keyOf, type Manifest } from '#runtime/resource.ts';

/** Images in the Instance's namespace. `observe` is shown what was made, so that the cache does not lag behind it. */
export function kubernetesImages(client: KubeClient, observe: (image: Image) => void): ImageMaker {
  return {
    async make(instance, image, requestId) {
      const manifest = manifestOf(instance, image, requestId);
      try {
        observe(await client.create<Image>(IMAGE, manifest));
        return 'made';
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
        const there = await client.get<Image>(IMAGE, keyOf(manifest));
        if (!isOf(there, requestId)) return 'taken';
        observe(there);
        return 'made';
      }
    },
    async drop({ metadata: { name, namespace } }, requestId) {
      const labelSelector = `${INSTANCE_LABEL}=${name}`;
      const { items } = await client.list<Image>(IMAGE, { namespace, labelSelector });
      for (const it of items.filter((image) => isOf(image, requestId)))
        await client
          .delete(IMAGE, keyOf(it), { preconditions: { uid: it.metadata.uid } })
          .catch((error: unknown) => {
            if (!isNotFound(error)) throw error;
          });
    },
  };
}

const isOf = ({ metadata }: Image, requestId: string): boolean =>
  metadata.annotations?.[REQUEST_ID_ANNOTATION] === requestId;

/** No owner: it outlives the Instance, as Nova's images do. */
function manifestOf(
  instance: Instance,
  { name, image, flavor }: NewImage,
  requestId: string,
): Manifest & object {
  const { namespace, name: instanceName, uid } = instance.metadata;
  const { properties, minMemoryMiB } = image;
  const { storageClassName } = instance.spec.rootDisk;
  return {
    metadata: {
      name,
      namespace,
      labels: { [INSTANCE_LABEL]: instanceName, [INSTANCE_UID_LABEL]: uid },
      annotations: { [REQUEST_ID_ANNOTATION]: requestId },
    },
    spec: {
      source: { pvc: { name: rootClaimOf(instance) } },
      format: 'raw',
      minDiskGiB: flavor.rootDiskGiB,
      ...(minMemoryMiB !== undefined && { minMemoryMiB }),
      ...(properties && { properties }),
      ...(storageClassName !== undefined && { storageClassName }),
    },
  };
}
