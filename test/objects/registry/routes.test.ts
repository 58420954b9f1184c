import { afterEach, describe, expect, it, vi } from 'vitest';
import { credentialHash } from '../../../src/registry/credential.ts';
import { tenantsOf } from '../../../src/registry/address.ts';
import { keyRecordKey, tokenRecordKey, writeRecord } from '../../../src/registry/records.ts';
import { routeOfKey, routeOfToken } from '../../../src/registry/routes.ts';
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
