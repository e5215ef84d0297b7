/** What of Kubernetes' and CDI's objects the stand-in reads and writes. */
export interface Meta {
  name: string;
  namespace?: string;
  uid: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: { uid: string; controller?: boolean }[];
  deletionTimestamp?: string;
}

export interface Source {
  registry?: { url: string };
  pvc?: { namespace: string; name: string };
  blank?: object;
  http?: { url: string };
  upload?: object;
}

interface StorageSpec {
  accessModes?: string[];
  volumeMode?: string;
  storageClassName?: string;
  resources?: { requests?: { storage?: string } };
}

export interface DataVolume {
  metadata: Meta;
  spec: { source?: Source; storage?: StorageSpec; pvc?: StorageSpec };
  status?: { phase?: string; progress?: string; conditions?: object[]; claimName?: string };
}

export interface Claim {
  metadata: Meta;
  spec: StorageSpec & { volumeName?: string };
  status?: { phase?: string; capacity?: { storage?: string } };
}

export interface Volume {
  metadata: Meta;
  spec: {
    capacity: { storage: string };
    storageClassName?: string;
    claimRef?: { namespace: string; name: string; uid: string };
  };
  status?: { phase?: string };
}

export interface Pod {
  metadata: Meta;
  spec: { volumes?: { persistentVolumeClaim?: { claimName: string } }[] };
  status?: {
    phase?: string;
    containerStatuses?: ContainerStatus[];
    initContainerStatuses?: ContainerStatus[];
  };
}

interface ContainerStatus {
  name: string;
  restartCount: number;
  state?: {
    waiting?: { reason?: string; message?: string };
    terminated?: { exitCode: number; message?: string };
  };
  lastState?: { terminated?: { exitCode: number; message?: string } };
}

/** All that the stand-in looks at, as it was at one moment. */
export interface World {
  dataVolumes: DataVolume[];
  claims: Claim[];
  volumes: Volume[];
  pods: Pod[];
}

export const keyOf = ({ metadata: { namespace, name } }: { metadata: Meta }): string =>
  `${namespace}/${name}`;
