/** The log as it runs: an event is brought to its hooks in the call that accepts it, and the alarm is the safety net. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SAFETY_NET_MS } from '../../../src/storage/alarm.ts';
import { until } from '../../support/until.ts';
import {
  arrival,
  type Bindings,
  clockAhead,
  contactChanged,
  type Log,
  openedLog,
  publishTo,
  relay,
} from './log.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const eager = (log: Log) =>
  log.inside((object) => {
    Object.assign(object, { isEager: true });
  });

const queued = (log: Log, hookId: number, count: number) =>
  until(
    () => log.queueOf(hookId),
    (queue) => queue.length === count,
  );

describe('an event', () => {
  it('is in the queue of its hook without the alarm', async () => {
    const log = await openedLog();
    const { tokenHash } = await log.source();
    const hookId = await log.pausedHook();
    await log.settled();
    await eager(log);
    const startMs = Date.now();
    await log.stub.accept(arrival(tokenHash, contactChanged('a')));
    await queued(log, hookId, 1);
    expect(await log.alarmAt()).toBeGreaterThanOrEqual(startMs + SAFETY_NET_MS);
    await log.inside((object) => object.alarm());
    await log.settled();
    expect(await log.queueOf(hookId)).toHaveLength(1);
  });

  it('that comes while others are brought is brought in a round of its own', async () => {
    const log = await openedLog();
    const { tokenHash } = await log.source();
    const hookId = await log.pausedHook();
    await log.settled();
    await eager(log);
    for (let at = 1; at <= 30; at += 1) await log.stub.accept(arrival(tokenHash, contactChanged(`id-${at}`)));
    await queued(log, hookId, 30);
  });

  it('that was accepted by a process that died is brought at the safety net', async () => {
    const log = await openedLog();
    const { tokenHash } = await log.source();
    const hookId = await log.pausedHook();
    await log.settled();
    await eager(log);
    await log.stub.accept(arrival(tokenHash, contactChanged('a')));
    await log.crash();
    expect(await log.alarmAt()).not.toBeNull();
    await log.settled();
    expect(await log.queueOf(hookId)).toHaveLength(1);
  });

  it('waits for no clock that was set back', async () => {
    const log = await openedLog();
    const hookId = await log.pausedHook();
    await log.settled();
    await eager(log);
    clockAhead(3_600_000);
    await log.inside((object) => publishTo(object));
    await queued(log, hookId, 1);
    vi.restoreAllMocks();
    await log.inside((object) => publishTo(object));
    await queued(log, hookId, 2);
  });
});

it('a wake that has used up its calls goes on by the alarm, whatever else ends meanwhile', async () => {
  const log = await openedLog();
  for (let made = 0; made < 40; made += 1) await log.pausedHook();
  await log.settled();
  let calls = 0;
  const enqueue = () => {
    calls += 1;
    return Promise.resolve();
  };
  await log.inside(async (object) => {
    const HOOK = { getByName: () => ({ enqueue }) } as unknown as (typeof relay)['HOOK'];
    (object as unknown as Bindings).env = { ...relay, HOOK };
    Object.assign(object, { isEager: true, alarm: () => Promise.resolve() });
    object.sweep();
    publishTo(object);
    for (let turn = 0; turn < 100; turn += 1) await scheduler.wait(0);
  });
  expect(calls).toBe(32);
  await log.inside((object) => {
    Reflect.deleteProperty(object, 'alarm');
    return object.alarm();
  });
  await log.settled();
  expect(calls).toBe(40);
});
