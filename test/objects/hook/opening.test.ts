/** What it takes to open a hook that has nothing to do: an event to many of them opens each. */
import { beforeEach, expect, test } from 'vitest';
import { Mailbox } from '../../support/mailbox.ts';
import { clock, metered, openHook, storedEvent } from '../../support/objects.ts';

beforeEach(() => clock.start());

test('a hook that has delivered everything opens by reading alone, in few statements, and delivers the next', async () => {
  const box = new Mailbox();
  const [hook, meter] = [await openHook(box.url), await openHook(box.url)];
  await hook.enqueue(storedEvent(1));
  await hook.runDue();
  await hook.evict();
  const opening = await metered(meter, () => hook.stub.runtime());
  expect(opening.rowsWritten).toBe(0);
  expect(opening.statements.filter(({ query }) => !/^\s*SELECT/.test(query))).toEqual([]);
  expect(new Set(opening.statements.map(({ query }) => query)).size).toBeLessThanOrEqual(14);
  const delivering = await metered(meter, async () => {
    await hook.enqueue(storedEvent(2));
    await hook.runDue();
  });
  // The first of an hour writes the row of the hour.
  expect(delivering.statements.length).toBeLessThanOrEqual(6);
  expect(await box.ids()).toHaveLength(2);
});
