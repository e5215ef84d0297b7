import { readFile } from 'node:fs/promises';
import { POD, type Pod } from '#adapters/kubernetes/types.ts';
import { objectPath } from '#runtime/resource.ts';
import type { Command, FlagDefinition } from '../command.ts';
import { type Session, UsageError } from '../session.ts';

const FLAGS = {
  file: {
    type: 'string',
    short: 'f',
    value: 'FILE',
    help: "a log file, - for the standard input; else the operators' pods are asked",
  },
  'operator-namespace': {
    type: 'string',
    value: 'NAME',
    help: 'where Berth is installed; berth-system unless given',
  },
} as const satisfies Record<string, FlagDefinition>;

export const logs: Command = {
  name: 'logs',
  args: ['REQUEST_ID'],
  help: "the operator's log lines under a request id, of all replicas, oldest first",
  flags: FLAGS,
  async run(session, [requestId = ''], { file, ...flags }) {
    const namespace = `${flags['operator-namespace'] ?? 'berth-system'}`;
    const texts = typeof file === 'string' ? [await textOf(file)] : await logsOfPods(session, namespace);
    const lines = texts.flatMap((text) => linesOf(text, requestId));
    if (lines.length === 0)
      throw new UsageError(
        `no line of ${requestId}: the level may be above it, or an earlier log may have it (--file)`,
      );
    session.print(lines.toSorted().join('\n'));
  },
};

/** Lines in either format begin with their time, so they sort by it. A stack is on the lines after its own. */
function linesOf(text: string, requestId: string): string[] {
  const entries = text.split(/\n(?=\{|\d{4}-\d\d-\d\dT)/);
  return entries.filter((entry) => entry.includes(requestId)).map((entry) => entry.trimEnd());
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file === '-' ? '/dev/stdin' : file, 'utf8');
  } catch (error) {
    throw new UsageError(`--file ${file}: ${(error as Error).message}`);
  }
}

async function logsOfPods({ client }: Session, namespace: string): Promise<string[]> {
  const { items } = await client.list<Pod>(POD, {
    namespace,
    labelSelector: 'app.kubernetes.io/name=berth',
  });
  if (items.length === 0)
    throw new UsageError(
      `no pods of Berth in namespace ${namespace}: name another with --operator-namespace, or a log with --file`,
    );
  return Promise.all(
    items.map(({ metadata: { name } }) =>
      client.request<string>('GET', objectPath(POD, `${namespace}/${name}`, 'log')),
    ),
  );
}
