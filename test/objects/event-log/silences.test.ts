/** A source that sends nothing for as long as it says: the tenant is told once, until its next event. */
import { afterEach, expect, test, vi } from 'vitest';
import { arrival, clockAhead, contactChanged, openedLog, type Log } from './log.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const wake = (log: Log) => log.inside((object) => object.alarm());

async function told(log: Log): Promise<Record<string, unknown>[]> {
  const rows = await log.rows<{ raw: ArrayBuffer }>(
    `SELECT raw FROM events WHERE type = 'posthorn.source.silent' ORDER BY seq`,
  );
  return rows.map(({ raw }) => JSON.parse(new TextDecoder().decode(raw)) as Record<string, unknown>);
}

async function setSilence(log: Log, id: string, silentAfterSeconds: number | null): Promise<void> {
  await log.inside((object) => object.patchSource(id, { silentAfterSeconds }, 'relay.example.com'));
}

test.each([
  ['of one life', () => Promise.resolve()],
  ['that has crashed in between', (log: Log) => log.crash()],
])(
  'posthorn.source.silent is told once by a log %s, and again after the next event',
  async (_life, between) => {
    const log = await openedLog();
    const { id, tokenHash } = await log.source();
    await setSilence(log, id, 60);
    await log.stub.accept(arrival(tokenHash, contactChanged('a')));
    await log.settled();
    clockAhead(50_000);
    await wake(log);
    expect(await told(log)).toEqual([]);
    for (const seconds of [70, 80, 1000]) {
      clockAhead(seconds * 1000);
      await wake(log);
      await log.settled();
      await between(log);
      await wake(log);
      expect(await told(log)).toMatchObject([
        { sourceId: id, silentAfterSeconds: 60, since: expect.stringMatching(/^\d{4}-.*Z$/) as string },
      ]);
    }
    // What was sent before is no sign of life.
    await log.stub.accept(arrival(tokenHash, contactChanged('a')));
    clockAhead(2_000_000);
    await wake(log);
    expect(await told(log)).toHaveLength(1);
    await log.stub.accept(arrival(tokenHash, contactChanged('b')));
    await log.settled();
    await between(log);
    clockAhead(2_050_000);
    await wake(log);
    expect(await told(log)).toHaveLength(1);
    clockAhead(2_070_000);
    await wake(log);
    expect(await told(log)).toHaveLength(2);
  },
);

test('it counts from when it was set; null, and the end of the source, end it', async () => {
  const log = await openedLog();
  const [one, two] = [await log.source(), await log.source()];
  clockAhead(1_000_000);
  await setSilence(log, one.id, 60);
  await setSilence(log, two.id, 60);
  await wake(log);
  expect(await told(log)).toEqual([]);
  const { version } = (await log.inside((object) => object.getSource(one.id))) ?? { version: 0 };
  await setSilence(log, one.id, null);
  expect(await log.inside((object) => object.getSource(one.id))).toMatchObject({
    silentAfterSeconds: null,
    version: version + 1,
  });
  await log.inside((object) => object.deleteSource(two.id));
  clockAhead(2_000_000);
  await wake(log);
  expect(await told(log)).toEqual([]);
  expect(await log.rows('SELECT * FROM silences')).toEqual([]);
});
