import type { z } from 'zod';
import { replayFilterCases } from './filter-cases.ts';
import { replayFleetRuns } from './fleet-runs.ts';
import { RECORDINGS } from './recording.ts';
import type { Report } from './report.ts';
import { replayWeigherCases } from './weigher-cases.ts';

const ELSEWHERE =
  'no part of the scheduler; operator/core/lifecycle holds them against its table of operations';

/** Replays a recording of any of the three shapes. Throws, saying what is wrong, when it has none of them. */
export function replay(recording: unknown, report: Report): void {
  const shape = shapeOf(recording);
  if (shape === 'fleet') replayFleetRuns(read(RECORDINGS.fleet, recording), report);
  else if (shape === 'filters') replayFilterCases(read(RECORDINGS.filters, recording), report);
  else if (shape === 'weighers') replayWeigherCases(read(RECORDINGS.weighers, recording), report);
  else if (isObject(recording) && 'actions' in recording) report.apart('server actions', ELSEWHERE);
  else throw new Error('is no recording: it has neither cases of filters or weighers, nor runs over hosts');
}

function shapeOf(recording: unknown): keyof typeof RECORDINGS | undefined {
  if (!isObject(recording)) return undefined;
  if ('runs' in recording && 'hosts' in recording) return 'fleet';
  const first = [recording.cases, recording.raises].flatMap((list) => (Array.isArray(list) ? list : []))[0];
  if (!isObject(first)) return undefined;
  return 'filter' in first ? 'filters' : 'weigher' in first ? 'weighers' : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const MOST_ISSUES = 10;

function read<T extends z.ZodType>(shape: T, recording: unknown): z.infer<T> {
  const { success, data, error } = shape.safeParse(recording);
  if (success) return data;
  const issues = error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
  const more = issues.length > MOST_ISSUES ? [`  and ${issues.length - MOST_ISSUES} more`] : [];
  throw new Error(['has not the shape of a recording:', ...issues.slice(0, MOST_ISSUES), ...more].join('\n'));
}
