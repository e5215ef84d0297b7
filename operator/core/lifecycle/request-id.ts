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
  const { operation: inFlight, lastOperations = [] } = instance.status ?? {};
  if (inFlight?.name === operation) return inFlight.requestId;
  const asked = instance.metadata.annotations?.[REQUEST_ID_ANNOTATION];
  const usable = asked !== undefined && requestIdSchema.safeParse(asked).success;
  if (usable && !lastOperations.some((past) => past.requestId === asked)) return asked;
  return derivedRequestId(instance.metadata.uid, askedBy(instance, operation));
}

/** Create and Delete happen once; the others once for each generation of the spec. */
function askedBy(instance: Instance, operation: OperationName): string {
  const once = operation === 'Create' || operation === 'Delete';
  return once ? operation : `${operation} ${instance.metadata.generation ?? 0}`;
}

/** A name-based UUID (RFC 9562, version 8: SHA-256) of the Instance's uid and what is asked of it. */
function derivedRequestId(uid: string, asked: string): string {
  const bytes = createHash('sha256').update(`${uid} ${asked}`).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `req-${[hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')}`;
}
