/** Where a relay may post to: refused at registration under `public`, again at each attempt, and never itself. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Hook, type Problem, refusal } from '../support/api.ts';
import { rawRequest } from '../support/raw-http.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { type Tenant, newTenant, ownEvent } from '../support/tenant.ts';
import { until } from '../support/until.ts';

let relay: Relay;
let receiver: Receiver;
let elsewhere: Receiver;
let tenant: Tenant;
beforeAll(async () => {
  [relay, receiver, elsewhere] = await Promise.all([
    startRelay({ env: { PUBLIC_URL: 'https://relay.example.com,https://second.example.com:8443' } }),
    startReceiver(),
    startReceiver(),
  ]);
  tenant = await newTenant(relay);
});
afterAll(() => Promise.all([relay.dispose(), receiver.close(), elsewhere.close()]));

/** Both ways in which a hook gets its URL. */
async function refusals(hook: Hook, url: string): Promise<string[]> {
  const replies = [
    await tenant.api.request('POST', '/v1/hooks', { url }),
    await tenant.api.request('PATCH', `/v1/hooks/${hook.id}`, { url }),
  ];
  for (const { body } of replies) {
    const [error] = (body as Problem).errors ?? [];
    expect(error?.expected).not.toBe('');
    expect(error?.got).not.toBe('');
  }
  return replies.map(refusal);
}
const REFUSED = ['400 invalid /url', '400 invalid /url'];

describe('under any', () => {
  let hook: Hook;
  beforeAll(async () => {
    hook = await tenant.api.createHook({ url: receiver.url, events: ['none'] });
  });

  test('the relay itself is refused, under every name of this machine', async () => {
    const { port } = new URL(relay.url);
    for (const host of [
      '127.0.0.1',
      'localhost',
      '127.1',
      '[::1]',
      'LOCALHOST',
      '2130706433',
      'a.localhost',
    ]) {
      expect(await refusals(hook, `http://${host}:${port}/in/x`)).toEqual(REFUSED);
    }
  });

  test.each([
    'https://relay.example.com/in/x',
    'https://RELAY.example.com/',
    'https://relay.example.com./',
    'https://relay.example.com:8443/',
    'https://second.example.com/',
    'https://second.example.com:8443/',
  ])('the relay’s public host is refused: %s', async (url) => {
    expect(await refusals(hook, url)).toEqual(REFUSED);
  });

  test('the host under which the relay was called is refused', async () => {
    const body = JSON.stringify({ url: 'https://called-as.example.org/hook' });
    const head = (host: string) => [
      'POST /v1/hooks HTTP/1.1',
      `host: ${host}`,
      `authorization: Bearer ${tenant.key}`,
      'content-type: application/json',
      `content-length: ${body.length}`,
    ];
    expect((await rawRequest(relay.url, head('called-as.example.org'), body)).status).toBe(400);
    expect((await rawRequest(relay.url, head('other.example.org'), body)).status).toBe(201);
  });

  test('inbound URLs stand under PUBLIC_URL', async () => {
    const { inboundUrl } = await tenant.api.createSource({ provider: 'deskera', name: 'public' });
    expect(inboundUrl).toMatch(/^https:\/\/relay\.example\.com\/in\/[\w-]+$/);
  });

  test.each([
    'http://example.com/',
    'http://8.8.8.8/',
    'https://8.8.8.8/',
    'http://169.254.169.254/latest/meta-data',
    'http://0.0.0.0:9000/',
    'http://user:pass@127.0.0.1:9000/',
    'ftp://127.0.0.1/',
    'https://example.com:22/',
  ])('%s is refused here too', async (url) => {
    expect(await refusals(hook, url)).toEqual(REFUSED);
  });

  test('G2: a redirect to another server of this machine is never followed', async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      receiver.answerWith({ status, headers: { location: `${elsewhere.url}private` } });
      const redirected = await tenant.api.createHook({
        url: `${receiver.url}${status}`,
        events: [`redirect.n${status}`],
        retry: { scheduleSeconds: [] },
      });
      const { id } = await tenant.api.publish(ownEvent({ type: `redirect.n${status}` }));
      const delivery = await until(
        () => tenant.api.delivery(redirected.id, id).catch(() => null),
        (found) => found?.status === 'dead',
      );
      expect(delivery?.attemptLog).toMatchObject([
        { outcome: 'failed', statusCode: status, error: 'redirect' },
      ]);
      const result = await tenant.api.expect(200, 'POST', `/v1/hooks/${redirected.id}/test`);
      expect(result).toMatchObject({ delivered: false, statusCode: status, error: 'redirect' });
    }
    expect(elsewhere.arrivals).toEqual([]);
  });
});

describe('under public', () => {
  let hook: Hook;
  let pausedEventId: string;
  beforeAll(async () => {
    receiver.answerWith({ status: 200 });
    hook = await tenant.api.createHook({
      url: `${receiver.url}g4`,
      events: ['g4.*'],
      paused: true,
      retry: { scheduleSeconds: [] },
    });
    pausedEventId = (await tenant.api.publish(ownEvent({ type: 'g4.it' }))).id;
    await relay.restart({ TARGET_POLICY: 'public' });
  });

  test('G4: a hook registered under any is refused at the attempt, and nothing is sent', async () => {
    await tenant.api.expect(200, 'POST', `/v1/hooks/${hook.id}/resume`);
    const delivery = await until(
      () => tenant.api.delivery(hook.id, pausedEventId),
      ({ status }) => status === 'dead',
    );
    expect(delivery).toMatchObject({
      reason: 'exhausted',
      attemptLog: [{ number: 1, outcome: 'failed', statusCode: null, error: 'target-refused' }],
    });
    expect(receiver.arrivals.filter(({ path }) => path === '/g4')).toEqual([]);
  });

  test('G3: a test event passes the same guard', async () => {
    const result = await tenant.api.expect(200, 'POST', `/v1/hooks/${hook.id}/test`);
    expect(result).toMatchObject({ delivered: false, statusCode: null, error: 'target-refused' });
    expect(receiver.arrivals.filter(({ path }) => path === '/g4')).toEqual([]);
  });

  test('a hook whose URL is refused now can still be changed in everything else', async () => {
    expect(await tenant.api.patchHook(hook.id, { name: 'renamed' })).toMatchObject({ name: 'renamed' });
  });

  const HOSTS = [
    '127.0.0.1',
    '127.1',
    '0',
    '0x7f000001',
    '2130706433',
    '017700000001',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '[fe80::1]',
    '[fc00::1]',
    '[fec0::1]',
    '169.254.169.254',
    '[fd00:ec2::254]',
    '100.64.0.1',
    '10.0.0.1',
    '192.168.1.1',
    '192.0.0.1',
    '192.0.2.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '192.88.99.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '0.1.2.3',
    '8.8.8.8',
    '１２７.0.0.1',
    '%31%32%37.0.0.1',
    '127.0.0.1.',
    'example.com.',
    'localhost',
    'LOCALHOST',
    'a.localhost',
    'x.internal',
    'x.local',
    'x.home.arpa',
    'single',
    'user:pass@example.com',
    'user@example.com',
    'example.com:22',
    'example.com:25',
    'example.com:6379',
    'example.com:80',
    'relay.example.com',
    'relay.example.com:8443',
  ];
  test.each(HOSTS)('G1: https://%s/ is refused at POST and PATCH', async (host) => {
    expect(await refusals(hook, `https://${host}/hook`)).toEqual(REFUSED);
  });

  test.each([
    'http://example.com/',
    'http://example.com:8443/',
    'file:///etc/passwd',
    'ftp://example.com/',
    'javascript:alert(1)',
    'data:text/plain,x',
    'ws://example.com/',
    '//example.com/',
    '/hook',
    'samplewebhookurl',
    'https://',
    ' ',
  ])('G1: %j is refused at POST and PATCH', async (url) => {
    expect(await refusals(hook, url)).toEqual(REFUSED);
  });

  test('credentials in a refused URL are not repeated', async () => {
    const url = 'https://user:hunter2@example.com/?token=hunter3';
    expect((await tenant.api.request('POST', '/v1/hooks', { url })).text).not.toContain('hunter');
  });

  test.each([
    'https://example.com/hook?a=b',
    'https://example.com:8443/',
    'https://bücher.example.com/',
    'HTTPS://EXAMPLE.COM',
  ])('%s is a target', async (url) => {
    await tenant.api.createHook({ url, paused: true, events: ['none'] });
    await tenant.api.patchHook(hook.id, { url });
  });
});
