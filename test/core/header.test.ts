import { describe, expect, test } from 'vitest';
import { headersProblem, headerText, MAX_HEADER_BYTES, MAX_HEADERS } from '../../src/core/header.ts';

const some = (count: number, value = 'x') =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`x-${String(at).padStart(5, '0')}`, value]));

describe('A1: headers that no request may carry', () => {
  test('more than 128', () => {
    expect(headersProblem(some(MAX_HEADERS))).toBeNull();
    expect(headersProblem(some(MAX_HEADERS + 1))).toBe('expected at most 128 headers, got 129');
    expect(headersProblem(some(25_000))).toBe('expected at most 128 headers, got 25000');
  });

  test('more than 32 KiB of names and values', () => {
    const fits = { 'x-a': 'v'.repeat(MAX_HEADER_BYTES - 3) };
    expect(headersProblem(fits)).toBeNull();
    expect(headersProblem({ ...fits, y: '' })).toBe('expected at most 32768 bytes of headers, got 32769');
  });

  test.each([
    ['a line break', { 'content-type': 'a\r\nx-evil: 1' }],
    ['a control character', { 'content-type': 'application/json\u0001' }],
    ['more than a byte a character', { 'content-type': 'text/\u0416' }],
  ])('%s in a value, which is not repeated', (_name, headers) => {
    const problem = headersProblem(headers);
    expect(problem).toBe('expected content-type to be text that a header can carry, got another');
  });

  test('a name that is none', () => {
    expect(headersProblem({ 'a b': '1' })).toBe('expected the name of a header, got "a b"');
    expect(headersProblem({ '': '1' })).toContain('the name of a header');
  });
});

describe('B4: text in a header', () => {
  test('is percent-encoded, and reads back', () => {
    const text = 'kontakt/Žluť 😀 "100%"';
    expect(headerText(text)).toMatch(/^[\x21-\x7e]+$/);
    expect(decodeURIComponent(headerText(text))).toBe(text);
    expect(headerText('contact/1')).toBe('contact/1');
  });

  test('is cut at a whole character', () => {
    const japanese = '契'.repeat(1000);
    const text = headerText(japanese, 1024);
    expect(text.length).toBeLessThanOrEqual(1024);
    expect(text.length).toBeGreaterThan(1024 - 9);
    expect(japanese.startsWith(decodeURIComponent(text))).toBe(true);
    expect(headerText('x'.repeat(2000), 1024)).toBe('x'.repeat(1024));
    expect(headerText(`${'x'.repeat(1023)}é`, 1024)).toBe('x'.repeat(1023));
  });

  test('is well formed where the text is not', () => {
    expect(decodeURIComponent(headerText('a\ud800b'))).toBe('a\ufffdb');
  });
});
