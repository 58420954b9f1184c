/** Hooks that log in to their receivers, and sign as these already check. */
import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Problem, refusal } from '../support/api.ts';
import { createWebhook, putWebhook, superofficeRefusal, webhook, WEBHOOKS } from '../support/dialects.ts';
import { type Answer, type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { type Tenant, newTenant, ownEvent } from '../support/tenant.ts';
import { until } from '../support/until.ts';

let relay: Relay;
let receiver: Receiver;
let tokens: Receiver;
let tenant: Tenant;
beforeAll(async () => {
  [relay, receiver, tokens] = await Promise.all([startRelay(), startReceiver(), startReceiver()]);
  tenant = await newTenant(relay);
});
afterEach(() => {
  receiver.answerWith({ status: 200 });
});
afterAll(() => Promise.all([relay.dispose(), receiver.close(), tokens.close()]));

async function arrivalsAt(path: string, count = 1) {
  const at = (arrivals: Receiver['arrivals']) => arrivals.filter((arrival) => arrival.path === `/${path}`);
  return at(await receiver.waitFor((arrivals) => at(arrivals).length >= count));
}

const hookTo = (path: string, members: Record<string, unknown>) =>
  tenant.api.createHook({ url: receiver.url + path, events: [`l.${path}`], ...members });
const publish = (path: string, data: unknown = {}) =>
  tenant.api.publish(ownEvent({ type: `l.${path}`, data }));

const oauth = (path: string, members: Record<string, unknown> = {}) => ({
  type: 'oauth2',
  tokenUrl: tokens.url + path,
  clientId: 'relay',
  clientSecret: 'client-s3cret',
  ...members,
});
const asked = (path: string) => tokens.arrivals.filter((arrival) => arrival.path === `/${path}`);
/** Answers `token-1`, `token-2`, … to each path. */
const numbered =
  (expiresIn: number) =>
  (path: string): Answer => ({
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      access_token: `${path.slice(1)}-${asked(path.slice(1)).length}`,
      token_type: 'Bearer',
      expires_in: expiresIn,
    }),
  });

describe('a login', () => {
  test('by a token', async () => {
    await hookTo('bearer', { auth: { type: 'bearer', token: 'a-b.c' } });
    await publish('bearer');
    expect((await arrivalsAt('bearer'))[0]?.headers.authorization).toBe('Bearer a-b.c');
  });

  test('by a name and a password', async () => {
    await hookTo('basic', { auth: { type: 'basic', username: 'relay', password: 'pässword:1' } });
    await publish('basic');
    const { authorization = '' } = (await arrivalsAt('basic'))[0]?.headers ?? {};
    expect(Buffer.from(authorization.replace('Basic ', ''), 'base64').toString()).toBe('relay:pässword:1');
  });

  test('goes with a test event too', async () => {
    const hook = await hookTo('tried', { auth: { type: 'bearer', token: 'tried-token' } });
    expect(await tenant.api.expect(200, 'POST', `/v1/hooks/${hook.id}/test`)).toMatchObject({
      delivered: true,
    });
    expect((await arrivalsAt('tried'))[0]?.headers.authorization).toBe('Bearer tried-token');
  });
});

describe('OAuth 2.0', () => {
  test('SuperOffice’s dialect tries a target out with a token of its own, and refuses where there is none', async () => {
    tokens.answerWith(({ path }) => numbered(3600)(path));
    const { WebhookId: id } = await createWebhook(tenant, webhook(`${receiver.url}saved`));
    await tenant.api.expect(200, 'PATCH', `/v1/hooks/${id}`, { auth: oauth('saved') });
    receiver.answerWith(({ headers }) => ({
      status: headers.authorization?.startsWith('Bearer saved-') === true ? 200 : 401,
    }));
    await putWebhook(tenant, id, webhook(`${receiver.url}saved-2`));
    expect((await arrivalsAt('saved-2'))[0]?.headers.authorization).toBe('Bearer saved-1');

    tokens.answerWith({ status: 403, body: 'no client-s3cret' });
    const reply = await tenant.api.request('PUT', `${WEBHOOKS}/${id}`, webhook(`${receiver.url}saved-3`));
    expect(superofficeRefusal(reply)).toEqual([
      '400 ArgumentException',
      expect.stringMatching(/^Webhook: the test event cannot be sent: .*403/) as string,
    ]);
    expect(reply.text).not.toContain('s3cret');
  });

  test('one token for a thousand deliveries, six of them at a time', async () => {
    tokens.answerWith(({ path }) => ({ ...numbered(3600)(path), delayMs: 200 }));
    const hook = await hookTo('many', {
      auth: oauth('many', { scope: 'a b', audience: 'https://api' }),
      concurrency: 6,
      ordering: 'none',
      paused: true,
    });
    for (let at = 0; at < 10; at += 1) await Promise.all(Array.from({ length: 100 }, () => publish('many')));
    await tenant.api.expect(200, 'POST', `/v1/hooks/${hook.id}/resume`);
    const arrivals = await arrivalsAt('many', 1_000);
    expect(new Set(arrivals.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer many-1']));
    const [request, ...others] = asked('many');
    expect(others).toEqual([]);
    expect(request?.method).toBe('POST');
    expect(request?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from('relay:client-s3cret').toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(request?.body.toString()).toBe(
      'grant_type=client_credentials&scope=a+b&audience=https%3A%2F%2Fapi',
    );
  });

  test('credentials in the form, where the server wants them there', async () => {
    tokens.answerWith(({ path }) => numbered(3600)(path));
    await hookTo('form', { auth: oauth('form', { credentials: 'body' }) });
    await publish('form');
    await arrivalsAt('form');
    expect(asked('form')[0]?.headers.authorization).toBeUndefined();
    expect(asked('form')[0]?.body.toString()).toBe(
      'grant_type=client_credentials&client_id=relay&client_secret=client-s3cret',
    );
  });

  test('the token outlives a restart, and is fetched anew when it is about to expire', async () => {
    tokens.answerWith(({ path }) => numbered(path === '/short' ? 61 : 3600)(path));
    await hookTo('kept', { auth: oauth('kept') });
    await publish('kept');
    await arrivalsAt('kept');
    const short = await hookTo('short', { auth: oauth('short') });
    await publish('short');
    await arrivalsAt('short');
    await until(
      async () => {
        await tenant.api.expect(200, 'POST', `/v1/hooks/${short.id}/test`);
        return asked('short').length;
      },
      (times) => times >= 2,
    );
    await relay.restart();
    await publish('kept');
    await arrivalsAt('kept', 2);
    expect(asked('kept')).toHaveLength(1);
  });

  test('a 401 brings one new token and one more try, within the attempt', async () => {
    tokens.answerWith(({ path }) => numbered(3600)(path));
    receiver.answerWith(({ headers }) => ({
      status: headers.authorization === 'Bearer renewed-2' ? 200 : 401,
    }));
    const hook = await hookTo('renewed', { auth: oauth('renewed') });
    const { id } = await publish('renewed');
    await until(
      () => tenant.api.explain(id, hook.id),
      ({ status }) => status === 'delivered',
    );
    expect((await tenant.api.explain(id, hook.id)).attempts).toBe(1);
    expect((await arrivalsAt('renewed', 2)).map(({ headers }) => headers.authorization)).toEqual([
      'Bearer renewed-1',
      'Bearer renewed-2',
    ]);
  });

  test('a receiver that answers 401 to every token fails the attempt, once renewed', async () => {
    tokens.answerWith(({ path }) => numbered(3600)(path));
    receiver.answerWith({ status: 401 });
    const hook = await hookTo('refusing', { auth: oauth('refusing'), retry: { scheduleSeconds: [3600] } });
    const { id } = await publish('refusing');
    const { attemptLog } = await until(
      () => tenant.api.delivery(hook.id, id),
      ({ attempts }) => attempts === 1,
    );
    expect(attemptLog).toMatchObject([{ statusCode: 401, error: 'status', outcome: 'failed' }]);
    expect(asked('refusing')).toHaveLength(2);
  });

  test.each<[string, Answer, string]>([
    [
      'refusal',
      { status: 400, body: '{"error":"invalid_client","error_description":"client-s3cret"}' },
      'answered 400',
    ],
    ['html', { body: '<html>client-s3cret</html>' }, 'no JSON object'],
    ['redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }, 'answered 302'],
    ['empty', { body: '{}' }, 'no access_token'],
    ['reset', { kind: 'reset' }, 'could not be reached'],
    ['garbage', { kind: 'garbage' }, 'could not be reached'],
    ['flood', { kind: 'flood', bodyBytes: 20_000_000 }, 'no JSON object'],
  ])(
    'no token (%s): nothing is sent, the attempt has failed, and says why without secrets',
    async (name, answer, words) => {
      tokens.answerWith(answer);
      const hook = await hookTo(name, { auth: oauth(name), retry: { scheduleSeconds: [1] } });
      const { id } = await publish(name);
      const failed = await until(
        () => tenant.api.delivery(hook.id, id),
        ({ attempts }) => attempts >= 1,
      );
      expect(failed.attemptLog[0]).toMatchObject({ error: 'auth', statusCode: null, outcome: 'failed' });
      expect(failed.attemptLog[0]?.detail).toContain(words);
      expect(JSON.stringify(await tenant.api.hook(hook.id))).not.toContain('s3cret');
      expect(JSON.stringify(failed)).not.toContain('s3cret');
      tokens.answerWith(({ path }) => numbered(3600)(path));
      await arrivalsAt(name);
    },
  );

  test('another login has another token', async () => {
    tokens.answerWith(({ path }) => numbered(3600)(path));
    const hook = await hookTo('other', { auth: oauth('other') });
    await publish('other');
    await arrivalsAt('other');
    await tenant.api.patchHook(hook.id, { auth: { scope: 'more' } });
    await publish('other');
    const [, second] = await arrivalsAt('other', 2);
    expect(second?.headers.authorization).toBe('Bearer other-2');
    expect(asked('other')[1]?.body.toString()).toContain('scope=more');
  });
});

describe('what a receiver echoes', () => {
  test('is masked, whatever credential it is', async () => {
    tokens.answerWith(({ path }) => ({ body: `{"access_token":"the-access-token${path}"}` }));
    receiver.answerWith(({ headers, path }) => ({
      status: 500,
      headers: { 'x-echo': headers.authorization ?? '' },
      body: `${headers.authorization ?? ''} ${path === '/echo-basic' ? 'hunter2-password' : ''} sign-secret-1`,
    }));
    const logins = [
      ['echo-bearer', { type: 'bearer', token: 'the-bearer-token' }],
      ['echo-basic', { type: 'basic', username: 'relay', password: 'hunter2-password' }],
      ['echo-oauth', oauth('echo-oauth')],
    ] as const;
    for (const [path, auth] of logins) {
      const signature = {
        header: 'x-sig',
        secret: 'sign-secret-1',
        scheme: 'hmac',
        digest: 'sha256',
        key: 'text',
        encoding: 'hex',
        message: ['{body}'],
      };
      const hook = await hookTo(path, { auth, signatures: [signature], retry: { scheduleSeconds: [3600] } });
      const { id } = await publish(path);
      const delivery = await until(
        () => tenant.api.delivery(hook.id, id),
        ({ attempts }) => attempts === 1,
      );
      const kept = JSON.stringify([delivery, await tenant.api.hook(hook.id)]);
      expect(kept).toContain('***');
      expect(kept).not.toMatch(/the-bearer-token|hunter2|the-access-token|sign-secret|cmVsYXk6aHVudGVy/);
    }
  });
});

describe('further signatures', () => {
  const signature = {
    header: 'X-Hub-Signature-256',
    secret: 'It is a secret',
    scheme: 'hmac',
    digest: 'sha256',
    key: 'text',
    encoding: 'hex',
    prefix: 'sha256=',
    message: ['{body}'],
  };
  const stripe = {
    ...signature,
    header: 'stripe-signature',
    prefix: 't={timestamp},v1=',
    message: ['{timestamp}', '.', '{body}'],
  };

  test('are made over what is sent, beside the relay’s own', async () => {
    const hook = await hookTo('signed', { signatures: [signature, stripe] });
    await publish('signed', { ä: 1 });
    await tenant.api.expect(200, 'POST', `/v1/hooks/${hook.id}/test`);
    for (const { headers, body } of await arrivalsAt('signed', 2)) {
      const hmac = (text: string | Buffer) => createHmac('sha256', signature.secret).update(text);
      expect(headers['x-hub-signature-256']).toBe(`sha256=${hmac(body).digest('hex')}`);
      const timestamp = String(headers['webhook-timestamp']);
      const expected = hmac(Buffer.concat([Buffer.from(`${timestamp}.`), body])).digest('hex');
      expect(headers['stripe-signature']).toBe(`t=${timestamp},v1=${expected}`);
      expect(headers['webhook-signature']).toMatch(/^v1,/);
    }
  });

  test('are over what a template makes of it, and know each try of an attempt', async () => {
    const over = {
      ...signature,
      header: 'x-over',
      prefix: '',
      message: ['{header:authorization}', '{method}', '{url}', '{body}'],
    };
    await hookTo('over', {
      signatures: [over],
      auth: { type: 'bearer', token: 'over-token' },
      format: 'template',
      template: { contentType: 'text/plain', body: 'hello' },
    });
    await publish('over');
    const [arrival] = await arrivalsAt('over');
    expect(arrival?.headers['x-over']).toBe(
      createHmac('sha256', signature.secret)
        .update(`Bearer over-tokenPOST${receiver.url}overhello`)
        .digest('hex'),
    );
  });

  test.each<[unknown, string]>([
    [[signature, signature], '/signatures/1/header'],
    [[{ ...signature, header: 'webhook-signature' }], '/signatures/0/header'],
    [[{ ...signature, header: 'content-type' }], '/signatures/0/header'],
    [[{ ...signature, header: 'x y' }], '/signatures/0/header'],
    [[{ ...signature, header: 'x-own' }], '/signatures/0/header'],
    [[{ ...signature, scheme: 'ed25519' }], '/signatures/0/scheme'],
    [[{ ...signature, digest: 'md5' }], '/signatures/0/digest'],
    [[{ ...signature, secret: '' }], '/signatures/0/secret'],
    [[{ ...signature, secret: '***' }], '/signatures/0/secret'],
    [[{ ...signature, message: ['{secret}', '{body}'] }], '/signatures/0/message/0'],
    [[{ ...signature, more: 1 }], '/signatures/0/more'],
    [[signature, stripe, { ...signature, header: 'a' }, { ...signature, header: 'b' }], '/signatures'],
  ])('refused: %j', async (signatures, path) => {
    const body = { url: receiver.url, events: ['l.bad'], headers: { 'x-own': '1' }, signatures };
    expect(refusal(await tenant.api.request('POST', '/v1/hooks', body))).toBe(`400 invalid ${path}`);
  });
});

describe('what is write-only', () => {
  interface Shown {
    id: number;
    auth: Record<string, string> | null;
    signatures: { header: string; secret: string }[];
    dropped?: string[];
  }
  const patch = (id: number, members: unknown) =>
    tenant.api.expect(200, 'PATCH', `/v1/hooks/${id}`, members) as Promise<Shown>;

  test('is shown as the mask, which sent back keeps it', async () => {
    const sign = {
      header: 'x-a',
      secret: 'a-secret',
      scheme: 'hmac',
      digest: 'sha1',
      key: 'text',
      encoding: 'base64',
      message: ['{body}'],
    };
    const hook = await hookTo('mask', {
      auth: { type: 'basic', username: 'u', password: 'p-secret' },
      signatures: [sign],
    });
    const shown = (await tenant.api.expect(200, 'GET', `/v1/hooks/${hook.id}`)) as Shown;
    expect(shown.auth).toEqual({ type: 'basic', username: 'u', password: '***' });
    expect(shown.signatures).toEqual([{ ...sign, secret: '***' }]);
    expect(await patch(hook.id, shown)).toMatchObject({ auth: shown.auth, signatures: shown.signatures });
    await publish('mask', 1);
    const [arrival] = await arrivalsAt('mask');
    expect(arrival?.headers.authorization).toBe(`Basic ${Buffer.from('u:p-secret').toString('base64')}`);
    expect(arrival?.headers['x-a']).toBe(
      createHmac('sha1', 'a-secret')
        .update(arrival?.body ?? '')
        .digest('base64'),
    );
    const lines = (await tenant.api.request('GET', '/v1/export')).text;
    expect(lines).not.toMatch(/p-secret|a-secret/);
    const withSecrets = (await tenant.api.request('GET', '/v1/export?secrets=true')).text;
    expect(withSecrets).toMatch(/"password":"p-secret"/);
    expect(withSecrets).toMatch(/"secret":"a-secret"/);
  });

  test('stays behind when the hook moves to another host, and signatures go along', async () => {
    const { id } = await hookTo('moved', {
      auth: { type: 'bearer', token: 'moved-token' },
      headers: { 'x-key': 'moved-key' },
    });
    const moved = await patch(id, { url: tokens.url, auth: { type: 'bearer', token: '***' } });
    expect(moved).toMatchObject({ auth: null, dropped: ['headers', 'auth'] });
    const again = await patch(id, { url: receiver.url, auth: { type: 'bearer', token: 'new-token' } });
    expect(again.auth).toEqual({ type: 'bearer', token: '***' });
    expect(again).not.toHaveProperty('dropped');
  });

  test('a client secret does not go to another token server', async () => {
    const { id } = await hookTo('server', { auth: oauth('server') });
    const auth = { tokenUrl: `${receiver.url}other` };
    expect(refusal(await tenant.api.request('PATCH', `/v1/hooks/${id}`, { auth }))).toBe(
      '400 invalid /auth/clientSecret',
    );
    const masked = { ...auth, clientSecret: '***' };
    expect(refusal(await tenant.api.request('PATCH', `/v1/hooks/${id}`, { auth: masked }))).toBe(
      '400 invalid /auth/clientSecret',
    );
    await patch(id, { auth: { ...auth, clientSecret: 'sent along' } });
  });

  test('auth is merged, replaced with its type, and goes with null', async () => {
    const { id } = await hookTo('merge', { auth: oauth('merge', { scope: 'a' }) });
    expect((await patch(id, { auth: { audience: 'b' } })).auth).toMatchObject({
      scope: 'a',
      audience: 'b',
      credentials: 'header',
    });
    expect((await patch(id, { auth: { scope: null } })).auth).not.toHaveProperty('scope');
    expect((await patch(id, { auth: { type: 'bearer', token: 'x' } })).auth).toEqual({
      type: 'bearer',
      token: '***',
    });
    expect((await patch(id, { auth: null })).auth).toBeNull();
  });

  test.each<[unknown, string]>([
    [{ type: 'digest' }, '/auth/type'],
    [{ token: 'x' }, '/auth/type'],
    [{ type: 'bearer' }, '/auth/token'],
    [{ type: 'bearer', token: '' }, '/auth/token'],
    [{ type: 'bearer', token: 'a\r\nb' }, '/auth/token'],
    [{ type: 'bearer', token: '***' }, '/auth/token'],
    [{ type: 'bearer', token: 'x', username: 'y' }, '/auth/username'],
    [{ type: 'basic', username: 'a:b', password: 'c' }, '/auth/username'],
    [{ type: 'basic', username: 'a' }, '/auth/password'],
    [
      { type: 'oauth2', tokenUrl: 'http://169.254.169.254/', clientId: 'a', clientSecret: 'b' },
      '/auth/tokenUrl',
    ],
    [{ type: 'oauth2', tokenUrl: 'ftp://a', clientId: 'a', clientSecret: 'b' }, '/auth/tokenUrl'],
    [{ type: 'oauth2', clientId: 'a', clientSecret: 'b' }, '/auth/tokenUrl'],
    [{ type: 'bearer', token: 'x', more: 1 }, '/auth/more'],
    ['Bearer x', '/auth'],
  ])('refused, without the secret: %j', async (auth, path) => {
    const reply = await tenant.api.request('POST', '/v1/hooks', { url: receiver.url, auth });
    expect(refusal(reply)).toBe(`400 invalid ${path}`);
  });

  test('an authorization header beside auth is refused', async () => {
    const auth = { type: 'bearer', token: 'beside-token' };
    const reply = await tenant.api.request('POST', '/v1/hooks', {
      url: receiver.url,
      auth,
      headers: { Authorization: 'Bearer y' },
    });
    expect(refusal(reply)).toBe('400 invalid /headers/authorization');
    expect(JSON.stringify((reply.body as Problem).errors)).not.toContain('beside-token');
  });
});
