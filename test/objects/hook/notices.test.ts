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

  /** From now on, or until `takes`: it can store nothing. */
  async takesNothing(): Promise<void> {
    await this.#run(
      `CREATE TRIGGER takes_nothing BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'not now'); END`,
    );
  }

  async takes(): Promise<void> {
    await this.#run('DROP TRIGGER takes_nothing');
  }

  async #run(sql: string): Promise<void> {
    await runInDurableObject(this.#log, (_log, { storage }) => {
      storage.sql.exec(sql);
    });
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
        eventType: 'test.contact.updated',
        eventSubject: 'contact/5',
        reason: 'status',
        since: new Date(START_MS).toISOString(),
        statusCode: 500,
        error: 'status',
        answerExcerpt: '',
      },
    });
    expect((await log.all())[3]?.raw).toMatchObject({
      reason: null,
      statusCode: null,
      error: null,
      answerExcerpt: null,
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

describe('what the receiver answered', () => {
  test.each([
    ['is told as it is', 'no such contact', 'no such contact'],
    ['is cut after 256 characters', 'x'.repeat(300), `${'x'.repeat(255)}…`],
    ['of 256 characters is told whole', 'x'.repeat(256), 'x'.repeat(256)],
    ['is not cut within a character', `${'x'.repeat(254)}😀😀`, `${'x'.repeat(254)}…`],
    ['is told without credentials', 'bad token Bearer abcdef0123456789', 'bad token ***'],
  ])('%s', async (_case, body, answerExcerpt) => {
    const log = await told();
    const box = new Mailbox();
    await box.answerWith({ status: 400, body });
    const hook = await log.hook(box.url, { headers: { authorization: 'Bearer abcdef0123456789' } });
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    expect((await log.all())[0]?.raw).toEqual({
      hookId: 7,
      hookName: '',
      eventId: storedEvent(1).id,
      eventType: 'test.contact.updated',
      eventSubject: 'contact/1',
      reason: 'gave-up',
      since: null,
      statusCode: 400,
      error: 'status',
      answerExcerpt,
    });
  });

  test.each(LIVES)('is told no more once the event has lost its payload: $life', async ({ halfway }) => {
    const log = await told();
    const box = new Mailbox();
    await box.answerWith({ status: 400, body: 'you sent 2' }, { status: 400, body: 'you sent 1' });
    const hook = await log.hook(box.url, { ordering: 'fifo' });
    await log.takesNothing();
    await hook.enqueue(...storedEvents(1, 2));
    await hook.wake();
    const kept = async () =>
      (
        await hook.inside((_hook, { storage }) =>
          storage.sql.exec<{ facts: string }>('SELECT facts FROM notices ORDER BY number').toArray(),
        )
      ).map(({ facts }) => (JSON.parse(facts) as { answerExcerpt: string | null }).answerExcerpt);
    expect(await kept()).toEqual(['you sent 1', 'you sent 2']);
    await halfway(hook);
    await hook.inside((instance) => instance.expunge(1));
    expect(await kept()).toEqual([null, 'you sent 2']);
    await log.takes();
    await hook.runAll();
    expect(await log.all()).toMatchObject([
      { raw: { eventId: storedEvent(1).id, reason: 'gave-up', statusCode: 400, answerExcerpt: null } },
      { raw: { eventId: storedEvent(2).id, answerExcerpt: 'you sent 2' } },
    ]);
  });

  test('is not told of an attempt under way when the event loses its payload', async () => {
    const log = await told();
    const box = new Mailbox();
    await box.answerWith({ kind: 'held', status: 410 });
    const hook = await log.hook(box.url);
    await hook.enqueue(storedEvent(1));
    const wake = hook.wake();
    await box.letters(1);
    await hook.inside((instance) => instance.expunge(1));
    await box.release();
    await wake;
    await hook.runDue();
    expect(await log.all()).toMatchObject([
      { type: 'posthorn.hook.disabled', raw: { statusCode: 410, error: 'status', answerExcerpt: null } },
    ]);
  });

  test('is nothing where there was no answer', async () => {
    const log = await told();
    const hook = await log.hook('http://127.0.0.1:9/', { retry: { scheduleSeconds: [] } });
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    expect((await log.all())[0]?.raw).toMatchObject({ statusCode: null, answerExcerpt: null });
    expect((await log.all())[0]?.raw.error).toMatch(/./);
  });
});

test('one that was stored without the later members has them as unknown', async () => {
  const log = await told();
  const hook = await log.hook(new Mailbox().url);
  const former = { hookId: 7, hookName: 'CRM', eventId: null, reason: 'gone', since: null, statusCode: 410 };
  await hook.inside((_hook, { storage }) =>
    storage.sql.exec(
      `INSERT INTO notices (type, facts) VALUES ('posthorn.hook.disabled', ?)`,
      JSON.stringify(former),
    ),
  );
  await hook.evict();
  await hook.wake();
  const unknown = { eventType: null, eventSubject: null, error: null, answerExcerpt: null };
  expect((await log.all()).map(({ raw }) => raw)).toEqual([{ ...former, ...unknown }]);
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

/** The facts of those of one type. */
function of(all: Awaited<ReturnType<Told['all']>>, type: string): Record<string, unknown>[] {
  return all.filter((event) => event.type === type).map(({ raw }) => raw);
}

describe.each(LIVES)('once an occasion, $life', ({ halfway }) => {
  test('posthorn.hook.backlog: what waits, why, since when and what it last came to, once until it is over', async () => {
    const box = new Mailbox();
    await box.answerWith({ status: 500 });
    const log = await told();
    const hook = await log.hook(box.url, {
      retry: { ...RETRY, scheduleSeconds: Array<number>(20).fill(300) },
      backlogAfterSeconds: 600,
    });
    const [first, second] = storedEvents(1, 2);
    await hook.enqueue(...[first, second].flatMap((event) => event ?? []));
    for (const minutes of [0, 5, 9]) {
      clock.set(START_MS + minutes * 60_000);
      await hook.wake();
      await halfway(hook);
      expect(of(await log.all(), 'posthorn.hook.backlog')).toEqual([]);
    }
    for (const minutes of [10, 11, 30, 120]) {
      clock.set(START_MS + minutes * 60_000);
      await hook.wake();
      await halfway(hook);
      expect(of(await log.all(), 'posthorn.hook.backlog')).toMatchObject([
        {
          hookId: 7,
          eventId: first?.id,
          eventType: first?.type,
          eventSubject: first?.subject,
          since: new Date(START_MS).toISOString(),
          statusCode: 500,
          error: 'status',
        },
      ]);
    }
    await box.answerWith({ status: 200 });
    await hook.inside((instance) => instance.enable());
    await hook.runAll();
    await halfway(hook);
    // Another occasion.
    await hook.patch({ paused: true });
    await hook.enqueue(...storedEvents(3, 3));
    await hook.wake();
    await halfway(hook);
    clock.advance(600_000);
    await hook.wake();
    const [, again] = of(await log.all(), 'posthorn.hook.backlog');
    expect(again).toMatchObject({ reason: 'paused', eventId: storedEvents(3, 3)[0]?.id, statusCode: null });
  });

  test('the alarm of a hook that is paused is set to when its first delivery has waited for long enough', async () => {
    const box = new Mailbox();
    const log = await told();
    const hook = await log.hook(box.url, { paused: true, backlogAfterSeconds: 60 });
    await hook.enqueue(...storedEvents(1, 1));
    await hook.wake();
    await halfway(hook);
    clock.advance(10_000);
    await hook.enqueue(...storedEvents(2, 2));
    await hook.wake();
    expect(await hook.alarmAt()).toBe(START_MS + 60_000);
  });

  test('posthorn.hook.queue-full: the first event that was skipped, once until there is room again', async () => {
    const box = new Mailbox();
    const log = await told();
    const hook = await log.hook(box.url, { paused: true });
    const limited = () =>
      hook.inside((instance) => {
        Object.assign(instance.queueLimits, { deliveries: 3 });
      });
    await limited();
    await hook.enqueue(...storedEvents(1, 5));
    await halfway(hook);
    await limited();
    await hook.enqueue(...storedEvents(5, 6));
    await hook.wake();
    const [skipped] = storedEvents(4, 4);
    expect(of(await log.all(), 'posthorn.hook.queue-full')).toMatchObject([
      {
        eventId: skipped?.id,
        eventType: skipped?.type,
        eventSubject: skipped?.subject,
        reason: 'queue-full',
        since: new Date(START_MS).toISOString(),
      },
    ]);
    await hook.patch({ paused: false });
    await hook.runAll();
    await halfway(hook);
    await limited();
    await hook.patch({ paused: true });
    await hook.wake();
    await hook.enqueue(...storedEvents(7, 10));
    await hook.wake();
    expect(of(await log.all(), 'posthorn.hook.queue-full')).toHaveLength(2);
  });
});
