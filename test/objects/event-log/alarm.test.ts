import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EventLog } from '../../../src/event-log/event-log.ts';
import { EVERY_HOOK } from '../../../src/event-log/hook-scope.ts';
import { arrival, contactChanged, openedLog, patchHookIn, publishTo } from './log.ts';

beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the alarm', () => {
  const operations: [string, (log: EventLog, tokenHash: string, sourceId: string) => unknown][] = [
    ['an event', (log, hash) => log.accept(arrival(hash, contactChanged('new')))],
    ['a duplicate', (log, hash) => log.accept(arrival(hash, contactChanged('old')))],
    ['a test event', (log, hash) => log.accept(arrival(hash, { Event: 'test' }))],
    ['a malformed body', (log, hash) => log.accept(arrival(hash, 'no JSON'))],
    ['a refusal of the edge', (log, hash) => log.refused(hash, 'tooLarge')],
    ['an own event', (log) => publishTo(log)],
    ['a new key', (log) => log.createKey('k', 'admin', null)],
    ['a changed source', (log, _hash, id) => log.patchSource(id, { name: 'n' }, '')],
    ['a deleted source', (log, _hash, id) => log.deleteSource(id)],
    ['a changed hook', (log) => patchHookIn(log, 1, { name: 'n' })],
    // It is paused already, and pausing it again would change nothing.
    ['a hook that is paused no more', (log) => patchHookIn(log, 1, { paused: false })],
    ['a deleted hook', (log) => log.deleteHook(1, EVERY_HOOK)],
  ];

  it.each(operations)('is set in the turn of %s, and set again after an eviction', async (_name, operate) => {
    const log = await openedLog();
    const source = await log.source();
    await log.pausedHook();
    await log.stub.accept(arrival(source.tokenHash, contactChanged('old')));
    await log.settled();
    await evictDurableObject(log.stub);
    const pending = await log.inside(async (object, { storage }) => {
      await storage.deleteAlarm();
      let alarms = 0;
      const setAlarm = storage.setAlarm.bind(storage);
      storage.setAlarm = (at) => {
        alarms += 1;
        return setAlarm(at);
      };
      const result = operate(object, source.tokenHash, source.id);
      const inTheTurn = alarms;
      await result;
      return inTheTurn;
    });
    expect(pending).toBeGreaterThan(0);
  });

  it('with nothing to do sets none', async () => {
    const log = await openedLog();
    expect(await log.alarmAt()).toBeNull();
    await log.inside((object) => publishTo(object));
    await log.settled();
    await vi.waitFor(async () => {
      await runDurableObjectAlarm(log.stub);
      expect(await log.alarmAt()).toBeNull();
    });
    await evictDurableObject(log.stub);
    expect(await log.alarmAt()).toBeNull();
  });

  it('F4: whose work throws arms itself again more than six times, and the work is done in the end', async () => {
    const log = await openedLog();
    const id = await log.pausedHook();
    const heal = await log.inside((object, { storage: { sql } }) => {
      const exec = sql.exec.bind(sql);
      sql.exec = ((query: string, ...bound: unknown[]) => {
        if (query.startsWith('UPDATE progress')) throw new Error('disk full');
        return exec(query, ...bound);
      }) as typeof sql.exec;
      publishTo(object);
      return () => {
        sql.exec = exec;
      };
    });
    for (let tries = 0; tries < 12; tries += 1) {
      await log.inside((object) => object.alarm());
      const at = await log.alarmAt();
      expect(at).not.toBeNull();
      expect((at ?? Infinity) - Date.now()).toBeLessThanOrEqual(60_000);
    }
    await log.inside(heal);
    await log.settled();
    expect(await log.queueOf(id)).toEqual([{ seq: 1, sequence: 1 }]);
  });

  it('a far one is pulled forward by a new event', async () => {
    const log = await openedLog();
    const source = await log.source();
    await log.stub.accept(arrival(source.tokenHash, contactChanged('a')));
    await log.settled();
    await log.stub.refused(source.tokenHash, 'tooLarge');
    expect((await log.alarmAt()) ?? 0).toBeGreaterThan(Date.now() + 1_000);
    await log.inside(async (object, { storage }) => {
      publishTo(object);
      expect((await storage.getAlarm()) ?? Infinity).toBeLessThan(Date.now() + 1_000);
    });
  });

  it('an event that comes during a wake is not lost', async () => {
    const log = await openedLog();
    const id = await log.pausedHook();
    await log.inside(async (object) => {
      publishTo(object);
      const wake = object.alarm();
      publishTo(object);
      await wake;
      publishTo(object);
    });
    await log.settled();
    expect(await log.queueOf(id)).toHaveLength(3);
  });
});
