import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  depthOf,
  elements,
  endsIn,
  inWords,
  isJsonPointer,
  kindOf,
  members,
  membersByName,
  numberText,
  pointerTo,
  scalarText,
  stringText,
  valueAt,
  valueSpan,
  type Span,
} from '../../src/core/json-text.ts';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const slice = (text: string, span: Span) => text.slice(span.start, span.end);

function textAt(text: string, pointer: string): string | undefined {
  const span = valueAt(text, pointer);
  return span === undefined ? undefined : slice(text, span);
}

/** JSON text with names of all kinds, written with any indentation. */
const jsonText = fc
  .tuple(fc.jsonValue({ maxDepth: 6, noUnicodeString: false }), fc.constantFrom('', ' ', '\t', '\n  \r'))
  .map(([value, space]) => space.slice(0, 1) + JSON.stringify(value, null, space) + space);

/** All values of a document with the pointers to them. */
function* places(value: Json, pointer = ''): Generator<[pointer: string, value: Json]> {
  yield [pointer, value];
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) yield* places(inner, pointer + pointerTo(name));
}

describe('the scanner agrees with JSON.parse', () => {
  test('about every member of every object and every element of every array', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        const parsed = JSON.parse(text) as Json;
        const top = valueSpan(text);
        expect(slice(text, top)).toBe(text.trim());
        if (Array.isArray(parsed)) {
          expect(elements(text).map((element) => JSON.parse(slice(text, element)) as Json)).toEqual(parsed);
          expect(members(text)).toEqual([]);
        } else if (typeof parsed === 'object' && parsed !== null) {
          const read = [...membersByName(text)].map(([name, value]) => [
            name,
            JSON.parse(slice(text, value)) as Json,
          ]);
          expect(new Map(read as [string, Json][])).toEqual(new Map(Object.entries(parsed)));
          expect(elements(text)).toEqual([]);
        } else {
          expect([members(text), elements(text)]).toEqual([[], []]);
        }
      }),
    );
  });

  test('about where every pointer leads', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        for (const [pointer, value] of places(JSON.parse(text) as Json)) {
          const found = textAt(text, pointer);
          expect(JSON.parse(found ?? 'nothing')).toEqual(value);
        }
      }),
    );
  });

  test('about what kind of value stands where', () => {
    const kinds = ['{}', '[]', '""', '-1.5e9', 'true', 'false', 'null'].map((text) =>
      kindOf(text, valueSpan(text)),
    );
    expect(kinds).toEqual(['object', 'array', 'string', 'number', 'boolean', 'boolean', 'null']);
  });
});

describe('members', () => {
  test('keep duplicates and their order; by name the last one counts', () => {
    const text = '{ "a" : 1, "b": [1, {"a": 9}], "a" : "}" }';
    expect(members(text).map((member) => [member.name, slice(text, member)])).toEqual([
      ['a', '1'],
      ['b', '[1, {"a": 9}]'],
      ['a', '"}"'],
    ]);
    expect(members(text).map(({ nameStart }) => text[nameStart])).toEqual(['"', '"', '"']);
    const last = membersByName(text).get('a');
    expect(last === undefined ? undefined : slice(text, last)).toBe('"}"');
  });

  test('named __proto__ or constructor are members like others', () => {
    const text = '{"__proto__":{"polluted":true},"constructor":1}';
    expect(members(text).map(({ name }) => name)).toEqual(['__proto__', 'constructor']);
    expect(textAt(text, '/__proto__/polluted')).toBe('true');
    expect(textAt('{}', '/__proto__')).toBeUndefined();
    expect(textAt('{}', '/constructor')).toBeUndefined();
    expect(textAt('[1]', '/length')).toBeUndefined();
  });

  test('have names decoded, lone surrogates included', () => {
    const text = String.raw`{"\u0061\n":1,"\"\\":2,"\ud800":3,"é":4}`;
    expect(members(text).map(({ name }) => name)).toEqual(['a\n', '"\\', '\ud800', 'é']);
  });

  test('are read past braces, quotes and backslashes inside strings', () => {
    const text = String.raw`{"a":"\\","b":"\"}]","c":{"d":"{[\\\""},"e":0}`;
    expect(members(text).map((member) => slice(text, member))).toEqual([
      String.raw`"\\"`,
      String.raw`"\"}]"`,
      String.raw`{"d":"{[\\\""}`,
      '0',
    ]);
  });
});

describe('a number is read with the text it was sent with', () => {
  test.each(['100.0', '9223372036854775808', '-0', '1e400', '0.10', '12345678901234567890.123'])(
    '%s',
    (number) => {
      const text = `{"a": ${number} }`;
      const value = valueAt(text, '/a');
      expect(value === undefined ? null : numberText(text, value)).toBe(number);
    },
  );

  test('other values have no number text', () => {
    for (const text of ['"1"', 'true', 'null', '[1]', '{}'])
      expect(numberText(text, valueSpan(text))).toBeNull();
  });
});

test('a scalar is a string, a number or a boolean', () => {
  const texts = ['"a\\u0020b"', '1.0', 'true', 'null', '[]', '{}'];
  expect(texts.map((text) => scalarText(text, valueSpan(text)))).toEqual([
    'a b',
    '1.0',
    'true',
    null,
    null,
    null,
  ]);
  expect(texts.map((text) => stringText(text, valueSpan(text)))).toEqual([
    'a b',
    null,
    null,
    null,
    null,
    null,
  ]);
});

describe('a pointer', () => {
  const text = '{"a":{"b":[10,{"c":20}]},"":{"":1},"~1":2,"/":3,"1":4,"a/b":5}';

  test.each([
    ['', text],
    ['/a/b/0', '10'],
    ['/a/b/1/c', '20'],
    ['/', '{"":1}'],
    ['//', '1'],
    ['/~01', '2'],
    ['/~1', '3'],
    ['/1', '4'],
    ['/a~1b', '5'],
  ])('%j leads to its value', (pointer, expected) => {
    expect(textAt(text, pointer)).toBe(expected);
  });

  test.each([
    '/x',
    '/a/x',
    '/a/b/2',
    '/a/b/-',
    '/a/b/01',
    '/a/b/1/c/d',
    '/a/b/0/0',
    'a',
    '/~2',
    '/a/',
    '/a/b/+1',
  ])('%j leads to nothing', (pointer) => {
    expect(textAt(text, pointer)).toBeUndefined();
  });

  test('follows the last of duplicate members, also when that one ends the way', () => {
    expect(textAt('{"a":{"b":1},"a":{"b":2}}', '/a/b')).toBe('2');
    expect(textAt('{"a":{"b":1},"a":{}}', '/a/b')).toBeUndefined();
    expect(textAt('{"a":{"b":1},"a":7}', '/a/b')).toBeUndefined();
    expect(textAt('{"a":{"b":1,"b":{"b":5}}}', '/a/b')).toBe('{"b":5}');
  });

  test('into a document that is a scalar leads to it when empty, else to nothing', () => {
    expect([textAt(' 5 ', ''), textAt('5', '/a')]).toEqual(['5', undefined]);
  });

  test('is told from other text', () => {
    expect(['', '/', '/a~0~1', '//'].map(isJsonPointer)).toEqual([true, true, true, true]);
    expect(['a', '#/a', '/~', '/a~2b'].map(isJsonPointer)).toEqual([false, false, false, false]);
  });
});

describe('depth and size', () => {
  const depth = 200_000;
  const deep = `{"a":${'['.repeat(depth)}${']'.repeat(depth)},"b":1}`;

  test('200,000 levels of nesting cost no stack', () => {
    expect(members(deep).map(({ name }) => name)).toEqual(['a', 'b']);
    expect(textAt(deep, '/b')).toBe('1');
    expect(textAt(deep, '/a' + '/0'.repeat(depth - 1))).toBe('[]');
  });

  test('a pointer into the depth reads each character once', () => {
    const levels = 50_000;
    const text = '{"a":'.repeat(levels) + '1' + '}'.repeat(levels);
    expect(textAt(text, '/a'.repeat(levels))).toBe('1');
  }, 1_000);

  test('a string of a million backslashes is read in one pass', () => {
    const text = `{"a":"${'\\\\'.repeat(500_000)}","b":2}`;
    expect(textAt(text, '/b')).toBe('2');
  }, 1_000);
});

test('no text at all makes the scanner hang or throw', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '\\', ' ', '1', 'a') }),
      (text) => {
        try {
          JSON.parse(text);
        } catch {
          valueSpan(text);
          elements(text);
          return;
        }
        members(text);
        valueAt(text, '/a/1');
      },
    ),
  );
});

test('a message quotes short values and names the kind of others', () => {
  const inWordsOf = (text: string) => inWords(text, valueSpan(text));
  expect(inWords('', undefined)).toBe('nothing');
  expect(['"x"', '12', 'null', '{"a":1}', '[1]'].map(inWordsOf)).toEqual([
    '"x"',
    '12',
    'null',
    'object',
    'array',
  ]);
  expect(inWordsOf(`"${'x'.repeat(100)}"`)).toBe('a long string');
});

describe('depthOf', () => {
  test.each([
    ['1', 0],
    ['"[[["', 0],
    ['[]', 1],
    ['{"a":1}', 1],
    ['[1,{"[":"]]]\\"["},[]]', 2],
    [' [ [ ] , [ [ { } ] ] ] ', 4],
    [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, 100_000],
  ])('%.40s', (text, depth) => {
    expect(depthOf(text)).toBe(depth);
  });
});

describe('ends found beforehand', () => {
  test('are where members and elements would find them', () => {
    fc.assert(
      fc.property(jsonText, fc.nat(6), (text, levels) => {
        const ends = endsIn(text, levels);
        expect(members(text, 0, ends)).toEqual(members(text));
        expect(elements(text, 0, ends)).toEqual(elements(text));
        for (const [start, end] of ends) expect(valueSpan(text, start)).toEqual({ start, end });
      }),
    );
  });

  test('are those of the first levels', () => {
    expect([...endsIn('{"a":[{"b":1}],"c":"}"}', 2)]).toEqual([
      [5, 14],
      [0, 23],
    ]);
  });
});
