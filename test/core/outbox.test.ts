/** What is to be told elsewhere, on Node's SQLite: when each key is tried, and what those that fail or hang do to others. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { EVENT_LOG_MIGRATIONS } from '../../src/event-log/schema.ts';
import { Outbox } from '../../src/event-log/outbox.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { Sqlite } from '../support/sqlite.ts';

const PER_WAKE = 8;
const HOUR_MS = 3_600_000;

/** An outbox whose clock goes on from one due time to the next. */
class Told {
  nowMs = 1_000_000;
  readonly #sqlite = new Sqlite();
  readonly failing = new Set<string>();
  readonly hanging = new Set<string>();
  /** When each key was told or tried. */
  readonly tries = new Map<string, number[]>();
  readonly queries = new Set<string>();
  outbox: Outbox;

  constructor() {
    migrate(this.#sqlite.storage, EVENT_LOG_MIGRATIONS);
    this.outbox = this.open();
  }

  /** As after a crash. */
  open(): Outbox {
    const exec = (query: string, ...bound: SqlStorageValue[]) => {
      this.queries.add(query);
      return this.#sqlite.sql.exec(query, ...bound);
    };
    this.outbox = new Outbox({ exec } as SqlStorage, {
      nowMs: () => this.nowMs,
      tell: (key) => {
        this.tries.set(key, [...(this.tries.get(key) ?? []), this.nowMs]);
        if (this.hanging.has(key)) return new Promise(() => undefined);
        return this.failing.has(key) ? Promise.reject(new Error('down')) : Promise.resolve();
      },
    });
    return this.outbox;
  }

  planOf(query: string): string[] {
    const count = (query.match(/\?/g) ?? []).length;
    return this.#sqlite.planOf(query, ...Array<number>(count).fill(1));
  }

  /** Wakes whenever something is due, until `untilMs`. Returns how often. */
  async run(untilMs: number): Promise<number> {
    for (let wakes = 0; ; wakes += 1) {
      const dueMs = this.outbox.dueMs();
      if (dueMs > untilMs) return wakes;
      if (wakes === 10_000) throw new Error('it wakes without end');
      this.nowMs = Math.max(this.nowMs, dueMs);
      void this.outbox.flushDue(PER_WAKE);
      await new Promise(setImmediate);
    }
  }
}

beforeEach(() => {
  vi.spyOn(console, 'error').mockReturnValue();
});

const KEYS = Array.from({ length: 12 }, (_, at) => `object:hook:${at + 1}`);

describe.each(['fail', 'hang'] as const)('keys that %s', (what) => {
  test('A7: however many of them there are, they keep no other from being told', async () => {
    const told = new Told();
    for (const key of KEYS.slice(0, 11)) (what === 'fail' ? told.failing : told.hanging).add(key);
    told.outbox.add(...KEYS);
    await told.run(told.nowMs + 10_000);
    expect(told.tries.get('object:hook:12')).toHaveLength(1);
    expect(told.outbox.has('object:hook:12')).toBe(false);
    expect(told.outbox.has('object:hook:1')).toBe(true);
  });

  test('A7: each is tried again after 5 s, doubled up to a minute, also across crashes', async () => {
    const told = new Told();
    told.failing.add('a');
    told.outbox.add('a', 'b');
    const startMs = told.nowMs;
    for (let atMs = startMs; atMs < startMs + HOUR_MS; atMs += 600_000) {
      await told.run(atMs);
      if (what === 'hang') told.open();
    }
    const tries = (told.tries.get('a') ?? []).map((ms) => (ms - startMs) / 1_000);
    expect(tries.slice(0, 6)).toEqual([5, 10, 20, 40, 80, 140]);
    expect(tries.length).toBeLessThan(65);
    told.failing.clear();
    await told.run(told.nowMs + 60_000);
    expect(told.outbox.dueMs()).toBe(Infinity);
  });
});

test('one that hangs is not told again beside it; after a crash it is', async () => {
  const told = new Told();
  told.hanging.add('a');
  told.outbox.add('a');
  await told.run(told.nowMs + HOUR_MS);
  expect(told.tries.get('a')).toHaveLength(1);
  told.hanging.clear();
  told.open();
  await told.run(told.nowMs + 60_000);
  expect(told.tries.get('a')).toHaveLength(2);
  expect(told.outbox.dueMs()).toBe(Infinity);
});

test('a change of what has failed for long is tried soon', async () => {
  const told = new Told();
  told.failing.add('a');
  told.outbox.add('a');
  await told.run(told.nowMs + HOUR_MS);
  told.outbox.add('a');
  expect(told.outbox.dueMs()).toBeLessThanOrEqual(told.nowMs + 5_000);
});

test('a clock that was set back makes nobody wait', async () => {
  const told = new Told();
  told.outbox.add('a');
  told.nowMs -= HOUR_MS;
  expect(told.outbox.dueMs()).toBe(told.nowMs);
  await told.run(told.nowMs);
  expect(told.tries.get('a')).toHaveLength(1);
});

test('what is due is found by the index, whatever waits', async () => {
  const told = new Told();
  told.outbox.add(...KEYS);
  await told.run(told.nowMs + HOUR_MS);
  for (const query of told.queries) {
    if (!query.startsWith('SELECT')) continue;
    expect(told.planOf(query).join('; '), query).toMatch(/USING (COVERING )?INDEX|PRIMARY KEY/);
    expect(told.planOf(query).join('; '), query).not.toContain('SCAN outbox;');
  }
  expect(told.queries.size).toBeGreaterThan(4);
});
