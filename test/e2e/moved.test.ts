/** URLs in odd spellings, and what stays behind when a registration is pointed at another host. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Reply } from '../support/api.ts';
import {
  createWebhook,
  DeskeraClient,
  getWebhook,
  putWebhook,
  registration,
  webhook,
  WEBHOOKS,
} from '../support/dialects.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { type Tenant, newTenant } from '../support/tenant.ts';

const SECRET = 'Bearer s3cret-of-the-old-host';
const MASK = '********';

let relay: Relay;
let receiver: Receiver;
let stranger: Receiver;
let tenant: Tenant;
beforeAll(async () => {
  [relay, receiver, stranger] = await Promise.all([startRelay(), startReceiver(), startReceiver()]);
  tenant = await newTenant(relay);
});
afterAll(() => Promise.all([relay.dispose(), receiver.close(), stranger.close()]));

/** Nothing that the stranger was sent so far holds the credential. */
function expectNothingLeaked(): void {
  expect(stranger.arrivals.length).toBeGreaterThan(0);
  for (const { headers } of stranger.arrivals) expect(JSON.stringify(headers)).not.toContain('s3cret');
}

describe('D8: a URL', () => {
  test.each([
    [' https://Example.COM/a b ', 'https://example.com/a%20b'],
    ['https://exa\tmple.com/\n', 'https://example.com/'],
    ['https://127.0.0.1\\@example.com/', 'https://127.0.0.1/@example.com/'],
  ])('%j is shown natively as it is called, and as it was sent by the dialects', async (sent, called) => {
    const { api, key } = await newTenant(relay);
    const native = await api.createHook({ url: sent, paused: true });
    expect(await api.hook(native.id)).toMatchObject({ url: called });
    expect(await api.patchHook(native.id, { url: sent, name: 'n' })).toMatchObject({ url: called });

    const deskera = new DeskeraClient(relay.url, key);
    const registered = await deskera.request('POST', '/v1/webhooks/register', registration(sent));
    expect(registered.body).toMatchObject({ webhookUrl: sent });
    expect(await deskera.list()).toMatchObject([{ webhookUrl: sent }]);
    const { hookId } = registered.body as { hookId: number };
    expect(await api.hook(hookId)).toMatchObject({ url: called });
    await api.patchHook(hookId, { url: 'https://other.example.com' });
    expect(await deskera.list()).toMatchObject([{ webhookUrl: 'https://other.example.com/' }]);
  });

  test('of a SuperOffice webhook comes back as it was sent, and saving it again changes nothing', async () => {
    const sent = `${receiver.url}A b/../C`.replace('http:', 'HTTP:');
    const made = await createWebhook(tenant, webhook(sent));
    expect(made.TargetUrl).toBe(sent);
    expect(await tenant.api.hook(made.WebhookId)).toMatchObject({ url: `${receiver.url}C` });
    const tests = receiver.arrivals.length;
    expect((await putWebhook(tenant, made.WebhookId, { ...made, Name: 'again' })).TargetUrl).toBe(sent);
    expect(receiver.arrivals).toHaveLength(tests);
  });
});

describe('D8: another host', () => {
  test('natively: header values are dropped and named, unless they are sent along', async () => {
    const { api } = tenant;
    const headers = { authorization: SECRET, 'x-kept': 'new' };
    const { id } = await api.createHook({ url: receiver.url, headers });
    expect(await api.patchHook(id, { url: `${receiver.url}other` })).not.toHaveProperty('dropped');
    expect(await api.hook(id)).toMatchObject({ headers: { authorization: '***', 'x-kept': '***' } });

    const masked = { authorization: '***', 'x-kept': 'sent along' };
    const moved = await api.patchHook(id, { url: stranger.url, headers: masked });
    expect(moved).toMatchObject({ url: stranger.url, headers: { 'x-kept': '***' }, dropped: ['headers'] });
    expect(Object.keys((moved as unknown as { headers: object }).headers)).toEqual(['x-kept']);
    expect(await api.hook(id)).not.toHaveProperty('dropped');
    await api.expect(200, 'POST', `/v1/hooks/${id}/test`);
    expect(stranger.arrivals.at(-1)?.headers['x-kept']).toBe('sent along');
    expectNothingLeaked();

    const back = await api.patchHook(id, { url: receiver.url, dropped: [], headers: { 'x-kept': 'again' } });
    expect(back).not.toHaveProperty('dropped');
    await api.expect(204, 'DELETE', `/v1/hooks/${id}`);
  });

  test('in SuperOffice’s way: no save and no test sends a masked header there', async () => {
    const members = webhook(receiver.url, { Headers: { Authorization: SECRET, 'X-Kept': 'new' } });
    const made = await createWebhook(tenant, members);
    const path = `${WEBHOOKS}/${made.WebhookId}`;
    const moved = { ...made, TargetUrl: stranger.url };
    const tests: Reply[] = [
      await tenant.api.request('POST', `${WEBHOOKS}/Test`, moved),
      await tenant.api.request('POST', '/api/v1/Agents/Webhook/TestWebhook', { Webhook: moved }),
    ];
    expect(tests.map(({ status }) => status)).toEqual([200, 200]);
    expect(stranger.arrivals.length).toBeGreaterThan(1);
    expectNothingLeaked();
    expect(await getWebhook(tenant, made.WebhookId)).toMatchObject({ Headers: made.Headers });

    const headers = { Authorization: MASK, 'X-Kept': 'sent along' };
    const saved = await putWebhook(tenant, made.WebhookId, { ...moved, Headers: headers });
    expect(saved.Headers).toEqual({ 'X-Kept': MASK });
    expect(stranger.arrivals.at(-1)?.headers['x-kept']).toBe('sent along');
    expectNothingLeaked();
    const patched = await tenant.api.expect(200, 'PATCH', path, { TargetUrl: receiver.url });
    expect((patched as { Headers: unknown }).Headers).toEqual({});
    await tenant.api.expect(204, 'DELETE', path);
  });

  test('of a site: its credentials are dropped and named, and nothing is called until there are new ones', async () => {
    const { api } = tenant;
    const site = { url: receiver.url, authorization: SECRET, appToken: 's3cret-token' };
    const { id } = await api.createSource({ provider: 'superoffice', name: 'crm', site });
    const patch = (members: object) => api.expect(200, 'PATCH', `/v1/sources/${id}`, { site: members });
    expect(await patch({ url: `${receiver.url}Cust1` })).not.toHaveProperty('dropped');
    expect(await patch({ url: `${stranger.url}Cust1`, authorization: '***', appToken: '***' })).toMatchObject(
      {
        site: { url: `${stranger.url}Cust1`, authorization: null, appToken: null },
        dropped: ['site.authorization', 'site.appToken'],
      },
    );
    expect(await api.expect(200, 'GET', `/v1/sources/${id}`)).toMatchObject({
      site: { authorization: null },
    });
    const script = webhook('OnChange', { Type: 'crmscript' });
    expect((await api.request('POST', WEBHOOKS, script)).status).toBe(400);
    expect(await patch({ authorization: 'Basic bmV3' })).toMatchObject({ site: { authorization: '***' } });
    expect((await api.request('POST', WEBHOOKS, script)).status).toBe(200);
    const renewed = { url: receiver.url, authorization: 'Basic bmV3' };
    expect(await patch(renewed)).not.toHaveProperty('dropped');
  });
});
