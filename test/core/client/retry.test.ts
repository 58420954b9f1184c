import { expect, it } from 'vitest';
import { backOffMs, retryAfterSeconds, waitBeforeNext, type Try } from '../../../client/retry.ts';

const first: Try = { isSafe: true, number: 1, maxTries: 4, status: 503, retryAfterSeconds: null };

it.each<[string, Partial<Try>, number | null]>([
  ['a passing failure', {}, 250],
  ['the third in a row waits longer', { number: 3 }, 1000],
  ['no answer at all', { status: null }, 250],
  ['too many requests', { status: 429 }, 250],
  ['what the relay asks for', { retryAfterSeconds: 5 }, 5000],
  ['nobody waits for minutes', { retryAfterSeconds: 60 }, null],
  ['the last try', { number: 4 }, null],
  ['a call that is not safe', { isSafe: false }, null],
  ['a refusal', { status: 404 }, null],
  ['a failure of the relay itself', { status: 500 }, null],
])('%s', (_, changed, waitMs) => {
  expect(waitBeforeNext({ ...first, ...changed }, 1)).toBe(waitMs);
});

it('the back-off is spread over its upper half, and bounded', () => {
  expect([backOffMs(1, 0, 30_000), backOffMs(1, 1, 30_000)]).toEqual([125, 250]);
  expect(backOffMs(1000, 1, 30_000)).toBe(30_000);
});

it('Retry-After is seconds or a date', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  expect(retryAfterSeconds('7', now)).toBe(7);
  expect(retryAfterSeconds('Thu, 01 Jan 2026 00:00:09 GMT', now)).toBe(9);
  expect(retryAfterSeconds('Wed, 31 Dec 2025 00:00:00 GMT', now)).toBe(0);
  expect(retryAfterSeconds('soon', now)).toBeNull();
  expect(retryAfterSeconds(null, now)).toBeNull();
});
