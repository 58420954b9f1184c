/** The three modes of CloudEvents over HTTP, as one request is read. */
import { describe, expect, test } from 'vitest';
import {
  attributesOf,
  dataBody,
  sealOwn,
  structuredBody,
  withoutPayload,
} from '../../../src/core/envelope.ts';
import { eventId } from '../../../src/core/event-id.ts';
import { hopsOf } from '../../../src/core/hops.ts';
import { readOffer, type Offer } from '../../../src/providers/cloudevents/modes.ts';

const PLACE = { seq: 7, posthornId: eventId(0, 7, new Uint8Array(5)), recordedAtMs: 0 };
const HEADERS = { 'ce-specversion': '1.0', 'ce-id': 'A-1', 'ce-source': '/shop', 'ce-type': 'Order.Paid' };
const ENVELOPE = { specversion: '1.0', id: 'A-1', source: '/shop', type: 'Order.Paid' };
const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = (body: Uint8Array) => new TextDecoder().decode(body);

function offer(headers: Readonly<Record<string, string>>, body: string | Uint8Array = ''): Offer {
  return readOffer(new Map(Object.entries(headers)), typeof body === 'string' ? bytes(body) : body);
}

function only(read: Offer) {
  const [item] = read.kind === 'envelopes' ? read.items : [];
  if (item === undefined) throw new Error(`expected an event, got ${JSON.stringify(read)}`);
  const sealed = sealOwn({ ...item.event, hops: 2 }, PLACE);
  const text = textOf(structuredBody(sealed, item.body));
  return { item, sealed, text, envelope: JSON.parse(text) as Record<string, unknown> };
}

const pathsOf = (read: Offer) =>
  read.kind === 'invalid' ? read.problems.map(({ path }) => path) : read.kind;

describe('binary mode', () => {
  test('keeps each attribute, and JSON to the byte', () => {
    const headers = {
      ...HEADERS,
      'ce-subject': 'caf%C3%A9 50%25 %zz',
      'ce-time': '2020-01-01T00:00:00.1234567+02:00',
      'ce-dataschema': 'https://example.com/schema',
      'ce-averylongextensionnameofthirtychars': '"quo\\"ted"',
      'content-type': 'application/json; charset=utf-8',
      'x-other': 'is no attribute',
    };
    const body = '{ "n": 100.0, "id": 9223372036854775807 }';
    const { sealed, text, envelope, item } = only(offer(headers, body));
    expect(text.endsWith(`,"data":${body}}`)).toBe(true);
    expect(envelope).toMatchObject({
      ...ENVELOPE,
      subject: 'café 50% %zz',
      time: '2020-01-01T00:00:00.1234567+02:00',
      dataschema: 'https://example.com/schema',
      averylongextensionnameofthirtychars: 'quo"ted',
      datacontenttype: 'application/json; charset=utf-8',
      sequence: '00000000000000000007',
      posthornid: PLACE.posthornId,
    });
    expect(envelope).not.toHaveProperty('x-other');
    expect(textOf(dataBody(sealed, item.body))).toBe(body);
    expect(attributesOf(sealed, item.body).get('subject')).toBe('café 50% %zz');
    expect(hopsOf(sealed)).toBe(2);
    const skeleton = withoutPayload(sealed, item.body);
    expect(skeleton.kind).toBe('expunged');
    expect(JSON.parse(skeleton.head)).not.toHaveProperty('data');
    expect(JSON.parse(skeleton.head)).toMatchObject(ENVELOPE);
  });

  test.each([
    ['JSON without a type', {}, '[1.0]', { data: [1] }],
    ['text', { 'content-type': 'text/plain' }, '\ufeffå "b"\n', { data: '\ufeffå "b"\n' }],
    ['XML', { 'content-type': 'application/atom+xml' }, '<a/>', { data: '<a/>' }],
    ['what says that it is JSON', { 'content-type': 'application/json' }, '{', { data_base64: 'ew==' }],
    [
      'text in another charset',
      { 'content-type': 'text/plain; charset=latin1' },
      'a',
      { data_base64: 'YQ==' },
    ],
    ['an image', { 'content-type': 'image/png' }, 'a', { data_base64: 'YQ==' }],
    ['JSON of some format', { 'content-type': 'application/vnd.x+json' }, '{"a":1}', { data: { a: 1 } }],
  ])('%s is its data', (_what, more, body, expected) => {
    const { sealed, envelope, item } = only(offer({ ...HEADERS, ...more }, body));
    expect(envelope).toMatchObject(expected);
    expect(dataBody(sealed, item.body)).toEqual(bytes(body));
  });

  test('bytes that are no text are base64, and no body is no data', () => {
    const raw = new Uint8Array([0xff, 0xfe]);
    const { envelope } = only(offer({ ...HEADERS, 'content-type': 'text/plain' }, raw));
    expect(envelope).toMatchObject({ data_base64: '//4=' });
    const empty = only(offer(HEADERS));
    expect(Object.keys(empty.envelope)).not.toContain('data');
    expect(empty.envelope).toMatchObject({ ...ENVELOPE, posthornid: PLACE.posthornId });
    expect(dataBody(empty.sealed, empty.item.body)).toEqual(new Uint8Array());
  });

  test.each([
    [{ 'ce-id': '' }, ['header/ce-id']],
    [{ 'ce-source': '::' }, ['header/ce-source']],
    [{ 'ce-time': 'noon' }, ['header/ce-time']],
    [{ 'ce-type': 'posthorn.hook.failing' }, ['header/ce-type']],
    [{ 'ce-dataschema': '/relative' }, ['header/ce-dataschema']],
    [{ 'content-type': 'no type' }, ['header/content-type']],
    [{ 'ce-no_name': 'x' }, ['header/ce-no_name']],
    [{ 'ce-data': 'x' }, ['header/ce-data']],
    [{ 'ce-datacontenttype': 'text/plain' }, ['header/ce-datacontenttype']],
    [{ 'ce-subject': '%ff' }, ['header/ce-subject']],
    [{ 'ce-specversion': '0.3' }, ['header/ce-specversion']],
  ])('refuses %j by the rules of CloudEvents', (more, paths) => {
    expect(pathsOf(offer({ ...HEADERS, ...more }, ''))).toEqual(paths);
  });

  test('names all that half of an event lacks', () => {
    expect(pathsOf(offer({ 'ce-id': 'A-1' }, '{}'))).toEqual([
      'header/ce-specversion',
      'header/ce-source',
      'header/ce-type',
    ]);
  });
});

describe('a batch', () => {
  const TYPE = { 'content-type': 'application/cloudevents-batch+json; charset=utf-8' };

  test('is its items in order, each with its exact text', () => {
    const text = `[ {"specversion":"1.0","id":"1","source":"/a","type":"t","data":1.0} ,\n${JSON.stringify(ENVELOPE)}]`;
    const read = offer(TYPE, text);
    if (read.kind !== 'envelopes') throw new Error(JSON.stringify(read));
    expect(read.isBatch).toBe(true);
    expect(read.items.map(({ event }) => event.id)).toEqual(['1', 'A-1']);
    expect(textOf(read.items[0]?.body ?? new Uint8Array())).toContain('"data":1.0}');
    expect(offer(TYPE, '[]')).toEqual({ kind: 'envelopes', items: [], isBatch: true });
  });

  test('is invalid as a whole, with the path into it', () => {
    const read = offer(TYPE, JSON.stringify([ENVELOPE, { ...ENVELOPE, type: '' }, 5]));
    expect(pathsOf(read)).toEqual(['/1/type', '/2']);
    expect(pathsOf(offer(TYPE, '{}'))).toEqual(['']);
    expect(pathsOf(offer(TYPE, '['))).toEqual(['']);
  });

  test('of more than a thousand is too many', () => {
    const of = (count: number) => JSON.stringify(Array.from({ length: count }, () => ENVELOPE));
    expect(offer(TYPE, of(1001))).toEqual({ kind: 'too-many', limit: 1000 });
    expect(offer(TYPE, of(1000)).kind).toBe('envelopes');
  });
});

test('JSON is an envelope unless headers say that it is data', () => {
  const json = { 'content-type': 'application/json' };
  expect(only(offer(json, JSON.stringify(ENVELOPE))).sealed.kind).toBe('own');
  expect(only(offer({ ...HEADERS, ...json }, JSON.stringify(ENVELOPE))).envelope).toMatchObject({
    data: ENVELOPE,
  });
});

test.each(['text/plain', '', 'application/cloudevents+xml', 'application/cloudevents'])(
  'nothing of %j is an event without headers that say so',
  (type) => {
    expect(offer(type === '' ? {} : { 'content-type': type }, '{}').kind).toBe('unsupported');
  },
);
