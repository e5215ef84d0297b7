import type { Site } from '../site.ts';

const API = 'compute.berth.dev/v1alpha1';

export const flavor = (name: string, memory: string, vcpus = 1) => ({
  apiVersion: API,
  kind: 'Flavor',
  metadata: { name },
  spec: { vcpus, memory, rootDisk: '1Gi' },
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

/** An empty volume that several nodes share, made by CDI. */
export const blankVolume = ({ storageClass }: Site, name: string) => ({
  apiVersion: 'cdi.kubevirt.io/v1beta1',
  kind: 'DataVolume',
  metadata: { name, namespace: 'default' },
  spec: {
    source: { blank: {} },
    storage: {
      storageClassName: storageClass,
      accessModes: ['ReadWriteMany'],
      resources: { requests: { storage: '1Gi' } },
    },
  },
});
