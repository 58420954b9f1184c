import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  afterEnabling,
  afterFailure,
  afterGivingUp,
  afterSuccess,
  FAILING_FROM,
  HEALTHY,
  heldFrom,
  holdUntilMs,
  isFailing,
  isProbed,
  nextProbeMs,
  type Failure,
  type Health,
} from '../../src/core/health.ts';

const DAY_MS = 86_400_000;
const DISABLE_AFTER_SECONDS = 5 * 86_400;

function failure(members: Partial<Failure> = {}): Failure {
  return {
    seq: 1,
    atMs: 0,
    isFirstTry: false,
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

describe('a failing hook', () => {
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

test('enabling clears the streak and the reason, and keeps what is counted and what the receiver asked for', () => {
  const bad = { ...failures(20, DAY_MS, (at) => at), holdUntilMs: 10, dead: 3, cancelled: 4 };
  expect(bad.disabledReason).toBe('disabled');
  expect(afterEnabling(bad)).toMatchObject({
    disabledReason: null,
    consecutiveFailures: 0,
    failingSinceMs: null,
    onlyFailedSeq: null,
    holdUntilMs: 10,
    dead: 3,
    cancelled: 4,
  });
});

describe('resuming', () => {
  const down = failures(20, 1000, (at) => at);
  const disabled: Health = { ...down, disabledReason: 'disabled', lastProbeAtMs: 19_000 };

  test('in an outage it is probed until the first success, however few failures there are since', () => {
    const resumed = afterEnabling(disabled);
    expect(resumed).toMatchObject({ consecutiveFailures: 0, failingSinceMs: null, outageSinceMs: 0 });
    expect([isFailing(resumed), isProbed(resumed)]).toEqual([false, true]);
    expect(nextProbeMs(resumed, 19_001)).toBeNull();
    const again = afterFailure(resumed, failure({ atMs: 20_000, isFirstTry: true }), DISABLE_AFTER_SECONDS);
    expect(isProbed(again)).toBe(true);
    expect(nextProbeMs(again, 20_000)).toBe(21_000);
    expect(isProbed(afterSuccess(again, 21_000))).toBe(false);
  });

  test('twice in the same outage, it began when it began', () => {
    const again = failures(20, 1000, (at) => at, afterEnabling(disabled));
    expect(afterEnabling({ ...again, disabledReason: 'disabled' }).outageSinceMs).toBe(0);
  });

  test('a hook that was well, or only failed a few times, is not probed', () => {
    expect(isProbed(afterEnabling(HEALTHY))).toBe(false);
    expect(isProbed(afterEnabling(failures(4, 1000, (at) => at)))).toBe(false);
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
