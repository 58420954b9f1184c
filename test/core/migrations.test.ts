/** F9: what an older version wrote opens in this one, with its defaults for what it did not know. */
import { describe, expect, test } from 'vitest';
import { Hooks } from '../../src/event-log/hooks.ts';
import { EVENT_LOG_MIGRATIONS } from '../../src/event-log/schema.ts';
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
    expect(new Hooks(sql, 0).find(1)).toMatchObject({
      version: 3,
      config: { ...FIRST_CONFIG, signing: 'hmac' },
      secretKeys: [],
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
