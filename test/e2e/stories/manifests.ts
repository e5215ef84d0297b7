import type { Site } from '../site.ts';

const API = 'compute.berth.dev/v1alpha1';

export const flavor = (name: string, memory: string, rootDisk = '1Gi') => ({
  apiVersion: API,
  kind: 'Flavor',
  metadata: { name },
  spec: { vcpus: 1, memory, rootDisk },
});

export const instance = ({ image }: Site, name: string, spec: object) => ({
  apiVersion: API,
  kind: 'Instance',
  metadata: { name, namespace: 'default' },
  spec: { flavorRef: { name: 'tiny' }, image: { containerDisk: image }, ...spec },
});

/** A root disk that outlives its guest, on a volume that several nodes share. */
export const persistentRoot = ({ storageClass }: Site) => ({
  rootDisk: { storageClassName: storageClass, accessMode: 'ReadWriteMany' },
});

export const EPHEMERAL_ROOT = { rootDisk: { ephemeral: true } };
