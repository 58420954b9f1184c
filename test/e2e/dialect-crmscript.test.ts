/** J6: hooks of Type crmscript run a script in the SuperOffice of the event's source, as the vendor's own client would. */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as Webapi from '@superoffice/webapi';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api, refusal, type Key, type Reply, type Source } from '../support/api.ts';
import {
  createWebhook,
  getWebhook,
  listWebhooks,
  superofficeRefusal,
  webhook,
  WEBHOOKS,
  type Webhook,
} from '../support/dialects.ts';
import { startReceiver, type Arrival } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { type SuperofficeSite, startSuperofficeSite } from '../support/superoffice-site.ts';
import {
  accepted,
  arrive,
  arriveSigned,
  newTenant,
  superofficeBody,
  type Tenant,
} from '../support/tenant.ts';
import { until } from '../support/until.ts';

// Its ES modules import each other without file extensions, which Node refuses.
const { CRMScriptAgent } = createRequire(import.meta.url)('@superoffice/webapi') as typeof Webapi;

let relay: Relay;
beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.dispose());

const SCRIPT = { Type: 'crmscript', Secret: null };

interface Setting extends AsyncDisposable {
  readonly tenant: Tenant;
  readonly site: SuperofficeSite;
  readonly source: Source;
  /** Of the hook, which runs ScriptHook1 and tries again after a second. */
  readonly id: number;
}

async function setting(
  members: Readonly<Record<string, unknown>> = {},
  appToken: string | null = null,
): Promise<Setting> {
  const site = await startSuperofficeSite(`Basic ${randomUUID()}`);
  const tenant = await newTenant(relay);
  const source = await tenant.api.createSource({
    provider: 'superoffice',
    name: 'CRM',
    site: { url: site.url, authorization: site.authorization, appToken },
  });
  const { WebhookId: id } = await createWebhook(tenant, webhook('ScriptHook1', { ...SCRIPT, ...members }));
  await tenant.api.patchHook(id, { retry: { scheduleSeconds: [1, 1, 1, 1, 1, 1], jitter: 0 } });
  return { tenant, site, source, id, [Symbol.asyncDispose]: () => site[Symbol.asyncDispose]() };
}

async function sent(source: Source, members: Readonly<Record<string, unknown>> = {}): Promise<string> {
  return accepted(await arriveSigned(source, superofficeBody(members))).id;
}

/** A delivery of the hook once its first attempt has ended. */
async function attempted({ api }: Tenant, hookId: number, eventId: string) {
  await until(
    () => api.deliveries(hookId),
    (all) => all.some((one) => one.eventId === eventId && one.attempts > 0),
  );
  return api.delivery(hookId, eventId);
}

/** What every HTTP client sets for itself. */
const OF_THE_CLIENT = [
  'host',
  'connection',
  'user-agent',
  'accept-encoding',
  'content-length',
  'transfer-encoding',
];

function callOf({ method, path, headers, body }: Arrival, names?: readonly string[]) {
  const own = Object.entries(headers).filter(
    ([name]) =>
      names?.includes(name) ??
      // The time zone of the machine that the client runs on.
      !(OF_THE_CLIENT.includes(name) || name === 'so-browser-tz-offset'),
  );
  return { method, path, headers: Object.fromEntries(own.sort()), body: body.toString() };
}

describe('J6: a delivery', () => {
  test.each([
    ['without an app', null, ''],
    ['of an app', 'app-token', '/'],
    ['with the path of the API', null, '/api'],
  ])('is the very call of the vendor’s own CRMScriptAgent, %s', async (_case, appToken, end) => {
    await using hook = await setting({ Properties: { Team: 'North', Limits: { low: 1.5 } } }, appToken);
    const { site, source, tenant } = hook;
    const url = `${site.url}${end}`;
    await tenant.api.expect(200, 'PATCH', `/v1/sources/${source.id}`, { site: { url } });
    const eventId = await sent(source);
    const [run] = await site.ran(1);
    if (run === undefined) throw new Error('nothing ran');

    const agent = new CRMScriptAgent(url, {
      headers: {
        Authorization: site.authorization,
        ...(appToken === null ? {} : { 'SO-AppToken': appToken }),
      },
    });
    const output = await agent.executeScriptByIncludeIdAsync('ScriptHook1', { ...run.parameters });
    expect(output).toBe('ran ScriptHook1 for contact.changed');
    const theirs = callOf((await site.ran(2))[1]?.arrival ?? run.arrival);
    expect(callOf(run.arrival, Object.keys(theirs.headers))).toEqual(theirs);
    expect(Object.keys(theirs.headers)).toEqual(
      ['accept', 'authorization', 'content-type', ...(appToken === null ? [] : ['so-apptoken'])].sort(),
    );
    expect(run.arrival.headers).toMatchObject({ 'webhook-id': eventId, 'posthorn-attempt': '1' });
  });

  test('has the members of the event as parameters, the webhook’s own name and its Properties among them', async () => {
    await using hook = await setting({ Properties: { Team: 'North', Event: 'not this' } });
    const EventId = randomUUID();
    await sent(hook.source, { EventId, Values: { contact_id: 7 } });
    const [run] = await hook.site.ran(1);
    expect(run).toMatchObject({ script: 'ScriptHook1' });
    expect(run?.parameters).toEqual({
      EventId,
      Timestamp: '2018-04-24T07:50:50.6812131Z',
      Changes: 'contact_id',
      Event: 'contact.changed',
      PrimaryKey: '994863',
      Entity: 'contact',
      ContextIdentifier: 'Cust1234',
      ChangedByAssociateId: '316',
      'Values.contact_id': '7',
      Team: 'North',
      WebhookName: 'Tonys Contact Handler',
    });
  });

  test('carries none of the webhook’s Headers: they are for URLs', async () => {
    await using hook = await setting({ Headers: { Authorization: 'mine', 'X-Team': 'n' } });
    await sent(hook.source);
    const [run] = await hook.site.ran(1);
    expect(run?.arrival.headers.authorization).toBe(hook.site.authorization);
    expect(run?.arrival.headers).not.toHaveProperty('x-team');
  });

  test('is delivered by a 200, and what the script printed is kept of the answer where the hook keeps answers', async () => {
    await using hook = await setting();
    await hook.tenant.api.patchHook(hook.id, { keepAnswers: true });
    const eventId = await sent(hook.source);
    const delivery = await attempted(hook.tenant, hook.id, eventId);
    expect(delivery.status).toBe('delivered');
    expect(delivery.attemptLog).toMatchObject([
      { statusCode: 200, responseExcerpt: '"ran ScriptHook1 for contact.changed"' },
    ]);
  });

  test('is tried again when the site fails, in order, with the same EventId', async () => {
    await using hook = await setting();
    hook.site.failure = { status: 500, body: 'no' };
    const first = await sent(hook.source);
    await sent(hook.source, { Event: 'contact.deleted' });
    await hook.site.called(2);
    hook.site.failure = null;
    const runs = await hook.site.ran(2);
    expect(runs.map(({ parameters }) => parameters['Event'])).toEqual(['contact.changed', 'contact.deleted']);
    const calls = hook.site.receiver.arrivals.filter(({ headers }) => headers['webhook-id'] === first);
    expect(calls.length).toBeGreaterThanOrEqual(3);
    expect(new Set(calls.map(({ body }) => body.toString())).size).toBe(1);
  });

  test('a 401 is tried again, and the next attempt has the credential that the source has got meanwhile', async () => {
    await using hook = await setting();
    const { site, source, tenant } = hook;
    site.authorization = 'Bearer renewed';
    const eventId = await sent(source);
    expect((await attempted(tenant, hook.id, eventId)).attemptLog[0]).toMatchObject({
      outcome: 'failed',
      error: 'status',
      statusCode: 401,
    });
    await tenant.api.expect(200, 'PATCH', `/v1/sources/${source.id}`, {
      site: { authorization: site.authorization },
    });
    const [run] = await site.ran(1);
    expect(run?.arrival.headers.authorization).toBe('Bearer renewed');
  });

  test('the test call of the native API runs the script with the event test', async () => {
    await using hook = await setting();
    const result = await hook.tenant.api.expect(200, 'POST', `/v1/hooks/${hook.id}/test`);
    expect(result).toMatchObject({ delivered: true, statusCode: 200 });
    expect(hook.site.runs[0]?.parameters).toMatchObject({ Event: 'test', PrimaryKey: '0' });
  });

  test('outlives a kill -9 while the script runs', async () => {
    const own = await startRelay();
    try {
      await using site = await startSuperofficeSite('Basic x');
      const tenant = await newTenant(own);
      const source = await tenant.api.createSource({
        provider: 'superoffice',
        name: 'CRM',
        site: { url: site.url, authorization: site.authorization },
      });
      await createWebhook(tenant, webhook('ScriptHook1', SCRIPT));
      site.failure = { kind: 'hang' };
      const eventId = await sent(source);
      await site.called(1);
      await own.kill9();
      site.failure = null;
      await own.restart();
      const [run] = await site.ran(1);
      expect(run?.arrival.headers).toMatchObject({ 'webhook-id': eventId, 'posthorn-attempt': '1' });
    } finally {
      await own.dispose();
    }
  });
});

describe('J6: which SuperOffice', () => {
  test('that of the event’s source; else that of the only source with one; of two others neither', async () => {
    await using first = await setting();
    const { tenant, id } = first;
    await using second = await startSuperofficeSite('Basic second');
    const [without, other] = [
      await tenant.api.createSource({ provider: 'superoffice', name: 'without' }),
      await tenant.api.createSource({ provider: 'superoffice', name: 'other' }),
    ];
    await sent(first.source);
    await sent(without);
    await first.site.ran(2);

    const site = { url: second.url, authorization: second.authorization };
    await tenant.api.expect(200, 'PATCH', `/v1/sources/${other.id}`, { site });
    await sent(other);
    await second.ran(1);
    const stray = await sent(without, { PrimaryKey: 1 });
    expect((await attempted(tenant, id, stray)).attemptLog[0]).toMatchObject({
      outcome: 'failed',
      error: 'target-refused',
      statusCode: null,
    });

    // A deleted source takes its site along.
    await tenant.api.expect(204, 'DELETE', `/v1/sources/${first.source.id}`);
    await second.ran(2);
    expect(first.site.runs).toHaveLength(2);
  });

  test('an event of another provider that SuperOffice has words for runs in the only one', async () => {
    await using hook = await setting();
    const { api } = hook.tenant;
    await api.patchHook(hook.id, { events: ['deskera.contact.*'] });
    const deskera = await api.createSource({ provider: 'deskera', name: 'ERP' });
    accepted(await arrive(deskera, '{"id":41}', {}, '/CREATE_CONTACT'));
    const [run] = await hook.site.ran(1);
    expect(run?.parameters).toMatchObject({ Event: 'contact.created', Entity: 'contact', PrimaryKey: '41' });
  });

  test('without any: 400 that says so, and nothing is saved', async () => {
    const tenant = await newTenant(relay);
    await tenant.api.createSource({ provider: 'superoffice', name: 'without' });
    const reply = await tenant.api.request('POST', WEBHOOKS, webhook('ScriptHook1', SCRIPT));
    expect(superofficeRefusal(reply)).toEqual([
      '400 ArgumentException',
      'Webhook Type crmscript: expected a source with a site, on which to run the script (PATCH /v1/sources/{id}), got none',
    ]);
    expect(await listWebhooks(tenant)).toEqual([]);
  });

  test('taken away meanwhile: nothing is lost, it runs when there is one again', async () => {
    await using hook = await setting();
    const { site, source, tenant } = hook;
    await tenant.api.expect(200, 'PATCH', `/v1/sources/${source.id}`, { site: null });
    const eventId = await sent(source);
    await attempted(tenant, hook.id, eventId);
    expect(site.receiver.arrivals).toEqual([]);
    await tenant.api.expect(200, 'PATCH', `/v1/sources/${source.id}`, {
      site: { url: site.url, authorization: site.authorization },
    });
    await site.ran(1);
  });
});

describe('J6: the webhook', () => {
  test('is saved without a test POST, and answered as it was sent', async () => {
    await using hook = await setting();
    expect(hook.site.receiver.arrivals).toEqual([]);
    expect(await getWebhook(hook.tenant, hook.id)).toMatchObject({
      Type: 'crmscript',
      TargetUrl: 'ScriptHook1',
      State: 'Active',
    });
  });

  test('is a hook of the native API: sent back it changes nothing, and its format stays', async () => {
    await using hook = await setting();
    const { api } = hook.tenant;
    const path = `/v1/hooks/${hook.id}`;
    const before = (await api.expect(200, 'GET', path)) as Record<string, unknown>;
    expect(before).toMatchObject({
      url: 'ScriptHook1',
      format: 'superoffice',
      superoffice: { type: 'crmscript', events: ['contact.created', 'contact.changed', 'contact.deleted'] },
    });
    const after = (await api.expect(200, 'PATCH', path, before)) as Record<string, unknown>;
    expect({ ...after, updatedAt: null }).toEqual({ ...before, updatedAt: null });
    for (const format of ['raw', null]) {
      expect(refusal(await api.request('PATCH', path, { format }))).toBe('400 invalid /format');
    }
    expect(refusal(await api.request('PATCH', path, { url: 'https://example.com/' }))).toBe(
      '400 invalid /url',
    );
    await api.patchHook(hook.id, { url: 'ScriptHook2', name: 'renamed' });
    await sent(hook.source);
    expect(await hook.site.ran(1)).toMatchObject([
      { script: 'ScriptHook2', parameters: { WebhookName: 'renamed' } },
    ]);
  });

  test('becomes one from a webhook and goes back, as its Type says', async () => {
    await using hook = await setting();
    const path = `${WEBHOOKS}/${hook.id}`;
    const { url } = hook.site.receiver;
    const missing = await hook.tenant.api.request('PUT', path, webhook('ScriptHook1'));
    expect(superofficeRefusal(missing)[1]).toContain("'HTTPS:' not found");
    const script = await hook.tenant.api.request('PUT', path, webhook(url, SCRIPT));
    expect(superofficeRefusal(script)[1]).toContain('include name');
    // The stand-in answers no test event with 200.
    const tried = await hook.tenant.api.request('PUT', path, webhook(url));
    expect(superofficeRefusal(tried)[1]).toContain('must answer the test event with 200 OK: got 400');
    expect(await getWebhook(hook.tenant, hook.id)).toMatchObject({ Type: 'crmscript' });
  });
});

describe('G3: the guard', () => {
  const credential = { authorization: 'Basic x' };

  test('refuses a site as it refuses a hook, at registration', async () => {
    const { api } = await newTenant(relay);
    const members = { provider: 'superoffice', name: 's' };
    const made = await api.createSource(members);
    for (const url of [
      'nowhere',
      'http://example.com/',
      'https://user:pass@example.com/',
      'https://169.254.169.254/',
      'https://example.com:22/',
      'https://example.com/?a=b',
      'https://example.com/#a',
      relay.url,
    ]) {
      const site = { url, ...credential };
      expect([url, refusal(await api.request('POST', '/v1/sources', { ...members, site }))]).toEqual([
        url,
        '400 invalid /site/url',
      ]);
      expect(refusal(await api.request('PATCH', `/v1/sources/${made.id}`, { site }))).toBe(
        '400 invalid /site/url',
      );
    }
    expect(await api.expect(200, 'GET', `/v1/sources/${made.id}`)).toMatchObject({ site: null });
  });

  test('refuses it again at the attempt, when the rules have become stricter', async () => {
    const own = await startRelay();
    try {
      await using site = await startSuperofficeSite('Basic x');
      const tenant = await newTenant(own);
      const source = await tenant.api.createSource({
        provider: 'superoffice',
        name: 'CRM',
        site: { url: site.url, ...credential },
      });
      const { WebhookId: id } = await createWebhook(tenant, webhook('ScriptHook1', SCRIPT));
      await own.restart({ TARGET_POLICY: 'public' });
      const eventId = await sent(source);
      const { attemptLog } = await attempted(tenant, id, eventId);
      expect(attemptLog[0]).toMatchObject({ error: 'target-refused', statusCode: null });
      expect(await tenant.api.expect(200, 'POST', `/v1/hooks/${id}/test`)).toMatchObject({
        delivered: false,
        error: 'target-refused',
      });
      expect(site.receiver.arrivals).toEqual([]);
    } finally {
      await own.dispose();
    }
  });

  test('a redirect is not followed', async () => {
    await using hook = await setting();
    await using elsewhere = await startSuperofficeSite('Basic x');
    hook.site.failure = { status: 307, headers: { location: elsewhere.url } };
    const eventId = await sent(hook.source);
    const { attemptLog } = await attempted(hook.tenant, hook.id, eventId);
    expect(attemptLog[0]).toMatchObject({ error: 'redirect', statusCode: 307 });
    expect(elsewhere.receiver.arrivals).toEqual([]);
  });
});

describe('a site', () => {
  test('belongs to a SuperOffice source', async () => {
    const { api } = await newTenant(relay);
    const site = { url: 'https://example.com/', authorization: 'Basic x' };
    const reply = await api.request('POST', '/v1/sources', { provider: 'deskera', name: 's', site });
    expect(refusal(reply)).toBe('400 invalid /site');
    const made = await api.createSource({ provider: 'deskera', name: 's' });
    const path = `/v1/sources/${made.id}`;
    expect(refusal(await api.request('PATCH', path, { site }))).toBe('400 invalid /site');
    expect(await api.expect(200, 'PATCH', path, { site: null })).toMatchObject({ site: null });
  });

  test('is a merge patch, in which the masks keep credentials and null removes', async () => {
    const { api } = await newTenant(relay);
    const { id } = await api.createSource({ provider: 'superoffice', name: 's' });
    const path = `/v1/sources/${id}`;
    const patch = (site: unknown) => api.request('PATCH', path, { site });
    expect(refusal(await patch({ url: 'https://example.com/' }))).toBe('400 invalid /site/authorization');
    expect(refusal(await patch({ authorization: 'Basic x' }))).toBe('400 invalid /site/url');
    expect(refusal(await patch({ url: 'https://example.com/', authorization: '***' }))).toBe(
      '400 invalid /site/authorization',
    );
    expect(refusal(await patch({ url: 'https://example.com/', authorization: 'a\nb' }))).toBe(
      '400 invalid /site/authorization',
    );
    const site = { url: 'https://example.com/', authorization: 'Basic x', appToken: 'app' };
    const masked = { ...site, authorization: '***', appToken: '***' };
    expect((await patch(site)).body).toMatchObject({ site: masked });
    expect(await api.expect(200, 'GET', path)).toMatchObject({ site: masked });
    expect((await patch(masked)).body).toMatchObject({ site: masked });
    expect((await patch({ appToken: null })).body).toMatchObject({ site: { ...masked, appToken: null } });
    expect((await patch({ url: 'https://example.com/Cust1' })).body).toMatchObject({
      site: { url: 'https://example.com/Cust1', authorization: '***', appToken: null },
    });
    expect((await api.request('PATCH', path, { name: 'renamed' })).body).toMatchObject({
      name: 'renamed',
      site: { url: 'https://example.com/Cust1' },
    });
    expect((await patch(null)).body).toMatchObject({ site: null });
    expect((await api.request('PATCH', '/v1/sources/src_unknown', { site })).status).toBe(404);
  });
});

describe('J6: the authorization', () => {
  test('never comes back: it is in no answer, no line of the log and no file', async () => {
    const own = await startRelay();
    try {
      const [authorization, appToken, former] = [randomUUID(), randomUUID(), randomUUID()];
      const credentials = [authorization, appToken, former];
      await using site = await startSuperofficeSite(`Bearer ${authorization}`);
      const tenant = await newTenant(own);
      const { api } = tenant;
      const answers: string[] = [];
      const call = async (method: string, path: string, body?: unknown, key?: string) => {
        const reply = await api.request(
          method,
          path,
          body,
          key === undefined ? {} : { 'idempotency-key': key },
        );
        answers.push(`${method} ${path} ${reply.text}`);
        return reply.body as Source & { id: string };
      };
      const made = { provider: 'superoffice', name: 's', site: { url: site.url, authorization: former } };
      const source = await call('POST', '/v1/sources', made, 'once');
      await call('POST', '/v1/sources', made, 'once');
      await call('PATCH', `/v1/sources/${source.id}`, {
        site: { authorization: site.authorization, appToken },
      });
      await call('PATCH', `/v1/sources/${source.id}`, { site: { authorization: [authorization] } });
      await call('PATCH', `/v1/sources/${source.id}`, { site: { authorization: `${authorization}\n` } });
      await call('POST', '/v1/sources', { ...made, site: { url: 'nowhere', authorization, appToken } });
      await call('POST', '/v1/sources', { ...made, provider: 'deskera' });
      const { WebhookId: id } = await createWebhook(tenant, webhook('ScriptHook1', SCRIPT));
      // It says back what it was sent.
      const echo = `${site.authorization} ${appToken}`;
      site.failure = { status: 500, headers: { 'x-echo': echo }, body: echo };
      const eventId = await sent(source);
      await attempted(tenant, id, eventId);
      site.failure = null;
      await api.expect(202, 'POST', `/v1/hooks/${id}/deliveries/${eventId}/retry`);
      await site.ran(1);
      for (const path of [
        `/v1/sources/${source.id}`,
        `/v1/sources/${source.id}/setup`,
        '/v1/sources',
        `/v1/hooks/${id}`,
        '/v1/hooks',
        `/v1/hooks/${id}/deliveries/${eventId}`,
        `/v1/events/${eventId}`,
        '/v1/stats',
        '/v1/export',
        `${WEBHOOKS}/${id}`,
        `${WEBHOOKS}/${id}/LastError`,
        WEBHOOKS,
      ]) {
        await call('GET', path);
      }
      await call('POST', `/v1/sources/${source.id}/rotate-url`);
      await own.kill9();

      const found = (text: string) => credentials.filter((one) => text.includes(one));
      for (const answer of answers) expect([answer, found(answer)]).toEqual([answer, []]);
      expect(found(own.logs())).toEqual([]);
      const files = readdirSync(own.dataDir, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));
      const holding = files.filter((path) => found(readFileSync(path).toString('latin1')).length > 0);
      // The one place is the tenant's event log, where they are encrypted.
      expect(holding).toEqual([]);
    } finally {
      await own.dispose();
    }
  });
});

describe('D2: Type crmscript needs a key with role admin', () => {
  const forbidden = ['403 SoSecurityException', expect.stringContaining('may not')] as const;

  test('a subscriber can make no such hook and turn none into one, whichever call it takes', async () => {
    await using own = await setting();
    const { api } = own.tenant;
    await using receiver = await startReceiver();
    const { key } = (await api.expect(201, 'POST', '/v1/keys', { name: 's', role: 'subscriber' })) as Key;
    const subscriber = new Api(relay.url, key);
    const mine = (await subscriber.expect(200, 'POST', WEBHOOKS, webhook(receiver.url))) as Webhook;
    const script = { ...mine, ...SCRIPT, TargetUrl: 'Evil', State: 'Stopped' };
    const path = `${WEBHOOKS}/${mine.WebhookId}`;
    const operations = [
      { op: 'replace', path: '/TargetUrl', value: 'Evil' },
      { op: 'replace', path: '/Type', value: 'CRMScript' },
    ];
    const calls: Reply[] = [
      await subscriber.request('POST', WEBHOOKS, { ...script, WebhookId: 0 }),
      await subscriber.request('PUT', path, script),
      await subscriber.request('PATCH', path, { Type: 'crmscript', TargetUrl: 'Evil' }),
      await subscriber.request('PATCH', path, operations),
      await subscriber.request('POST', '/api/v1/Agents/Webhook/SaveWebhook', script),
      await subscriber.request('POST', '/api/v1/Agents/Webhook/SaveWebhook', { ...script, WebhookId: 0 }),
      await subscriber.request('POST', '/api/v1/Agents/Webhook/TestWebhook', { Webhook: script }),
      await subscriber.request('POST', `${WEBHOOKS}/Test`, script),
    ];
    expect(calls.map(superofficeRefusal)).toEqual(calls.map(() => forbidden));
    expect(await getWebhook({ ...own.tenant, api: subscriber }, mine.WebhookId)).toMatchObject({
      Type: 'webhook',
      TargetUrl: receiver.url,
    });
    expect(await listWebhooks(own.tenant)).toHaveLength(2);
    await sent(own.source);
    expect(JSON.stringify(await own.site.called(1))).not.toContain('Evil');
  });

  test('a tenant’s admin key makes such a hook, and says natively which script it runs', async () => {
    await using own = await setting();
    const { key } = await own.tenant.api.createKey();
    const admin = new Api(relay.url, key);
    const made = (await admin.expect(200, 'POST', WEBHOOKS, webhook('Mine', SCRIPT))) as Webhook;
    expect(await admin.patchHook(made.WebhookId, { url: 'Other' })).toMatchObject({ url: 'Other' });
  });
});
