import { parsePythonJson } from '#core/scheduling/python-json.ts';
import type { PythonJson } from '#core/scheduling/python-text.ts';

/** A file that Python's json wrote, in which NaN and Infinity may stand. Throws what JSON.parse throws. */
export function readPython(text: string): unknown {
  const parsed = parsePythonJson(text);
  return parsed === undefined ? JSON.parse(text) : plain(parsed);
}

/** Ints as numbers. */
function plain(value: PythonJson): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plain(entry)]));
}
