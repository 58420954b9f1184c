/**
 * F5: each write between a producer's call and the end of its delivery fails once, in turn, wherever it is: in the event
 * log or in the hook's object. The real storage does the rest; the producer repeats what was not taken.
 */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { seqOfEventId } from '../../../src/core/event-id.ts';
import type { HookPatch } from '../../../src/core/hook-config.ts';
import { EVERY_HOOK } from '../../../src/event-log/hook-scope.ts';
import { Mailbox, type MailboxAnswer } from '../../support/mailbox.ts';
import { clock } from '../../support/objects.ts';
import { acceptedId, arrival, contactChanged, openedLog, pausedHookIn, type Log } from './log.ts';

beforeEach(() => {
  clock.start();
  for (const level of ['error', 'warn'] as const) vi.spyOn(console, level).mockReturnValue();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const WRITE = /^\s*(INSERT|UPDATE|DELETE)/;
const EVENTS = ['a', 'b', 'c'];
const RETRY = { scheduleSeconds: [10], jitter: 0, giveUpOn: [400] };

interface Fault {
  hasStruck: boolean;
  repair(): void;
}

/** The write of this number fails, counted from 1 over all objects of this isolate. */
async function failWrite(log: Log, number: number): Promise<Fault> {
  return log.inside((_object, { storage }) => {
    const prototype = Object.getPrototypeOf(storage.sql) as SqlStorage;
    const exec = Object.getOwnPropertyDescriptor(prototype, 'exec')?.value as SqlStorage['exec'];
    const fault = {
      hasStruck: false,
      repair: () => {
        prototype.exec = exec;
      },
    };
    let writes = 0;
    prototype.exec = function (this: SqlStorage, query: string, ...bindings: unknown[]) {
      if (WRITE.test(query)) writes += 1;
      if (writes === number && !fault.hasStruck) {
        fault.hasStruck = true;
        throw new Error('disk I/O error');
      }
      return exec.call(this, query, ...bindings);
    } as SqlStorage['exec'];
    return fault;
  });
}

/** What a producer does: it sends again until it is told that the event is taken. */
async function produce(log: Log, tokenHash: string, eventId: string): Promise<string> {
  for (let tries = 1; ; tries += 1) {
    try {
      return acceptedId(
        await log.inside((object) => object.accept(arrival(tokenHash, contactChanged(eventId)))),
      );
    } catch (error) {
      if (tries === 3) throw error;
    }
  }
}

async function wakeAll(log: Log, hookId: number): Promise<void> {
  for (let wakes = 0; wakes < 6; wakes += 1) {
    await runDurableObjectAlarm(log.stub);
    await runDurableObjectAlarm(log.hook(hookId));
    clock.advance(61_000);
  }
}

test.each([
  ['delivered at the first try', [], {}],
  ['tried again', [{ status: 500 }], { ordering: 'fifo' }],
  ['given up', [{ status: 400 }], { ordering: 'fifo' }],
] satisfies [string, MailboxAnswer[], HookPatch][])(
  'F5: whichever write fails, what was accepted is %s, in order, and nothing waits for ever',
  async (_name, answers, members) => {
    for (let number = 1, hasStruck = true; hasStruck; number += 1) {
      clock.start();
      const log = await openedLog();
      const box = new Mailbox();
      await box.answerWith({ status: 200 }, ...answers);
      const hookId = (
        await log.inside((object) =>
          pausedHookIn(object, { url: box.url, paused: false, retry: RETRY, ...members }),
        )
      ).registration.id;
      const { tokenHash } = await log.source();
      await log.settled();

      const fault = await failWrite(log, number);
      const ids: string[] = [];
      try {
        for (const name of EVENTS) ids.push(await produce(log, tokenHash, name));
        await wakeAll(log, hookId);
      } finally {
        fault.repair();
      }
      ({ hasStruck } = fault);
      await wakeAll(log, hookId);

      const told = `write ${number}`;
      expect([...new Set(await box.ids())], told).toEqual(ids);
      expect(
        ids.map((id) => seqOfEventId(id)),
        told,
      ).toEqual([1, 2, 3]);
      const view = await log.inside((object) => object.getHook(hookId, EVERY_HOOK));
      const { pending, delivered, dead } = view?.runtime ?? { pending: NaN, delivered: NaN, dead: NaN };
      expect([pending, delivered + dead], told).toEqual([0, EVENTS.length]);
      const waiting = await runInDurableObject(log.hook(hookId), (_hook, { storage }) =>
        storage.sql.exec(`SELECT seq FROM deliveries WHERE raw IS NOT NULL`).toArray(),
      );
      expect(waiting, told).toEqual([]);
      if (!hasStruck) expect(number, 'writes that were made to fail').toBeGreaterThanOrEqual(12);
    }
  },
  180_000,
);
