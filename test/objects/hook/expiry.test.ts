/** Held deliveries do not wait for ever: after HELD_DAYS (60) of a hook that is paused or disabled they go dead. */
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Env } from '../../../src/env.ts';
import { eventLogOf } from '../../../src/registry/address.ts';
import { Mailbox } from '../../support/mailbox.ts';
import {
  clock,
  hookRegistration,
  HookUnderTest,
  idsOf,
  LIVES,
  metered,
  openHook,
  START_MS,
  storedEvent,
  storedEvents,
} from '../../support/objects.ts';

beforeEach(() => clock.start());

const DAY = 86_400_000;
const HELD = 60 * DAY;
const RETRY = { scheduleSeconds: [60, 60], jitter: 0 };

async function statuses(hook: HookUnderTest): Promise<(string | null)[]> {
  const views = await hook.inside((instance) => instance.deliveries(null, null, 50).views);
  return views.toReversed().map(({ status, reason }) => (status === 'dead' ? reason : status));
}

describe.each(LIVES)('$life', ({ halfway }) => {
  test('a delivery queued before the pause counts from the pause, one queued later from then', async () => {
    const box = new Mailbox();
    await box.answerStatuses(500);
    const hook = await openHook(box.url, { retry: { ...RETRY, scheduleSeconds: [20 * 86_400] } });
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    clock.advance(10 * DAY);
    await hook.patch({ paused: true });
    await halfway(hook);
    clock.advance(DAY);
    await hook.enqueue(storedEvent(2));
    clock.set(START_MS + 10 * DAY + HELD - 1);
    await hook.wake();
    expect(await statuses(hook)).toEqual(['held', 'held']);
    await halfway(hook);
    clock.advance(1);
    await hook.runDue();
    expect(await statuses(hook)).toEqual(['expired', 'held']);
    expect(await hook.delivery(1)).toMatchObject({ attempts: 1, finishedAtMs: clock.nowMs() });
    expect(await hook.alarmAt()).toBe(START_MS + 11 * DAY + HELD);
    await halfway(hook);
    clock.advance(DAY);
    await hook.runDue();
    expect(await statuses(hook)).toEqual(['expired', 'expired']);
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, dead: 2, delivered: 0 });
    expect(await hook.alarmAt()).toBeNull();
    expect(await box.letters()).toHaveLength(1);
  });

  test('of a disabled hook too, from the moment it was disabled', async () => {
    const box = new Mailbox();
    await box.answerStatuses(410);
    const hook = await openHook(box.url);
    clock.advance(DAY);
    await hook.enqueue(...storedEvents(1, 2, 'a'));
    await hook.runDue();
    await halfway(hook);
    expect(await hook.alarmAt()).toBe(START_MS + DAY + HELD);
    clock.set(START_MS + DAY + HELD);
    await hook.runDue();
    expect(await statuses(hook)).toEqual(['expired', 'expired']);
  });

  test('resuming stops it, and a second pause counts anew', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url, { paused: true });
    await hook.enqueue(storedEvent(1));
    clock.advance(HELD - DAY);
    await halfway(hook);
    await box.answerWith({ status: 500 });
    await hook.patch({ paused: false, retry: { scheduleSeconds: [80 * 86_400] } });
    await hook.runDue();
    await halfway(hook);
    clock.advance(10 * DAY);
    await hook.runDue();
    expect(await statuses(hook)).toEqual(['pending']);
    await hook.patch({ paused: true });
    clock.advance(HELD - 1);
    await hook.runDue();
    expect(await statuses(hook)).toEqual(['held']);
  });

  test('an active hook keeps what has waited for longer', async () => {
    const box = new Mailbox();
    await box.answerWith({ status: 500 });
    const hook = await openHook(box.url, { retry: { ...RETRY, scheduleSeconds: Array(20).fill(604_800) } });
    await hook.enqueue(...storedEvents(1, 2, 'a'));
    while (clock.nowMs() < START_MS + HELD + 10 * DAY) {
      await hook.runDue();
      clock.set((await hook.alarmAt()) ?? NaN);
      await halfway(hook);
    }
    expect(await statuses(hook)).toEqual(['pending', 'pending']);
  });

  test('one sent again by hand counts from then, and stays delivered', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url);
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    clock.advance(HELD);
    await box.answerWith({ status: 410 });
    await hook.inside((instance) => instance.retry(storedEvent(1)));
    await hook.runDue();
    await halfway(hook);
    expect(await hook.stub.runtime()).toMatchObject({ state: 'disabled', pending: 0, delivered: 1 });
    clock.advance(HELD - 1);
    await hook.runDue();
    expect(await hook.delivery(1)).toMatchObject({ state: 'ready', status: 'delivered' });
    clock.advance(1);
    await hook.runDue();
    expect(await hook.delivery(1)).toMatchObject({ state: 'delivered', status: 'delivered', reason: null });
    expect(await hook.stub.runtime()).toMatchObject({ dead: 0, delivered: 1 });
  });

  test('many end in bounded steps, and what is resumed in between is still there and in order', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url, { paused: true });
    for (let first = 1; first <= 801; first += 200)
      await hook.enqueue(...storedEvents(first, first + 199, 'a'));
    clock.advance(HELD);
    await hook.inside((instance) => instance.alarm());
    expect(await hook.stub.runtime()).toMatchObject({ dead: 500, pending: 500 });
    await halfway(hook);
    await hook.patch({ paused: false });
    await hook.runDue();
    expect(await box.ids()).toEqual(idsOf(storedEvents(501, 1000)));
  }, 60_000);
});

test('posthorn.delivery.dead tells of each, and never of events that are the relay’s own', async () => {
  const ref = { tenant: 'default', incarnation: crypto.randomUUID(), jurisdiction: null };
  const log = eventLogOf(env as unknown as Env, ref);
  await log.open({ ...ref, name: '', createdAtMs: START_MS });
  const hook = new HookUnderTest(hookRegistration('http://127.0.0.1:9/', { paused: true }));
  await hook.stub.configure(ref, hook.registration);
  await hook.enqueue(storedEvent(1), { ...storedEvent(2), type: 'posthorn.hook.failing' });
  clock.advance(HELD);
  await hook.runDue();
  expect(await hook.stub.runtime()).toMatchObject({ dead: 2 });
  const told = await runInDurableObject(log, (_log, { storage }) =>
    storage.sql
      .exec<{ type: string; raw: ArrayBuffer }>('SELECT type, raw FROM events')
      .toArray()
      .map(({ type, raw }) => ({
        type,
        raw: JSON.parse(new TextDecoder().decode(raw)) as Record<string, unknown>,
      })),
  );
  expect(told).toMatchObject([
    {
      type: 'posthorn.delivery.dead',
      raw: {
        eventId: storedEvent(1).id,
        reason: 'expired',
        since: new Date(START_MS).toISOString(),
        eventType: 'test.contact.updated',
        eventSubject: 'contact/1',
        statusCode: null,
        error: null,
        answerExcerpt: null,
      },
    },
  ]);
});

test('it costs a held hook one alarm, and an active one nothing', async () => {
  const hook = await openHook('http://127.0.0.1:9/', { paused: true });
  const first = await metered(hook, () => hook.enqueue(storedEvent(1)));
  const second = await metered(hook, () => hook.enqueue(storedEvent(2)));
  expect([first.alarmsSet, second.alarmsSet]).toEqual([1, 0]);
  expect(second.rowsWritten).toBe(2);
});
