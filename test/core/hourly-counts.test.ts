/** Counts by the hour out of rising totals: one row an hour, whatever the number of counts, and nothing lost with the process. */
import { beforeEach, expect, test } from 'vitest';
import { HOUR_MS } from '../../src/core/hour.ts';
import { HOOK_MIGRATIONS } from '../../src/hook/schema.ts';
import { HourlyCounts, dropHoursBefore } from '../../src/storage/hourly-counts.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { Sqlite } from '../support/sqlite.ts';

let sqlite: Sqlite;
let hours: HourlyCounts;
let total: number;
beforeEach(() => {
  sqlite = new Sqlite();
  migrate(sqlite.storage, HOOK_MIGRATIONS);
  total = 0;
  crash();
});

/** Another process on the same disk. */
function crash(): void {
  hours = new HourlyCounts(sqlite.sql, '');
}

function count(hour: number, times = 1): void {
  for (let n = 0; n < times; n += 1) {
    hours.turn(hour * HOUR_MS + n, () => ({ total }));
    total += 1;
  }
}

function counted(from = 0, to = 100_000): [number, number][] {
  return hours.between(from, to, { total }).map(({ hour, counts }) => [hour, counts['total'] ?? NaN]);
}

function rows(): number {
  return sqlite.sql.exec<{ count: number }>('SELECT count(*) AS count FROM hours').one().count;
}

test.each([
  ['in one life', () => undefined],
  ['with a crash after each hour', crash],
])('each hour has its own, and an hour without any has no row: %s', (_name, between) => {
  count(10, 3);
  between();
  count(11, 1);
  between();
  count(15, 2);
  between();
  expect(counted()).toEqual([
    [10, 3],
    [11, 1],
    [15, 2],
  ]);
  expect(rows()).toBe(3);
  expect(counted(11, 15)).toEqual([[11, 1]]);
  expect(counted(15, 16)).toEqual([[15, 2]]);
});

test('what there was before it began to count is in no hour', () => {
  total = 1000;
  count(10);
  expect(counted()).toEqual([[10, 1]]);
});

test('after a step back of the clock an hour has two rows, and no count is lost', () => {
  count(10, 2);
  count(15, 3);
  count(10, 4);
  expect(counted()).toEqual([
    [10, 2],
    [15, 3],
    [10, 4],
  ]);
});

test('totals that were lost in part make no negative count', () => {
  count(10, 5);
  count(11);
  crash();
  total = 3;
  expect(counted()).toEqual([
    [10, 5],
    [11, 0],
  ]);
});

test('whose totals are forgotten takes nothing from the counts', () => {
  count(10, 5);
  total -= 2;
  hours.withdraw({ total: 2 });
  crash();
  count(10, 1);
  count(11, 1);
  expect(counted()).toEqual([
    [10, 6],
    [11, 1],
  ]);
});

test('a total that is new begins with what it is then', () => {
  count(10);
  const more = { total, other: 50 };
  expect(hours.between(0, 100, more)[0]?.counts).toEqual({ total: 1, other: 0 });
});

test('what was undone is read anew', () => {
  count(10);
  expect(() =>
    sqlite.storage.transactionSync(() => {
      count(11);
      throw new Error('undone');
    }),
  ).toThrow('undone');
  total = 1;
  hours.reread();
  count(11, 2);
  expect(counted()).toEqual([
    [10, 1],
    [11, 2],
  ]);
});

test('what is too old goes; the counts that stay are the same', () => {
  for (const hour of [10, 11, 12]) count(hour);
  dropHoursBefore(sqlite.sql, 12);
  crash();
  expect(counted(11)).toEqual([
    [11, 1],
    [12, 1],
  ]);
  dropHoursBefore(sqlite.sql, 20);
  crash();
  count(30, 2);
  expect(counted(13)).toEqual([[30, 2]]);
  expect(rows()).toBe(1);
});
