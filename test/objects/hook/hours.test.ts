/** What became of a hook's attempts by the hour: one row an hour, exact in every life of the object. */
import { beforeEach, describe, expect, test } from 'vitest';
import { HOUR_MS, hourOf } from '../../../src/core/hour.ts';
import { Durations } from '../../../src/core/durations.ts';
import { Mailbox } from '../../support/mailbox.ts';
import {
  clock,
  LIVES,
  openHook,
  START_MS,
  storedEvent,
  storedEvents,
  type HookUnderTest,
} from '../../support/objects.ts';

beforeEach(() => clock.start());

const FIRST = hourOf(START_MS);
const RETRY = { scheduleSeconds: [10], jitter: 0, giveUpOn: [400] };

async function hoursOf(hook: HookUnderTest) {
  const hours = await hook.stub.hours(FIRST, FIRST + 100);
  return hours.map(({ hour, delivered, failed, dead, durations }) => [
    hour - FIRST,
    { delivered, failed, dead, took: Durations.of(durations).total },
  ]);
}

describe.each(LIVES)('$life', ({ halfway }) => {
  test('each attempt counts in its hour, with how long it took', async () => {
    const box = new Mailbox();
    await box.answerStatuses(200, 500, 200, 400, 200);
    const hook = await openHook(box.url, { retry: RETRY });
    for (const event of storedEvents(1, 2)) {
      await hook.enqueue(event);
      await hook.runAll();
      clock.advance(1);
      await halfway(hook);
    }
    clock.advance(2 * HOUR_MS);
    for (const event of storedEvents(3, 4)) {
      await hook.enqueue(event);
      await hook.runAll();
      clock.advance(1);
      await halfway(hook);
    }
    expect(await hoursOf(hook)).toEqual([
      [0, { delivered: 2, failed: 1, dead: 0, took: 3 }],
      [2, { delivered: 1, failed: 1, dead: 1, took: 2 }],
    ]);
    const rows = await hook.inside((_hook, { storage }) => storage.sql.exec('SELECT * FROM hours').toArray());
    expect(rows).toHaveLength(2);
  });

  test('a delivery that died and was sent again has died all the same', async () => {
    const box = new Mailbox();
    await box.answerStatuses(400, 400, 200);
    const hook = await openHook(box.url, { retry: { ...RETRY, scheduleSeconds: [] } });
    await hook.enqueue(storedEvent(1));
    await hook.runAll();
    for (let n = 0; n < 2; n += 1) {
      clock.advance(1);
      await halfway(hook);
      await hook.inside((instance) => instance.retry(storedEvent(1)));
      await hook.runAll();
    }
    expect(await hoursOf(hook)).toEqual([[0, { delivered: 1, failed: 2, dead: 2, took: 3 }]]);
  });
});
