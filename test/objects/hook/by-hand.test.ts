import { beforeEach, expect, test } from 'vitest';
import { clock, LIVES, openHook, storedEvent } from '../../support/objects.ts';

beforeEach(() => clock.start());

test.each(LIVES)('G3: a retry by hand passes the same guard as every attempt, $life', async ({ halfway }) => {
  const hook = await openHook('http://example.com/', { retry: { scheduleSeconds: [600], jitter: 0 } });
  const event = storedEvent(1);
  await hook.enqueue(event);
  await hook.runDue();
  await halfway(hook);
  clock.advance(1000);
  expect(await hook.inside((instance) => instance.retry(event))).toBe('retried');
  await hook.runDue();
  const { attemptLog } = await hook.delivery(1);
  expect(attemptLog).toMatchObject([
    { number: 1, outcome: 'failed', statusCode: null, error: 'target-refused' },
    { number: 2, outcome: 'failed', statusCode: null, error: 'target-refused' },
  ]);
});
