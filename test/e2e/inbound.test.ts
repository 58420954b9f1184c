/** The inbound route: signatures and the table of contract §4 on the running relay, and the order of its rows. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Problem, call, refusal } from '../support/api.ts';
import { rawRequest } from '../support/raw-http.ts';
import { inboundSources } from '../support/inbound-sources.ts';
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

const { superoffice, deskera, stats, countOf, envelopeOf } = inboundSources(() => tenant);

describe('H1: the signature is base64 of HMAC-SHA256 over the exact body', () => {
  const body = superofficeBody({ WebhookName: 'Bjørn – 顧客 ✅' });
  /** Computed by two other programs; the right signature has a character of either alphabet. */
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

  test('H10: a tenant-status push is refused, not turned into an event', async () => {
    for (const path of samplePaths(/^superoffice\/other_.*tenant-status/)) {
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

  test('H9: a gzipped body is kept decoded: Deskera stores it, SuperOffice needs its signature', async () => {
    const zipped = gzipSync('{"Event":"a.b"}');
    const headers = { 'content-encoding': 'gzip', ...JSON_TYPE };
    const source = await deskera();
    const { id } = accepted(await arrive(source, zipped, headers));
    const event = await envelopeOf(id);
    expect(event.data).toMatchObject({ raw: { Event: 'a.b' } });
    const signing = await superoffice();
    expect((await arrive(signing, zipped, headers)).status).toBe(401);
    expect((await envelopeOf(accepted(await arriveSigned(signing, zipped, headers)).id)).data).toMatchObject({
      verified: true,
      raw: { Event: 'a.b' },
    });
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
