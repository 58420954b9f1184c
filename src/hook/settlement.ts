/** What an attempt came to, written down: in the queue, in the hook's health, in what it announces. One turn, one commit. */
import { settle, type Settlement } from '../core/delivery.ts';
import {
  afterFailure,
  afterGivingUp,
  afterSuccess,
  heldFrom,
  isHealthy,
  isNoticed,
  isProbed,
  type Health,
} from '../core/health.ts';
import { eventKindOf } from '../core/kind.ts';
import type { Outcome } from '../core/outcome.ts';
import { retryAfterMs } from '../core/retry-after.ts';
import { NO_EVIDENCE, type AttemptRecord, type Evidence } from './attempt-log.ts';
import { writeHealth } from './health.ts';
import { NO_CAUSE, type NoticeCause } from './notices.ts';
import { notify } from './notify.ts';
import type { Clock, OpenHook } from './open-hook.ts';
import { DUE_AT_ONCE } from './deliveries.ts';
import type { Delivery } from './delivery-row.ts';
import type { Unsendable } from './message.ts';
import { answerText, shortExcerptOf, type AttemptReport } from './report.ts';

/** What an attempt of a delivery came to. */
export interface Attempted {
  readonly delivery: Delivery;
  readonly outcome: Outcome;
  readonly report: AttemptReport;
  readonly startedAtMs: number;
  /**
   * It went to a URL that is the hook's no more, or to a listener that has gone: what came of it says nothing of the one in
   * its place.
   */
  readonly isFormerTarget: boolean;
}

/**
 * A shorter outage may be none: where some events are refused whenever they are sent, any five of them in a row look like
 * one, and any other event ends it. Were they all sent again each time, they would use up their schedule in a minute.
 */
const BRIEF_OUTAGE_MS = 60_000;

/**
 * The common case, in one statement: a healthy hook's delivery arrived at its first try, which its row alone tells.
 * False: nothing is written down yet.
 */
export function settleFirstTry(clock: Clock, hook: OpenHook, attempted: Attempted): boolean {
  if (attempted.outcome.kind !== 'delivered' || !isHealthy(hook.health)) return false;
  return hook.queue.settleFirst(attempted.delivery, recordOf(hook, attempted), clock.nowMs());
}

/** `isSmallest`: the attempt itself and its answer are not kept, which takes a row of no more bytes. */
export function settleAttempt(
  sql: SqlStorage,
  clock: Clock,
  hook: OpenHook,
  attempted: Attempted,
  isSmallest = false,
): void {
  const { delivery, outcome, report } = attempted;
  const nowMs = clock.nowMs();
  const { retry } = hook.assignment.registration.config;
  const settlement = settle(delivery, outcome, retry, nowMs, clock.dice(), delivery.isExtra);
  // While it was under way: the answer may echo what has been deleted.
  const isExpunged = hook.queue.expunged.has(delivery.seq);
  const record = isSmallest ? null : recordOf(hook, attempted);
  const { health } = hook;
  if (attempted.isFormerTarget && outcome.kind !== 'gave-up') {
    settleFormer(sql, hook, attempted, settlement, record, nowMs);
    return;
  }
  hook.isAfterFailedRetry = outcome.kind !== 'delivered' && delivery.attempts > 0;
  if (outcome.kind === 'delivered') {
    const state = hook.queue.settle(delivery, settlement, record, null, nowMs);
    const isExtra = delivery.wasDelivered || state === null;
    // A success at the first try of a healthy hook is told by its own row, if that is the newest.
    if (isHealthy(health) && delivery.attempts === 0 && delivery.replay === null && !isExtra) return;
    const extraSuccesses = health.extraSuccesses + (isExtra ? 1 : 0);
    setHealth(sql, hook, { ...afterSuccess(health, nowMs), extraSuccesses }, delivery, NO_CAUSE, nowMs);
    // What the outage held back is due now, in order.
    const outageSinceMs = health.outageSinceMs ?? health.failingSinceMs;
    if (isProbed(health) && outageSinceMs !== null)
      hook.queue.releaseOutage(outageSinceMs, nowMs - outageSinceMs < BRIEF_OUTAGE_MS);
    return;
  }
  const failure = {
    seq: delivery.seq,
    atMs: nowMs,
    isFirstTry: delivery.attempts === 0,
    kind: eventKindOf(delivery.type),
    about: outcome.kind === 'failed' ? outcome.about : 'receiver',
    error: outcome.error,
    answer: isExpunged || isSmallest ? null : answerText(report),
    isGone: outcome.kind === 'gone',
    holdMs: outcome.kind === 'failed' ? retryAfterMs(outcome.retryAfter, nowMs) : null,
  };
  const failed =
    outcome.kind === 'gave-up'
      ? afterGivingUp(health, failure)
      : afterFailure(health, failure, retry.disableAfterSeconds);
  const isQuiet =
    !isSmallest && isNoticed(failed) === isNoticed(health) && failed.disabledReason === health.disabledReason;
  const state = hook.queue.settle(delivery, settlement, record, isQuiet ? failed : null, nowMs);
  if (state === 'again') {
    // It is in the delivery's row.
    hook.health = failed;
    return;
  }
  const cause = {
    statusCode: outcome.statusCode,
    error: outcome.error,
    answerExcerpt: isExpunged ? null : shortExcerptOf(report),
  };
  setHealth(sql, hook, { ...failed, dead: failed.dead + (state === 'dead' ? 1 : 0) }, delivery, cause, nowMs);
  if (state === 'dead' && settlement.state === 'dead')
    notify(hook, 'posthorn.delivery.dead', delivery, settlement.reason, null, cause);
}

/** What arrived has arrived. What failed is due at the new target at once, and has used no step of its schedule. */
function settleFormer(
  sql: SqlStorage,
  hook: OpenHook,
  { delivery, outcome }: Attempted,
  settlement: Settlement,
  record: AttemptRecord | null,
  nowMs: number,
): void {
  const { health } = hook;
  if (outcome.kind === 'delivered') {
    const state = hook.queue.settle(delivery, settlement, record, null, nowMs);
    const isExtra = delivery.wasDelivered || state === null;
    const extraSuccesses = health.extraSuccesses + (isExtra ? 1 : 0);
    hook.health = writeHealth(sql, { ...health, extraSuccesses, lastSuccessAtMs: nowMs });
    return;
  }
  const { attempts } = settlement;
  const due = { state: 'retrying', attempts, steps: delivery.steps, retryAtMs: DUE_AT_ONCE } as const;
  hook.queue.settle(delivery, due, record, null, nowMs);
  hook.health = writeHealth(sql, { ...health, errors: health.errors + 1 });
}

/** For want of room: what became of the delivery and how the hook fares, and no more. */
export function settleSmallest(sql: SqlStorage, clock: Clock, hook: OpenHook, attempted: Attempted): void {
  hook.notices.withoutAdding(() => {
    settleAttempt(sql, clock, hook, attempted, true);
  });
}

function recordOf({ queue }: OpenHook, { delivery, outcome, report, startedAtMs }: Attempted): AttemptRecord {
  return {
    number: delivery.attempts + 1,
    at: new Date(startedAtMs).toISOString(),
    durationMs: report.durationMs,
    outcome: outcome.kind,
    statusCode: outcome.statusCode,
    error: outcome.kind === 'delivered' ? null : outcome.error,
    detail: report.detail ?? null,
    ...(queue.expunged.has(delivery.seq) ? NO_EVIDENCE : evidenceOf(report)),
  };
}

function evidenceOf({ requestHeaders, responseHeaders, responseExcerpt }: AttemptReport): Evidence {
  return { requestHeaders, responseHeaders, responseExcerpt };
}

/** No attempt can carry the event as the hook is set up today: no retry would help. */
export function deadLetter(
  sql: SqlStorage,
  hook: OpenHook,
  delivery: Delivery,
  { reason, problem }: Unsendable,
  nowMs: number,
): void {
  const attempt: AttemptRecord = {
    number: delivery.attempts + 1,
    at: new Date(nowMs).toISOString(),
    durationMs: 0,
    outcome: 'gave-up',
    statusCode: null,
    error: reason,
    detail: problem,
    ...NO_EVIDENCE,
  };
  hook.hours.turn(hook, nowMs);
  const state = hook.queue.deadLetter(delivery, reason, attempt, nowMs);
  if (state === null) return;
  const dead = hook.health.dead + (state === 'dead' ? 1 : 0);
  const cause = { ...NO_CAUSE, error: reason };
  setHealth(sql, hook, { ...hook.health, dead }, delivery, cause, nowMs);
  if (state === 'dead') notify(hook, 'posthorn.delivery.dead', delivery, reason, null, cause);
}

/** Writes down how the hook fares now, and announces what that changes. */
function setHealth(
  sql: SqlStorage,
  hook: OpenHook,
  health: Health,
  delivery: Delivery,
  cause: NoticeCause,
  nowMs: number,
): void {
  const before = hook.health;
  const isPaused = hook.assignment.registration.config.paused;
  hook.health = writeHealth(sql, heldFrom(health, isPaused, nowMs));
  const since = before.outageSinceMs ?? health.failingSinceMs ?? before.failingSinceMs;
  if (!isNoticed(before) && isNoticed(health)) {
    notify(hook, 'posthorn.hook.failing', delivery, health.lastError, since, cause);
  }
  if (before.disabledReason === null && health.disabledReason !== null) {
    notify(hook, 'posthorn.hook.disabled', delivery, health.disabledReason, since, cause);
  }
  if (before.isAnnounced && !health.isAnnounced) {
    notify(hook, 'posthorn.hook.recovered', delivery, null, since, NO_CAUSE);
  }
}

/** What a URL says of itself says nothing of the one that has taken its place meanwhile. */
export function ofFormerTarget(outcome: Outcome): Outcome {
  return outcome.kind === 'gone' || outcome.kind === 'failed'
    ? { ...outcome, kind: 'failed', about: 'receiver', retryAfter: null }
    : outcome;
}
