/** SuperOffice's REST calls for webhooks, on a relay that runs: the vendor's page line by line, and its edges. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api, type Reply } from '../support/api.ts';
import {
  createWebhook,
  getWebhook,
  listWebhooks,
  putWebhook,
  superofficeRefusal,
  type Webhook,
  webhook,
  WEBHOOKS,
} from '../support/dialects.ts';
import { rawRequest } from '../support/raw-http.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { noSamples, sampleJson } from '../support/samples.ts';
import { noSwagger, swaggerMembers } from '../support/swagger.ts';
import { type Tenant, newTenant } from '../support/tenant.ts';

const MASK = '********';

let relay: Relay;
let receiver: Receiver;
let tenant: Tenant;
/** Of the calls that change nothing. */
let existing: Webhook;
beforeAll(async () => {
  [relay, receiver] = await Promise.all([startRelay(), startReceiver()]);
  tenant = await newTenant(relay);
  existing = await createWebhook(tenant, webhook(receiver.url));
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

/** A call in a spelling that the API's document does not have. */
async function spelled(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = { authorization: `Bearer ${tenant.key}` },
  body?: unknown,
): Promise<Pick<Reply, 'status' | 'body' | 'headers'>> {
  const response = await fetch(`${relay.url}${path}`, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? undefined : (JSON.parse(text) as unknown),
  };
}

async function refused(members: unknown): Promise<readonly [string, string]> {
  return superofficeRefusal(await tenant.api.request('POST', WEBHOOKS, members));
}

describe('default', () => {
  test.skipIf(noSamples)('is the vendor’s default object, to the letter', async () => {
    const reply = await tenant.api.request('GET', `${WEBHOOKS}/default`);
    expect(reply.body).toEqual(sampleJson('superoffice/default_webhook.json'));
    expect(JSON.parse(reply.text)).toEqual(reply.body);
  });

  test('filled in and posted it is a webhook', async () => {
    const empty = (await tenant.api.expect(200, 'GET', `${WEBHOOKS}/default`)) as object;
    const made = await createWebhook(tenant, { ...empty, Name: 'from default', TargetUrl: receiver.url });
    expect(made).toMatchObject({
      Events: ['contact.created', 'contact.deleted'],
      State: 'Active',
      Secret: null,
    });
    expect(made.WebhookId).toBeGreaterThan(0);
  });
});

describe('create', () => {
  test('the page’s own registration, another URL apart, is answered 200 in PascalCase with links', async () => {
    const own = await newTenant(relay);
    const reply = await own.api.request('POST', WEBHOOKS, webhook(receiver.url));
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-type')).toMatch(/^application\/json/);
    expect(reply.body).toEqual({
      WebhookId: 1,
      Name: 'Tonys Contact Handler',
      Events: ['contact.created', 'contact.changed', 'contact.deleted'],
      TargetUrl: receiver.url,
      Secret: MASK,
      State: 'Active',
      Type: 'webhook',
      Headers: null,
      Properties: null,
      Registered: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as unknown,
      RegisteredAssociate: null,
      Updated: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as unknown,
      UpdatedAssociate: null,
      ErrorsEmail: null,
      ErrorEmails: null,
      ErrorAssociates: null,
      Description: null,
      NotifyVia: null,
      NotifyWhen: null,
      TotalCalls: 0,
      TotalErrors: 0,
      ConsecutiveErrors: 0,
      LastError: '',
      _Links: {
        Self: `${relay.url}/api/v1/Webhook/1`,
        Archive: `${relay.url}/api/v1/Webhook`,
      },
    });
    expect(await own.api.hook(1)).toMatchObject({
      name: 'Tonys Contact Handler',
      url: receiver.url,
      events: ['superoffice.contact.created', 'superoffice.contact.updated', 'superoffice.contact.deleted'],
      format: 'superoffice',
      superoffice: {
        type: 'webhook',
        events: ['contact.created', 'contact.changed', 'contact.deleted'],
        properties: null,
        errorsEmail: null,
      },
      state: 'active',
    });
  });

  test.skipIf(noSwagger)('answers have all members of the vendor’s swagger file', async () => {
    const members = (value: unknown) => Object.keys(value as object).sort();
    const all = swaggerMembers().sort();
    const made = await tenant.api.request('GET', `${WEBHOOKS}/${existing.WebhookId}`);
    expect(members(made.body)).toEqual(all);
    const [listed] = await listWebhooks(tenant);
    expect(members(listed)).toEqual(all.filter((name) => name !== '_Links'));
  });

  test('members in any case, camelCase and PascalCase at once: the later one counts', async () => {
    const camel = {
      name: 'camel',
      events: ['sale.sold'],
      targetUrl: receiver.url,
      secret: 's',
      state: 'active',
      type: 'Webhook',
      errorsEmail: 'a@example.com',
    };
    expect(await createWebhook(tenant, camel)).toMatchObject({
      Name: 'camel',
      Events: ['sale.sold'],
      Secret: MASK,
    });
    const both = await createWebhook(tenant, { ...camel, Name: 'Pascal', EVENTS: ['sale.lost'] });
    expect(both).toMatchObject({ Name: 'Pascal', Events: ['sale.lost'] });
  });

  test('unknown and server-owned members are ignored', async () => {
    const made = await createWebhook(
      tenant,
      webhook(receiver.url, { WebhookId: 4711, Registered: 'never', TotalCalls: 3, Whatever: {}, _Links: 1 }),
    );
    expect(made.WebhookId).toBeLessThan(4711);
    expect(made).not.toHaveProperty('Whatever');
  });

  test.each([['null'], ['[]'], ['"text"'], ['7'], ['[{}]']])('the body %s is none', async (body) => {
    expect(await refused(body)).toEqual([
      '400 ArgumentException',
      expect.stringMatching(/^Entity to save is not in request body: /),
    ]);
    const put = await tenant.api.request('PUT', `${WEBHOOKS}/${existing.WebhookId}`, body);
    expect(superofficeRefusal(put)[1]).toMatch(/^Entity to save is not in request body/);
  });

  test('an empty body, one that is not JSON, another media type and one that is too large', async () => {
    const json = { 'content-type': 'application/json' };
    for (const [body, headers, status] of [
      ['', json, '400 ArgumentException'],
      ['{', json, '400 ArgumentException'],
      ['<a/>', { 'content-type': 'application/xml' }, '415 Exception'],
      [`"${'x'.repeat(1_100_000)}"`, json, '413 Exception'],
    ] as const) {
      const reply = await tenant.api.request('POST', WEBHOOKS, body, headers);
      expect(superofficeRefusal(reply)[0]).toBe(status);
    }
  });

  test.each([
    ['Events', []],
    ['Events', null],
    ['Events', ['a.b,c.d']],
    ['Events', ['*']],
    ['State', 'Unknown'],
    ['State', 'Sleeping'],
    ['State', 9],
    ['State', 'TooManyErrors'],
    ['Secret', 's'.repeat(401)],
    ['Headers', { 'X-A': 1 }],
    ['Headers', { 'X-A': null }],
    ['Headers', { 'X-A': 'a\r\nb' }],
    ['Headers', { Host: 'example.com' }],
    ['Headers', { 'X-SuperOffice-Event': 'fake' }],
    ['Headers', { 'webhook-id': 'fake' }],
    ['Headers', { 'Content-Length': '0' }],
    ['Headers', { '': 'a' }],
    ['Headers', Object.fromEntries(Array.from({ length: 21 }, (_, at) => [`X-${at}`, 'a']))],
    ['Properties', []],
    ['TargetUrl', ''],
    ['Type', 'crmscripts'],
  ])('%s as %j is refused by its name, and nothing is sent or saved', async (member, value) => {
    const before = receiver.arrivals.length;
    const [status, message] = await refused(webhook(receiver.url, { [member]: value }));
    expect(status).toBe('400 ArgumentException');
    expect(message).toMatch(new RegExp(`^Webhook ${member}`));
    expect(message).not.toContain('fake');
    expect(receiver.arrivals).toHaveLength(before);
  });

  test('duplicate and undocumented event names are taken; a name counts once', async () => {
    const Events = [
      'contact.created',
      'no.such.thing',
      'contact.created',
      'list.110.created',
      'y_table.changed',
    ];
    expect((await createWebhook(tenant, webhook(receiver.url, { Events }))).Events).toEqual([
      'contact.created',
      'no.such.thing',
      'list.110.created',
      'y_table.changed',
    ]);
  });

  test.each([
    ['Active', 'Active', 'active'],
    ['stopped', 'Stopped', 'paused'],
    [1, 'Active', 'active'],
    [2, 'Stopped', 'paused'],
    [null, 'Active', 'active'],
  ])('State %j is %s, natively %s', async (sent, state, native) => {
    const made = await createWebhook(tenant, webhook(receiver.url, { State: sent }));
    expect(made.State).toBe(state);
    expect(await tenant.api.hook(made.WebhookId)).toMatchObject({ state: native });
  });
});

describe('get, list, delete', () => {
  test('an id that is no webhook of the caller is a 404 with the vendor’s text', async () => {
    const native = await tenant.api.createHook({ url: receiver.url });
    const stranger = await newTenant(relay);
    const ids = ['0', '-1', '4242', '2147483647', '2147483648', '9007199254740993', 'abc', '1.5', '1e0'];
    for (const id of [...ids, String(native.id)]) {
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const body = method === 'PUT' ? webhook(receiver.url) : undefined;
        const reply = await tenant.api.request(method, `${WEBHOOKS}/${id}`, body);
        expect([method, id, ...superofficeRefusal(reply)]).toEqual([
          method,
          id,
          '404 SoNotFoundException',
          `Webhook id ${id} not found`,
        ]);
      }
    }
    expect(await tenant.api.hook(native.id)).toMatchObject({ url: receiver.url });
    const path = `${WEBHOOKS}/${existing.WebhookId}`;
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const body = method === 'PUT' ? webhook(receiver.url) : undefined;
      const reply = await stranger.api.request(method, path, body);
      expect(superofficeRefusal(reply)[0]).toBe('404 SoNotFoundException');
    }
    expect(await getWebhook(tenant, existing.WebhookId)).toMatchObject({ Name: 'Tonys Contact Handler' });
  });

  test('DELETE is a 204 without a body, then a 404; the hook is gone natively too', async () => {
    const { WebhookId } = await createWebhook(tenant, webhook(receiver.url));
    const reply = await tenant.api.request('DELETE', `${WEBHOOKS}/${WebhookId}`);
    expect([reply.status, reply.text]).toEqual([204, '']);
    expect((await tenant.api.request('DELETE', `${WEBHOOKS}/${WebhookId}`)).status).toBe(404);
    expect((await tenant.api.request('GET', `/v1/hooks/${WebhookId}`)).status).toBe(404);
  });

  test('lists hold only what was made here, without links, and obey the filters', async () => {
    const own = await newTenant(relay);
    expect(await listWebhooks(own)).toEqual([]);
    await own.api.createHook({ url: receiver.url });
    const made = [
      await createWebhook(own, webhook(receiver.url, { Name: 'a', Events: ['contact.created'] })),
      await createWebhook(
        own,
        webhook(receiver.url, { Name: 'b', Events: ['Sale.Sold', 'contact.created'] }),
      ),
      await createWebhook(own, webhook(receiver.url, { Name: 'a', Events: ['sale.sold'], State: 'Stopped' })),
    ];
    const [first, second, third] = made.map(({ WebhookId }) => WebhookId);
    const ids = async (query: string) => (await listWebhooks(own, query)).map(({ WebhookId }) => WebhookId);
    expect(await ids('')).toEqual([first, second, third]);
    expect((await listWebhooks(own))[0]).not.toHaveProperty('_Links');
    expect(await ids('?nameFilter=a')).toEqual([first, third]);
    expect(await ids('?nameFilter=A')).toEqual([]);
    expect(await ids('?eventFilter=sale.SOLD')).toEqual([second, third]);
    expect(await ids('?statusFilter=Stopped')).toEqual([third]);
    expect(await ids('?statusFilter=Unknown')).toEqual([first, second, third]);
    expect(await ids('?statusFilter=TooManyErrors')).toEqual([]);
    expect(await ids('?nameFilter=a&eventFilter=contact.created&statusFilter=Active')).toEqual([first]);
    expect(await ids('?NAMEFILTER=b&StatusFilter=Active')).toEqual([second]);
    expect(await ids('?nameFilter=&eventFilter=&statusFilter=Unknown')).toEqual([first, second, third]);
  });

  test('a method that a resource has not is a 405 with Allow; HEAD is a GET without its body', async () => {
    for (const [method, path, allow] of [
      ['DELETE', WEBHOOKS, 'GET, POST'],
      ['PUT', WEBHOOKS, 'GET, POST'],
      ['POST', `${WEBHOOKS}/default`, 'GET'],
      ['POST', `${WEBHOOKS}/${existing.WebhookId}`, 'DELETE, GET, PATCH, PUT'],
      ['GET', `${WEBHOOKS}/Test`, 'POST'],
      ['POST', `${WEBHOOKS}/${existing.WebhookId}/LastError`, 'GET'],
      ['GET', `${WEBHOOKS}/window.closed/0`, 'POST'],
      ['GET', '/api/v1/Agents/Webhook/GetWebhook', 'POST'],
    ] as const) {
      const reply = await spelled(method, path);
      expect([reply.status, reply.headers.get('allow')]).toEqual([405, allow]);
      expect(reply.body).toMatchObject({ Error: true, Message: expect.stringContaining(method) as unknown });
    }
    for (const path of [WEBHOOKS, `${WEBHOOKS}/default`, `${WEBHOOKS}/${existing.WebhookId}`]) {
      const { status, body } = await spelled('HEAD', path);
      expect([status, body]).toEqual([200, undefined]);
    }
  });
});

describe('PUT', () => {
  test('replaces: what is absent goes back to its default', async () => {
    const { WebhookId } = await createWebhook(
      tenant,
      webhook(receiver.url, {
        Headers: { 'X-A': 'a' },
        Properties: { a: 1 },
        ErrorsEmail: 'a@example.com',
        State: 'Stopped',
      }),
    );
    const put = await putWebhook(tenant, WebhookId, { Events: ['sale.sold'], TargetUrl: receiver.url });
    expect(put).toMatchObject({
      WebhookId,
      Name: '',
      Events: ['sale.sold'],
      Secret: null,
      State: 'Active',
      Headers: null,
      Properties: null,
      ErrorsEmail: null,
      _Links: { Self: `${relay.url}/api/v1/Webhook/${WebhookId}` },
    });
    expect(await getWebhook(tenant, WebhookId)).toEqual(put);
  });

  test('an id in the body is ignored: the path says which', async () => {
    const { WebhookId } = await createWebhook(tenant, webhook(receiver.url));
    const put = await putWebhook(
      tenant,
      WebhookId,
      webhook(receiver.url, { Name: 'moved', WebhookId: existing.WebhookId }),
    );
    expect(put).toMatchObject({ WebhookId, Name: 'moved' });
    expect((await getWebhook(tenant, existing.WebhookId)).Name).toBe('Tonys Contact Handler');
  });

  test('what GET answered changes nothing', async () => {
    const own = await newTenant(relay);
    const { WebhookId } = await createWebhook(
      own,
      webhook(receiver.url, { Headers: { 'X-A': 'a' }, Properties: { a: { b: [1] } } }),
    );
    const before = await getWebhook(own, WebhookId);
    const { Updated: _1, ...after } = (await putWebhook(own, WebhookId, { ...before })) as unknown as Record<
      string,
      unknown
    >;
    const { Updated: _2, ...same } = before as unknown as Record<string, unknown>;
    expect(after).toEqual(same);
  });

  test('two at once: the hook is as one of them, whole', async () => {
    const { WebhookId } = await createWebhook(tenant, webhook(receiver.url));
    const bodies = ['one', 'two'].map((Name) => webhook(receiver.url, { Name, Properties: { Name } }));
    await Promise.all(bodies.map((body) => putWebhook(tenant, WebhookId, body)));
    const { Name, Properties } = await getWebhook(tenant, WebhookId);
    expect(['one', 'two']).toContain(Name);
    expect(Properties).toEqual({ Name });
  });
});

describe('spellings of a path', () => {
  test.each([
    '/api/v1/Webhook',
    '/api/v1/Webhook/',
    '/api/v1/webhook',
    '/API/V1/WEBHOOK/',
    '/{tenant}/api/v1/Webhook',
    '/{TENANT}/Api/V1/webHook/',
  ])('%s is the collection', async (template) => {
    const path = template.replace('{tenant}', tenant.id).replace('{TENANT}', tenant.id.toUpperCase());
    const list = await spelled('GET', path);
    expect(list).toMatchObject({ status: 200 });
    expect(list.body).toEqual(await listWebhooks(tenant));
    const base = path.replace(/\/$/, '');
    expect((await spelled('GET', `${base}/DEFAULT`)).body).toMatchObject({ WebhookId: 0 });
    const one = await spelled('GET', `${base}/${existing.WebhookId}/`);
    expect(one.body).toMatchObject({ WebhookId: existing.WebhookId });
  });

  test('with the tenant in front, links have it too', async () => {
    const path = `/${tenant.id}/api/v1/Webhook/${existing.WebhookId}`;
    expect(await tenant.api.expect(200, 'GET', path)).toMatchObject({
      _Links: { Self: `${relay.url}${path}`, Archive: `${relay.url}/${tenant.id}/api/v1/Webhook` },
    });
  });

  test('a tenant that is not the key’s is a 421 with the vendor’s text', async () => {
    const other = await newTenant(relay);
    for (const id of [other.id, 'nobody', 'default']) {
      const reply = await tenant.api.request('GET', `/${id}/api/v1/Webhook`);
      expect(superofficeRefusal(reply)).toEqual(['421 Exception', 'Wrong subdomain used to access tenant']);
    }
    // Node's fetch sends a request again after a 421, and trips over its body.
    const body = JSON.stringify(webhook(receiver.url));
    const head = [
      `POST /${other.id}/api/v1/Webhook HTTP/1.1`,
      'host: relay',
      `authorization: Bearer ${tenant.key}`,
      'content-type: application/json',
      `content-length: ${body.length}`,
    ];
    expect((await rawRequest(relay.url, head, body)).status).toBe(421);
    expect(await listWebhooks(other)).toEqual([]);
  });

  test('with the admin key the path picks the tenant, and comes before the header', async () => {
    const other = await newTenant(relay);
    const operator = new Api(relay.url, relay.adminKey);
    const made = await operator.expect(200, 'POST', `/${other.id}/api/v1/Webhook`, webhook(receiver.url));
    expect(await listWebhooks(other)).toMatchObject([{ WebhookId: (made as Webhook).WebhookId }]);
    const both = new Api(relay.url, relay.adminKey, tenant.id);
    expect(await both.expect(200, 'GET', `/${other.id}/api/v1/Webhook`)).toHaveLength(1);
    expect(await both.expect(200, 'GET', WEBHOOKS)).toEqual(await listWebhooks(tenant));
    const nowhere = await operator.request('GET', '/nobody/api/v1/Webhook');
    expect(superofficeRefusal(nowhere)[0]).toBe('404 SoNotFoundException');
  });
});

describe('Authorization', () => {
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

  test('Bearer, SOTicket and Basic with any user take the key, in any case of the scheme', async () => {
    const { key } = tenant;
    for (const authorization of [
      `Bearer ${key}`,
      `bearer ${key}`,
      `SOTicket ${key}`,
      `SOTICKET ${key}`,
      basic(`any:${key}`),
      basic(`:${key}`),
      basic(`a user:${key}`),
    ]) {
      const reply = await spelled('GET', WEBHOOKS, { authorization, 'SO-AppToken': 'ignored' });
      expect([authorization.split(' ')[0], reply.status]).toEqual([authorization.split(' ')[0], 200]);
    }
  });

  test('none, another scheme, another key or rubbish is a 401 of that shape', async () => {
    const { key } = tenant;
    for (const authorization of [
      undefined,
      '',
      'Bearer',
      `Bearer ${key}x`,
      `Digest ${key}`,
      key,
      basic(key),
      basic(`${key}:any`),
      'Basic ?!',
      'SOTicket 7T:abc',
    ]) {
      const headers = authorization === undefined ? undefined : { authorization };
      const anonymous = new Api(relay.url, null);
      const reply = await anonymous.request('GET', WEBHOOKS, undefined, headers);
      expect([authorization, superofficeRefusal(reply)[0]]).toEqual([
        authorization,
        '401 SoAuthenticationException',
      ]);
      expect(reply.headers.get('www-authenticate')).not.toBeNull();
      expect(reply.text).not.toContain(key);
    }
  });
});
