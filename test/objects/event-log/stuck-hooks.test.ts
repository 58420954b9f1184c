/** Upkeep of a log some of whose hook objects fail or hang whatever they are asked: they stop nothing but themselves. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Env } from '../../../src/env.ts';
import { EVERY_HOOK } from '../../../src/event-log/hook-scope.ts';
import type { Hook } from '../../../src/hook/hook.ts';
import { hooksThat, openedLog, publishTo, relay, type Log } from './log.ts';
import {
  at,
  daily,
  DAY_MS,
  deliver,
  fill,
  LOG_MAX_BYTES,
  pendingOf,
  placesOf,
  sizeOf,
  START_MS,
  swept,
  wokenUntil,
} from './retaining.ts';

let errors: string[];
beforeEach(() => {
  errors = [];
  vi.spyOn(console, 'error').mockImplementation((text: string) => void errors.push(text));
  vi.spyOn(console, 'warn').mockReturnValue();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const STUCK = [
  ['fails', () => Promise.reject(new Error('down'))],
  ['hangs', () => new Promise<never>(() => undefined)],
] as const;

type Calls = Record<string, (...args: unknown[]) => unknown>;

/** The real hooks, but for some that do otherwise with each call, and a note of who was asked to purge. */
function hooks(stuck: readonly number[], answer: () => Promise<never>) {
  const asked: number[] = [];
  const getByName = (name: string) => {
    const id = Number(name.split('/').at(-1));
    const stub = (stuck.includes(id) ? hooksThat(answer) : relay.HOOK).getByName(name) as unknown as Calls;
    const get = (_target: object, member: string) => {
      if (member === 'then') return undefined;
      return (...args: unknown[]) => {
        if (member === 'purge') asked.push(id);
        return stub[member]?.(...args);
      };
    };
    return new Proxy({}, { get });
  };
  return { asked, HOOK: { getByName } as unknown as Env['HOOK'] };
}

/** Calls to hooks end soon. */
async function withShortDeadlines(log: Log): Promise<void> {
  await log.inside((object) => {
    Object.assign(object, { callDeadlineMs: 20 });
  });
}

/** One round of retention by age, to its end. */
async function round(log: Log, nowMs: number): Promise<void> {
  at(nowMs);
  await log.stub.sweep();
  for (let ms = 0; (await log.alarmAt()) !== null && ms < 120_000; ms += 10_000) {
    at(nowMs + ms);
    await log.inside((object) => object.alarm());
    await scheduler.wait(30);
  }
}

describe.each(STUCK)('A6: a hook object that %s', (_name, answer) => {
  it('holds back three rounds by age, and no further ones', async () => {
    const log = await openedLog();
    const [well, stuck] = [await log.pausedHook(), await log.pausedHook()];
    await daily(log, 3);
    await deliver(log, well, [1, 3]);
    await withShortDeadlines(log);
    await log.bind(hooks([stuck], answer));
    for (let day = 60; day < 63; day += 1) {
      await round(log, START_MS + day * DAY_MS);
      expect(await placesOf(log)).toEqual([1, 2, 3]);
    }
    await round(log, START_MS + 63 * DAY_MS);
    // What the one that is well has pending stays; what the other has is delivered out of its own rows.
    expect(await placesOf(log)).toEqual([2]);
    expect(await pendingOf(log, stuck)).toEqual([1, 2, 3]);
    expect(errors.at(-1)).toBe('retention goes on without some hooks');

    // When it is well again it is asked as before.
    await log.healed();
    await round(log, START_MS + 64 * DAY_MS);
    await log.bind(hooks([stuck], answer));
    await round(log, START_MS + 65 * DAY_MS);
    expect(await placesOf(log)).toEqual([2]);
    expect(errors.at(-1)).toBe('retention is held back by hooks');
  });

  it('and has not been offered anything since: holds back three rounds by age, too', async () => {
    const log = await openedLog();
    const stuck = await log.pausedHook();
    await log.bind(hooks([stuck], answer));
    await withShortDeadlines(log);
    at(START_MS);
    await log.inside((object) => publishTo(object));
    await wokenUntil(log, async () =>
      expect(await log.unfinished()).toMatchObject({ lagging: 1, events: 0 }),
    );
    for (let day = 60; day < 63; day += 1) {
      await round(log, START_MS + day * DAY_MS);
      expect(await placesOf(log)).toEqual([1]);
    }
    await round(log, START_MS + 63 * DAY_MS);
    expect(await placesOf(log)).toEqual([]);
  });

  it('does not keep the log from being brought below LOG_MAX_BYTES', async () => {
    const log = await openedLog();
    const [well, stuck] = [await log.pausedHook({ events: ['order.*'] }), await log.pausedHook()];
    const { tokenHash } = await log.source('deskera');
    await withShortDeadlines(log);
    await log.bind({ ...hooks([stuck], answer), LOG_MAX_BYTES: String(LOG_MAX_BYTES) });
    await log.inside((object) => {
      for (let event = 0; event < 5; event += 1) publishTo(object);
    });
    const startMs = Date.now();
    let aheadMs = 0;
    vi.spyOn(Date, 'now').mockImplementation(() => startMs + aheadMs);
    await fill(log, tokenHash, 300);
    await wokenUntil(log, async () => {
      aheadMs += 2_000;
      expect((await log.unfinished()).events).toBe(0);
      expect(await sizeOf(log)).toBeLessThanOrEqual(LOG_MAX_BYTES);
    });
    expect((await placesOf(log)).slice(0, 5)).toEqual([1, 2, 3, 4, 5]);
    expect(await pendingOf(log, well)).toEqual([1, 2, 3, 4, 5]);

    // When it is well again it gets what is left, under numbers without a gap; what is gone is told as gone.
    const left = await placesOf(log);
    await log.healed();
    await wokenUntil(log, async () => {
      aheadMs += 60_000;
      expect(await log.unfinished()).toMatchObject({ lagging: 0 });
    });
    const queue = await log.queueOf(stuck);
    expect(queue.map(({ seq }) => seq)).toEqual(left);
    expect(queue.map(({ sequence }) => sequence)).toEqual(left.map((_, index) => index + 1));
  }, 60_000);
});

describe('A13: a round', () => {
  it('asks only hooks that have ever been offered something', async () => {
    const log = await openedLog();
    for (let hook = 0; hook < 20; hook += 1) await log.pausedHook({ events: ['never.so'] });
    const offered = await log.pausedHook();
    await daily(log, 2);
    const { asked, HOOK } = hooks([], () => Promise.reject(new Error('none is')));
    await log.bind({ HOOK });
    await round(log, START_MS + 60 * DAY_MS);
    expect(asked).toEqual([offered]);
    expect(await placesOf(log)).toEqual([1, 2]);
  });

  it('by size asks hooks for a minute at most, and goes on without the others', async () => {
    const log = await openedLog();
    await log.pausedHook({ events: ['order.*'] });
    await log.rows(
      `WITH RECURSIVE n (n) AS (SELECT 100 UNION ALL SELECT n + 1 FROM n WHERE n < 2000)
       INSERT INTO offered (hook_id, backfilled) SELECT n, 0 FROM n`,
    );
    const { tokenHash } = await log.source('deskera');
    const startMs = Date.now();
    let [aheadMs, asked] = [0, 0];
    vi.spyOn(Date, 'now').mockImplementation(() => startMs + aheadMs);
    const purge = () => {
      asked += 1;
      aheadMs += 500;
      return Promise.resolve({ isDone: true, pending: [], pendingFrom: null });
    };
    const HOOK = { getByName: () => ({ purge, enqueue: () => Promise.resolve() }) } as unknown as Env['HOOK'];
    await log.bind({ HOOK, LOG_MAX_BYTES: String(LOG_MAX_BYTES) });
    await fill(log, tokenHash, 200);
    await wokenUntil(log, async () => expect(await sizeOf(log)).toBeLessThanOrEqual(LOG_MAX_BYTES));
    expect(asked).toBeGreaterThan(8);
    expect(asked).toBeLessThan(1_000);
  });

  it('of an object that is nearly full asks nobody: what is pending goes from the log, and is delivered all the same', async () => {
    const log = await openedLog();
    const hook = await log.pausedHook();
    const { tokenHash } = await log.source('deskera');
    await log.bind({ LOG_MAX_BYTES: '1000000' });
    await log.inside((object) => {
      Object.assign(object, { objectMaxBytes: LOG_MAX_BYTES });
    });
    await fill(log, tokenHash, 200);
    await wokenUntil(log, async () => {
      expect((await log.unfinished()).events).toBe(0);
      expect(await sizeOf(log)).toBeLessThanOrEqual(LOG_MAX_BYTES);
    });
    const places = await placesOf(log);
    expect(places.length).toBeGreaterThan(20);
    expect(places.at(-1)).toBe(200);
    expect(await pendingOf(log, hook)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
    expect(errors.join()).toContain('no room');
  });

  it('forgets deleted hooks however many of them cannot be erased', async () => {
    const log = await openedLog();
    const ids: number[] = [];
    for (let hook = 0; hook < 30; hook += 1) ids.push(await log.pausedHook());
    at(START_MS);
    for (const id of ids) await log.deleteHook(id);
    const stuck = ids.slice(0, 12);
    await withShortDeadlines(log);
    await log.bind(hooks(stuck, STUCK[0][1]));
    await round(log, START_MS + 60 * DAY_MS);
    expect((await log.rows<{ id: number }>('SELECT id FROM hooks ORDER BY id')).map(({ id }) => id)).toEqual(
      stuck,
    );
    await log.healed();
    await round(log, START_MS + 61 * DAY_MS);
    expect(await log.rows('SELECT id FROM hooks')).toEqual([]);
  });

  it('forgets deleted sources that no hook names, however many are named', async () => {
    const log = await openedLog();
    at(START_MS);
    const named: string[] = [];
    for (let source = 0; source < 3; source += 1) named.push((await log.source()).id);
    const unnamed = await log.source();
    await log.pausedHook({ sources: named });
    for (const id of [...named, unnamed.id]) await log.stub.deleteSource(id);
    await round(log, START_MS + 60 * DAY_MS);
    expect((await log.rows<{ id: string }>('SELECT id FROM sources ORDER BY n')).map(({ id }) => id)).toEqual(
      named,
    );
  });
});

it('A16: the daily round wakes a hook with work whose alarm was lost, though nothing in the log is old', async () => {
  const log = await openedLog();
  const hook = await log.pausedHook({ paused: false });
  at(START_MS);
  await log.inside((object) => publishTo(object));
  await log.settled();
  await runInDurableObject(log.hook(hook), (_hook: Hook, { storage }) => storage.deleteAlarm());
  await evictDurableObject(log.hook(hook));
  const alarmOf = () => runInDurableObject(log.hook(hook), (_hook: Hook, { storage }) => storage.getAlarm());
  await round(log, START_MS + 1_000);
  // Looked at in the object as it is: a constructor that ran for the look would set it.
  expect(await alarmOf()).not.toBeNull();
});

describe('A13: the deletion of a payload', () => {
  const told: number[] = [];
  beforeEach(() => {
    told.length = 0;
  });

  /** The real hooks, but that these cannot be told; notes who was. */
  const tellable = (broken: readonly number[]) => {
    const getByName = (name: string) => {
      const id = Number(name.split('/').at(-1));
      const stub = relay.HOOK.getByName(name);
      return {
        enqueue: (events: never) => stub.enqueue(events),
        expunge: (seq: number) => {
          told.push(id);
          return broken.includes(id) ? Promise.reject(new Error('down')) : stub.expunge(seq);
        },
      };
    };
    return { getByName } as unknown as Env['HOOK'];
  };

  it('is told only to hooks that may have got the event', async () => {
    const log = await openedLog();
    for (let hook = 0; hook < 60; hook += 1) await log.pausedHook({ events: ['never.so'] });
    const wanting = await log.pausedHook();
    const backfilled = await log.pausedHook({ events: ['later.*'] });
    const id = await log.inside((object) => publishTo(object));
    await log.settled();
    await log.patchHook(backfilled, { events: ['*'] });
    await log.inside((object) => object.replayRange(backfilled, EVERY_HOOK, 'missing', 0, null));
    await log.bind({ HOOK: tellable([]) });
    expect(await log.stub.expunge(id)).toBe('expunged');
    expect(told).toEqual([wanting, backfilled]);
  });

  it('that some hooks cannot be told keeps neither other hooks nor other events waiting', async () => {
    const log = await openedLog();
    const ids: number[] = [];
    for (let hook = 0; hook < 14; hook += 1) ids.push(await log.pausedHook());
    const events = await log.inside((object) => [publishTo(object), publishTo(object, 'second.one')]);
    await log.settled();
    const broken = ids.slice(0, 12);
    await log.bind({ HOOK: tellable(broken) });
    const startMs = Date.now();
    let aheadMs = 0;
    vi.spyOn(Date, 'now').mockImplementation(() => startMs + aheadMs);
    for (const event of events) expect(await log.stub.expunge(event)).toBe('under-way');
    const told2 = (seq: number) => log.rows('SELECT hook_id FROM owed WHERE seq = ?', seq);
    expect(await log.rows('SELECT seq FROM expunging')).toEqual([]);
    for (const seq of [1, 2]) expect(await told2(seq)).toEqual(broken.map((hook_id) => ({ hook_id })));
    expect(told.filter((id) => id === ids[13])).toHaveLength(2);

    told.length = 0;
    for (; aheadMs < 3_600_000; aheadMs += 5_000) await runDurableObjectAlarm(log.stub);
    await wokenUntil(log, async () => expect(await log.alarmAt()).toBeGreaterThan(startMs + aheadMs));
    expect(told.filter((id) => id === broken[0]).length).toBeLessThan(30);
    await log.bind({ HOOK: tellable([]) });
    await wokenUntil(log, async () => {
      aheadMs += 600_000;
      expect(await log.rows('SELECT seq FROM owed')).toEqual([]);
    });
    for (const event of events) expect(await log.stub.expunge(event)).toBe('expunged');
  });

  it('of an event that retention would take meanwhile is told to all first', async () => {
    const log = await openedLog();
    const hook = await log.pausedHook();
    await daily(log, 1);
    await deliver(log, hook, [1]);
    const [row] = await log.rows<{ id: string }>('SELECT id FROM events');
    await log.inside(async (object, { storage }) => {
      storage.sync = () => Promise.reject(new Error('cut'));
      expect(await object.expunge(row?.id ?? '')).toBe('under-way');
    });
    await log.crash();
    await log.rows('UPDATE expunging SET after_hook = 0');
    await log.inside((_object, { storage }) => {
      const sync = storage.sync.bind(storage);
      storage.sync = () => (Date.now() > START_MS + 61 * DAY_MS ? sync() : Promise.reject(new Error('cut')));
    });
    await round(log, START_MS + 60 * DAY_MS);
    expect(await placesOf(log)).toEqual([1]);
    at(START_MS + 62 * DAY_MS);
    await swept(log, async () => expect(await log.rows('SELECT seq FROM expunging')).toEqual([]));
    await swept(log, async () => expect(await placesOf(log)).toEqual([]));
  });
});
