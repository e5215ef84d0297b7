import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OPERATIONS, type OperationName, VM_STATES } from '#api/instance.ts';
import { NOT_OPERATIONS, NOVA_DIFFERENCES, type NovaDifference } from './nova-differences.ts';
import { OPERATION_TABLE } from './operations.ts';

interface NovaAction {
  action: string;
  accepts: { vm_state: string[] | null; task_state: (string | null)[] | null };
  checks_lock: boolean;
  task_states_while_running: (string | null)[];
  result: { vm_state: string }[];
}

const file = join(import.meta.dirname, '../../../test/vectors/nova/server-actions.json');
const { actions } = JSON.parse(readFileSync(file, 'utf8')) as { actions: NovaAction[] };

/** powering-on and reboot_started as PoweringOn and RebootStarted. */
const camel = (text: string) =>
  text
    .split(/[-_]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
const ours = (state: string) => (state === 'deleted' ? 'Gone' : camel(state));
const listed = (texts: Iterable<string>) => [...new Set(texts)].sort().join(' ');
const tasks = (states: (string | null)[]) => states.filter((it) => it !== null).map(camel);

/** Nova's facts and ours, in the same words, by column. */
function columns(name: OperationName, nova: NovaAction): Record<NovaDifference['column'], [string, string]> {
  const row = OPERATION_TABLE[name];
  const { vm_state, task_state } = nova.accepts;
  const supersedes = row.supersedes ?? [];
  return {
    from: [
      listed(vm_state === null ? ['None', ...VM_STATES] : vm_state.length ? vm_state.map(ours) : ['None']),
      listed(row.from),
    ],
    supersedes: [
      task_state === null ? 'Any' : listed(tasks(task_state)),
      supersedes === 'Any' ? 'Any' : listed(supersedes),
    ],
    taskStates: [tasks(nova.task_states_while_running).join(' '), row.taskStates.join(' ')],
    to: [listed(nova.result.map(({ vm_state: state }) => ours(state))), listed(row.to)],
    lockRefuses: [String(nova.checks_lock), String(row.lockRefuses)],
  };
}

const novaAction = (name: OperationName) =>
  actions.find(({ action }) => action === OPERATION_TABLE[name].nova);

test("each operation is one of Nova's actions, and each of these an operation or listed with what there is instead", () => {
  const taken = OPERATIONS.map((name) => novaAction(name)?.action);
  expect(taken).not.toContain(undefined);
  const others = actions.map(({ action }) => action).filter((action) => !taken.includes(action));
  expect(others.toSorted()).toEqual(Object.keys(NOT_OPERATIONS).toSorted());
});

test.each(OPERATIONS)("%s differs from Nova's in what is listed, and in nothing else", (name) => {
  const found = Object.entries(columns(name, novaAction(name)!))
    .filter(([, [nova, mine]]) => nova !== mine)
    .map(([column]) => column);
  const known = NOVA_DIFFERENCES.filter(({ operation }) => operation === name).map(({ column }) => column);
  expect(known.toSorted()).toEqual(found.toSorted());
});
