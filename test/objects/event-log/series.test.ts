/** Figures over time: what came in is exact in every life of the log, what went out is what hooks have said. */
import { afterEach, expect, test, vi } from 'vitest';
import { HOUR_MS, hourOf } from '../../../src/core/hour.ts';
import type { SeriesQuery } from '../../../src/event-log/series.ts';
import { HOOK_DEFAULTS, patchHook } from '../../../src/core/hook-config.ts';
import { BY_RELAY } from '../../../src/event-log/audit.ts';
import { Mailbox } from '../../support/mailbox.ts';
import { until } from '../../support/until.ts';
import { arrival, clockAhead, contactChanged, createdIn, openedLog, publishTo, type Log } from './log.ts';

const realNow = Date.now.bind(Date);

afterEach(() => {
  vi.restoreAllMocks();
});

async function series(log: Log, query: Partial<SeriesQuery> = {}) {
  const whole = {
    fromMs: realNow() - HOUR_MS,
    toMs: realNow() + 4 * HOUR_MS,
    stepHours: 1,
    sourceId: null,
    hookId: null,
    withDurations: false,
    ...query,
  };
  const points = await log.inside((object) => object.series(whole));
  if (typeof points === 'string') return points;
  return points
    .filter(({ accepted, duplicates, rejected, delivered, failed, dead }) =>
      [accepted, duplicates, rejected, delivered, failed, dead].some((count) => count > 0),
    )
    .map(({ atHour, ...counts }) => [atHour - hourOf(realNow()), counts]);
}

async function hookTo(log: Log, box: Mailbox): Promise<number> {
  const config = patchHook({ ...HOOK_DEFAULTS, url: box.url }, { retry: { giveUpOn: [400] } });
  const hook = { config, secret: null, relayHost: 'relay.example.com', keyId: null };
  return log.inside(async (object) => createdIn(await object.createHook(hook, null)).registration.id);
}

const NONE = {
  accepted: 0,
  duplicates: 0,
  rejected: 0,
  delivered: 0,
  failed: 0,
  dead: 0,
  durationP50Ms: null,
  durationP95Ms: null,
};

test('what came in counts in its hour: of a source, of the tenant with its own events, and after a crash', async () => {
  const log = await openedLog();
  const [one, two] = [await log.source(), await log.source()];
  await log.stub.accept(arrival(one.tokenHash, contactChanged('a')));
  await log.stub.accept(arrival(one.tokenHash, contactChanged('a')));
  await log.stub.accept(arrival(two.tokenHash, contactChanged('b')));
  await log.inside((object) => publishTo(object));
  clockAhead(2 * HOUR_MS);
  await log.stub.refused(one.tokenHash, 'malformed');
  await log.stub.accept(arrival(one.tokenHash, contactChanged('c')));
  expect(await series(log)).toEqual([
    [0, { ...NONE, accepted: 3, duplicates: 1 }],
    [2, { ...NONE, accepted: 1, rejected: 1 }],
  ]);
  await log.settled();
  await log.crash();
  expect(await series(log, { sourceId: one.id })).toMatchObject([
    [0, { accepted: 1, duplicates: 1 }],
    [2, { accepted: 1 }],
  ]);
  expect(await series(log, { sourceId: 'src_none' })).toBe('unknown-source');
  // What is deleted has come in all the same.
  await log.inside((object) => object.deleteSource(one.id, null, BY_RELAY));
  await log.stub.accept(arrival(two.tokenHash, contactChanged('d')));
  expect(await series(log)).toMatchObject([
    [0, { accepted: 3, duplicates: 1 }],
    [2, { accepted: 2 }],
  ]);
});

test('what went out is the same asked of the hook and asked of all, by the day as well', async () => {
  const log = await openedLog();
  const box = new Mailbox();
  await box.answerStatuses(200, 400);
  const id = await hookTo(log, box);
  for (let n = 1; n <= 2; n += 1) {
    await log.inside((object) => publishTo(object));
    await until(
      () => log.hook(id).runtime(),
      ({ delivered, dead }) => delivered + dead === n,
    );
  }
  await until(
    () => log.inside((object) => object.stats()),
    ({ dead }) => dead === 1,
  );
  const outbound = { delivered: 1, failed: 1, dead: 1 };
  await until(
    () => series(log),
    ([point]) => typeof point === 'object' && (point[1] as typeof NONE).dead === 1,
  );
  // The notice of the dead delivery is an event as well.
  expect(await series(log)).toMatchObject([[0, { ...outbound, accepted: 3, durationP50Ms: null }]]);
  const durations = {
    durationP50Ms: expect.any(Number) as number,
    durationP95Ms: expect.any(Number) as number,
  };
  expect(await series(log, { hookId: id })).toMatchObject([[0, { ...outbound, ...durations }]]);
  expect(await series(log, { withDurations: true })).toMatchObject([[0, { ...outbound, ...durations }]]);
  const day = await log.inside((object) =>
    object.series({
      fromMs: realNow(),
      toMs: realNow() + 1,
      stepHours: 24,
      sourceId: null,
      hookId: null,
      withDurations: false,
    }),
  );
  expect(day).toMatchObject([{ atHour: Math.floor(hourOf(realNow()) / 24) * 24, ...outbound }]);
  expect(await series(log, { hookId: 99 })).toBe('unknown-hook');
});
