/** What workerd's own storage says and costs, where the size of an object and the proof of a write rest on it. */
import { beforeEach, describe, expect, test } from 'vitest';
import { Mailbox } from '../../support/mailbox.ts';
import { clock, metered, openHook, storedEvent } from '../../support/objects.ts';

beforeEach(() => clock.start());

const RETRY = { scheduleSeconds: [60, 60, 60], jitter: 0 };

test('A8: the size of an object leaves out pages that are free again', async () => {
  const box = new Mailbox();
  const hook = await openHook(box.url, { paused: true });
  const size = () => hook.inside((_hook, { storage }) => storage.sql.databaseSize);
  const before = await size();
  await hook.enqueue(storedEvent(1, { raw: new TextEncoder().encode(`"${'x'.repeat(1_000_000)}"`) }));
  expect(await size()).toBeGreaterThan(before + 1_000_000);
  await hook.delete();
  expect(await size()).toBeLessThan(before + 20_000);
});

describe('A8: the proof that storage takes a write', () => {
  test('is one row before the first request of a life in which nothing was written', async () => {
    const box = new Mailbox();
    await box.answerWith({ status: 500 });
    const hook = await openHook(box.url, { retry: RETRY });
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    const retried = async () => {
      clock.advance(60_000);
      const { rowsWritten } = await metered(hook, () => hook.wake());
      return rowsWritten;
    };
    const inTheSameLife = await retried();
    await hook.evict();
    expect(await retried()).toBe(inTheSameLife + 1);
    expect(await box.letters()).toHaveLength(3);
  });

  test('is none where an event has been taken: that was a write', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url);
    await hook.evict();
    const { statements } = await metered(hook, async () => {
      await hook.enqueue(storedEvent(1));
      await hook.runDue();
    });
    expect(statements.filter(({ query }) => query.startsWith('UPDATE bounds'))).toEqual([]);
    expect(await box.letters()).toHaveLength(1);
  });
});
