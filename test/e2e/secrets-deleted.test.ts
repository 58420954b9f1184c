/** D3: without a key too, what was deleted is in no file: neither in rows nor where rows have been. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SEAL_MARK } from '../../src/core/sealing.ts';
import type { Hook } from '../support/api.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { accepted, arriveSigned, newTenant, superofficeBody, type Tenant } from '../support/tenant.ts';

let relay: Relay;
let receiver: Receiver;
let tenant: Tenant;
let dataDir: string;
const planted: Record<string, string> = {};
const plant = (name: string) => (planted[name] = `${name}-${randomUUID()}`);

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'posthorn-e2e-'));
  // Where something is encrypted under a key that has been lost npm start makes no other: the relay runs without.
  mkdirSync(join(dataDir, 'state'));
  writeFileSync(join(dataDir, 'state', 'encrypted'), SEAL_MARK);
  [relay, receiver] = await Promise.all([startRelay({ dataDir }), startReceiver()]);
  tenant = await newTenant(relay);
});

afterAll(async () => {
  await Promise.all([relay.dispose(), receiver.close()]);
  rmSync(dataDir, { recursive: true, force: true });
});

function found(): string[] {
  const files = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return files.flatMap(({ parentPath, name }) => {
    const bytes = readFileSync(join(parentPath, name));
    return Object.entries(planted).flatMap(([what, text]) =>
      bytes.includes(text) ? [`${what} in ${name}`] : [],
    );
  });
}

/** Closes each database, as an object does that goes idle: what is written reaches the file, and the journal goes. */
function settleFiles(): void {
  const objects = join(dataDir, 'state', 'do');
  for (const { name, parentPath } of readdirSync(objects, { recursive: true, withFileTypes: true })) {
    if (!/^[0-9a-f]{64}\.sqlite$/.test(name)) continue;
    const database = new DatabaseSync(join(parentPath, name));
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    database.close();
  }
}

const signature = {
  header: 'x-sig',
  scheme: 'hmac',
  digest: 'sha256',
  key: 'text',
  encoding: 'hex',
  message: ['{body}'],
} as const;

test('D3: nothing of deleted sources and hooks is in any file, however they were changed before', async () => {
  const { api } = tenant;
  expect(await api.expect(200, 'GET', '/v1/stats')).toMatchObject({ secretsEncrypted: false });
  const site = { url: 'https://online.example.com', authorization: plant('site'), appToken: plant('app') };
  const sourceReply = await api.request(
    'POST',
    '/v1/sources',
    { provider: 'superoffice', name: 's', secret: plant('source'), site },
    { 'idempotency-key': 'source' },
  );
  const source = sourceReply.body as { id: string; inboundUrl: string; secret: string };
  planted['token'] = new URL(source.inboundUrl).pathname.slice('/in/'.length);
  const members = {
    url: receiver.url,
    signing: 'both',
    headers: { 'x-own': plant('header') },
    auth: { type: 'basic', username: 'u', password: plant('password') },
    signatures: [{ ...signature, secret: plant('signature') }],
  };
  const hookReply = await api.request('POST', '/v1/hooks', members, { 'idempotency-key': 'hook' });
  const hook = hookReply.body as Hook;
  planted['secret'] = hook.secret;
  accepted(await arriveSigned(source, superofficeBody()));
  await receiver.waitFor(1);
  await api.patchHook(hook.id, { name: 'a longer name', headers: { 'x-own': plant('second header') } });
  const rotated = await api.expect(200, 'POST', `/v1/hooks/${hook.id}/rotate-secret`, {});
  planted['rotated'] = (rotated as { secret: string }).secret;
  await api.expect(200, 'PATCH', `/v1/sources/${source.id}`, {
    name: 'a longer name',
    site: { authorization: plant('new site') },
  });
  await api.expect(200, 'POST', `/v1/sources/${source.id}/rotate-secret`, { secret: plant('new source') });
  const moved = (await api.expect(200, 'POST', `/v1/sources/${source.id}/rotate-url`, {})) as {
    inboundUrl: string;
  };
  planted['new token'] = new URL(moved.inboundUrl).pathname.slice('/in/'.length);
  planted['key'] = ((await api.expect(201, 'POST', '/v1/keys', { name: 'k' })) as { key: string }).key;

  await api.expect(204, 'DELETE', `/v1/hooks/${hook.id}`);
  await api.expect(204, 'DELETE', `/v1/sources/${source.id}`);
  await relay.stop();
  settleFiles();
  expect(found()).toEqual([]);
});
