/** What a failing hook is probed with, out of a queue too long to be looked at in one turn. */
import { expect, test } from 'vitest';
import { eventKindOf } from '../../src/core/kind.ts';
import type { Turn } from '../../src/core/probe.ts';
import { Queue } from '../../src/hook/queue.ts';
import { HOOK_MIGRATIONS } from '../../src/hook/schema.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { Sqlite } from '../support/sqlite.ts';

const NOW_MS = 1_000_000;
const LOOKED_AT = 1000;
const PROBE: Turn = {
  first: 'retry',
  retryFromMs: -Infinity,
  newKindFromMs: NOW_MS,
  triedKindFromMs: NOW_MS + 60_000,
  tried: [eventKindOf('common')],
};

/** Types and lanes by place, from 1 on. */
type Rows = (seq: number) => { readonly type: string; readonly lane: string | null };

/** A queue of ready deliveries, and how many rows its longest statement since has read. */
function queueOf(total: number, rows: Rows) {
  const { sql, storage, db } = new Sqlite();
  migrate(storage, HOOK_MIGRATIONS);
  db.exec('BEGIN');
  for (let seq = 1; seq <= total; seq += 1) {
    const { type, lane } = rows(seq);
    sql.exec(
      `INSERT INTO deliveries (seq, event_id, sequence, position, lane, state, created_at, type, source, bytes, kind,
         content_type, head, raw)
       VALUES (?1, 'evt_' || ?1, ?1, ?1, ?2, 'ready', 1, ?3, '/s', 2, 'json', NULL, '', x'7b7d')`,
      seq,
      lane,
      type,
    );
  }
  db.exec('COMMIT');
  const read = { most: 0, statements: 0 };
  const counted = {
    exec: (query: string, ...bindings: SqlStorageValue[]) => {
      const cursor = sql.exec(query, ...bindings);
      if (query.includes('AS first')) {
        read.statements += 1;
        read.most = Math.max(read.most, cursor.toArray().length);
      }
      return cursor;
    },
  } as unknown as SqlStorage;
  return { queue: new Queue(counted), read };
}

/** Goes on looking until it has found one, or knows that there is none. */
function search(queue: Queue, turn: Turn, nowMs = NOW_MS): number | null {
  for (let looks = 0; looks < 500; looks += 1) {
    const delivery = queue.take(nowMs, turn);
    if (delivery !== null) return delivery.seq;
    if (queue.dueMs(nowMs, turn) > nowMs) return null;
  }
  throw new Error('expected the search to end');
}

test('a kind that has not failed is found wherever it lies, a bounded part of the queue at a time', () => {
  for (const at of [1, 2_500, 5_000]) {
    const { queue, read } = queueOf(5_000, (seq) => ({
      type: seq === at ? 'rare' : 'common',
      lane: `s${seq}`,
    }));
    expect(search(queue, PROBE)).toBe(at);
    expect(read.most).toBeLessThanOrEqual(LOOKED_AT);
  }
});

test('of the newest of several kinds the oldest goes out', () => {
  const types = ['old', 'old', 'new', 'new', 'common'];
  const { queue } = queueOf(5, (seq) => ({ type: types[seq - 1] ?? '', lane: `s${seq}` }));
  expect(search(queue, PROBE)).toBe(3);
});

test('it goes out in its order: what stands before it in its lane does so first', () => {
  const { queue, read } = queueOf(4_000, (seq) =>
    seq === 3_900 ? { type: 'rare', lane: 's7' } : { type: 'common', lane: `s${seq}` },
  );
  expect(search(queue, PROBE)).toBe(7);
  expect(read.most).toBeLessThanOrEqual(LOOKED_AT);
});

test('where there is no such kind that is found out once, and not again for every event that comes in', () => {
  const { queue, read } = queueOf(3_000, (seq) => ({ type: 'common', lane: `s${seq}` }));
  expect(search(queue, PROBE)).toBeNull();
  const { statements } = read;
  expect(queue.dueMs(NOW_MS, PROBE)).toBe(PROBE.triedKindFromMs);
  // Retries are looked for each time.
  expect(read.statements - statements).toBeLessThanOrEqual(1);
});

test('when only kinds are left that have failed, the turn is that of the one that failed longest ago', () => {
  const tried = ['a', 'b', 'c'].map(eventKindOf);
  const { queue } = queueOf(30, (seq) => ({ type: ['c', 'b', 'a'][seq % 3] ?? '', lane: null }));
  expect(search(queue, { ...PROBE, tried, triedKindFromMs: NOW_MS })).toBe(2);
});
