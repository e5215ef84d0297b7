import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CallSiteObject, getCallSites } from 'node:util';

/** The path in the source, also where it was bundled: its map is followed. */
const pathOf = ({ scriptName }: CallSiteObject): string =>
  scriptName.startsWith('file:') ? fileURLToPath(scriptName) : scriptName;

const sitesOf = (frames: number) => getCallSites(frames, { sourceMap: true });

/** Of the project, from where this file is. */
const [here] = sitesOf(1);
const ROOT = here ? join(pathOf(here), '../../..') : '/';

/** File and line of whoever wrote a log line: `frames` callers up from here, relative to the project. */
export function sourceOf(frames: number): string {
  const site = sitesOf(frames + 3)[frames + 2];
  return site ? `${relative(ROOT, pathOf(site))}:${site.lineNumber}` : '-';
}
