import type { Counts } from './counts.ts';

/** The part of vitest's JSON report (jest's shape) that is counted. */
interface Report {
  testResults: { status: string; assertionResults: { status: string }[] }[];
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
