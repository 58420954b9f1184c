import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { parsePattern } from '../../../src/core/pattern.ts';
import type { EventPage } from '../../../src/event-log/history.ts';
import type { ListQuery } from '../../../src/event-log/list-query.ts';
import type { EventFilter } from '../../../src/event-log/event-store.ts';
import { arrival, bytes, contactChanged, openedLog, publishTo, type Log } from './log.ts';

const NO_FILTER: EventFilter = {
  type: null,
  subject: null,
  source: null,
  sourceId: null,
  fromMs: null,
  toMs: null,
};

afterEach(() => {
  vi.restoreAllMocks();
});

async function placesOf(
  log: Log,
  filter: Partial<EventFilter>,
  order: 'asc' | 'desc' = 'asc',
  limit = 200,
  betweenPages: () => Promise<unknown> = () => Promise.resolve(),
): Promise<number[]> {
  const places: number[] = [];
  let after: number | null = null;
  do {
    const query: ListQuery = { order, after, limit };
    const page: EventPage = await log.inside((object) =>
      object.listEvents({ ...NO_FILTER, ...filter }, query),
    );
    for (const envelope of page.envelopes) {
      const { sequence } = JSON.parse(new TextDecoder().decode(envelope)) as { sequence: string };
      places.push(Number(sequence));
    }
    after = page.nextSeq;
    if (after !== null) await betweenPages();
  } while (after !== null);
  return places;
}

describe('finding events', () => {
  let log: Log;
  let sourceId: string;

  /** Ten events at 1000, 1000, 2000, 2000, … ms; even places come from a source. */
  beforeAll(async () => {
    log = await openedLog();
    const source = await log.source();
    sourceId = source.id;
    await log.inside(async (object) => {
      const clock = vi.spyOn(Date, 'now');
      for (let at = 1; at <= 10; at += 1) {
        clock.mockReturnValue(Math.ceil(at / 2) * 1_000);
        if (at % 2 === 1) publishTo(object, at % 4 === 1 ? 'order.paid' : 'order.sent.late');
        else await object.accept(arrival(source.tokenHash, contactChanged(`id-${at}`)));
      }
    });
  });

  it.each([
    [1, 1_000, null],
    [1, 0, null],
    [3, 1_001, null],
    [3, 2_000, null],
    [9, 5_000, null],
    [11, 5_001, null],
  ] as const)('from is inclusive: the first place is %i from %i ms on', async (first, fromMs, toMs) => {
    const expected = Array.from({ length: 11 - first }, (_, at) => first + at);
    expect(await placesOf(log, { fromMs, toMs })).toEqual(expected);
  });

  it.each([
    [0, 1_000],
    [2, 1_001],
    [2, 2_000],
    [8, 5_000],
    [10, 5_001],
  ])('to is exclusive: the last place is %i before %i ms', async (last, toMs) => {
    const places = await placesOf(log, { toMs }, 'desc');
    expect(places).toEqual(Array.from({ length: last }, (_, at) => last - at));
  });

  it('an empty stretch of time holds nothing', async () => {
    expect(await placesOf(log, { fromMs: 3_000, toMs: 3_000 })).toEqual([]);
    expect(await placesOf(log, { fromMs: 4_000, toMs: 2_000 })).toEqual([]);
    expect(await placesOf(await openedLog(), { fromMs: 0, toMs: 9_000 })).toEqual([]);
  });

  it('filters go together and page by page', async () => {
    const reading = parsePattern('ORDER.*');
    if (!reading.ok) throw new Error('a pattern');
    for (const limit of [1, 2, 200]) {
      expect(await placesOf(log, { type: reading.pattern }, 'asc', limit)).toEqual([1, 3, 5, 7, 9]);
      expect(await placesOf(log, { sourceId }, 'desc', limit)).toEqual([10, 8, 6, 4, 2]);
      expect(await placesOf(log, { source: '/shop', fromMs: 3_000 }, 'asc', limit)).toEqual([5, 7, 9]);
      expect(await placesOf(log, { subject: 'contact/7', toMs: 3_000 }, 'asc', limit)).toEqual([2, 4]);
      expect(await placesOf(log, { sourceId, type: reading.pattern }, 'asc', limit)).toEqual([]);
    }
  });

  it('I1: paging gives each item once while new ones arrive', async () => {
    for (const order of ['asc', 'desc'] as const) {
      for (const limit of [1, 3, 10]) {
        const growing = await openedLog();
        await growing.inside((object) => {
          for (let at = 0; at < 10; at += 1) publishTo(object);
        });
        let arrived = 10;
        const arrive = () =>
          growing.inside((object) => {
            if (arrived < 14) publishTo(object);
            arrived += 1;
          });
        const places = await placesOf(growing, {}, order, limit, arrive);
        expect(new Set(places).size).toBe(places.length);
        for (let seq = 1; seq <= 10; seq += 1) expect(places).toContain(seq);
        expect(places).toEqual([...places].sort((a, b) => (order === 'asc' ? a - b : b - a)));
      }
    }
  });

  it('a page of large events ends early and goes on where it ended', async () => {
    const large = await openedLog();
    const { tokenHash } = await large.source('deskera');
    await large.inside(async (object) => {
      for (let at = 0; at < 6; at += 1) await object.accept(arrival(tokenHash, 'x'.repeat(1_000_000)));
    });
    const page = await large.inside((object) =>
      object.listEvents(NO_FILTER, { order: 'desc', after: null, limit: 200 }),
    );
    expect(page.envelopes.length).toBeLessThan(6);
    expect(await placesOf(large, {}, 'desc')).toEqual([6, 5, 4, 3, 2, 1]);
    expect(await placesOf(large, {}, 'asc')).toEqual([1, 2, 3, 4, 5, 6]);
  }, 20_000);

  it('a text is looked for in the body as it came, to the byte', async () => {
    const contains = (text: string) => placesOf(log, { contains: bytes(text) });
    expect(await contains('"EventId":"id-4"')).toEqual([4]);
    expect(await contains('order.sent.late')).toEqual([3, 7]);
    expect(await contains('ORDER')).toEqual([]);
    expect(await placesOf(log, { contains: bytes('id-'), toMs: 3_000 }, 'desc', 1)).toEqual([4, 2]);
  });

  it('a text is looked for in 20,000 bodies a page, and the cursor goes on', async () => {
    const long = await openedLog();
    await long.inside((object) => publishTo(object, 'order.rare'));
    await long.rows(
      `WITH RECURSIVE n (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM n WHERE n < 20_005)
       INSERT INTO events (seq, id, type, source, recorded_at, kind, head, raw)
       SELECT n, id, type, source, recorded_at, kind, head, x'00' FROM events, n WHERE seq = 1`,
    );
    const filter = { ...NO_FILTER, contains: bytes('order.rare') };
    const page = await long.inside((object) =>
      object.listEvents(filter, { order: 'desc', after: null, limit: 5 }),
    );
    expect(page).toEqual({ envelopes: [], nextSeq: 6 });
    expect(await placesOf(long, filter, 'desc')).toEqual([1]);
  });

  it('of what has been expunged no text is found', async () => {
    const small = await openedLog();
    const id = await small.inside((object) => publishTo(object, 'order.secret'));
    expect(await placesOf(small, { contains: bytes('order.secret') })).toEqual([1]);
    await small.inside((object) => object.expunge(id));
    expect(await placesOf(small, { contains: bytes('order.secret') })).toEqual([]);
  });
});
