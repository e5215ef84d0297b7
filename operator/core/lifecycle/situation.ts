import type { Instance, OperationName, TaskState } from '#api/instance.ts';
import type { GuestView } from './guest-view.ts';
import type { OperationRequest } from './request.ts';

/** A reference that leads nowhere. */
export interface Missing {
  kind: 'Flavor' | 'KeyPair' | 'ServerGroup' | 'Instance' | 'SchedulerProfile';
  name: string;
  /** Where it is named: spec.flavorRef. */
  field: string;
  /** Why what is there cannot be used; absent: there is none. */
  problem?: string;
}

/** Everything that a decision about an Instance looks at. */
export interface InstanceView {
  instance: Instance;
  guest: GuestView;
  /** Node on which the Instance holds its claim. */
  claimNode: string | undefined;
  /** First reference that leads nowhere yet. */
  missing: Missing | undefined;
  /** What is wrong with the combination of spec and Flavor, if anything. */
  invalid: string | undefined;
  /** A VirtualMachine of the Instance's name that is not its own. */
  foreignVm: boolean;
  /** Nodes tried at most for one request (Nova's scheduler.max_attempts). */
  maxAttempts: number;
  /** InstanceActions and InstanceMigrations that have not ended, oldest first. */
  requests: readonly OperationRequest[];
}

/** An operation by steps, as the status has it. */
export interface InFlight {
  taskState: TaskState | undefined;
  startTime: Date;
}

/** The one thing to do next. Each can be done twice without harm. */
export type Action =
  | { kind: 'none' }
  | { kind: 'claim' }
  | { kind: 'createVm'; runs: boolean }
  | { kind: 'startVm' }
  | { kind: 'haltVm' }
  | { kind: 'pause' }
  | { kind: 'unpause' }
  | { kind: 'softReboot' }
  | { kind: 'reset' }
  /** Ends the guest's pod by force; KubeVirt makes another. */
  | { kind: 'replacePod' }
  /** Drops the claims once nothing of the guest runs; the VM stays. */
  | { kind: 'freePlace' }
  | { kind: 'deleteVm' }
  | { kind: 'release' }
  | { kind: 'finish' };

/** Where an Instance stands, and what follows from that. */
export interface Situation {
  operation: OperationName | undefined;
  taskState: TaskState | undefined;
  action: Action;
  /** The task state that follows once the action was carried out; absent: what is seen decides. */
  next?: TaskState;
  /** How the operation ended, once it has. */
  outcome?: { result: 'Succeeded' } | { result: 'Failed'; code: string; message: string };
  /** Why nothing can be done for now: a reason for the conditions and the same in words. */
  blocked?: { reason: string; message: string };
  /** The request that is taken up with this. */
  request?: OperationRequest;
  /** A node that refused the guest: another one is tried. */
  exclude?: { nodeName: string; message: string };
}

export const NONE: Action = { kind: 'none' };

export const isBuilt = (instance: Instance): boolean => instance.status?.appliedPowerState !== undefined;
