import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { retryAfterMs } from '../../src/core/retry-after.ts';

const NOW_MS = Date.UTC(1994, 10, 6, 8, 49, 0);
const HOUR_MS = 3_600_000;

describe('B4: what a Retry-After asks for', () => {
  test.each([
    ['seconds', '120', 120_000],
    ['one second', '1', 1000],
    ['with blanks around', ' 7 ', 7000],
    ['leading zeros', '007', 7000],
    ['IMF-fixdate', 'Sun, 06 Nov 1994 08:49:37 GMT', 37_000],
    ['RFC 850', 'Sunday, 06-Nov-94 08:49:37 GMT', 37_000],
    ['asctime', 'Sun Nov  6 08:49:37 1994', 37_000],
    ['asctime with two digits', 'Wed Nov 16 08:49:00 1994', 24 * HOUR_MS],
    ['a month in seconds', '2592000', 24 * HOUR_MS],
    ['a month as a date', 'Tue, 06 Dec 1994 08:49:37 GMT', 24 * HOUR_MS],
    ['a day and a second', '86401', 24 * HOUR_MS],
    ['the largest number', '9999999999', 24 * HOUR_MS],
  ])('%s', (_name, text, waitMs) => {
    expect(retryAfterMs(text, NOW_MS)).toBe(waitMs);
  });

  test.each([
    ['absent', null],
    ['empty', ''],
    ['zero', '0'],
    ['negative', '-5'],
    ['signed', '+5'],
    ['a fraction', '1.5'],
    ['an exponent', '1e3'],
    ['hexadecimal', '0x10'],
    ['with a unit', '5s'],
    ['digits of another script', '٥'],
    ['eleven digits', '10000000000'],
    ['two values', '5, 6'],
    ['the past', 'Sun, 06 Nov 1994 08:48:59 GMT'],
    ['now', 'Sun, 06 Nov 1994 08:49:00 GMT'],
    ['an ISO date', '1994-11-06T09:00:00Z'],
    ['another zone', 'Sun, 06 Nov 1994 09:49:37 CET'],
    ['an offset', 'Sun, 06 Nov 1994 09:49:37 +0100'],
    ['lower case', 'sun, 06 nov 1994 08:49:37 gmt'],
    ['a month there is not', 'Sun, 06 Foo 1994 08:49:37 GMT'],
    ['an hour there is not', 'Sun, 06 Nov 1994 25:49:37 GMT'],
    ['words', 'soon'],
  ])('%s says nothing', (_name, text) => {
    expect(retryAfterMs(text, NOW_MS)).toBeNull();
  });

  test('whatever it says, the wait is null or within (0, 24 h]', () => {
    const text = fc.oneof(
      fc.string(),
      fc.integer().map(String),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    );
    fc.assert(
      fc.property(text, (value) => {
        const waitMs = retryAfterMs(value, NOW_MS);
        expect(waitMs === null || (waitMs > 0 && waitMs <= 24 * HOUR_MS)).toBe(true);
      }),
    );
  });
});
