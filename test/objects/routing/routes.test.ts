import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Env } from '../../../src/env.ts';
import { credentialHash, newKey, newToken } from '../../../src/registry/credential.ts';
import { tenantsOf } from '../../../src/registry/address.ts';
import { keyRecordKey, tokenRecordKey, writeRecord } from '../../../src/registry/records.ts';
import { refuseKey, refuseToken, routeOfKey, routeOfToken } from '../../../src/routing/routes.ts';
import { resolveTenant } from '../../../src/routing/tenant-memory.ts';
import { keyIn, kvWith, Log, relay, withoutWaiting } from '../event-log/log.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** A tenant that resolves. */
async function madeTenant(): Promise<Log> {
  const id = `t-${crypto.randomUUID().slice(0, 8)}`;
  const made = await tenantsOf(relay).create(id, '', null);
  if (!made.ok) throw new Error(made.reason);
  return new Log(made.tenant);
}

describe('from a credential to its tenant', () => {
  it.each(['KV', 'the authority, when KV has nothing'])('a key and a token lead there by %s', async (by) => {
    const log = await madeTenant();
    const { tenant, incarnation } = log.tenant;
    const { key, text } = await log.inside((object) => keyIn(object));
    const source = await log.source();
    const tokenHash = source.tokenHash;
    if (by !== 'KV') {
      await relay.REGISTRY.delete(keyRecordKey(key.hash));
      await relay.REGISTRY.delete(tokenRecordKey(tokenHash));
    }
    expect(await routeOfKey(relay, text)).toMatchObject({
      tenant,
      incarnation,
      keyId: key.id,
      hash: key.hash,
    });
    expect(await routeOfToken(relay, source.token)).toMatchObject({
      tenant,
      incarnation,
      sourceId: source.id,
      provider: 'superoffice',
      hash: tokenHash,
    });
  });

  it('nobody gave out: leads nowhere, and asks nobody when it names no tenant', async () => {
    const log = await madeTenant();
    const random = 'A'.repeat(43);
    expect(await routeOfToken(relay, `${log.tenant.tenant}_${random}`)).toBeNull();
    expect(await routeOfKey(relay, `ph_${log.tenant.tenant}_${random}`)).toBeNull();
    expect(await routeOfToken(relay, `never-made_${random}`)).toBeNull();
    const get = vi.spyOn(relay.REGISTRY, 'get');
    for (const text of ['', 'x', `${log.tenant.tenant}_short`, `A_${random}`, `_${random}`]) {
      expect(await routeOfToken(relay, text)).toBeNull();
      expect(await routeOfKey(relay, text)).toBeNull();
    }
    expect(get).not.toHaveBeenCalled();
  });

  it('deleted or revoked before anyone asked: leads nowhere', async () => {
    const log = await madeTenant();
    const { key, text } = await log.inside((object) => keyIn(object));
    const source = await log.source();
    await log.stub.revokeKey(key.id);
    await log.stub.deleteSource(source.id);
    expect(await routeOfKey(relay, text)).toBeNull();
    expect(await routeOfToken(relay, source.token)).toBeNull();
    expect(await log.stub.liveKey(credentialHash(text))).toBeNull();
  });
});

describe('A11: what nobody gave out', () => {
  /** Bindings that count who is asked; `kv` says what KV does. */
  function counting(kv: 'works' | 'fails' = 'works') {
    const asked = { kv: 0, tenants: 0 };
    const get = (key: string) => {
      asked.kv += 1;
      return kv === 'fails' ? Promise.reject(new Error('down')) : relay.REGISTRY.get(key, 'json');
    };
    const getByName = (name: string) => {
      asked.tenants += 1;
      return relay.TENANTS.getByName(name);
    };
    const env = { ...relay, REGISTRY: { get }, TENANTS: { getByName } } as unknown as Env;
    return { env, asked };
  }

  const KINDS = [
    ['a token', routeOfToken, newToken],
    ['a key', routeOfKey, newKey],
  ] as const;

  describe.each(KINDS)('%s', (_, routeOf, make) => {
    const wrong = (text: string) => text.slice(0, -1) + (text.endsWith('x') ? 'y' : 'x');

    it('that carries a wrong checksum is refused without asking anybody', async () => {
      const { tenant } = await madeTenant();
      const { env, asked } = counting();
      for (let number = 0; number < 50; number += 1) {
        expect(await routeOf(env, wrong(make(tenant.tenant)))).toBeNull();
      }
      expect(asked).toEqual({ kv: 0, tenants: 0 });
    });

    it('is asked for once, then refused from memory for a few seconds and no longer', async () => {
      const { tenant } = await madeTenant();
      const { env, asked } = counting();
      const credential = make(tenant.tenant);
      const nowMs = Date.now();
      const clock = vi.spyOn(Date, 'now').mockReturnValue(nowMs);
      for (let number = 0; number < 5; number += 1) expect(await routeOf(env, credential)).toBeNull();
      expect(asked).toEqual({ kv: 1, tenants: 1 });
      clock.mockReturnValue(nowMs + 6_000);
      expect(await routeOf(env, credential)).toBeNull();
      expect(asked).toEqual({ kv: 2, tenants: 2 });
    });

    it('is looked for in KV alone where its sender is limited, and may be right a moment later', async () => {
      const { tenant } = await madeTenant();
      const { env, asked } = counting();
      const credential = make(tenant.tenant);
      expect(await routeOf(env, credential, 'in-kv')).toBeNull();
      expect(asked).toEqual({ kv: 1, tenants: 0 });
      expect(await routeOf(env, credential)).toBeNull();
      expect(asked).toEqual({ kv: 2, tenants: 1 });
    });
  });

  it('a right one is found wherever its sender is limited: in KV, and where KV fails at its authority', async () => {
    for (const kv of ['works', 'fails'] as const) {
      const log = await madeTenant();
      const { text } = await log.inside((object) => keyIn(object));
      const { token } = await log.source();
      const { env } = counting(kv);
      const { incarnation } = log.tenant;
      expect(await routeOfKey(env, text, 'in-kv')).toMatchObject({ incarnation });
      expect(await routeOfToken(env, token, 'in-kv')).toMatchObject({ incarnation });
    }
  });

  it('one that is good no longer is refused without asking, until it might be good again', async () => {
    const log = await madeTenant();
    const { text } = await log.inside((object) => keyIn(object));
    const { token } = await log.source();
    expect(await routeOfKey(relay, text)).not.toBeNull();
    expect(await routeOfToken(relay, token)).not.toBeNull();
    refuseKey(text);
    refuseToken(token);
    const { env, asked } = counting();
    expect(await routeOfKey(env, text)).toBeNull();
    expect(await routeOfToken(env, token)).toBeNull();
    expect(asked).toEqual({ kv: 0, tenants: 0 });
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 6_000);
    expect(await routeOfKey(env, text)).not.toBeNull();
    expect(await routeOfToken(env, token)).not.toBeNull();
  });
});

describe('which tenant a name stands for', () => {
  it('is asked once in a few seconds', async () => {
    const { tenant } = await madeTenant();
    const getByName = vi.spyOn(relay.TENANTS, 'getByName');
    for (let number = 0; number < 5; number += 1) {
      expect(await resolveTenant(relay, tenant.tenant)).toMatchObject({ incarnation: tenant.incarnation });
    }
    expect(getByName).toHaveBeenCalledTimes(1);
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 6_000);
    await resolveTenant(relay, tenant.tenant);
    expect(getByName).toHaveBeenCalledTimes(2);
  });

  it('that there is none is not remembered', async () => {
    const id = `t-${crypto.randomUUID().slice(0, 8)}`;
    expect(await resolveTenant(relay, id)).toBeNull();
    await tenantsOf(relay).create(id, '', null);
    expect(await resolveTenant(relay, id)).toMatchObject({ tenant: id });
  });

  it('a credential of a tenant that was erased and made again is asked for in its present life', async () => {
    const { tenant } = await madeTenant();
    await resolveTenant(relay, tenant.tenant);
    await tenantsOf(relay).erase(tenant.tenant);
    expect(await routeOfKey(relay, newKey(tenant.tenant))).toBeNull();
    await vi.waitUntil(
      () =>
        tenantsOf(relay)
          .create(tenant.tenant, '', null)
          .then(({ ok }) => ok),
      20_000,
    );
    const living = new Log((await tenantsOf(relay).resolve(tenant.tenant)) ?? tenant);
    const { text } = await living.inside((object) => keyIn(object));
    await relay.REGISTRY.delete(keyRecordKey(credentialHash(text)));
    expect(await routeOfKey(relay, text)).toMatchObject({ incarnation: living.tenant.incarnation });
    expect(living.tenant.incarnation).not.toBe(tenant.incarnation);
  });
});

describe('writing a record', () => {
  it('is tried again, and fails aloud when KV takes it at no try', async () => {
    withoutWaiting();
    for (const [failures, outcome] of [
      [0, 'written'],
      [2, 'written'],
      [3, 'failed'],
    ] as const) {
      let tries = 0;
      const put = () => (++tries <= failures ? Promise.reject(new Error('429')) : Promise.resolve());
      const written = writeRecord(kvWith({ put }), 'key', {}).then(
        () => 'written',
        () => 'failed',
      );
      expect(await written).toBe(outcome);
    }
  });
});
