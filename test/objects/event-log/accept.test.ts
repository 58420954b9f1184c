import { evictDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { seqOfEventId } from '../../../src/core/event-id.ts';
import { acceptedId, arrival, contactChanged, openedLog, publishTo } from './log.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('accept', () => {
  it('has the event on disk when it answers: a crash right after it loses nothing', async () => {
    const log = await openedLog();
    const { tokenHash } = await log.source();
    const id = acceptedId(await log.stub.accept(arrival(tokenHash, contactChanged('a'))));
    await log.crash();
    expect(await log.rows('SELECT seq, id FROM events')).toEqual([{ seq: 1, id }]);
    expect(await log.alarmAt()).not.toBeNull();
  });

  it('is one turn: event and alarm stand before anything else can run', async () => {
    const log = await openedLog();
    const { tokenHash } = await log.source();
    await log.inside(async (object, { storage }) => {
      let alarms = 0;
      const setAlarm = storage.setAlarm.bind(storage);
      storage.setAlarm = (at) => {
        alarms += 1;
        return setAlarm(at);
      };
      const answered = object.accept(arrival(tokenHash, contactChanged('a')));
      expect(alarms).toBe(1);
      expect(storage.sql.exec('SELECT seq FROM events').toArray()).toHaveLength(1);
      expect(await answered).toMatchObject({ kind: 'accepted' });
    });
  });

  it('of many that come in together all but the first share a turn, hence a commit', async () => {
    const log = await openedLog();
    const { tokenHash } = await log.source();
    const turns = await log.inside(async (object, { storage: { sql } }) => {
      const writtenIn: number[] = [];
      let turn = 0;
      let isOver = false;
      const nextTurn = () => {
        turn += 1;
        if (!isOver) setImmediate(nextTurn);
      };
      setImmediate(nextTurn);
      const exec = sql.exec.bind(sql);
      sql.exec = ((query: string, ...bound: unknown[]) => {
        if (query.startsWith('INSERT INTO events')) writtenIn.push(turn);
        return exec(query, ...bound);
      }) as typeof sql.exec;
      vi.spyOn(Date, 'now').mockReturnValue(Date.now());
      const accept = (name: string) => object.accept(arrival(tokenHash, contactChanged(name)));
      const early = ['a', 'b', 'c'].map(accept);
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      const results = await Promise.all([...early, ...['d', 'e'].map(accept)]);
      isOver = true;
      sql.exec = exec;
      expect(results.map((result) => seqOfEventId(acceptedId(result)))).toEqual([1, 2, 3, 4, 5]);
      return writtenIn;
    });
    expect(turns).toHaveLength(5);
    expect(new Set(turns.slice(1)).size).toBe(1);
    expect(turns[1]).toBeGreaterThan(turns[0] ?? NaN);
  });

  it('that fails to write accepts nothing, and the next try stands at the same place', async () => {
    const log = await openedLog();
    const { tokenHash } = await log.source();
    const body = arrival(tokenHash, contactChanged('a'));
    await log.inside(async (object, { storage: { sql } }) => {
      const exec = sql.exec.bind(sql);
      sql.exec = ((query: string, ...bound: unknown[]) => {
        if (query.startsWith('INSERT INTO events')) throw new Error('disk full');
        return exec(query, ...bound);
      }) as typeof sql.exec;
      await expect(object.accept(body)).rejects.toThrow('disk full');
      sql.exec = exec;
      expect(exec('SELECT seq FROM events').toArray()).toEqual([]);
      const result = await object.accept(body);
      expect(result).toMatchObject({ kind: 'accepted', duplicate: false });
      expect(seqOfEventId(acceptedId(result))).toBe(1);
    });
    expect((await log.stub.getSource((await log.stub.listSources(FIRST))[0]?.id ?? ''))?.stats.accepted).toBe(
      1,
    );
  });

  it('of an unknown or deleted URL is refused', async () => {
    const log = await openedLog();
    const { id, tokenHash } = await log.source();
    expect(await log.stub.accept(arrival('0'.repeat(64), {}))).toEqual({ kind: 'unknown-source' });
    await log.stub.deleteSource(id);
    const late = arrival(tokenHash, contactChanged('a'));
    expect(await log.stub.accept(late)).toEqual({ kind: 'unknown-source' });
    await evictDurableObject(log.stub);
    expect(await log.stub.accept(late)).toEqual({ kind: 'unknown-source' });
  });
});

describe('dedupe', () => {
  it('E1: one event 50 times in parallel is one event, with one id in each answer', async () => {
    const log = await openedLog();
    const { tokenHash } = await log.source();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => log.stub.accept(arrival(tokenHash, contactChanged('same')))),
    );
    expect(new Set(answers.map(acceptedId)).size).toBe(1);
    expect(answers.filter((answer) => answer.kind === 'accepted' && !answer.duplicate)).toHaveLength(1);
    expect(await log.rows('SELECT seq FROM events')).toHaveLength(1);
  });

  it('E2: the same id at another source or in another tenant is another event', async () => {
    const log = await openedLog();
    const other = await openedLog();
    const [one, two, three] = [await log.source(), await log.source(), await other.source()];
    const body = contactChanged('same');
    const ids = [
      acceptedId(await log.stub.accept(arrival(one.tokenHash, body))),
      acceptedId(await log.stub.accept(arrival(two.tokenHash, body))),
      acceptedId(await other.stub.accept(arrival(three.tokenHash, body))),
    ];
    expect(new Set(ids).size).toBe(3);
  });

  it('E3: two identical Deskera bodies without an id are two events', async () => {
    const log = await openedLog();
    const { tokenHash } = await log.source('deskera');
    const first = await log.stub.accept(arrival(tokenHash, { eventType: 'CREATE_CONTACT', id: 5 }));
    const second = await log.stub.accept(arrival(tokenHash, { eventType: 'CREATE_CONTACT', id: 5 }));
    expect(second).toMatchObject({ kind: 'accepted', duplicate: false });
    expect(acceptedId(second)).not.toBe(acceptedId(first));
  });

  it('E4: a repetition after minutes and an eviction is a duplicate', async () => {
    const log = await openedLog();
    const { tokenHash } = await log.source();
    const id = acceptedId(await log.stub.accept(arrival(tokenHash, contactChanged('same'))));
    await evictDurableObject(log.stub);
    const laterMs = Date.now() + 10 * 60_000;
    vi.spyOn(Date, 'now').mockReturnValue(laterMs);
    const again = await log.stub.accept(arrival(tokenHash, { ...contactChanged('same'), Retry: 2 }));
    expect(again).toEqual({ kind: 'accepted', id, duplicate: true });
  });

  it('E5: without an EventId the same bytes twice are one, one byte more is another', async () => {
    const log = await openedLog();
    const { tokenHash } = await log.source();
    const text = '{"Event":"contact.changed"}';
    const id = acceptedId(await log.stub.accept(arrival(tokenHash, text)));
    expect(await log.stub.accept(arrival(tokenHash, text))).toEqual({
      kind: 'accepted',
      id,
      duplicate: true,
    });
    expect(await log.stub.accept(arrival(tokenHash, `${text} `))).toMatchObject({ duplicate: false });
  });

  it('of own events goes by source and id, and never meets those of a provider', async () => {
    const log = await openedLog();
    const { tokenHash } = await log.source();
    await log.stub.accept(arrival(tokenHash, contactChanged('same')));
    const [first, again, other] = await log.inside((object) => [
      publishTo(object, 'a.b', 'same'),
      publishTo(object, 'other.type', 'same'),
      publishTo(object, 'a.b', 'another'),
    ]);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    expect(await log.rows('SELECT seq FROM events')).toHaveLength(3);
  });
});

describe('places and times', () => {
  it('the sequence is the place in the log, without gaps across refusals, duplicates and evictions', async () => {
    const log = await openedLog();
    const { tokenHash } = await log.source();
    const ids = [];
    for (const name of ['a', 'b', 'a', 'c']) {
      ids.push(acceptedId(await log.stub.accept(arrival(tokenHash, contactChanged(name)))));
      await log.stub.accept(arrival(tokenHash, 'no JSON'));
      await evictDurableObject(log.stub);
    }
    expect(ids.map(seqOfEventId)).toEqual([1, 2, 1, 3]);
    const { envelopes } = await log.stub.listEvents(NO_FILTER, { ...FIRST, order: 'asc' });
    const sequences = envelopes.map((envelope) => envelopeOf(envelope).sequence);
    expect(sequences).toEqual(['1', '2', '3'].map((seq) => seq.padStart(20, '0')));
  });

  it('times run backwards only where the clock does by more than a minute, though the object is evicted', async () => {
    const log = await openedLog();
    const clock = vi.spyOn(Date, 'now');
    for (const nowMs of [5_000_000, 4_950_000, 6_000_000, 5_950_000, 5_500_000]) {
      clock.mockReturnValue(nowMs);
      await log.inside((object) => publishTo(object));
      await evictDurableObject(log.stub);
    }
    const times = await log.rows<{ at: number }>('SELECT recorded_at AS at FROM events ORDER BY seq');
    expect(times.map(({ at }) => at)).toEqual([5_000_000, 5_000_000, 6_000_000, 6_000_000, 5_500_000]);
    const ids = await log.rows<{ id: string }>('SELECT id FROM events ORDER BY seq');
    const beforeTheStep = ids.slice(0, 4).map(({ id }) => id);
    expect(beforeTheStep).toEqual(beforeTheStep.toSorted());
  });
});

const FIRST = { order: 'desc', after: null, limit: 200 } as const;
const NO_FILTER = { type: null, subject: null, source: null, sourceId: null, fromMs: null, toMs: null };

function envelopeOf(envelope: Uint8Array): { sequence: string } {
  return JSON.parse(new TextDecoder().decode(envelope)) as { sequence: string };
}
