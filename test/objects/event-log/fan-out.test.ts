import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matches, parsePattern } from '../../../src/core/pattern.ts';
import { onBench, type Behaviour } from './bench.ts';

const upTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1);

describe('fan-out', () => {
  it('F6: cut at any call, each of 130 hooks gets each event once, in order', async () => {
    for (const cut of [0, 1, 7, 8, 39]) {
      await onBench(async (bench) => {
        const ids = upTo(130).map(() => bench.hook());
        for (let at = 0; at < 3; at += 1) bench.event();
        await bench.wakeCutAt(cut);
        await bench.wake();
        bench.event();
        await bench.wakeCutAt(cut);
        await bench.wakesUntilDone();
        for (const id of ids) expect(bench.queueOf(id)).toEqual(upTo(4));
      });
    }
  });

  it('keeps a wake below the subrequests of the smallest plan, also with many hooks that lag', async () => {
    await onBench(async (bench) => {
      for (let at = 0; at < 130; at += 1) bench.hook();
      bench.event();
      bench.behaviour = (hookId) => (hookId % 2 === 0 ? 'throws' : 'takes');
      for (let at = 0; at < 10; at += 1) {
        bench.calls = [];
        bench.event();
        bench.nowMs += 500;
        await bench.wake();
        expect(bench.calls.length).toBeLessThanOrEqual(40);
      }
    });
  });

  it('goes on after the hook it has come to, not from the start', async () => {
    await onBench(async (bench) => {
      const ids = upTo(100).map(() => bench.hook());
      bench.event();
      expect(await bench.wakesUntilDone()).toBe(3);
      expect(bench.calls.map(({ hookId }) => hookId)).toEqual(ids);
    });
  });

  it.each(['throws', 'hangs', 'lost'] as const)(
    'a hook that %s delays no other and gets all its events later, in order, new ones too',
    async (behaviour: Behaviour) => {
      await onBench(async (bench) => {
        const [good, bad, late] = [bench.hook(), bench.hook(), bench.hook()];
        bench.behaviour = (hookId) => (hookId === bad ? behaviour : 'takes');
        for (let at = 0; at < 3; at += 1) {
          bench.event();
          await bench.wake();
          expect(bench.queueOf(good)).toEqual(upTo(bench.lastSeq));
          expect(bench.queueOf(late)).toEqual(upTo(bench.lastSeq));
        }
        expect(bench.fanOut.lagDueMs()).not.toBe(Infinity);
        bench.restart();
        bench.behaviour = () => 'takes';
        bench.event();
        await bench.wakesUntilDone();
        for (const id of [good, bad, late]) expect(bench.queueOf(id)).toEqual(upTo(4));
      });
    },
  );

  it('does not call a hook that lags before its time, and waits longer each time, up to a minute', async () => {
    await onBench(async (bench) => {
      const bad = bench.hook();
      bench.behaviour = () => 'throws';
      bench.event();
      await bench.wake();
      const waits = [];
      for (let at = 0; at < 9; at += 1) {
        const dueMs = bench.fanOut.lagDueMs();
        waits.push(dueMs - bench.nowMs);
        bench.nowMs = dueMs - 1;
        const calls = bench.calls.length;
        await bench.wake();
        expect(bench.calls).toHaveLength(calls);
        bench.nowMs = dueMs;
        await bench.wake();
        expect(bench.calls).toHaveLength(calls + 1);
      }
      expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1_000));
      bench.behaviour = () => 'takes';
      await bench.wakesUntilDone();
      expect(bench.queueOf(bad)).toEqual([1]);
    });
  });

  it('comes to the hooks that lag though the log is never served to its end', async () => {
    await onBench(async (bench) => {
      const ids = upTo(60).map(() => bench.hook());
      const bad = 1;
      bench.behaviour = (hookId) => (hookId === bad ? 'throws' : 'takes');
      bench.event();
      await bench.wake();
      bench.behaviour = () => 'takes';
      for (let at = 0; at < 20; at += 1) {
        bench.event();
        bench.event();
        bench.nowMs += 1_000;
        await bench.wake();
        expect(bench.isDone).toBe(false);
      }
      expect(bench.queueOf(bad).length).toBeGreaterThan(20);
      await bench.wakesUntilDone();
      for (const id of ids) expect(bench.queueOf(id)).toEqual(upTo(bench.lastSeq));
    });
  });

  it('hooks that hang while they lag cost a wake one deadline, however many they are', async () => {
    await onBench(async (bench) => {
      for (let at = 0; at < 30; at += 1) bench.hook();
      bench.behaviour = () => 'throws';
      bench.event();
      await bench.wake();
      const healthy = bench.hook();
      bench.behaviour = (hookId) => (hookId === healthy ? 'takes' : 'hangs');
      bench.nowMs += 1_000;
      bench.event();
      bench.calls = [];
      await bench.wake();
      expect(bench.calls[0]).toEqual({ hookId: healthy, seqs: [2] });
      expect(bench.calls.length).toBeLessThanOrEqual(9);
    });
  });

  it('a hook that fails in a batch that is cut in two stays behind its own place, not the batch', async () => {
    await onBench(async (bench) => {
      const ids = upTo(60).map(() => bench.hook());
      bench.event();
      bench.event();
      bench.behaviour = (hookId) => (hookId === 5 ? 'throws' : 'takes');
      await bench.wake();
      bench.behaviour = () => 'takes';
      bench.nowMs += 1_000;
      bench.restart();
      await bench.wakeCutAt(8);
      bench.event();
      await bench.wakesUntilDone();
      for (const id of ids) expect(bench.queueOf(id)).toEqual([1, 2, 3]);
    });
  });

  it('hasReached: says yes only after the hook has been offered the event', async () => {
    await onBench(async (bench) => {
      const ids = upTo(60).map(() => bench.hook());
      bench.behaviour = (hookId) => (hookId === 3 ? 'throws' : 'takes');
      bench.event();
      bench.event();
      const agrees = () => {
        for (const id of ids) {
          for (const seq of upTo(bench.lastSeq)) {
            if (bench.fanOut.hasReached(id, seq)) expect(bench.queueOf(id)).toContain(seq);
          }
        }
      };
      agrees();
      await bench.wake();
      agrees();
      expect(bench.fanOut.hasReached(1, 2)).toBe(true);
      expect(bench.fanOut.hasReached(3, 1)).toBe(false);
      expect(bench.fanOut.hasReached(60, 1)).toBe(false);
      bench.restart();
      agrees();
      bench.behaviour = () => 'takes';
      await bench.wakesUntilDone();
      agrees();
      for (const id of ids) expect(bench.fanOut.hasReached(id, 2)).toBe(true);
    });
  });

  it('a backlog larger than a batch arrives whole and in order', async () => {
    await onBench(async (bench) => {
      const ids = [bench.hook(), bench.hook()];
      bench.behaviour = (hookId) => (hookId === 2 ? 'throws' : 'takes');
      for (let at = 0; at < 950; at += 1) bench.event();
      await bench.wake();
      bench.behaviour = () => 'takes';
      await bench.wakesUntilDone();
      for (const id of ids) expect(bench.queueOf(id)).toEqual(upTo(950));
    });
  });
});

const TYPES = ['a.b', 'a.c', 'd'];
const PATTERNS = [['*'], ['a.*'], ['a.b'], ['d', 'a.c'], ['*.b']];
const SOURCES = [null, ['s1'], ['s1', 's2']];

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('event'), pick: fc.nat(), from: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('create'), pick: fc.nat(), from: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('patch'), pick: fc.nat(), from: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete'), pick: fc.nat(), from: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wake'), pick: fc.nat(), from: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cut'), pick: fc.nat(12), from: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart'), pick: fc.nat(), from: fc.nat() }) },
);

const pickOf = <T>(list: readonly T[], pick: number): T => list[pick % list.length] as T;

describe('any history', () => {
  it('F10: each event goes once to the hooks that wanted it at its place, in order, whatever fails when', async () => {
    const crowds = [0, 45];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...crowds),
        fc.array(step, { maxLength: 60 }),
        async (crowd, steps) => {
          await onBench(async (bench) => {
            const living = new Map<number, { events: string[]; sources: string[] | null }>();
            const expected = new Map<number, number[]>();
            const seen: { event: ReturnType<typeof bench.event>; wanting: number[] }[] = [];
            const create = (events: string[], sources: string[] | null) => {
              living.set(bench.hook({ events, sources }), { events, sources });
            };
            for (let at = 0; at < crowd; at += 1) create(['*'], null);

            for (const { do: what, pick, from } of steps) {
              const id = pickOf([...living.keys()], pick);
              const wish = { events: pickOf(PATTERNS, pick), sources: pickOf(SOURCES, from) };
              if (what === 'create') create(wish.events, wish.sources);
              if (what === 'patch' && living.size > 0) {
                bench.patch(id, wish);
                living.set(id, wish);
              }
              if (what === 'delete' && living.size > 0) {
                bench.delete(id);
                living.delete(id);
              }
              if (what === 'event') {
                const event = bench.event(pickOf(TYPES, pick), pickOf([null, 's1', 's2'], from));
                const wanting = [...living].filter(([, wished]) => wants(wished, event)).map(([key]) => key);
                seen.push({ event, wanting });
                for (const key of wanting) expected.set(key, [...(expected.get(key) ?? []), event.seq]);
              }
              if (what === 'restart') bench.restart();
              if (what === 'cut') await bench.wakeCutAt(pick);
              if (what === 'wake') {
                bench.nowMs += 700;
                const kinds = ['takes', 'throws', 'hangs', 'lost'] as const;
                bench.behaviour = (hookId) => ((hookId + pick) % 3 === 0 ? pickOf(kinds, from) : 'takes');
                await bench.wake();
                bench.behaviour = () => 'takes';
              }
            }
            const explained = () => {
              for (const { event, wanting } of seen) {
                expect(bench.wantedBy(event)).toEqual(wanting);
                for (let hookId = 1; ; hookId += 1) {
                  const hook = bench.hooks.find(hookId);
                  if (hook === null) break;
                  expect(bench.hooks.wishes.whySkipped(hook.id, event) === null).toBe(
                    wanting.includes(hookId),
                  );
                }
                if (event.seq > bench.fanOut.fannedSeq) expect(bench.wanting(event)).toEqual(wanting);
              }
            };
            explained();
            bench.restart();
            explained();
            await bench.wakesUntilDone();
            explained();
            for (const [hookId, queue] of bench.queues) expect(queue).toEqual(expected.get(hookId) ?? []);
            for (const [hookId, seqs] of expected) expect(bench.queueOf(hookId)).toEqual(seqs);
          });
        },
      ),
      { numRuns: 60 },
    );
  }, 30_000);
});

function wants(
  wish: { events: string[]; sources: string[] | null },
  event: { type: string; sourceId: string | null },
): boolean {
  if (wish.sources !== null && !wish.sources.includes(event.sourceId ?? '')) return false;
  return wish.events.some((text) => {
    const reading = parsePattern(text);
    return reading.ok && matches(reading.pattern, event.type);
  });
}
