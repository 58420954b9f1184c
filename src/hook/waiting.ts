/** What the API says of a delivery, and why it, or nothing of the hook, goes out now: what `take` would say. */
import type { DeliveryStatus } from '../core/delivery.ts';
import { holdUntilMs, type DeliveryWaitReason, type WaitReason } from '../core/health.ts';
import { nextProbeMs, nextRetryMs, nextTurnMs } from '../core/probe.ts';
import { holdReason, isLegible, isProbeOut, isUnheard, tokenMs, type OpenHook } from './open-hook.ts';
import type { AttemptRecord } from './attempt-log.ts';
import { isPending, statesOf, statusOf } from './delivery-states.ts';
import { DUE_AT_ONCE, type DeliveryLine } from './deliveries.ts';

export interface Waiting<Why> {
  readonly reason: Why;
  /** Until then at the least; null: until something else happens. */
  readonly untilMs: number | null;
}

/** null: nothing holds the hook back. */
export function waitingOf(hook: OpenHook, nowMs: number): Waiting<WaitReason> | null {
  const { health, queue } = hook;
  const stopped = stoppedBy(hook, nowMs);
  if (stopped !== null) return { reason: stopped, untilMs: null };
  const { writability } = hook;
  if (writability.isFailing) return { reason: 'storage', untilMs: writability.untilMs };
  const heldUntilMs = holdUntilMs(health, nowMs);
  if (heldUntilMs !== null) return { reason: 'retry-after', untilMs: heldUntilMs };
  const probeMs = nextTurnMs(health, nowMs);
  if (probeMs !== null || isProbeOut(hook)) return { reason: 'failing', untilMs: probeMs };
  const limitedUntilMs = tokenMs(hook, nowMs);
  const isLimited = limitedUntilMs > nowMs && queue.pending > queue.underWay;
  return isLimited ? { reason: 'rate-limit', untilMs: limitedUntilMs } : null;
}

/** A delivery as lists of the API show it. */
export interface DeliveryOutline extends DeliveryLine, NextAttempt {
  readonly status: DeliveryStatus;
}

/** The same with its attempts. */
export interface DeliveryView extends DeliveryOutline {
  readonly attemptLog: readonly AttemptRecord[];
}

export interface DeliveryPage {
  readonly views: readonly DeliveryOutline[];
  /** Place before which the next page begins; null: there are no more. */
  readonly next: number | null;
}

export function viewOf<Line extends DeliveryLine>(
  hook: OpenHook,
  record: Line,
  nowMs: number,
): Line & DeliveryOutline {
  const held = holdReason(hook);
  const status = record.wasDelivered ? 'delivered' : statusOf(record.state, held !== null);
  const reason = status === 'held' ? held : record.reason;
  return { ...record, status, reason, ...nextAttemptOf(hook, record, nowMs) };
}

/** Deliveries before `beforeSeq`, newest first. `status` null: any. */
export function viewsOf(
  hook: OpenHook,
  status: DeliveryStatus | null,
  beforeSeq: number | null,
  limit: number,
  nowMs: number,
): DeliveryPage {
  const states = statesOf(status, holdReason(hook) !== null);
  if (states.length === 0) return { views: [], next: null };
  const { lines, next } = hook.queue.deliveries.list(states, beforeSeq, limit);
  return { views: lines.map((line) => viewOf(hook, line, nowMs)), next };
}

interface NextAttempt {
  /** As soon as its turn comes, but not before this; null: it has ended, is held, or waits for another one. */
  readonly nextAttemptAtMs: number | null;
  /** null: it has ended, or nothing but its turn. */
  readonly waiting: Waiting<DeliveryWaitReason> | null;
}

/** When a delivery goes out, and what it waits for until then. */
function nextAttemptOf(hook: OpenHook, record: DeliveryLine, nowMs: number): NextAttempt {
  if (!isPending(record.state)) return { nextAttemptAtMs: null, waiting: null };
  const { health, queue } = hook;
  const held = holdReason(hook);
  if (held !== null) return { nextAttemptAtMs: null, waiting: { reason: heldAs(held), untilMs: null } };
  const because = (reason: DeliveryWaitReason) => ({ reason, untilMs: null });
  if (queue.isInFlight(record.seq)) return { nextAttemptAtMs: null, waiting: because('in-flight') };
  if (isUnheard(hook)) return { nextAttemptAtMs: null, waiting: because('no-listener') };
  const isBehind = record.state === 'waiting' || (record.state === 'ready' && queue.isBusy(record.lane));
  if (isBehind && !record.isManual) return { nextAttemptAtMs: null, waiting: because('order') };
  const isFresh = record.state === 'ready';
  const waits: [DeliveryWaitReason, number | null][] = [
    ['storage', hook.writability.isFailing ? hook.writability.untilMs : null],
    ['rate-limit', tokenMs(hook, nowMs)],
    ...(record.isManual
      ? []
      : ([
          ['schedule', record.retryAtMs],
          ['retry-after', holdUntilMs(health, nowMs)],
          ['failing', isFresh ? nextProbeMs(health, nowMs, record.type) : nextRetryMs(health, nowMs)],
        ] satisfies [DeliveryWaitReason, number | null][])),
  ];
  let untilMs = nowMs;
  let waiting: NextAttempt['waiting'] = null;
  for (const [reason, ms] of waits) {
    if (ms === null || ms <= untilMs) continue;
    untilMs = ms;
    waiting = { reason, untilMs };
  }
  const stopped = waiting === null ? stoppedBy(hook, nowMs) : null;
  if (stopped !== null) waiting = because(stopped);
  if (waiting === null && !record.isManual && isProbeOut(hook)) waiting = because('failing');
  const isDueAtOnce = record.isManual || record.retryAtMs === null || record.retryAtMs === DUE_AT_ONCE;
  const dueMs = isDueAtOnce ? record.queuedAtMs : record.retryAtMs;
  return { nextAttemptAtMs: waiting?.untilMs ?? dueMs, waiting };
}

function stoppedBy(
  hook: OpenHook,
  nowMs: number,
): Extract<WaitReason, 'paused' | 'disabled' | 'secrets' | 'no-listener' | 'delivery-paused'> | null {
  const held = holdReason(hook);
  if (held !== null) return heldAs(held);
  if (!isLegible(hook.assignment.registration)) return 'secrets';
  if (isUnheard(hook)) return 'no-listener';
  return hook.pausedUntilMs > nowMs ? 'delivery-paused' : null;
}

/** `gone` is why it is disabled. */
function heldAs(reason: string): 'paused' | 'disabled' {
  return reason === 'paused' ? 'paused' : 'disabled';
}
