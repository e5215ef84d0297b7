import { type BackoffSettings, fullJitterMs, type Random } from './backoff.ts';
import { ApiError, TransportError } from './errors.ts';

export interface RetrySettings extends BackoffSettings {
  /** Sent at most this often in all. */
  attempts: number;
}

export const defaultRetry: RetrySettings = { attempts: 7, baseMs: 100, capMs: 5_000 };

/** Longer than this is not waited for within one request; the caller has a queue for that. */
const longestRetryAfterMs = 30_000;

/** Whether sending the request again cannot do twice what was to be done once. */
function mayResend(error: unknown, idempotent: boolean): boolean {
  if (error instanceof TransportError) return idempotent || !error.sent;
  if (!(error instanceof ApiError)) return false;
  if (error.code === 429) return true; // turned away before it was looked at
  return idempotent && error.code >= 500 && error.code !== 501;
}

/**
 * How long to wait before a failed request is sent again, or undefined when it must not be. `attempt` is 1 after the
 * first failure. Retry-After is the least wait, and jitter spreads those who were told the same second.
 */
export function retryDelayMs(
  error: unknown,
  attempt: number,
  idempotent: boolean,
  settings: RetrySettings,
  random: Random = Math.random,
): number | undefined {
  if (attempt >= settings.attempts || !mayResend(error, idempotent)) return undefined;
  const jitter = fullJitterMs(settings, attempt, random);
  const asked = error instanceof ApiError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
  return asked > longestRetryAfterMs ? undefined : asked + jitter;
}
