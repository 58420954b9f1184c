import { describe, expect, test } from 'vitest';
import { sealProvider, structuredBody } from '../../../src/core/envelope.ts';
import { eventId } from '../../../src/core/event-id.ts';
import { DOCUMENTED_EVENTS, namedEvent } from '../../../src/providers/deskera/event-name.ts';
import { deskera } from '../../../src/providers/deskera/inbound.ts';
import { sampleBytes, sampleJson, samplePaths, sampleText } from '../../support/samples.ts';
import { SOURCE_ID, arrived, factsOf } from '../arrived.ts';

const named = (name: string | null) => {
  const { entity, action } = namedEvent(name);
  return `${entity}.${action}`;
};

describe('an event name', () => {
  test('is documented 22 times', () => {
    expect(DOCUMENTED_EVENTS.size).toBe(22);
    for (const [name, mapped] of DOCUMENTED_EVENTS) {
      expect([name, named(name)]).toEqual([name, mapped]);
      expect([name, named(name.toLowerCase())]).toEqual([name, mapped]);
    }
  });

  test.each<[string | null, string]>([
    ['CREATE_PRODUCTS', 'product.created'],
    ['CREATE_CONTACT', 'contact.created'],
    ['UPDATE_INVOICE', 'invoice.updated'],
    ['DELETE_CREDITNOTE', 'creditnote.deleted'],
    ['CREATE_CRM_CONTACT', 'crm_contact.created'],
    ['DELETE_CRM_DEAL', 'crm_deal.deleted'],
    ['STOCK_IN', 'stock.in'],
    ['STOCK_OUT', 'stock.out'],
    ['Update_Bill', 'bill.updated'],
    ['CREATE_CONTACTS', 'contacts.created'],
    ['UPDATE_PURCHASE_ORDER', 'purchase_order.updated'],
    ['DELETE_A.B', 'a.b.deleted'],
    ['CREATE_', 'create_.received'],
    ['order.Paid', 'order.paid'],
    ['TRACKED', 'tracked.received'],
    ['STOCK_MOVED', 'stock_moved.received'],
    ['constructor', 'constructor.received'],
    [null, 'event.received'],
  ])('%s → %s', (name, expected) => {
    expect(named(name)).toBe(expected);
  });
});

describe('H8: the event type', () => {
  const body = '{"eventType":"CREATE_BILL","event":"UPDATE_BILL","type":"DELETE_BILL"}';
  const eventOf = (text: string | Uint8Array, inPath: string | null = null, pointer?: string) =>
    factsOf(deskera, arrived(text, {}, inPath), { eventType: pointer }).event;

  test('is that of the pointer, else of the URL, else of the body', () => {
    expect(eventOf(body, 'STOCK_IN', '/event')).toBe('UPDATE_BILL');
    expect(eventOf(body, 'STOCK_IN', '/nothing')).toBe('STOCK_IN');
    expect(eventOf(body, 'STOCK_IN')).toBe('STOCK_IN');
    expect(eventOf(body)).toBe('CREATE_BILL');
  });

  test('of the body is the first string of eventType, event and type', () => {
    expect(eventOf('{"eventType":"","event":5,"type":"STOCK_IN"}')).toBe('STOCK_IN');
    expect(eventOf('{"eventType":null,"event":"STOCK_OUT","type":"TRACKED"}')).toBe('STOCK_OUT');
    expect(eventOf(`{"eventType":"${'x'.repeat(4097)}","type":"STOCK_IN"}`)).toBe('STOCK_IN');
  });

  test.each<[string, string | Uint8Array]>([
    ['an object that names none', '{"id":1,"data":{"type":"X"}}'],
    ['an array', '[{"eventType":"CREATE_BILL"}]'],
    ['an empty body', ''],
    ['text', 'CREATE_BILL'],
    ['a form', 'eventType=CREATE_BILL&id=5'],
    ['a JSON string', '"CREATE_BILL"'],
    ['bytes', Uint8Array.of(0, 0xff)],
  ])('of %s is unknown, and the event is kept', (_, text) => {
    expect(factsOf(deskera, arrived(text))).toMatchObject({
      event: null,
      entity: 'event',
      action: 'received',
    });
    expect(factsOf(deskera, arrived(text, {}, ''))).toMatchObject({ event: null, entity: 'event' });
    expect(factsOf(deskera, arrived(text, {}, 'CREATE_BILL'))).toMatchObject({
      event: 'CREATE_BILL',
      entity: 'bill',
    });
  });
});

describe('H8: the body', () => {
  test.each(['{"id":1}', '[1]', '"x"', '5', 'null', ' {} '])('%s is JSON', (text) => {
    expect(factsOf(deskera, arrived(text)).raw).toEqual({ kind: 'json', text });
  });

  test('with a byte order mark is the JSON behind it', () => {
    expect(factsOf(deskera, arrived('\ufeff{"id":7}'))).toMatchObject({
      entityId: '7',
      raw: { kind: 'json', text: '{"id":7}' },
    });
  });

  test.each<[string, string | Uint8Array]>([
    ['empty', ''],
    ['text', 'hello'],
    ['a form', 'id=5&name=a%20b'],
    ['truncated JSON', '{"id":'],
    ['invalid UTF-8', Uint8Array.of(0x22, 0xc3, 0x22)],
  ])('%s is bytes with their content type', (_, body) => {
    const bytes = { kind: 'bytes', contentType: 'text/plain' };
    expect(factsOf(deskera, arrived(body, { 'content-type': 'text/plain' })).raw).toEqual(bytes);
    expect(factsOf(deskera, arrived(body)).raw).toEqual({ kind: 'bytes', contentType: null });
  });
});

describe('H8: the entity id', () => {
  const idOf = (body: string, inPath = 'CREATE_PRODUCTS') =>
    factsOf(deskera, arrived(body, {}, inPath)).entityId;

  test.each<[string, string, string | null]>([
    ['id', '{"id":120227}', '120227'],
    ['id as sent', '{"id":9007199254740993}', '9007199254740993'],
    ['id as text', '{"id":"P-1"}', 'P-1'],
    ['{entity}Id', '{"productId":"P-0000005"}', 'P-0000005'],
    ['id before {entity}Id', '{"productId":"P-0000005","id":5}', '5'],
    ['{entity}Id where id is 0', '{"id":0,"productId":"P-0000005"}', 'P-0000005'],
    ['another {entity}Id', '{"contactId":5}', null],
    ['id in the only object', '{"eventType":"X","data":{"id":5},"list":[{"id":6}]}', '5'],
    ['{entity}Id in the only object', '{"data":{"productId":7}}', '7'],
    ['id at the top before the only object', '{"id":5,"data":{"id":6}}', '5'],
    ['{entity}Id at the top before id in the object', '{"productId":5,"data":{"id":6}}', '5'],
    ['two objects', '{"a":{"id":5},"b":{"id":6}}', null],
    ['one object twice', '{"a":{"id":5},"a":{"id":6}}', '6'],
    ['an object further in', '{"a":{"b":{"id":5}}}', null],
    ['an array', '[{"id":5}]', null],
    ['an array inside', '{"data":[{"id":5}]}', null],
    ['ids', '{"ids":[1,2]}', null],
    ['id 0', '{"id":0}', null],
    ['id "0"', '{"id":"0"}', null],
    ['id null', '{"id":null}', null],
    ['id empty', '{"id":""}', null],
    ['id an array', '{"id":[5]}', null],
    ['id of an object', '{"id":{"id":5}}', '5'],
    ['id true', '{"id":true}', null],
    ['the last id', '{"id":5,"id":6}', '6'],
    ['a scalar body', '5', null],
    ['text', 'id=5', null],
  ])('%s', (_, body, expected) => {
    expect(idOf(body)).toBe(expected);
  });

  test('takes the entity of the event', () => {
    expect(idOf('{"crm_contactId":3}', 'UPDATE_CRM_CONTACT')).toBe('3');
    expect(idOf('{"productId":3}', 'UPDATE_CRM_CONTACT')).toBeNull();
  });
});

describe('the id', () => {
  const idOf = (headers: Record<string, string>, pointer?: string) =>
    factsOf(deskera, arrived('{"uuid":"u-1"}', headers), { eventId: pointer }).id;

  test('E3: is none without a header, so that two equal bodies are two events', () => {
    expect(idOf({})).toBeNull();
  });

  test('is that of the pointer, else idempotency-key, else webhook-id', () => {
    const headers = { 'idempotency-key': 'key', 'webhook-id': 'msg' };
    expect(idOf(headers, '/uuid')).toBe('u-1');
    expect(idOf(headers, '/nothing')).toBe('key');
    expect(idOf(headers)).toBe('key');
    expect(idOf({ 'webhook-id': 'msg' })).toBe('msg');
    expect(idOf({ 'idempotency-key': '', 'webhook-id': 'msg' })).toBe('msg');
    expect(idOf({ 'idempotency-key': 'a\u0085b' })).toBeNull();
  });
});

test('H13: paths override account, time and entity id; pointing at nothing they do not', () => {
  const body = '{"id":1,"tenantId":23312,"created_at":"2020-06-12T07:07:56.232308Z","deal":{"key":"D"}}';
  const paths = { entityId: '/deal/key', account: '/tenantId', time: '/created_at' };
  expect(factsOf(deskera, arrived(body), paths)).toMatchObject({
    entityId: 'D',
    account: '23312',
    time: '2020-06-12T07:07:56.232308Z',
    source: `/deskera/${SOURCE_ID}`,
  });
  const nowhere = { entityId: '/deal', account: '/x', time: '/id/x' };
  expect(factsOf(deskera, arrived(body), nowhere)).toMatchObject({
    entityId: '1',
    account: null,
    time: null,
  });
  expect(factsOf(deskera, arrived('no JSON'), paths)).toMatchObject({
    entityId: null,
    account: null,
    time: null,
  });
});

test('nothing is signed, so nothing is rejected and there is no secret', () => {
  expect(deskera.verify(arrived('{}', { 'x-superoffice-signature': 'x' }), ['secret'], 0)).toBe('none');
  expect(deskera.readSecret('secret')).toEqual({ ok: false, got: 'a secret' });
  expect(deskera.newSecret(new Uint8Array(32))).toBeNull();
});

describe('the Deskera records', () => {
  test.each(samplePaths(/^deskera\//))('%s comes through unchanged', (path) => {
    const body = sampleBytes(path);
    const facts = factsOf(deskera, arrived(body, {}, 'UPDATE_THING'));
    const sealed = sealProvider(facts, {
      provider: 'deskera',
      sourceId: SOURCE_ID,
      id: 'x',
      seq: 1,
      posthornId: eventId(0, 1, new Uint8Array(5)),
      recordedAtMs: 0,
    });
    const text = new TextDecoder().decode(structuredBody(sealed, body));
    const sent = sampleJson(path);
    const id = typeof sent === 'object' && sent !== null && 'id' in sent ? String(sent.id) : null;
    expect(JSON.parse(text)).toMatchObject({
      source: `/deskera/${SOURCE_ID}`,
      type: 'deskera.thing.updated',
      ...(id === null ? {} : { subject: `thing/${id}` }),
      time: '1970-01-01T00:00:00.000Z',
      data: { provider: 'deskera', event: 'UPDATE_THING', entityId: id, raw: sent },
    });
    expect(text.endsWith(`,"raw":${sampleText(path)}}}`)).toBe(true);
  });
});
