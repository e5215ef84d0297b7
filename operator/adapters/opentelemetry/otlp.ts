import { createHash, randomBytes } from 'node:crypto';
import type { Span } from '#ports/tracer.ts';

/**
 * A span of OTLP's JSON encoding (opentelemetry-proto, trace/v1/trace.proto): ids in hex, times in nanoseconds since 1970
 * as decimal text.
 */
export interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Attribute[];
  status: { code: number; message?: string };
}

interface Attribute {
  key: string;
  value: { stringValue: string };
}

const INTERNAL = 1;
const ERROR = 2;
const UNSET = 0;

/**
 * The trace has the UUID of the request id for its id, so that who has the one has the other. The span of the operation is
 * the parent of its parts; its id follows from the request and the Instance, since the parts are told of before it ends, perhaps by another replica.
 */
export function otlpSpan({
  requestId,
  instanceUid,
  kind,
  name,
  start,
  end,
  attributes,
  error,
}: Span): OtlpSpan {
  const root = createHash('sha256').update(`${requestId}/${instanceUid}`).digest('hex').slice(0, 16);
  const all = { 'berth.request_id': requestId, ...attributes };
  return {
    traceId: requestId.replace(/^req-/, '').replaceAll('-', ''),
    ...(kind === 'operation'
      ? { spanId: root }
      : { spanId: randomBytes(8).toString('hex'), parentSpanId: root }),
    name,
    kind: INTERNAL,
    startTimeUnixNano: nanoseconds(start),
    endTimeUnixNano: nanoseconds(end),
    attributes: attributesOf(all),
    status: error === undefined ? { code: UNSET } : { code: ERROR, message: error },
  };
}

const nanoseconds = (time: Date): string => `${BigInt(time.getTime()) * 1_000_000n}`;

function attributesOf(values: Readonly<Record<string, string | undefined>>): Attribute[] {
  return Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: { stringValue: value } }],
  );
}

/** An ExportTraceServiceRequest of these spans; `resource` says who sends them. */
export function exportRequest(
  spans: readonly OtlpSpan[],
  resource: Readonly<Record<string, string>>,
): object {
  return {
    resourceSpans: [
      { resource: { attributes: attributesOf(resource) }, scopeSpans: [{ scope: { name: 'berth' }, spans }] },
    ],
  };
}
