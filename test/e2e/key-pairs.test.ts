/** `signing`: deliveries signed by a key pair, of which the API answers the public half alone. */
import { createPublicKey, verify as verifyEd25519 } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refusal } from '../support/api.ts';
import { type Arrival, type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { type Tenant, newTenant, ownEvent } from '../support/tenant.ts';
import { until } from '../support/until.ts';
import { isVerified, verify } from '../support/verify.ts';

interface PublicKey {
  readonly publicKey: string;
  readonly jwk: { readonly kty: string; readonly crv: string; readonly x: string };
}
type PublicKeys = PublicKey & { readonly keys: readonly (PublicKey & { readonly until: string | null })[] };

let relay: Relay;
let receiver: Receiver;
let tenant: Tenant;
beforeAll(async () => {
  [relay, receiver] = await Promise.all([
    startRelay(),
    startReceiver({ answer: ({ path }) => ({ status: path.startsWith('/fails') ? 500 : 200 }) }),
  ]);
  tenant = await newTenant(relay);
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

async function publicKeys(hookId: number): Promise<PublicKeys> {
  return (await tenant.api.expect(200, 'GET', `/v1/hooks/${hookId}/public-key`)) as PublicKeys;
}

async function nextAt(path: string, count = 1): Promise<Arrival> {
  const here = (all: readonly Arrival[]) => all.filter((arrival) => arrival.path === `/${path}`);
  const arrival = here(await receiver.waitFor((all) => here(all).length >= count))[count - 1];
  if (arrival === undefined) throw new Error(`expected ${count} at ${path}`);
  return arrival;
}

/** The public keys, of these, by which the `v1a` signatures verify, in their order. */
function signedBy({ headers, body }: Arrival, keys: readonly PublicKey[]): (string | undefined)[] {
  const signed = Buffer.concat([
    Buffer.from(`${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.`),
    body,
  ]);
  return versionsOf(headers, 'v1a').map(
    (signature) =>
      keys.find(({ jwk }) =>
        verifyEd25519(
          null,
          signed,
          createPublicKey({ key: jwk, format: 'jwk' }),
          Buffer.from(signature, 'base64'),
        ),
      )?.publicKey,
  );
}

function versionsOf(headers: Arrival['headers'], version: string): string[] {
  const signatures = String(headers['webhook-signature']).split(' ');
  return signatures
    .filter((text) => text.startsWith(`${version},`))
    .map((text) => text.slice(version.length + 1));
}

describe('signing', () => {
  test('ed25519: one v1a signature over the bytes, by the key at /public-key, and none by the secret', async () => {
    const hook = await tenant.api.createHook({
      url: `${receiver.url}pair`,
      events: ['pair.*'],
      signing: 'ed25519',
    });
    const { publicKey, jwk, keys } = await publicKeys(hook.id);
    expect(Buffer.from(publicKey.replace(/^whpk_/, ''), 'base64').toString('base64url')).toBe(jwk.x);
    expect(keys).toEqual([{ publicKey, jwk, until: null }]);
    await tenant.api.publish(ownEvent({ type: 'pair.event', data: { text: 'Bjørn ✅' } }));
    const arrival = await nextAt('pair');
    expect(signedBy(arrival, keys)).toEqual([publicKey]);
    expect(versionsOf(arrival.headers, 'v1')).toEqual([]);
    expect(signedBy({ ...arrival, body: Buffer.concat([arrival.body, Buffer.from(' ')]) }, keys)).toEqual([
      undefined,
    ]);
  });

  test('both: libraries that know v1 alone verify it as well', async () => {
    const hook = await tenant.api.createHook({
      url: `${receiver.url}both`,
      events: ['both.*'],
      signing: 'both',
    });
    await tenant.api.publish(ownEvent({ type: 'both.event' }));
    const arrival = await nextAt('both');
    verify(arrival, hook.secret);
    expect(String(arrival.headers['webhook-signature'])).toMatch(/^v1,\S+ v1a,\S+$/);
    expect(signedBy(arrival, [await publicKeys(hook.id)])).toHaveLength(1);
  });

  test('a test call and a retry by hand are signed like any delivery', async () => {
    const hook = await tenant.api.createHook({
      url: `${receiver.url}fails/by-hand`,
      events: ['byhand'],
      signing: 'ed25519',
    });
    const keys = [await publicKeys(hook.id)];
    const { id } = await tenant.api.publish(ownEvent({ type: 'byhand' }));
    await nextAt('fails/by-hand');
    await until(
      () => tenant.api.delivery(hook.id, id),
      ({ attempts }) => attempts === 1,
    );
    await tenant.api.expect(202, 'POST', `/v1/hooks/${hook.id}/deliveries/${id}/retry`);
    const again = await nextAt('fails/by-hand', 2);
    expect(again.headers['posthorn-replay']).toBe('manual');
    await tenant.api.expect(200, 'POST', `/v1/hooks/${hook.id}/test`);
    for (const arrival of [again, await nextAt('fails/by-hand', 3)]) {
      expect(signedBy(arrival, keys)).toEqual([keys[0]?.publicKey]);
    }
  });

  test('hmac, the default: there is no public key, and a PATCH makes one that stays', async () => {
    const hook = await tenant.api.createHook({ url: `${receiver.url}changes`, events: ['changes.*'] });
    const path = `/v1/hooks/${hook.id}/public-key`;
    expect(refusal(await tenant.api.request('GET', path))).toBe('409 conflict');
    await tenant.api.patchHook(hook.id, { signing: 'ed25519' });
    const { publicKey } = await publicKeys(hook.id);
    await tenant.api.patchHook(hook.id, { signing: null });
    expect((await tenant.api.request('GET', path)).text).toContain('set signing to');
    await tenant.api.publish(ownEvent({ type: 'changes.it' }));
    const arrival = await nextAt('changes');
    expect([isVerified(arrival, hook.secret), versionsOf(arrival.headers, 'v1a')]).toEqual([true, []]);
    await tenant.api.patchHook(hook.id, { signing: 'both' });
    expect((await publicKeys(hook.id)).publicKey).toBe(publicKey);
    expect(refusal(await tenant.api.request('GET', '/v1/hooks/999999/public-key'))).toBe('404 not-found');
  });

  test('another word is refused', async () => {
    const reply = await tenant.api.request('POST', '/v1/hooks', { url: receiver.url, signing: 'rsa' });
    expect(refusal(reply)).toBe('400 invalid /signing');
  });
});

describe('rotate-secret of a hook that signs with a key pair', () => {
  test('A4: in the overlap both pairs sign, newest first, and both public keys are listed; with overlap 0 one is left', async () => {
    const hook = await tenant.api.createHook({
      url: `${receiver.url}rotates`,
      events: ['rotates'],
      signing: 'both',
    });
    const before = await publicKeys(hook.id);
    const rotated = (await tenant.api.expect(200, 'POST', `/v1/hooks/${hook.id}/rotate-secret`)) as {
      secret: string;
    };
    const { keys } = await publicKeys(hook.id);
    expect(keys.map(({ publicKey, until }) => [publicKey === before.publicKey, until === null])).toEqual([
      [false, true],
      [true, false],
    ]);
    await tenant.api.publish(ownEvent({ type: 'rotates' }));
    const inOverlap = await nextAt('rotates');
    expect(signedBy(inOverlap, keys)).toEqual(keys.map(({ publicKey }) => publicKey));
    expect([hook.secret, rotated.secret].map((secret) => isVerified(inOverlap, secret))).toEqual([
      true,
      true,
    ]);
    await tenant.api.expect(200, 'POST', `/v1/hooks/${hook.id}/rotate-secret`, { overlapSeconds: 0 });
    const after = await publicKeys(hook.id);
    expect(after.keys).toHaveLength(1);
    await tenant.api.publish(ownEvent({ type: 'rotates' }));
    expect(signedBy(await nextAt('rotates', 2), [...after.keys, ...keys])).toEqual([after.publicKey]);
  });

  test('five pairs at most', async () => {
    const hook = await tenant.api.createHook({ url: receiver.url, events: ['none'], signing: 'ed25519' });
    const rotate = () => tenant.api.request('POST', `/v1/hooks/${hook.id}/rotate-secret`);
    for (let count = 2; count <= 5; count += 1) expect((await rotate()).status).toBe(200);
    expect(refusal(await rotate())).toBe('409 conflict');
    expect((await publicKeys(hook.id)).keys).toHaveLength(5);
  });
});

test('A6: no secret key is in an answer or in what the relay prints', async () => {
  const hook = await tenant.api.createHook({
    url: `${receiver.url}quiet`,
    events: ['quiet'],
    signing: 'both',
  });
  const answers = [
    hook,
    await tenant.api.patchHook(hook.id, { signing: 'ed25519' }),
    await tenant.api.expect(200, 'POST', `/v1/hooks/${hook.id}/rotate-secret`),
    await tenant.api.expect(200, 'GET', `/v1/hooks/${hook.id}/secret`),
    await publicKeys(hook.id),
    await tenant.api.pages('/v1/hooks'),
  ];
  expect(JSON.stringify(answers)).not.toMatch(/whsk_|secretKey|"d"/);
  expect(relay.logs()).not.toContain('whsk_');
});
