import { parseArgs } from 'node:util';
import { type Session, UsageError } from './session.ts';

export type Flags = Readonly<Record<string, string | boolean | undefined>>;

export interface FlagDefinition {
  type: 'string' | 'boolean';
  short?: string;
  /** What stands for the value in the help. */
  value?: string;
  help: string;
}

export interface Command {
  /** Words after `kubectl berth`, such as `service list`. */
  readonly name: string;
  /** Names of the arguments; one in brackets can be left out. */
  readonly args: readonly string[];
  readonly help: string;
  readonly flags?: Readonly<Record<string, FlagDefinition>>;
  /** Resolves with the exit code; undefined: 0. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a command that returns nothing is the common one
  run(session: Session, args: readonly string[], flags: Flags): Promise<number | void>;
}

/** Flags of every command. */
export const COMMON_FLAGS: Readonly<Record<string, FlagDefinition>> = {
  namespace: { type: 'string', short: 'n', value: 'NAME', help: "namespace; else the context's" },
  context: { type: 'string', value: 'NAME', help: 'context of the kubeconfig; else the current one' },
  kubeconfig: { type: 'string', value: 'PATH', help: 'kubeconfig; else KUBECONFIG or ~/.kube/config' },
  help: { type: 'boolean', short: 'h', help: 'this text' },
};

export const OUTPUT_FLAG = {
  output: {
    type: 'string',
    short: 'o',
    value: 'json|yaml|wide',
    help: 'as JSON or YAML, or with more columns',
  },
} as const satisfies Readonly<Record<string, FlagDefinition>>;

export interface Invocation {
  command: Command;
  args: string[];
  flags: Flags;
}

/** Finds the command that the words begin with, the longest name first, and reads its arguments and flags. */
export function invocationOf(commands: readonly Command[], words: readonly string[]): Invocation {
  const command = commandOf(commands, words);
  const { values, positionals } = parse(command, words.slice(command.name.split(' ').length));
  const least = command.args.filter((arg) => !arg.startsWith('[')).length;
  const wrong = positionals.length < least || positionals.length > command.args.length;
  if (wrong && !values.help) throw new UsageError(`usage: ${usageOf(command)}`);
  return { command, args: positionals, flags: values };
}

function commandOf(commands: readonly Command[], words: readonly string[]): Command {
  const found = commands
    .filter(({ name }) => name.split(' ').every((word, at) => words[at] === word))
    .toSorted((a, b) => b.name.length - a.name.length)[0];
  if (found) return found;
  const like = commands.filter(({ name }) => name.startsWith(words[0] ?? '')).map(({ name }) => name);
  const hint = like.length > 0 && words.length > 0 ? `: is it ${like.join(', ')}?` : '';
  throw new UsageError(`no such command: ${words.join(' ')}${hint} kubectl berth help lists them`);
}

function parse(command: Command, words: readonly string[]) {
  const flags = { ...command.flags, ...COMMON_FLAGS };
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { type, short }]) => [name, { type, ...(short && { short }) }]),
  );
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}. usage: ${usageOf(command)}`);
  }
}

export function usageOf({ name, args, flags = {} }: Command): string {
  const given = Object.entries(flags).map(([flag, it]) => `[--${flag}${it.value ? ` ${it.value}` : ''}]`);
  return ['kubectl berth', name, ...args, ...given].join(' ');
}

/** Of one command, everything; of all, a line for each. */
export function helpOf(commands: readonly Command[], command?: Command): string {
  if (!command) {
    const width = Math.max(...commands.map(({ name, args }) => [name, ...args].join(' ').length));
    const lines = commands.map((it) => `  ${[it.name, ...it.args].join(' ').padEnd(width)}  ${it.help}`);
    return [
      'kubectl berth COMMAND, where COMMAND is one of',
      '',
      ...lines,
      '',
      'COMMAND --help says more.',
    ].join('\n');
  }
  const flags = Object.entries({ ...command.flags, ...COMMON_FLAGS }).map(
    ([name, { short, value, help }]) =>
      [`  ${short ? `-${short}, ` : '    '}--${name}${value ? ` ${value}` : ''}`, help] as const,
  );
  const width = Math.max(...flags.map(([flag]) => flag.length));
  return [
    `${command.help}.`,
    '',
    `usage: ${usageOf(command)}`,
    '',
    ...flags.map(([flag, help]) => `${flag.padEnd(width)}  ${help}`),
  ].join('\n');
}
