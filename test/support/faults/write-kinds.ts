import type { Claim } from '#api/nodeledger.ts';
import type { ApiRequest } from './api-request.ts';

/** Each kind of write that the way of an Instance makes, from its claim to its end. */
export const WRITE_KINDS = [
  'reserve',
  'claim',
  'createDisk',
  'createVm',
  'pin',
  'status',
  'migrationClaim',
  'handOver',
  'halt',
  'start',
  'deleteVm',
  'deleteDisk',
  'release',
  'finish',
] as const;
export type WriteKind = (typeof WRITE_KINDS)[number];

const BY_REQUEST: Readonly<Record<string, WriteKind>> = {
  'create datavolumes': 'createDisk',
  'create virtualmachines': 'createVm',
  'patch pods': 'pin',
  'patch instances/status': 'status',
  'patch instances': 'finish',
  'delete virtualmachines': 'deleteVm',
  'delete datavolumes': 'deleteDisk',
};

/** What a request to write is, in these words. `held` are the claims in the ledger as last written. */
export function writeKindOf(request: ApiRequest, held: readonly Claim[]): WriteKind | undefined {
  const { verb, resource, subresource } = request;
  const body = request.body as
    | { spec?: { claims?: Claim[]; runStrategy?: string }; status?: object }
    | undefined;
  if (resource === 'nodeledgers' && verb === 'update') return ledgerWrite(held, body?.spec?.claims ?? []);
  if (resource === 'virtualmachines' && verb === 'patch')
    return body?.spec?.runStrategy === 'Halted' ? 'halt' : 'start';
  if (resource === 'servergroups' && body?.status && 'reservations' in body.status) return 'reserve';
  return BY_REQUEST[`${verb} ${resource}${subresource ? `/${subresource}` : ''}`];
}

function ledgerWrite(before: readonly Claim[], after: readonly Claim[]): WriteKind | undefined {
  const [was, is] = [before, after].map((claims) => new Set(claims.map(({ uid }) => uid))) as [
    Set<string>,
    Set<string>,
  ];
  const added = after.filter(({ uid }) => !was.has(uid));
  const removed = before.filter(({ uid }) => !is.has(uid));
  const handedOver = added.some(({ instanceUid }) => removed.some((it) => it.instanceUid === instanceUid));
  if (handedOver) return 'handOver';
  if (added.length > 0)
    return added.some(({ ownerKind }) => ownerKind !== 'Instance') ? 'migrationClaim' : 'claim';
  return removed.length > 0 ? 'release' : undefined;
}
