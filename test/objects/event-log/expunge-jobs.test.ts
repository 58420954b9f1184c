/** POST /v1/expunges: payloads of all that a filter selects, whatever ends in between. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ExpungeJob } from '../../../src/event-log/expunge-jobs.ts';
import { acceptedId, arrival, contactChanged, hooksThat, openedLog, type Log } from './log.ts';

beforeEach(() => {
  for (const level of ['warn', 'error'] as const) vi.spyOn(console, level).mockReturnValue();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const BY = { actor: 'key_me', from: null, call: 'POST /v1/expunges' } as const;
const NOTHING = { subject: null, source: null, type: null, fromMs: null, toMs: null } as const;

/** How many rows of a table still hold a payload with this mark. */
async function holding(
  stub: DurableObjectStub,
  table: 'events' | 'deliveries',
  mark: string,
): Promise<number> {
  return runInDurableObject(stub, (_object: unknown, { storage }) => {
    const rows = storage.sql.exec<{ raw: ArrayBuffer | null }>(`SELECT raw FROM ${table}`).toArray();
    return rows.filter(({ raw }) => raw !== null && new TextDecoder().decode(raw).includes(mark)).length;
  });
}

/** Events about two people, in turn. */
async function filled(log: Log, count: number): Promise<{ hookId: number; ids: string[] }> {
  const hookId = await log.pausedHook();
  const { tokenHash } = await log.source();
  const ids = await log.inside((object) =>
    Promise.all(
      Array.from({ length: count }, async (_, at) => {
        const body = {
          ...contactChanged(`e${at}`),
          PrimaryKey: 7 + (at % 2),
          Mark: `person-${7 + (at % 2)}`,
        };
        return acceptedId(await object.accept(arrival(tokenHash, body)));
      }),
    ),
  );
  await log.settled();
  return { hookId, ids };
}

/** How far everything has come, as it is on disk. */
async function progress(log: Log): Promise<string> {
  return JSON.stringify([
    await log.rows('SELECT n, reached_seq FROM expunge_jobs'),
    await log.rows('SELECT * FROM expunging'),
  ]);
}

/** The object ends whenever something has come further. */
async function stepped(log: Log, id: string): Promise<ExpungeJob[]> {
  const seen: ExpungeJob[] = [];
  for (;;) {
    await evictDurableObject(log.stub);
    const job = await log.stub.expungeJob(id);
    if (job === null) throw new Error('the job is gone');
    seen.push(job);
    if (job.state === 'done') return seen;
    const before = await progress(log);
    await vi.waitFor(async () => {
      await runDurableObjectAlarm(log.stub);
      expect(await progress(log)).not.toBe(before);
    });
  }
}

it('expunges: all of a subject, also when the object ends after every step; nothing of others', async () => {
  const log = await openedLog();
  const { hookId, ids } = await filled(log, 140);
  const begun = await log.stub.beginExpunge({ ...NOTHING, subject: 'contact/7' }, BY);
  if (begun === 'full') throw new Error('full');
  const seen = await stepped(log, begun.id);
  expect(seen.at(-1)).toEqual({ id: begun.id, state: 'done', matched: 70, expunged: 70 });
  // In steps, each of which can be read.
  expect(seen.some(({ state, expunged }) => state === 'running' && expunged > 0 && expunged < 70)).toBe(true);
  for (const [stub, table] of [
    [log.stub, 'events'],
    [log.hook(hookId), 'deliveries'],
  ] as const) {
    expect(await holding(stub, table, 'person-7'), table).toBe(0);
    expect(await holding(stub, table, 'person-8'), table).toBe(70);
  }
  expect(await log.stub.rawEvent(ids[0] ?? '')).toBe('expunged');
  const { entries } = await log.stub.auditPage({
    order: 'desc',
    after: null,
    limit: 1,
    actor: null,
    target: null,
  });
  expect(entries).toMatchObject([{ ...BY, target: `expunge/${begun.id}`, before: { subject: 'contact/7' } }]);
  // What comes later is another matter, and what is gone is not counted again.
  const again = await log.stub.beginExpunge({ ...NOTHING, subject: 'contact/7' }, BY);
  if (again === 'full') throw new Error('full');
  expect((await stepped(log, again.id)).at(-1)).toMatchObject({ state: 'done', matched: 0, expunged: 0 });
});

it('expunges: by type and time, up to the newest event of the moment', async () => {
  const log = await openedLog();
  const nowMs = Date.now();
  const now = vi.spyOn(Date, 'now').mockReturnValue(nowMs);
  await filled(log, 4);
  now.mockReturnValue(nowMs + 60_000);
  await filled(log, 4);
  const filter = { ...NOTHING, type: 'superoffice.contact.*', fromMs: nowMs + 30_000, toMs: nowMs + 90_000 };
  const begun = await log.stub.beginExpunge(filter, BY);
  await filled(log, 2);
  if (begun === 'full') throw new Error('full');
  expect((await stepped(log, begun.id)).at(-1)).toMatchObject({ matched: 4, expunged: 4 });
  expect(await holding(log.stub, 'events', 'person')).toBe(6);
});

it('expunges: a hook that cannot be told keeps it running, and holds up nothing else', async () => {
  const log = await openedLog();
  const { hookId } = await filled(log, 6);
  const isDown = { HOOK: hooksThat(() => Promise.reject(new Error('down'))) };
  await log.bind(isDown);
  const begun = await log.stub.beginExpunge({ ...NOTHING, subject: 'contact/7' }, BY);
  if (begun === 'full') throw new Error('full');
  await vi.waitFor(async () => {
    await runDurableObjectAlarm(log.stub);
    expect(await log.stub.expungeJob(begun.id)).toEqual({
      id: begun.id,
      state: 'running',
      matched: 3,
      expunged: 0,
    });
    expect(await holding(log.stub, 'events', 'person-7')).toBe(0);
  });
  await log.healed();
  vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
  await vi.waitFor(async () => {
    await runDurableObjectAlarm(log.stub);
    expect(await log.stub.expungeJob(begun.id)).toMatchObject({ state: 'done', expunged: 3 });
  });
  expect(await holding(log.hook(hookId), 'deliveries', 'person-7')).toBe(0);
});

it('expunges: more than ten at a time are refused', async () => {
  const log = await openedLog();
  await filled(log, 2);
  const begun = await log.inside((object) =>
    Array.from({ length: 11 }, () => object.beginExpunge({ ...NOTHING, source: '/shop' }, BY)),
  );
  expect(begun.map((job) => job === 'full')).toEqual([...Array.from({ length: 10 }, () => false), true]);
  expect(await log.stub.expungeJob('expunge_unknown')).toBeNull();
});
