import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareNumbers, isExact, isNumberText } from '../../src/core/decimal.ts';

describe('compareNumbers', () => {
  test.each([
    ['9007199254740993', '9007199254740992', 1],
    ['9223372036854775807', '9223372036854775808', -1],
    ['-9223372036854775807', '-9223372036854775808', 1],
    ['100.0', '100', 0],
    ['1e2', '100', 0],
    ['0.1', '0.1000000000000000055', -1],
    ['1e400', '1e401', -1],
    ['-1e400', '1e400', -1],
    ['1e-400', '0', 1],
    ['-0', '0', 0],
    ['0.000', '0', 0],
    ['12345678901234567890.5', '12345678901234567890.50', 0],
    ['1E+2', '0.1e3', 0],
    ['2', '10', -1],
  ])('%s against %s', (a, b, expected) => {
    expect(Math.sign(compareNumbers(a, b))).toBe(expected);
    expect(Math.sign(compareNumbers(b, a))).toBe(expected === 0 ? 0 : -expected);
  });

  test('agrees with whole-number arithmetic at any number of digits and any scale', () => {
    const number = fc.tuple(fc.bigInt(-(10n ** 30n), 10n ** 30n), fc.integer({ min: -12, max: 12 }));
    fc.assert(
      fc.property(number, number, ([a, x], [b, y]) => {
        const order = a * 10n ** BigInt(x + 12) - b * 10n ** BigInt(y + 12);
        const expected = order === 0n ? 0 : order < 0n ? -1 : 1;
        expect(Math.sign(compareNumbers(`${a}e${x}`, `${b}e${y}`))).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  test('a number of a million zeros is compared at once', () => {
    const started = performance.now();
    expect(compareNumbers(`1${'0'.repeat(1_000_000)}`, `1${'0'.repeat(999_999)}1`)).toBeLessThan(0);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

test.each([
  ['1', true],
  ['100.0', true],
  ['0.1', true],
  ['9007199254740992', true],
  ['9007199254740993', false],
  ['0.10000000000000000555', false],
  ['1e400', false],
  ['-0.0', true],
])('isExact %s: %s', (text, expected) => {
  expect(isExact(text)).toBe(expected);
});

test.each(['', '01', '+1', '1.', '.5', '0x1', 'NaN', ' 1', '1 ', '1e'])('%j is no number of JSON', (text) => {
  expect(isNumberText(text)).toBe(false);
});
