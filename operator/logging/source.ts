import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getCallSites } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** File and line of whoever wrote a log line: `frames` callers up from here, relative to the project. */
export function sourceOf(frames: number): string {
  const site = getCallSites(frames + 2, { sourceMap: true })[frames + 1];
  if (!site) return '-';
  const file = site.scriptName.startsWith('file:') ? fileURLToPath(site.scriptName) : site.scriptName;
  return `${relative(ROOT, file)}:${site.lineNumber}`;
}
