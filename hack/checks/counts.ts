/** How many tests, or checks that stand for one each, ended in what way. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export const NONE: Counts = { passed: 0, failed: 0, skipped: 0 };

export function sum(all: readonly Counts[]): Counts {
  return all.reduce(
    (total, it) => ({
      passed: total.passed + it.passed,
      failed: total.failed + it.failed,
      skipped: total.skipped + it.skipped,
    }),
    NONE,
  );
}

export const inWords = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

/** The counts of a run whose exit code says that it failed: at least one did, even if no report names it. */
export const ofExit = (counts: Counts, exitCode: number): Counts =>
  exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
