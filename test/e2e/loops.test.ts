/** A delivery never makes its own relay busy for ever: own hosts are refused, and what comes back all the same comes back three times. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call } from '../support/api.ts';
import { rawRequest } from '../support/raw-http.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { type Tenant, newTenant, ownEvent } from '../support/tenant.ts';
import { until } from '../support/until.ts';

let relay: Relay;
let tenant: Tenant;
/** Leads to the relay, which cannot know it. */
let detour: string;
const server = createServer((socket) => {
  const { hostname, port } = new URL(relay.url);
  const onwards = connect(Number(port), hostname);
  socket.on('error', () => onwards.destroy());
  onwards.on('error', () => socket.destroy());
  socket.pipe(onwards).pipe(socket);
});
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  [relay] = await Promise.all([startRelay(), once(server, 'listening')]);
  tenant = await newTenant(relay);
  detour = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await relay.dispose();
});

describe('D6: the address that a relay listens on is its own, whatever host a request names', () => {
  const spellings = ['127.0.0.1', 'localhost', '127.1', '[::1]', '0.0.0.0', '[::]', 'a.localhost'];

  test.each(spellings)('%s', async (name) => {
    const { port } = new URL(relay.url);
    const url = `http://${name}:${port}/in/x`;
    const bearer = `authorization: Bearer ${tenant.key}`;
    const register = {
      eventType: 'CREATE_CONTACT',
      webhookUrl: url,
      clientId: 'a',
      clientSecret: 'b',
      accessToken: 'c',
      refreshToken: 'd',
    };
    const site = { url: `http://${name}:${port}`, authorization: 'Basic x' };
    const requests: [string, string, object][] = [
      ['/v1/hooks', bearer, { url }],
      ['/v1/sources', bearer, { provider: 'superoffice', name: 's', site }],
      ['/v1/webhooks/register', `x-access-token: ${tenant.key}`, register],
      [
        '/api/v1/Webhook',
        bearer,
        { Name: 'n', Events: ['contact.created'], TargetUrl: url, Type: 'webhook' },
      ],
    ];
    for (const [path, credential, members] of requests) {
      const body = JSON.stringify(members);
      const answer = await rawRequest(
        relay.url,
        [
          `POST ${path} HTTP/1.1`,
          'host: elsewhere.example',
          credential,
          'content-type: application/json',
          `content-length: ${body.length}`,
        ],
        body,
      );
      expect([path, answer.status]).toEqual([path, 400]);
    }
  });
});

describe('D6: a delivery that comes back to the relay', () => {
  const schedule = { retry: { scheduleSeconds: [600] } };

  test('through an inbound URL: three times, and no more', async () => {
    const source = await tenant.api.createSource({ provider: 'deskera', name: 'loop' });
    const url = detour + new URL(source.inboundUrl).pathname;
    const hook = await tenant.api.createHook({ url, sources: [source.id], format: 'raw', ...schedule });
    await call('POST', source.inboundUrl, '{"id":1}', { 'content-type': 'application/json' });
    const deliveries = await until(
      () => tenant.api.deliveries(hook.id),
      (found) => found.length === 4 && found.every(({ attempts }) => attempts > 0),
    );
    expect(deliveries.map(({ status }) => status)).toEqual([
      'pending',
      'delivered',
      'delivered',
      'delivered',
    ]);
    const { events, last } = await eventsOf(source.id);
    expect(events.map(({ posthornhops }) => posthornhops)).toEqual([3, 2, 1, undefined]);
    const { attemptLog } = await tenant.api.delivery(hook.id, last);
    expect(attemptLog).toMatchObject([{ outcome: 'failed', statusCode: 400 }]);
    const { body } = await tenant.api.request('GET', `/v1/sources/${source.id}`);
    expect(body).toMatchObject({ stats: { accepted: 4, rejected: { malformed: 1 } } });
    await tenant.api.request('DELETE', `/v1/hooks/${hook.id}`);
  });

  test.each(['structured', 'binary', 'raw'])('in the format %s says how often', async (format) => {
    const source = await tenant.api.createSource({ provider: 'deskera', name: 'once' });
    const url = detour + new URL(source.inboundUrl).pathname;
    const type = `once.${format}`;
    const hook = await tenant.api.createHook({ url, events: [type], format, ...schedule });
    await tenant.api.publish(ownEvent({ type }));
    const { events } = await until(
      () => eventsOf(source.id),
      (found) => found.events.length > 0,
    );
    expect(events.map(({ posthornhops }) => posthornhops)).toEqual([1]);
    await tenant.api.request('DELETE', `/v1/hooks/${hook.id}`);
  });

  test('an own event that comes with too many is refused, and says why', async () => {
    const headers = { authorization: `Bearer ${tenant.key}`, 'content-type': 'application/json' };
    const post = (hops: string) =>
      call('POST', `${relay.url}/v1/events`, JSON.stringify(ownEvent({ type: 'own.hops' })), {
        ...headers,
        'posthorn-hops': hops,
      });
    expect((await post('3')).status).toBe(202);
    expect(await post('4')).toMatchObject({
      status: 400,
      body: { code: 'invalid', errors: [{ path: 'header/posthorn-hops', got: '4' }] },
    });
  });

  async function eventsOf(sourceId: string) {
    const { body } = await tenant.api.request('GET', `/v1/events?sourceId=${sourceId}`);
    const { data } = body as { data: { posthornid: string; posthornhops?: number }[] };
    return { events: data, last: data[0]?.posthornid ?? '' };
  }
});
