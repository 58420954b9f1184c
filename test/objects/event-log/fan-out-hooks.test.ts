import { evictDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Env } from '../../../src/env.ts';
import { EVERY_HOOK } from '../../../src/event-log/hook-scope.ts';
import {
  acceptedId,
  arrival,
  contactChanged,
  openedLog,
  patchHookIn,
  pausedHookIn,
  publishTo,
  relay,
  type Log,
} from './log.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const inOrder = (seqs: number[]) => seqs.map((seq, at) => ({ seq, sequence: at + 1 }));
const upTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1);

async function publishSome(log: Log, count: number): Promise<void> {
  await log.inside((object) => {
    for (let at = 0; at < count; at += 1) publishTo(object);
  });
}

describe('from the log to the queues', () => {
  it('F6: with more hooks than one wake can call, crashed and evicted on the way, each gets each event once', async () => {
    const log = await openedLog();
    const ids = [];
    for (let at = 0; at < 130; at += 1) ids.push(await log.pausedHook());
    let calls = 0;
    const { HOOK } = relay;
    const crashing = {
      getByName: (name: string) => {
        calls += 1;
        if (calls === 50) void log.crash();
        return HOOK.getByName(name);
      },
    } as unknown as Env['HOOK'];
    await log.bind({ HOOK: crashing });
    await publishSome(log, 3);
    await vi.waitFor(
      () => {
        if (calls < 50) throw new Error('still before the crash');
      },
      { timeout: 20_000 },
    );
    await log.rows('SELECT 1').catch(() => undefined);
    await publishSome(log, 1);
    await evictDurableObject(log.stub).catch(() => undefined);
    await vi.waitFor(
      async () => {
        expect(await log.unfinished()).toEqual({ events: 0, lagging: 0, outbox: 0 });
      },
      { interval: 20, timeout: 20_000 },
    );
    for (const id of ids) expect(await log.queueOf(id)).toEqual(inOrder(upTo(4)));
  }, 30_000);

  it('C3: with concurrent producers the sequence of a hook is gapless and in log order', async () => {
    const log = await openedLog();
    const { tokenHash } = await log.source();
    const [all, some] = [await log.pausedHook(), await log.pausedHook({ events: ['*.sale.*'] })];
    const names = upTo(200);
    const answers = await Promise.all(
      names.map((at) =>
        log.stub.accept(
          arrival(tokenHash, contactChanged(`id-${at}`, at % 3 === 0 ? 'sale.sold' : 'contact.changed')),
        ),
      ),
    );
    expect(new Set(answers.map(acceptedId)).size).toBe(200);
    await log.settled();
    expect(await log.queueOf(all)).toEqual(inOrder(upTo(200)));
    const sales = await log.rows<{ seq: number }>(
      `SELECT seq FROM events WHERE type LIKE '%.sale.%' ORDER BY seq`,
    );
    expect(await log.queueOf(some)).toEqual(inOrder(sales.map(({ seq }) => seq)));
  }, 20_000);

  it('a hook object that fails delays no other and gets everything once it is well', async () => {
    const log = await openedLog();
    const [good, bad] = [await log.pausedHook(), await log.pausedHook()];
    const { HOOK } = relay;
    const name = `${log.tenant.tenant}.${log.tenant.incarnation}/${bad}`;
    const failing = {
      getByName: (asked: string) =>
        asked === name
          ? { enqueue: () => Promise.reject(new Error('no room on this machine')) }
          : HOOK.getByName(asked),
    } as unknown as Env['HOOK'];
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    await log.bind({ HOOK: failing });
    for (let at = 0; at < 2; at += 1) {
      await publishSome(log, 2);
      await vi.waitFor(async () => {
        expect(await log.queueOf(good)).toHaveLength(2 * (at + 1));
      });
    }
    expect(await log.rows('SELECT hook_id, next_seq FROM lagging')).toEqual([{ hook_id: bad, next_seq: 1 }]);
    expect(await log.alarmAt()).not.toBeNull();
    await log.crash();
    await log.settled();
    await publishSome(log, 1);
    await log.settled();
    for (const id of [good, bad]) expect(await log.queueOf(id)).toEqual(inOrder(upTo(5)));
  });

  it.each([false, true])(
    'F10: an event follows the registrations that stood at its place (evicted in between: %s)',
    async (isEvicted) => {
      const log = await openedLog();
      const [one, two] = [await log.source(), await log.source()];
      const changing = await log.pausedHook({ events: ['superoffice.contact.*'] });
      const deleted = await log.pausedHook();
      const moving = await log.pausedHook({ sources: [one.id] });
      // No wake gets anywhere until the hooks can be reached again.
      const events = await log.inside(async (object, { storage }) => {
        const setAlarm = storage.setAlarm.bind(storage);
        storage.setAlarm = () => Promise.resolve();
        const accept = async (hash: string, name: string, event?: string) =>
          acceptedId(await object.accept(arrival(hash, contactChanged(name, event))));
        const first = await accept(one.tokenHash, 'a');
        await patchHookIn(object, changing, { events: ['superoffice.sale.*'] });
        await object.deleteHook(deleted, EVERY_HOOK);
        await patchHookIn(object, moving, { sources: [two.id] });
        const late = (await pausedHookIn(object)).registration.id;
        const second = await accept(two.tokenHash, 'b');
        const third = await accept(one.tokenHash, 'c', 'sale.sold');
        storage.setAlarm = setAlarm;
        await storage.setAlarm(Date.now() + 60_000);
        return { first, second, third, late };
      });
      if (isEvicted) await log.crash();
      await log.inside((object) => publishTo(object, 'posthorn-free.other'));
      await log.settled();
      const seqs = async (id: number) => (await log.queueOf(id)).map(({ seq }) => seq);
      expect(await seqs(changing)).toEqual([1, 3]);
      expect(await seqs(deleted)).toEqual([1]);
      expect(await seqs(moving)).toEqual([1, 2]);
      expect(await seqs(events.late)).toEqual([2, 3, 4]);

      const reason = async (event: string, hook: number) => {
        const view = await log.inside((object) => object.explainEvent(event, hook));
        return typeof view === 'string'
          ? view
          : view.deliveries.map(({ status, reason }) => [status, reason]);
      };
      expect(await reason(events.second, changing)).toEqual([['skipped', 'pattern']]);
      expect(await reason(events.first, changing)).toEqual([['held', 'paused']]);
      expect(await reason(events.first, deleted)).toEqual([['cancelled', 'deleted']]);
      expect(await reason(events.second, deleted)).toEqual([['skipped', 'deleted']]);
      expect(await reason(events.third, moving)).toEqual([['skipped', 'source']]);
      expect(await reason(events.first, events.late)).toEqual([['skipped', 'created-later']]);
      expect(await reason(events.first, 99)).toBe('unknown-hook');
      expect(await reason('evt_00000000000000000000000000', 1)).toBe('unknown-event');
    },
  );

  it('a hook that lived between two events explains itself: created later, then deleted', async () => {
    const log = await openedLog();
    const before = await log.inside((object) => publishTo(object));
    const id = await log.pausedHook();
    await log.deleteHook(id);
    const after = await log.inside((object) => publishTo(object));
    for (let round = 0; round < 2; round += 1) {
      const views = await log.inside((object) =>
        Promise.all([object.explainEvent(before, id), object.explainEvent(after, id)]),
      );
      expect(views).toMatchObject([
        { deliveries: [{ reason: 'created-later' }] },
        { deliveries: [{ reason: 'deleted' }] },
      ]);
      await evictDurableObject(log.stub);
    }
  });

  it('an event that reaches its hook while it is asked for is not called skipped', async () => {
    const log = await openedLog();
    const id = await log.pausedHook();
    const { HOOK } = relay;
    let answer: () => void = () => undefined;
    const slow = {
      getByName: (name: string) => ({
        enqueue: (events: Parameters<ReturnType<typeof log.hook>['enqueue']>[0]) =>
          HOOK.getByName(name).enqueue(events),
        delivery: () => new Promise<null>((resolve) => (answer = () => resolve(null))),
      }),
    } as unknown as Env['HOOK'];
    await log.bind({ HOOK: slow });
    const views = await log.inside(async (object) => {
      const event = publishTo(object);
      const asked = object.explainEvent(event, id);
      await object.alarm();
      answer();
      return asked;
    });
    expect(views).toMatchObject({ deliveries: [{ status: 'pending' }] });
  });
});
