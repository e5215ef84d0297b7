#!/usr/bin/env node
import { ApiError } from '#runtime/errors.ts';
import { type Command, helpOf, invocationOf } from './command.ts';
import { completion } from './commands/completion.ts';
import { events } from './commands/events.ts';
import { list, show } from './commands/instances.ts';
import { logs } from './commands/logs.ts';
import { hypervisorList, hypervisorShow, serviceList } from './commands/nodes.ts';
import { capacity, explain, probe, whyNot } from './commands/placement.ts';
import { cancel, requests } from './commands/requests.ts';
import { specChanges } from './commands/spec-changes.ts';
import { type ClusterFlags, openSession, UsageError } from './session.ts';

const COMMANDS: readonly Command[] = [
  list,
  show,
  explain,
  whyNot,
  probe,
  capacity,
  serviceList,
  hypervisorList,
  hypervisorShow,
  ...specChanges,
  ...requests,
  cancel,
  events,
  logs,
  completion(() => COMMANDS),
];

const USAGE = 2;

async function main(words: string[]): Promise<number> {
  if (words.length === 0 || ['help', '--help', '-h'].includes(words[0] ?? '')) {
    process.stdout.write(`${helpOf(COMMANDS)}\n`);
    return 0;
  }
  const { command, args, flags } = invocationOf(COMMANDS, words);
  if (flags.help) {
    process.stdout.write(`${helpOf(COMMANDS, command)}\n`);
    return 0;
  }
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort(new UsageError('interrupted; what was asked for goes on')));
  const session = openSession(flags as ClusterFlags, stop.signal);
  try {
    return (await command.run(session, args, flags)) ?? 0;
  } finally {
    await session.client.close();
  }
}

/** What went wrong in one line, as kubectl says it. */
function complaint(error: unknown): string {
  if (error instanceof ApiError) return `the API server refuses it: ${error.status.message ?? error.message}`;
  return error instanceof Error ? error.message : String(error);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`error: ${complaint(error)}\n`);
  process.exitCode = error instanceof UsageError ? USAGE : 1;
}
