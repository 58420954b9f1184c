/** What the log keeps of how hooks stand: what counts of what comes in, what is written when, and what a crash loses. */
import { beforeEach, expect, test } from 'vitest';
import { HOOK_DEFAULTS } from '../../src/core/hook-config.ts';
import { EVENT_LOG_MIGRATIONS } from '../../src/event-log/schema.ts';
import { Summaries, newSummary, runtimeWith } from '../../src/event-log/summaries.ts';
import type { HookStanding } from '../../src/hook/reports.ts';
import { isAtRest, runtimeOfNew } from '../../src/hook/runtime.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { Sqlite } from '../support/sqlite.ts';

const NOW_MS = 1_000_000;

let sqlite: Sqlite;
beforeEach(() => {
  sqlite = new Sqlite();
  migrate(sqlite.storage, EVENT_LOG_MIGRATIONS);
});

function standing(number: number, members: Partial<HookStanding> = {}): HookStanding {
  return { ...runtimeOfNew({ ...HOOK_DEFAULTS, url: '' }), number, died: 0, ...members };
}

function rows(): number {
  return sqlite.sql.exec<{ count: number }>('SELECT count(*) AS count FROM summaries').one().count;
}

test('what is foreseen writes no row, and the ids of up to 40 hooks outlive a crash', () => {
  const summaries = new Summaries(sqlite.sql, '[]');
  for (let id = 1; id <= 40; id += 1) summaries.foreseen(id, standing(1, { delivered: 1 }), NOW_MS);
  summaries.flush(NOW_MS + 3_600_000);
  expect(rows()).toBe(0);
  expect(summaries.get(7)).toMatchObject({ delivered: 1 });
  const next = new Summaries(sqlite.sql, summaries.unsaved);
  expect(next.get(7)).toBeNull();
  expect(next.foreseenAtMs(7)).not.toBeNull();
  expect(next.foreseenAtMs(41)).toBeNull();
  expect(next.isHealing).toBe(false);
});

test('of more hooks each has one row a minute, and a crash before that makes all of them be asked', () => {
  const summaries = new Summaries(sqlite.sql, '[]');
  for (let id = 1; id <= 41; id += 1) summaries.foreseen(id, standing(1, { delivered: 1 }), NOW_MS);
  expect(summaries.flushDueMs()).toBeGreaterThan(NOW_MS);
  expect(summaries.flushDueMs()).toBeLessThanOrEqual(NOW_MS + 60_000);
  expect(new Summaries(sqlite.sql, summaries.unsaved).isHealing).toBe(true);
  summaries.flush(NOW_MS + 60_000);
  expect(rows()).toBe(41);
  expect(summaries.flushDueMs()).toBe(Infinity);
  const next = new Summaries(sqlite.sql, summaries.unsaved);
  expect(next.isHealing).toBe(false);
  expect(next.get(41)).toMatchObject({ delivered: 1 });
});

test('while lost ones are being asked for, the next crash does not forget that', () => {
  const summaries = new Summaries(sqlite.sql, '*');
  expect(new Summaries(sqlite.sql, summaries.unsaved).isHealing).toBe(true);
  summaries.healed();
  expect(new Summaries(sqlite.sql, summaries.unsaved).isHealing).toBe(false);
});

test('what comes in late does not count, unless the clock was set back', () => {
  const summaries = new Summaries(sqlite.sql, '[]');
  summaries.told(1, standing(NOW_MS + 2, { dead: 2 }));
  summaries.told(1, standing(NOW_MS + 1, { dead: 1 }));
  summaries.foreseen(1, standing(NOW_MS, { dead: 0 }), NOW_MS);
  expect(summaries.get(1)).toMatchObject({ dead: 2 });
  summaries.told(1, standing(NOW_MS - 600_000, { dead: 3 }));
  expect(summaries.get(1)).toMatchObject({ dead: 3 });
});

test('who says the same again writes nothing, and what a receiver answered is not kept', () => {
  const summaries = new Summaries(sqlite.sql, '[]');
  summaries.told(1, standing(1));
  expect(rows()).toBe(1);
  summaries.told(1, standing(2, { dead: 1, lastAnswer: 'HTTP 500 planted' }));
  const [row] = sqlite.sql.exec<{ summary: string }>('SELECT summary FROM summaries').toArray();
  expect(row?.summary).not.toContain('planted');
  sqlite.isFull = true;
  summaries.told(1, standing(3, { dead: 1 }));
  sqlite.isFull = false;
  expect(summaries.get(1)).toMatchObject({ dead: 1 });
});

test('a hook is shown paused or not as it is registered now, and disabled as its object says', () => {
  const waiting = { reason: 'paused', untilMs: null } as const;
  expect(runtimeWith(newSummary(false), true)).toMatchObject({
    state: 'paused',
    stateReason: 'paused',
    waiting,
  });
  expect(runtimeWith(newSummary(true), false)).toMatchObject({
    state: 'active',
    stateReason: null,
    waiting: null,
  });
  const gone = { ...newSummary(false), state: 'disabled', stateReason: 'gone' } as const;
  expect(runtimeWith(gone, true)).toMatchObject({ state: 'disabled', stateReason: 'gone' });
});

test.each([
  [{}, true],
  [{ pending: 1 }, false],
  [{ isFailing: true }, false],
  [{ dead: 5, lastError: 'status' }, true],
] as const)('%o: at rest %s', (members, expected) => {
  expect(isAtRest({ ...newSummary(false), ...members })).toBe(expected);
});
