/** What a paused delivery means to a hook. The switchboard is the real one. */
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Env } from '../../../src/env.ts';
import { switchboardOf } from '../../../src/registry/address.ts';
import { changeSwitches } from '../../../src/switchboard/calls.ts';
import type { SwitchChange } from '../../../src/switchboard/switch-state.ts';
import { Switchboard } from '../../../src/switchboard/switchboard.ts';
import { Mailbox } from '../../support/mailbox.ts';
import {
  clock,
  idsOf,
  LIVES,
  metered,
  openHook,
  START_MS,
  storedEvent,
  storedEvents,
} from '../../support/objects.ts';

const TAKES_EFFECT_MS = 5_000;
/** In which reopening takes effect. */
const LOOK_MS = 60_000;

async function turn(change: SwitchChange): Promise<void> {
  const answer = await changeSwitches(switchboardOf(env as unknown as Env), change);
  if (!answer.ok) throw new Error(answer.reason);
  clock.advance(TAKES_EFFECT_MS);
}

let tests = 0;
beforeEach(() => {
  clock.start();
  // Later than any test before: what this isolate knows of the switches is too old.
  tests += 1;
  clock.set(START_MS + tests * 86_400_000);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await turn({ delivery: 'open' });
});

describe.each(LIVES)('$life', ({ halfway }) => {
  test('I11: delivery paused: nothing is sent, reopened: all of it, in order', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url);
    await turn({ delivery: 'paused' });
    await hook.enqueue(...storedEvents(1, 3));
    await hook.runDue();
    await halfway(hook);
    await hook.enqueue(...storedEvents(4, 5));
    for (let looks = 0; looks < 10; looks += 1) {
      await hook.runDue();
      const at = await hook.alarmAt();
      expect(at).toBeGreaterThan(clock.nowMs());
      expect(at).toBeLessThanOrEqual(clock.nowMs() + LOOK_MS);
      clock.set(at ?? NaN);
    }
    expect(await box.letters()).toHaveLength(0);
    expect(await hook.delivery(1)).toMatchObject({ status: 'pending', attempts: 0, attemptLog: [] });

    await turn({ delivery: 'open' });
    await halfway(hook);
    clock.advance(LOOK_MS);
    await hook.runDue();
    expect(await box.ids()).toEqual(idsOf(storedEvents(1, 5)));
    expect(await hook.alarmAt()).toBeNull();
  });

  test('A17: the longer delivery is paused the more seldom a hook with work looks; a minute at most', async () => {
    const hook = await openHook('https://receiver.example.com/');
    await turn({ delivery: 'paused' });
    await hook.enqueue(storedEvent(1));
    const endMs = clock.nowMs() + 3_600_000;
    const pausesMs: number[] = [];
    while (clock.nowMs() < endMs && pausesMs.length < 200) {
      await halfway(hook);
      await hook.wake();
      const nextMs = (await hook.alarmAt()) ?? NaN;
      pausesMs.push(nextMs - clock.nowMs());
      clock.set(nextMs);
    }
    expect(pausesMs.slice(0, 4)).toEqual([20_000, 25_000, 50_000, 55_000]);
    expect(Math.max(...pausesMs)).toBe(55_000);
    expect(pausesMs.length).toBeLessThan(70);
  });

  test('a retry that falls due meanwhile waits and uses no step', async () => {
    const box = new Mailbox();
    await box.answerStatuses(500);
    const hook = await openHook(box.url, { retry: { scheduleSeconds: [60], jitter: 0 } });
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    await turn({ delivery: 'paused' });
    await halfway(hook);
    clock.advance(3600_000);
    await hook.runDue();
    expect(await box.letters()).toHaveLength(1);
    await turn({ delivery: 'open' });
    clock.advance(LOOK_MS);
    await hook.runDue();
    expect(await hook.delivery(1)).toMatchObject({ status: 'delivered', attempts: 2 });
  });
});

test('paused during an attempt: it ends, and no other starts', async () => {
  const box = new Mailbox();
  await box.answerWith({ status: 200 }, { kind: 'held' });
  const hook = await openHook(box.url);
  await hook.enqueue(...storedEvents(1, 3));
  const wake = hook.wake();
  await box.letters(1);
  await turn({ delivery: 'paused' });
  await box.release();
  await wake;
  expect(await box.letters()).toHaveLength(1);
  expect(await hook.delivery(1)).toMatchObject({ status: 'delivered' });
  expect(await hook.alarmAt()).toBeGreaterThan(clock.nowMs());
});

test('ingest paused alone delivers what is queued', async () => {
  const box = new Mailbox();
  const hook = await openHook(box.url);
  await turn({ ingest: 'paused' });
  await hook.enqueue(storedEvent(1));
  await hook.runDue();
  await turn({ ingest: 'open' });
  expect(await box.letters()).toHaveLength(1);
});

test('a look at a paused switch writes one alarm and no row; events meanwhile write no alarm', async () => {
  const box = new Mailbox();
  const hook = await openHook(box.url);
  await turn({ delivery: 'paused' });
  await hook.enqueue(storedEvent(1));
  // The first of them reports how the hook stands, which is a row.
  await hook.runDue();
  const look = await metered(hook, () => hook.wake());
  expect(look).toMatchObject({ rowsWritten: 0, alarmsSet: 1 });
  const enqueued = await metered(hook, () => hook.enqueue(storedEvent(2)));
  expect(enqueued.alarmsSet).toBe(0);
});

test('while it is open the switch costs a delivery no row and no alarm', async () => {
  const box = new Mailbox();
  const hook = await openHook(box.url);
  await hook.enqueue(...storedEvents(1, 10));
  const drained = await metered(hook, () => hook.wake());
  expect(await box.letters()).toHaveLength(10);
  expect(drained).toMatchObject({ alarmsSet: 0 });
  expect(drained.rowsWritten).toBeLessThanOrEqual(2 * 10);
  expect(drained.statements.filter(({ query }) => query.includes('switch'))).toEqual([]);
});

describe('a switchboard that cannot be reached', () => {
  const breakDown = () =>
    vi
      .spyOn(Switchboard.prototype, 'fetch')
      .mockImplementation(() => Promise.resolve(new Response('gone', { status: 500 })));

  test('after it said paused: nothing is sent', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url);
    await turn({ delivery: 'paused' });
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    vi.spyOn(console, 'error').mockReturnValue();
    const broken = breakDown();
    clock.advance(3600_000);
    await hook.runDue();
    expect(await box.letters()).toHaveLength(0);
    expect(broken).toHaveBeenCalled();
  });

  test('after it said open: deliveries go on', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url);
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    vi.spyOn(console, 'error').mockReturnValue();
    const broken = breakDown();
    clock.advance(3600_000);
    await hook.enqueue(storedEvent(2));
    await hook.runDue();
    expect(await box.ids()).toEqual(idsOf(storedEvents(1, 2)));
    expect(broken).toHaveBeenCalled();
  });
});
