import { REQUEST_ID_ANNOTATION } from '#api/constants.ts';
import type { Instance, InstanceStatus, OperationName } from '#api/instance.ts';
import type { Situation } from '#core/lifecycle/situation.ts';
import type { EventRecorder } from '#runtime/recorder.ts';

/** The Event's reason when an operation has succeeded. */
const DONE: Readonly<Record<OperationName, string>> = {
  Create: 'Created',
  Start: 'Started',
  Stop: 'Stopped',
  SoftReboot: 'Rebooted',
  HardReboot: 'RebootedHard',
  Pause: 'Paused',
  Unpause: 'Unpaused',
  Suspend: 'Suspended',
  Resume: 'Resumed',
  Rescue: 'Rescued',
  Unrescue: 'Unrescued',
  Resize: 'Resized',
  LiveResize: 'LiveResized',
  ColdMigrate: 'Migrated',
  ConfirmResize: 'ResizeConfirmed',
  RevertResize: 'ResizeReverted',
  LiveMigrate: 'LiveMigrated',
  Evacuate: 'Evacuated',
  Rebuild: 'Rebuilt',
  CreateImage: 'ImageCreated',
  Shelve: 'Shelved',
  Unshelve: 'Unshelved',
  AttachVolume: 'VolumeAttached',
  DetachVolume: 'VolumeDetached',
  AttachInterface: 'InterfaceAttached',
  DetachInterface: 'InterfaceDetached',
  Delete: 'Deleted',
};

/** What an Instance's owner reads in its Events; each carries the request id. */
export class InstanceEvents {
  readonly #recorder: EventRecorder;

  constructor(recorder: EventRecorder) {
    this.#recorder = recorder;
  }

  placed(instance: Instance, requestId: string, note: string, operation: OperationName = 'Create'): void {
    this.#say(instance, 'Normal', 'Scheduled', operation, note, requestId);
  }

  noValidHost(instance: Instance, requestId: string, note: string): void {
    this.#say(instance, 'Warning', 'NoValidHost', 'Create', note, requestId);
  }

  refused(
    instance: Instance,
    requestId: string,
    nodeName: string,
    message: string,
    operation: OperationName = 'Create',
  ): void {
    this.#say(instance, 'Warning', 'NodeRefused', operation, `${nodeName}: ${message}`, requestId);
  }

  deleted(instance: Instance, requestId: string): void {
    this.#say(instance, 'Normal', 'Deleted', 'Delete', 'the guest is gone and its claim is freed', requestId);
  }

  /** What a new status has to tell: an operation that ended, or a guest that stopped by itself. */
  changed(
    instance: Instance,
    after: InstanceStatus,
    situation: Situation,
    requestId: string | undefined,
  ): void {
    const before = instance.status;
    const { operation, outcome } = situation;
    if (operation && outcome?.result === 'Succeeded') {
      this.#say(instance, 'Normal', DONE[operation], operation, noteOf(after), requestId);
    } else if (operation && outcome?.result === 'Cancelled') {
      this.#say(instance, 'Normal', 'Cancelled', operation, outcome.message, requestId);
    } else if (operation && outcome?.result === 'Failed') {
      this.#say(instance, 'Warning', outcome.code, operation, outcome.message, requestId);
    } else if (before?.vmState === 'Active' && after.vmState === 'Stopped' && !operation) {
      const note = `the guest went off by itself (${after.powerState}); it stays off until spec.powerState changes`;
      this.#say(
        instance,
        after.powerState === 'Crashed' ? 'Warning' : 'Normal',
        'GuestStopped',
        'Observe',
        note,
      );
    }
  }

  #say(
    instance: Instance,
    type: 'Normal' | 'Warning',
    reason: string,
    action: string,
    note: string,
    requestId?: string,
  ): void {
    const annotations = requestId === undefined ? undefined : { [REQUEST_ID_ANNOTATION]: requestId };
    this.#recorder.event(instance, { type, reason, action, note, annotations });
  }
}

/** Where it is, and of a move whence; who asked, and what there is to say. */
function noteOf({ vmState, nodeName, lastOperations }: InstanceStatus): string {
  const { sourceNode, source, requestedBy, message } = lastOperations?.[0] ?? {};
  const from = sourceNode === undefined ? '' : `, from ${sourceNode}`;
  const asker = requestedBy ?? (source && `${source.kind} ${source.name}`);
  const by = asker === undefined ? '' : `, asked for by ${asker}`;
  return `${vmState} on ${nodeName}${from}${by}${message === undefined ? '' : `: ${message}`}`;
}
