import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  afterEnabling,
  afterFailure,
  afterGivingUp,
  afterRetargeting,
  afterSuccess,
  FAILING_FROM,
  HEALTHY,
  heldFrom,
  holdUntilMs,
  isFailing,
  isNoticed,
  isProbed,
  type Failure,
  type Health,
} from '../../src/core/health.ts';
import { eventKindOf, KINDS_REMEMBERED } from '../../src/core/kind.ts';
import { nextProbeMs as nextProbeOf, nextRetryMs, turnOf } from '../../src/core/probe.ts';

const DAY_MS = 86_400_000;
const DISABLE_AFTER_SECONDS = 5 * 86_400;

const TYPE = 'a.one';
/** Of a kind that has failed. */
const nextProbeMs = (health: Health, nowMs: number) => nextProbeOf(health, nowMs, TYPE);

function failure(members: Partial<Failure> = {}): Failure {
  return {
    seq: 1,
    atMs: 0,
    isFirstTry: false,
    kind: eventKindOf(TYPE),
    about: 'receiver',
    error: 'status',
    answer: 'HTTP 500',
    isGone: false,
    holdMs: null,
    ...members,
  };
}

function failures(
  count: number,
  everyMs: number,
  seqOf: (at: number) => number,
  from: Health = HEALTHY,
): Health {
  return Array.from({ length: count }).reduce<Health>(
    (health, _, at) =>
      afterFailure(health, failure({ seq: seqOf(at), atMs: at * everyMs }), DISABLE_AFTER_SECONDS),
    from,
  );
}

test('a hook is failing from the fifth failure in a row on, and one success ends it', () => {
  const four = failures(4, 1000, (at) => at);
  expect(isFailing(four)).toBe(false);
  const five = afterFailure(four, failure({ atMs: 5000 }), DISABLE_AFTER_SECONDS);
  expect(isFailing(five)).toBe(true);
  expect(isFailing(afterSuccess(five, 6000))).toBe(false);
});

describe('D1: sustained failure disables', () => {
  test.each([
    ['10 failures of two events over five days', 10, (at: number) => at % 2, 'disabled'],
    ['9 of them', 9, (at: number) => at % 2, null],
    ['10 of one event', 10, () => 7, null],
    ['many of one event', 100, () => 7, null],
    ['9 of one event and then one of another', 10, (at: number) => (at === 9 ? 1 : 0), 'disabled'],
    ['one of another in between', 10, (at: number) => (at === 4 ? 1 : 0), 'disabled'],
  ] as const)('%s', (_name, count, seqOf, reason) => {
    expect(failures(count, (5 * DAY_MS) / (count - 1), seqOf).disabledReason).toBe(reason);
  });

  test('not a millisecond before the time is over', () => {
    const early = failures(10, 1000, (at) => at);
    expect(early.disabledReason).toBeNull();
    const at = (atMs: number) =>
      afterFailure(early, failure({ seq: 99, atMs }), DISABLE_AFTER_SECONDS).disabledReason;
    expect(at(5 * DAY_MS - 1)).toBeNull();
    expect(at(5 * DAY_MS)).toBe('disabled');
  });

  test('one success inside starts the count anew', () => {
    const before = failures(50, 1000, (at) => at);
    const healed = afterSuccess(before, 60_000);
    expect(failures(9, DAY_MS, (at) => at, healed).disabledReason).toBeNull();
    expect(afterFailure(healed, failure({ atMs: 6 * DAY_MS }), DISABLE_AFTER_SECONDS)).toMatchObject({
      consecutiveFailures: 1,
      failingSinceMs: 6 * DAY_MS,
      disabledReason: null,
    });
  });

  test('sparse failures between successes never disable, over however many years', () => {
    let health = HEALTHY;
    for (let month = 0; month < 60; month += 1) {
      for (let at = 0; at < 9; at += 1) {
        health = afterFailure(
          health,
          failure({ seq: month, atMs: month * 30 * DAY_MS + at }),
          DISABLE_AFTER_SECONDS,
        );
      }
      health = afterSuccess(health, month * 30 * DAY_MS + DAY_MS);
    }
    expect(health.disabledReason).toBeNull();
  });

  test('a hook that is gone stays gone, whatever else was under way', () => {
    const gone = afterFailure(
      failures(20, 1000, (at) => at),
      failure({ isGone: true, atMs: 30_000 }),
      DISABLE_AFTER_SECONDS,
    );
    expect(gone.disabledReason).toBe('gone');
    expect(afterFailure(gone, failure({ atMs: 9 * DAY_MS }), DISABLE_AFTER_SECONDS).disabledReason).toBe(
      'gone',
    );
    expect(afterSuccess(gone, 9 * DAY_MS).disabledReason).toBe('gone');
  });
});

test('a refusal by giveUpOn leaves the streak alone: it is no sign of a failing receiver, nor of a good one', () => {
  const four = failures(4, 1000, (at) => at);
  const after = afterGivingUp(four, failure({ atMs: 9000 }));
  expect(after).toEqual({ ...four, lastFailureAtMs: 9000, lastError: 'status', errors: 5 });
});

describe('B4: the receiver is left alone as long as it asked', () => {
  const held = afterFailure(HEALTHY, failure({ holdMs: 5000 }), DISABLE_AFTER_SECONDS);

  test('to the millisecond', () => {
    expect(holdUntilMs(held, 4999)).toBe(5000);
    expect(holdUntilMs(held, 5000)).toBeNull();
  });

  test('neither a success nor a failure without the header shortens it, nor one that asks for less', () => {
    expect(afterSuccess(held, 10).holdUntilMs).toBe(5000);
    expect(afterFailure(held, failure({ atMs: 10 }), DISABLE_AFTER_SECONDS).holdUntilMs).toBe(5000);
    expect(afterFailure(held, failure({ atMs: 10, holdMs: 100 }), DISABLE_AFTER_SECONDS).holdUntilMs).toBe(
      5000,
    );
    expect(afterFailure(held, failure({ atMs: 10, holdMs: 6000 }), DISABLE_AFTER_SECONDS).holdUntilMs).toBe(
      6010,
    );
  });
});

describe('B1: not this event, or not me', () => {
  const refused = Array.from({ length: 200 }).reduce<Health>(
    (health, _, at) =>
      afterFailure(
        health,
        failure({ seq: at, atMs: at, about: 'request', isFirstTry: true }),
        DISABLE_AFTER_SECONDS,
      ),
    HEALTHY,
  );

  test('what the receiver refuses for its own sake makes no failing hook, however much of it there is', () => {
    expect(refused).toMatchObject({ consecutiveFailures: 200, receiverFailures: 0, lastProbeAtMs: null });
    expect([isFailing(refused), isProbed(refused)]).toEqual([false, false]);
    expect(turnOf(refused, false)).toEqual(turnOf(HEALTHY, false));
  });

  test('its owner is told all the same, and five days of nothing else disable', () => {
    expect(isNoticed(refused)).toBe(true);
    const later = failure({ seq: 999, atMs: 5 * DAY_MS, about: 'request' });
    expect(afterFailure(refused, later, DISABLE_AFTER_SECONDS).disabledReason).toBe('disabled');
  });

  test('it lengthens no pause of a failing hook, and puts off no probe', () => {
    const failing = afterFailure(
      failures(8, 0, () => 1),
      failure({ atMs: 1000, isFirstTry: true }),
      DISABLE_AFTER_SECONDS,
    );
    const after = afterFailure(
      failing,
      failure({ atMs: 5000, isFirstTry: true, about: 'request' }),
      DISABLE_AFTER_SECONDS,
    );
    expect(nextProbeMs(after, 1000)).toBe(nextProbeMs(failing, 1000));
  });

  test('what follows, by state: the table of semantics.md', () => {
    const failing = failures(5, 0, () => 1);
    const resumed = afterFailure(afterEnabling(failing, true, 0), failure(), DISABLE_AFTER_SECONDS);
    const rows = [
      [HEALTHY, false, 'position', false, false],
      [HEALTHY, true, 'fresh', false, false],
      [refused, false, 'position', false, false],
      [failing, false, 'retry', true, false],
      [failing, true, 'fresh', true, false],
      [resumed, false, 'retry', true, true],
      [resumed, true, 'fresh', true, true],
    ] as const;
    for (const [health, isAfterFailedRetry, first, isProbe, isSpaced] of rows) {
      const turn = turnOf(health, isAfterFailedRetry);
      expect([turn.first, turn.tried !== null, turn.retryFromMs > -Infinity]).toEqual([
        first,
        isProbe,
        isSpaced,
      ]);
    }
  });
});

describe('a failing hook', () => {
  test('gets a kind that has not failed in this outage after five seconds at most', () => {
    for (let more = 0; more < 40; more += 1) {
      const health = afterFailure(
        failures(FAILING_FROM + more, 0, () => 1),
        failure({ isFirstTry: true }),
        DISABLE_AFTER_SECONDS,
      );
      expect(nextProbeOf(health, 0, 'b.other')).toBeLessThanOrEqual(5000);
    }
  });

  test('remembers its latest kinds, and no more of them than it has room for', () => {
    const kinds = Array.from({ length: 3 * KINDS_REMEMBERED }, (_, at) => `kind${at}`);
    const health = kinds.reduce<Health>(
      (before, kind) => afterFailure(before, failure({ kind }), DISABLE_AFTER_SECONDS),
      HEALTHY,
    );
    expect(health.triedKinds).toEqual(kinds.slice(-KINDS_REMEMBERED));
    const [first] = health.triedKinds;
    const again = afterFailure(health, failure({ kind: first ?? '' }), DISABLE_AFTER_SECONDS);
    expect(again.triedKinds).toEqual([...kinds.slice(1 - KINDS_REMEMBERED), first]);
    expect(afterSuccess(again, 0).triedKinds).toEqual([]);
  });

  test('gets something untried after a pause that grows from a second to a minute', () => {
    const waits = Array.from({ length: 12 }, (_, more) => {
      const health = failures(FAILING_FROM + more, 0, () => 1);
      const probed = afterFailure(health, failure({ isFirstTry: true }), DISABLE_AFTER_SECONDS);
      return nextProbeMs(probed, 0);
    });
    expect(waits.slice(0, 6)).toEqual([2000, 4000, 8000, 16_000, 32_000, 60_000]);
    expect(Math.max(...waits.map((wait) => wait ?? 0))).toBe(60_000);
  });

  test('gets something untried within a minute however often the retries of others fail meanwhile', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 59_000 }), { minLength: 5, maxLength: 60 }),
        (gapsMs) => {
          let health = afterFailure(HEALTHY, failure({ isFirstTry: true }), DISABLE_AFTER_SECONDS);
          let nowMs = 0;
          for (const gapMs of gapsMs) {
            nowMs += gapMs;
            health = afterFailure(health, failure({ atMs: nowMs }), DISABLE_AFTER_SECONDS);
          }
          expect(nextProbeMs(health, nowMs) ?? nowMs).toBeLessThanOrEqual(Math.max(nowMs, 60_000));
        },
      ),
    );
  });

  test('one that is not failing never waits for a probe', () => {
    expect(
      nextProbeMs(
        failures(4, 0, () => 1),
        0,
      ),
    ).toBeNull();
  });
});

test('enabling clears the streak, the reason and what the receiver asked for, and keeps what is counted', () => {
  const bad = { ...failures(20, DAY_MS, (at) => at), holdUntilMs: 10, dead: 3, cancelled: 4 };
  expect(bad.disabledReason).toBe('disabled');
  expect(afterEnabling(bad, true, 0)).toMatchObject({
    disabledReason: null,
    consecutiveFailures: 0,
    receiverFailures: 0,
    failingSinceMs: null,
    onlyFailedSeq: null,
    holdUntilMs: null,
    triedKinds: [],
    dead: 3,
    cancelled: 4,
  });
});

describe('resuming', () => {
  const down = failures(20, 1000, (at) => at);
  const disabled: Health = { ...down, disabledReason: 'disabled', lastProbeAtMs: 19_000 };

  test('in an outage it is probed until the first success, however few failures there are since', () => {
    const resumed = afterEnabling(disabled, true, 20_000);
    expect(resumed).toMatchObject({ consecutiveFailures: 0, failingSinceMs: null, outageSinceMs: 0 });
    expect([isFailing(resumed), isProbed(resumed)]).toEqual([false, true]);
    expect(nextProbeMs(resumed, 19_001)).toBeNull();
    const again = afterFailure(resumed, failure({ atMs: 20_000, isFirstTry: true }), DISABLE_AFTER_SECONDS);
    expect(isProbed(again)).toBe(true);
    expect(nextProbeMs(again, 20_000)).toBe(21_000);
    expect(isProbed(afterSuccess(again, 21_000))).toBe(false);
  });

  test('twice in the same outage, it began when it began', () => {
    const again = failures(20, 1000, (at) => at, afterEnabling(disabled, true, 20_000));
    expect(afterEnabling({ ...again, disabledReason: 'disabled' }, true, 40_000).outageSinceMs).toBe(0);
  });

  test('after however few failures it is probed; a hook of which nothing has failed is not', () => {
    expect(isProbed(afterEnabling(HEALTHY, false, 5000))).toBe(false);
    const few = afterEnabling(
      failures(1, 1000, (at) => at),
      true,
      5000,
    );
    expect([isProbed(few), few.outageSinceMs]).toEqual([true, 0]);
    // Others have arrived since it failed.
    expect(afterEnabling(HEALTHY, true, 5000).outageSinceMs).toBe(5000);
  });
});

describe('another target', () => {
  const down = {
    ...failures(20, 1000, (at) => at),
    holdUntilMs: 3_600_000,
    lastProbeAtMs: 19_000,
  };

  test('is another receiver: nothing that the one before has answered stands', () => {
    const other = afterRetargeting(down, true, 20_000);
    expect(other).toMatchObject({ consecutiveFailures: 0, receiverFailures: 0, holdUntilMs: null });
    expect(turnOf(other, false)).toMatchObject({
      first: 'position',
      retryFromMs: -Infinity,
      newKindFromMs: -Infinity,
      triedKindFromMs: -Infinity,
    });
    expect(isProbed(other)).toBe(true);
  });

  test('does not enable a hook that is disabled', () => {
    const gone: Health = { ...down, disabledReason: 'gone' };
    expect(afterRetargeting(gone, true, 20_000).disabledReason).toBe('gone');
  });

  test('that fails as well gets what is due a probe at a time, with the pauses of any other', () => {
    let health = afterRetargeting(down, true, 20_000);
    const waits = Array.from({ length: 10 }, () => {
      health = afterFailure(health, failure({ atMs: 20_000 }), DISABLE_AFTER_SECONDS);
      return (nextRetryMs(health, 20_000) ?? 0) - 20_000;
    });
    expect(waits).toEqual([1000, 1000, 1000, 1000, 1000, 2000, 4000, 8000, 16_000, 32_000]);
  });
});

test('held counts from the first of pause and disable, and ends with the last of them', () => {
  const paused = heldFrom(HEALTHY, true, 10);
  expect(paused.heldSinceMs).toBe(10);
  const both = heldFrom({ ...paused, disabledReason: 'gone' }, true, 20);
  expect(both.heldSinceMs).toBe(10);
  expect(heldFrom(both, false, 30).heldSinceMs).toBe(10);
  expect(heldFrom({ ...both, disabledReason: null }, false, 40).heldSinceMs).toBeNull();
  expect(heldFrom(HEALTHY, false, 50)).toBe(HEALTHY);
});
