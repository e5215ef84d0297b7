import type { BuiltImage } from './built-image.ts';
import { canonicalReference } from './reference.ts';

/** Where images may be taken from: undefined allows every place. Claims of the own namespace need no leave. */
export type ImageSources = readonly string[] | undefined;

/** `docker://quay.io/containerdisks`, `https://images.example:8443/golden`: a scheme, a host and maybe a path. */
export const IMAGE_SOURCE = /^(docker|https?):\/\/[A-Za-z0-9*][-A-Za-z0-9.*]*(:[0-9]{1,5})?(\/[!-~]*)?$/;

/** In the path: what some servers take for a step of it, and others for a letter. */
const MANY_READINGS = /^[^?#]*(%2f|%5c|%25|\\)/i;
const UNCLEAR =
  '%2f, %5c, %25 or a backslash in its path, which servers read in different ways: where only some places are allowed, write the path without';

/** Why an image may not be taken from where it says; undefined: it may. */
export function whyNotAllowed(
  { containerDisk, http }: Pick<BuiltImage, 'containerDisk' | 'http'>,
  allowed: ImageSources,
): string | undefined {
  if (!allowed) return undefined;
  if (http && MANY_READINGS.test(http.url)) return `${http.url} has ${UNCLEAR}`;
  const url = containerDisk === undefined ? http?.url : `docker://${canonicalReference(containerDisk)}`;
  if (url === undefined || allowed.some((entry) => covers(entry, url))) return undefined;
  return `${containerDisk ?? url} is from a place that this cluster does not take images from. Allowed: ${allowed.join(', ')}`;
}

/** Scheme and host are equal, `*.` stands for any name below; the path begins with whole steps of the entry's. */
function covers(entry: string, url: string): boolean {
  const [a, b] = [parts(entry), parts(url)];
  if (!a || !b || a.scheme !== b.scheme || !hostMatches(a.host, b.host)) return false;
  const base = a.path.replace(/\/+$/, '');
  return b.path === base || b.path.startsWith(`${base}/`) || isSameImage(a, b);
}

/** An entry may name one container image; whatever its tag or digest. */
const isSameImage = ({ scheme, path }: Parts, { path: other }: Parts): boolean =>
  scheme === 'docker' && other.startsWith(path) && /^[:@]/.test(other.slice(path.length));

const hostMatches = (wanted: string, host: string): boolean =>
  wanted.startsWith('*.') ? host.endsWith(wanted.slice(1)) : wanted === host;

interface Parts {
  scheme: string;
  host: string;
  path: string;
}

/** As the importer will read it: `..` and its spellings are resolved, so that they lead out of no path. */
function parts(text: string): Parts | undefined {
  const [scheme = '', rest = ''] = text.split('://');
  if (scheme === 'docker') {
    const slash = rest.indexOf('/');
    return slash < 0
      ? { scheme, host: rest, path: '' }
      : { scheme, host: rest.slice(0, slash), path: rest.slice(slash) };
  }
  const wild = rest.startsWith('*.');
  const url = URL.parse(`${scheme}://${wild ? rest.slice(2) : rest}`);
  return url ? { scheme, host: (wild ? '*.' : '') + url.host, path: url.pathname } : undefined;
}
