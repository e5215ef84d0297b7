import type { Claim } from '#api/nodeledger.ts';
import type { ApiRequest } from '../faults/api-request.ts';

/** The claims of every ledger, as last written. */
export type LedgersSeen = ReadonlyMap<string, readonly Claim[]>;

/** An Instance, as writes tell of it. */
export interface Subject {
  name: string;
  uid: string;
}

const NOT_COUNTED = ['events', 'leases', 'selfsubjectreviews'];

/**
 * What kind of write a request is, in words such as `patch virtualmachines` or `ledger: claim`; undefined where it is none, or
 * none about this Instance.
 */
export function writeOf(
  request: ApiRequest,
  { name, uid }: Subject,
  ledgers: LedgersSeen,
): string | undefined {
  const { verb, resource, subresource } = request;
  if (['get', 'list', 'watch'].includes(verb) || NOT_COUNTED.includes(resource)) return undefined;
  if (resource === 'nodeledgers') {
    const kind = ledgerWrite(request, uid, ledgers);
    return kind && `ledger: ${kind}`;
  }
  const body = request.body as { metadata?: { name?: string; labels?: Record<string, string> } } | undefined;
  const named = request.name ?? body?.metadata?.name ?? '';
  const isAbout = named === name || named.startsWith(`${name}-`) || named.includes(`-${name}-`);
  return isAbout ? `${verb} ${resource}${subresource ? `/${subresource}` : ''}` : undefined;
}

function ledgerWrite({ name = '', body }: ApiRequest, uid: string, ledgers: LedgersSeen): string | undefined {
  const own = (claims: readonly Claim[] = []) => claims.filter(({ instanceUid }) => instanceUid === uid);
  const before = own(ledgers.get(name));
  const after = own((body as { spec?: { claims?: Claim[] } } | undefined)?.spec?.claims);
  if (after.length > before.length) return 'claim';
  if (after.length < before.length) return 'release';
  return JSON.stringify(after) === JSON.stringify(before) ? undefined : 'change';
}
