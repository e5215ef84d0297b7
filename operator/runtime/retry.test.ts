import { expect, test } from 'vitest';
import { ApiError, TransportError } from './errors.ts';
import { defaultRetry, retryDelayMs } from './retry.ts';

const answer = (code: number, retryAfter?: number) => new ApiError(code, {}, 'test', retryAfter);
const silence = (sent: boolean) => new TransportError('test', sent, new Error('reset'));

const cases: Array<[string, unknown, boolean, boolean]> = [
  // what happened, error, may a read be sent again, may a write
  ['turned away', answer(429), true, true],
  ['server error', answer(500), true, false],
  ['unavailable', answer(503), true, false],
  ['gateway timeout', answer(504), true, false],
  ['never connected', silence(false), true, true],
  ['broken off', silence(true), true, false],
  ['not implemented', answer(501), false, false],
  ['conflict', answer(409), false, false],
  ['not found', answer(404), false, false],
  ['gone', answer(410), false, false],
  ['a bug', new TypeError('x'), false, false],
];

test.each(cases)('%s', (_, error, read, write) => {
  expect(retryDelayMs(error, 1, true, defaultRetry) !== undefined).toBe(read);
  expect(retryDelayMs(error, 1, false, defaultRetry) !== undefined).toBe(write);
});

test('Retry-After is the least wait, jitter comes on top', () => {
  expect(retryDelayMs(answer(429, 3), 1, false, defaultRetry, () => 0)).toBe(3_000);
  expect(retryDelayMs(answer(429, 3), 1, false, defaultRetry, () => 0.5)).toBe(3_050);
});

test('a wait of minutes is the caller’s, not the request’s', () => {
  expect(retryDelayMs(answer(503, 120), 1, true, defaultRetry)).toBeUndefined();
});

test('it ends after the last attempt', () => {
  expect(retryDelayMs(answer(503), defaultRetry.attempts - 1, true, defaultRetry)).toBeDefined();
  expect(retryDelayMs(answer(503), defaultRetry.attempts, true, defaultRetry)).toBeUndefined();
});
