import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matches, parsePattern, type Pattern } from '../../src/core/pattern.ts';

function pattern(text: string): Pattern {
  const reading = parsePattern(text);
  if (!reading.ok) throw new Error(`${text}: expected ${reading.expected}`);
  return reading.pattern;
}

const TABLE: readonly [pattern: string, type: string, matches: boolean][] = [
  ['*', 'superoffice.contact.updated', true],
  ['*', 'anything', true],
  ['*', 'posthorn.hook.failing', false],
  ['*', 'Posthorn.hook.failing', false],
  ['*', 'posthorn', true],
  ['*', 'posthorns.hook', true],

  ['a.*', 'a', false],
  ['a.*', 'a.b', true],
  ['a.*', 'a.b.c', true],
  ['a.*', 'ab.c', false],
  ['a.*', 'b.a.c', false],

  ['*.contact.created', 'superoffice.contact.created', true],
  ['*.contact.created', 'contact.created', false],
  ['*.contact.created', 'x.y.contact.created', false],
  ['*.contact.created', 'superoffice.contact.createdx', false],
  ['superoffice.*.created', 'superoffice.contact.created', true],
  ['superoffice.*.created', 'superoffice.list.110.created', false],
  ['superoffice.*.created', 'superoffice.created', false],
  ['superoffice.*.*', 'superoffice.list.110.created', true],
  ['superoffice.*.*', 'superoffice.list', false],
  ['*.*', 'a', false],
  ['*.*', 'a.b.c', true],

  ['superoffice.contact.created', 'superoffice.contact.created', true],
  ['superoffice.contact.created', 'superoffice.contact', false],
  ['superoffice.contact', 'superoffice.contact.created', false],
  ['SuperOffice.CONTACT.*', 'superoffice.contact.created', true],
  ['com.example.order', 'Com.Example.ORDER', true],
  ['größe.neu', 'GRÖßE.neu', true],
  ['a+b.[c]', 'a+b.[c]', true],
  ['a.b', 'axb', false],

  ['posthorn.*', 'posthorn.hook.failing', true],
  ['POSTHORN.hook.*', 'posthorn.hook.failing', true],
  ['posthorn.*.failing', 'posthorn.hook.failing', true],
  ['*.hook.failing', 'posthorn.hook.failing', false],
  ['*.*', 'posthorn.hook.failing', false],
  ['posthorn', 'posthorn.hook.failing', false],

  ['a.*.b', 'a.*.b', true],
  ['a.b', 'a.*', false],
  ['a.*', 'a.', true],
  ['*.b', '.b', true],
];

describe('the pattern table of contract §5', () => {
  test.each(TABLE)('%s on %s: %s', (text, type, expected) => {
    expect(matches(pattern(text), type)).toBe(expected);
  });
});

describe('a pattern that could never match as meant is refused with its reason', () => {
  test.each([
    ['', 'length'],
    ['a'.repeat(401), 'length'],
    ['a b', 'character'],
    [' a', 'character'],
    ['a\n', 'character'],
    ['a\u0000', 'character'],
    ['a\u00a0b', 'character'],
    ['a\u200bb', 'character'],
    ['a\ud800', 'character'],
    ['.', 'empty-segment'],
    ['a.', 'empty-segment'],
    ['.a', 'empty-segment'],
    ['a..b', 'empty-segment'],
    ['a*', 'partial-wildcard'],
    ['a.con*.b', 'partial-wildcard'],
    ['**', 'partial-wildcard'],
    ['a.**', 'partial-wildcard'],
  ])('%j: %s', (text, reason) => {
    expect(parsePattern(text)).toMatchObject({ ok: false, reason });
  });
});

test('any printable text between dots is legal, up to 400 characters', () => {
  for (const text of ['a', 'a'.repeat(400), 'a/b.c:d', 'é.😀', '__proto__.constructor', 'list.110.created']) {
    expect(parsePattern(text)).toMatchObject({ ok: true, pattern: { text } });
  }
});

/** An independent reading of the rules: one regular expression for each pattern text. */
function asRegExp(text: string): RegExp {
  const segments = text.toLowerCase().split('.');
  const tail = segments.at(-1) === '*' ? segments.pop() : undefined;
  const parts = segments.map((segment) =>
    segment === '*' ? '[^.]*' : segment.replace(/[^a-z0-9]/g, '\\$&'),
  );
  if (tail !== undefined) parts.push('.*');
  const guard = text.startsWith('*') ? '(?!posthorn\\.)' : '';
  return new RegExp(`^${guard}${parts.join('\\.')}$`, 's');
}

const words = fc.constantFrom('a', 'b', 'A', 'contact', 'posthorn', 'POSTHORN', 'x+', '110');
const patternTexts = fc
  .array(fc.oneof(words, fc.constant('*')), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('.'));
const types = fc
  .array(fc.oneof(words, fc.constantFrom('', '*')), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join('.'));

test('matches() agrees with a regular expression built from the rules', () => {
  fc.assert(
    fc.property(patternTexts, types, (text, type) => {
      expect(matches(pattern(text), type)).toBe(asRegExp(text).test(type.toLowerCase()));
    }),
    { numRuns: 5000 },
  );
});

test('every legal pattern without a wildcard matches itself in any case', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 20 }), (text) => {
      fc.pre(!text.includes('*'));
      fc.pre(parsePattern(text).ok);
      expect(matches(pattern(text), text.toUpperCase())).toBe(true);
    }),
  );
});

test('no text makes the parser throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(typeof parsePattern(text).ok).toBe('boolean');
    }),
  );
});
