/** The body of a refused request (metav1.Status), as far as anyone here reads it. */
export interface Status {
  status?: string;
  message?: string;
  reason?: string;
  code?: number;
  details?: {
    name?: string;
    kind?: string;
    group?: string;
    retryAfterSeconds?: number;
    causes?: Array<{ reason?: string; message?: string; field?: string }>;
  };
  metadata?: { continue?: string };
}

/** The API server answered, and the answer is no. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: number;
  readonly reason: string;
  readonly status: Status;
  readonly retryAfterSeconds?: number;

  constructor(code: number, status: Status, what: string, retryAfterSeconds?: number) {
    super(`${what}: ${status.message ?? 'no message'} (${code} ${status.reason ?? 'Unknown'})`);
    this.code = code;
    this.reason = status.reason ?? 'Unknown';
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds ?? status.details?.retryAfterSeconds;
  }
}

/**
 * No answer came. `sent` is false only where not one byte of the request can have reached the API server, so that
 * sending it again is safe whatever it does.
 */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly sent: boolean;

  constructor(what: string, sent: boolean, cause: unknown) {
    super(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.sent = sent;
  }
}

/** A write was held back, since another process may lead by now. */
export class NotLeading extends Error {
  override readonly name = 'NotLeading';
}

function hasCode(error: unknown, code: number): error is ApiError {
  return error instanceof ApiError && error.code === code;
}

export const isNotFound = (error: unknown): error is ApiError => hasCode(error, 404);
export const isForbidden = (error: unknown): error is ApiError => hasCode(error, 403);
export const isUnauthorized = (error: unknown): error is ApiError => hasCode(error, 401);
export const isInvalid = (error: unknown): error is ApiError => hasCode(error, 422);
export const isTooManyRequests = (error: unknown): error is ApiError => hasCode(error, 429);

/** 410: the resourceVersion or continue token is older than what the API server keeps. */
export const isGone = (error: unknown): error is ApiError => hasCode(error, 410);

/** 409 because someone wrote in between (AlreadyExists is a 409 too, and is not meant). */
export const isConflict = (error: unknown): error is ApiError =>
  hasCode(error, 409) && error.reason !== 'AlreadyExists';

export const isAlreadyExists = (error: unknown): error is ApiError =>
  hasCode(error, 409) && error.reason === 'AlreadyExists';

/** The API server is behind the resourceVersion that was asked for: a restored etcd, or a lagging replica. */
export function isResourceVersionTooLarge(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  const causes = error.status.details?.causes ?? [];
  return causes.some((cause) => cause.reason === 'ResourceVersionTooLarge');
}

/** What came, or undefined where the API server says that it has no such object. */
export async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
