import { dumpYaml } from '@kubernetes/client-node';
import { UsageError } from './session.ts';

export type Cell = string | number | undefined;

/** A table as kubectl prints them: columns as wide as they need, three spaces between. */
export function table(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cells = [header, ...rows].map((row) =>
    row.map((cell) => (cell === undefined || cell === '' ? '-' : `${cell}`)),
  );
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}

/** Name and value on a line each; what is undefined is left out. */
export function facts(rows: readonly (readonly [name: string, value: Cell])[]): string {
  const known = rows.filter(([, value]) => value !== undefined && value !== '');
  const width = Math.max(...known.map(([name]) => name.length)) + 1;
  return known.map(([name, value]) => `${`${name}:`.padEnd(width)}  ${value}`).join('\n');
}

export type Format = 'json' | 'yaml' | 'wide' | undefined;

export function formatOf(output: string | boolean | undefined): Format {
  if (output === undefined || output === 'json' || output === 'yaml' || output === 'wide') return output;
  throw new UsageError(`--output ${output}: give json, yaml or wide`);
}

/** An object, or several as a List, as JSON or YAML. */
export function document(format: 'json' | 'yaml', what: unknown): string {
  const object = Array.isArray(what) ? { apiVersion: 'v1', kind: 'List', items: what } : what;
  return format === 'json' ? JSON.stringify(object, null, 2) : dumpYaml(object).trimEnd();
}

/** As kubectl tells ages: 45s, 12m, 3h, 4d. */
export function ageOf(since: string | undefined, now: Date = new Date()): string | undefined {
  if (since === undefined) return undefined;
  const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(since)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
