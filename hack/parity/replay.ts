import { replayFilterCases } from './filter-cases.ts';
import { replayFleetRuns } from './fleet-runs.ts';
import type { FilterRecording, FleetRecording, WeigherRecording } from './recording.ts';
import type { Report } from './report.ts';
import { replayWeigherCases } from './weigher-cases.ts';

/** Replays a recording of any of the three shapes. Throws when it has none of them. */
export function replay(recording: object, report: Report): void {
  const first = 'cases' in recording && Array.isArray(recording.cases) ? recording.cases[0] : undefined;
  if ('runs' in recording && 'hosts' in recording) replayFleetRuns(recording as FleetRecording, report);
  else if (first && 'filter' in first) replayFilterCases(recording as FilterRecording, report);
  else if (first && 'weigher' in first) replayWeigherCases(recording as WeigherRecording, report);
  else throw new Error('is no recording: it has neither cases of filters or weighers, nor runs over hosts');
}
