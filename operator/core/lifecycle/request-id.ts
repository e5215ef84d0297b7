import { createHash } from 'node:crypto';
import { requestId as requestIdSchema } from '#api/common.ts';
import { REQUEST_ID_ANNOTATION } from '#api/constants.ts';
import type { Instance, OperationName } from '#api/instance.ts';

/**
 * Request id of an operation: `req-` and a UUID.
 *
 * An operation in flight keeps its own. A new one takes the user's annotation if no earlier operation used it up, else
 * one derived from the Instance and the generation that asks, so that a restarted operator arrives at the same.
 */
export function requestIdFor(instance: Instance, operation: OperationName): string {
  const inFlight = instance.status?.operation;
  if (inFlight?.name === operation) return inFlight.requestId;
  return freshRequestId(instance) ?? derivedRequestId(instance.metadata.uid, askedBy(instance, operation));
}

/** The user's request id, unless an earlier operation used it up. */
function freshRequestId(instance: Instance): string | undefined {
  const asked = instance.metadata.annotations?.[REQUEST_ID_ANNOTATION];
  if (asked === undefined || !requestIdSchema.safeParse(asked).success) return undefined;
  const { operation, lastOperations = [] } = instance.status ?? {};
  const used = [...lastOperations, ...(operation ? [operation] : [])];
  return used.some((it) => it.requestId === asked) ? undefined : asked;
}

/** Has the user set a request id that no operation used yet? */
export const hasFreshRequestId = (instance: Instance): boolean => freshRequestId(instance) !== undefined;

/** Did this very request fail before? Then it is not tried again until the spec changes or a new request id is set. */
export function hasFailed(instance: Instance, operation: OperationName): boolean {
  const last = instance.status?.lastOperations?.find(({ name }) => name === operation);
  if (last?.result !== 'Failed' || freshRequestId(instance) !== undefined) return false;
  return happensOnce(operation) || last.generation === instance.metadata.generation;
}

const happensOnce = (operation: OperationName) => operation === 'Create' || operation === 'Delete';

/** Create and Delete happen once; the others once for each generation of the spec. */
function askedBy(instance: Instance, operation: OperationName): string {
  return happensOnce(operation) ? operation : `${operation} ${instance.metadata.generation ?? 0}`;
}

/** A name-based UUID (RFC 9562, version 8: SHA-256) of the Instance's uid and what is asked of it. */
export function derivedRequestId(uid: string, asked: string): string {
  const bytes = createHash('sha256').update(`${uid} ${asked}`).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `req-${[hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')}`;
}
