/** What a hook tells of itself, up to the tenant's log: once per occasion, in order, whatever fails in between. */
import { abortAllDurableObjects, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Env } from '../../../src/env.ts';
import type { EventLog } from '../../../src/event-log/event-log.ts';
import { eventLogOf, type TenantRef } from '../../../src/registry/address.ts';
import type { HookPatch } from '../../../src/core/hook-config.ts';
import { Mailbox } from '../../support/mailbox.ts';
import {
  clock,
  hookRegistration,
  HookUnderTest,
  LIVES,
  START_MS,
  storedEvent,
  storedEvents,
} from '../../support/objects.ts';

beforeEach(() => clock.start());

const RETRY = { scheduleSeconds: Array<number>(20).fill(60), jitter: 0, giveUpOn: [400] };

class Told {
  readonly ref: TenantRef = { tenant: 'default', incarnation: crypto.randomUUID(), jurisdiction: null };

  get #log(): DurableObjectStub<EventLog> {
    return eventLogOf(env as unknown as Env, this.ref);
  }

  async open(): Promise<void> {
    await this.#log.open({ ...this.ref, name: '', createdAtMs: START_MS });
  }

  async hook(url: string, patch: HookPatch = {}, id = 7): Promise<HookUnderTest> {
    const hook = new HookUnderTest({ ...hookRegistration(url, { retry: RETRY, ...patch }), id });
    await hook.stub.configure(this.ref, hook.registration);
    return hook;
  }

  async all(): Promise<{ type: string; subject: string; raw: Record<string, unknown> }[]> {
    return runInDurableObject(this.#log, (_log, { storage }) =>
      storage.sql
        .exec<{ type: string; subject: string; raw: ArrayBuffer }>(
          'SELECT type, subject, raw FROM events ORDER BY seq',
        )
        .toArray()
        .map(({ type, subject, raw }) => ({
          type,
          subject,
          raw: JSON.parse(new TextDecoder().decode(raw)) as Record<string, unknown>,
        })),
    );
  }

  async types(): Promise<string[]> {
    return (await this.all()).map(({ type }) => type.replace('posthorn.', ''));
  }

  async break(): Promise<void> {
    await this.#log.close();
  }
}

async function told(): Promise<Told> {
  const log = new Told();
  await log.open();
  return log;
}

describe.each(LIVES)('$life', ({ halfway }) => {
  test('D5: failing is told before disabled, each once, and recovered when it is over', async () => {
    const log = await told();
    const box = new Mailbox();
    await box.answerWith({ status: 500 });
    const hook = await log.hook(box.url, { ordering: 'none', retry: { ...RETRY, disableAfterSeconds: 600 } });
    await hook.enqueue(...storedEvents(1, 6));
    await hook.runDue();
    expect(await log.types()).toEqual(['hook.failing']);
    while ((await hook.stub.runtime()).state === 'active') {
      await halfway(hook);
      clock.set((await hook.alarmAt()) ?? NaN);
      await hook.wake();
    }
    await hook.runDue();
    expect(await log.types()).toEqual(['hook.failing', 'hook.disabled']);
    await hook.inside((instance) => instance.enable());
    for (let wakes = 0; (await hook.stub.runtime()).consecutiveFailures < 5; wakes += 1) {
      clock.set((await hook.alarmAt()) ?? NaN);
      await hook.wake();
    }
    await halfway(hook);
    await box.answerWith({ status: 200 });
    await hook.runAll();
    expect(await log.types()).toEqual(['hook.failing', 'hook.disabled', 'hook.failing', 'hook.recovered']);
    expect((await log.all())[0]).toEqual({
      type: 'posthorn.hook.failing',
      subject: 'hook/7',
      raw: {
        hookId: 7,
        hookName: '',
        eventId: storedEvent(5).id,
        reason: 'status',
        since: new Date(START_MS).toISOString(),
        statusCode: 500,
      },
    });
  });

  test('B3: a 410 is told at once, also of a hook that is disabled by it', async () => {
    const log = await told();
    const box = new Mailbox();
    await box.answerWith({ status: 410 });
    const hook = await log.hook(box.url);
    await hook.enqueue(storedEvent(1));
    await hook.wake();
    await halfway(hook);
    await hook.runDue();
    expect(await log.all()).toMatchObject([
      { type: 'posthorn.hook.disabled', raw: { reason: 'gone', statusCode: 410 } },
    ]);
    expect(await hook.alarmAt()).toBe(START_MS + 60 * 86_400_000);
  });

  test('B10: each dead delivery is told exactly once', async () => {
    const log = await told();
    const box = new Mailbox();
    await box.answerStatuses(400, 200, 400);
    const hook = await log.hook(box.url);
    await hook.enqueue(...storedEvents(1, 3));
    await hook.runDue();
    await halfway(hook);
    await hook.wake();
    expect(await log.all()).toMatchObject([
      {
        type: 'posthorn.delivery.dead',
        raw: { eventId: storedEvent(1).id, reason: 'gave-up', statusCode: 400 },
      },
      {
        type: 'posthorn.delivery.dead',
        raw: { eventId: storedEvent(3).id, reason: 'gave-up', statusCode: 400 },
      },
    ]);
  });

  test('told twice because the answer was lost it is one event, and numbers are never used again', async () => {
    const log = await told();
    const box = new Mailbox();
    await box.answerWith({ status: 400 });
    const hook = await log.hook(box.url);
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    expect(await log.types()).toEqual(['delivery.dead']);
    await hook.inside((_hook, { storage }) =>
      storage.sql.exec(
        `INSERT INTO notices (number, type, facts) VALUES (1, 'posthorn.delivery.dead', '{"hookId":7}')`,
      ),
    );
    await hook.evict();
    await hook.runDue();
    expect(await log.types()).toEqual(['delivery.dead']);
    await halfway(hook);
    await hook.enqueue(storedEvent(2));
    await hook.runDue();
    expect(await log.types()).toEqual(['delivery.dead', 'delivery.dead']);
  });

  test('while the log cannot be told nothing is lost, the order stays, and deliveries go on', async () => {
    const log = await told();
    const box = new Mailbox();
    await box.answerStatuses(400, 400);
    const hook = await log.hook(box.url);
    const waiting = () =>
      hook.inside(
        (_hook, { storage }) =>
          storage.sql.exec<{ facts: string }>('SELECT facts FROM notices').toArray().length,
      );
    const failing = hook.inside((_hook, { storage }) =>
      storage.sql.exec(
        `CREATE TRIGGER told_is_kept BEFORE DELETE ON notices BEGIN SELECT RAISE(ABORT, 'not now'); END`,
      ),
    );
    await failing;
    await hook.enqueue(...storedEvents(1, 2));
    await hook.wake();
    expect(await waiting()).toBe(2);
    expect(await hook.alarmAt()).toBeGreaterThan(clock.nowMs());
    await hook.enqueue(storedEvent(3));
    clock.set((await hook.alarmAt()) ?? NaN);
    await hook.wake();
    expect(await hook.delivery(3)).toMatchObject({ status: 'delivered' });
    await hook.inside((_hook, { storage }) => storage.sql.exec('DROP TRIGGER told_is_kept'));
    await halfway(hook);
    await hook.runAll();
    expect(await waiting()).toBe(0);
    expect((await log.all()).map(({ raw }) => raw.eventId)).toEqual([storedEvent(1).id, storedEvent(2).id]);
  });
});

test('it is told while deliveries go on, not when they have ended, and holds none of them up', async () => {
  const log = await told();
  const box = new Mailbox();
  await box.answerWith({ kind: 'held' }, { status: 400 });
  const hook = await log.hook(box.url);
  await hook.enqueue(...storedEvents(1, 2));
  const wake = hook.wake();
  await expect.poll(() => log.types()).toEqual(['delivery.dead']);
  expect(await box.letters(2)).toHaveLength(2);
  expect(await hook.stub.runtime()).toMatchObject({ pending: 1, dead: 1 });
  await box.release();
  await wake;
});

test('a crash between an attempt and the telling loses nothing and doubles nothing', async () => {
  const log = await told();
  const box = new Mailbox();
  await box.answerStatuses(400, 400);
  await box.answerWith({ kind: 'held' }, { status: 400 }, { status: 400 });
  const hook = await log.hook(box.url);
  await hook.enqueue(...storedEvents(1, 3));
  const wake = hook.wake().catch(() => false);
  await box.letters(3);
  await abortAllDurableObjects();
  await wake;
  await hook.crash();
  await box.release();
  await box.answerWith({ status: 200 });
  await hook.runAll();
  expect((await log.all()).map(({ raw }) => raw.eventId)).toEqual([storedEvent(1).id, storedEvent(2).id]);
});

test('never about deliveries of such events', async () => {
  const log = await told();
  const box = new Mailbox();
  await box.answerWith({ status: 400 });
  const hook = await log.hook(box.url);
  await hook.enqueue({ ...storedEvent(1), type: 'posthorn.delivery.dead' });
  await hook.runDue();
  expect(await hook.stub.runtime()).toMatchObject({ dead: 1 });
  expect(await log.all()).toEqual([]);
});

test('two hooks tell of themselves under numbers of their own', async () => {
  const log = await told();
  const box = new Mailbox();
  await box.answerWith({ status: 400 });
  for (const id of [1, 2]) {
    const hook = await log.hook(box.url, {}, id);
    await hook.enqueue(storedEvent(id));
    await hook.runDue();
  }
  expect((await log.all()).map(({ subject }) => subject)).toEqual(['hook/1', 'hook/2']);
});

test('of an erased tenant there is nobody to tell, and no alarm stays', async () => {
  const log = await told();
  const box = new Mailbox();
  await box.answerWith({ status: 400 });
  const hook = await log.hook(box.url);
  await log.break();
  await hook.enqueue(storedEvent(1));
  await hook.runDue();
  expect(await hook.alarmAt()).toBeNull();
});
