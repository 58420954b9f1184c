/** All secrets of a log come under the first key, in steps that may be cut off anywhere. */
import { randomUUID } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { base64Of } from '../../src/core/base64.ts';
import { HOOK_DEFAULTS } from '../../src/core/hook-config.ts';
import { readKeyRing, SEAL_MARK, type KeyRing } from '../../src/core/sealing.ts';
import { OpenLog } from '../../src/event-log/open-log.ts';
import { Reencryption } from '../../src/event-log/reencryption.ts';
import { EVENT_LOG_MIGRATIONS } from '../../src/event-log/schema.ts';
import { missingKeys, noteSealingKey, notedKeys } from '../../src/event-log/sealed-under.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { Sqlite } from '../support/sqlite.ts';

const OLD = base64Of(new Uint8Array(32).fill(1));
const NEW = base64Of(new Uint8Array(32).fill(2));
const HOOKS = 120;

let disk: Sqlite;
let log: OpenLog;
let told: number[];
let planted: string[];

beforeEach(() => {
  disk = new Sqlite();
  told = [];
  planted = [];
  migrate(disk.storage, EVENT_LOG_MIGRATIONS);
  disk.sql.exec("INSERT INTO tenant (tenant, incarnation) VALUES ('acme', '1')");
});

function ring(text: string): KeyRing {
  return readKeyRing(text) ?? [];
}

/** Another life of the log, with these keys. */
function open(keys: string): Reencryption {
  noteSealingKey(disk.sql, ring(keys));
  log = new OpenLog(disk.sql, (work) => disk.storage.transactionSync(work), ring(keys));
  return new Reencryption(disk.sql, log, {
    transaction: (work) => {
      disk.storage.transactionSync(work);
    },
    noteTelling: (hookId) => {
      told.push(hookId);
    },
    untold: () => 0,
    changed: () => undefined,
  });
}

function plant(name: string): string {
  const text = `${name}-${randomUUID()}`;
  planted.push(text);
  return text;
}

/** As many registrations as take several steps, one of them deleted. */
function fill(): void {
  for (let at = 1; at <= HOOKS; at += 1) {
    const config = {
      ...HOOK_DEFAULTS,
      url: 'https://receiver.example.com/',
      headers: { 'x-own': plant('header') },
      auth: { type: 'bearer', token: plant('auth') } as const,
    };
    const made = { config, secret: null, relayHost: 'relay.test', keyId: null };
    const reserved = log.hooks.reserve(made, { secret: plant('secret'), secretKeys: [] }, 1);
    log.hooks.appear(reserved, log.hooks.rows.nextTelling(reserved.id), 0);
  }
  log.hooks.delete(7, 0, 2);
  const site = {
    url: 'https://site.example.com',
    authorization: plant('site'),
    appToken: null,
    relayHost: 'r',
  };
  const members = { provider: 'superoffice', name: 's', secret: plant('source'), paths: {}, site } as const;
  planted.push(log.sources.create(log.sources.newIdentity(), members, 1).tokens[0]?.text ?? '');
  log.answers.remember({ key: 'k', digest: 'd' }, { secret: plant('answer') }, 'hook 1', 1);
}

/** All that a reader of the registrations sees. */
function seen(): unknown {
  const scope = { dialect: null, keyId: null };
  return [
    log.hooks.lists.page(scope, 'asc', null, 1_000),
    log.sources.list('asc', null, 10),
    log.sources.list('asc', null, 10).map(({ id }) => log.sources.site(id)),
    log.answers.find({ key: 'k', digest: 'd' }, 2),
  ];
}

function keptTexts(): string {
  return ['hooks', 'sources', 'idempotent_answers']
    .flatMap((table) => disk.sql.exec(`SELECT * FROM ${table}`).toArray())
    .map((row) => JSON.stringify(row))
    .join('\n');
}

test('what was kept in clear is sealed, and reads as before', () => {
  open('');
  fill();
  const before = seen();
  expect(planted.filter((text) => keptTexts().includes(text)).length).toBeGreaterThan(HOOKS);
  const job = open(NEW);
  while (job.run().remaining > 0);
  expect(planted.filter((text) => keptTexts().includes(text))).toEqual([]);
  expect(seen()).toEqual(before);
  open(NEW);
  expect(seen()).toEqual(before);
  expect(told.sort((a, b) => a - b)).toEqual(
    Array.from({ length: HOOKS }, (_one, at) => at + 1).filter((id) => id !== 7),
  );
});

test('a change of the key that is cut off in every step goes on, and the old key is not needed any more', () => {
  open(OLD);
  fill();
  const before = seen();
  expect(missingKeys(disk.sql, ring(NEW))).toEqual([ring(OLD)[0]?.id]);
  let steps = 0;
  for (;;) {
    disk.isFull = true;
    expect(() => open(`${NEW},${OLD}`).run()).toThrow();
    disk.isFull = false;
    steps += 1;
    expect(steps).toBeLessThan(20);
    // Another object each time: nothing but storage says how far it is.
    if (open(`${NEW},${OLD}`).run().remaining === 0) break;
    expect(seen()).toEqual(before);
  }
  expect(steps).toBeGreaterThan(3);
  expect(keptTexts()).not.toContain(`${SEAL_MARK}${ring(OLD)[0]?.id}`);
  expect(notedKeys(disk.sql)).toEqual([ring(NEW)[0]?.id]);
  expect(missingKeys(disk.sql, ring(NEW))).toEqual([]);
  open(NEW);
  expect(seen()).toEqual(before);
});

test('what was written meanwhile is under the first key, and what does not decrypt stays and is counted', () => {
  open(OLD);
  fill();
  const [one] = disk.sql.exec<{ secret: string }>('SELECT secret FROM hooks WHERE id = 1').toArray();
  disk.sql.exec('UPDATE hooks SET secret = ? WHERE id = 2', one?.secret ?? '');
  const job = open(`${NEW},${OLD}`);
  expect(job.run().remaining).toBeGreaterThan(0);
  const hook = log.hooks.find(HOOKS);
  if (hook === null) throw new Error('expected a hook');
  log.hooks.save(hook, { ...hook, version: 500, secret: plant('newer') }, 0);
  let state = job.run();
  while (state.remaining > 0) state = job.run();
  expect(state).toEqual({ remaining: 0, unreadable: 1 });
  expect(log.hooks.find(HOOKS)?.secret).toBe(planted.at(-1));
  expect(disk.sql.exec<{ secret: string }>('SELECT secret FROM hooks WHERE id = 2').one().secret).toBe(
    one?.secret,
  );
  expect(planted.filter((text) => keptTexts().includes(text))).toEqual([]);
});

test('a key that was away for a time is looked at again', () => {
  const job = open(NEW);
  while (job.run().remaining > 0);
  expect(missingKeys(disk.sql, ring(''))).toEqual([]);
  open('');
  fill();
  const again = open(NEW);
  while (again.run().remaining > 0);
  expect(planted.filter((text) => keptTexts().includes(text))).toEqual([]);
});
