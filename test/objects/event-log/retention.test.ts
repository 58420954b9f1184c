/** Retention by age and by size: what has ended goes, oldest first, and never what is pending, unserved or uncounted. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Env } from '../../../src/env.ts';
import type { EventFilter } from '../../../src/event-log/event-store.ts';
import type { Hook } from '../../../src/hook/hook.ts';
import type { PurgeStep } from '../../../src/hook/purge.ts';
import {
  acceptedId,
  arrival,
  contactChanged,
  hooksThat,
  keyIn,
  openedLog,
  publishTo,
  recordsOf,
  relay,
  type Log,
} from './log.ts';
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

const NO_FILTER: EventFilter = {
  type: null,
  subject: null,
  source: null,
  sourceId: null,
  fromMs: null,
  toMs: null,
};

/** What was said about logs that are full, or rounds that were given up. */
let errors: string[];
beforeEach(() => {
  errors = [];
  vi.spyOn(console, 'error').mockImplementation((text: string) => {
    errors.push(text);
  });
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
});

afterEach(() => {
  vi.restoreAllMocks();
});

const LIVES = [
  { life: 'awake throughout', halfway: async (_log: Log) => {} },
  { life: 'evicted half-way', halfway: async (log: Log) => evictDurableObject(log.stub) },
] as const;

describe.each(LIVES)('$life', ({ halfway }) => {
  it('I7: what is older than retention goes from log and queues once it has ended; what is pending stays', async () => {
    const log = await openedLog();
    const hookId = await log.pausedHook();
    await daily(log, 8);
    await deliver(log, hookId, [1, 2, 4, 5, 6, 7, 8]);
    at(START_MS + 35 * DAY_MS);
    await log.stub.sweep();
    await halfway(log);
    await swept(log, async () => expect(await placesOf(log)).toEqual([3, 6, 7, 8]));
    expect(await pendingOf(log, hookId)).toEqual([3, 6, 7, 8]);
    await deliver(log, hookId, [3]);
    await halfway(log);
    await swept(log, async () => expect(await placesOf(log)).toEqual([6, 7, 8]));
    expect(await pendingOf(log, hookId)).toEqual([6, 7, 8]);
  });

  it('a log of which nothing is left goes on as if all were there', async () => {
    const log = await openedLog();
    const { tokenHash } = await log.source();
    at(START_MS);
    const ids: string[] = [];
    for (const id of ['a', 'b', 'c']) {
      ids.push(acceptedId(await log.stub.accept(arrival(tokenHash, contactChanged(id)))));
    }
    await log.settled();
    at(START_MS + 31 * DAY_MS);
    await swept(log, async () => expect(await placesOf(log)).toEqual([]));
    await halfway(log);
    expect(await log.stub.getEvent(ids[0] ?? '', 0, 10)).toBeNull();
    expect(await log.stub.stats()).toMatchObject({ accepted: 3, oldestEventAtMs: null });
    expect((await log.stub.listSources({ order: 'asc', after: null, limit: 1 }))[0]?.stats.accepted).toBe(3);

    // A clock that has been set back by less than a minute: times do not run backwards all the same.
    at(START_MS - 30_000);
    const again = await log.stub.accept(arrival(tokenHash, contactChanged('a')));
    expect(again).toMatchObject({ duplicate: false });
    const [row] = await log.rows<{ seq: number; at: number }>('SELECT seq, recorded_at AS at FROM events');
    expect(row).toEqual({ seq: 4, at: START_MS });
  });

  it('what no hook has been offered yet stays', async () => {
    const log = await openedLog();
    const hookId = await log.pausedHook();
    await daily(log, 2);
    await deliver(log, hookId, [1, 2]);
    await log.bind({ HOOK: hooksThat(() => Promise.reject(new Error('down'))) });
    await log.inside((object) => publishTo(object));
    await wokenUntil(log, async () => expect(await log.unfinished()).toMatchObject({ lagging: 1 }));
    await log.healed();
    at(START_MS + 60 * DAY_MS);
    await halfway(log);
    await log.stub.sweep();
    await swept(log, async () => expect(await pendingOf(log, hookId)).toContain(3));
    expect(await placesOf(log)).toContain(3);
  });

  it('where a hook cannot be asked nothing is deleted; the next round does it', async () => {
    const log = await openedLog();
    const hookId = await log.pausedHook();
    await daily(log, 3);
    await deliver(log, hookId, [1, 2, 3]);
    let nowMs = START_MS + 60 * DAY_MS;
    at(nowMs);
    await log.bind({ HOOK: hooksThat(() => Promise.reject(new Error('down'))) });
    await swept(log, () => {
      at((nowMs += 600_000));
      expect(errors).not.toEqual([]);
    });
    expect(await placesOf(log)).toEqual([1, 2, 3]);
    await log.healed();
    await halfway(log);
    await swept(log, async () => expect(await placesOf(log)).toEqual([]));
  });

  it('lists, cursors and searches by time are right between holes', async () => {
    const log = await openedLog();
    const hookId = await log.pausedHook();
    await daily(log, 20);
    const kept = [2, 3, 9];
    await deliver(
      log,
      hookId,
      Array.from({ length: 20 }, (_, index) => index + 1).filter((seq) => !kept.includes(seq)),
    );
    at(START_MS + 44 * DAY_MS);
    const left = [...kept, 15, 16, 17, 18, 19, 20];
    await swept(log, async () => expect(await placesOf(log)).toEqual(left));
    await halfway(log);
    for (let day = -1; day <= 20; day += 1) {
      const fromMs = START_MS + day * DAY_MS;
      const page = await log.stub.listEvents(
        { ...NO_FILTER, fromMs },
        { order: 'asc', after: null, limit: 200 },
      );
      expect(page.envelopes).toHaveLength(left.filter((seq) => seq > day).length);
      const before = await log.stub.listEvents(
        { ...NO_FILTER, toMs: fromMs },
        { order: 'desc', after: null, limit: 200 },
      );
      expect(before.envelopes).toHaveLength(left.filter((seq) => seq <= day).length);
    }
    const seen: number[] = [];
    let after: number | null = null;
    do {
      const page = (await log.stub.listEvents(NO_FILTER, { order: 'desc', after, limit: 2 })) as {
        envelopes: Uint8Array[];
        nextSeq: number | null;
      };
      for (const envelope of page.envelopes) {
        seen.push(Number((JSON.parse(new TextDecoder().decode(envelope)) as { sequence: string }).sequence));
      }
      after = page.nextSeq;
    } while (after !== null);
    expect(seen).toEqual(left.toReversed());
  });

  it('registrations that nothing refers to any more are forgotten, and a deleted hook’s object is erased', async () => {
    const log = await openedLog();
    at(START_MS);
    const [gone, living] = [await log.pausedHook(), await log.pausedHook()];
    const [source, named] = [await log.source(), await log.source()];
    await log.patchHook(living, { sources: [named.id] });
    await log.patchHook(living, { name: 'renamed', events: ['order.*'] });
    const key = await log.inside((object) => keyIn(object));
    await daily(log, 2);
    await log.deleteHook(gone);
    for (const { id } of [source, named]) await log.stub.deleteSource(id);
    await log.stub.revokeKey(key.key.id);
    await daily(log, 1, 2);

    at(START_MS + 31.5 * DAY_MS);
    await swept(log, async () => expect(await placesOf(log)).toEqual([3]));
    await halfway(log);
    at(START_MS + 32.5 * DAY_MS);
    await swept(log, async () => expect(await log.rows('SELECT id FROM hooks')).toEqual([{ id: living }]));
    expect(await log.rows('SELECT hook_id, until_seq FROM hook_versions')).toEqual([
      { hook_id: living, until_seq: null },
    ]);
    expect(await log.rows('SELECT id FROM sources')).toEqual([{ id: named.id }]);
    expect(await log.rows('SELECT id FROM keys')).toEqual([]);
    const tables = await runInDurableObject(log.hook(gone), (_hook: Hook, { storage }) =>
      storage.sql.exec(`SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'`).toArray(),
    );
    expect(tables).toEqual([]);
    expect((await recordsOf(log.tenant.tenant)).has(`hook:${log.tenant.tenant}:${gone}`)).toBe(false);
    expect(await log.pausedHook()).toBe(3);
  });
});

it('a hook that has more pending than it tells at once is asked on', async () => {
  const log = await openedLog();
  await log.pausedHook();
  await daily(log, 6);
  const asked: number[] = [];
  const purge = (): PurgeStep => ({ isDone: true, pending: [1], pendingFrom: 2 });
  const pendingBelow = (fromSeq: number): PurgeStep => {
    asked.push(fromSeq);
    return { isDone: true, pending: [4], pendingFrom: fromSeq < 5 ? 5 : null };
  };
  const stub = {
    purge: () => Promise.resolve(purge()),
    pendingBelow: (from: number) => Promise.resolve(pendingBelow(from)),
  };
  await log.bind({ HOOK: { getByName: () => stub } as unknown as Env['HOOK'] });
  at(START_MS + 60 * DAY_MS);
  await swept(log, async () => expect(await placesOf(log)).toEqual([1, 4]));
  expect(asked).toEqual([2, 5]);
});

describe('LOG_MAX_BYTES', () => {
  const small = { LOG_MAX_BYTES: String(LOG_MAX_BYTES) };

  it('above it the oldest ended events go, with room to spare, and stats tell', async () => {
    const log = await openedLog();
    await log.bind(small);
    const { tokenHash } = await log.source('deskera');
    let nowMs = START_MS;
    for (let turn = 0; turn < 10; turn += 1) {
      at((nowMs += 1_000));
      await fill(log, tokenHash, 30);
    }
    await wokenUntil(log, async () => expect(await sizeOf(log)).toBeLessThanOrEqual(LOG_MAX_BYTES * 0.95));
    const places = await placesOf(log);
    expect(places.length).toBeGreaterThan(50);
    expect(places.at(-1)).toBe(300);
    expect(places).toEqual(Array.from({ length: places.length }, (_, index) => 301 - places.length + index));
    const stats = await log.stub.stats();
    expect(stats.accepted).toBe(300);
    expect(stats.oldestEventAtMs).toBeGreaterThan(START_MS + 1_000);
    await log.crash();
    const [source] = await log.stub.listSources({ order: 'asc', after: null, limit: 1 });
    expect(source?.stats.accepted).toBe(300);
  });

  it('what is pending stays, and what stands behind it goes', async () => {
    const log = await openedLog();
    await log.bind(small);
    const hookId = await log.pausedHook({ events: ['order.*'] });
    const { tokenHash } = await log.source('deskera');
    await log.inside((object) => {
      for (let index = 0; index < 5; index += 1) publishTo(object);
    });
    await fill(log, tokenHash, 300);
    await wokenUntil(log, async () => {
      expect((await log.unfinished()).events).toBe(0);
      expect(await sizeOf(log)).toBeLessThanOrEqual(LOG_MAX_BYTES);
    });
    expect((await placesOf(log)).slice(0, 5)).toEqual([1, 2, 3, 4, 5]);
    expect(await pendingOf(log, hookId)).toEqual([1, 2, 3, 4, 5]);
  });

  it('when all is pending the log goes on taking events, says so, and does not look for each of them', async () => {
    const log = await openedLog();
    await log.bind(small);
    await log.pausedHook();
    const { tokenHash } = await log.source('deskera');
    at(START_MS);
    await fill(log, tokenHash, 200);
    const full = () => errors.filter((text) => text.includes('LOG_MAX_BYTES')).length;
    await wokenUntil(log, () => {
      expect(full()).toBe(1);
    });
    for (let turn = 0; turn < 5; turn += 1) {
      await fill(log, tokenHash, 2);
      await log.settled();
    }
    expect(await placesOf(log)).toHaveLength(210);
    expect(full()).toBe(1);
  });
});

it('costs no row and no call until it is asked for', async () => {
  const log = await openedLog();
  await log.pausedHook();
  await daily(log, 2);
  const calls: string[] = [];
  const counting = {
    getByName: (name: string) => {
      const hook = relay.HOOK.getByName(name);
      return {
        enqueue: async (events: never) => hook.enqueue(events),
        purge: () => {
          calls.push('purge');
          return Promise.resolve({ isDone: true, pending: [], pendingFrom: null });
        },
      };
    },
  } as unknown as Env['HOOK'];
  await log.bind({ HOOK: counting });
  await daily(log, 2, 40);
  expect(calls).toEqual([]);
  expect(await log.alarmAt()).toBeNull();
});
