/** F9: what an older version wrote opens in this one, with its defaults for what it did not know. */
import { describe, expect, test } from 'vitest';
import type { EventStore } from '../../src/event-log/event-store.ts';
import { Hooks } from '../../src/event-log/hooks.ts';
import { EVENT_LOG_MIGRATIONS } from '../../src/event-log/schema.ts';
import { Sources } from '../../src/event-log/sources.ts';
import { HOOK_MIGRATIONS } from '../../src/hook/schema.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { Sqlite } from '../support/sqlite.ts';

/** The configuration of a hook as the first version kept it. */
const FIRST_CONFIG = {
  name: 'first',
  url: 'https://receiver.example.com/',
  events: ['*'],
  sources: null,
  format: 'structured',
  headers: {},
  paused: false,
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

describe('F9: data of the first version', () => {
  test('a hook’s registration: it signs as it did, and has no key pair', () => {
    const { storage, sql } = new Sqlite();
    migrate(storage, EVENT_LOG_MIGRATIONS.slice(0, 1));
    sql.exec(
      `INSERT INTO hooks (version, config, secret, relay_host, created_at, updated_at) VALUES (3, ?, 'whsec_', '', 1, 2)`,
      JSON.stringify(FIRST_CONFIG),
    );
    migrate(storage, EVENT_LOG_MIGRATIONS);
    expect(new Hooks(sql).find(1)).toMatchObject({
      version: 3,
      config: { ...FIRST_CONFIG, signing: 'hmac' },
      secretKeys: [],
    });
  });

  test('a webhook of SuperOffice’s dialect: it posts to its URL', () => {
    const dialect = { kind: 'superoffice', events: ['contact.created'], secret: null };
    const config = { ...FIRST_CONFIG, dialect };
    const log = new Sqlite();
    migrate(log.storage, EVENT_LOG_MIGRATIONS.slice(0, 1));
    log.sql.exec(
      `INSERT INTO hooks (version, config, secret, relay_host, created_at, updated_at) VALUES (3, ?, 'whsec_', '', 1, 2)`,
      JSON.stringify(config),
    );
    migrate(log.storage, EVENT_LOG_MIGRATIONS);
    expect(new Hooks(log.sql).find(1)?.config.dialect).toEqual({ ...dialect, type: 'webhook' });

    const hook = new Sqlite();
    migrate(hook.storage, HOOK_MIGRATIONS.slice(0, 1));
    hook.sql.exec(`INSERT INTO assignment VALUES ('default', 'i', NULL, ?)`, JSON.stringify({ config }));
    migrate(hook.storage, HOOK_MIGRATIONS);
    const { registration } = hook.sql
      .exec<{ registration: string }>('SELECT registration FROM assignment')
      .one();
    expect(JSON.parse(registration)).toMatchObject({ config: { dialect: { ...dialect, type: 'webhook' } } });
  });

  test('a source: it has no site, no options and no recipe', () => {
    const { storage, sql } = new Sqlite();
    migrate(storage, EVENT_LOG_MIGRATIONS.slice(0, 1));
    sql.exec(
      `INSERT INTO sources (id, provider, name, tokens, secrets, paths, stats, created_at)
       VALUES ('src_1', 'superoffice', 'first', '[]', '[]', '{}', '{}', 1)`,
    );
    const answer = JSON.stringify({ id: 'src_1', tokens: [] });
    sql.exec(`INSERT INTO idempotent_answers VALUES ('key', '', ?, 1)`, answer);
    migrate(storage, EVENT_LOG_MIGRATIONS);
    const noEvents = { countBySourceAfter: () => [] } as unknown as EventStore;
    expect(new Sources(sql, 'default', noEvents, 0).get('src_1')).toMatchObject({
      name: 'first',
      options: {},
      site: null,
    });
    const row = sql.exec<{ answer: string }>('SELECT answer FROM idempotent_answers').one();
    expect(JSON.parse(row.answer)).toEqual({
      id: 'src_1',
      tokens: [],
      site: null,
      options: {},
      recipe: null,
    });
  });

  test('the answer to a call with an Idempotency-Key that is made again after the upgrade', () => {
    const { storage, sql } = new Sqlite();
    migrate(storage, EVENT_LOG_MIGRATIONS.slice(0, 1));
    const answers = [
      { registration: { id: 1, config: FIRST_CONFIG }, runtime: {} },
      { id: 'src_1', provider: 'deskera' },
    ];
    for (const [at, answer] of answers.entries()) {
      sql.exec(`INSERT INTO idempotent_answers VALUES (?, '', ?, 1)`, String(at), JSON.stringify(answer));
    }
    migrate(storage, EVENT_LOG_MIGRATIONS);
    const now = sql.exec<{ answer: string }>('SELECT answer FROM idempotent_answers ORDER BY key').toArray();
    expect(now.map(({ answer }) => JSON.parse(answer) as unknown)).toMatchObject([
      { registration: { id: 1, config: { ...FIRST_CONFIG, signing: 'hmac' }, secretKeys: [] }, runtime: {} },
      answers[1],
    ]);
  });

  test('a hook object’s own copy of its registration', () => {
    const { storage, sql } = new Sqlite();
    migrate(storage, HOOK_MIGRATIONS.slice(0, 1));
    sql.exec(
      `INSERT INTO assignment VALUES ('default', 'i', NULL, ?)`,
      JSON.stringify({ id: 1, version: 3, config: FIRST_CONFIG, secret: 'whsec_', formerSecrets: [] }),
    );
    migrate(storage, HOOK_MIGRATIONS);
    const { registration } = sql.exec<{ registration: string }>('SELECT registration FROM assignment').one();
    expect(JSON.parse(registration) as unknown).toMatchObject({
      config: { ...FIRST_CONFIG, signing: 'hmac' },
      secretKeys: [],
    });
  });
});
