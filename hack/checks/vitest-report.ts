import type { Counts } from './counts.ts';

/** The part of vitest's JSON report (jest's shape) that is counted. */
interface Report {
  testResults: {
    name?: string;
    status: string;
    message?: string;
    assertionResults: { status: string; fullName?: string; failureMessages?: string[] | null }[];
  }[];
}

/** Counts every test; a file that could not even be loaded counts as one that failed. */
export function vitestCounts(json: string): Counts {
  const { testResults } = JSON.parse(json) as Report;
  const statuses = testResults.flatMap(({ status, assertionResults }) =>
    assertionResults.length === 0 && status === 'failed' ? [{ status }] : assertionResults,
  );
  const count = (...wanted: string[]) => statuses.filter(({ status }) => wanted.includes(status)).length;
  const [passed, failed] = [count('passed'), count('failed')];
  return { passed, failed, skipped: statuses.length - passed - failed };
}

/** Each test that failed, and each file that did by itself, with the first line of what was wrong and where. */
export function vitestFailures(json: string): string[] {
  const { testResults } = JSON.parse(json) as Report;
  return testResults
    .filter(({ status }) => status === 'failed')
    .flatMap(({ name = '', message = '', assertionResults }) => {
      const file = name.slice(name.lastIndexOf('/') + 1);
      const failed = assertionResults.filter(({ status }) => status === 'failed');
      if (failed.length === 0) return [`${file}: ${gist(message)}`];
      return failed.map((it) => `${file}: ${it.fullName}: ${gist(it.failureMessages?.[0] ?? '')}`);
    });
}

/** Its first line, and the source line that the first frame of the stack names. */
function gist(message: string): string {
  const [first = ''] = message.split('\n');
  const place = /([\w.-]+\.ts:\d+):\d+\)?$/m.exec(message)?.[1];
  return `${first.slice(0, 160)}${place === undefined ? '' : ` (${place})`}`;
}
