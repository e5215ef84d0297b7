import { describe, expect, test } from 'vitest';
import { inWords, ofExit, sum } from './counts.ts';
import { goCounts, goText } from './go-report.ts';
import { vitestCounts, vitestFailures } from './vitest-report.ts';

describe('counts', () => {
  test('add up', () => {
    const all = sum([
      { passed: 2, failed: 0, skipped: 1 },
      { passed: 3, failed: 1, skipped: 0 },
    ]);
    expect(inWords(all)).toBe('5 passed, 1 failed, 1 skipped');
  });

  test('name what was skipped only if something was', () => {
    expect(inWords({ passed: 1, failed: 0, skipped: 0 })).toBe('1 passed, 0 failed');
  });

  test('show a failure that no report names', () => {
    expect(ofExit({ passed: 3, failed: 0, skipped: 0 }, 1).failed).toBe(1);
    expect(ofExit({ passed: 3, failed: 2, skipped: 0 }, 1).failed).toBe(2);
    expect(ofExit({ passed: 3, failed: 0, skipped: 0 }, 0).failed).toBe(0);
  });
});

describe("vitest's report", () => {
  const file = (status: string, ...statuses: string[]) => ({
    status,
    assertionResults: statuses.map((it) => ({ status: it })),
  });
  const count = (...testResults: object[]) => vitestCounts(JSON.stringify({ testResults }));

  test('is counted test by test', () => {
    const counts = count(
      file('passed', 'passed', 'passed'),
      file('failed', 'failed', 'passed', 'pending', 'todo'),
    );
    expect(counts).toEqual({ passed: 3, failed: 1, skipped: 2 });
  });

  test('counts a file that does not load', () => {
    expect(count(file('failed')).failed).toBe(1);
  });

  test('names what failed, why and where', () => {
    const failureMessages = [
      'Error: 2 is not 1\n + 2\n    at /repo/test/b.ts:3:4\n    at run (/repo/x.ts:9:9)',
    ];
    const testResults = [
      { name: '/repo/test/a.test.ts', status: 'failed', message: 'SyntaxError: what', assertionResults: [] },
      {
        name: '/repo/test/b.test.ts',
        status: 'failed',
        assertionResults: [
          { status: 'passed', fullName: 'fine' },
          { status: 'failed', fullName: 'b adds', failureMessages },
        ],
      },
      { name: '/repo/test/c.test.ts', status: 'passed', assertionResults: [{ status: 'passed' }] },
    ];
    expect(vitestFailures(JSON.stringify({ testResults }))).toEqual([
      'a.test.ts: SyntaxError: what',
      'b.test.ts: b adds: Error: 2 is not 1 (b.ts:3)',
    ]);
  });
});

describe("Go's report", () => {
  const lines = (...events: object[]) => events.map((it) => JSON.stringify(it)).join('\n');
  const end = (Action: string, Package: string, Test?: string) => ({ Action, Package, Test });

  test('is counted without the tests that only hold others', () => {
    const report = lines(
      end('pass', 'a', 'TestOne'),
      end('pass', 'a', 'TestTable/x'),
      end('fail', 'a', 'TestTable/y'),
      end('fail', 'a', 'TestTable'),
      end('skip', 'a', 'TestSkipped'),
      end('fail', 'a'),
      end('pass', 'b', 'TestTable'),
      end('pass', 'b'),
    );
    expect(goCounts(report)).toEqual({ passed: 3, failed: 1, skipped: 1 });
  });

  test('counts a package that does not compile', () => {
    expect(goCounts(lines(end('fail', 'a'))).failed).toBe(1);
  });

  test('as text is short where all is well, and whole where it is not', () => {
    const said = (Package: string, Test: string | undefined, Output: string) => ({
      Action: 'output',
      Package,
      Test,
      Output,
    });
    const report = lines(
      said('a', 'TestOne', 'chatter\n'),
      end('pass', 'a', 'TestOne'),
      said('a', undefined, 'ok  \ta\t0.1s\n'),
      said('b', 'TestTwo', 'want 1, got 2\n'),
      end('fail', 'b', 'TestTwo'),
      said('b', undefined, 'FAIL\tb\t0.1s\n'),
      end('fail', 'b'),
    );
    expect(goText(report)).toBe('ok  \ta\t0.1s\nwant 1, got 2\nFAIL\tb\t0.1s\n');
  });
});
