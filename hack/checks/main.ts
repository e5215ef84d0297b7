import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CHECKS, type Check, countsOf } from './checks.ts';
import { type Counts, inWords, ofExit, sum } from './counts.ts';

interface Result {
  name: string;
  counts: Counts;
  /** What failed, a line each. */
  failures: string[];
  seconds: number;
}

const ROOT = join(import.meta.dirname, '../..');
const BINARIES = join(ROOT, 'node_modules/.bin');
const SUMMARY = join(ROOT, '.berth/test/summary');

/** So many failures of a check are named again at the end, where the last lines of a long log are all that is kept. */
const MOST_FAILURES = 10;

/** Runs one check with its output as it comes. A report of an earlier run is removed first: it must not be counted. */
async function perform(check: Check): Promise<Result> {
  const began = Date.now();
  const file = check.report && join(ROOT, check.report.file);
  if (file) rmSync(file, { force: true });
  console.log(`\n==> ${check.name}: ${check.command.join(' ')}`);
  const { exitCode, stdout } = await execute(check);
  if (file && check.report?.fromStdout) writeFileSync(file, stdout);
  const text = file && existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  if (check.report?.text && text !== undefined) process.stdout.write(check.report.text(text));
  const counts = ofExit(countsOf(check, text, exitCode), exitCode);
  const failures = (text !== undefined && check.report?.failures(text)) || [];
  return { name: check.name, counts, failures, seconds: (Date.now() - began) / 1000 };
}

async function execute({
  command,
  cwd = '.',
  env,
  report,
}: Check): Promise<{ exitCode: number; stdout: string }> {
  const [program = '', ...args] = command;
  const output: Buffer[] = [];
  const child = spawn(program, args, {
    cwd: join(ROOT, cwd),
    env: { ...process.env, PATH: `${BINARIES}:${process.env.PATH}`, ...env },
    stdio: ['ignore', report?.fromStdout ? 'pipe' : 'inherit', 'inherit'],
  });
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
  const exitCode = await new Promise<number>((resolve, reject) =>
    child.on('error', reject).on('close', (code) => resolve(code ?? 1)),
  );
  return { exitCode, stdout: Buffer.concat(output).toString() };
}

function line({ name, counts, seconds }: Result): string {
  return `${counts.failed > 0 ? 'FAILED' : 'ok    '}  ${name.padEnd(20)} ${seconds.toFixed(1).padStart(6)}s  ${inWords(counts)}`;
}

mkdirSync(dirname(SUMMARY), { recursive: true });
rmSync(SUMMARY, { force: true });
const results: Result[] = [];
for (const check of CHECKS) results.push(await perform(check));
const all = sum(results.map(({ counts }) => counts));
const failures = results.flatMap((it) =>
  it.failures.slice(0, MOST_FAILURES).map((line) => `FAILED  ${line}\n`),
);
console.log(`\n${results.map(line).join('\n')}\n${failures.join('')}\n${inWords(all)}`);
writeFileSync(SUMMARY, `${inWords(all)}\n`);
process.exitCode = all.failed > 0 || all.passed === 0 ? 1 : 0;
