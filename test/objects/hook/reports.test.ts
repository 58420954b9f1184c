/** What a hook reports of itself to its log: what is news, and not each retry. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { EventLog } from '../../../src/event-log/event-log.ts';
import type { Env } from '../../../src/env.ts';
import type { HookStanding } from '../../../src/hook/reports.ts';
import { Mailbox } from '../../support/mailbox.ts';
import { clock, LIVES, metered, openHook, storedEvent, type HookUnderTest } from '../../support/objects.ts';

beforeEach(() => clock.start());

const MINUTE_MS = 60_000;
const RETRY = { scheduleSeconds: Array.from({ length: 9 }, () => 60), jitter: 0 };

/** What reaches its log from now on, until the object is evicted. */
async function listenTo(hook: HookUnderTest): Promise<HookStanding[]> {
  const reports: HookStanding[] = [];
  const log: Pick<EventLog, 'report' | 'announce'> = {
    report: (_hookId, standing) => {
      reports.push(standing);
    },
    announce: () => undefined,
  };
  await hook.inside((object) => {
    const bound = object as unknown as { env: Env };
    bound.env = { ...bound.env, EVENT_LOG: { getByName: () => log } as unknown as Env['EVENT_LOG'] };
  });
  return reports;
}

/** All that is due goes out a minute later. */
async function aMinuteLater(hook: HookUnderTest): Promise<void> {
  clock.advance(MINUTE_MS);
  await hook.runDue();
}

describe.each(LIVES)('$life', ({ halfway }) => {
  test('a retry that fails again costs no report', async () => {
    const box = new Mailbox();
    await box.answerWith({ status: 500 });
    const hook = await openHook(box.url, { retry: RETRY });
    const first = await listenTo(hook);
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    expect(first).toMatchObject([{ pending: 1, errors: 1, isFailing: false }]);
    await aMinuteLater(hook);
    await halfway(hook);
    const later = await listenTo(hook);
    const reading = await metered(hook, () => aMinuteLater(hook));
    expect(await box.letters()).toHaveLength(3);
    expect([...first.slice(1), ...later]).toEqual([]);
    expect(reading.rowsWritten + reading.alarmsSet).toBeLessThanOrEqual(4);
    await aMinuteLater(hook);
    await aMinuteLater(hook);
    // The fifth in a row makes it failing.
    expect(later).toMatchObject([{ pending: 1, errors: 5, isFailing: true }]);
  });

  test('what a report has not told is told, and what has come in since', async () => {
    const box = new Mailbox();
    await box.answerWith({ status: 200 }, { status: 500 }, { status: 500 });
    const hook = await openHook(box.url, { retry: RETRY });
    await listenTo(hook);
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    await halfway(hook);
    const reports = await listenTo(hook);
    await hook.enqueue(storedEvent(2));
    await aMinuteLater(hook);
    await aMinuteLater(hook);
    expect(reports.at(-1)).toMatchObject({ pending: 0, delivered: 2, consecutiveFailures: 0 });
  });
});
