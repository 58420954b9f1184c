/** What a request of a provider becomes: one event however often it comes, and its facts in the envelope. */
import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inboundSources } from '../support/inbound-sources.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import {
  type Tenant,
  accepted,
  arrive,
  arriveSigned,
  newTenant,
  superofficeBody,
} from '../support/tenant.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

let relay: Relay;
let tenant: Tenant;
beforeAll(async () => {
  relay = await startRelay();
  tenant = await newTenant(relay);
});
afterAll(() => relay.dispose());

const { superoffice, deskera, stats, countOf, envelopeOf } = inboundSources(() => tenant);

describe('dedupe', () => {
  test('E1: the same event 50 times at once is one event, one id in every answer', async () => {
    const source = await superoffice();
    const body = superofficeBody();
    const replies = await Promise.all(Array.from({ length: 50 }, () => arriveSigned(source, body)));
    const answers = replies.map(accepted);
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(await countOf(source)).toBe(1);
    expect(await stats(source)).toMatchObject({ accepted: 1, duplicates: 49 });
  });

  test('E2: the same id at another source, or at another tenant, is another event', async () => {
    const body = superofficeBody();
    const other = await newTenant(relay);
    const sources = [
      await superoffice(),
      await superoffice(),
      await other.api.createSource({ provider: 'superoffice', name: 'so' }),
    ];
    const answers = [];
    for (const source of sources) answers.push(accepted(await arriveSigned(source, body)));
    expect(answers.map(({ duplicate }) => duplicate)).toEqual([false, false, false]);
    expect(new Set(answers.map(({ id }) => id)).size).toBe(3);
  });

  test('E3: two identical Deskera bodies without an id are two events', async () => {
    const source = await deskera();
    const first = accepted(await arrive(source, '{"quantity":1}', JSON_TYPE, '/STOCK_IN'));
    const second = accepted(await arrive(source, '{"quantity":1}', JSON_TYPE, '/STOCK_IN'));
    expect(second.duplicate).toBe(false);
    expect(second.id).not.toBe(first.id);
    const [a, b] = [await envelopeOf(first.id), await envelopeOf(second.id)];
    for (const { id } of [a, b]) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-/);
    expect(a.id).not.toBe(b.id);
  });

  test.each(['idempotency-key', 'webhook-id'])('Deskera: %s makes a repetition known', async (header) => {
    const source = await deskera();
    const first = accepted(await arrive(source, '{"a":1}', { [header]: 'key-1' }));
    const second = accepted(await arrive(source, '{"a":1}', { [header]: 'key-1' }));
    expect(second).toEqual({ ...first, duplicate: true });
    expect((await envelopeOf(first.id)).id).toBe('key-1');
  });

  test('E4: a retry of the same EventId with another Retry header and body spacing is the same event', async () => {
    const source = await superoffice();
    const body = superofficeBody();
    const first = accepted(await arriveSigned(source, body, { 'x-superoffice-retry': '0' }));
    const retried = JSON.stringify(JSON.parse(body), null, 1);
    const second = accepted(await arriveSigned(source, retried, { 'x-superoffice-retry': '1' }));
    expect(second).toEqual({ ...first, duplicate: true });
  });

  test('E5: without an EventId the same bytes twice are one event, other bytes another', async () => {
    const source = await superoffice();
    const body = '{"Event":"sale.deleted","PrimaryKey":1}';
    const first = accepted(await arriveSigned(source, body));
    expect(accepted(await arriveSigned(source, body))).toEqual({ ...first, duplicate: true });
    expect(accepted(await arriveSigned(source, `${body} `)).duplicate).toBe(false);
    expect((await envelopeOf(first.id)).id).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  test('C1: the EventId of the header counts only where the body has none and is not signed', async () => {
    const unsigned = await superoffice({ secret: '' });
    const header = { 'x-superoffice-eventid': 'from-header' };
    const without = accepted(await arrive(unsigned, '{"Event":"a.b"}', header));
    expect((await envelopeOf(without.id)).id).toBe('from-header');
    const own = accepted(await arrive(unsigned, '{"Event":"a.b","EventId":"from-body"}', header));
    expect((await envelopeOf(own.id)).id).toBe('from-body');
    const signed = accepted(await arriveSigned(await superoffice(), '{"Event":"a.b"}', header));
    const digest = createHash('sha256').update('{"Event":"a.b"}').digest('base64url');
    expect((await envelopeOf(signed.id)).id).toBe(digest);
  });
});

describe('what SuperOffice sends becomes facts', () => {
  async function dataOf(members: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
    return (await eventOf(members)).data as Record<string, unknown>;
  }
  async function eventOf(members: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
    const source = await superoffice();
    return envelopeOf(accepted(await arriveSigned(source, superofficeBody(members))).id);
  }

  test('H4: Changes that are null, missing or not an array are []', async () => {
    for (const Changes of [null, undefined, 'contact_id', {}, 1]) {
      expect((await dataOf({ Changes })).changes).toEqual([]);
    }
  });

  test('H4: Values that are {} or missing are {}; others are strings with their number text', async () => {
    for (const Values of [{}, undefined, null]) expect((await dataOf({ Values })).identifiers).toEqual({});
    expect((await dataOf({ Values: { sale_id: 18, name: 'x' } })).identifiers).toEqual({
      sale_id: '18',
      name: 'x',
    });
  });

  test('H4: without Entity the entity comes from the event name', async () => {
    const event = await eventOf({ Entity: undefined, Event: 'webhook.started' });
    expect(event).toMatchObject({ type: 'superoffice.webhook.started', data: { entity: 'webhook' } });
  });

  test.each([
    [0, null],
    [-5, '-5'],
    [2_147_483_647, '2147483647'],
    ['77', '77'],
    [null, null],
    [undefined, null],
    [{}, null],
  ])('H4: PrimaryKey %j is the id %j', async (PrimaryKey, entityId) => {
    const event = await eventOf({ PrimaryKey });
    expect(event.data).toMatchObject({ entityId });
    expect(event.subject).toBe(entityId === null ? undefined : `contact/${entityId}`);
  });

  test.each([
    '2018-04-24T07:50:50Z',
    '2018-04-24T07:50:50.681Z',
    '2018-04-24T07:50:50.68121Z',
    '2018-04-24T07:50:50.681213Z',
    '2018-04-24T07:50:50.6812131Z',
    '2018-04-24T07:50:50.681213199Z',
    '2018-04-24T09:50:50.6812131+02:00',
  ])('H5: Timestamp %s is the time, as it was written', async (Timestamp) => {
    expect((await eventOf({ Timestamp })).time).toBe(Timestamp);
  });

  test.each(['0001-01-01T00:00:00Z', '2018-04-24T07:50:50', 'yesterday', '', 1_524_556_250, null])(
    'H5: Timestamp %j is none: the time of receipt stands in',
    async (Timestamp) => {
      const event = await eventOf({ Timestamp });
      expect(event.time).toBe(event.recordedtime);
    },
  );

  test.each([
    ['list.category.softdeleted', 'superoffice.list.category.softdeleted', 'list.category'],
    ['list.110.created', 'superoffice.list.110.created', 'list.110'],
    ['y_table.deleted', 'superoffice.y_table.deleted', 'y_table'],
    ['webhook123.errors', 'superoffice.webhook123.errors', 'webhook123'],
    ['Contact.Changed', 'superoffice.contact.updated', 'contact'],
    ['sale.sold', 'superoffice.sale.sold', 'sale'],
    ['nodot', 'superoffice.nodot.received', 'nodot'],
  ])('H6: %s is %s', async (Event, type, entity) => {
    const event = await eventOf({ Event, Entity: undefined });
    expect(event).toMatchObject({ type, data: { event: Event, entity } });
  });

  test('H6: an event name of 4,000 characters is carried', async () => {
    const Event = `${'e'.repeat(3992)}.created`;
    expect((await eventOf({ Event, Entity: undefined })).type).toBe(`superoffice.${Event}`);
  });

  test('H7: members named __proto__ and constructor are data like any other', async () => {
    const source = await superoffice();
    const body = '{"Event":"a.b","__proto__":{"Event":"x.y"},"constructor":1,"Values":{"__proto__":5,"a":6}}';
    const { id } = accepted(await arriveSigned(source, body));
    const { text } = await tenant.api.request('GET', `/v1/events/${id}`);
    expect(text).toContain(`"raw":${body}`);
    expect(text).toContain('"identifiers":{"__proto__":"5","a":"6"}');
    expect(text).toContain('"type":"superoffice.a.b"');
  });

  test('H7: of duplicate members the last one counts, and both stay in the raw text', async () => {
    const source = await superoffice();
    const body = '{"Event":"a.created","Event":"a.deleted"}';
    const { id } = accepted(await arriveSigned(source, body));
    const { text } = await tenant.api.request('GET', `/v1/events/${id}`);
    expect(text).toContain('"type":"superoffice.a.deleted"');
    expect(text).toContain(`"raw":${body}`);
  });

  test('H7: 10,000 levels deep are carried through', async () => {
    const source = await superoffice();
    const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
    const { id } = accepted(await arriveSigned(source, `{"Event":"a.b","Deep":${deep}}`));
    expect((await tenant.api.request('GET', `/v1/events/${id}`)).text).toContain(deep);
  });

  test('H7: a byte order mark stays in the body and out of the envelope', async () => {
    const source = await superoffice();
    const body = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from('{"Event":"a.b"}')]);
    const { id } = accepted(await arriveSigned(source, body));
    expect((await tenant.api.request('GET', `/v1/events/${id}`)).text).toContain('"raw":{"Event":"a.b"}');
    const raw = await fetch(`${relay.url}/v1/events/${id}/raw`, {
      headers: { authorization: `Bearer ${tenant.key}` },
    });
    expect(Buffer.from(await raw.arrayBuffer())).toEqual(body);
  });

  test('source: the context, percent-encoded', async () => {
    const event = await eventOf({ ContextIdentifier: 'Cust 1/æ' });
    expect(event.source).toBe('/superoffice/Cust%201%2F%C3%A6');
    expect(event.data).toMatchObject({ account: 'Cust 1/æ' });
  });
});

describe('what Deskera sends becomes facts', () => {
  test.each([
    ['an object', '{"id":5,"name":"x"}', 'application/json'],
    ['an array', '[{"id":5}]', 'application/json'],
    ['a number', '100.0', 'application/json'],
    ['JSON of another content type', '{"id":5}', 'text/plain'],
  ])('H8: %s is carried as JSON', async (_, body, contentType) => {
    const source = await deskera();
    const { id } = accepted(await arrive(source, body, { 'content-type': contentType }, '/CREATE_BILL'));
    const { text } = await tenant.api.request('GET', `/v1/events/${id}`);
    expect(text).toContain(`"raw":${body}}}`);
    expect((await envelopeOf(id)).type).toBe('deskera.bill.created');
  });

  test.each([
    ['empty', '', null],
    ['text', 'hello', 'text/plain'],
    ['a form', 'a=1&b=2', 'application/x-www-form-urlencoded'],
    ['broken JSON', '{"id":', 'application/json'],
  ])('H8: %s is carried as base64 with its content type', async (_, body, contentType) => {
    const source = await deskera();
    const headers = contentType === null ? {} : { 'content-type': contentType };
    const { id } = accepted(await arrive(source, Buffer.from(body), headers));
    const { type, data } = await envelopeOf(id);
    expect(type).toBe('deskera.event.received');
    expect(data).toMatchObject({
      rawBase64: Buffer.from(body).toString('base64'),
      rawContentType: contentType,
      verified: false,
    });
    expect(data).not.toHaveProperty('raw');
  });

  test('H8: an id beyond 2^53 keeps every digit', async () => {
    const source = await deskera();
    const body = '{"id":9007199254740993,"price":100.0}';
    const { id } = accepted(await arrive(source, body, JSON_TYPE, '/CREATE_PRODUCTS'));
    const event = await envelopeOf(id);
    expect(event.subject).toBe('product/9007199254740993');
    expect((await tenant.api.request('GET', `/v1/events/${id}`)).text).toContain(`"raw":${body}`);
  });

  test.each([
    ['by path', '/UPDATE_INVOICE', '{}', 'deskera.invoice.updated', 'UPDATE_INVOICE'],
    [
      'by path before body',
      '/UPDATE_INVOICE',
      '{"eventType":"CREATE_BILL"}',
      'deskera.invoice.updated',
      'UPDATE_INVOICE',
    ],
    ['by path, percent-encoded', '/STOCK%5FIN', '{}', 'deskera.stock.in', 'STOCK_IN'],
    [
      'by eventType',
      '',
      '{"eventType":"CREATE_CRM_CONTACT"}',
      'deskera.crm_contact.created',
      'CREATE_CRM_CONTACT',
    ],
    ['by event', '', '{"event":"STOCK_OUT"}', 'deskera.stock.out', 'STOCK_OUT'],
    ['by type', '', '{"type":"CREATE_CONTACT"}', 'deskera.contact.created', 'CREATE_CONTACT'],
    ['an unlisted name', '/DELETE_WAREHOUSE', '{}', 'deskera.warehouse.deleted', 'DELETE_WAREHOUSE'],
    ['no name', '', '{}', 'deskera.event.received', null],
  ])('H8: event type %s', async (_, path, body, type, event) => {
    const source = await deskera();
    const { id } = accepted(await arrive(source, body, JSON_TYPE, path));
    expect(await envelopeOf(id)).toMatchObject({ type, source: `/deskera/${source.id}`, data: { event } });
  });
});

describe('H13: a source’s paths override, for any provider', () => {
  const paths = {
    eventType: '/meta/kind',
    entityId: '/meta/key',
    account: '/meta/account',
    time: '/meta/at',
    eventId: '/meta/id',
  };
  const meta = { kind: 'order.paid', key: 'k-1', account: 'acc', at: '2020-01-02T03:04:05Z', id: 'meta-id' };

  test('Deskera', async () => {
    const source = await tenant.api.createSource({ provider: 'deskera', name: 'dk', paths });
    const { id } = accepted(await arrive(source, JSON.stringify({ id: 1, meta }), JSON_TYPE, '/CREATE_BILL'));
    expect(await envelopeOf(id)).toMatchObject({
      id: 'meta-id',
      type: 'deskera.order.paid',
      subject: 'order/k-1',
      time: '2020-01-02T03:04:05Z',
      data: { account: 'acc', event: 'order.paid', entityId: 'k-1' },
    });
  });

  test('SuperOffice', async () => {
    const source = await superoffice({ paths });
    const { id } = accepted(await arriveSigned(source, superofficeBody({ Entity: undefined, meta })));
    expect(await envelopeOf(id)).toMatchObject({
      id: 'meta-id',
      type: 'superoffice.order.paid',
      subject: 'order/k-1',
      time: '2020-01-02T03:04:05Z',
      data: { account: 'acc' },
    });
  });

  test('a path that leads to nothing is as if it were absent', async () => {
    const source = await superoffice({ paths: { entityId: '/no/such', eventType: '/Changes' } });
    const EventId = randomUUID();
    const { id } = accepted(await arriveSigned(source, superofficeBody({ EventId })));
    expect(await envelopeOf(id)).toMatchObject({
      id: EventId,
      type: 'superoffice.contact.updated',
      subject: 'contact/994863',
    });
  });

  test('changed paths count for the next request', async () => {
    const source = await superoffice();
    await tenant.api.expect(200, 'PATCH', `/v1/sources/${source.id}`, { paths: { entityId: '/Key' } });
    const { id } = accepted(await arriveSigned(source, superofficeBody({ Key: 7 })));
    expect((await envelopeOf(id)).subject).toBe('contact/7');
  });
});
