/**
 * Receivers that refuse some kinds of events, whatever the mixture, in virtual time: a delivery of another kind waits no
 * longer than its bound, and each attempt is one that the engine's model allows.
 *
 * The same runs every time; another seed is in POSTHORN_MODEL_SEED, more runs in POSTHORN_MODEL_RUNS.
 */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Ordering } from '../../src/core/hook-config.ts';
import { Simulation, useVirtualTime } from '../support/engine-simulation.ts';

vi.mock('../../src/switchboard/switches.ts', () => ({
  switchesNow: () => Promise.resolve({ delivery: 'open' }),
}));

const SEED = Number(process.env['POSTHORN_MODEL_SEED'] ?? 20_260_104);
const RUNS = Number(process.env['POSTHORN_MODEL_RUNS'] ?? 40);
const MINUTE_MS = 60_000;
/** The longest pause before a kind that has not failed in the outage. */
const NEW_KIND_MS = 5_000;
/** Outlasts what happens here. */
const SCHEDULE = [10, 100, ...Array<number>(18).fill(600)];

beforeEach(useVirtualTime);
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const REFUSED_FOR_ITSELF = [400, 409, 413, 422] as const;
const REFUSED = [...REFUSED_FOR_ITSELF, 404, 500, 502, 'unreachable'] as const;
type Refusal = (typeof REFUSED)[number];

interface Case {
  /** What the receiver answers to each kind that it refuses; the last kinds it takes. */
  readonly refusals: readonly Refusal[];
  readonly goodKinds: number;
  /** Kind, subject, and how long after the one before: in order. */
  readonly events: readonly (readonly [kind: number, subject: number, afterMs: number])[];
  readonly ordering: Exclude<Ordering, 'fifo'>;
  readonly concurrency: number;
  /** Nothing at all is taken for so long, from the start. */
  readonly downMs: number;
}

const caseOf = (refusals: fc.Arbitrary<Refusal>, downMs: fc.Arbitrary<number>): fc.Arbitrary<Case> =>
  fc.record({
    refusals: fc.array(refusals, { minLength: 1, maxLength: 4 }),
    goodKinds: fc.integer({ min: 1, max: 2 }),
    events: fc.array(
      fc.tuple(fc.nat(99), fc.nat(7), fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 500, 7_000, 40_000)),
      { minLength: 10, maxLength: 100, size: 'max' },
    ),
    ordering: fc.constantFrom('subject', 'none'),
    concurrency: fc.constantFrom(1, 1, 2, 6),
    downMs,
  });

/** The longest that a delivery of a kind which is taken had to wait, beyond its bound, in ms; and how many there were. */
async function play(one: Case, boundMs: (ahead: number, kinds: number) => number) {
  const kinds = one.refusals.length + one.goodKinds;
  const startMs = Date.now();
  const refusalOf = (type: string) => one.refusals[Number(type.slice('kind.'.length))];
  const run = await Simulation.start(
    ({ type }, nowMs) => (nowMs - startMs < one.downMs ? 503 : (refusalOf(type) ?? 200)),
    {
      ordering: one.ordering,
      concurrency: one.concurrency,
      retry: {
        scheduleSeconds: SCHEDULE,
        jitter: 0,
        timeoutSeconds: 15,
        giveUpOn: [],
        disableAfterSeconds: 31_536_000,
      },
    },
  );
  try {
    const good: { readonly seq: number; readonly atMs: number }[] = [];
    for (const [kind, subject, afterMs] of one.events) {
      if (afterMs > 0) await run.run(afterMs);
      // A subject is of one kind, so that none waits behind another kind for the sake of order.
      const seq = await run.accept(`kind.${kind % kinds}`, `${kind % kinds}/${subject}`);
      if (refusalOf(`kind.${kind % kinds}`) === undefined) good.push({ seq, atMs: Date.now() });
    }
    await run.run(one.downMs + 30 * MINUTE_MS);
    let overMs = 0;
    for (const { seq, atMs } of good) {
      const sinceMs = Math.max(atMs, startMs + one.downMs);
      const arrivedMs = run.arrivedAtMs(seq) ?? Infinity;
      const ahead = good.filter((other) => other.seq < seq && (run.arrivedAtMs(other.seq) ?? 0) >= sinceMs);
      // What has failed keeps to its schedule, unless something else shows that the receiver is well.
      const hasFailed = run.attemptsOf(seq).some((attempt) => attempt.atMs < sinceMs);
      const scheduleMs = hasFailed ? Math.max(...SCHEDULE) * 1000 : 0;
      overMs = Math.max(overMs, arrivedMs - sinceMs - scheduleMs - boundMs(ahead.length, kinds));
    }
    return { overMs, good: good.length };
  } finally {
    run.close();
  }
}

test('B1: refused event by event: the others do not wait at all', async () => {
  let good = 0;
  await fc.assert(
    fc.asyncProperty(caseOf(fc.constantFrom(...REFUSED_FOR_ITSELF), fc.constant(0)), async (one) => {
      const played = await play(one, () => 0);
      good += played.good;
      expect(played.overMs).toBe(0);
    }),
    { seed: SEED, numRuns: RUNS, endOnFailure: true },
  );
  expect(good).toBeGreaterThan(500);
}, 300_000);

test('B1: refused as if the receiver were down: the others wait for a probe each at the most', async () => {
  let good = 0;
  await fc.assert(
    fc.asyncProperty(caseOf(fc.constantFrom(...REFUSED), fc.constant(0)), async (one) => {
      const played = await play(one, (ahead, kinds) => (ahead + kinds) * NEW_KIND_MS);
      good += played.good;
      expect(played.overMs).toBe(0);
    }),
    { seed: SEED, numRuns: RUNS, endOnFailure: true },
  );
  expect(good).toBeGreaterThan(500);
}, 300_000);

test('B1: after an outage of all kinds: what has not been tried comes within a probe of each kind, the rest by its schedule', async () => {
  let good = 0;
  await fc.assert(
    fc.asyncProperty(
      caseOf(fc.constantFrom(...REFUSED), fc.constantFrom(10_000, 5 * MINUTE_MS, 120 * MINUTE_MS)),
      async (one) => {
        const played = await play(one, (ahead, kinds) => kinds * MINUTE_MS + (ahead + kinds) * NEW_KIND_MS);
        good += played.good;
        expect(played.overMs).toBe(0);
      },
    ),
    { seed: SEED, numRuns: RUNS, endOnFailure: true },
  );
  expect(good).toBeGreaterThan(500);
}, 300_000);
