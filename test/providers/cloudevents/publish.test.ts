import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sealOwn, structuredBody } from '../../../src/core/envelope.ts';
import { eventId } from '../../../src/core/event-id.ts';
import { readPublished } from '../../../src/providers/cloudevents/publish.ts';

const ENVELOPE = { specversion: '1.0', id: 'A-1', source: '/shop', type: 'Order.Paid' };
const bytes = (text: string) => new TextEncoder().encode(text);

function publish(members: Readonly<Record<string, unknown>>) {
  return readPublished(bytes(JSON.stringify({ ...ENVELOPE, ...members })));
}

/** Pointers of the problems. */
function problemsOf(body: string) {
  const published = readPublished(bytes(body));
  return published.kind === 'invalid' ? published.problems : [];
}

const pathsOf = (members: Readonly<Record<string, unknown>>) =>
  problemsOf(JSON.stringify({ ...ENVELOPE, ...members })).map(({ path }) => path);

describe('an envelope in order', () => {
  test('gives its attributes', () => {
    const text =
      '\ufeff{ "specversion" : "1.0","data" : {"n":100.0, "n":9223372036854775808},\n"id":"A-1","source":"/shop#1",' +
      '"type":"Order.Paid","subject":"order/1","time":"2020-01-01T00:00:00.1234567+02:00","traceparent":"00-ab","n":-7,"b":false,"nil":null}';
    expect(readPublished(bytes(text))).toEqual({
      kind: 'event',
      id: 'A-1',
      source: '/shop#1',
      type: 'Order.Paid',
      subject: 'order/1',
      time: '2020-01-01T00:00:00.1234567+02:00',
    });
  });

  test('may leave out all but four members, or say null', () => {
    expect(publish({})).toMatchObject({ kind: 'event', subject: null, time: null });
    expect(publish({ subject: null, time: null, datacontenttype: null, dataschema: null })).toMatchObject({
      kind: 'event',
      subject: null,
      time: null,
    });
  });

  test('may carry the attributes that the relay sets, whatever they are', () => {
    expect(publish({ sequence: 5, recordedtime: {}, posthornid: '', data: 1 })).toMatchObject({
      kind: 'event',
    });
  });

  test.each([
    { data: null },
    { data: [1] },
    { data_base64: 'AAEC' },
    { data_base64: '' },
    { data: 1, data_base64: null },
    { datacontenttype: 'text/plain', data: 'x' },
    { dataschema: 'https://example.com/schema' },
    { source: 'urn:event:from:1' },
    { source: 'https://example.com/ü' },
    { id: 'é😀 with spaces' },
    { type: 'posthorns.own' },
    { type: 'posthorn' },
    { type: 'my.posthorn.x' },
    { emptyextension: '' },
    { n: 2147483647, m: -2147483648 },
    { a2345678901234567890: 'x' },
    { knativekafkapartition: 1, ['x'.repeat(200)]: '' },
    { datacontenttype: 'text/plain; charset="utf-8"' },
  ])('%j', (members) => {
    expect(publish(members).kind).toBe('event');
  });

  test('deeply nested data does no harm', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const text = JSON.stringify(ENVELOPE).replace('}', `,"data":${deep}}`);
    expect(readPublished(bytes(text)).kind).toBe('event');
  });
});

describe('what is wrong is told by place', () => {
  const wrong: [Readonly<Record<string, unknown>>, string][] = [
    [{ specversion: '0.3' }, '/specversion'],
    [{ specversion: 1.0 }, '/specversion'],
    [{ specversion: undefined }, '/specversion'],
    [{ id: undefined }, '/id'],
    [{ id: '' }, '/id'],
    [{ id: 7 }, '/id'],
    [{ id: null }, '/id'],
    [{ id: 'a\u0000' }, '/id'],
    [{ id: '\ud800' }, '/id'],
    [{ id: 'x'.repeat(4097) }, '/id'],
    [{ source: '' }, '/source'],
    [{ source: 'a b' }, '/source'],
    [{ source: 'a\n' }, '/source'],
    [{ type: '' }, '/type'],
    [{ type: 'posthorn.hook.failing' }, '/type'],
    [{ type: 'POSTHORN.x' }, '/type'],
    [{ subject: '' }, '/subject'],
    [{ subject: {} }, '/subject'],
    [{ time: 'yesterday' }, '/time'],
    [{ time: '2020-01-01T00:00:00' }, '/time'],
    [{ time: 1577836800 }, '/time'],
    [{ datacontenttype: 5 }, '/datacontenttype'],
    [{ dataschema: '' }, '/dataschema'],
    [{ data_base64: {} }, '/data_base64'],
    [{ data_base64: 'A' }, '/data_base64'],
    [{ data_base64: '_-_-' }, '/data_base64'],
    [{ data: 1, data_base64: 'AAEC' }, '/data_base64'],
    [{ data: null, data_base64: 'AAEC' }, '/data_base64'],
    [{ Upper: 'x' }, '/Upper'],
    [{ 'a-b': 'x' }, '/a-b'],
    [{ 'a/b~c': 'x' }, '/a~1b~0c'],
    [{ '': 'x' }, '/'],
    [{ source: 'http://[' }, '/source'],
    [{ source: 'a|b' }, '/source'],
    [{ dataschema: 'schema.json' }, '/dataschema'],
    [{ dataschema: '//example.com/schema' }, '/dataschema'],
    [{ datacontenttype: 'no type' }, '/datacontenttype'],
    [{ datacontenttype: '' }, '/datacontenttype'],
    [{ ext: {} }, '/ext'],
    [{ ext: ['x'] }, '/ext'],
    [{ ext: 1.5 }, '/ext'],
    [{ ext: 2147483648 }, '/ext'],
    [{ ext: 'a\u0001' }, '/ext'],
  ];

  test.each(wrong.map(([members, path]) => [path, JSON.stringify(members).slice(0, 60), members] as const))(
    '%s of %s',
    (path, _, members) => {
      expect(pathsOf(members)).toEqual([path]);
    },
  );

  test('all at once, with what was expected and what came', () => {
    expect(problemsOf('{"specversion":"0.3","id":[1],"type":"t","time":"now","Ext":null}')).toEqual([
      {
        path: '/source',
        expected: 'a URI reference: a string of 1 to 4096 characters, no control characters or spaces',
        got: 'nothing',
      },
      { path: '/specversion', expected: '"1.0"', got: '"0.3"' },
      { path: '/id', expected: 'a string of 1 to 4096 characters, no control characters', got: 'array' },
      { path: '/time', expected: 'a time by RFC 3339', got: '"now"' },
      {
        path: '/Ext',
        expected: 'an attribute name of characters a to z and 0 to 9',
        got: 'another name',
      },
    ]);
  });

  test('A1: more attributes than a delivery can carry as headers', () => {
    const extensions = (count: number, value: string) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`x${at}`, value]));
    expect(pathsOf(extensions(64, ''))).toEqual([]);
    expect(problemsOf(JSON.stringify({ ...ENVELOPE, ...extensions(25_000, '1') }))).toMatchObject([
      { path: '', expected: 'at most 64 extension attributes', got: '25000' },
      { path: '', expected: 'at most 32768 bytes of attributes in all' },
    ]);
    expect(pathsOf({ ...extensions(7, 'x'.repeat(4096)) })).toEqual([]);
    expect(pathsOf({ ...extensions(8, 'ä'.repeat(4096)) })).toEqual(['']);
    // The relay puts its own in place of these, and the payload is bounded by the body.
    expect(pathsOf({ sequence: 'x'.repeat(40_000), data: 'x'.repeat(40_000) })).toEqual([]);
  });

  test('a name twice is refused, as readers differ in which one counts', () => {
    const text = JSON.stringify(ENVELOPE).replace('}', ',"id":"B","__proto__":1,"__proto__":2}');
    expect(problemsOf(text).map(({ path }) => path)).toEqual(['/id', '/__proto__', '/__proto__']);
  });

  test('but not more than 50', () => {
    const members = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`E${at}`, 1]));
    expect(pathsOf(members)).toHaveLength(50);
  });

  test.each<[string | Uint8Array, string]>([
    ['', 'an empty body'],
    ['{"specversion":', 'text that is not JSON'],
    [`[${JSON.stringify(ENVELOPE)}]`, 'array'],
    ['"x"', 'string'],
    [Uint8Array.of(0xff), 'bytes that are not UTF-8'],
  ])('%j is no envelope', (body, got) => {
    const published = readPublished(typeof body === 'string' ? bytes(body) : body);
    const expected = 'one CloudEvents 1.0 envelope, a JSON object in UTF-8';
    expect(published).toEqual({ kind: 'invalid', problems: [{ path: '', expected, got }] });
  });
});

test('whatever data and extensions are posted, they arrive unchanged beside the relay attributes', () => {
  const name = fc.stringMatching(/^x[a-z0-9]{0,19}$/);
  const value = fc.oneof(fc.boolean(), fc.integer(), fc.stringMatching(/^[ -~]*$/));
  fc.assert(
    fc.property(fc.jsonValue(), fc.dictionary(name, value), (data, extensions) => {
      const posted = { ...ENVELOPE, data, ...extensions };
      const published = readPublished(bytes(JSON.stringify(posted)));
      if (published.kind === 'invalid') throw new Error(JSON.stringify(published.problems));
      const posthornId = eventId(0, 1, new Uint8Array(5));
      const sealed = sealOwn(published, { seq: 1, posthornId, recordedAtMs: 0 });
      expect(
        JSON.parse(
          new TextDecoder().decode(structuredBody(sealed, bytes(JSON.stringify({ ...posted, sequence: 5 })))),
        ),
      ).toEqual({
        ...(JSON.parse(JSON.stringify(posted)) as object),
        sequence: '00000000000000000001',
        recordedtime: '1970-01-01T00:00:00.000Z',
        posthornid: posthornId,
      });
    }),
  );
});
