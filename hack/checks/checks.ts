import { type Counts, NONE } from './counts.ts';
import { goCounts, goFailures, goText } from './go-report.ts';
import { vitestCounts, vitestFailures } from './vitest-report.ts';

/** One of the things that `make test` does. */
export interface Check {
  name: string;
  /** Program and arguments; programs of npm packages are found. */
  command: string[];
  /** Relative to the project; its root unless set. */
  cwd?: string;
  env?: Record<string, string>;
  /** File of the machine-readable report; `stdout` is written there, too, if it is the report. */
  report?: {
    file: string;
    fromStdout?: boolean;
    counts(text: string): Counts;
    failures(text: string): string[];
    text?(text: string): string;
  };
}

const REPORTS = '.berth/test';

const vitest = (project: string): Check => {
  const file = `${REPORTS}/${project}.json`;
  return {
    name: `${project} tests`,
    command: [
      'vitest',
      'run',
      '--project',
      project,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
    ],
    report: { file, counts: vitestCounts, failures: vitestFailures },
  };
};

/** In the order in which they run: what fails soonest comes first. */
export const CHECKS: readonly Check[] = [
  { name: 'lint', command: ['biome', 'check', '.'] },
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'generated files', command: ['node', 'hack/generate/main.ts', '--check'] },
  vitest('unit'),
  {
    name: 'Go unit tests',
    // Built like the local cluster itself and without vet, which would look through all of Kubernetes first.
    command: ['go', 'test', '-vet=off', '-json', './...'],
    env: { CGO_ENABLED: '0' },
    cwd: 'hack/localcluster',
    report: {
      file: `${REPORTS}/go.json`,
      fromStdout: true,
      counts: goCounts,
      failures: goFailures,
      text: goText,
    },
  },
  vitest('integration'),
  { name: 'access rights', command: ['node', 'hack/access/main.ts'] },
];

/** The counts of a check that ended: of its report, or one for the check itself. */
export function countsOf({ report }: Check, text: string | undefined, exitCode: number): Counts {
  if (report && text !== undefined) return report.counts(text);
  return exitCode === 0 && !report ? { ...NONE, passed: 1 } : { ...NONE, failed: 1 };
}
