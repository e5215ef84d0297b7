/** API group of every Berth kind. */
export const GROUP = 'compute.berth.dev';
export const VERSION = 'v1alpha1';
export const API_VERSION = `${GROUP}/${VERSION}`;

/** A Node that carries this label becomes a ComputeNode. */
export const COMPUTE_NODE_LABEL = `${GROUP}/compute-node`;

/** The scheduling gate on every pod that carries a guest of Berth's. */
export const PLACEMENT_GATE = `${GROUP}/placement`;

/** Kept on an Instance until its VM, its pods and its claim are gone. Set at admission. */
export const INSTANCE_FINALIZER = `${GROUP}/instance`;

/** Kept on an Image whose disk a volume holds, while root disks are cloned from it. */
export const IMAGE_FINALIZER = `${GROUP}/image`;

/** Kept on a pod that carries a guest until that guest is proven off, whoever deletes the pod and how. Set at admission. */
export const GUEST_FINALIZER = `${GROUP}/guest`;

/** Labels that Berth puts on a VM's template, and that reach its VMI and its pods. */
export const INSTANCE_LABEL = `${GROUP}/instance`;
export const INSTANCE_UID_LABEL = `${GROUP}/instance-uid`;

/** On the DataVolume that holds an Image, and its claim: the Image's name. */
export const IMAGE_LABEL = `${GROUP}/image`;

/** `req-` and a UUID: set by a user on an Instance to name the next operation's request id. */
export const REQUEST_ID_ANNOTATION = `${GROUP}/request-id`;

/** On a volume that was made for an Instance: its name in spec.volumes. */
export const VOLUME_LABEL = `${GROUP}/volume`;

/** On a PersistentVolumeClaim: the Instances that it is attached to, as JSON. Written by compare-and-swap. */
export const ATTACHED_TO_ANNOTATION = `${GROUP}/attached-to`;

/** On what KubeVirt is asked to do: the same, as a label. */
export const REQUEST_ID_LABEL = REQUEST_ID_ANNOTATION;

/** On an InstanceAction or InstanceMigration: the user that made it. Set at admission; a user's own word is refused. */
export const REQUESTED_BY_ANNOTATION = `${GROUP}/requested-by`;

/** On an Instance: `GENERATION:USER`, who made its spec what it is at that generation. Set at admission, in the same write. */
export const CHANGED_BY_ANNOTATION = `${GROUP}/changed-by`;

/** On InstanceMigrations that empty a node: the node's name. */
export const MAINTENANCE_LABEL = `${GROUP}/maintenance-of`;

/** On a migration that KubeVirt made: why it has no place, so that it failed. */
export const REFUSED_ANNOTATION = `${GROUP}/refused`;

/** On a migration that KubeVirt made: the node that kube-scheduler refused it. */
export const REFUSED_NODE_ANNOTATION = `${GROUP}/refused-node`;

/** On a VM: whether an operation last asked it to be Running or Stopped; a guest that goes off by itself changes nothing. */
export const ASKED_POWER_ANNOTATION = `${GROUP}/asked-power-state`;

/** On a Namespace: the SchedulerProfile of its Instances that name none. */
export const SCHEDULER_PROFILE_LABEL = `${GROUP}/scheduler-profile`;

/** Field managers, one for each controller that writes. */
export const FIELD_MANAGERS = {
  instance: 'berth-instance',
  request: 'berth-request',
  computeNode: 'berth-computenode',
  placement: 'berth-placement',
  image: 'berth-image',
  keyPair: 'berth-keypair',
  flavor: 'berth-flavor',
  hostAggregate: 'berth-hostaggregate',
  placementProbe: 'berth-placementprobe',
  serverGroup: 'berth-servergroup',
  schedulerProfile: 'berth-schedulerprofile',
} as const;
