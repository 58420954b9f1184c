import { evictDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { arrival, clockAhead, contactChanged, openedLog, publishTo, type Log } from './log.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** Counts what is written from now on: rows by SQLite's own count, alarms set, and statements that hold `text`. */
async function watched(log: Log, text = 'UPDATE sources SET stats') {
  const written = { rows: 0, alarms: 0, matching: 0 };
  await log.inside((_object, { storage }) => {
    const { sql } = storage;
    const exec = sql.exec.bind(sql);
    sql.exec = ((query: string, ...bound: unknown[]) => {
      const cursor = exec(query, ...bound);
      // Of those that answer rows, the last ones are not counted before they are read: none of them writes here.
      written.rows += cursor.rowsWritten;
      if (query.includes(text)) written.matching += 1;
      return cursor;
    }) as typeof sql.exec;
    const setAlarm = storage.setAlarm.bind(storage);
    storage.setAlarm = (at) => {
      written.alarms += 1;
      return setAlarm(at);
    };
  });
  return written;
}

async function fannedOut(log: Log): Promise<void> {
  await vi.waitFor(
    async () => {
      expect(await log.unfinished()).toMatchObject({ events: 0, lagging: 0 });
    },
    { interval: 5, timeout: 20_000 },
  );
}

const statsOf = async (log: Log) => (await log.stub.listSources(QUERY))[0]?.stats;
const QUERY = { order: 'asc', after: null, limit: 10 } as const;

describe('rows written', () => {
  it('a lone event, fanned out to one hook, costs at most five with its alarm and counters', async () => {
    const log = await openedLog();
    const { tokenHash } = await log.source();
    await log.pausedHook();
    // The first event that a hook is ever offered costs one more.
    await log.stub.accept(arrival(tokenHash, contactChanged('first')));
    await log.settled();
    await evictDurableObject(log.stub);
    await log.settled();
    const written = await watched(log);
    await log.stub.accept(arrival(tokenHash, contactChanged('a')));
    await fannedOut(log);
    expect(written).toMatchObject({ matching: 1 });
    expect(written.rows + written.alarms).toBeLessThanOrEqual(5);
  });

  it('a burst costs little more than two rows an event', async () => {
    const log = await openedLog();
    const { tokenHash } = await log.source();
    await log.pausedHook();
    await log.settled();
    const written = await watched(log);
    // In tens of a turn: how many wakes there are must not depend on how fast this machine is.
    for (let turn = 0; turn < 100; turn += 1) {
      await log.inside(async (object) => {
        for (let at = 0; at < 10; at += 1) {
          await object.accept(arrival(tokenHash, contactChanged(`id-${turn}-${at}`)));
        }
      });
    }
    await fannedOut(log);
    expect(written.rows + written.alarms).toBeLessThanOrEqual(2_200);
  }, 20_000);
});

describe('counters', () => {
  it('accepted ones are exact after a crash at any time', async () => {
    const log = await openedLog();
    const { tokenHash } = await log.source();
    for (let at = 1; at <= 6; at += 1) {
      await log.stub.accept(arrival(tokenHash, contactChanged(`id-${at}`)));
      if (at % 2 === 0) await log.inside((object) => object.alarm());
      if (at === 4) clockAhead(61_000);
      await log.crash();
      expect(await statsOf(log)).toMatchObject({ accepted: at });
    }
    expect((await log.stub.stats()).accepted).toBe(6);
  });

  it('are flushed at most once a minute, and lose at most what came since', async () => {
    const log = await openedLog();
    const { tokenHash } = await log.source();
    const startMs = Date.now();
    const clock = vi.spyOn(Date, 'now').mockReturnValue(startMs);
    const bad = () => log.inside((object) => object.accept(arrival(tokenHash, 'no JSON')));
    const wake = () => log.inside((object) => object.alarm());
    const written = await watched(log);
    await bad();
    await wake();
    expect(written.matching).toBe(1);
    for (const afterMs of [1, 30_000, 59_999]) {
      clock.mockReturnValue(startMs + afterMs);
      await bad();
      await wake();
      expect(await log.alarmAt()).toBe(startMs + 60_000);
    }
    expect(written.matching).toBe(1);
    clock.mockReturnValue(startMs + 60_000);
    await wake();
    expect(written.matching).toBe(2);
    await bad();
    await log.crash();
    expect(await statsOf(log)).toMatchObject({
      rejected: { malformed: 4 },
      lastRejection: 'malformed',
      lastRejectedAtMs: startMs + 59_999,
    });
  });

  it('tests, duplicates and refusals are told apart', async () => {
    const log = await openedLog();
    const { tokenHash } = await log.source();
    await log.stub.accept(arrival(tokenHash, contactChanged('a')));
    await log.stub.accept(arrival(tokenHash, contactChanged('a')));
    await log.stub.accept(arrival(tokenHash, { Event: 'test' }));
    await log.stub.accept(arrival(tokenHash, '[]'));
    expect(await log.stub.refused(tokenHash, 'tooLarge')).toBe(true);
    expect(await log.stub.refused(tokenHash, null)).toBe(true);
    expect(await log.stub.refused('0'.repeat(64), 'tooLarge')).toBe(false);
    expect(await statsOf(log)).toMatchObject({
      accepted: 1,
      duplicates: 1,
      tests: 1,
      rejected: { signature: 0, malformed: 1, tooLarge: 1 },
      lastRejection: 'tooLarge',
    });
  });

  it('the place up to which events are counted moves on with own events too', async () => {
    const log = await openedLog();
    await log.inside((object) => publishTo(object));
    await log.settled();
    expect(await log.rows('SELECT counted_seq FROM progress')).toEqual([{ counted_seq: 1 }]);
  });
});
