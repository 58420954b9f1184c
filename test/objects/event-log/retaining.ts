/** What tests of retention share: a log that events come into day by day, and rounds that go on by the alarm. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { vi } from 'vitest';
import type { Hook } from '../../../src/hook/hook.ts';
import { arrival, bytes, publishTo, type Log } from './log.ts';

export const START_MS = Date.UTC(2100, 0, 1);
export const DAY_MS = 86_400_000;

/** The smallest that there is, doubled: of a log that is filled by a test. */
export const LOG_MAX_BYTES = 2_000_000;

export const at = (timeMs: number) => vi.spyOn(Date, 'now').mockReturnValue(timeMs);

/** Publishes so many events, one a day from `firstDay` on, each fanned out. */
export async function daily(log: Log, days: number, firstDay = 0): Promise<void> {
  for (let day = firstDay; day < firstDay + days; day += 1) {
    at(START_MS + day * DAY_MS);
    await log.inside((object) => publishTo(object));
    await log.settled();
  }
}

/** Wakes by the alarm until `look` is content. */
export async function wokenUntil(log: Log, look: () => unknown): Promise<void> {
  await vi.waitFor(
    async () => {
      await runDurableObjectAlarm(log.stub);
      await look();
    },
    { interval: 5, timeout: 15_000 },
  );
}

export async function swept(log: Log, look: () => unknown): Promise<void> {
  await log.stub.sweep();
  await wokenUntil(log, look);
}

export const placesOf = async (log: Log) =>
  (await log.rows<{ seq: number }>('SELECT seq FROM events ORDER BY seq')).map(({ seq }) => seq);

export const pendingOf = async (log: Log, hookId: number) =>
  (await log.queueOf(hookId)).map(({ seq }) => seq);

/** As if these had been delivered. */
export async function deliver(log: Log, hookId: number, seqs: readonly number[]): Promise<void> {
  await runInDurableObject(log.hook(hookId), (_hook: Hook, { storage }) => {
    storage.sql.exec(
      `UPDATE deliveries SET state = 'delivered', kind = NULL, head = NULL, raw = NULL
       WHERE seq IN (SELECT value FROM json_each(?))`,
      JSON.stringify(seqs),
    );
  });
  await evictDurableObject(log.hook(hookId));
}

export const sizeOf = (log: Log) => log.inside((_object, { storage }) => storage.sql.databaseSize);

/** Events of 20 kB each. */
export async function fill(log: Log, tokenHash: string, events: number): Promise<void> {
  await log.inside(async (object) => {
    for (let index = 0; index < events; index += 1) {
      await object.accept({ ...arrival(tokenHash, ''), body: bytes('x'.repeat(20_000)) });
    }
  });
}
