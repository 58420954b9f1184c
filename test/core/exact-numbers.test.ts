import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asNumbers, exactJson, readExactly } from '../../src/core/exact-numbers.ts';

const written = (text: string) => JSON.stringify(exactJson(readExactly(text)));

describe('numbers to the letter', () => {
  test.each([
    '{"id":9007199254740993,"amount":100.0}',
    '[1e2,-0,-0.10,1E+400,0.1]',
    '{"deep":{"__proto__":{"x":1.50}},"text":"100.0"}',
    '9223372036854775808',
    '[]',
  ])('%s is written as it was read', (text) => {
    expect(written(text)).toBe(text);
    // As it lies in storage, and as it comes out of another object.
    expect(JSON.stringify(exactJson(JSON.parse(JSON.stringify(structuredClone(readExactly(text))))))).toBe(
      text,
    );
  });

  test('any value is the same when numbers are ordinary again', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(JSON.stringify(asNumbers(readExactly(text)))).toBe(JSON.stringify(JSON.parse(text)));
        expect(written(text)).toBe(text);
      }),
    );
  });

  test('a text that begins like a number kept to the letter stays a text', () => {
    const value = { a: '\u0000number:', b: '\u0000number:x', c: '\u0000number:1,"d":2' };
    expect(JSON.parse(JSON.stringify(exactJson(value)))).toEqual(value);
    expect(asNumbers(value)).toEqual(value);
  });
});
