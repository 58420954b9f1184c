/** Whatever a receiver answers: little of it is read, and what is kept does no harm where it is shown. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Attempt, Delivery } from '../support/api.ts';
import { type Answer, type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { type Tenant, newTenant, ownEvent } from '../support/tenant.ts';
import { until } from '../support/until.ts';

const MIB = 1_048_576;

let relay: Relay;
let receiver: Receiver;
let tenant: Tenant;
beforeAll(async () => {
  [relay, receiver] = await Promise.all([startRelay(), startReceiver()]);
  tenant = await newTenant(relay);
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

/** The delivery of one event to a hook of its own, after its first attempt. */
async function attempted(url: string): Promise<Delivery & { readonly attemptLog: readonly Attempt[] }> {
  const type = `answer.n${randomBytes(8).toString('hex')}`;
  const hook = await tenant.api.createHook({
    url,
    events: [type],
    retry: { scheduleSeconds: [600] },
    keepAnswers: true,
  });
  const { id } = await tenant.api.publish(ownEvent({ type }));
  const delivery = await until(
    () => tenant.api.delivery(hook.id, id).catch(() => null),
    (found) => found?.attempts === 1,
  );
  if (delivery === null) throw new Error('no delivery');
  return delivery;
}

/** What the answer of the receiver leaves in the log of attempts. */
async function excerptOf(answer: Answer): Promise<string | null | undefined> {
  receiver.answerWith(answer);
  const { attemptLog } = await attempted(receiver.url);
  return attemptLog[0]?.responseExcerpt;
}

describe('B5: a body that never ends', () => {
  test.each([
    [200, 'delivered', null],
    [500, 'failed', 'status'],
  ])(
    'of a %i is cut off: the connection ends while the receiver still has most to say',
    async (status, outcome, error) => {
      const { promise: sent, resolve } = Promise.withResolvers<number>();
      const server = createServer((request, response) => {
        request.resume();
        response.writeHead(status);
        const { socket } = response;
        response.once('close', () => resolve(socket?.bytesWritten ?? 0));
        pour(response);
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      try {
        const { port } = server.address() as AddressInfo;
        const { attemptLog } = await attempted(`http://127.0.0.1:${port}/`);
        expect(attemptLog).toMatchObject([{ outcome, statusCode: status, error }]);
        expect(attemptLog[0]?.responseExcerpt).toBe(`${'x'.repeat(1024)}…`);
        // 64 KiB are read; the rest is what the buffers of two sockets take.
        expect(await sent).toBeLessThan(32 * MIB);
      } finally {
        server.closeAllConnections();
        server.close();
      }
    },
  );

  /** As long as anyone takes it. */
  function pour(response: ServerResponse): void {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once('drain', () => pour(response));
  }
});

describe('B6: a compressed answer', () => {
  const text = '<script>alert("Bjørn")</script>';
  test.each([
    ['gzip', gzipSync(text)],
    ['br', brotliCompressSync(text)],
  ])('%s is kept as the text it stands for', async (encoding, body) => {
    const excerpt = await excerptOf({ status: 500, headers: { 'content-encoding': encoding }, body });
    expect(excerpt).toBe(text);
  });

  test.each([
    ['broken off', 'gzip', gzipSync(text).subarray(0, 25)],
    ['followed by rubbish', 'gzip', Buffer.concat([gzipSync(text), randomBytes(100)])],
    ['rubbish', 'gzip', randomBytes(2000)],
    ['rubbish', 'br', randomBytes(2000)],
    ['rubbish', 'deflate', randomBytes(2000)],
    ['in a coding nobody knows', 'rot13', randomBytes(2000)],
    ['compressed twice', 'gzip, gzip', gzipSync(gzipSync(text))],
  ])('that is %s (%s) is an attempt like any other, and what is kept is text', async (_, encoding, body) => {
    const excerpt = await excerptOf({ status: 500, headers: { 'content-encoding': encoding }, body });
    expect(excerpt?.isWellFormed() ?? true).toBe(true);
    expect(excerpt?.length ?? 0).toBeLessThanOrEqual(1025);
  });

  test('that unpacks to 512 MiB is read no further than any other, and the relay goes on', async () => {
    const body = gzipSync(Buffer.alloc(512 * MIB, 'x'), { level: 9 });
    expect(body.byteLength).toBeLessThan(MIB);
    const excerpt = await excerptOf({ status: 500, headers: { 'content-encoding': 'gzip' }, body });
    expect(excerpt).toBe(`${'x'.repeat(1024)}…`);
    expect(await excerptOf({ status: 200, body: 'well' })).toBe('well');
  });
});

test('B6: what a receiver answered is shown as JSON alone, never as the page it would like to be', async () => {
  const page = '</script><!doctype html><script>alert(1)</script>\u2028\u0000';
  receiver.answerWith({ status: 500, headers: { 'content-type': 'text/html' }, body: page });
  const { eventId, attemptLog } = await attempted(receiver.url);
  expect(attemptLog[0]?.responseExcerpt).toBe(page);
  const { deliveries } = await tenant.api.event(eventId);
  const hookId = deliveries[0]?.hookId ?? 0;
  const { headers, text } = await tenant.api.request('GET', `/v1/hooks/${hookId}/deliveries/${eventId}`);
  expect(headers.get('content-type')).toMatch(/^application\/json\b/);
  expect(text).not.toContain('\u0000');
});
