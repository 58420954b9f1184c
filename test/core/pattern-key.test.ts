import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isExactKey, patternKey, typeKeys } from '../../src/core/pattern-key.ts';
import { PatternSet } from '../../src/core/pattern-set.ts';
import { knownPattern, matches, parsePattern } from '../../src/core/pattern.ts';

const words = fc.constantFrom('a', 'b', 'A', 'Σ', 'ΑΣ', 'contact', 'posthorn', '110');
const segments = (maxLength: number) =>
  fc.array(fc.oneof(words, fc.constant('*')), { minLength: 1, maxLength }).map((parts) => parts.join('.'));
const pattern = fc.oneof(segments(4), segments(12));
const type = fc
  .array(fc.oneof(words, fc.constantFrom('', '*', 'x*')), { minLength: 1, maxLength: 12 })
  .map((parts) => parts.join('.'));
/** Like a pattern, so that they often fit. */
const likely = fc.tuple(pattern, type).map(([text, other]) => {
  const spare = other.split('.');
  return text.replaceAll('*', () => spare.shift() ?? 'a') + (spare.length > 8 ? '.more' : '');
});

test('the key of a pattern is among the keys of every type that it matches; if it is exact, of no other type', () => {
  fc.assert(
    fc.property(pattern, fc.oneof(type, likely), (text, eventType) => {
      const read = knownPattern(text);
      const isFound = typeKeys(eventType).includes(patternKey(read));
      if (matches(read, eventType)) expect(isFound).toBe(true);
      else if (isExactKey(read)) expect(isFound).toBe(false);
    }),
    { numRuns: 20_000 },
  );
});

test('a set matches what one of its patterns matches', () => {
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 5 }), fc.oneof(type, likely), (texts, eventType) => {
      const set = new PatternSet(texts);
      const isWanted = texts.some((text) => matches(knownPattern(text), eventType));
      expect(set.matches(eventType, typeKeys(eventType))).toBe(isWanted);
    }),
    { numRuns: 5_000 },
  );
});

test('keys are patterns, each there once, and few however long the type is', () => {
  fc.assert(
    fc.property(type, (eventType) => {
      const keys = typeKeys(eventType);
      expect(new Set(keys).size).toBe(keys.length);
      expect(keys.length).toBeLessThan(512);
      for (const key of keys) expect(parsePattern(key).ok).toBe(true);
    }),
  );
  expect(typeKeys('superoffice.contact.updated')).toHaveLength(11);
  expect(typeKeys('a.'.repeat(2_000))).toHaveLength(511);
  const long = typeKeys(`${'x'.repeat(4_000)}.${'y'.repeat(4_000)}.z`);
  expect(long.every((key) => key.length < 1_000)).toBe(true);
});

test('a reserved type has no key that begins with a wildcard', () => {
  expect(typeKeys('Posthorn.hook.failing')).toEqual([
    'posthorn.*',
    'posthorn.hook.*',
    'posthorn.*.*',
    'posthorn.hook.failing',
    'posthorn.*.failing',
  ]);
});
