import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LinearRegex } from '../../../src/core/filter/linear-regex.ts';

function regex(pattern: string): LinearRegex {
  const reading = LinearRegex.read(pattern);
  if (!reading.ok) throw new Error(`${reading.expected}, got ${reading.got}`);
  return reading.regex;
}

/** Native patterns of the same meaning. */
const SAME_AS_NATIVE: readonly (readonly [pattern: string, texts: readonly string[]])[] = [
  ['^[a-zA-Z]+$', ['qwerty', 'qwerty1', '', 'QwErTy', 'a b']],
  ['^cs_[a-zA-Z]+$', ['cs_live', 'cs_', 'xcs_live']],
  [
    '^(?<scheme>[^:/?#]+):(?:\\/\\/)?([^@/?#:]*)(?::(\\d+)?)?',
    ['https://example.org:8443/a', 'no scheme', 'a:b'],
  ],
  ['colou?r', ['color', 'colour', 'colouur']],
  ['a|b|', ['', 'c']],
  ['^(a|ab)(c|bcd)$', ['abcd', 'ac', 'abc', 'abbcd']],
  ['^\\d{4}-\\d{2}-\\d{2}$', ['2026-01-31', '2026-1-31', '20260131']],
  ['^a{2,}$', ['a', 'aa', 'aaaa']],
  ['^a{0}$', ['', 'a']],
  ['^(ab){2,3}$', ['ab', 'abab', 'ababab', 'abababab']],
  ['\\bfoo\\b', ['foo', 'a foo b', 'food', 'foo_', 'x-foo-y']],
  ['\\Boo', ['foo', 'oo', ' oo']],
  ['^.$', ['a', '\n', '', 'ab']],
  ['[^a-c]', ['abc', 'abcd', '']],
  ['[\\w.-]+@[\\w-]+\\.\\w+', ['a.b-c@d-e.fr', 'a@b', '@']],
  ['[]', []],
  ['\\u0041\\x42[\\n-\\r]?', ['AB', 'AB\n', 'ab']],
  ['(a*)*b', ['aaab', 'aaa', 'b']],
  ['a+?b*?c', ['abbc', 'aac', 'bc']],
  ['\\$\\.\\*', ['$.*', '$a*']],
  ['[^\\d\\s]', ['1 2', 'a', '']],
  ['{x', ['{x', 'x']],
];

describe('matches the same texts as the native engine', () => {
  test.each(SAME_AS_NATIVE.filter(([pattern]) => pattern !== '[]'))('%s', (pattern, texts) => {
    const ours = regex(pattern);
    const native = new RegExp(pattern);
    for (const text of texts) expect([text, ours.test(text)]).toEqual([text, native.test(text)]);
  });

  const atom = fc.constantFrom(
    'a',
    'b',
    'c',
    '.',
    '[ab]',
    '[^a]',
    '\\d',
    '\\w',
    '\\s',
    '(?:a|bc)',
    '\\b',
    '^',
    '$',
  );
  const piece = fc
    .tuple(atom, fc.constantFrom('', '*', '+', '?', '{2}', '{1,2}', '{2,}', '*?'))
    .map(([part, count]) => (/^(\\b|\^|\$)$/.test(part) ? part : part + count));
  const sequence = fc.array(piece, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
  const pattern = fc
    .tuple(sequence, sequence, fc.constantFrom('plain', 'either', 'group'))
    .map(([a, b, shape]) => (shape === 'plain' ? a : shape === 'either' ? `${a}|${b}` : `(${a})+(${b})`));

  test('for generated patterns and texts', () => {
    fc.assert(
      fc.property(
        pattern,
        fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', ' ', '\n'), maxLength: 12 }),
        (p, text) => {
          expect(regex(p).test(text)).toBe(new RegExp(p).test(text));
        },
      ),
      { numRuns: 3_000 },
    );
  });
});

describe('flags in front', () => {
  test.each([
    ['(?i)straße', 'STRAßE', true],
    ['(?i)[a-f]+$', 'ABCDEF', true],
    ['(?i)^[^a]$', 'A', false],
    ['(?s)a.b', 'a\nb', true],
    ['a.b', 'a\nb', false],
    ['(?m)^b$', 'a\nb\nc', true],
    ['^b$', 'a\nb\nc', false],
    ['(?ims)^A.B$', 'x\na\nb', true],
  ])('%s on %j', (pattern, text, expected) => {
    expect(regex(pattern).test(text)).toBe(expected);
  });
});

test('a character is a code point', () => {
  expect(regex('^.$').test('🎺')).toBe(true);
  expect(regex('^[🎺-🎻]$').test('🎻')).toBe(true);
  expect(regex('^\\u{1F3BA}$').test('🎺')).toBe(true);
});

test.each([
  ['(?=a)', 'linear time'],
  ['(?!a)', 'linear time'],
  ['(?<=a)b', 'linear time'],
  ['a(?i)b', 'linear time'],
  ['(a)\\1', 'escape'],
  ['\\p{L}', 'escape'],
  ['\\k<a>', 'escape'],
  ['[[:alpha:]]', '[:names:]'],
  ['(a', 'a ) for each ('],
  ['a)', 'a ( for each )'],
  ['[a', 'a ] for each ['],
  ['[z-a]', 'rising order'],
  ['*a', 'something to repeat'],
  ['^*', 'something to repeat'],
  ['a**', 'one count'],
  ['a{2}{3}', 'one count'],
  ['a{3,2}', 'rising order'],
  ['a\\', 'more of the pattern'],
  ['', '1 to 1000 characters'],
  ['a'.repeat(1_001), '1 to 1000 characters'],
  ['(((a{50}){50}){50})', 'at most 1000 steps'],
  ['('.repeat(60) + ')'.repeat(60), '50 levels'],
  ['\\u{110000}', 'a character'],
])('%j is refused, in words', (pattern, expected) => {
  const reading = LinearRegex.read(pattern);
  expect(reading).toMatchObject({ ok: false, expected: expect.stringContaining(expected) as string });
});

describe('what takes other engines for ever', () => {
  test.each([
    '(a+)+$',
    '(a|a)*b',
    '(.*)*x',
    '(a?){300}a{300}',
    '(x+x+)+y',
    '([a-z]+)*[0-9]',
    '^(([a-z])+.)+[A-Z]$',
  ])('%s runs in time that grows with the text', (pattern) => {
    const steps = (length: number) => {
      let count = 0;
      regex(pattern).test(`${'a'.repeat(length)}!`, (more) => (count += more));
      return count;
    };
    const [short, long] = [steps(1_000), steps(2_000)];
    expect(long).toBeLessThanOrEqual(2 * short + 2_000);
    expect(long).toBeLessThanOrEqual(2_002 * 1_010);
  });
});
