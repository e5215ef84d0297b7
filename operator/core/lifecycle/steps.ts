import type { Instance, OperationName } from '#api/instance.ts';
import { confirmResize, revertResize } from './confirm-resize.ts';
import { createImage } from './create-image.ts';
import { liveMigrate } from './live-migrate.ts';
import { liveResize } from './live-resize.ts';
import { attachInterface, detachInterface } from './networks.ts';
import { hardReboot, softReboot } from './reboot.ts';
import { rebuild } from './rebuild.ts';
import { rescue, unrescue } from './rescue.ts';
import { resizing } from './resize.ts';
import { shelve, unshelve } from './shelve.ts';
import type { InFlight, InstanceView, Situation } from './situation.ts';
import { start } from './start.ts';
import { attachVolume, detachVolume } from './volumes.ts';

/** What comes next in an operation that has been written down. It is asked again after each change, and after a restart. */
export type Steps = (view: InstanceView, inFlight: InFlight) => Situation;

/**
 * The operations that go by steps: written to the status before anything is done, and at each step, so that a restarted
 * operator goes on where the last one was. All others follow from the spec and what is seen alone.
 */
export const STEPS: Readonly<Partial<Record<OperationName, Steps>>> = {
  Start: start,
  SoftReboot: softReboot,
  HardReboot: hardReboot,
  Rescue: rescue,
  Unrescue: unrescue,
  Shelve: shelve,
  Unshelve: unshelve,
  Resize: resizing('Resize'),
  LiveResize: liveResize,
  ColdMigrate: resizing('ColdMigrate'),
  Evacuate: resizing('Evacuate'),
  ConfirmResize: confirmResize,
  RevertResize: revertResize,
  LiveMigrate: liveMigrate,
  Rebuild: rebuild,
  CreateImage: createImage,
  AttachVolume: attachVolume,
  DetachVolume: detachVolume,
  AttachInterface: attachInterface,
  DetachInterface: detachInterface,
};

/** The operation by steps that the status says is in flight. */
export function inFlightOf({ status }: Instance): (InFlight & { name: OperationName }) | undefined {
  const { operation, taskState } = status ?? {};
  if (!operation || !goesBySteps(operation)) return undefined;
  const { name, requestId, startTime } = operation;
  return { name, taskState, startTime: new Date(startTime), requestId };
}

/** Start goes by steps only when it was asked for by an object; spec.powerState asks for what is seen. */
export function goesBySteps({
  name,
  source,
}: Pick<NonNullable<NonNullable<Instance['status']>['operation']>, 'name' | 'source'>): boolean {
  return source !== undefined || (name !== 'Start' && STEPS[name] !== undefined);
}
