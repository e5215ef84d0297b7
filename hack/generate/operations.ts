import { OPERATIONS, type OperationName, TASK_STATES } from '#api/instance.ts';
import { FIELD_CHANGES } from '#core/lifecycle/assess.ts';
import { NOT_OPERATIONS, NOVA_DIFFERENCES } from '#core/lifecycle/nova-differences.ts';
import { OPERATION_GUIDE } from '#core/lifecycle/operation-guide.ts';
import { DEFAULT_DEADLINES, OPERATION_TABLE, WAITING_FOR } from '#core/lifecycle/operations.ts';
import { STEPS } from '#core/lifecycle/steps.ts';
import { page, table } from './reference.ts';

/** Not by steps: they follow from the spec and what is seen. */
const ALWAYS_THERE: readonly OperationName[] = [
  'Create',
  'Stop',
  'Pause',
  'Unpause',
  'Suspend',
  'Resume',
  'Delete',
];
const isThere = (name: OperationName) => ALWAYS_THERE.includes(name) || STEPS[name] !== undefined;

/** What an operator reads at night: each operation, what it does, states, deadlines, failure and way out. */
export function operationsPage(): string {
  return page([
    '# Operations',
    'One operation runs on an Instance at a time. Fields of its spec converge: `powerState`, `shelved` and the like say what shall be. What happens once is asked for by an object: an [InstanceAction](reference/instanceaction.md) or an [InstanceMigration](reference/instancemigration.md), which is carried out or refused with the reason. `kubectl describe instance NAME` tells what is under way, what it waits for and until when (`status.operation`), how the last ones ended (`status.lastOperations`), and what is wrong (`status.fault`). `requestedBy` names the user that asked, as admission saw it ([ADR 0070](adr/0070-who-asked-is-written-at-admission.md)); the Events tell the same.',
    'Something does not get on? [Chase a stuck Instance](recipes/chase-a-stuck-instance.md). `Error` is left by a hard reboot, a rebuild, another request id or deletion.',
    `Several fields changed at once are carried out in this order: ${FIELD_CHANGES.map(({ field }) => `\`${field}\``).join(', ')}.`,
    'A change that has to wait says so in the condition `SpecHeld`: which field, and what for. `status.consoles` has the command lines and the paths of the serial console, of the screen (VNC) and of what the console printed, while the guest is on.',
    'A locked Instance, and one with `deletionProtection`, is not deleted, whoever asks; so a namespace that has one in it is not deleted either: it stays `Terminating`, and its condition `NamespaceDeletionContentFailure` names the reason. Everything else in it goes meanwhile. Unlock the Instance first (`spec.locked: false`, which needs the verb `unlock` on `instances/lock`), or take the protection back.',
    ...OPERATIONS.filter(isThere).flatMap(section),
    '## Task states',
    'What each waits for, and for how long by default (`--task-deadline TASKSTATE=SECONDS` sets another).',
    table(
      ['Task state', 'Waits for', 'Seconds'],
      TASK_STATES.map((name) => [`\`${name}\``, WAITING_FOR[name], secondsOf(DEFAULT_DEADLINES[name])]),
    ),
    '## Nova',
    'The table of operations is compared with the facts recorded from Nova 34.0.0 on every `make test`. Where it is different:',
    table(
      ['Operation', 'What', 'Why'],
      NOVA_DIFFERENCES.map(({ operation, column, why }) => [operation, COLUMNS[column], why]),
    ),
    "Nova's actions that are no operation here:",
    table(['Nova', 'Here'], Object.entries(NOT_OPERATIONS)),
  ]);
}

const COLUMNS = {
  from: 'starts from',
  supersedes: 'takes the place of',
  taskStates: 'task states',
  to: 'ends in',
  lockRefuses: 'lock',
} as const;

const secondsOf = (milliseconds: number | undefined) =>
  milliseconds === undefined ? 'as long as it takes' : String(milliseconds / 1000);

function section(name: OperationName): string[] {
  const { from, supersedes = [], lockRefuses, taskStates, to, onFailure, undo } = OPERATION_TABLE[name];
  const { ask, how, wayOut } = OPERATION_GUIDE[name];
  const instead = supersedes === 'Any' ? 'whatever is under way' : supersedes.join(', ');
  const rows = [
    ['asked for by', ask],
    ['starts from', from.filter((state) => state !== 'None').join(', ') || 'nothing'],
    ...(instead ? [['takes the place of', instead]] : []),
    ['task states', taskStates.join(', ')],
    ['ends in', to.join(', ')],
    ['a failure leaves', onFailure === 'Error' ? 'Error, with a fault' : 'the state that it was in'],
    ['half done', undo],
    ['when locked', lockRefuses ? 'refused' : 'carried out'],
    ['way out', wayOut],
  ];
  return [`## ${name}`, how, table(['', ''], rows)];
}
