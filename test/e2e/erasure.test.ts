/** What was deleted is in no file any more: of an erased tenant, and of an event whose payload was deleted. */
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Api } from '../support/api.ts';
import { createWebhook, webhook } from '../support/dialects.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { accepted, arriveSigned, newTenant, ownEvent, superofficeBody } from '../support/tenant.ts';
import { until } from '../support/until.ts';

const TABLES = `SELECT name FROM sqlite_master WHERE type = 'table'`;

let relay: Relay;
let receiver: Receiver;
beforeAll(async () => {
  [relay, receiver] = await Promise.all([startRelay(), startReceiver()]);
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

/** The databases of the objects, without KV's: that is asked through its API. */
function databases(): string[] {
  const root = join(relay.dataDir, 'state', 'do');
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.sqlite'))
    .map((name) => join(root, name));
}

/** Brings what is in the write-ahead logs into the databases, as an object does in the course of time. */
function checkpoint(): void {
  for (const file of databases()) {
    const database = new DatabaseSync(file);
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    database.close();
  }
}

/** Of these texts those that some file holds, with its place. */
function found(marks: readonly string[]): string[] {
  return databases()
    .flatMap((file) => [file, `${file}-wal`])
    .filter((file) => existsSync(file))
    .flatMap((file) => {
      const bytes = readFileSync(file);
      return marks.filter((mark) => bytes.includes(mark)).map((mark) => `${mark} in ${basename(file)}`);
    });
}

/** What a statement finds in a database that is in use. */
function query(file: string, statement: string): Record<string, unknown>[] {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
  try {
    const prepared = database.prepare(statement);
    prepared.setReadBigInts(true);
    return prepared.all();
  } finally {
    database.close();
  }
}

/** Alarms that the runtime keeps, as text. */
function alarms(): string {
  return databases()
    .filter((file) => basename(file) === 'metadata.sqlite')
    .flatMap((file) =>
      query(file, TABLES)
        .flatMap(({ name }) => query(file, `SELECT * FROM ${String(name)}`))
        .map((row) => Object.values(row).join(' ')),
    )
    .join('\n');
}

/** The database of the object that knows the tenants. Not while objects are being deleted. */
function directoryDatabase(): string {
  const file = databases().find((one) => query(one, TABLES).some(({ name }) => name === 'tenants'));
  if (file === undefined) throw new Error('no database has a table of tenants');
  return file;
}

/** Large enough to fill pages of its own. */
const filled = (mark: string) => `${mark}-`.repeat(800);

test('a payload that was deleted is in no database any more, those of hooks that wait with it included', async () => {
  const { api } = await newTenant(relay);
  const source = await api.createSource({ provider: 'superoffice', name: 's' });
  const paused = await api.createHook({ url: receiver.url, paused: true });
  const small = accepted(await arriveSigned(source, superofficeBody({ Small: 'mark-small' })));
  const large = accepted(await arriveSigned(source, superofficeBody({ Large: filled('mark-large') })));
  const own = await api.publish(ownEvent({ data: 'mark-own' }));
  const marks = ['mark-small', 'mark-large', 'mark-own'];
  await until(
    () => api.explain(own.id, paused.id),
    ({ status }) => status === 'held',
  );
  await relay.stop();
  checkpoint();
  expect(found(marks)).toHaveLength(6);

  await relay.restart();
  for (const event of [small, large, own]) await api.expect(204, 'DELETE', `/v1/events/${event.id}`);
  await relay.stop();
  checkpoint();
  expect(found(marks)).toEqual([]);

  await relay.restart();
  expect((await api.event(large.id)).event.posthornid).toBe(large.id);
  expect((await api.request('GET', `/v1/events/${large.id}/raw`)).status).toBe(404);
  await api.expect(204, 'DELETE', `/v1/events/${large.id}`);
});

test('I6: an erased tenant is in no database and no alarm any more, though some of its hooks were failing', async () => {
  const operator = new Api(relay.url, relay.adminKey);
  const id = `t-${randomUUID()}`;
  await operator.expect(201, 'POST', '/v1/tenants', { id, name: 'mark-tenant' });
  const { key } = await new Api(relay.url, relay.adminKey, id).createKey();
  const api = new Api(relay.url, key);
  const before = new Set(databases());
  const source = await api.createSource({ provider: 'superoffice', name: 'mark-source' });
  const headers = { 'x-own': 'mark-header' };
  const hook = await api.createHook({ url: receiver.url, name: 'mark-hook', headers });
  await createWebhook({ api }, webhook(receiver.url, { Secret: 'mark-secret' }));
  const failing = await api.createHook({ url: 'http://127.0.0.1:1/', name: 'mark-failing' });
  const event = accepted(await arriveSigned(source, superofficeBody({ Large: filled('mark-payload') })));
  for (const [hookId, state] of [
    [hook.id, 'delivered'],
    [failing.id, 'pending'],
  ] as const) {
    await until(
      () => api.explain(event.id, hookId),
      ({ status, attempts }) => status === state && attempts > 0,
    );
  }
  const marks = ['mark-', source.secret, hook.secret, source.inboundUrl.split('/in/')[1] ?? ''];
  expect(found(marks)).not.toEqual([]);
  const ids = databases()
    .filter((file) => !before.has(file))
    .map((file) => basename(file, '.sqlite'));
  expect(ids.length).toBeGreaterThanOrEqual(3);
  expect(ids.some((object) => alarms().includes(object))).toBe(true);

  // Those included that are being erased, which the API does not show.
  const directory = directoryDatabase();
  const tenantIds = () => query(directory, 'SELECT id FROM tenants').map((row) => row.id);
  expect(tenantIds()).toContain(id);
  await operator.expect(202, 'DELETE', `/v1/tenants/${id}`);
  await until(
    () => Promise.resolve(tenantIds()),
    (left) => !left.includes(id),
  );
  await relay.stop();
  checkpoint();
  expect(found(marks)).toEqual([]);

  await relay.restart();
  await until(
    () => operator.request('POST', '/v1/tenants', { id }),
    ({ status }) => status === 201,
  );
  // A key that was in use is remembered for up to 20 s; what it leads to is gone.
  expect([401, 404]).toContain((await api.request('GET', '/v1/events')).status);
  expect(ids.filter((object) => alarms().includes(object))).toEqual([]);
});
