/** Registration as Deskera's clients do it, on a relay that runs: the vendor's page line by line, and what it leaves open. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api } from '../support/api.ts';
import { DeskeraClient, deskeraRefusal, registration } from '../support/dialects.ts';
import { type Arrival, type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { noSamples, sampleBytes, sampleJson } from '../support/samples.ts';
import { type Tenant, accepted, arrive, newTenant } from '../support/tenant.ts';
import { verify } from '../support/verify.ts';

const TARGET = 'https://fb3d2be15599.example.com/api/webhooks';
const BASES = ['/v1/webhooks', '/v1/webhook', '/webhooks', '/webhook'];

/** The documented names, and the types of the events that a hook of that name gets. */
const TYPES = {
  CREATE_PRODUCTS: 'deskera.product.created',
  CREATE_CONTACT: 'deskera.contact.created',
  CREATE_BILL: 'deskera.bill.created',
  UPDATE_BILL: 'deskera.bill.updated',
  DELETE_BILL: 'deskera.bill.deleted',
  CREATE_INVOICE: 'deskera.invoice.created',
  UPDATE_INVOICE: 'deskera.invoice.updated',
  DELETE_INVOICE: 'deskera.invoice.deleted',
  CREATE_DEBITNOTE: 'deskera.debitnote.created',
  UPDATE_DEBITNOTE: 'deskera.debitnote.updated',
  DELETE_DEBITNOTE: 'deskera.debitnote.deleted',
  CREATE_CREDITNOTE: 'deskera.creditnote.created',
  UPDATE_CREDITNOTE: 'deskera.creditnote.updated',
  DELETE_CREDITNOTE: 'deskera.creditnote.deleted',
  STOCK_IN: 'deskera.stock.in',
  STOCK_OUT: 'deskera.stock.out',
  CREATE_CRM_CONTACT: 'deskera.crm_contact.created',
  UPDATE_CRM_CONTACT: 'deskera.crm_contact.updated',
  DELETE_CRM_CONTACT: 'deskera.crm_contact.deleted',
  CREATE_CRM_DEAL: 'deskera.crm_deal.created',
  UPDATE_CRM_DEAL: 'deskera.crm_deal.updated',
  DELETE_CRM_DEAL: 'deskera.crm_deal.deleted',
};

let relay: Relay;
let receiver: Receiver;
/** Of the tests that do not care what else is registered. */
let shared: Tenant;
let client: DeskeraClient;
beforeAll(async () => {
  [relay, receiver] = await Promise.all([startRelay(), startReceiver()]);
  shared = await newTenant(relay);
  client = new DeskeraClient(relay.url, shared.key);
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

async function alone(): Promise<{ tenant: Tenant; client: DeskeraClient }> {
  const tenant = await newTenant(relay);
  return { tenant, client: new DeskeraClient(relay.url, tenant.key) };
}

describe('register', () => {
  test.each(BASES)('%s: register, list and delete', async (base) => {
    const { client: own } = await alone();
    const hook = await own.register(registration(TARGET), base);
    expect(hook).toEqual({
      hookId: 1,
      eventType: 'CREATE_PRODUCTS',
      webhookUrl: TARGET,
      deleted: false,
    });
    for (const spelling of BASES) expect(await own.list(spelling)).toEqual([hook]);
    expect(await own.delete(1, base)).toEqual({ ...hook, deleted: true });
    expect(await own.list(base)).toEqual([]);
  });

  test('the call as the page prints it for curl, another host and URL apart', async () => {
    const { client: own } = await alone();
    const body = `{ "clientId" : "cl_pub...", "clientSecret" : "cl_priv...", "accessToken" : "sampleaccesstoken", "refreshToken" : "samplerefreshtoken", "eventType" : "CREATE_PRODUCTS", "webhookUrl" : "${TARGET}" }`;
    const reply = await own.request('POST', '/webhooks/register', body, { accept: 'application/json' });
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-type')).toMatch(/^application\/json/);
    expect(reply.body).toMatchObject({ hookId: 1, deleted: false });
  });

  test.skipIf(noSamples)('the page’s own body is refused for its URL, which is none', async () => {
    const sample = sampleJson('deskera/register_request.json');
    expect(sample).toEqual(registration('samplewebhookurl'));
    const reply = await client.request('POST', '/v1/webhooks/register', sample);
    expect(deskeraRefusal(reply)).toBe('400 BAD_REQUEST webhookUrl');
    expect((reply.body as { errorMessage: string }).errorMessage).toContain('webhookUrl');
  });

  test.skipIf(noSamples)('answers have all members of the page’s samples, old and new', async () => {
    const { client: own } = await alone();
    const registered = await own.register(registration(TARGET));
    for (const name of ['register_response_2020', 'register_response_current']) {
      const members = Object.keys(sampleJson(`deskera/${name}.json`) as object);
      expect(Object.keys(registered)).toEqual(expect.arrayContaining(members));
    }
    const listed = (sampleJson('deskera/list_response_current.json') as object[])[0] ?? {};
    expect(Object.keys((await own.list())[0] ?? {})).toEqual(Object.keys(listed));
    const deleted = await own.delete(registered.hookId);
    expect(Object.keys(deleted)).toEqual(
      expect.arrayContaining(Object.keys(sampleJson('deskera/delete_response_2020.json') as object)),
    );
    expect(deleted.deleted).toBe(true);
  });

  for (const member of [
    'clientId',
    'clientSecret',
    'accessToken',
    'refreshToken',
    'eventType',
    'webhookUrl',
  ]) {
    test.each([undefined, '', '   ', null, 7, false, [], {}])(
      `${member} as %j is a 400 that names it, and nothing is registered`,
      async (value) => {
        const before = await client.list();
        const body = registration(TARGET, { [member]: value });
        const reply = await client.request('POST', '/v1/webhooks/register', body);
        expect(deskeraRefusal(reply)).toBe(`400 BAD_REQUEST ${member}`);
        expect(await client.list()).toEqual(before);
      },
    );
  }

  test.each([['null'], ['[]'], ['"text"'], ['7'], ['{'], [''], ['\u0000']])(
    'the body %j is a 400',
    async (body) => {
      const reply = await client.request('POST', '/v1/webhooks/register', body);
      expect(deskeraRefusal(reply)).toMatch(/^400 BAD_REQUEST/);
    },
  );

  test('a body that is not sent as JSON is a 415, one over a mebibyte a 413', async () => {
    const form = await client.request('POST', '/v1/webhooks/register', 'clientId=a', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(deskeraRefusal(form)).toBe('415 UNSUPPORTED_MEDIA_TYPE');
    const huge = registration(TARGET, { clientId: 'x'.repeat(1_100_000) });
    expect(deskeraRefusal(await client.request('POST', '/v1/webhooks/register', huge))).toBe(
      '413 PAYLOAD_TOO_LARGE',
    );
  });

  test('each of the 22 types registers, and its hook wants just that type in the native API', async () => {
    const { tenant, client: own } = await alone();
    for (const [eventType, type] of Object.entries(TYPES)) {
      const { hookId } = await own.register(registration(TARGET, { eventType }));
      expect(await tenant.api.hook(hookId)).toMatchObject({
        name: `Deskera ${eventType}`,
        url: TARGET,
        events: [type],
        format: 'raw',
        sources: null,
        superoffice: null,
      });
    }
    expect((await own.list()).map(({ eventType }) => eventType)).toEqual(Object.keys(TYPES));
  });

  test.each([
    'create_products',
    'Create_Contact',
    'CREATE_PRODUCT',
    'CREATE_CONTACTS',
    'DELETE_PRODUCTS',
    '*',
  ])('eventType %s is a 400', async (eventType) => {
    const reply = await client.request('POST', '/webhooks/register', registration(TARGET, { eventType }));
    expect(deskeraRefusal(reply)).toBe('400 BAD_REQUEST eventType');
  });

  test('the same URL and type twice are two hooks', async () => {
    const { client: own } = await alone();
    const ids = [await own.register(registration(TARGET)), await own.register(registration(TARGET))];
    expect(ids.map(({ hookId }) => hookId)).toEqual([1, 2]);
    expect(await own.list()).toEqual(ids);
    await own.delete(1);
    expect(await own.list()).toEqual(ids.slice(1));
  });

  test('?format=superoffice tells the creation of a contact in SuperOffice’s words, and skips the rest', async () => {
    const { tenant, client: own } = await alone();
    const register = async (eventType: string) => {
      const body = registration(receiver.url, { eventType });
      const reply = await own.request('POST', '/v1/webhooks/register?format=superoffice', body);
      return (reply.body as { hookId: number }).hookId;
    };
    const source = await tenant.api.createSource({ provider: 'deskera', name: 'ERP' });
    const [contacts, products] = [await register('CREATE_CONTACT'), await register('CREATE_PRODUCTS')];
    const contact = accepted(await arrive(source, '{"id":120227}', {}, '/CREATE_CONTACT'));
    const product = accepted(await arrive(source, '{"id":58553}', {}, '/CREATE_PRODUCTS'));
    const ofContact = (all: readonly Arrival[]) =>
      all.filter(({ headers }) => headers['posthorn-tenant'] === tenant.id);
    const arrivals = ofContact(await receiver.waitFor((all) => ofContact(all).length > 0));
    expect(arrivals.map(({ headers }) => headers['posthorn-hook'])).toEqual([String(contacts)]);
    expect(arrivals[0]?.headers).toMatchObject({
      'webhook-id': contact.id,
      'x-superoffice-event': 'contact.created',
    });
    expect(JSON.parse(String(arrivals[0]?.body))).toMatchObject({
      Event: 'contact.created',
      PrimaryKey: 120227,
      WebhookName: 'Deskera CREATE_CONTACT',
    });
    expect(await tenant.api.explain(product.id, products)).toMatchObject({
      status: 'skipped',
      reason: 'format',
    });
  });

  test('?format= says how deliveries look; an unknown one is a 400', async () => {
    for (const format of ['structured', 'binary', 'raw', 'superoffice']) {
      const reply = await client.request(
        'POST',
        `/v1/webhooks/register?format=${format}`,
        registration(TARGET),
      );
      const { hookId } = reply.body as { hookId: number };
      expect(await shared.api.hook(hookId)).toMatchObject({ format });
    }
    for (const format of ['', 'RAW', 'xml']) {
      const reply = await client.request(
        'POST',
        `/v1/webhooks/register?format=${format}`,
        registration(TARGET),
      );
      expect(deskeraRefusal(reply)).toBe('400 BAD_REQUEST format');
    }
  });

  test('POST on the collection itself is a 404 that says where to go', async () => {
    for (const base of BASES) {
      const response = await fetch(`${relay.url}${base}`, { method: 'POST', body: '{}' });
      const body = await response.json();
      expect(response.status).toBe(404);
      expect(body).toMatchObject({ code: 404, httpStatus: 'NOT_FOUND' });
      expect((body as { errorMessage: string }).errorMessage).toContain('/v1/hooks');
    }
  });
});

describe('delete', () => {
  test('twice is a 404 the second time, and the hook is gone from every API', async () => {
    const { hookId } = await client.register(registration(TARGET));
    expect(await client.delete(hookId)).toMatchObject({ hookId, deleted: true });
    const again = await client.request('DELETE', `/v1/webhooks/delete/${hookId}`);
    expect(deskeraRefusal(again)).toBe('404 NOT_FOUND');
    expect((await shared.api.request('GET', `/v1/hooks/${hookId}`)).status).toBe(404);
  });

  test.each(['0', '4242', '2147483648', '9007199254740993', '9223372036854775807'])(
    'the unknown id %s is a 404',
    async (id) => {
      const reply = await client.request('DELETE', `/v1/webhooks/delete/${id}`);
      expect(deskeraRefusal(reply)).toBe('404 NOT_FOUND');
    },
  );

  test.each(['abc', '-1', '1.5', '1e3', '0x1', '1%20', 'id', '{id}', '99999999999999999999'])(
    'the malformed id %s is a 400',
    async (id) => {
      const reply = await client.request('DELETE', `/v1/webhooks/delete/${id}`);
      expect(deskeraRefusal(reply)).toBe('400 BAD_REQUEST id');
    },
  );

  test('another tenant’s hook is a 404 and stays', async () => {
    const { tenant, client: own } = await alone();
    const { hookId } = await own.register(registration(TARGET));
    const { client: stranger } = await alone();
    expect(deskeraRefusal(await stranger.request('DELETE', `/v1/webhooks/delete/${hookId}`))).toBe(
      '404 NOT_FOUND',
    );
    expect(await tenant.api.hook(hookId)).toMatchObject({ state: 'active' });
  });
});

describe('whose hooks', () => {
  test('the list of a tenant without any is empty', async () => {
    const { client: own } = await alone();
    expect(await own.list()).toEqual([]);
  });

  test('the dialect sees only what was made in it; the native API sees all', async () => {
    const { tenant, client: own } = await alone();
    const native = await tenant.api.createHook({ url: TARGET });
    const registered = await own.register(registration(TARGET));
    expect(await own.list()).toEqual([registered]);
    expect(deskeraRefusal(await own.request('DELETE', `/v1/webhooks/delete/${native.id}`))).toBe(
      '404 NOT_FOUND',
    );
    const ids = (await tenant.api.pages<{ id: number }>('/v1/hooks?order=asc')).map(({ id }) => id);
    expect(ids).toEqual([native.id, registered.hookId]);
    await tenant.api.expect(204, 'DELETE', `/v1/hooks/${registered.hookId}`);
    expect(await own.list()).toEqual([]);
  });

  test('with the admin key, the header picks the tenant', async () => {
    const { tenant, client: own } = await alone();
    const registered = await own.register(registration(TARGET));
    const operator = new DeskeraClient(relay.url, relay.adminKey);
    const headers = { 'posthorn-tenant': tenant.id };
    expect((await operator.request('GET', '/v1/webhooks', undefined, headers)).body).toEqual([registered]);
    const nowhere = await operator.request('GET', '/v1/webhooks', undefined, { 'posthorn-tenant': 'nobody' });
    expect(deskeraRefusal(nowhere)).toBe('404 NOT_FOUND');
  });
});

describe('x-access-token', () => {
  test.each([
    ['POST', '/v1/webhooks/register'],
    ['DELETE', '/webhook/delete/1'],
    ['GET', '/webhooks'],
  ])('%s %s: missing, empty or wrong is a 401', async (method, path) => {
    const body = method === 'POST' ? registration(TARGET) : undefined;
    for (const key of [null, '', 'wrong', `${shared.key}x`, shared.key.slice(0, -1)]) {
      const reply = await new DeskeraClient(relay.url, key).request(method, path, body);
      expect(deskeraRefusal(reply)).toBe('401 UNAUTHORIZED');
      expect(reply.headers.get('www-authenticate')).not.toBeNull();
    }
  });

  test('the Authorization header is not looked at, nor the token in the body', async () => {
    const nobody = new Api(relay.url, shared.key);
    const body = registration(TARGET, { accessToken: shared.key });
    expect(deskeraRefusal(await nobody.request('POST', '/v1/webhooks/register', body))).toBe(
      '401 UNAUTHORIZED',
    );
  });
});

describe('a registered hook', () => {
  test('gets Deskera’s body byte for byte, and no event of another type', async () => {
    const { tenant, client: own } = await alone();
    const source = await tenant.api.createSource({ provider: 'deskera', name: 'ERP' });
    const { hookId } = await own.register(registration(`${receiver.url}products`));
    const body = sampleBytes('deskera/books_own-product.json');
    const json = { 'content-type': 'application/json; charset=UTF-8' };
    await arrive(source, body, json, '/CREATE_CONTACT');
    const { id } = accepted(await arrive(source, body, json, '/CREATE_PRODUCTS'));
    const [arrival, ...others] = (
      await receiver.waitFor((all) => all.some(({ path }) => path === '/products'))
    ).filter(({ path }) => path === '/products');
    if (arrival === undefined) throw new Error('nothing arrived');
    expect(others).toEqual([]);
    expect(arrival.body.equals(body)).toBe(true);
    expect(arrival.headers).toMatchObject({
      'content-type': 'application/json; charset=UTF-8',
      'webhook-id': id,
      'posthorn-hook': String(hookId),
      'posthorn-sequence': '1',
      'posthorn-type': 'deskera.product.created',
      'posthorn-event': 'CREATE_PRODUCTS',
    });
    const { secret } = (await tenant.api.expect(200, 'GET', `/v1/hooks/${hookId}/secret`)) as {
      secret: string;
    };
    verify(arrival, secret);
  });
});
