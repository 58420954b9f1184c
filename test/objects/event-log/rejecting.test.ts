/** posthorn.source.rejecting: told once an occasion, whatever is evicted in between, and never often. */
import { evictDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { arrival, contactChanged, openedLog, type Log } from './log.ts';

const START_MS = Date.UTC(2100, 0, 1);
const HOUR_MS = 3_600_000;

afterEach(() => {
  vi.restoreAllMocks();
});

const at = (timeMs: number) => vi.spyOn(Date, 'now').mockReturnValue(timeMs);

interface Told {
  readonly subject: string;
  readonly raw: Record<string, unknown>;
}

async function told(log: Log): Promise<Told[]> {
  const rows = await log.rows<{ subject: string; raw: ArrayBuffer }>(
    `SELECT subject, raw FROM events WHERE type = 'posthorn.source.rejecting' ORDER BY seq`,
  );
  return rows.map(({ subject, raw }) => ({
    subject,
    raw: JSON.parse(new TextDecoder().decode(raw)) as Record<string, unknown>,
  }));
}

const refuse = (log: Log, tokenHash: string, times: number) =>
  log.inside(async (object) => {
    for (let time = 0; time < times; time += 1) await object.accept(arrival(tokenHash, 'no JSON'));
  });

const LIVES = [
  { life: 'awake throughout', halfway: async (_log: Log) => {} },
  { life: 'evicted half-way', halfway: async (log: Log) => evictDurableObject(log.stub) },
] as const;

describe.each(LIVES)('$life', ({ halfway }) => {
  it('five refusals in a row are told once, with what was wrong and since when', async () => {
    const log = await openedLog();
    const { id, tokenHash } = await log.source();
    at(START_MS);
    await refuse(log, tokenHash, 3);
    expect(await log.inside((object) => object.refused(tokenHash, 'tooLarge'))).toBe(true);
    expect(await told(log)).toEqual([]);
    at(START_MS + 1_000);
    await refuse(log, tokenHash, 1);
    await halfway(log);
    await refuse(log, tokenHash, 20);
    at(START_MS + 2 * HOUR_MS);
    await refuse(log, tokenHash, 20);
    expect(await told(log)).toEqual([
      {
        subject: `source/${id}`,
        raw: {
          sourceId: id,
          sourceName: 'a source',
          reason: 'malformed',
          since: new Date(START_MS).toISOString(),
        },
      },
    ]);
  });

  it('an accepted event ends the occasion; the next one is told again, at most once an hour', async () => {
    const log = await openedLog();
    const { tokenHash } = await log.source();
    const accept = (id: string) =>
      log.inside((object) => object.accept(arrival(tokenHash, contactChanged(id))));
    for (let minute = 0; minute < 60; minute += 1) {
      at(START_MS + minute * 60_000);
      await accept(`id-${minute}`);
      if (minute === 30) await halfway(log);
      await refuse(log, tokenHash, 5);
    }
    expect(await told(log)).toHaveLength(1);
    at(START_MS + HOUR_MS);
    await refuse(log, tokenHash, 5);
    expect(await told(log)).toHaveLength(2);
    await halfway(log);
    expect((await log.stub.listSources({ order: 'asc', after: null, limit: 1 }))[0]?.stats).toMatchObject({
      accepted: 60,
    });
  });
});

it('whatever is taken in between, repeated and test events too, ends the row', async () => {
  const log = await openedLog();
  const { tokenHash } = await log.source();
  const taken = [contactChanged('a'), contactChanged('a'), { Event: 'test' }, contactChanged('b')];
  for (const body of taken) {
    await refuse(log, tokenHash, 4);
    await log.inside((object) => object.accept(arrival(tokenHash, body)));
  }
  await refuse(log, tokenHash, 4);
  expect(await told(log)).toEqual([]);
});

it('it counts as no event of the source, and is none of its own', async () => {
  const log = await openedLog();
  const { tokenHash } = await log.source();
  await refuse(log, tokenHash, 5);
  await log.crash();
  const [source] = await log.stub.listSources({ order: 'asc', after: null, limit: 1 });
  expect(source?.stats).toMatchObject({ accepted: 0, lastAcceptedAtMs: null });
  expect(await told(log)).toHaveLength(1);
});
