/** An object whose tables were made by an older version opens with today's code, and works on what it holds. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { describe, expect, it, vi } from 'vitest';
import { EVERY_HOOK } from '../../src/event-log/hook-scope.ts';
import { EVENT_LOG_MIGRATIONS } from '../../src/event-log/schema.ts';
import { HOOK_MIGRATIONS } from '../../src/hook/schema.ts';
import { eventLogOf, hookOf, type TenantRef } from '../../src/registry/address.ts';
import { TENANTS_MIGRATIONS } from '../../src/tenants/schema.ts';
import { storedEvent } from '../support/objects.ts';
import { acceptedId, arrival, contactChanged, relay } from './event-log/log.ts';

/** A hook as the first version wrote it down, without what later ones have added. */
const FIRST_CONFIG = {
  name: 'old',
  url: 'https://receiver.example.com/',
  events: ['*'],
  sources: null,
  format: 'structured',
  headers: { 'x-own': 'value' },
  paused: true,
  ordering: 'subject',
  concurrency: 1,
  retry: {
    scheduleSeconds: [5],
    jitter: 0.1,
    timeoutSeconds: 15,
    giveUpOn: [],
    disableAfterSeconds: 432_000,
  },
  dialect: { kind: 'native' },
};
const SECRET = `whsec_${btoa('0123456789abcdef0123456789abcdef')}`;
const STATS = {
  accepted: 1,
  duplicates: 2,
  tests: 3,
  rejected: { signature: 4, malformed: 0, tooLarge: 0 },
  lastAcceptedAtMs: 1_000,
  lastRejectedAtMs: 1_000,
  lastRejection: 'signature',
};
const TOKEN_HASH = 'a'.repeat(64);

type Row = Readonly<Record<string, SqlStorageValue | Uint8Array>>;

function insert(sql: SqlStorage, table: string, row: Row): void {
  const names = Object.keys(row);
  sql.exec(
    `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
    ...Object.values(row),
  );
}

/** Makes the tables of version 1, fills them, and brings them to `version`, as that version's code did. */
async function asOf(
  stub: DurableObjectStub,
  steps: readonly string[],
  version: number,
  fill: (sql: SqlStorage) => void,
): Promise<void> {
  await runInDurableObject(stub, async (_object: unknown, { storage }) => {
    await storage.deleteAll();
    storage.transactionSync(() => {
      const { sql } = storage;
      sql.exec('CREATE TABLE schema_version (version INTEGER NOT NULL)');
      sql.exec('INSERT INTO schema_version (version) VALUES (?)', version);
      sql.exec(steps[0] ?? '');
      fill(sql);
      for (const step of steps.slice(1, version)) sql.exec(step);
    });
  });
  await evictDurableObject(stub);
}

const versionsOf = (steps: readonly string[]) => steps.map((_step, index) => index + 1);

function newRef(): TenantRef {
  return { tenant: 'old', incarnation: crypto.randomUUID(), jurisdiction: null };
}

describe('F9: tables of an older version open with today’s code', () => {
  it.each(versionsOf(EVENT_LOG_MIGRATIONS))('event log, version %i', async (version) => {
    const ref = newRef();
    const log = () => eventLogOf(relay, ref);
    const old = storedEvent(1, { subject: 'contact/1' });
    const registration = { id: 1, version: 1, config: FIRST_CONFIG, secret: SECRET, formerSecrets: [] };
    await asOf(log(), EVENT_LOG_MIGRATIONS, version, (sql) => {
      insert(sql, 'tenant', { tenant: ref.tenant, incarnation: ref.incarnation, jurisdiction: null });
      insert(sql, 'events', {
        seq: 1,
        id: old.id,
        dedupe: new Uint8Array(32).fill(1),
        source_id: 'src_old',
        type: old.type,
        subject: old.subject,
        source: old.source,
        event: old.event,
        recorded_at: 1_000,
        kind: old.kind,
        content_type: old.contentType,
        head: old.head,
        raw: old.raw,
      });
      sql.exec('UPDATE progress SET fanned_seq = 1, counted_seq = 1');
      insert(sql, 'sources', {
        id: 'src_old',
        provider: 'superoffice',
        name: 'old',
        tokens: JSON.stringify([{ text: 'old_token', hash: TOKEN_HASH, untilMs: null }]),
        secrets: JSON.stringify([{ text: '', untilMs: null }]),
        paths: '{}',
        stats: JSON.stringify(STATS),
        created_at: 1_000,
      });
      insert(sql, 'keys', {
        id: 'key_old',
        hash: 'b'.repeat(64),
        name: 'old',
        role: 'admin',
        created_at: 1_000,
      });
      insert(sql, 'hooks', {
        version: 1,
        config: JSON.stringify(FIRST_CONFIG),
        secret: SECRET,
        relay_host: 'relay.test',
        created_at: 1_000,
        updated_at: 1_000,
      });
      insert(sql, 'hook_versions', { hook_id: 1, after_seq: 0, events: '["*"]', format: 'structured' });
      insert(sql, 'lagging', { hook_id: 1, next_seq: 1, failures: 1, retry_at: 1_000 });
      insert(sql, 'outbox', { key: 'object:hook:1', version: 1 });
      insert(sql, 'idempotent_answers', {
        key: 'old',
        digest: 'digest',
        answer: JSON.stringify({ registration }),
        created_at: Date.now(),
      });
    });

    const [source] = await log().listSources({ order: 'asc', after: null, limit: 10 });
    expect(source?.stats).toMatchObject(STATS);
    const { views } = await log().hookPage(EVERY_HOOK, { order: 'asc', after: null, limit: 10 });
    const [hook] = views;
    expect(hook?.registration.config).toMatchObject(FIRST_CONFIG);
    expect(await log().liveKey('b'.repeat(64))).toMatchObject({ name: 'old' });
    expect(await log().getEvent(old.id, 0, 10)).not.toBeNull();
    const id = acceptedId(await log().accept(arrival(TOKEN_HASH, contactChanged('new'))));
    await vi.waitFor(async () => {
      const view = await log().getEvent(id, 0, 10);
      expect(view?.deliveries).toMatchObject([{ hookId: 1, status: 'held' }]);
      expect((await log().getEvent(old.id, 0, 10))?.deliveries).toMatchObject([{ status: 'held' }]);
    });
    expect(await log().expunge(old.id)).toBe('expunged');
  });

  it.each(versionsOf(HOOK_MIGRATIONS))('hook, version %i', async (version) => {
    const ref = newRef();
    const hook = () => hookOf(relay, ref, 1);
    const pending = storedEvent(1);
    await asOf(hook(), HOOK_MIGRATIONS, version, (sql) => {
      insert(sql, 'assignment', {
        tenant: ref.tenant,
        incarnation: ref.incarnation,
        registration: JSON.stringify({
          id: 1,
          version: 1,
          config: FIRST_CONFIG,
          secret: SECRET,
          formerSecrets: [],
          keyId: null,
          relayHost: 'relay.test',
          createdAtMs: 1_000,
          updatedAtMs: 1_000,
          deletedAtMs: null,
        }),
      });
      sql.exec('UPDATE health SET dead = 1');
      for (const [seq, state] of [
        [1, 'ready'],
        [2, 'dead'],
        [3, 'delivered'],
      ] as const) {
        const isPending = state === 'ready';
        insert(sql, 'deliveries', {
          seq,
          event_id: storedEvent(seq).id,
          sequence: seq,
          position: seq,
          state,
          created_at: 1_000,
          finished_at: isPending ? null : 2_000,
          type: pending.type,
          subject: null,
          source: pending.source,
          bytes: 1,
          ...(isPending ? { kind: pending.kind, head: pending.head, raw: pending.raw } : {}),
        });
      }
    });

    expect(await hook().runtime()).toMatchObject({ state: 'paused', pending: 1, delivered: 1, dead: 1 });
    await hook().enqueue([storedEvent(4)]);
    expect(
      (await hook().deliveries(null, null, 10)).views.map(({ sequence, status }) => [sequence, status]),
    ).toEqual([
      [4, 'held'],
      [3, 'delivered'],
      [2, 'dead'],
      [1, 'held'],
    ]);
    expect(await hook().purge(4)).toEqual({ isDone: true, pending: [1], pendingFrom: null });
    expect(await hook().runtime()).toMatchObject({ pending: 2, delivered: 1, dead: 1 });
    expect(await hook().cancel(1)).toBe('paused');
  });

  it.each(versionsOf(TENANTS_MIGRATIONS))('tenants, version %i', async (version) => {
    const tenants = () => relay.TENANTS.getByName(`old-${version}`);
    await asOf(tenants(), TENANTS_MIGRATIONS, version, (sql) => {
      for (const state of ['open', 'opening', 'erasing']) {
        insert(sql, 'tenants', {
          id: `old-${version}-${state}`,
          incarnation: crypto.randomUUID(),
          name: 'old',
          created_at: 1_000,
          state,
        });
      }
    });
    expect(await tenants().resolve(`old-${version}-open`)).toMatchObject({ name: 'old', createdAtMs: 1_000 });
    expect(await tenants().resolve(`old-${version}-opening`)).toMatchObject({ name: 'old' });
    expect(await tenants().resolve(`old-${version}-erasing`)).toBeNull();
    expect(await tenants().erase(`old-${version}-open`)).toBe(true);
  });
});
