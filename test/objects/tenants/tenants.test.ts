import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Env } from '../../../src/env.ts';
import { tenantsOf } from '../../../src/registry/address.ts';
import type { Tenant } from '../../../src/registry/address.ts';
import type { Tenants } from '../../../src/tenants/tenants.ts';
import {
  arrival,
  clockAhead,
  contactChanged,
  failingKv,
  hangingKv,
  hooksThat,
  kvWith,
  Log,
  patchHookIn,
  publishTo,
  recordsOf,
  relay,
  withoutWaiting,
  type Bindings,
} from '../event-log/log.ts';

beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
});

afterEach(async () => {
  vi.restoreAllMocks();
  await bind({});
});

/** Whatever has failed is tried again by then. */
const LATER_MS = 600_000;

const newId = () => `t-${crypto.randomUUID().slice(0, 8)}`;

function inside<R>(work: (tenants: Tenants, state: DurableObjectState) => R | Promise<R>): Promise<R> {
  return runInDurableObject(tenantsOf(relay), (tenants: Tenants, state) => work(tenants, state));
}

async function bind(bindings: Partial<Env>): Promise<void> {
  await inside((tenants) => {
    (tenants as unknown as Bindings).env = { ...relay, ...bindings };
  });
}

async function crash(): Promise<void> {
  await inside((_tenants, state) => {
    state.abort('crashed by a test');
  }).catch(() => undefined);
}

async function made(id = newId()): Promise<Tenant> {
  const result = await tenantsOf(relay).create(id, 'A name', null);
  if (!result.ok) throw new Error(result.reason);
  return result.tenant;
}

async function stateOf(id: string): Promise<string | null> {
  const rows = await inside((_tenants, { storage }) =>
    storage.sql.exec<{ state: string }>('SELECT state FROM tenants WHERE id = ?', id).toArray(),
  );
  return rows[0]?.state ?? null;
}

/** Wakes by the alarm until the tenant is in this state. */
async function becomes(id: string, state: string | null): Promise<void> {
  let wakes = 0;
  await vi.waitFor(
    async () => {
      clockAhead((wakes += 1) * LATER_MS);
      await runDurableObjectAlarm(tenantsOf(relay));
      expect(await stateOf(id)).toBe(state);
    },
    { interval: 5, timeout: 15_000 },
  );
}

async function isEmpty(stub: DurableObjectStub): Promise<boolean> {
  return runInDurableObject(stub, async (_object, { storage }) => {
    const tables = storage.sql.exec(
      `SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'`,
    );
    return tables.toArray().length === 0 && (await storage.getAlarm()) === null;
  });
}

describe('a tenant', () => {
  it('is in KV and its log is open when the call returns, also after an eviction', async () => {
    const tenant = await made();
    expect(JSON.parse((await recordsOf(tenant.tenant)).get(`tenant:${tenant.tenant}`) ?? '')).toEqual(tenant);
    await evictDurableObject(tenantsOf(relay));
    expect(await tenantsOf(relay).resolve(tenant.tenant)).toEqual(tenant);
    expect((await new Log(tenant).stub.stats()).accepted).toBe(0);
  });

  it('made many times at once is made once', async () => {
    const id = newId();
    const results = await Promise.all(
      Array.from({ length: 10 }, () => tenantsOf(relay).create(id, '', null)),
    );
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    expect(results.filter((result) => !result.ok && result.reason === 'conflict')).toHaveLength(9);
  });

  it('default is there when asked for, once and for all', async () => {
    const asked = await Promise.all(Array.from({ length: 10 }, () => tenantsOf(relay).resolve('default')));
    expect(new Set(asked.map((tenant) => tenant?.incarnation)).size).toBe(1);
    expect(asked[0]?.incarnation).toBeDefined();
    expect(await tenantsOf(relay).resolve('never-made')).toBeNull();
  });

  it.each(['eu', 'us', 'fedramp'] as const)(
    'in %s is refused where there are no jurisdictions',
    async (where) => {
      const id = newId();
      expect(await tenantsOf(relay).create(id, '', where)).toEqual({
        ok: false,
        reason: 'jurisdiction-unavailable',
      });
      expect(await stateOf(id)).toBeNull();
    },
  );

  it('F7: cut while it is made is wholly there afterwards, by the alarm alone', async () => {
    const id = newId();
    await bind({ REGISTRY: hangingKv() });
    await inside((tenants) => {
      void tenants.create(id, '', null).catch(() => undefined);
    });
    expect(await stateOf(id)).toBe('opening');
    await crash();
    await becomes(id, 'open');
    expect((await recordsOf(id)).has(`tenant:${id}`)).toBe(true);
  });

  it('F4: whose step fails is tried again by the alarm more than six times', async () => {
    const id = newId();
    withoutWaiting();
    await bind({ REGISTRY: failingKv() });
    await inside(async (tenants, { storage }) => {
      await expect(tenants.create(id, '', null)).rejects.toThrow('KV is down');
      for (let tries = 0; tries < 10; tries += 1) {
        clockAhead(tries * LATER_MS);
        await tenants.alarm();
        expect(await storage.getAlarm()).not.toBeNull();
      }
    });
    await bind({});
    // B6: who made it was told that it could not be made.
    await becomes(id, null);
    expect([...(await recordsOf(id)).keys()]).toEqual([]);
    expect(await tenantsOf(relay).create(id, '', null)).toMatchObject({ ok: true });
  });

  it('B6: is gone when its erasure is answered, though its log could not be closed yet', async () => {
    const tenant = await made();
    withoutWaiting();
    await bind({ REGISTRY: failingKv() });
    expect(await inside((tenants) => tenants.erase(tenant.tenant))).toBe(true);
    expect(await tenantsOf(relay).resolve(tenant.tenant)).toBeNull();
    await bind({});
    await becomes(tenant.tenant, null);
  });
});

describe('I6: an erased tenant', () => {
  it('leaves no record, payload, key or alarm, however much there was', async () => {
    const tenant = await made();
    const log = new Log(tenant);
    const hookIds: number[] = [];
    for (let at = 0; at < 45; at += 1) hookIds.push(await log.pausedHook());
    for (let at = 0; at < 30; at += 1) {
      await log.inside((object) => object.createKey('k', 'admin', null));
      await log.source();
    }
    await log.deleteHook(hookIds[0] ?? 0);
    await log.inside((object) => publishTo(object));
    await log.settled();
    await log.inside((object) => publishTo(object));

    expect(await tenantsOf(relay).erase(tenant.tenant)).toBe(true);
    expect(await tenantsOf(relay).resolve(tenant.tenant)).toBeNull();
    expect(await tenantsOf(relay).erase(tenant.tenant)).toBe(false);
    await expect(log.inside((object) => object.stats())).rejects.toThrow('tenant-gone');
    await becomes(tenant.tenant, null);

    expect([...(await recordsOf(tenant.tenant)).keys()]).toEqual([]);
    expect(await isEmpty(log.stub)).toBe(true);
    for (const id of hookIds) expect(await isEmpty(log.hook(id))).toBe(true);
  }, 30_000);

  it('made again is another life that meets nothing of the old one', async () => {
    const old = await made();
    const log = new Log(old);
    const source = await log.source();
    await log.pausedHook();
    await tenantsOf(relay).erase(old.tenant);
    await becomes(old.tenant, null);

    const again = await made(old.tenant);
    expect(again.incarnation).not.toBe(old.incarnation);
    const next = new Log(again);
    expect(await next.stub.listSources({ order: 'asc', after: null, limit: 10 })).toEqual([]);
    expect(await next.pausedHook()).toBe(1);
    expect(await next.queueOf(1)).toEqual([]);
    const late = arrival(source.tokenHash, contactChanged('late'));
    await expect(log.inside((object) => object.accept(late))).rejects.toThrow('tenant-gone');
    await expect(log.inside((object) => object.routeOfToken(source.tokenHash))).rejects.toThrow(
      'tenant-gone',
    );
    expect(await isEmpty(log.stub)).toBe(true);
    expect(await next.stub.accept(late)).toEqual({ kind: 'unknown-source' });
  });

  it('is erased though every step of it is cut once', async () => {
    const tenant = await made();
    const log = new Log(tenant);
    for (let at = 0; at < 3; at += 1) await log.pausedHook();
    await log.source();
    const cuts = new Set<string>();
    const cutAtEach = () =>
      log.inside((object, state) => {
        const REGISTRY = kvWith({
          delete: async (key) => {
            if (!cuts.has(key)) {
              cuts.add(key);
              // What was written before is on disk by then, as it is when a real call goes out.
              await state.storage.sync();
              state.abort('crashed by a test');
            }
            await relay.REGISTRY.delete(key);
          },
        });
        (object as unknown as Bindings).env = { ...relay, REGISTRY };
      });
    await tenantsOf(relay).erase(tenant.tenant);
    for (let wakes = 0; (await stateOf(tenant.tenant)) !== null; wakes += 1) {
      if (wakes === 100) throw new Error(`not erased after ${cuts.size} cuts`);
      await cutAtEach();
      clockAhead(wakes * LATER_MS);
      await runDurableObjectAlarm(tenantsOf(relay));
    }
    expect(cuts.size).toBe(5);
    expect([...(await recordsOf(tenant.tenant)).keys()]).toEqual([]);
    expect(await isEmpty(log.stub)).toBe(true);
    for (const id of [1, 2, 3]) expect(await isEmpty(log.hook(id))).toBe(true);
  }, 20_000);

  it('while it is being made does not come back to life', async () => {
    const id = newId();
    const { promise: started, resolve: start } = Promise.withResolvers<null>();
    const { promise: released, resolve: release } = Promise.withResolvers<null>();
    const slow = kvWith({
      put: async (key: string, value: unknown) => {
        start(null);
        await released;
        await relay.REGISTRY.put(key, value as string);
      },
    });
    await bind({ REGISTRY: slow });
    await inside(async (tenants) => {
      const making = tenants.create(id, '', null).then(
        () => 'made',
        () => 'refused',
      );
      await started;
      const erasing = tenants.erase(id);
      release(null);
      expect(await making).toBe('refused');
      expect(await erasing).toBe(true);
    });
    await bind({});
    expect(await tenantsOf(relay).resolve(id)).toBeNull();
    await becomes(id, null);
    expect([...(await recordsOf(id)).keys()]).toEqual([]);
  });

  it('whose log is in the middle of a wake with something to tell is not told of afterwards', async () => {
    const tenant = await made();
    const log = new Log(tenant);
    const id = await log.pausedHook();
    withoutWaiting();
    await log.bind({ REGISTRY: failingKv() });
    await log.inside((object) => patchHookIn(object, id, { name: 'x' }).catch(() => undefined));
    const { promise: answer, reject } = Promise.withResolvers<never>();
    await log.bind({ HOOK: hooksThat(() => answer) });
    await log.inside(async (object) => {
      publishTo(object);
      const wake = object.alarm();
      object.close();
      (object as unknown as Bindings).env = relay;
      while ((await object.erase()).kind === 'more');
      await object.eraseRest();
      reject(new Error('too late'));
      await wake;
    });
    expect([...(await recordsOf(tenant.tenant)).keys()]).toEqual([`tenant:${tenant.tenant}`]);
    expect(await isEmpty(log.stub)).toBe(true);
    expect(await isEmpty(log.hook(id))).toBe(true);
  });
});
