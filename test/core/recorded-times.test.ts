/** B7: where the clock was set back, places are found by time all the same. Held against a look at every event. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventStore } from '../../src/event-log/event-store.ts';
import { EVENT_LOG_MIGRATIONS } from '../../src/event-log/schema.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { Sqlite } from '../support/sqlite.ts';

const NO_FILTER = { type: null, subject: null, source: null, sourceId: null };

/** Events at these times; null: the place is empty. */
function storeOf(times: readonly (number | null)[]): { store: EventStore; disk: Sqlite } {
  const disk = new Sqlite();
  migrate(disk.storage, EVENT_LOG_MIGRATIONS);
  const store = new EventStore(disk.sql);
  let lastMs = 0;
  for (const [at, recordedAtMs] of times.entries()) {
    if (recordedAtMs === null) continue;
    const seq = at + 1;
    disk.sql.exec(
      `INSERT INTO events (seq, id, type, source, recorded_at, kind, head, raw) VALUES (?, ?, 'a.b', '/s', ?, 'json', '', x'')`,
      seq,
      `evt_${seq}`,
      recordedAtMs,
    );
    if (recordedAtMs < lastMs) store.times.stepBack(seq);
    lastMs = recordedAtMs;
  }
  return { store, disk };
}

test('B7: what was recorded in a time is found, and nothing else, also by another life of the object', () => {
  const times = fc.array(fc.option(fc.nat(20), { freq: 5 }), { minLength: 1, maxLength: 25 });
  fc.assert(
    fc.property(times, fc.nat(22), fc.nat(22), fc.boolean(), (all, fromMs, toMs, isAscending) => {
      const { store, disk } = storeOf(all);
      const expected = all.flatMap((at, place) =>
        at !== null && at >= fromMs && at < toMs ? [place + 1] : [],
      );
      for (const life of [store, new EventStore(disk.sql)]) {
        const order = isAscending ? 'asc' : 'desc';
        const { seqs } = life.find({ ...NO_FILTER, fromMs, toMs }, order, null, 100);
        expect(isAscending ? seqs : seqs.reverse()).toEqual(expected);
        // Retention takes what lies before, none of which may be younger.
        const since = life.firstSeqSince(fromMs);
        expect(all.slice(0, since - 1).every((at) => at === null || at < fromMs)).toBe(true);
        const end = life.endSeqBefore(toMs);
        expect(all.slice(end - 1).every((at) => at === null || at >= toMs)).toBe(true);
      }
      disk.db.close();
    }),
    { numRuns: 100, seed: 20_260_101 },
  );
});

test('B7: where times rise, what parts them is the very place', () => {
  const { store, disk } = storeOf([1, 2, 2, 5, null, 9]);
  expect([0, 2, 3, 6, 10].map((ms) => store.firstSeqSince(ms))).toEqual([1, 2, 4, 5, 7]);
  expect([0, 2, 5, 6, 10].map((ms) => store.endSeqBefore(ms))).toEqual([1, 2, 4, 5, 7]);
  disk.db.close();
});

test('a step that retention has passed is forgotten', () => {
  const { store, disk } = storeOf([10, 5, 7, 3, 4]);
  store.times.forgetBefore(2);
  expect(disk.sql.exec('SELECT seq FROM time_steps').toArray()).toEqual([{ seq: 4 }]);
  disk.db.close();
});
