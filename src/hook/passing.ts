/**
 * The short way through a hook: what comes in while nothing is in its way is attempted first and written once, with what
 * that came to, while the log waits for the answer to its call. Whatever else happens first gives all of it rows as if it
 * had been queued when it came.
 */
import { scriptOf, type Ordering } from '../core/hook-config.ts';
import { holdUntilMs, isHealthy } from '../core/health.ts';
import { laneOf } from '../core/lane.ts';
import { isListener } from '../core/listener.ts';
import type { StoredEvent } from '../core/stored-event.ts';
import { storedAttempts, type AttemptRecord } from './attempt-log.ts';
import type { Chooser } from './chooser.ts';
import type { Claims } from './claims.ts';
import { bytesOf } from './deliveries.ts';
import type { Delivery } from './delivery-row.ts';
import type { Enqueuing, QueueLimits } from './enqueuing.ts';
import { mayAttempt, type OpenHook } from './open-hook.ts';
import type { Tally } from './tally.ts';
import type { UnwrittenList } from './unwritten.ts';

/** The log waits so long for what it hands over to arrive; then it gets rows. Below what the log takes for slow. */
export const PASSING_MS = 80;
/** A receiver that took longer the last time is not waited for. */
export const QUICK_MS = 40;

/** Whether these events may go out before they are written down. */
export function mayPass(
  hook: OpenHook,
  events: readonly StoredEvent[],
  limits: QueueLimits,
  nowMs: number,
): boolean {
  const { queue, health, writability, assignment } = hook;
  const { config } = assignment.registration;
  if (events.length === 0 || !hook.isQuick || queue.pending > 0 || queue.underWay > 0) return false;
  if (!mayAttempt(hook) || !isHealthy(health) || holdUntilMs(health, nowMs) !== null) return false;
  if (config.rateLimit !== null || scriptOf(config) !== null || isListener(config)) return false;
  if (hook.pausedUntilMs > nowMs || writability.isFailing || queue.retryTimes.isRewriting) return false;
  return fits(events, limits) && queue.passing.areNew(events);
}

/** More than so many are not gone soon. */
const SHORT_QUEUE = 200;

/** What is queued will have arrived in a moment, unless something speaks against it. */
export function isSoonEmpty(hook: OpenHook): boolean {
  const { queue, health, isQuick } = hook;
  const isShort = queue.pending > 0 && queue.pending <= SHORT_QUEUE;
  return isShort && isQuick && queue.underWay > 0 && mayAttempt(hook) && isHealthy(health);
}

function fits(events: readonly StoredEvent[], limits: QueueLimits): boolean {
  const bytes = events.reduce((sum, event) => sum + bytesOf(event), 0);
  return events.length <= limits.deliveries && bytes <= limits.bytes;
}

export class Passing {
  readonly unwritten: UnwrittenList;
  readonly #sql: SqlStorage;
  readonly #tally: Tally;
  readonly #claims: Claims;
  readonly #chooser: Chooser;
  readonly #enqueuing: Enqueuing;

  constructor(sql: SqlStorage, tally: Tally, claims: Claims, chooser: Chooser, enqueuing: Enqueuing) {
    this.#sql = sql;
    this.#tally = tally;
    this.#claims = claims;
    this.#chooser = chooser;
    this.#enqueuing = enqueuing;
    this.unwritten = claims.unwritten;
  }

  /** Nothing of it has ever been here, nor anything behind it in the log. */
  areNew(events: readonly StoredEvent[]): boolean {
    const first = events[0]?.seq ?? 0;
    if (events.some(({ seq }) => this.#enqueuing.isExpunged(seq))) return false;
    const known = this.#sql.exec(
      `SELECT 1 FROM deliveries WHERE seq >= ?1 UNION ALL SELECT 1 FROM bounds WHERE purged_before > ?1 LIMIT 1`,
      first,
    );
    return known.toArray().length === 0;
  }

  /** Takes over events that may pass. */
  add(events: readonly StoredEvent[], ordering: Ordering, nowMs: number): void {
    for (const event of events)
      this.unwritten.add({
        ...event,
        sequence: this.#tally.lastSequence + 1 + this.unwritten.size,
        lane: laneOf(ordering, event.source, event.subject),
        attempts: 0,
        steps: 0,
        isExtra: false,
        wasDelivered: false,
        replay: null,
        bytes: bytesOf(event),
        queuedAtMs: nowMs,
        isTaken: false,
        arrived: null,
      });
  }

  /** The next that may go out; it and its lane count as under way. */
  take(): Delivery | null {
    const next = this.unwritten.next((lane) => this.#claims.isBusy(lane));
    if (next === undefined) return null;
    next.isTaken = true;
    this.#claims.add(next.seq, next.lane);
    return next;
  }

  get hasNext(): boolean {
    return this.unwritten.next((lane) => this.#claims.isBusy(lane)) !== undefined;
  }

  /** False: it has a row. True: nothing is left to do for its claim, which ends when it gets one. */
  released(seq: number): boolean {
    const delivery = this.unwritten.find(seq);
    if (delivery === undefined) return false;
    if (delivery.arrived !== null) return true;
    delivery.isTaken = false;
    return false;
  }

  /** It has arrived at the first try: it is written down, unless one before it is under way still. False: it has a row. */
  settleFirst(seq: number, attempt: AttemptRecord, nowMs: number): boolean {
    const delivery = this.unwritten.find(seq);
    if (delivery === undefined) return false;
    delivery.arrived = { attempt, atMs: nowMs };
    try {
      while (this.unwritten.first?.arrived) this.#writeFirst();
    } catch (error) {
      // It is written down, and who made the attempt need not know of those behind it: they are tried again before the
      // log is answered.
      if (this.unwritten.find(seq) === undefined) return true;
      // Who could not write it down settles it otherwise.
      delivery.arrived = null;
      throw error;
    }
    return true;
  }

  /** Gives all of them rows, in order, and says whether any of these are pending. */
  write(): boolean {
    let isPending = false;
    while (!this.unwritten.isEmpty) isPending = this.#writeFirst() || isPending;
    return isPending;
  }

  /** True: it is pending. */
  #writeFirst(): boolean {
    const first = this.unwritten.first;
    if (first === undefined) return false;
    const { seq, arrived } = first;
    if (arrived === null) this.#enqueuing.insert(first);
    else {
      this.#enqueuing.insertArrived(first, storedAttempts([arrived.attempt]), arrived.atMs);
      this.#claims.release(seq);
    }
    if (first.isTaken) this.#chooser.claimed(seq);
    this.#tally.offered(seq);
    this.unwritten.written();
    return arrived === null;
  }
}
