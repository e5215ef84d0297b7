import type { BuiltImage } from '../images/built-image.ts';
import { type GuestView, isOver } from './guest-view.ts';
import { failedStart, startAction } from './power.ts';
import { type Action, type InFlight, type InstanceView, NONE, type Situation } from './situation.ts';

/**
 * The root disk made afresh from an image, on the same node, under the same claim: the guest is shut down, its disk and what
 * its VM boots with are replaced, and it starts again if it ran. What was asked for is kept in `status.rebuild` until then.
 */
export function rebuild(view: InstanceView, { taskState, requestId }: InFlight): Situation {
  const record = view.instance.status?.rebuild;
  if (!record) return ended({ result: 'Failed', code: 'RebuildFailed', message: LOST });
  if (taskState === 'Rebuilding') return shutDown(view, record);
  if (!isMade(view, taskState, requestId)) return remake(view);
  const { guest } = view;
  if (record.runs) return boot(guest, record.image);
  if (!guest.vm) return step(taskStateOf(guest), { kind: 'createVm', runs: false });
  return isFilledOrWaits(guest) ? succeeded(record.image) : step('RebuildBlockDeviceMapping', NONE);
}

type Record = NonNullable<NonNullable<InstanceView['instance']['status']>['rebuild']>;

const LOST = 'status.rebuild is gone: nobody knows from which image; ask again';

const step = (taskState: Situation['taskState'], action: Action): Situation => ({
  operation: 'Rebuild',
  taskState,
  action,
});

const ended = (outcome: Situation['outcome'], action: Action = NONE): Situation => ({
  ...step(undefined, action),
  ...(outcome && { outcome }),
});

const succeeded = (image: BuiltImage): Situation =>
  ended({ result: 'Succeeded', message: `from ${imageText(image)}` });

/** From here on there is no way back: the new image is what the Instance is made from. */
function shutDown({ guest }: InstanceView, { image, cloudInit }: Record): Situation {
  const { vm, power, pods } = guest;
  if (vm?.runs) return step('Rebuilding', { kind: 'haltVm' });
  if (vm?.deleting || !isOver(power) || pods.length > 0) return step('Rebuilding', NONE);
  const made = { image, ...(cloudInit && { cloudInit }) };
  return { ...step('Rebuilding', { kind: 'proveOff' }), next: 'RebuildBlockDeviceMapping', made };
}

/** A disk bears the request that it was made for; of an ephemeral one the step tells. */
function isMade({ guest }: InstanceView, taskState: InFlight['taskState'], requestId: string): boolean {
  return guest.disk ? guest.disk.requestId === requestId : taskState === 'RebuildSpawning';
}

function remake({ guest }: InstanceView): Situation {
  const making = step('RebuildBlockDeviceMapping', { kind: 'remakeRoot' });
  return guest.disk ? making : { ...making, next: 'RebuildSpawning' };
}

function boot(guest: GuestView, image: BuiltImage): Situation {
  if (guest.power === 'running') return succeeded(image);
  return failedStart('Rebuild', guest) ?? step(taskStateOf(guest), startAction(guest));
}

const taskStateOf = ({ disk }: GuestView): Situation['taskState'] =>
  disk && !disk.ready ? 'RebuildBlockDeviceMapping' : 'RebuildSpawning';

/** A volume that waits for its first consumer is filled when the guest is started. */
const isFilledOrWaits = ({ disk }: GuestView): boolean => !disk || disk.ready || disk.awaitsConsumer === true;

/** A step that took too long: what was begun is not left to go on by itself. */
export function rebuildOverdue({ guest }: InstanceView, message: string): Situation {
  const outcome = { result: 'Failed', code: 'DeadlineExceeded', message } as const;
  return ended(outcome, guest.vm?.runs ? { kind: 'haltVm' } : NONE);
}

/** An image in a word or two. */
export function imageText({ name, containerDisk, http, pvc }: BuiltImage): string {
  if (name !== undefined) return `Image ${name}`;
  return containerDisk ?? http?.url ?? `claim ${pvc?.name}`;
}
