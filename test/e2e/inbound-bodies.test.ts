/** Bodies and paths that are not quite what they should be: compressed, oddly typed, with a slash too many. */
import { createHmac, randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refusal, type Source } from '../support/api.ts';
import { startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { type Tenant, accepted, arrive, newTenant, signatureOf, superofficeBody } from '../support/tenant.ts';

const MAX_BODY_BYTES = 20_000;

let relay: Relay;
let tenant: Tenant;
beforeAll(async () => {
  relay = await startRelay({ env: { MAX_BODY_BYTES: String(MAX_BODY_BYTES) } });
  tenant = await newTenant(relay);
});
afterAll(() => relay.dispose());

function superoffice(): Promise<Source> {
  return tenant.api.createSource({ provider: 'superoffice', name: 'so' });
}

function deskera(): Promise<Source> {
  return tenant.api.createSource({ provider: 'deskera', name: 'dk' });
}

async function raw(id: string): Promise<Buffer> {
  const headers = { authorization: `Bearer ${tenant.key}` };
  const reply = await fetch(`${relay.url}/v1/events/${id}/raw`, { headers });
  expect(reply.status).toBe(200);
  return Buffer.from(await reply.arrayBuffer());
}

describe('C3: a compressed body', () => {
  const CODINGS = [
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['gzip, br', (body: Uint8Array) => brotliCompressSync(gzipSync(body))],
  ] as const;

  test.each(CODINGS)(
    'in %s, signed as it is sent, is kept and delivered decoded',
    async (coding, compress) => {
      await using receiver = await startReceiver();
      const source = await superoffice();
      await tenant.api.createHook({ url: receiver.url, sources: [source.id], format: 'raw' });
      const body = superofficeBody();
      const sent = compress(Buffer.from(body));
      const headers = {
        'content-type': 'application/json',
        'content-encoding': coding,
        'x-superoffice-signature': signatureOf(sent, source.secret),
      };
      const { id } = accepted(await arrive(source, sent, headers));
      expect((await raw(id)).toString()).toBe(body);
      expect((await tenant.api.event(id)).event).toMatchObject({
        subject: 'contact/994863',
        data: { verified: true, raw: JSON.parse(body) as unknown },
      });
      const [arrival] = await receiver.waitFor(1);
      expect(arrival?.body.toString()).toBe(body);
      expect(arrival?.headers['content-encoding']).toBeUndefined();
    },
  );

  test('signed as it is meant is verified as well; signed as neither it is not', async () => {
    const source = await superoffice();
    const body = superofficeBody();
    const sent = gzipSync(body);
    const send = (signed: string | Uint8Array) =>
      arrive(source, sent, {
        'content-encoding': 'gzip',
        'x-superoffice-signature': signatureOf(signed, source.secret),
      });
    expect(accepted(await send(body)).duplicate).toBe(false);
    expect(accepted(await send(sent)).duplicate).toBe(true);
    expect((await send(`${body} `)).status).toBe(401);
  });

  test('of a provider’s recipe is verified over either', async () => {
    const secret = 'a secret';
    const source = await tenant.api.createSource({ provider: 'github', name: 'gh', secret });
    const body = '{"action":"opened","issue":{"id":7}}';
    const sent = gzipSync(body);
    for (const signed of [sent, body]) {
      const signature = createHmac('sha256', secret).update(signed).digest('hex');
      const reply = await arrive(source, sent, {
        'content-encoding': 'gzip',
        'x-github-event': 'issues',
        'x-github-delivery': randomUUID(),
        'x-hub-signature-256': `sha256=${signature}`,
      });
      const { event } = await tenant.api.event(accepted(reply).id);
      expect(event).toMatchObject({ type: 'github.issues.opened', subject: 'issues/7' });
    }
  });

  test('counts as large as it is decoded', async () => {
    const source = await deskera();
    const small = JSON.stringify({ text: 'x'.repeat(MAX_BODY_BYTES - 20) });
    const large = JSON.stringify({ text: 'x'.repeat(MAX_BODY_BYTES) });
    accepted(await arrive(source, gzipSync(small), { 'content-encoding': 'gzip' }));
    const reply = await arrive(source, gzipSync(large), { 'content-encoding': 'gzip' });
    expect(refusal(reply)).toBe('413 too-large');
    expect(await tenant.api.expect(200, 'GET', `/v1/sources/${source.id}`)).toMatchObject({
      stats: { accepted: 1, rejected: { tooLarge: 1 } },
    });
  });

  test('that is none is a 400, in another coding a 415 that says which are read', async () => {
    const source = await deskera();
    expect(refusal(await arrive(source, '{"id":1}', { 'content-encoding': 'gzip' }))).toBe('400 invalid ');
    const reply = await arrive(source, '{"id":1}', { 'content-encoding': 'zstd' });
    expect([refusal(reply), reply.headers.get('accept-encoding')]).toEqual([
      '415 unsupported-media-type',
      'gzip, deflate, br',
    ]);
    accepted(await arrive(source, '{"id":1}', { 'content-encoding': 'identity' }));
  });
});

test('C4: a slash at the end of an inbound URL changes nothing', async () => {
  const source = await deskera();
  for (const path of ['/', '/CREATE_INVOICE', '/CREATE_INVOICE/']) {
    const { id } = accepted(await arrive(source, '{"id":5}', {}, path));
    const type = path === '/' ? 'deskera.event.received' : 'deskera.invoice.created';
    expect((await tenant.api.event(id)).event.type).toBe(type);
  }
  expect((await fetch(`${source.inboundUrl}/`)).status).toBe(200);
});

test('C10: a content type that no header can carry is kept as octets, and delivered', async () => {
  await using receiver = await startReceiver();
  const source = await deskera();
  await tenant.api.createHook({ url: receiver.url, sources: [source.id], format: 'raw', ordering: 'fifo' });
  const url = new URL(source.inboundUrl);
  const answer = await new Promise<string>((resolve, reject) => {
    const sent = request(url, { method: 'POST', insecureHTTPParser: true }, (response) => {
      response.setEncoding('utf8').on('data', resolve);
    });
    // Node refuses to send what others do.
    (sent as unknown as { _header: string })._header =
      `POST ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\ncontent-type: application/json\x01\r\ncontent-length: 8\r\n\r\n`;
    sent.on('error', reject).end('{"id":5}');
  });
  const { id } = JSON.parse(answer) as { id: string };
  const [arrival] = await receiver.waitFor(1);
  expect([arrival?.headers['content-type'], arrival?.body.toString()]).toEqual([
    'application/octet-stream',
    '{"id":5}',
  ]);
  expect((await raw(id)).toString()).toBe('{"id":5}');
});
