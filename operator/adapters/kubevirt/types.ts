import type {
  V1VirtualMachine,
  V1VirtualMachineInstance,
  V1VirtualMachineInstanceMigration,
} from '@kubevirt-ui-ext/kubevirt-api/kubevirt';
import type { KubeObject, Resource } from '#runtime/resource.ts';

/** KubeVirt's kinds with Berth's view of metadata; spec and status are the published typings'. */
export type VirtualMachine = KubeObject & Pick<V1VirtualMachine, 'spec' | 'status'>;
export type VirtualMachineInstance = KubeObject & Pick<V1VirtualMachineInstance, 'spec' | 'status'>;
export type VirtualMachineInstanceMigration = KubeObject &
  Pick<V1VirtualMachineInstanceMigration, 'spec' | 'status'>;

/** CDI's DataVolume: the part that Berth writes and reads. */
export interface DataVolume extends KubeObject {
  spec: {
    source: Record<string, unknown>;
    storage: {
      resources: { requests: { storage: string } };
      storageClassName?: string;
      accessModes?: string[];
      volumeMode?: string;
    };
  };
  status?: {
    phase?: string;
    progress?: string;
    conditions?: {
      type: string;
      status: string;
      reason?: string;
      message?: string;
      lastTransitionTime?: string;
    }[];
  };
}

const kubevirt = (plural: string, kind: string): Resource => ({
  group: 'kubevirt.io',
  version: 'v1',
  plural,
  kind,
  namespaced: true,
});

export const VM = kubevirt('virtualmachines', 'VirtualMachine');
export const VMI = kubevirt('virtualmachineinstances', 'VirtualMachineInstance');
export const KUBEVIRT = kubevirt('kubevirts', 'KubeVirt');
export const VMIM = kubevirt('virtualmachineinstancemigrations', 'VirtualMachineInstanceMigration');
export const DATA_VOLUME: Resource = {
  group: 'cdi.kubevirt.io',
  version: 'v1beta1',
  plural: 'datavolumes',
  kind: 'DataVolume',
  namespaced: true,
};

/** Labels and annotations that KubeVirt puts on launcher pods (kubevirt.io/api/core/v1/types.go). */
/** On a pod: the uid of its VirtualMachineInstance. */
export const CREATED_BY_LABEL = 'kubevirt.io/created-by';
export const MIGRATION_JOB_LABEL = 'kubevirt.io/migrationJobUID';
export const LAUNCHER_LABEL = { key: 'kubevirt.io', value: 'virt-launcher' } as const;
export const TEMPORARY_POD_ANNOTATION = 'kubevirt.io/ephemeral-provisioning';
/** On migrations that KubeVirt asks for by itself: the node that is drained, or that a VM is out of date. */
export const EVACUATION_ANNOTATION = 'kubevirt.io/evacuationMigration';
export const WORKLOAD_UPDATE_ANNOTATION = 'kubevirt.io/workloadUpdateMigration';

export const HEARTBEAT_ANNOTATION = 'kubevirt.io/heartbeat';
export const SCHEDULABLE_LABEL = 'kubevirt.io/schedulable';
