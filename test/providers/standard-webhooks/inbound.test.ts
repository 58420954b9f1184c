/** What the relay reads in a request that follows Standard Webhooks. */
import { describe, expect, test } from 'vitest';
import { sealProvider, structuredBody } from '../../../src/core/envelope.ts';
import { eventId } from '../../../src/core/event-id.ts';
import { standardWebhooks } from '../../../src/providers/standard-webhooks/inbound.ts';
import { SOURCE_ID, arrived, factsOf, read } from '../arrived.ts';

/** The specification's own example of a payload. */
const PAYLOAD =
  '{"type":"contact.created","timestamp":"2022-11-03T20:26:10.344522Z","data":{"id":"1f81eb52-5198-4599-803e-771906343485","type":"contact","name":"John"}}';
const HEADERS = { 'webhook-id': 'msg_1' };

function facts(body: unknown, paths = {}, pathEventType: string | null = null) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return factsOf(standardWebhooks, arrived(text, HEADERS, pathEventType), paths);
}

test('the specification’s payload becomes its envelope, the text unchanged', () => {
  const body = new TextEncoder().encode(PAYLOAD);
  const posthornId = eventId(0, 1, new Uint8Array(5));
  const sealed = sealProvider(facts(PAYLOAD), {
    provider: 'standard-webhooks',
    sourceId: SOURCE_ID,
    id: 'msg_1',
    seq: 1,
    posthornId,
    recordedAtMs: 0,
  });
  const text = new TextDecoder().decode(structuredBody(sealed, body));
  expect(JSON.parse(text)).toEqual({
    specversion: '1.0',
    id: 'msg_1',
    source: `/standard-webhooks/${SOURCE_ID}`,
    type: 'standard-webhooks.contact.created',
    subject: 'contact/1f81eb52-5198-4599-803e-771906343485',
    time: '2022-11-03T20:26:10.344522Z',
    datacontenttype: 'application/json',
    sequence: '00000000000000000001',
    recordedtime: '1970-01-01T00:00:00.000Z',
    posthornid: posthornId,
    data: {
      provider: 'standard-webhooks',
      sourceId: SOURCE_ID,
      event: 'contact.created',
      entity: 'contact',
      action: 'created',
      entityId: '1f81eb52-5198-4599-803e-771906343485',
      account: null,
      actor: null,
      webhookName: null,
      verified: false,
      assurance: 'none',
      batch: null,
      changes: [],
      identifiers: {},
      raw: JSON.parse(PAYLOAD) as unknown,
    },
  });
  expect(text.endsWith(`,"raw":${PAYLOAD}}}`)).toBe(true);
});

describe('the type is entity and action, parted at the last dot', () => {
  test.each([
    ['invoice.paid', 'invoice', 'paid'],
    ['Invoice.Line.Updated', 'invoice.line', 'updated'],
    ['ping', 'ping', 'received'],
    ['.created', '.created', 'received'],
    ['user.', 'user.', 'received'],
  ])('%s', (type, entity, action) => {
    expect(facts({ type })).toMatchObject({ event: type, entity, action });
  });

  test('one in the body wins over one in the URL, which is not signed', () => {
    expect(facts({ type: 'a.b' }, {}, 'c.d')).toMatchObject({ event: 'a.b' });
    expect(facts({ data: {} }, {}, 'c.d')).toMatchObject({ event: 'c.d' });
  });
});

describe('the record’s id is in data', () => {
  test.each([
    [{ id: 'a' }, 'a'],
    [{ userId: 7 }, '7'],
    [{ id: 'a', userId: 'b' }, 'a'],
    [{ id: 0 }, null],
    [{ id: {} }, null],
    [[{ id: 1 }], null],
    ['text', null],
    [undefined, null],
  ])('%j: %s', (data, entityId) => {
    expect(facts({ type: 'user.created', id: 'of the body', data })).toMatchObject({ entityId });
  });

  test('a number keeps its text', () => {
    expect(facts('{"type":"user.created","data":{"id":9007199254740993}}')).toMatchObject({
      entityId: '9007199254740993',
    });
  });
});

test('H13: paths say where the facts of another payload stand, also that of another relay', () => {
  const envelope = {
    specversion: '1.0',
    id: 'e-1',
    type: 'superoffice.contact.updated',
    time: '2018-04-24T07:50:50.6812131Z',
    data: { event: 'contact.changed', entityId: '994863', account: 'Cust1234' },
  };
  const paths = {
    eventType: '/data/event',
    entityId: '/data/entityId',
    account: '/data/account',
    time: '/time',
    eventId: '/id',
  };
  expect(facts(envelope, paths)).toMatchObject({
    id: 'e-1',
    event: 'contact.changed',
    entity: 'contact',
    action: 'changed',
    entityId: '994863',
    account: 'Cust1234',
    time: '2018-04-24T07:50:50.6812131Z',
  });
  expect(facts(envelope, { eventType: '/nothing', eventId: '/data' })).toMatchObject({
    id: 'msg_1',
    event: 'superoffice.contact.updated',
    entity: 'superoffice.contact',
  });
});

describe('without a name for the event, or no JSON object, it is malformed', () => {
  test.each([
    ['', '', 'an empty body'],
    ['no JSON', '', 'text that is not JSON'],
    ['[]', '', 'array'],
    ['"text"', '', 'string'],
    ['{}', '/type', 'nothing'],
    ['{"type":""}', '/type', '""'],
    ['{"type":7}', '/type', '7'],
    [`{"type":"${'x'.repeat(4097)}"}`, '/type', 'a long string'],
  ])('%s', (body, path, got) => {
    expect(read(standardWebhooks, arrived(body, HEADERS))).toMatchObject({ kind: 'malformed', path, got });
  });
});

test('the sender’s API is unknown: there is nothing to call', () => {
  expect(standardWebhooks.setup({ name: '', inboundUrl: '', secret: '', events: [] })).toEqual([]);
});
