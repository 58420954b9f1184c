/** B7: a clock that was set forward and back again takes the log along. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openedLog, publishTo } from './log.ts';

const NOW_MS = Date.UTC(2100, 0, 1);
const HOUR_MS = 3_600_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW_MS });
});
afterEach(() => {
  vi.useRealTimers();
});

test('B7: times of receipt lie no more than a minute ahead of the clock, and lists by time hold what they say', async () => {
  const log = await openedLog();
  const publishAt = async (atMs: number) => {
    vi.setSystemTime(atMs);
    await log.inside((object) => publishTo(object));
  };
  await publishAt(NOW_MS);
  await publishAt(NOW_MS + HOUR_MS);
  await publishAt(NOW_MS + HOUR_MS - 30_000);
  await log.crash();
  await publishAt(NOW_MS + 1_000);
  await publishAt(NOW_MS + 2_000);
  const rows = await log.rows<{ at: number }>('SELECT recorded_at AS at FROM events ORDER BY seq');
  expect(rows.map(({ at }) => at - NOW_MS)).toEqual([0, HOUR_MS, HOUR_MS, 1_000, 2_000]);
  expect(await log.rows('SELECT seq FROM time_steps')).toEqual([{ seq: 4 }]);
});
