/** The inbound route: the table of contract §4 on the running relay, its order, and what dedupes. */
import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Problem, type Source, call, refusal } from '../support/api.ts';
import { rawRequest } from '../support/raw-http.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { noSamples, sampleBytes, sampleJson, samplePaths } from '../support/samples.ts';
import {
  type Tenant,
  accepted,
  arrive,
  arriveSigned,
  newTenant,
  signatureOf,
  superofficeBody,
} from '../support/tenant.ts';

const MAX_BODY_BYTES = 1_048_576;
const JSON_TYPE = { 'content-type': 'application/json' };

let relay: Relay;
let tenant: Tenant;
beforeAll(async () => {
  relay = await startRelay();
  tenant = await newTenant(relay);
});
afterAll(() => relay.dispose());

function superoffice(members: Readonly<Record<string, unknown>> = {}): Promise<Source> {
  return tenant.api.createSource({ provider: 'superoffice', name: 'so', ...members });
}

function deskera(): Promise<Source> {
  return tenant.api.createSource({ provider: 'deskera', name: 'dk' });
}

async function stats(source: Source): Promise<Record<string, unknown>> {
  const view = await tenant.api.expect(200, 'GET', `/v1/sources/${source.id}`);
  return (view as { stats: Record<string, unknown> }).stats;
}

async function countOf(source: Source): Promise<number> {
  return (await tenant.api.events(`?sourceId=${source.id}`)).length;
}

async function envelopeOf(id: string): Promise<Record<string, unknown>> {
  return (await tenant.api.event(id)).event;
}

describe('H1: the signature is base64 of HMAC-SHA256 over the exact body', () => {
  const body = superofficeBody({ WebhookName: 'Bjørn – 顧客 ✅' });
  /** Published with its secret; the right signature has a character of either alphabet. */
  const vector = {
    secret: 'Something Super Secret',
    signature: 'gdik2Gsiu/KRsrjdVhuNrV1qglx57iW/uP8YT0IV3p8=',
    body:
      '{"EventId":"8337ae4a-1dd6-40fd-8dc7-a050664a0af7","Timestamp":"2018-04-24T07:50:50.6812131Z",' +
      '"Changes":["contact_id","associate_id","department","updated_associate_id","updated","updatedCount"],' +
      '"Event":"contact.changed","PrimaryKey":994863,"Entity":"contact","ContextIdentifier":"Cust1234",' +
      '"ChangedByAssociateId":316,"WebhookName":"Name you provided"}',
  };

  test('the right one is accepted, under any case of the header name', async () => {
    const source = await superoffice();
    const signature = signatureOf(body, source.secret);
    const first = accepted(
      await arrive(source, body, { 'X-SuperOffice-Signature': signature, ...JSON_TYPE }),
    );
    const second = accepted(await arrive(source, body, { 'x-superoffice-signature': signature }));
    expect(second).toEqual({ ...first, duplicate: true });
    expect((await envelopeOf(first.id)).data).toMatchObject({ verified: true });
  });

  test('that of a vector computed elsewhere is accepted', async () => {
    const source = await superoffice({ secret: vector.secret });
    accepted(await arrive(source, vector.body, { 'x-superoffice-signature': vector.signature }));
  });

  test('the key is the UTF-8 bytes of a secret that is not ASCII', async () => {
    const source = await superoffice({ secret: 'sëcret–🔑' });
    accepted(await arriveSigned(source, body));
  });

  const flipped = Buffer.from(vector.signature, 'base64');
  flipped[7] = (flipped[7] ?? 0) ^ 1;
  test.each([
    ['no header', null],
    ['an empty header', ''],
    ['one flipped bit', flipped.toString('base64')],
    ['the url-safe alphabet', vector.signature.replaceAll('/', '_')],
    ['no padding', vector.signature.replace('=', '')],
    ['hexadecimal', Buffer.from(vector.signature, 'base64').toString('hex')],
    ['a prefix', `sha256=${vector.signature}`],
    ['two values', `${vector.signature}, ${vector.signature}`],
    ['one byte too many', Buffer.concat([flipped, flipped]).subarray(0, 33).toString('base64')],
    ['the wrong secret', signatureOf(vector.body, 'another secret')],
  ])('%s is 401, and nothing is stored', async (_, signature) => {
    const source = await superoffice({ secret: vector.secret });
    const headers = signature === null ? {} : { 'x-superoffice-signature': signature };
    const reply = await arrive(source, vector.body, headers);
    expect(refusal(reply)).toBe('401 unauthorized');
    expect(reply.headers.get('www-authenticate')).not.toBeNull();
    expect(await countOf(source)).toBe(0);
    expect(await stats(source)).toMatchObject({ accepted: 0, rejected: { signature: 1 } });
  });

  test('a body changed by one space, or with CRLF for LF, no longer fits', async () => {
    const source = await superoffice();
    const pretty = JSON.stringify(JSON.parse(body), null, 2);
    const headers = { 'x-superoffice-signature': signatureOf(pretty, source.secret) };
    for (const changed of [`${pretty} `, pretty.replaceAll('\n', '\r\n'), body]) {
      expect((await arrive(source, changed, headers)).status).toBe(401);
    }
    accepted(await arrive(source, pretty, headers));
  });

  test('the signature of another source is 401', async () => {
    const [source, other] = [await superoffice(), await superoffice()];
    const headers = { 'x-superoffice-signature': signatureOf(body, other.secret) };
    expect((await arrive(source, body, headers)).status).toBe(401);
  });

  test('white space around the header value is not part of it, as HTTP says', async () => {
    const source = await superoffice();
    const { pathname, host } = new URL(source.inboundUrl);
    const answer = await rawRequest(
      source.inboundUrl,
      [
        `POST ${pathname} HTTP/1.1`,
        `host: ${host}`,
        `x-superoffice-signature:   ${signatureOf('{"Event":"a.b"}', source.secret)}  `,
        'content-length: 15',
      ],
      '{"Event":"a.b"}',
    );
    expect(answer.status).toBe(200);
  });

  test('an empty secret accepts what is unsigned, and says so', async () => {
    const source = await superoffice({ secret: '' });
    const { id } = accepted(await arrive(source, body, JSON_TYPE));
    expect((await envelopeOf(id)).data).toMatchObject({ verified: false });
  });
});

describe('H2: the test event', () => {
  const named = superofficeBody({ Event: 'test', Entity: 'test', PrimaryKey: 0 });

  test('signed is answered and not stored', async () => {
    const source = await superoffice();
    const reply = await arriveSigned(source, named, { 'x-hook-test': 'true' });
    expect([reply.status, reply.text]).toEqual([200, '{"status":"test"}']);
    expect(await countOf(source)).toBe(0);
    expect(await stats(source)).toMatchObject({ tests: 1, accepted: 0, duplicates: 0 });
  });

  test('H12: unsigned or wrongly signed is 401: the earlier row decides', async () => {
    const source = await superoffice();
    const forged = { 'x-hook-test': 'true', 'x-superoffice-signature': signatureOf(named, 'wrong') };
    expect((await arrive(source, named, { 'x-hook-test': 'true' })).status).toBe(401);
    expect((await arrive(source, named, forged)).status).toBe(401);
  });

  test('the header alone counts only where the body names no event', async () => {
    const source = await superoffice();
    const header = { 'x-hook-test': 'true' };
    expect((await arriveSigned(source, '{"PrimaryKey":0}', header)).body).toEqual({ status: 'test' });
    expect((await arriveSigned(source, superofficeBody(), header)).body).toMatchObject({
      status: 'accepted',
    });
  });
});

describe('the rows of contract §4', () => {
  test('accepted is exactly 200 with status, id and duplicate', async () => {
    const source = await superoffice();
    const body = superofficeBody();
    const reply = await arriveSigned(source, body);
    const { id } = accepted(reply);
    expect(id).toMatch(/^evt_[0-9A-Z]{26}$/);
    expect([reply.status, reply.text]).toEqual([200, `{"status":"accepted","id":"${id}","duplicate":false}`]);
    const again = await arriveSigned(source, body);
    expect([again.status, again.text]).toEqual([200, `{"status":"accepted","id":"${id}","duplicate":true}`]);
  });

  test.each(['GET', 'HEAD', 'POST', 'PUT', 'OPTIONS', 'DELETE'])(
    '%s to an unknown token is 404',
    async (method) => {
      const source = await superoffice();
      const unknown = `${source.inboundUrl.slice(0, -3)}AAA`;
      expect((await call(method, unknown, method === 'POST' ? '{}' : undefined)).status).toBe(404);
      expect((await call(method, `${relay.url}/in/nonsense`)).status).toBe(404);
    },
  );

  test('H11: a deleted source is 404 at once, for every method and however wrong the request', async () => {
    const source = await superoffice();
    accepted(await arriveSigned(source, superofficeBody()));
    await tenant.api.expect(204, 'DELETE', `/v1/sources/${source.id}`);
    expect(refusal(await arriveSigned(source, superofficeBody()))).toBe('404 not-found');
    expect(refusal(await arrive(source, 'not json'))).toBe('404 not-found');
    expect(refusal(await arrive(source, new Uint8Array(MAX_BODY_BYTES + 1)))).toBe('404 not-found');
    for (const method of ['GET', 'PUT', 'OPTIONS']) {
      expect((await call(method, source.inboundUrl)).status).toBe(404);
    }
  });

  test('H9: GET and HEAD are probes; every other method is 405 and names those allowed', async () => {
    for (const source of [await superoffice(), await deskera()]) {
      expect((await call('GET', source.inboundUrl)).status).toBe(200);
      const head = await call('HEAD', source.inboundUrl);
      expect([head.status, head.text]).toEqual([200, '']);
      for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        const reply = await call(method, source.inboundUrl);
        expect(refusal(reply)).toBe('405 method-not-allowed');
        expect(reply.headers.get('allow')).toBe('GET, HEAD, POST');
      }
      expect(await countOf(source)).toBe(0);
    }
  });

  test('H9: a method that HTTP does not know is 405 or refused below HTTP, never a 500', async () => {
    const source = await superoffice();
    const { pathname, host } = new URL(source.inboundUrl);
    const answer = await rawRequest(source.inboundUrl, [`PROPFIND ${pathname} HTTP/1.1`, `host: ${host}`]);
    expect([400, 405, 501]).toContain(answer.status);
  });

  test('a body of exactly the limit is accepted, one byte more is 413 and counted', async () => {
    const source = await deskera();
    accepted(await arrive(source, new Uint8Array(MAX_BODY_BYTES)));
    expect(refusal(await arrive(source, new Uint8Array(MAX_BODY_BYTES + 1)))).toBe('413 too-large');
    expect(await stats(source)).toMatchObject({ accepted: 1, rejected: { tooLarge: 1 } });
  });

  test('H9: without a length the body is counted while it is read', async () => {
    const source = await deskera();
    const streamed = (bytes: number) =>
      new ReadableStream({
        start(controller) {
          const chunk = 65_536;
          for (let left = bytes; left > 0; left -= chunk) {
            controller.enqueue(new Uint8Array(Math.min(left, chunk)).fill(0x61));
          }
          controller.close();
        },
      });
    const { id } = accepted(await arrive(source, streamed(100_000)));
    const raw = await tenant.api.request('GET', `/v1/events/${id}/raw`);
    expect(raw.text).toBe('a'.repeat(100_000));
    expect(refusal(await arrive(source, streamed(MAX_BODY_BYTES + 1)))).toBe('413 too-large');
    expect(refusal(await arrive(source, streamed(5 * MAX_BODY_BYTES)))).toBe('413 too-large');
  });

  test('a body far over the limit is still answered 413', async () => {
    const source = await deskera();
    expect(refusal(await arrive(source, new Uint8Array(20 * MAX_BODY_BYTES)))).toBe('413 too-large');
  });

  test('H12: over the limit and wrongly signed is 413: the earlier row decides', async () => {
    const source = await superoffice();
    expect(refusal(await arrive(source, new Uint8Array(MAX_BODY_BYTES + 1)))).toBe('413 too-large');
    expect(await stats(source)).toMatchObject({ rejected: { tooLarge: 1, signature: 0 } });
  });

  test('H12: not JSON and wrongly signed is 401; signed it is 400', async () => {
    const source = await superoffice();
    expect((await arrive(source, 'not json')).status).toBe(401);
    expect(refusal(await arriveSigned(source, 'not json'))).toMatch(/^400 invalid/);
    expect(await stats(source)).toMatchObject({ rejected: { signature: 1, malformed: 1 } });
  });

  test('H12: a repetition that is wrongly signed is 401, not a duplicate', async () => {
    const source = await superoffice();
    const body = superofficeBody();
    accepted(await arriveSigned(source, body));
    expect((await arrive(source, body)).status).toBe(401);
    expect(await stats(source)).toMatchObject({ accepted: 1, duplicates: 0 });
  });

  const malformed: Readonly<Record<string, string | Uint8Array>> = {
    'an empty body': '',
    'an array': '[{"Event":"contact.changed"}]',
    'a string': '"contact.changed"',
    null: 'null',
    'cut short': '{"Event":"contact.changed"',
    'invalid UTF-8': Buffer.from([...Buffer.from('{"Event":"contact.'), 0xff, ...Buffer.from('"}')]),
    'no Event': '{"PrimaryKey":1}',
    'Event a number': '{"Event":1}',
    'Event empty': '{"Event":""}',
    'Event of 5,000 characters': `{"Event":"${'a'.repeat(5000)}"}`,
  };
  test.each(Object.keys(malformed))('SuperOffice: %s is 400', async (name) => {
    const source = await superoffice();
    const reply = await arriveSigned(source, malformed[name] ?? '');
    expect(refusal(reply)).toMatch(/^400 invalid/);
    const [error] = (reply.body as Problem).errors ?? [];
    expect(error?.expected).not.toBe('');
    expect(error?.got).not.toBe('');
    expect(await countOf(source)).toBe(0);
  });

  test.skipIf(noSamples)('H10: a tenant-status push is refused, not turned into an event', async () => {
    for (const path of samplePaths(/^superoffice\/other_tenant-status/)) {
      const source = await superoffice({ secret: '' });
      expect(refusal(await arrive(source, sampleBytes(path), JSON_TYPE))).toBe('400 invalid /Event');
      expect(await countOf(source)).toBe(0);
    }
  });

  test('H9: no content type is no reason to refuse', async () => {
    for (const source of [await superoffice({ secret: '' }), await deskera()]) {
      const { pathname, host } = new URL(source.inboundUrl);
      const head = [`POST ${pathname} HTTP/1.1`, `host: ${host}`, 'content-length: 15'];
      expect((await rawRequest(source.inboundUrl, head, '{"Event":"a.b"}')).status).toBe(200);
      const [event] = await tenant.api.events(`?sourceId=${source.id}`);
      expect(event?.data).toMatchObject({ raw: { Event: 'a.b' } });
    }
  });

  test('H9: a wrong content type changes nothing for a JSON body', async () => {
    const source = await superoffice();
    accepted(await arriveSigned(source, superofficeBody(), { 'content-type': 'text/plain' }));
  });

  test('H9: a gzipped body is kept as it came: Deskera stores it, SuperOffice needs its signature and JSON', async () => {
    const zipped = gzipSync('{"Event":"a.b"}');
    const headers = { 'content-encoding': 'gzip', ...JSON_TYPE };
    const source = await deskera();
    const { id } = accepted(await arrive(source, zipped, headers));
    const event = await envelopeOf(id);
    expect(event.data).toMatchObject({
      rawBase64: zipped.toString('base64'),
      rawContentType: 'application/json',
    });
    const signing = await superoffice();
    expect((await arrive(signing, zipped, headers)).status).toBe(401);
    expect((await arriveSigned(signing, zipped, headers)).status).toBe(400);
  });

  test('H9: a header that is no header is refused by the server, and the relay goes on', async () => {
    const source = await deskera();
    const { pathname, host } = new URL(source.inboundUrl);
    const answer = await rawRequest(source.inboundUrl, [
      `POST ${pathname} HTTP/1.1`,
      `host: ${host}`,
      'this is no header',
      'content-length: 0',
    ]);
    expect(answer.status).toBe(400);
    accepted(await arrive(source, '{}'));
  });

  test('a header value outside ASCII does no harm', async () => {
    const source = await deskera();
    const { pathname, host } = new URL(source.inboundUrl);
    const head = [
      `POST ${pathname} HTTP/1.1`,
      `host: ${host}`,
      'idempotency-key: \u00e6\u00f8\u00e5',
      'content-length: 2',
    ];
    expect((await rawRequest(source.inboundUrl, head, '{}')).status).toBe(200);
  });
});

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

  test('the EventId of the header counts only where the body has none', async () => {
    const source = await superoffice();
    const header = { 'x-superoffice-eventid': 'from-header' };
    const without = accepted(await arriveSigned(source, '{"Event":"a.b"}', header));
    expect((await envelopeOf(without.id)).id).toBe('from-header');
    const own = accepted(await arriveSigned(source, '{"Event":"a.b","EventId":"from-body"}', header));
    expect((await envelopeOf(own.id)).id).toBe('from-body');
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

test.skipIf(noSamples)('the vectors computed elsewhere verify here', async () => {
  interface Vectors {
    superoffice: { vectors: { name: string; secret: string; body: string; signature: string }[] };
  }
  const { vectors } = (sampleJson('signature-vectors.json') as Vectors).superoffice;
  for (const { name, secret, body, signature } of vectors) {
    const source = await superoffice({ secret });
    const reply = await arrive(source, body, { 'x-superoffice-signature': signature });
    expect([name, reply.status]).toEqual([name, 200]);
  }
});
