import type { OperationName } from '#api/instance.ts';

/** What a person on call reads about an operation, beside its row in OPERATION_TABLE. */
export interface OperationGuide {
  /** What to write to have it done. */
  ask: string;
  /** What it does on KubeVirt. */
  how: string;
  /** What to do when it failed or hangs. */
  wayOut: string;
}

const SEE_BOOT = 'Look at the pod and the VMI: an image, a volume or the node. Mend that, then ask again.';

export const OPERATION_GUIDE: Readonly<Record<OperationName, OperationGuide>> = {
  Create: {
    ask: 'an Instance',
    how: 'A node is chosen and claimed, then a DataVolume for the root disk and a VirtualMachine are made; the pod is let through the gate to the claimed node.',
    wayOut:
      'status.fault says what was waited for. Mend it, then set another request id, or delete the Instance.',
  },
  Start: {
    ask: '`powerState: Running`; `start` for a guest that went off by itself',
    how: "The VM's run strategy becomes Once; the pod goes to the node that keeps the place.",
    wayOut: SEE_BOOT,
  },
  Stop: {
    ask: '`powerState: Stopped`',
    how: 'Run strategy Halted: the guest is asked to shut down, and ended by force after 60 seconds. Claim and volumes stay.',
    wayOut: 'A pod that does not end is on a node that does not answer: see the ComputeNode.',
  },
  SoftReboot: {
    ask: '`reboot: {type: Soft}`',
    how: "VMI subresource softreboot: the guest's agent, else ACPI. Done when the agent answers anew; reset if it does not in time. Without an agent it ends when the guest was asked.",
    wayOut: 'Ask for a hard reboot, which takes the place of a soft one under way.',
  },
  HardReboot: {
    ask: '`reboot: {type: Hard}`',
    how: 'VMI subresource reset, in place. If the launcher does not answer, the VMI is deleted, and another pod starts on the same node.',
    wayOut: SEE_BOOT,
  },
  Pause: {
    ask: '`powerState: Paused`',
    how: 'VMI subresource pause: the processors are held.',
    wayOut: "The launcher does not answer: a hard reboot is the guest's way out.",
  },
  Unpause: {
    ask: '`powerState: Running`',
    how: 'VMI subresource unpause.',
    wayOut: "The launcher does not answer: a hard reboot is the guest's way out.",
  },
  Suspend: {
    ask: '`powerState: Suspended`',
    how: 'A pause by another name (ADR 0050).',
    wayOut: 'As for Pause.',
  },
  Resume: { ask: '`powerState: Running`', how: 'As Unpause.', wayOut: 'As for Unpause.' },
  Rescue: {
    ask: '`rescue`',
    how: 'The guest is stopped, the template boots from the rescue image with the root disk beside it, and starts on the same node.',
    wayOut: 'Take `rescue` away again; or delete the Instance.',
  },
  Unrescue: {
    ask: '`rescue` taken away',
    how: 'The template boots from the root disk again.',
    wayOut: SEE_BOOT,
  },
  Resize: {
    ask: 'another `flavorRef`',
    how: 'A place at the new size is claimed, on the same node or another, the guest is stopped, the template changed, the disk grown, and it starts there; a guest that was off stays off. Where only another node has room, disks of its node are copied there. Both places are held until it is confirmed or reverted. See [Resize and cold migration](resize.md).',
    wayOut:
      'What fails is given back, and not tried again until the field names another Flavor or a new request id is set. `revertResize` is the way back while it is Resized.',
  },
  LiveResize: {
    ask: 'another `flavorRef`, with `resizePolicy: Live` or `LiveIfPossible`',
    how: "A place at the new size is claimed on another node, the VM's template gets the new vCPUs and memory, KubeVirt asks them of the VMI, and plugs them by a live migration to that place. There is nothing to confirm or revert. See [Resize and cold migration](resize.md#live-resize).",
    wayOut:
      'What fails leaves guest and claim at the old size, and is not tried again until the field names another Flavor or a new request id is set. If KubeVirt had taken the new size up, stop and start the guest: until then it cannot be moved live.',
  },
  ColdMigrate: {
    ask: 'an InstanceMigration, `type: Cold`',
    how: 'A resize to the same Flavor on another node. What is on the disk of its node is copied there while the guest is off. See [Resize and cold migration](resize.md).',
    wayOut: 'What fails is given back. `revertResize` is the way back while it is Resized.',
  },
  ConfirmResize: {
    ask: '`confirmResize`',
    how: 'The claim on the old place is dropped. Also done after `--resize-confirm-window` seconds, if that is set.',
    wayOut: 'Ask again: nothing runs on the old place.',
  },
  RevertResize: {
    ask: '`revertResize`',
    how: 'The guest is stopped, the template gets the old size, and it starts on the old node, whose claim was kept. Disks that were copied are copied back.',
    wayOut: `${SEE_BOOT} Where disks cannot be copied back it stays Resized: mend what the message names, and revert again, or confirm.`,
  },
  LiveMigrate: {
    ask: 'an InstanceMigration, `type: Live`',
    how: 'A place is claimed (on `targetNode`, if it passes every filter), then KubeVirt is asked by a VirtualMachineInstanceMigration. It copies the memory, and the blocks of disks that live in the pod. A root disk and blank volumes that are not shared (ReadWriteMany) are copied as well, to empty volumes that are made on the target first; volumes named by `pvc` have to be shared. See [Volumes](volumes.md#disks-that-are-not-shared).',
    wayOut:
      '`cancel: true` gives it up. A stalled one is given up at its deadline. Off a node that is lost it fails at once (`NodeDown`): evacuate. A node that kube-scheduler refuses is passed over for the next best, as often as `--max-attempts` or the profile allows; a node that was asked for by name is not. Where the guest is decides how it ended: too late a cancel ends Succeeded, and says so.',
  },
  Evacuate: {
    ask: 'an InstanceMigration, `type: Evacuate`',
    how: 'Only when the node is Down. Another node is claimed; the guest boots there from its volume once it is proven off where it was (the gate), and the old claim is freed. An ephemeral root starts afresh.',
    wayOut:
      'In ResizeMigrating it waits, for as long as it takes, for proof that the node is off: say so, as [the gate](the-gate.md) tells. `cancel: true` gives it up until then.',
  },
  Rebuild: {
    ask: '`rebuild`',
    how: 'The guest is stopped, its DataVolume deleted and made anew from the image, the template changed, and it starts on the same node; a guest that was off stays off. What was on the disk is lost. See [Images](images.md#rebuild).',
    wayOut: 'Rebuild again, from an image that can be had: of an Instance in Error, too.',
  },
  CreateImage: {
    ask: '`createImage`',
    how: 'An Image is made whose source is the claim of the root disk, and CDI copies that while the guest is off. Nothing else is done to the Instance until the copy is full.',
    wayOut:
      '`cancel: true` gives it up, and the Image that was begun goes. Ask again, under another name if the Image is there.',
  },
  Shelve: {
    ask: '`shelved: true`',
    how: 'Run strategy Halted, then the claim is dropped. VM and volumes stay.',
    wayOut: 'Set it back to false: it keeps its place until the guest is off.',
  },
  Unshelve: {
    ask: '`shelved: false`',
    how: 'A node is chosen and claimed anew; the guest starts if powerState says so.',
    wayOut: 'It waits until a node has room; the condition Ready says what is short.',
  },
  AttachVolume: {
    ask: 'an entry more in `volumes`',
    how: "The claim is reserved, and the volume put into the VM's template; a guest that runs is plugged by KubeVirt, through a pod hp-volume-* on its node. See [Volumes](volumes.md).",
    wayOut:
      'Take the entry away again. The condition SpecHeld and status.volumes say what a volume waits for. After a deadline it is tried anew under another request id.',
  },
  DetachVolume: {
    ask: 'an entry less in `volumes`',
    how: "It is taken out of the VM's template, and KubeVirt unplugs it; then the claim is free, or deleted if it was made for the Instance with deleteOnTermination.",
    wayOut: 'A guest that does not let go of it: stop it, and it is detached.',
  },
  AttachInterface: {
    ask: 'an entry more in `networks`',
    how: "The VM's template gets the interface. KubeVirt plugs networks of multus into a guest that runs; the pod network comes with the next start. See [Networks](networks.md).",
    wayOut:
      'Take the entry away again. The condition SpecHeld and status.networks say what it waits for. After a deadline it is tried anew under another request id.',
  },
  DetachInterface: {
    ask: 'an entry less in `networks`',
    how: "The interface is marked absent in the VM's template until KubeVirt has taken it out of the guest; of a guest that is off it is removed.",
    wayOut: 'Stop the guest: it starts without it.',
  },
  Delete: {
    ask: '`kubectl delete`',
    how: 'The VM and the root disk are deleted; when nothing is left of the guest the claim is freed and the finalizer goes.',
    wayOut: 'It goes on waiting for a pod on a node that does not answer: see the ComputeNode.',
  },
};
