/** DELETE /v1/events/{id}: the payload is gone everywhere when it is answered, whatever ends in between. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Env } from '../../../src/env.ts';
import { EVERY_HOOK } from '../../../src/event-log/hook-scope.ts';
import type { Hook } from '../../../src/hook/hook.ts';
import {
  acceptedId,
  arrival,
  contactChanged,
  hooksThat,
  openedLog,
  publishTo,
  relay,
  type Log,
} from './log.ts';

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
});

afterEach(() => {
  vi.restoreAllMocks();
});

const MARK = 'payload-to-be-deleted';

/** Everything in the rows of the log, or of a hook. */
async function rowsHold(stub: DurableObjectStub, mark: string): Promise<boolean> {
  return runInDurableObject(stub, (_object: unknown, { storage }) => {
    const tables = storage.sql
      .exec<{ name: string }>(
        `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'`,
      )
      .toArray();
    return tables.some(({ name }) =>
      storage.sql
        .exec(`SELECT * FROM ${name}`)
        .toArray()
        .some((row) =>
          Object.values(row).some((value) =>
            (value instanceof ArrayBuffer ? new TextDecoder().decode(value) : String(value)).includes(mark),
          ),
        ),
    );
  });
}

async function accepted(log: Log, id = 'one', tokenHash?: string) {
  const token = tokenHash ?? (await log.source()).tokenHash;
  const body = { ...contactChanged(id), Changes: ['name'], Secret: MARK };
  return { tokenHash: token, body, id: acceptedId(await log.stub.accept(arrival(token, body))) };
}

const LIVES = [
  { life: 'awake throughout', halfway: async (_log: Log) => {} },
  { life: 'evicted half-way', halfway: async (log: Log) => evictDurableObject(log.stub) },
] as const;

describe.each(LIVES)('$life', ({ halfway }) => {
  it('the payload leaves the log and every queue; skeleton, list, dedupe and trace stay', async () => {
    const log = await openedLog();
    const hookId = await log.pausedHook();
    const { id, body, tokenHash } = await accepted(log);
    await log.settled();
    expect(await rowsHold(log.hook(hookId), MARK)).toBe(true);
    await halfway(log);
    expect(await log.stub.expunge(id)).toBe('expunged');
    expect(await log.stub.expunge(id)).toBe('expunged');
    await halfway(log);
    for (const stub of [log.stub, log.hook(hookId)]) expect(await rowsHold(stub, MARK)).toBe(false);

    const view = await log.stub.getEvent(id, 0, 10);
    const envelope = JSON.parse(new TextDecoder().decode(view?.envelope)) as {
      data: object;
      posthornid: string;
    };
    expect(envelope.posthornid).toBe(id);
    expect(envelope.data).toMatchObject({ entity: 'contact', changes: ['name'] });
    expect(envelope.data).not.toHaveProperty('raw');
    expect(view?.deliveries).toMatchObject([{ hookId, status: 'cancelled', reason: 'deleted' }]);
    expect(await log.stub.rawEvent(id)).toBe('expunged');
    expect(await log.stub.retryDelivery(hookId, EVERY_HOOK, id)).toBe('expunged');
    expect(await log.stub.accept(arrival(tokenHash, body))).toEqual({
      kind: 'accepted',
      id,
      duplicate: true,
    });
    expect(await log.rows('SELECT seq FROM expunging')).toEqual([]);
  });

  it('an event that has not been fanned out is offered to no hook; those around it are', async () => {
    const log = await openedLog();
    const hookId = await log.pausedHook();
    await log.bind({ HOOK: hooksThat(() => Promise.reject(new Error('down'))) });
    const ids = await log.inside((object) => [1, 2, 3].map(() => publishTo(object)));
    expect(await log.stub.expunge(ids[1] ?? '')).toBe('under-way');
    await log.healed();
    await halfway(log);
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
    await log.settled();
    expect((await log.queueOf(hookId)).map(({ seq }) => seq)).toEqual([1, 3]);
    expect(await log.stub.expunge(ids[1] ?? '')).toBe('expunged');
  });

  it('while a hook cannot be told it is under way, reads as gone, and goes on by the alarm', async () => {
    const log = await openedLog();
    const hookId = await log.pausedHook();
    const { id } = await accepted(log);
    await log.settled();
    await log.bind({ HOOK: hooksThat(() => Promise.reject(new Error('down'))) });
    expect(await log.stub.expunge(id)).toBe('under-way');
    expect(await log.stub.rawEvent(id)).toBe('expunged');
    expect(await rowsHold(log.stub, MARK)).toBe(false);
    expect(await rowsHold(log.hook(hookId), MARK)).toBe(true);
    await log.healed();
    await halfway(log);
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
    await vi.waitFor(async () => {
      await runDurableObjectAlarm(log.stub);
      expect(await rowsHold(log.hook(hookId), MARK)).toBe(false);
    });
    expect(await log.stub.expunge(id)).toBe('expunged');
  });
});

it('cut between overwriting and clearing, it reads as its skeleton and is cleared by the alarm', async () => {
  const log = await openedLog();
  const { id } = await accepted(log);
  await log
    .inside(async (object, state) => {
      const sync = state.storage.sync.bind(state.storage);
      state.storage.sync = async () => {
        await sync();
        state.abort('crashed by a test');
      };
      await object.expunge(id).catch(() => undefined);
    })
    .catch(() => undefined);
  expect(await log.rows('SELECT skeleton IS NOT NULL AS blank FROM expunging')).toEqual([{ blank: 1 }]);
  expect(await log.rows(`SELECT kind, length(raw) > 0 AS has_raw FROM events`)).toEqual([
    { kind: 'json', has_raw: 1 },
  ]);
  expect(await log.stub.rawEvent(id)).toBe('expunged');
  const view = await log.stub.getEvent(id, 0, 10);
  expect(JSON.parse(new TextDecoder().decode(view?.envelope))).toMatchObject({ posthornid: id });
  await vi.waitFor(async () => {
    await runDurableObjectAlarm(log.stub);
    expect(await log.rows('SELECT seq FROM expunging')).toEqual([]);
  });
  expect(await log.rows(`SELECT kind, length(raw) AS bytes FROM events`)).toEqual([
    { kind: 'expunged', bytes: 0 },
  ]);
});

it('has its alarm while hooks are being told, should the process end over it', async () => {
  const log = await openedLog();
  const hookId = await log.pausedHook();
  const { id } = await accepted(log);
  await log.settled();
  const { promise: called, resolve: call } = Promise.withResolvers<null>();
  const hang = () => {
    call(null);
    return new Promise<never>(() => undefined);
  };
  await log.bind({ HOOK: hooksThat(hang) });
  const alarmAt = await log.inside(async (object, { storage }) => {
    await storage.deleteAlarm();
    await object.alarm();
    void object.expunge(id);
    await called;
    return storage.getAlarm();
  });
  expect(alarmAt).toBeLessThanOrEqual(Date.now() + 5_000);
  expect(alarmAt).not.toBeNull();
  await log.crash();
  await vi.waitFor(async () => {
    await runDurableObjectAlarm(log.stub);
    expect(await rowsHold(log.hook(hookId), MARK)).toBe(false);
  });
});

it('a call that was under way brings nothing back', async () => {
  const log = await openedLog();
  const hookId = await log.pausedHook();
  const { id } = await accepted(log);
  const { promise: released, resolve: release } = Promise.withResolvers<null>();
  const { promise: called, resolve: call } = Promise.withResolvers<null>();
  const slow = {
    getByName: (name: string) => {
      const hook = relay.HOOK.getByName(name);
      return {
        enqueue: async (events: never) => {
          call(null);
          await released;
          return hook.enqueue(events);
        },
        expunge: (seq: number) => hook.expunge(seq),
        configure: (...args: Parameters<Hook['configure']>) => hook.configure(...args),
      };
    },
  } as unknown as Env['HOOK'];
  await log.bind({ HOOK: slow });
  await log.inside(async (object) => {
    const wake = object.alarm();
    await called;
    expect(await object.expunge(id)).toBe('expunged');
    release(null);
    await wake;
  });
  expect((await log.queueOf(hookId)).map(({ seq }) => seq)).toEqual([1]);
  expect(await rowsHold(log.hook(hookId), MARK)).toBe(false);
});

it('is told to more hooks than one call may ask, deleted ones too', async () => {
  const log = await openedLog();
  const hookIds: number[] = [];
  for (let at = 0; at < 45; at += 1) hookIds.push(await log.pausedHook());
  const { id } = await accepted(log);
  await log.settled();
  await log.deleteHook(44);
  expect(await log.stub.expunge(id)).toBe('under-way');
  await vi.waitFor(async () => {
    await runDurableObjectAlarm(log.stub);
    expect(await log.rows('SELECT seq FROM expunging')).toEqual([]);
  });
  for (const hookId of hookIds) expect(await rowsHold(log.hook(hookId), MARK)).toBe(false);
  const told = await log.inside((object) => object.explainEvent(id, 45));
  expect(told).toMatchObject({ deliveries: [{ status: 'cancelled', reason: 'deleted' }] });
}, 30_000);

it('an unknown event is unknown', async () => {
  const log = await openedLog();
  expect(await log.stub.expunge('evt_01J9Z3K4M5N6P7Q8R9S0T1V2W3')).toBe('unknown-event');
});
