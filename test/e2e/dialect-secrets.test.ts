/** A6: what is secret stays where it is needed: in no list, no KV record, no log line, no problem; Deskera's credentials nowhere at all. */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Source } from '../support/api.ts';
import {
  createWebhook,
  DeskeraClient,
  listWebhooks,
  registration,
  webhook,
  WEBHOOKS,
} from '../support/dialects.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { type Tenant, arrive, arriveSigned, newTenant, superofficeBody } from '../support/tenant.ts';

let relay: Relay;
let receiver: Receiver;
let tenant: Tenant;
let source: Source;
/** Secrets by what they are; each of them unlike any other text. */
const secrets: Record<string, string> = {};
/** Deskera's four. */
const credentials: string[] = [];
/** Every answer that is not the one place where a secret is shown. */
const answers: string[] = [];

beforeAll(async () => {
  [relay, receiver] = await Promise.all([startRelay(), startReceiver()]);
  tenant = await newTenant(relay);
  const { api, key } = tenant;
  const unique = (name: string) => (secrets[name] = `${name}-${randomUUID()}`);

  secrets['key'] = key;
  secrets['another key'] = (await api.createKey()).key;
  source = await api.createSource({ provider: 'superoffice', name: 's', secret: unique('source') });
  secrets['inbound token'] = new URL(source.inboundUrl).pathname.slice('/in/'.length);
  const generated = await api.createSource({ provider: 'superoffice', name: 'generated' });
  secrets['generated source secret'] = generated.secret;
  secrets['rotated source secret'] = unique('rotated');
  await api.expect(200, 'POST', `/v1/sources/${source.id}/rotate-secret`, {
    secret: secrets['rotated source secret'],
  });
  const hook = await api.createHook({
    url: `${receiver.url}native`,
    headers: { authorization: unique('native-header') },
  });
  secrets['hook'] = hook.secret.replace('whsec_', '');
  const own = Buffer.from(randomUUID()).toString('base64');
  await api.createHook({ url: receiver.url, secret: `whsec_${own}` });
  secrets['own hook secret'] = own;
  const made = await createWebhook(
    tenant,
    webhook(`${receiver.url}dialect`, {
      Secret: unique('superoffice'),
      Headers: { 'X-Token': unique('superoffice-header') },
    }),
  );
  const client = new DeskeraClient(relay.url, key);
  const theirs = () => {
    const credential = `credential-${randomUUID()}`;
    credentials.push(credential);
    return credential;
  };
  const body = () =>
    registration(`${receiver.url}deskera`, {
      clientId: theirs(),
      clientSecret: theirs(),
      accessToken: theirs(),
      refreshToken: theirs(),
    });
  const registered = await client.request('POST', '/v1/webhooks/register', body());
  answers.push(registered.text);
  // Refused ones carry credentials as well.
  for (const wrong of [{ eventType: theirs() }, { webhookUrl: theirs() }, { clientId: 7 }]) {
    answers.push((await client.request('POST', '/v1/webhooks/register', { ...body(), ...wrong })).text);
  }
  answers.push(
    (await client.request('POST', '/v1/webhooks/register', JSON.stringify(body()).slice(0, -1))).text,
  );

  await arriveSigned({ ...source, secret: secrets['rotated source secret'] }, superofficeBody());
  await receiver.waitFor((all) => all.some(({ path }) => path === '/native'));
  answers.push((await arrive(source, superofficeBody())).text);

  for (const path of [
    '/v1/keys',
    '/v1/sources',
    `/v1/hooks/${hook.id}`,
    '/v1/hooks',
    `/v1/hooks/${hook.id}/deliveries`,
    '/v1/events',
    '/v1/stats',
    WEBHOOKS,
    `${WEBHOOKS}/${made.WebhookId}`,
  ]) {
    answers.push((await api.request('GET', path)).text);
  }
  answers.push((await client.request('GET', '/v1/webhooks')).text);
  for (const [method, path, members] of [
    ['POST', '/v1/hooks', { url: 'nowhere', secret: secrets['source'], headers: { a: secrets['source'] } }],
    ['POST', '/v1/hooks', { url: 7, secret: secrets['hook'] }],
    ['PATCH', `/v1/hooks/${hook.id}`, { secret: secrets['source'], headers: { host: secrets['source'] } }],
    ['POST', '/v1/sources', { provider: 'deskera', name: '', secret: secrets['source'] }],
    ['POST', '/v1/sources', { provider: 'superoffice', name: 7, secret: [secrets['source']] }],
    [
      'POST',
      WEBHOOKS,
      webhook('nowhere', { Secret: secrets['superoffice'], Headers: { host: secrets['source'] } }),
    ],
    ['POST', WEBHOOKS, webhook(receiver.url, { Secret: [secrets['superoffice']] })],
  ] as const) {
    const reply = await api.request(method, path, members);
    expect(reply.status).toBe(400);
    answers.push(reply.text);
  }
  const { port } = new URL(receiver.url);
  await receiver.close();
  const failing = await api.request(
    'POST',
    WEBHOOKS,
    webhook(`http://127.0.0.1:${port}/?token=${unique('query')}`, { Secret: secrets['superoffice'] }),
  );
  expect(failing.status).toBe(400);
  answers.push(failing.text);
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

/** The names of what is found in the bytes, as text or as the Base64 of text. */
function found(bytes: Buffer, wanted: Readonly<Record<string, string>>): string[] {
  return Object.entries(wanted)
    .filter(
      ([, text]) =>
        bytes.includes(text) ||
        bytes.includes(Buffer.from(text, 'utf16le')) ||
        bytes.includes(Buffer.from(text).toString('base64').replace(/=+$/, '').slice(0, -1)),
    )
    .map(([name]) => name);
}

/** The files of the data folder, by path. */
function stored(): Map<string, Buffer> {
  const entries = readdirSync(relay.dataDir, { recursive: true, withFileTypes: true });
  return new Map(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(relay.dataDir.length + 1), readFileSync(path)]),
  );
}

describe('answers', () => {
  test('show no secret but where it is asked for, and no credential', () => {
    // Who may manage a source may read its URL.
    const { 'inbound token': token = '', ...others } = secrets;
    const credentialsByText = Object.fromEntries(credentials.map((text) => [text, text]));
    for (const text of answers) {
      expect([text, found(Buffer.from(text), { ...others, ...credentialsByText })]).toEqual([text, []]);
    }
    const sources = answers.filter((text) => text.includes(token));
    expect(sources).toHaveLength(1);
    expect(answers.length).toBeGreaterThan(20);
  });

  test('the webhooks of the list are masked', async () => {
    expect(await listWebhooks(tenant)).toMatchObject([
      { Secret: '********', Headers: { 'X-Token': '********' } },
    ]);
  });
});

describe('after a kill -9', () => {
  beforeAll(async () => {
    await relay.kill9();
  });

  test('no credential of a Deskera registration is anywhere in the data folder', () => {
    const wanted = Object.fromEntries(credentials.map((text) => [text, text]));
    expect(credentials.length).toBeGreaterThan(15);
    const files = stored();
    expect([...files.values()].some((bytes) => bytes.includes('CREATE_PRODUCTS'))).toBe(true);
    for (const [path, bytes] of files) expect([path, found(bytes, wanted)]).toEqual([path, []]);
  });

  test('keys are nowhere in it, but for their hashes', () => {
    const { key = '', 'another key': another = '' } = secrets;
    for (const [path, bytes] of stored()) expect([path, found(bytes, { key, another })]).toEqual([path, []]);
  });

  test('KV holds no secret at all', () => {
    const kv = [...stored()].filter(([path]) => /^kv\b|[/\\]kv\b/i.test(path));
    const text = Buffer.concat(kv.map(([, bytes]) => bytes));
    expect(text.includes(tenant.id)).toBe(true);
    for (const [path, bytes] of kv) expect([path, found(bytes, secrets)]).toEqual([path, []]);
  });

  test('the objects hold those that sign, and encrypted', () => {
    const objects = Buffer.concat(
      [...stored()].filter(([path]) => !/^kv\b|[/\\]kv\b/i.test(path)).map(([, bytes]) => bytes),
    );
    expect(objects.includes('posthorn-sealed:1:')).toBe(true);
    expect(found(objects, secrets)).toEqual([]);
  });

  test('the log has no secret and no credential in it', () => {
    const wanted = { ...secrets, ...Object.fromEntries(credentials.map((text) => [text, text])) };
    expect(relay.logs()).toContain('posthorn listening on');
    expect(found(Buffer.from(relay.logs()), { ...wanted, admin: relay.adminKey })).toEqual([]);
  });
});
