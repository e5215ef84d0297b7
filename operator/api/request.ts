import { z } from 'zod';
import { conditions, objectName, observedGeneration, requestedBy, requestId, time } from './common.ts';
import { AGE_COLUMN, type ConditionDefinition, type PrinterColumn } from './kind.ts';
import { OPERATIONS, TASK_STATES } from './operations.ts';
import type { Rule } from './schema.ts';

/** What InstanceAction and InstanceMigration share: an object that asks for an operation, once. */

export const REQUEST_PHASES = ['Pending', 'Running', 'Succeeded', 'Failed', 'Refused', 'Cancelled'] as const;
export type RequestPhase = (typeof REQUEST_PHASES)[number];

/** Why a request was refused. */
export const REFUSALS = {
  InstanceNotFound: 'There is no Instance of that name in the namespace.',
  OperationInProgress: 'Another operation runs on the Instance: the message says which. Ask again after it.',
  WrongState: 'The Instance is in a state that the operation does not start from: the message says which do.',
  Locked: 'spec.locked of the Instance is true.',
  NotPossible: 'The Instance is built in a way that the operation cannot be: the message says what and why.',
} as const;
export type RefusalReason = keyof typeof REFUSALS;

export const cancel = z
  .boolean()
  .meta({
    description:
      'Set to true: not begun, it never is; under way, it is given up where the operation can be. The only field that can be changed.',
  })
  .default(false);

export const CANCEL_STAYS: Rule<unknown> = {
  rule: '!has(oldSelf.cancel) || !oldSelf.cancel || (has(self.cancel) && self.cancel)',
  message: 'cancel cannot be taken back: create another request',
  fieldPath: '.cancel',
};

/** In CEL: the field is what it was, given or not. */
export const unchanged = (field: string): string =>
  `has(self.${field}) == has(oldSelf.${field}) && (!has(self.${field}) || self.${field} == oldSelf.${field})`;

export const FIXED_BUT_FOR_CANCEL = (kind: string, field: string): Rule<unknown> => ({
  rule: unchanged(field),
  message: `${field} of an ${kind} cannot be changed, it asks once: create another one`,
  fieldPath: `.${field}`,
});

export const ttlSecondsAfterFinished = z
  .int()
  .min(0)
  .max(30 * 24 * 3600)
  .meta({
    description:
      'Deleted so long after it ended; kept if absent. Leave it out where GitOps applies the file: it would be made anew.',
  })
  .optional();

export const requestStatus = z.strictObject({
  observedGeneration,
  phase: z.enum(REQUEST_PHASES).meta({ description: 'How far it is.' }).optional(),
  requestId: requestId
    .meta({ description: 'Under which logs, Events and the Instance tell of it.' })
    .optional(),
  operation: z.enum(OPERATIONS).meta({ description: 'What it asks for.' }).optional(),
  taskState: z.enum(TASK_STATES).meta({ description: 'The step that is under way.' }).optional(),
  requestedBy: requestedBy.optional(),
  startTime: time.meta({ description: 'When it began.' }).optional(),
  finishTime: time.meta({ description: 'When it ended.' }).optional(),
  nodeName: objectName.meta({ description: 'Node that the guest was on when it ended.' }).optional(),
  reason: z.string().max(63).meta({ description: 'Why it was refused or failed; CamelCase.' }).optional(),
  message: z.string().max(2048).meta({ description: 'The same in words.' }).optional(),
  conditions: conditions.optional(),
});
export type RequestStatus = z.infer<typeof requestStatus>;

export const REQUEST_CONDITIONS: ConditionDefinition[] = [
  {
    type: 'Ready',
    description: 'It was carried out.',
    reasons: {
      Succeeded: 'It was carried out.',
      Pending: 'It has not been looked at by the Instance yet.',
      Running: 'It is under way.',
      Cancelled: 'It was cancelled before it was carried out.',
      Failed: 'It was begun and failed: the message says why.',
      ...REFUSALS,
    },
  },
  {
    type: 'Stalled',
    description: 'It ended without being carried out, and is not tried again; absent otherwise.',
    reasons: {
      Cancelled: 'It was cancelled before it was carried out.',
      Failed: 'It was begun and failed: the message says why.',
      ...REFUSALS,
    },
  },
  {
    type: 'Reconciling',
    description: 'It is under way; absent otherwise.',
    reasons: { Pending: 'It has not been looked at by the Instance yet.', Running: 'It is under way.' },
  },
];

export const requestColumns = (own: PrinterColumn[]): PrinterColumn[] => [
  { name: 'Instance', type: 'string', jsonPath: '.spec.instanceRef.name', description: 'The Instance' },
  { name: 'Operation', type: 'string', jsonPath: '.status.operation', description: 'What it asks for' },
  ...own,
  { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'How far it is' },
  { name: 'Task', type: 'string', jsonPath: '.status.taskState', description: 'The step under way' },
  { name: 'Reason', type: 'string', jsonPath: '.status.reason', description: 'Why it was refused or failed' },
  {
    name: 'Message',
    type: 'string',
    jsonPath: '.status.message',
    description: 'The same in words',
    priority: 1,
  },
  AGE_COLUMN,
];
