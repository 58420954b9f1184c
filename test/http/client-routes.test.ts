/** The client has a method for every route of the native API, and calls what the API's own document names. */
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { posthorn, type Posthorn } from '../../client/posthorn.ts';
import { createApp } from '../../src/http/app.ts';

const BASE = 'http://relay.example';
const EVENT = { specversion: '1.0', id: 'a', source: '/a', type: 'com.example.a' } as const;

/** One call for each operation; what it answers does not matter here. */
const CALLS: Readonly<Record<string, (relay: Posthorn) => unknown>> = {
  getHealth: (relay) => relay.health(),
  getMe: (relay) => relay.me(),
  getStats: (relay) => relay.stats(),
  getSeries: (relay) => relay.series({}),
  getMetrics: (relay) => relay.metrics(),
  exportTenant: (relay) => relay.export().next(),
  import: (relay) => relay.import(''),
  reencryptSecrets: (relay) => relay.reencryptSecrets(),
  tailEvents: (relay) => relay.tail().next(),
  listSources: (relay) => relay.sources.list().all(),
  createSource: (relay) => relay.sources.create({ provider: 'deskera', name: 'a' }),
  getSource: (relay) => relay.sources.get('a'),
  updateSource: (relay) => relay.sources.update('a', {}),
  deleteSource: (relay) => relay.sources.delete('a'),
  getSourceSecret: (relay) => relay.sources.secret('a'),
  rotateSourceSecret: (relay) => relay.sources.rotateSecret('a'),
  rotateSourceUrl: (relay) => relay.sources.rotateUrl('a'),
  getSourceSetup: (relay) => relay.sources.setup('a'),
  confirmSource: (relay) => relay.sources.confirm('a'),
  listRefusals: (relay) => relay.sources.refusals('a'),
  listHooks: (relay) => relay.hooks.list().all(),
  createHook: (relay) => relay.hooks.create({ url: 'https://a.example/' }),
  getHook: (relay) => relay.hooks.get(1),
  updateHook: (relay) => relay.hooks.update(1, {}),
  deleteHook: (relay) => relay.hooks.delete(1),
  getHookSecret: (relay) => relay.hooks.secret(1),
  rotateHookSecret: (relay) => relay.hooks.rotateSecret(1),
  getHookPublicKey: (relay) => relay.hooks.publicKey(1),
  pauseHook: (relay) => relay.hooks.pause(1),
  resumeHook: (relay) => relay.hooks.resume(1),
  testHook: (relay) => relay.hooks.test(1),
  listenToHook: (relay) => relay.hooks.listen(1).next(),
  startReplay: (relay) => relay.hooks.replay(1, { from: '2026-01-01T00:00:00Z' }),
  getReplay: (relay) => relay.hooks.getReplay(1),
  cancelReplay: (relay) => relay.hooks.cancelReplay(1),
  retryDeliveries: (relay) => relay.hooks.retry(1),
  cancelDeliveries: (relay) => relay.hooks.cancel(1),
  listAllDeliveries: (relay) => relay.deliveries.list().all(),
  listDeliveries: (relay) => relay.deliveries.ofHook(1).all(),
  getDelivery: (relay) => relay.deliveries.get(1, 'a'),
  retryDelivery: (relay) => relay.deliveries.retry(1, 'a'),
  cancelDelivery: (relay) => relay.deliveries.cancel(1, 'a'),
  listEvents: (relay) => relay.events.list().all(),
  publishEvent: (relay) => relay.events.publish(EVENT),
  getEvent: (relay) => relay.events.get('a'),
  getEventBody: (relay) => relay.events.raw('a'),
  expungeEvent: (relay) => relay.events.expunge('a'),
  createExpunge: (relay) => relay.events.expungeAll({ subject: 'a' }),
  getExpunge: (relay) => relay.events.getExpunge('a'),
  listKeys: (relay) => relay.keys.list().all(),
  createKey: (relay) => relay.keys.create({ name: 'a', role: 'viewer' }),
  revokeKey: (relay) => relay.keys.revoke('a'),
  listTenants: (relay) => relay.tenants.list().all(),
  createTenant: (relay) => relay.tenants.create({ id: 'a' }),
  eraseTenant: (relay) => relay.tenants.delete('a'),
  getSwitches: (relay) => relay.switches.get(),
  setSwitches: (relay) => relay.switches.set({}),
  listProviders: (relay) => relay.providers.list(),
  getProvider: (relay) => relay.providers.get('a'),
  testFilters: (relay) => relay.shaping.testFilters({ filters: [], events: [] }),
  previewTemplate: (relay) => relay.shaping.preview({ template: { contentType: 'text/plain', body: '' } }),
  listTemplates: (relay) => relay.shaping.templates(),
  listAudit: (relay) => relay.audit.list().all(),
  verifyAudit: (relay) => relay.audit.verify(),
};

interface Operation {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
}

interface ApiDocument {
  readonly paths: Record<string, Record<string, { readonly operationId: string; readonly tags: string[] }>>;
}

/** Of the native API: neither what providers call nor what the other APIs have. */
const OTHERS = ['Inbound', 'Deskera', 'SuperOffice'];

async function nativeOperations(): Promise<Operation[]> {
  const response = await createApp().request('/openapi.json', {}, env);
  const { paths } = await response.json<ApiDocument>();
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { operationId, tags }]) =>
      tags.some((tag) => OTHERS.some((other) => tag.startsWith(other)))
        ? []
        : [{ operationId, method, path }],
    ),
  );
}

/** What a method of the client calls first. */
async function callOf(call: (relay: Posthorn) => unknown): Promise<{ method: string; path: string }> {
  const { promise, resolve } = Promise.withResolvers<{ method: string; path: string }>();
  const called = (url: string, method: string) =>
    resolve({ method, path: decodeURIComponent(new URL(url).pathname) });
  const relay = posthorn({
    url: BASE,
    retries: 0,
    fetch: (url, { method = '' }) => {
      called(url, method.toLowerCase());
      return Promise.reject(new Error('no relay'));
    },
    connect: (url) => {
      called(url, 'get');
      return Object.assign(new EventTarget(), { readyState: 0, close() {} }) as unknown as WebSocket;
    },
  });
  void Promise.resolve(call(relay)).catch(() => undefined);
  return promise;
}

function isOf(path: string, template: string): boolean {
  return new RegExp(`^${template.replaceAll(/\{\w+\}/g, '(?:a|1)')}$`).test(path);
}

describe('the client and the API’s document', async () => {
  const operations = await nativeOperations();

  it('name the same operations', () => {
    expect(Object.keys(CALLS).toSorted()).toEqual(
      operations.map(({ operationId }) => operationId).toSorted(),
    );
  });

  it.each(operations)('$operationId is $method $path', async ({ operationId, method, path }) => {
    const call = CALLS[operationId];
    if (call === undefined) throw new Error(`expected a method of the client for ${operationId}`);
    const called = await callOf(call);
    expect(called.method).toBe(method);
    expect(isOf(called.path, path), called.path).toBe(true);
  });
});
