import type { Counts } from './counts.ts';

/** A line of `go test -json` (cmd/test2json). */
interface GoEvent {
  Action: string;
  Package?: string;
  ImportPath?: string;
  Test?: string;
  Output?: string;
}

const ENDS = ['pass', 'fail', 'skip'];

const eventsOf = (json: string): GoEvent[] =>
  json
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as GoEvent);

const nameOf = ({ Package = '', Test = '' }: GoEvent): string => `${Package} ${Test}`;

/** Counts tests without those that only hold others; a package that fails without a failed test counts as one. */
export function goCounts(json: string): Counts {
  const ended = eventsOf(json).filter(({ Action }) => ENDS.includes(Action));
  const tests = ended.filter(({ Test }) => Test !== undefined);
  const parents = new Set(tests.flatMap((it) => ancestorsOf(nameOf(it))));
  const leaves = tests.filter((it) => !parents.has(nameOf(it)));
  const withFailure = new Set(leaves.filter(({ Action }) => Action === 'fail').map(({ Package }) => Package));
  const broken = ended.filter(
    ({ Action, Test, Package }) => Action === 'fail' && Test === undefined && !withFailure.has(Package),
  );
  const count = (wanted: string) => leaves.filter(({ Action }) => Action === wanted).length;
  return { passed: count('pass'), failed: count('fail') + broken.length, skipped: count('skip') };
}

/** Each test and package that failed. */
export const goFailures = (json: string): string[] =>
  eventsOf(json)
    .filter(({ Action }) => Action === 'fail')
    .map(nameOf);

function ancestorsOf(name: string): string[] {
  const parts = name.split(' ').pop()?.split('/') ?? [];
  const head = name.slice(0, name.lastIndexOf(' ') + 1);
  return parts.slice(1).map((_, i) => head + parts.slice(0, i + 1).join('/'));
}

/** What a person wants to read: a line for each package, and all that was said where something failed. */
export function goText(json: string): string {
  const events = eventsOf(json);
  const failed = new Set(events.filter(({ Action }) => Action === 'fail').map(nameOf));
  return events
    .filter((it) => it.Output !== undefined && (failed.has(nameOf(it)) || isVerdict(it) || it.ImportPath))
    .map(({ Output }) => Output)
    .join('');
}

const isVerdict = ({ Test, Output = '' }: GoEvent): boolean =>
  Test === undefined && /^(ok|FAIL|\?) /.test(Output.replace('\t', ' '));
