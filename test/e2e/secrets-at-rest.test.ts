/** Secrets at rest: what lies in the data folder with a key, without it, when it was moved, and when it was deleted. */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api, call, refusal, type Hook, type Problem, type Source } from '../support/api.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { until } from '../support/until.ts';
import {
  accepted,
  arriveSigned,
  newTenant,
  ownEvent,
  superofficeBody,
  type Tenant,
} from '../support/tenant.ts';

let relay: Relay;
let receiver: Receiver;
let tenant: Tenant;
let source: Source;
let whole: Hook;
let others: readonly [Hook, Hook];
/** By what they are. */
const planted: Record<string, string> = {};
const plant = (name: string) => (planted[name] = `${name}-${randomUUID()}`);
const hooksFolder = () => join(relay.dataDir, 'state', 'do', 'posthorn-Hook');
const keyFile = () => join(relay.dataDir, 'secrets-key');

beforeAll(async () => {
  [relay, receiver] = await Promise.all([startRelay(), startReceiver()]);
  tenant = await newTenant(relay);
  const { api } = tenant;
  const site = { url: 'https://online.example.com', authorization: plant('site'), appToken: plant('app') };
  source = await api.createSource({ provider: 'superoffice', name: 's', secret: plant('source'), site });
  planted['token'] = new URL(source.inboundUrl).pathname.slice('/in/'.length);
  whole = await made('whole', {
    name: 'whole',
    url: `${receiver.url}whole`,
    signing: 'both',
    headers: { 'x-own': plant('header') },
    auth: { type: 'basic', username: 'u', password: plant('password') },
    signatures: [
      {
        header: 'x-sig',
        secret: plant('signature'),
        scheme: 'hmac',
        digest: 'sha256',
        key: 'text',
        encoding: 'hex',
        message: ['{body}'],
      },
    ],
  });
  others = [
    await made('one', { url: `${receiver.url}one`, headers: { 'x-own': plant('one') } }),
    await made('two', { url: `${receiver.url}two`, headers: { 'x-own': plant('two') } }),
  ];
  planted['rotated'] = (
    (await api.expect(200, 'POST', `/v1/hooks/${whole.id}/rotate-secret`, {})) as { secret: string }
  ).secret;
  accepted(await arriveSigned(source, superofficeBody()));
  await receiver.waitFor(3);
});

afterAll(async () => {
  await Promise.all([relay.dispose(), receiver[Symbol.asyncDispose]()]);
});

/** With an Idempotency-Key, under which its answer is remembered. */
async function made(name: string, members: Readonly<Record<string, unknown>>): Promise<Hook> {
  const reply = await tenant.api.request('POST', '/v1/hooks', members, { 'idempotency-key': name });
  expect(reply.status).toBe(201);
  const hook = reply.body as Hook;
  planted[`secret of ${name}`] = hook.secret;
  return hook;
}

/** Which of these lie readable in which files below the data folder. */
function found(texts: Readonly<Record<string, string>>): string[] {
  const files = readdirSync(relay.dataDir, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return files.flatMap(({ parentPath, name }) => {
    const bytes = readFileSync(join(parentPath, name));
    return Object.entries(texts).flatMap(([what, text]) =>
      bytes.includes(text) ? [`${what} in ${name}`] : [],
    );
  });
}

/** Works on the database of a hook's object while the relay does not run. */
function inObjectOf<T>(hook: Hook, work: (database: DatabaseSync) => T): T {
  for (const name of readdirSync(hooksFolder()).filter((file) => /^[0-9a-f]{64}\.sqlite$/.test(file))) {
    const database = new DatabaseSync(join(hooksFolder(), name));
    try {
      const row = database.prepare('SELECT registration FROM assignment').get();
      const registration = JSON.parse(String(row?.['registration'])) as { id: number };
      if (registration.id === hook.id) return work(database);
    } finally {
      database.close();
    }
  }
  throw new Error(`no object of hook ${hook.id}`);
}

describe('with the key that npm start has made', () => {
  test('D3: no secret is readable in any file of the data folder, nor in what the relay has printed', async () => {
    expect(await tenant.api.expect(200, 'GET', '/v1/stats')).toMatchObject({ secretsEncrypted: true });
    expect((await tenant.api.expect(200, 'GET', `/v1/hooks/${whole.id}/secret`)) as object).toEqual({
      secret: planted['rotated'],
    });
    await relay.stop();
    expect(found(planted)).toEqual([]);
    expect(Object.entries(planted).filter(([, text]) => relay.logs().includes(text))).toEqual([]);
    expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
    expect(readFileSync(keyFile(), 'utf8')).toMatch(/^[A-Za-z0-9+/]{43}=\n$/);
  });
});

describe('without the key', () => {
  test('every call of the tenant is refused by the name of the setting, and no other key is made', async () => {
    renameSync(keyFile(), `${keyFile()}.away`);
    await relay.restart();
    expect(readdirSync(relay.dataDir)).not.toContain('secrets-key');
    const api = new Api(relay.url, relay.adminKey, tenant.id);
    const calls = [
      () => api.request('GET', '/v1/stats'),
      () => api.request('GET', '/v1/hooks'),
      () => api.request('POST', '/v1/sources', { provider: 'superoffice', name: 'n' }),
      () => api.request('DELETE', `/v1/hooks/${whole.id}`),
      () => api.request('POST', '/v1/events', ownEvent()),
      () => call('POST', `${relay.url}/in/${planted['token']}`, superofficeBody()),
    ];
    for (const one of calls) {
      const reply = await one();
      expect(refusal(reply)).toBe('503 not-configured');
      expect((reply.body as Problem).detail).toMatch(/^POSTHORN_SECRETS_KEY: expected .* id [0-9a-f]{16}/);
    }
    await relay.stop();
    expect(found(planted)).toEqual([]);
  });

  test('with another key it is the same, and a key that is none is named at the start', async () => {
    await relay.restart({ POSTHORN_SECRETS_KEY: Buffer.alloc(32, 9).toString('base64') });
    const api = new Api(relay.url, relay.adminKey, tenant.id);
    expect(refusal(await api.request('GET', '/v1/sources'))).toBe('503 not-configured');
    await relay.stop();
  });
});

describe('a secret that was moved to another hook', () => {
  test('is refused: the hook stops and says so, the others go on, and new values mend it', async () => {
    const [one, two] = others;
    const other = inObjectOf(two, (database) => textIn(database));
    inObjectOf(one, (database) => {
      const registration = JSON.parse(textIn(database)) as Registration;
      registration.config.headers['x-own'] =
        (JSON.parse(other) as Registration).config.headers['x-own'] ?? '';
      database.prepare('UPDATE assignment SET registration = ?').run(JSON.stringify(registration));
    });
    renameSync(`${keyFile()}.away`, keyFile());
    await relay.restart({ POSTHORN_SECRETS_KEY: '' });
    const api = new Api(relay.url, relay.adminKey, tenant.id);
    await api.publish(ownEvent());
    await receiver.waitFor(5);
    expect(
      receiver.arrivals
        .slice(3)
        .map(({ path }) => path)
        .sort(),
    ).toEqual(['/two', '/whole']);
    expect(await api.hook(one.id)).toMatchObject({
      waiting: { reason: 'secrets', until: null },
      stats: { pending: 1 },
    });
    await api.patchHook(one.id, { headers: { 'x-own': plant('new') } });
    await receiver.waitFor(6);
    expect(receiver.arrivals.at(-1)?.headers['x-own']).toBe(planted['new']);
    expect(await api.hook(one.id)).toMatchObject({ waiting: null });
  });
});

describe('another key', () => {
  test('takes the place of the one before, through a kill -9, and that one is not needed any more', async () => {
    const old = readFileSync(keyFile(), 'utf8').trim();
    const next = Buffer.alloc(32, 9).toString('base64');
    await relay.restart({ POSTHORN_SECRETS_KEY: `${next},${old}` });
    const operator = new Api(relay.url, relay.adminKey);
    const reencrypt = () =>
      operator.expect(202, 'POST', '/v1/secrets/reencrypt') as Promise<{ state: string }>;
    expect(refusal(await tenant.api.request('POST', '/v1/secrets/reencrypt'))).toBe('403 forbidden');
    expect(await reencrypt()).toMatchObject({ unreadable: 0 });
    await relay.kill9();
    await relay.restart();
    await until(reencrypt, ({ state }) => state === 'done');
    await relay.restart({ POSTHORN_SECRETS_KEY: next });
    const { api } = tenant;
    expect(await api.expect(200, 'GET', `/v1/hooks/${whole.id}/secret`)).toEqual({
      secret: planted['rotated'],
    });
    expect(await api.expect(200, 'GET', `/v1/sources/${source.id}/secret`)).toEqual({
      secret: planted['source'],
    });
    const before = receiver.arrivals.length;
    accepted(await arriveSigned(source, superofficeBody()));
    await receiver.waitFor(before + 3);
  });
});

interface Registration {
  readonly config: { readonly headers: Record<string, string> };
}

function textIn(database: DatabaseSync): string {
  return String(database.prepare('SELECT registration FROM assignment').get()?.['registration']);
}
