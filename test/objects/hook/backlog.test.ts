/** F8: a long backlog goes out without being loaded, and starves nobody. */
import { beforeEach, expect, test } from 'vitest';
import { Mailbox } from '../../support/mailbox.ts';
import { clock, idsOf, metered, openHook, storedEvent, storedEvents } from '../../support/objects.ts';

beforeEach(() => clock.start());

const PENDING = 10_000;
const CONCURRENCY = 6;

test('F8: 10,000 pending drain with at most twelve payloads in memory at a time, and a new hook does not wait for them', async () => {
  const [box, other] = [new Mailbox(), new Mailbox()];
  const hook = await openHook(box.url, { concurrency: CONCURRENCY, paused: true });
  for (let first = 1; first <= PENDING; first += 200) await hook.enqueue(...storedEvents(first, first + 199));
  await hook.patch({ paused: false });

  const reading = await metered(hook, () => hook.wake());
  const loads = reading.statements.filter(({ query }) => query.startsWith('SELECT seq, event_id'));
  // Of a wake's 500 attempts the last ones run side by side.
  expect(loads.length).toBeGreaterThanOrEqual(500);
  expect(loads.length).toBeLessThan(500 + CONCURRENCY);
  for (const { rowsRead } of loads) expect(rowsRead).toBe(1);
  expect(await box.maxInFlight()).toBeLessThanOrEqual(CONCURRENCY);

  const draining = hook.wake();
  const fresh = await openHook(other.url);
  await fresh.enqueue(storedEvent(1));
  await fresh.wake();
  expect(await other.ids()).toEqual([storedEvent(1).id]);
  await draining;
  const { pending } = await hook.stub.runtime();
  expect(pending).toBeLessThanOrEqual(PENDING - 1000);
  expect(pending).toBeGreaterThan(PENDING - 1000 - 2 * CONCURRENCY);

  await hook.runDue();
  expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: PENDING });
  expect((await box.ids()).sort()).toEqual(idsOf(storedEvents(1, PENDING)).sort());
}, 240_000);
