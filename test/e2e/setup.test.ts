/** What to call at a provider: complete, true to the source as it is now, and runnable as printed. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refusal, type Source } from '../support/api.ts';
import { startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { noSamples, sampleJson } from '../support/samples.ts';
import {
  type Tenant,
  accepted,
  arrive,
  arriveSigned,
  newTenant,
  superofficeBody,
} from '../support/tenant.ts';

const run = promisify(execFile);

interface Call {
  readonly eventType: string | null;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  readonly curl: string;
}

let relay: Relay;
let tenant: Tenant;
beforeAll(async () => {
  relay = await startRelay();
  tenant = await newTenant(relay);
});
afterAll(() => relay.dispose());

async function setup(source: Source, query = ''): Promise<readonly Call[]> {
  const answer = await tenant.api.expect(200, 'GET', `/v1/sources/${source.id}/setup${query}`);
  return (answer as { calls: Call[] }).calls;
}

/** Runs a curl line as it is printed, but at a stand-in, and gives what arrived there. */
async function expectRuns({ curl, url, method, headers, body }: Call): Promise<void> {
  await run('bash', ['-n', '-c', curl]);
  await using standIn = await startReceiver();
  expect(curl).toContain(`'${url}'`);
  await run('sh', ['-c', `${curl.replace(`'${url}'`, `'${standIn.url}'`)} --silent --show-error --fail`]);
  const [arrival, ...others] = standIn.arrivals;
  expect(others).toEqual([]);
  expect(arrival?.method).toBe(method);
  const names = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  expect(arrival?.headers).toMatchObject(Object.fromEntries(names) as object);
  expect(JSON.parse(String(arrival?.body))).toEqual(body);
}

describe('SuperOffice', () => {
  test('one call that makes the webhook there, with the inbound URL and the secret of the source', async () => {
    const source = await tenant.api.createSource({ provider: 'superoffice', name: 'CRM' });
    const [call, ...others] = await setup(source);
    expect(others).toEqual([]);
    expect(call).toMatchObject({
      eventType: null,
      method: 'POST',
      url: 'https://{env}.superoffice.com/{tenant}/api/v1/Webhook',
      headers: { Authorization: 'Bearer {accessToken}', 'Content-Type': 'application/json' },
      body: {
        Name: 'CRM',
        Events: ['contact.created', 'contact.changed', 'contact.deleted'],
        TargetUrl: source.inboundUrl,
        Secret: source.secret,
        State: 'Active',
        Type: 'webhook',
      },
    });
    expect(call?.curl).toContain(source.inboundUrl);
  });

  test.skipIf(noSamples)('its body has the members of the vendor’s registration page', async () => {
    const source = await tenant.api.createSource({ provider: 'superoffice', name: 'CRM' });
    const [call] = await setup(source);
    const page = sampleJson('superoffice/register_request_register-page.json') as object;
    expect(Object.keys(page)).toEqual(expect.arrayContaining(['Name', 'Events', 'TargetUrl', 'Secret']));
    for (const member of Object.keys(call?.body ?? {})) expect(Object.keys(page)).toContain(member);
  });

  test('events are taken as given, unknown ones too, without the blanks around them', async () => {
    const source = await tenant.api.createSource({ provider: 'superoffice', name: 'CRM' });
    const [call] = await setup(source, '?events=sale.sold,%20Window.Closed%20,,no-such');
    expect(call?.body).toMatchObject({ Events: ['sale.sold', 'Window.Closed', 'no-such'] });
  });

  test('it follows the source: newest URL, newest secret, "" for unsigned', async () => {
    const source = await tenant.api.createSource({ provider: 'superoffice', name: 'CRM' });
    const path = `/v1/sources/${source.id}`;
    const { inboundUrl } = (await tenant.api.expect(200, 'POST', `${path}/rotate-url`)) as Source;
    await tenant.api.expect(200, 'POST', `${path}/rotate-secret`, { secret: 'newest' });
    expect((await setup(source))[0]?.body).toMatchObject({ TargetUrl: inboundUrl, Secret: 'newest' });
    await tenant.api.expect(200, 'POST', `${path}/rotate-secret`, { secret: '' });
    expect((await setup(source))[0]?.body).toMatchObject({ Secret: '' });
  });

  test('what it tells the provider works: a test event and a signed one are taken', async () => {
    const source = await tenant.api.createSource({ provider: 'superoffice', name: 'CRM' });
    const { TargetUrl, Secret } = (await setup(source))[0]?.body as { TargetUrl: string; Secret: string };
    const told = { inboundUrl: TargetUrl, secret: Secret };
    expect((await arriveSigned(told, superofficeBody({ Event: 'test' }))).body).toEqual({ status: 'test' });
    expect(accepted(await arriveSigned(told, superofficeBody()))).toMatchObject({ duplicate: false });
  });
});

describe('Deskera', () => {
  test('one call for each documented type, each with a URL of its own', async () => {
    const source = await tenant.api.createSource({ provider: 'deskera', name: 'ERP' });
    const calls = await setup(source);
    expect(calls).toHaveLength(22);
    for (const { eventType, method, url, headers, body, curl } of calls) {
      expect([method, url]).toEqual(['POST', 'https://bifrost.deskera.com/v1/webhooks/register']);
      expect(headers).toEqual({ 'x-access-token': '{accessToken}', 'Content-Type': 'application/json' });
      expect(body).toEqual({
        clientId: '{clientId}',
        clientSecret: '{clientSecret}',
        accessToken: '{accessToken}',
        refreshToken: '{refreshToken}',
        eventType,
        webhookUrl: `${source.inboundUrl}/${String(eventType)}`,
      });
      expect(curl).toContain(`${source.inboundUrl}/${String(eventType)}`);
    }
    expect(new Set(calls.map(({ eventType }) => eventType)).size).toBe(22);
  });

  test.skipIf(noSamples)('its body has the members of the vendor’s page, and no other', async () => {
    const source = await tenant.api.createSource({ provider: 'deskera', name: 'ERP' });
    const page = Object.keys(sampleJson('deskera/register_request.json') as object);
    expect(Object.keys((await setup(source))[0]?.body ?? {})).toEqual(page);
  });

  test('what is posted to a URL it tells is an event of that type, unknown ones too', async () => {
    const source = await tenant.api.createSource({ provider: 'deskera', name: 'ERP' });
    const calls = await setup(source, '?events=UPDATE_CRM_DEAL,CREATE_WIDGET');
    const types: unknown[] = [];
    for (const { body } of calls) {
      const { id } = accepted(await arrive({ inboundUrl: body['webhookUrl'] as string }, '{"id":1}'));
      types.push((await tenant.api.event(id)).event['type']);
    }
    expect(types).toEqual(['deskera.crm_deal.updated', 'deskera.widget.created']);
  });
});

describe('the curl lines', () => {
  test('are valid shell and send exactly the call', async () => {
    const superoffice = await tenant.api.createSource({ provider: 'superoffice', name: 'CRM' });
    for (const call of await setup(superoffice)) await expectRuns(call);
    const deskera = await tenant.api.createSource({ provider: 'deskera', name: 'ERP' });
    for (const call of await setup(deskera, '?events=CREATE_PRODUCTS,STOCK_IN')) await expectRuns(call);
    for (const { curl } of await setup(deskera)) await run('bash', ['-n', '-c', curl]);
  });

  test('stay so whatever a source is called', async () => {
    for (const name of [
      "it's",
      '$(exit 1)`exit 1`"\\',
      'a\nb\t!x',
      "'; exit 1; '",
      '@file',
      '顧客 ✅',
      '{a,b}[1-3]',
    ]) {
      const source = await tenant.api.createSource({
        provider: 'superoffice',
        name,
        secret: `${name}-secret`,
      });
      const [call] = await setup(source, `?events=${encodeURIComponent("a'b")}`);
      if (call === undefined) throw new Error('no call');
      await expectRuns(call);
    }
  });
});

test('another tenant’s source, an unknown one, and a deleted one are 404', async () => {
  const source = await tenant.api.createSource({ provider: 'superoffice', name: 'CRM' });
  const stranger = await newTenant(relay);
  expect(refusal(await stranger.api.request('GET', `/v1/sources/${source.id}/setup`))).toBe('404 not-found');
  await tenant.api.expect(204, 'DELETE', `/v1/sources/${source.id}`);
  for (const id of [source.id, 'src_unknown']) {
    expect(refusal(await tenant.api.request('GET', `/v1/sources/${id}/setup`))).toBe('404 not-found');
  }
});

test.each([
  ['stripe', { secret: 'whsec_of_the_endpoint' }, 'provider'],
  ['github', {}, 'relay'],
  ['odoo', {}, 'relay'],
  ['url-secret', {}, 'none'],
])('of %s is told where its URL and its secret go', async (provider, members, from) => {
  const source = await tenant.api.createSource({ provider, name: 'x', ...members });
  const answer = await tenant.api.expect(200, 'GET', `/v1/sources/${source.id}/setup`);
  expect(answer).toMatchObject({
    provider,
    setup: expect.stringMatching(/.{40,}/) as unknown,
    docs: expect.stringMatching(/^https:/) as unknown,
    inboundUrl: source.inboundUrl,
    secret: { from, value: source.secret },
    calls: [],
  });
});
