/** G3: what a dialect posts at registration passes the same guard as every delivery: where it may not go, nothing goes. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createWebhook,
  DeskeraClient,
  deskeraRefusal,
  getWebhook,
  registration,
  superofficeRefusal,
  type Webhook,
  webhook,
  WEBHOOKS,
} from '../support/dialects.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { type Tenant, newTenant } from '../support/tenant.ts';

let relay: Relay;
let receiver: Receiver;
let tenant: Tenant;
let made: Webhook;
beforeAll(async () => {
  [relay, receiver] = await Promise.all([
    startRelay({ env: { PUBLIC_URL: 'https://relay.example.com' } }),
    startReceiver(),
  ]);
  tenant = await newTenant(relay);
  made = await createWebhook(tenant, webhook(receiver.url));
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

/** The calls of the dialects that take a URL, and what has arrived by them. */
async function expectRefused(url: string): Promise<void> {
  const before = receiver.arrivals.length;
  const path = `${WEBHOOKS}/${made.WebhookId}`;
  for (const reply of [
    await tenant.api.request('POST', WEBHOOKS, webhook(url)),
    await tenant.api.request('PUT', path, webhook(url)),
    await tenant.api.request('PATCH', path, { TargetUrl: url }),
    await tenant.api.request('POST', `${WEBHOOKS}/Test`, webhook(url)),
    await tenant.api.request('POST', '/api/v1/Agents/Webhook/SaveWebhook', webhook(url)),
    await tenant.api.request('POST', '/api/v1/Agents/Webhook/TestWebhook', { Webhook: webhook(url) }),
  ]) {
    const [status, message] = superofficeRefusal(reply);
    expect([url, status]).toEqual([url, '400 ArgumentException']);
    expect(message).toMatch(/^Webhook TargetUrl/);
    // Refused before anything was sent.
    expect(message).not.toContain('test event');
  }
  const client = new DeskeraClient(relay.url, tenant.key);
  const reply = await client.request('POST', '/v1/webhooks/register', registration(url));
  expect([url, deskeraRefusal(reply)]).toEqual([url, '400 BAD_REQUEST webhookUrl']);
  expect(receiver.arrivals).toHaveLength(before);
}

describe('under any', () => {
  test('the relay itself, link-local and public addresses, credentials and public http stay closed', async () => {
    const { port } = new URL(relay.url);
    for (const url of [
      `http://127.0.0.1:${port}/in/x`,
      `http://localhost:${port}/in/x`,
      `http://[::1]:${port}/`,
      'https://relay.example.com/in/x',
      'http://169.254.169.254/latest/meta-data',
      'http://8.8.8.8/',
      'http://example.com/',
      `http://user:pass@127.0.0.1:${receiver.port}/`,
      `http://0.0.0.0:${receiver.port}/`,
      'file:///etc/passwd',
    ]) {
      await expectRefused(url);
    }
  });

  test('a redirect as the answer to a test event is not followed', async () => {
    await using elsewhere = await startReceiver();
    receiver.answerWith({ status: 307, headers: { location: `${elsewhere.url}private` } });
    const reply = await tenant.api.request('POST', WEBHOOKS, webhook(receiver.url));
    expect(superofficeRefusal(reply)[1]).toContain('got 307');
    expect(elsewhere.arrivals).toEqual([]);
    receiver.answerWith({ status: 200 });
  });
});

describe('under public', () => {
  beforeAll(() => relay.restart({ TARGET_POLICY: 'public' }));

  test('loopback, private and local targets are refused, and nothing reaches them', async () => {
    for (const url of [
      receiver.url,
      `http://127.1:${receiver.port}/`,
      `https://127.0.0.1:${receiver.port}/`,
      `https://[::ffff:127.0.0.1]:${receiver.port}/`,
      `https://2130706433:${receiver.port}/`,
      `https://localhost:${receiver.port}/`,
      'https://169.254.169.254/latest/meta-data',
      'https://10.0.0.1/',
      'https://intranet/',
      'https://x.internal/',
      'https://example.com:22/',
      'https://user:pass@example.com/',
    ]) {
      await expectRefused(url);
    }
  });

  test('a webhook registered under the looser policy is not tried out when it is saved, and stays', async () => {
    const before = receiver.arrivals.length;
    for (const members of [{ Secret: 'another' }, { Name: 'renamed' }, { State: 'Stopped' }]) {
      const path = `${WEBHOOKS}/${made.WebhookId}`;
      const reply = await tenant.api.request('PUT', path, webhook(receiver.url, members));
      expect(superofficeRefusal(reply)[0]).toBe('400 ArgumentException');
    }
    expect(await getWebhook(tenant, made.WebhookId)).toMatchObject({ Name: made.Name, State: 'Active' });
    expect(receiver.arrivals).toHaveLength(before);
  });
});
