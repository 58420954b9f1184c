import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Facts,
  type SealedEnvelope,
  attributesOf,
  dataBody,
  sealOwn,
  sealProvider,
  structuredBody,
  subjectOf,
  typeOf,
  withoutPayload,
} from '../../src/core/envelope.ts';
import { eventId } from '../../src/core/event-id.ts';
import { valueAt } from '../../src/core/json-text.ts';
import { isRfc3339, occurredAt } from '../../src/core/time.ts';

const RECORDED_AT_MS = Date.UTC(2026, 0, 1);
const place = {
  seq: 42,
  posthornId: eventId(RECORDED_AT_MS, 42, Uint8Array.of(1, 2, 3, 4, 5)),
  recordedAtMs: RECORDED_AT_MS,
};

const FACTS: Facts = {
  id: '8337ae4a-1dd6-40fd-8dc7-a050664a0af7',
  event: 'contact.changed',
  entity: 'contact',
  action: 'updated',
  entityId: '994863',
  source: '/superoffice/Cust1234',
  account: 'Cust1234',
  actor: '316',
  webhookName: 'Name you provided',
  time: '2018-04-24T07:50:50.6812131Z',
  changes: ['contact_id', 'associate_id'],
  identifiers: {},
  assurance: 'signature',
  raw: { kind: 'json', text: '{}' },
};

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (body: Uint8Array) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);

function seal(facts: Partial<Facts> = {}): SealedEnvelope {
  return sealProvider(
    { ...FACTS, ...facts },
    { provider: 'superoffice', sourceId: 'src_1', id: 'the-id', ...place },
  );
}

function rawTextIn(body: Uint8Array): string | undefined {
  const whole = text(body);
  const span = valueAt(whole, '/data/raw');
  return span === undefined ? undefined : whole.slice(span.start, span.end);
}

describe('a provider envelope', () => {
  test('has the members of the contract, in its order, and the body last', () => {
    expect(text(structuredBody(seal(), bytes('{"Event" : "contact.changed"}')))).toBe(
      '{"specversion":"1.0","id":"the-id","source":"/superoffice/Cust1234","type":"superoffice.contact.updated",' +
        '"subject":"contact/994863","time":"2018-04-24T07:50:50.6812131Z","datacontenttype":"application/json",' +
        `"sequence":"00000000000000000042","recordedtime":"2026-01-01T00:00:00.000Z","posthornid":"${place.posthornId}",` +
        '"data":{"provider":"superoffice","sourceId":"src_1","event":"contact.changed","entity":"contact",' +
        '"action":"updated","entityId":"994863","account":"Cust1234","actor":"316","webhookName":"Name you provided",' +
        '"verified":true,"assurance":"signature","batch":null,"changes":["contact_id","associate_id"],"identifiers":{},"raw":{"Event" : "contact.changed"}}}',
    );
  });

  test('says nothing of a subject it does not know, and null, [] or {} for absent facts', () => {
    const none = { event: null, entityId: null, account: null, actor: null, webhookName: null, changes: [] };
    const body = JSON.parse(text(structuredBody(seal(none), bytes('1')))) as { data: object };
    expect(Object.hasOwn(body, 'subject')).toBe(false);
    expect(body.data).toMatchObject({ ...none, identifiers: {}, raw: 1 });
  });

  test('tells the attributes by which it is found', () => {
    expect(seal()).toMatchObject({
      id: 'the-id',
      source: '/superoffice/Cust1234',
      type: 'superoffice.contact.updated',
      subject: 'contact/994863',
      time: FACTS.time,
    });
  });

  test('has type and subject without control characters, halves of surrogate pairs and noncharacters', () => {
    expect(typeOf('superoffice', 'a\u0000\n\u007f', '\ud800\ufffe')).toBe(
      'superoffice.a\ufffd\ufffd\ufffd.\ufffd\ufffd',
    );
    expect(subjectOf('é😀', '1\r\n2')).toBe('é😀/1\ufffd\ufffd2');
    expect(subjectOf('contact', null)).toBeNull();
  });

  test('keeps a member named __proto__', () => {
    const identifiers = Object.assign(Object.create(null) as Record<string, string>, { ['__proto__']: '7' });
    expect(text(structuredBody(seal({ identifiers }), bytes('{}')))).toContain(
      '"identifiers":{"__proto__":"7"}',
    );
  });
});

describe('A8: the provider JSON text is the same in data.raw', () => {
  test.each([
    '{ "b" :1,\n\t"a":  2 }',
    '{"n":9223372036854775808,"m":100.0,"x":-0,"e":1E+2}',
    '{"a":1,"a":2,"__proto__":{"a":1},"constructor":null}',
    String.raw`{"s":"\u00e9\/\ud800 ","t":"é😀` + '\u2028' + '"}',
    '[]',
    '"text"',
    'null',
    `${'['.repeat(10_000)}${']'.repeat(10_000)}`,
  ])('%.60s', (raw) => {
    expect(rawTextIn(structuredBody(seal(), bytes(raw)))).toBe(raw);
  });

  test('but for a byte order mark, which JSON does not allow inside', () => {
    expect(rawTextIn(structuredBody(seal(), bytes('\ufeff{"a":1}')))).toBe('{"a":1}');
  });

  test('also with white space around it', () => {
    expect(text(structuredBody(seal(), bytes(' {}\r\n')))).toMatch(/"raw": \{\}\r\n\}\}$/);
  });

  test('whatever the facts and the body are, the envelope is JSON with the body in it', () => {
    const anyText = fc.string({ unit: 'binary' });
    const halves = fc.constantFrom('\ud800', '\udc00\ud800', '\u2028"\\\u0000', '</script>');
    fc.assert(
      fc.property(
        fc.json(),
        anyText,
        fc.oneof(anyText, halves),
        fc.dictionary(anyText, anyText),
        (raw, a, b, identifiers) => {
          const sealed = seal({
            event: a,
            entity: a,
            action: b,
            entityId: b,
            webhookName: b,
            changes: [a, b],
            identifiers,
          });
          const body = structuredBody(sealed, bytes(raw));
          expect(JSON.parse(text(body))).toMatchObject({
            type: sealed.type,
            subject: sealed.subject,
            data: { event: a, webhookName: b, changes: [a, b], identifiers },
          });
          expect(rawTextIn(body)).toBe(raw);
        },
      ),
    );
  });
});

describe('A7: a body that is not JSON stands in rawBase64, byte for byte', () => {
  const bodies: [string, Uint8Array][] = [
    ['empty', new Uint8Array()],
    ['NUL', Uint8Array.of(0)],
    ['non-ASCII and emoji', bytes('é😀')],
    ['invalid UTF-8', Uint8Array.of(0xff, 0xfe, 0xc0, 0x80)],
    ['a byte order mark, kept', bytes('\ufeffx')],
    ['1 MiB of binary', Uint8Array.from({ length: 1 << 20 }, (_, at) => (at * 7 + (at >> 8)) & 0xff)],
  ];

  test.each(bodies)('%s', (_, raw) => {
    const sealed = seal({ raw: { kind: 'bytes', contentType: 'text/plain' } });
    const { data } = JSON.parse(text(structuredBody(sealed, raw))) as { data: Record<string, string> };
    expect(Object.hasOwn(data, 'raw')).toBe(false);
    expect(data.rawContentType).toBe('text/plain');
    const kept = atob(data.rawBase64 ?? '');
    expect(kept).toHaveLength(raw.length);
    expect(raw.every((byte, at) => kept.charCodeAt(at) === byte)).toBe(true);
  });

  test('with null for a content type that did not come', () => {
    const sealed = seal({ raw: { kind: 'bytes', contentType: null } });
    expect(text(structuredBody(sealed, bytes('x')))).toContain('"rawContentType":null,"rawBase64":"eA=="');
  });
});

describe('an own envelope', () => {
  const membersText = '"specversion":"1.0","id" : "1","data":{"n":100.0},"source":"/me","type":"Order.Paid"';
  const own = { id: '1', source: '/me', type: 'Order.Paid', subject: null, time: null };
  const sealed = sealOwn(own, place);

  test('has its members unchanged, and the relay attributes behind them', () => {
    expect(
      text(structuredBody(sealed, bytes(`\ufeff {${membersText} , "posthornid":"x","sequence":7}`))),
    ).toBe(
      `{${membersText},"sequence":"00000000000000000042","recordedtime":"2026-01-01T00:00:00.000Z","posthornid":"${place.posthornId}"}`,
    );
  });

  test('keeps the case of its type', () => {
    expect(sealed).toMatchObject({ id: '1', source: '/me', type: 'Order.Paid', subject: null, time: null });
  });
});

describe('an envelope is taken apart', () => {
  const raw = bytes('{"n": 1.0}');

  test('into its attributes as text', () => {
    expect([...attributesOf(seal(), raw)].map(([name]) => name)).toEqual([
      'specversion',
      'id',
      'source',
      'type',
      'subject',
      'time',
      'datacontenttype',
      'sequence',
      'recordedtime',
      'posthornid',
    ]);
    const own = { id: '1', source: 's', type: 't', subject: null, time: null };
    const posted = bytes('{"id":"1","n":7,"b":true,"x":null,"data":{},"s":"\\n"}');
    expect([...attributesOf(sealOwn(own, place), posted)].slice(0, 4)).toEqual([
      ['id', '1'],
      ['n', '7'],
      ['b', 'true'],
      ['s', '\n'],
    ]);
  });

  test('and its data, the text of raw unchanged', () => {
    const data = text(dataBody(seal(), raw));
    expect(data).toMatch(/^\{"provider":"superoffice",.*,"raw":\{"n": 1\.0\}\}$/);
    const binary = JSON.parse(
      text(dataBody(seal({ raw: { kind: 'bytes', contentType: null } }), raw)),
    ) as object;
    expect(binary).toMatchObject({ provider: 'superoffice', rawBase64: 'eyJuIjogMS4wfQ==' });
  });

  test.each([
    ['"data":{"n": 1.0}', '{"n": 1.0}'],
    ['"data":"text"', '"text"'],
    ['"datacontenttype":"application/problem+json; x=y","data":"text"', '"text"'],
    ['"datacontenttype":"text/plain","data":"te\\u0078t"', 'text'],
    ['"datacontenttype":"text/plain","data_base64":"dGV4dA=="', 'text'],
    ['"subject":"none"', ''],
  ])('own data of %s is %j', (membersText, expected) => {
    const sealed = sealOwn({ id: '1', source: 's', type: 't', subject: null, time: null }, place);
    expect(text(dataBody(sealed, bytes(`{${membersText}}`)))).toBe(expected);
  });

  test('with its payload erased it is still an envelope', () => {
    const { data, ...attributes } = JSON.parse(text(structuredBody(withoutPayload(seal(), raw), raw))) as {
      data: object;
    };
    expect(attributes).toMatchObject({ id: 'the-id', posthornid: place.posthornId });
    expect(data).toMatchObject({ entityId: '994863', identifiers: {} });
    expect(Object.hasOwn(data, 'raw')).toBe(false);

    const posted = bytes('{"id":"1","data":{"n":1},"data_base64":null,"x":"y"}');
    const own = sealOwn({ id: '1', source: 's', type: 't', subject: null, time: null }, place);
    expect(Object.keys(JSON.parse(text(structuredBody(withoutPayload(own, posted), raw))) as object)).toEqual(
      ['id', 'x', 'sequence', 'recordedtime', 'posthornid'],
    );
  });
});

describe('H5: the time of an event', () => {
  const RECEIVED = '2026-01-01T00:00:00.000Z';

  test.each([
    '2018-04-24T07:50:50Z',
    '2018-04-24T07:50:50.681Z',
    '2018-04-24T07:50:50.68121Z',
    '2018-04-24T07:50:50.681213Z',
    '2018-04-24T07:50:50.6812131Z',
    '2018-04-24T07:50:50.681213199Z',
    '2018-04-24T07:50:50.6812131+02:00',
    '2018-04-24t07:50:50-11:30',
    '2020-02-29T23:59:60z',
    '2000-02-29T00:00:00Z',
    '0002-01-01T00:00:00Z',
  ])('is the text as sent: %s', (sent) => {
    expect(occurredAt(sent, RECEIVED)).toBe(sent);
  });

  test.each([
    '0001-01-01T00:00:00',
    '0001-01-01T00:00:00Z',
    '0000-01-01T00:00:00Z',
    '2018-04-24T07:50:50.6812131',
    '2018-04-24 07:50:50Z',
    '2018-04-24',
    '2018-13-24T07:50:50Z',
    '2018-02-29T07:50:50Z',
    '1900-02-29T07:50:50Z',
    '2018-04-31T07:50:50Z',
    '2018-04-24T24:00:00Z',
    '2018-04-24T07:60:50Z',
    '2018-04-24T07:50:50.Z',
    '2018-04-24T07:50:50+0200',
    '2018-04-24T07:50:50+24:00',
    ' 2018-04-24T07:50:50Z',
    '2018-04-24T07:50:50Z\n',
    '1524556250',
    'garbage',
    '',
  ])('is the time of receipt for %j', (sent) => {
    expect(occurredAt(sent, RECEIVED)).toBe(RECEIVED);
  });

  test('is the time of receipt when none was sent', () => {
    expect(occurredAt(null, RECEIVED)).toBe(RECEIVED);
  });

  test('of an envelope is never the text for "never"', () => {
    expect(seal({ time: '0001-01-01T00:00:00' }).time).toBe(RECEIVED);
    expect(seal({ time: null }).time).toBe(RECEIVED);
  });

  test('of every Date, as it writes itself, is a time', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }),
        (date) => {
          expect(isRfc3339(date.toISOString())).toBe(true);
        },
      ),
    );
  });
});
