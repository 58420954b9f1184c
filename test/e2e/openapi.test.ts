/** The API's description: a valid document that lists exactly what there is, and a page that shows it. */
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api } from '../support/api.ts';
import { lintWithRedocly, lintWithSpectral } from '../support/openapi-linters.ts';
import { type ApiDocument, type Answers, answersOf } from '../support/answers.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { newTenant } from '../support/tenant.ts';

let relay: Relay;
let answers: Answers;
let document: ApiDocument;
beforeAll(async () => {
  relay = await startRelay();
  answers = await answersOf(relay.url);
  ({ document } = answers);
});
afterAll(() => relay.dispose());

/** Every route of contract §4 and §5 that is there. */
const ROUTES = [
  'GET /healthz',
  'GET /in/{token}',
  'OPTIONS /in/{token}',
  'OPTIONS /in/{token}/{eventType}',
  'POST /in/{token}',
  'GET /in/{token}/{eventType}',
  'POST /in/{token}/{eventType}',
  'GET /v1/tenants',
  'POST /v1/tenants',
  'DELETE /v1/tenants/{id}',
  'GET /v1/providers',
  'GET /v1/providers/{id}',
  'GET /v1/me',
  'GET /v1/keys',
  'POST /v1/keys',
  'DELETE /v1/keys/{id}',
  'GET /v1/sources',
  'POST /v1/sources',
  'GET /v1/sources/{id}',
  'GET /v1/sources/{id}/refusals',
  'PATCH /v1/sources/{id}',
  'DELETE /v1/sources/{id}',
  'GET /v1/sources/{id}/secret',
  'GET /v1/sources/{id}/setup',
  'POST /v1/sources/{id}/confirm',
  'POST /v1/sources/{id}/rotate-secret',
  'POST /v1/sources/{id}/rotate-url',
  'GET /v1/hooks',
  'POST /v1/hooks',
  'POST /v1/filters/test',
  'POST /v1/templates/preview',
  'GET /v1/templates',
  'GET /v1/hooks/{id}',
  'PATCH /v1/hooks/{id}',
  'DELETE /v1/hooks/{id}',
  'GET /v1/hooks/{id}/secret',
  'POST /v1/hooks/{id}/rotate-secret',
  'GET /v1/hooks/{id}/public-key',
  'POST /v1/hooks/{id}/pause',
  'POST /v1/hooks/{id}/resume',
  'POST /v1/hooks/{id}/test',
  'GET /v1/hooks/{id}/listen',
  'GET /v1/tail',
  'GET /metrics',
  'GET /v1/deliveries',
  'GET /v1/hooks/{id}/deliveries',
  'GET /v1/hooks/{id}/deliveries/{eventId}',
  'POST /v1/hooks/{id}/deliveries/{eventId}/retry',
  'POST /v1/hooks/{id}/deliveries/{eventId}/cancel',
  'POST /v1/hooks/{id}/retry',
  'POST /v1/hooks/{id}/cancel',
  'POST /v1/hooks/{id}/replay',
  'GET /v1/hooks/{id}/replay',
  'DELETE /v1/hooks/{id}/replay',
  'GET /v1/events',
  'POST /v1/events',
  'GET /v1/events/{id}',
  'DELETE /v1/events/{id}',
  'GET /v1/events/{id}/raw',
  'GET /v1/export',
  'POST /v1/import',
  'GET /v1/stats',
  'GET /v1/stats/series',
  'POST /v1/expunges',
  'GET /v1/expunges/{id}',
  'GET /v1/audit',
  'GET /v1/audit/verify',
  'GET /v1/switches',
  'PUT /v1/switches',
  'POST /v1/secrets/reencrypt',
];

/** Those of contract §8, in each spelling of their base. */
const DIALECT_ROUTES = [
  ...['/v1/webhooks', '/v1/webhook', '/webhooks', '/webhook'].flatMap((base) => [
    `POST ${base}/register`,
    `DELETE ${base}/delete/{id}`,
    `GET ${base}`,
  ]),
  ...['/api/v1/Webhook', '/{tenant}/api/v1/Webhook'].flatMap((base) => [
    `GET ${base}/default`,
    `GET ${base}`,
    `POST ${base}`,
    `GET ${base}/{id}`,
    `PUT ${base}/{id}`,
    `PATCH ${base}/{id}`,
    `DELETE ${base}/{id}`,
    `POST ${base}/Test`,
    `GET ${base}/{id}/LastError`,
    `POST ${base}/{eventName}/{primaryKey}`,
  ]),
  ...['/api/v1/Agents/Webhook', '/{tenant}/api/v1/Agents/Webhook'].flatMap((base) => [
    `POST ${base}/CreateDefaultWebhook`,
    `POST ${base}/SaveWebhook`,
    `POST ${base}/DeleteWebhook`,
    `POST ${base}/GetWebhook`,
    `POST ${base}/GetAllWebhooks`,
    `POST ${base}/TestWebhook`,
    `POST ${base}/SignalEvent`,
    `POST ${base}/GetLastError`,
  ]),
];

interface Described {
  readonly operationId: string;
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly example?: unknown }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly example?: object }>> }>
  >;
}

function isDialect(path: string): boolean {
  return DIALECT_ROUTES.some((route) => route.endsWith(` ${path}`));
}

function routesOf({ paths }: ApiDocument): string[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );
}

describe('I8: /openapi.json', () => {
  test('is a valid OpenAPI 3.1 document', async () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    const { valid, errors } = await new Validator().validate(
      structuredClone(document) as unknown as Record<string, unknown>,
    );
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
  });

  test('lists every route there is, and no other', () => {
    expect(routesOf(document).sort()).toEqual([...ROUTES, ...DIALECT_ROUTES].sort());
  });

  test('every route it lists is one of the relay', async () => {
    const { api, key } = await newTenant(relay);
    const operator = new Api(relay.url, relay.adminKey);
    for (const route of routesOf(document)) {
      const [method = '', path = ''] = route.split(' ');
      const concrete = path.replaceAll(/\{\w+\}/g, 'x');
      const caller = path.startsWith('/v1/tenants') ? operator : api;
      const reply = await caller.request(method, concrete);
      const noSuchPath = reply.status === 404 && /no such path/i.test(reply.text);
      expect([route, reply.status === 405 || noSuchPath]).toEqual([route, false]);
    }
    expect(key).toMatch(/^ph_/);
  });

  test('every reference leads somewhere, and every schema compiles', () => {
    const names = Object.keys(document.components.schemas);
    expect(names).toEqual(expect.arrayContaining(['Problem', 'Hook', 'Source', 'Envelope', 'NewHook']));
    for (const name of names) answers.schema('components', 'schemas', name);
    const references = JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g);
    for (const [, name] of references) expect(names).toContain(name);
  });

  test('every example fits its schema', () => {
    const found: string[] = [];
    const walk = (value: unknown, place: readonly string[]) => {
      if (typeof value !== 'object' || value === null) return;
      if ('example' in value && place.at(-1) !== 'properties') {
        found.push(place.join('/'));
        const validate = answers.schema(...('schema' in value ? [...place, 'schema'] : place));
        expect([place, validate(value.example)]).toEqual([place, true]);
      }
      for (const [name, below] of Object.entries(value)) walk(below, [...place, name]);
    };
    walk(document.paths, ['paths']);
    walk(document.components, ['components']);
    expect(found.length).toBeGreaterThan(2);
  });

  test('every keyed route documents what its gate answers; every other needs no key', () => {
    for (const [path, item] of Object.entries(document.paths)) {
      for (const operation of Object.values(item)) {
        const isKeyed = path.startsWith('/v1/') || path === '/metrics' || isDialect(path);
        const { security } = operation as { readonly security?: readonly unknown[] };
        expect([path, security?.length !== 0]).toEqual([path, isKeyed]);
        if (isKeyed)
          expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['401', '403', '503']));
      }
    }
  });

  test('each dialect has its own credential and its own shape of errors', () => {
    for (const route of DIALECT_ROUTES) {
      const [method = '', path = ''] = route.split(' ');
      const operation = document.paths[path]?.[method.toLowerCase()] as unknown as {
        tags: string[];
        security: Record<string, []>[];
        responses: Record<string, { content?: Record<string, { schema: { $ref: string } }> }>;
      };
      const isDeskera = !path.includes('/api/');
      expect(operation.tags).toEqual([isDeskera ? 'Deskera dialect' : 'SuperOffice dialect']);
      expect(operation.security.flatMap((scheme) => Object.keys(scheme))).toEqual(
        isDeskera ? ['accessToken'] : ['key', 'ticket', 'basic'],
      );
      const shape = isDeskera ? 'DeskeraError' : 'SuperOfficeError';
      for (const [status, { content }] of Object.entries(operation.responses)) {
        if (Number(status) < 400) continue;
        expect(content?.['application/json']?.schema.$ref).toBe(`#/components/schemas/${shape}`);
      }
    }
  });

  test('every request of an example is taken, and answered with the members of the example', async () => {
    const { id, api } = await newTenant(relay);
    const operator = new Api(relay.url, relay.adminKey, id);
    const source = await api.createSource({ provider: 'stripe', name: 's', secret: 'whsec_example' });
    const hook = await api.createHook({
      url: 'https://receiver.example.com/',
      events: ['none'],
      paused: true,
    });
    const ids: Readonly<Record<string, string>> = { sources: source.id, hooks: String(hook.id) };
    const seen: string[] = [];
    for (const [path, item] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(item) as [string, Described][]) {
        const example = Object.values(operation.requestBody?.content ?? {})[0]?.example;
        if (example === undefined || operation.operationId === 'createTenant') continue;
        seen.push(operation.operationId);
        const to = path.replace('{id}', ids[path.split('/')[2] ?? ''] ?? '');
        const caller = path === '/v1/switches' ? operator : api;
        const reply = await caller.request(method.toUpperCase(), to, example);
        expect([operation.operationId, reply.status, reply.text]).toEqual([
          operation.operationId,
          expect.toSatisfy((status: number) => status >= 200 && status < 300),
          expect.anything(),
        ]);
        const answer = Object.values(operation.responses[reply.status]?.content ?? {})[0]?.example;
        if (answer !== undefined)
          expect(Object.keys(answer).sort()).toEqual(Object.keys(reply.body as object).sort());
      }
    }
    expect(seen.length).toBeGreaterThan(10);
  });

  test('every call has a name of its own', () => {
    const names = Object.values(document.paths).flatMap((item) =>
      (Object.values(item) as unknown as Described[]).map(({ operationId }) => operationId),
    );
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
    expect(names).toContain('createHook');
  });

  test('needs no key', async () => {
    const response = await fetch(`${relay.url}/openapi.json`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  });
});

describe('/docs', () => {
  test('is a page of HTML that lists every route, every shape and every problem', async () => {
    const response = await fetch(`${relay.url}/docs`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/html/);
    const html = await response.text();
    for (const route of routesOf(document)) expect(html).toContain(`<code>${route}</code>`);
    for (const name of Object.keys(document.components.schemas))
      expect(html).toContain(`id="schema-${name}"`);
    const codes = (document.components.schemas['Problem'] as { properties: { code: { enum: string[] } } })
      .properties.code.enum;
    for (const code of codes) expect(html).toContain(`id="${code}"`);
  });

  test('every link in it leads to a place in it, or to the document', async () => {
    const html = await (await fetch(`${relay.url}/docs`)).text();
    const links = [...html.matchAll(/href="([^"]+)"/g)].map(([, link = '']) => link);
    expect(links.length).toBeGreaterThan(10);
    for (const link of new Set(links)) {
      if (link.startsWith('#')) expect(html).toContain(`id="${link.slice(1)}"`);
      else expect((await fetch(new globalThis.URL(link, relay.url))).status).toBe(200);
    }
  });

  test('tells the native calls first, and is small', async () => {
    const html = await (await fetch(`${relay.url}/docs`)).text();
    expect(html.length).toBeLessThan(120_000);
    expect(html.indexOf('POST /v1/hooks')).toBeLessThan(html.indexOf('POST /v1/webhooks/register'));
  });

  test('loads nothing from elsewhere and runs nothing', async () => {
    const html = await (await fetch(`${relay.url}/docs`)).text();
    // Examples show URLs as text.
    expect(html).not.toMatch(/<script|<link|<img|="?https?:|url\(|@import/);
  });

  test('the type of every problem is an anchor in it', async () => {
    const html = await (await fetch(`${relay.url}/docs`)).text();
    const reply = await new Api(relay.url, null).request('GET', '/v1/hooks');
    const [page, anchor] = (reply.body as { type: string }).type.split('#');
    expect(page).toBe('/docs');
    expect(html).toContain(`id="${String(anchor)}"`);
  });
});

// Last: they keep the process busy for seconds, and connections that the relay has closed meanwhile would be used again.
describe('the linters', () => {
  test('passes the recommended rules of Redocly and Spectral without a warning', async () => {
    const text = JSON.stringify(document);
    expect(await lintWithRedocly(text)).toEqual([]);
    expect(await lintWithSpectral(text)).toEqual([]);
  });
});
