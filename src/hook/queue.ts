/**
 * The hook's queue: named, typed statements over the `deliveries` table. A delivery's key is its event's place in the
 * log, so that an event is queued at most once however often it is offered.
 *
 * Order is kept by lanes (core/lane.ts). A ready delivery need not know what stands before it: only when it turns
 * out to stand behind a retry of its lane is it set to waiting, and each end of a delivery frees the next
 * one that waits. So the common way of a delivery costs one insert and one update, and finding the next is one
 * indexed query however long the queue and however many lanes are blocked.
 */
import type { DeliveryState, Reason, Settlement } from '../core/delivery.ts';
import type { Health } from '../core/health.ts';
import type { Ordering } from '../core/hook-config.ts';
import { FIFO_LANE, laneOf } from '../core/lane.ts';
import type { StoredEvent } from '../event-log/event-store.ts';
import { raiseSequenceFloor, readBounds } from './bounds.ts';
import {
  Deliveries,
  DELIVERY_COLUMNS,
  HELD_BACK,
  MANUAL,
  PENDING,
  QUEUED_AT,
  toDelivery,
  type AttemptRecord,
  type Delivery,
  type DeliveryRow,
  type ReplayedState,
} from './deliveries.ts';
import { Expunged } from './expunged.ts';
import { Outlook } from './outlook.ts';

export interface QueueLimits {
  readonly deliveries: number;
  readonly bytes: number;
}

/** The attempts kept of one delivery. */
const ATTEMPTS_KEPT = 25;
/** Deliveries set to waiting in one turn, so that a long backlog behind one lane does not hold the object. */
const SET_ASIDE_AT_ONCE = 1000;
/** Deliveries looked up at once. */
const LOOKED_AHEAD = 64;
/** `json`: the placeholder of the claimed ones. */
const unclaimed = (json: string) => `seq NOT IN (SELECT value FROM json_each(${json}))`;
/** Of `first`: one before it in its lane is held back. */
const IS_BEHIND = `first.lane IS NOT NULL AND EXISTS (
  SELECT 1 FROM deliveries AS ahead
  WHERE ahead.lane = first.lane AND ahead.lane IS NOT NULL AND ahead.state IN ('waiting', 'retrying')
    AND ahead.position < first.position)`;

/** What the queue counts of each that is pending. */
const COUNTED = `bytes, position, reopened_from IS 'delivered' AS again,
  iif(health IS NULL, NULL, printf('%015d %d', failed_at, seq)) AS snapshot`;

/** What counts of a row that has ended. */
type Ended = { lane: string | null; bytes: number; again: number };
const ENDED = `lane, bytes, reopened_from IS 'delivered' AS again`;

/** A delivery under way. */
interface Claim {
  lane: string | null;
  /** Its attempt has come back and takes no room any more: what it came to is to be written down. */
  isAnswered: boolean;
}
/** By place. */
export type Claims = Map<number, Claim>;

export class Queue {
  readonly deliveries: Deliveries;
  /** Whose payload may not lie here any more. */
  readonly expunged: Expunged;
  readonly #sql: SqlStorage;
  /** Of the newest health in a delivery's row; `failed_at` tells, as what lies behind the payload is slow to read. */
  #snapshot: { readonly atMs: number; readonly seq: number };
  #pending: number;
  #pendingBytes: number;
  #sentAgain: number;
  #lastSequence: number;
  /** The highest place that has a number. */
  #newestSeq: number;
  #lastPosition: number;
  #lastDeliveredAtMs: number | undefined;
  /** null: to be looked up, or something is due that is not simply next. */
  #outlook: Outlook | null = null;
  /** False: nothing waits behind another one. */
  #mayHoldBack = true;
  /** Deliveries under way and their lanes. Memory alone knows: after a crash they go out again. */
  readonly claims: Claims;

  constructor(sql: SqlStorage, claims: Claims) {
    this.#sql = sql;
    this.claims = claims;
    this.deliveries = new Deliveries(sql);
    this.expunged = new Expunged(sql);
    const pending = sql
      .exec<{ count: number; bytes: number; position: number; again: number; snapshot: string }>(
        `SELECT count(*) AS count, ifnull(sum(bytes), 0) AS bytes, ifnull(max(position), 0) AS position,
           ifnull(sum(again), 0) AS again, ifnull(max(snapshot), '0 0') AS snapshot
         FROM (SELECT ${COUNTED} FROM deliveries WHERE state = 'ready'
           UNION ALL SELECT ${COUNTED} FROM deliveries WHERE ${HELD_BACK}
           UNION ALL SELECT ${COUNTED} FROM deliveries WHERE state = 'retrying' AND lane IS NULL)`,
      )
      .one();
    this.#pending = pending.count;
    this.#pendingBytes = pending.bytes;
    this.#sentAgain = pending.again;
    const [atMs = 0, seq = 0] = pending.snapshot.split(' ').map(Number);
    this.#snapshot = { atMs, seq };
    const newest = sql
      .exec<{ sequence: number; seq: number }>(
        'SELECT sequence, seq FROM deliveries WHERE sequence IS NOT NULL ORDER BY seq DESC LIMIT 1',
      )
      .toArray()[0];
    this.#newestSeq = newest?.seq ?? 0;
    this.#lastSequence = Math.max(newest?.sequence ?? 0, readBounds(sql).sequenceFloor);
    this.#lastPosition = Math.max(pending.position, this.#newestSeq);
    this.#readClaims();
  }

  /** Attempts that have not come back. */
  get inFlight(): number {
    let count = 0;
    for (const { isAnswered } of this.claims.values()) if (!isAnswered) count += 1;
    return count;
  }

  /** With those that have come back and are not written down. */
  get underWay(): number {
    return this.claims.size;
  }

  isInFlight(seq: number): boolean {
    return this.claims.has(seq);
  }

  /** An attempt of this lane is under way. */
  isBusy(lane: string | null): boolean {
    if (lane === null) return false;
    for (const claim of this.claims.values()) if (claim.lane === lane) return true;
    return false;
  }

  get pending(): number {
    return this.#pending;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Of those pending, how many have arrived before. */
  get sentAgain(): number {
    return this.#sentAgain;
  }

  /** The hook's health that was written last into the row of a pending delivery, as JSON. */
  newestHealth(): string | null {
    const row = this.#sql
      .exec<{ health: string | null }>('SELECT health FROM deliveries WHERE seq = ?', this.#snapshot.seq)
      .toArray()[0];
    return row?.health ?? null;
  }

  /** Every delivery there ever was has a number; the last one given out. */
  get lastSequence(): number {
    return this.#lastSequence;
  }

  /** There is no room for this event. */
  isFull(event: StoredEvent, limits: QueueLimits): boolean {
    return this.#pending + 1 > limits.deliveries || this.#pendingBytes + bytesOf(event) > limits.bytes;
  }

  /** Adds an event, or leaves a trace of why it is not queued. Offered again, it changes nothing. */
  enqueue(
    event: StoredEvent,
    ordering: Ordering,
    limits: QueueLimits,
    isDeleted: boolean,
    nowMs: number,
  ): boolean {
    if (this.#sql.exec('SELECT 1 FROM deliveries WHERE seq = ?', event.seq).toArray().length > 0)
      return false;
    if (!isDeleted && this.isFull(event, limits)) {
      this.#trace(event, null, 'skipped', 'queue-full', nowMs);
      return false;
    }
    const isGone = isDeleted || this.expunged.has(event.seq);
    if (isGone) {
      this.#trace(event, this.#lastSequence + 1, 'cancelled', 'deleted', nowMs);
      this.#numbered(event.seq);
    } else this.#insert(event, ordering, null, nowMs);
    // A replay may have brought a newer event before this one.
    if (event.seq < this.#newestSeq) raiseSequenceFloor(this.#sql, this.#lastSequence);
    return !isGone;
  }

  /**
   * Takes the delivery whose turn it is, or null when nothing more may go out now. It and its lane count as under way
   * until `release`. `freshFromMs`: nothing that has not been tried yet goes out before; null: it may.
   */
  take(nowMs: number, freshFromMs: number | null): Delivery | null {
    const seq = this.#nextSeq(nowMs, freshFromMs === null);
    return typeof seq === 'number' ? this.#claim(seq) : null;
  }

  /** Like `take`, but only what needs no more than a look: null says nothing of the others. */
  takeUpcoming(nowMs: number): Delivery | null {
    const seq = this.#upcoming(nowMs);
    return typeof seq === 'number' ? this.#claim(seq) : null;
  }

  /** Takes the next one that was asked for by hand. */
  takeManual(): Delivery | null {
    const seq = this.#nextManual();
    return seq === null ? null : this.#claim(seq);
  }

  /** One that was asked for by hand has not gone out yet. */
  get hasManual(): boolean {
    // Where one has been asked for, there is no outlook.
    return this.#outlook === null && this.#nextManual() !== null;
  }

  /** Its attempt has come back: another one may go out, though not in its lane. */
  answered({ seq }: Delivery): void {
    const claim = this.claims.get(seq);
    if (claim !== undefined) claim.isAnswered = true;
  }

  /** Whatever has not ended may go out again. */
  release(delivery: Delivery): void {
    if (this.claims.delete(delivery.seq)) this.#outlook = null;
  }

  /** When the next delivery may go out: now or earlier, at a retry's time, or never (Infinity) by itself. */
  dueMs(nowMs: number, freshFromMs: number | null): number {
    if (this.#nextSeq(nowMs, freshFromMs === null) !== null) return nowMs;
    if (freshFromMs === null && this.#outlook !== null) return this.#outlook.untilMs;
    const row = this.#sql
      .exec<{ at: number }>(
        `SELECT retry_at AS at FROM deliveries WHERE state = 'retrying' AND retry_at > ?1 AND ${unclaimed('?2')}
         ORDER BY retry_at LIMIT 1`,
        nowMs,
        this.#claimed(),
      )
      .toArray()[0];
    const isFreshWaiting =
      freshFromMs !== null &&
      this.#sql.exec(`SELECT 1 FROM deliveries WHERE state = 'ready' LIMIT 1`).toArray().length > 0;
    return Math.min(row?.at ?? Infinity, isFreshWaiting ? freshFromMs : Infinity);
  }

  /**
   * The common end of a delivery: its first attempt has arrived, and nothing waits behind it. False: it is not that
   * simple, see `settle`. One statement writes, hence all or nothing.
   */
  settleFirst(delivery: Delivery, attempt: AttemptRecord, nowMs: number): boolean {
    if (delivery.attempts > 0 || delivery.replay !== null || delivery.wasDelivered) return false;
    // The row's lane: the ordering may have changed since the attempt began.
    const lane = this.claims.get(delivery.seq)?.lane ?? null;
    if (lane !== null && this.#mayHoldBack && this.#isHeldBack(lane)) return false;
    const { rowsWritten } = this.#sql.exec(
      `UPDATE deliveries SET state = 'delivered', attempts = 1, finished_at = ?, attempt_log = ?, ${WITHOUT_PAYLOAD}
       WHERE seq = ? AND state = 'ready' AND attempts = 0 AND manual = 0`,
      nowMs,
      JSON.stringify([attempt]),
      delivery.seq,
    );
    if (rowsWritten === 0) return false;
    this.#lastDeliveredAtMs = nowMs;
    this.#pending -= 1;
    this.#pendingBytes -= delivery.bytes;
    // Here, not in `release`: what was looked up still holds.
    this.claims.delete(delivery.seq);
    return true;
  }

  /**
   * Writes down what an attempt came to and says what that makes of the delivery. Null when it ended or was attempted
   * otherwise meanwhile: then the attempt is only recorded, and what is newer stands. `again`: a retry has come to
   * another one, and the hook's health has been written with it; only where it is given.
   */
  settle(
    delivery: Delivery,
    settlement: Settlement,
    attempt: AttemptRecord,
    health: Health | null,
    nowMs: number,
  ): Settlement['state'] | 'again' | null {
    this.#changed();
    const state = settlement.state === 'dead' && delivery.wasDelivered ? 'delivered' : settlement.state;
    const ended = state === 'delivered' || state === 'dead';
    const failedAgain = this.#failedAgain(delivery, settlement, attempt, health, nowMs);
    const written =
      failedAgain ??
      this.#sql
        .exec<Ended>(
          `UPDATE deliveries SET state = CASE WHEN state = 'waiting' AND ?1 = 'retrying' THEN state ELSE ?1 END,
           reason = ?2, retry_at = CASE WHEN state = 'waiting' THEN NULL ELSE ?3 END, failed_at = ?4, attempts = ?5,
           steps = ?6, finished_at = ifnull(?7, finished_at), manual = 0, attempt_log = ${appendedLog('?8')},
           ${ended ? WITHOUT_PAYLOAD : 'health = NULL'}
         WHERE seq = ?9 AND attempts = ?10 AND ${PENDING} RETURNING ${ENDED}`,
          state,
          settlement.state === state && settlement.state === 'dead' ? settlement.reason : null,
          settlement.state === state && settlement.state === 'retrying' ? settlement.retryAtMs : null,
          state === 'retrying' ? nowMs : null,
          settlement.attempts,
          settlement.steps,
          ended && settlement.state === state ? nowMs : null,
          JSON.stringify(attempt),
          delivery.seq,
          delivery.attempts,
        )
        .toArray()[0];
    if (written === undefined) {
      this.#sql.exec(
        `UPDATE deliveries SET attempts = max(attempts, ?1), attempt_log = ${appendedLog('?2')} WHERE seq = ?3`,
        settlement.attempts,
        JSON.stringify(attempt),
        delivery.seq,
      );
      return null;
    }
    if (settlement.state === 'delivered') this.#lastDeliveredAtMs = nowMs;
    // The row's lane, not that of the moment of the attempt: the ordering may have changed meanwhile.
    const { lane } = written;
    if (ended) this.#forget(written);
    else if (lane !== null) {
      if (state === 'retrying') this.#fallIn(delivery, lane);
      // One sent by hand may have stood in the way of the head of its lane.
      this.#free(lane);
    }
    return failedAgain === undefined || health === null ? state : 'again';
  }

  /** Ends a pending delivery that nobody wants any more, and says as what. Null when it is not pending. */
  cancel(seq: number, reason: 'cancelled' | 'deleted', nowMs: number): 'cancelled' | 'delivered' | null {
    const row = this.#end(seq, 'cancelled', reason, nowMs);
    if (row === null) return null;
    this.#forget(row);
    return row.state;
  }

  /** A pending delivery goes out next, whatever stands before it. */
  hurry(seq: number): void {
    this.#changed();
    this.#sql.exec(`UPDATE deliveries SET manual = 1 WHERE seq = ? AND ${PENDING}`, seq);
  }

  /**
   * An ended delivery goes out again by hand, with a fresh schedule and in no lane: it waits for nobody and holds back
   * nobody.
   */
  reopen(event: StoredEvent, state: ReplayedState, nowMs: number): void {
    this.#reopen(event, state, { state: 'ready', manual: 1, replay: MANUAL, lane: null }, nowMs);
  }

  /**
   * An ended delivery in one of these states joins the tail of its lane, with a fresh schedule, and keeps its number.
   * Returns the state it was in, or null when it is in none of them or may not go out.
   */
  requeue(
    event: StoredEvent,
    states: readonly ReplayedState[],
    ordering: Ordering,
    replay: string,
    nowMs: number,
  ): ReplayedState | null {
    const state = states.find((some) => some === this.deliveries.find(event.seq)?.state);
    if (state === undefined || this.isInFlight(event.seq) || this.expunged.has(event.seq)) return null;
    const lane = laneOf(ordering, event.source, event.subject);
    this.#reopen(event, state, { state: this.#stateIn(lane), manual: 0, replay, lane }, nowMs);
    return state;
  }

  /** Queues an event that never was, at the tail and with a number of its own. False when it is here, or may not be. */
  backfill(event: StoredEvent, ordering: Ordering, replay: string, nowMs: number): boolean {
    if (this.expunged.has(event.seq)) return false;
    this.#sql.exec(`DELETE FROM deliveries WHERE seq = ? AND state = 'skipped'`, event.seq);
    if (this.deliveries.find(event.seq) !== null) return false;
    this.#insert(event, ordering, replay, nowMs);
    return true;
  }

  /** The first of those to be tried again is due now: it shows whether the rest may go out. */
  probe(nowMs: number): void {
    this.#changed();
    this.#sql.exec(
      `UPDATE deliveries SET retry_at = min(retry_at, ?)
       WHERE seq = (SELECT seq FROM deliveries WHERE state = 'retrying' ORDER BY position LIMIT 1)`,
      nowMs,
    );
  }

  /** All that failed since then is due now, in order; steps stay used. */
  rush(sinceMs: number, nowMs: number): void {
    this.#changed();
    this.#sql.exec(
      `UPDATE deliveries SET retry_at = ?1 WHERE state = 'retrying' AND failed_at >= ?2`,
      nowMs,
      sinceMs,
    );
  }

  /** Ends a delivery that was taken without an attempt, and says as what. */
  bury(delivery: Delivery, reason: Reason, nowMs: number): 'dead' | 'delivered' | null {
    const row = this.#end(delivery.seq, 'dead', reason, nowMs);
    if (row === null) return null;
    this.#forget(row);
    return row.state;
  }

  /** Ends what has been pending since then or earlier, oldest first, at most `limit`, and says as what. */
  expire(
    queuedUntilMs: number,
    limit: number,
    nowMs: number,
  ): (Pick<Delivery, 'id' | 'type'> & { readonly state: 'dead' | 'delivered' })[] {
    const due = this.#sql
      .exec<{ seq: number; id: string; type: string }>(
        `SELECT seq, event_id AS id, type FROM deliveries WHERE seq IN (
           SELECT seq FROM (SELECT seq, ${QUEUED_AT} AS at FROM deliveries WHERE state = 'ready'
             ORDER BY position LIMIT ?2) WHERE at <= ?1
           UNION ALL SELECT seq FROM deliveries WHERE ${HELD_BACK} AND ${QUEUED_AT} <= ?1
           UNION ALL SELECT seq FROM deliveries WHERE state = 'retrying' AND lane IS NULL AND ${QUEUED_AT} <= ?1)
         ORDER BY position LIMIT ?2`,
        queuedUntilMs,
        limit,
      )
      .toArray();
    return due.flatMap(({ seq, id, type }) => {
      const row = this.#end(seq, 'dead', 'expired', nowMs);
      if (row === null) return [];
      this.#forget(row);
      return [{ id, type, state: row.state }];
    });
  }

  /** Ends all that is pending. Returns how many of them count as cancelled. */
  cancelAll(reason: Reason, nowMs: number): number {
    this.#changed();
    const sentAgain = this.#sql
      .exec<{ seq: number }>(`SELECT seq FROM deliveries WHERE ${PENDING} AND reopened_from = 'delivered'`)
      .toArray();
    for (const { seq } of sentAgain) this.#end(seq, 'cancelled', reason, nowMs);
    this.#sql.exec(
      `UPDATE deliveries SET state = 'cancelled', reason = ?, finished_at = ?, retry_at = NULL, manual = 0,
         ${WITHOUT_PAYLOAD}
       WHERE ${PENDING}`,
      reason,
      nowMs,
    );
    const cancelled = this.#pending - sentAgain.length;
    this.#pending = 0;
    this.#pendingBytes = 0;
    this.#sentAgain = 0;
    return cancelled;
  }

  /**
   * Puts what is pending into the lanes of another ordering: the first of each lane goes on, the others wait. What was
   * reopened by hand stays in none.
   */
  reorder(ordering: Ordering): void {
    this.#changed();
    const lane = { fifo: `'${FIFO_LANE}'`, none: 'NULL', subject: `source || char(10) || subject` }[ordering];
    this.#sql.exec(`UPDATE deliveries SET lane = ${lane} WHERE ${PENDING} AND replay IS NOT '${MANUAL}'`);
    this.#sql.exec(
      `UPDATE deliveries SET retry_at = CASE WHEN state = 'retrying' AND place = 1 THEN retry_at END,
         state = CASE WHEN place > 1 THEN 'waiting' WHEN deliveries.state = 'waiting' THEN 'ready' ELSE deliveries.state END
       FROM (SELECT seq AS ranked, CASE WHEN lane IS NULL THEN 1
               ELSE row_number() OVER (PARTITION BY lane ORDER BY position) END AS place
             FROM deliveries WHERE ${PENDING})
       WHERE seq = ranked`,
    );
    this.#readClaims();
  }

  /**
   * While nothing is under way: the first that waits in each lane waits for nobody. Attempts that a crash cut off may
   * have been all that it was set aside behind, where another ordering had put it before them.
   */
  freeLanes(): void {
    this.#changed();
    this.#sql.exec(
      `UPDATE deliveries SET state = 'ready' WHERE state = 'waiting' AND seq IN (
         SELECT seq FROM (SELECT seq, min(position) FROM deliveries WHERE ${HELD_BACK} GROUP BY lane))`,
    );
  }

  /** When the newest of the deliveries that went out at the first try did so. */
  get lastDeliveredAtMs(): number | null {
    // Looked up once: a long queue stands in front of what has been delivered.
    this.#lastDeliveredAtMs ??= this.#sql
      .exec<{ at: number }>(
        `SELECT finished_at AS at FROM deliveries WHERE state = 'delivered' ORDER BY seq DESC LIMIT 1`,
      )
      .toArray()[0]?.at;
    return this.#lastDeliveredAtMs ?? null;
  }

  /** Anything but the tail of the queue. */
  #changed(): void {
    this.#outlook = null;
    this.#mayHoldBack = true;
  }

  /** `more`: what was looked at stands behind others, and there is more to look at. */
  #nextSeq(nowMs: number, withFresh: boolean): number | 'more' | null {
    if (withFresh) {
      const first = this.#upcoming(nowMs);
      if (first !== 'unknown') return first;
    }
    const manual = this.#nextManual();
    if (manual !== null) return manual;
    for (let setAside = 0; setAside < SET_ASIDE_AT_ONCE; setAside += 1) {
      const row = this.#sql
        .exec<{ seq: number; lane: string | null; state: DeliveryState; is_behind: number }>(
          `SELECT seq, lane, state, ${IS_BEHIND} AS is_behind
           FROM (
             SELECT * FROM (SELECT seq, lane, state, position FROM deliveries
               WHERE state = 'retrying' AND retry_at <= ?1 AND ${unclaimed('?2')} ORDER BY retry_at, position LIMIT 1)
             UNION ALL
             SELECT * FROM (SELECT seq, lane, state, position FROM deliveries
               WHERE state = 'ready' AND ?3 AND ${unclaimed('?2')} ORDER BY position LIMIT 1)
           ) AS first ORDER BY position LIMIT 1`,
          nowMs,
          this.#claimed(),
          withFresh ? 1 : 0,
        )
        .toArray()[0];
      if (row === undefined) return null;
      const isBehind = row.is_behind !== 0 || this.isBusy(row.lane);
      if (!isBehind) return row.seq;
      // With one lane for all, whatever else is ready stands behind the same one.
      if (row.lane === FIFO_LANE) return this.#nextInNoLane(nowMs);
      this.#changed();
      this.#sql.exec(`UPDATE deliveries SET state = 'waiting', retry_at = NULL WHERE seq = ?`, row.seq);
    }
    return 'more';
  }

  /** Of retries alone: what was reopened does not wait for the one lane of the others. */
  #nextInNoLane(nowMs: number): number | null {
    const row = this.#sql
      .exec<{ seq: number }>(
        `SELECT seq FROM deliveries WHERE state = 'retrying' AND retry_at <= ?1 AND lane IS NULL AND ${unclaimed('?2')}
         ORDER BY retry_at, position LIMIT 1`,
        nowMs,
        this.#claimed(),
      )
      .toArray()[0];
    return row?.seq ?? null;
  }

  /**
   * A retry that comes to another one. An index is written for each column that is named, changed or not: what says
   * where the delivery stands in its lane is not, as it stays. Undefined: more than that changes.
   *
   * No two that hold a health failed at the same time, and none before an earlier one, also when the clock goes back.
   */
  #failedAgain(
    delivery: Delivery,
    settlement: Settlement,
    attempt: AttemptRecord,
    health: Health | null,
    nowMs: number,
  ): Ended | undefined {
    if (settlement.state !== 'retrying') return undefined;
    const atMs = Math.max(nowMs, this.#snapshot.atMs + 1);
    const row = this.#sql
      .exec<Ended>(
        `UPDATE deliveries SET retry_at = ?1, failed_at = ?2, attempts = ?3, steps = ?4,
           attempt_log = ${appendedLog('?5')}, health = ?8
         WHERE seq = ?6 AND attempts = ?7 AND state = 'retrying' AND manual = 0 RETURNING ${ENDED}`,
        settlement.retryAtMs,
        atMs,
        settlement.attempts,
        settlement.steps,
        JSON.stringify(attempt),
        delivery.seq,
        delivery.attempts,
        health === null ? null : JSON.stringify(health),
      )
      .toArray()[0];
    if (row !== undefined && health !== null) this.#snapshot = { atMs, seq: delivery.seq };
    return row;
  }

  /** What is simply next. `unknown`: that takes more than a look; null: nothing is due. */
  #upcoming(nowMs: number): number | 'unknown' | null {
    this.#look(nowMs);
    return this.#outlook === null ? 'unknown' : this.#outlook.first((lane) => this.isBusy(lane));
  }

  /** Looks ahead, unless that was done and still holds. */
  #look(nowMs: number): void {
    if (this.#outlook !== null && nowMs < this.#outlook.untilMs && !this.#outlook.isUsedUp) return;
    this.#outlook = null;
    const now = this.#sql
      .exec<{ retry_at: number | null; is_manual: number; is_held_back: number }>(
        `SELECT (SELECT retry_at FROM deliveries WHERE state = 'retrying' ORDER BY retry_at LIMIT 1) AS retry_at,
           EXISTS (SELECT 1 FROM deliveries WHERE manual = 1) AS is_manual,
           EXISTS (SELECT 1 FROM deliveries WHERE ${HELD_BACK}) AS is_held_back`,
      )
      .one();
    this.#mayHoldBack = now.is_held_back === 1;
    const untilMs = now.retry_at ?? Infinity;
    if (now.is_manual === 1 || untilMs <= nowMs) return;
    const upcoming = this.#sql
      .exec<{ seq: number; lane: string | null; is_behind: number }>(
        `SELECT seq, lane, ${IS_BEHIND} AS is_behind FROM deliveries AS first
         WHERE state = 'ready' AND ${unclaimed('?1')} ORDER BY position LIMIT ?2`,
        this.#claimed(),
        LOOKED_AHEAD,
      )
      .toArray();
    const behind = upcoming.findIndex(({ is_behind }) => is_behind === 1);
    if (behind === 0) return;
    const free = behind < 0 ? upcoming : upcoming.slice(0, behind);
    const isWhole = behind < 0 && upcoming.length < LOOKED_AHEAD;
    this.#outlook = new Outlook(free, isWhole, LOOKED_AHEAD, untilMs);
  }

  #nextManual(): number | null {
    const row = this.#sql
      .exec<{ seq: number }>(
        `SELECT seq FROM deliveries WHERE manual = 1 AND ${unclaimed('?')} ORDER BY position LIMIT 1`,
        this.#claimed(),
      )
      .toArray()[0];
    return row?.seq ?? null;
  }

  #claim(seq: number): Delivery {
    const delivery = toDelivery(
      this.#sql.exec<DeliveryRow>(`SELECT ${DELIVERY_COLUMNS} FROM deliveries WHERE seq = ?`, seq).one(),
    );
    this.claims.set(seq, { lane: delivery.lane, isAnswered: false });
    this.#outlook?.remove(seq);
    return delivery;
  }

  /** What is under way keeps the lane of its row busy, as long as that has not ended. */
  #readClaims(): void {
    for (const [seq, claim] of this.claims) {
      const row = this.#sql
        .exec<{ lane: string | null }>(`SELECT lane FROM deliveries WHERE seq = ? AND ${PENDING}`, seq)
        .toArray()[0];
      claim.lane = row?.lane ?? null;
    }
  }

  #claimed(): string {
    return JSON.stringify([...this.claims.keys()]);
  }

  #reopen(
    event: StoredEvent,
    from: ReplayedState,
    to: { state: 'ready' | 'waiting'; manual: 0 | 1; replay: string; lane: string | null },
    nowMs: number,
  ): void {
    this.#changed();
    const bytes = bytesOf(event);
    this.#lastPosition += 1;
    this.#sql.exec(
      `UPDATE deliveries SET reopened_from = ?, state = ?, manual = ?, replay = ?, lane = ?, position = ?,
         finished_at = iif(state = 'delivered', finished_at, NULL), reopened_at = ?, steps = 0, reason = NULL,
         bytes = ?, kind = ?, content_type = ?, head = ?, raw = ? WHERE seq = ?`,
      from,
      to.state,
      to.manual,
      to.replay,
      to.lane,
      this.#lastPosition,
      nowMs,
      bytes,
      event.kind,
      event.contentType,
      event.head,
      event.raw,
      event.seq,
    );
    this.#pending += 1;
    this.#pendingBytes += bytes;
    if (from === 'delivered') this.#sentAgain += 1;
  }

  #isHeldBack(lane: string): boolean {
    return (
      this.#sql.exec(`SELECT 1 FROM deliveries WHERE lane = ? AND ${HELD_BACK} LIMIT 1`, lane).toArray()
        .length > 0
    );
  }

  /** What had been delivered once ends as delivered, whatever became of sending it again. Null: it is not pending. */
  #end<State extends 'dead' | 'cancelled'>(
    seq: number,
    state: State,
    reason: Reason,
    nowMs: number,
  ): ({ readonly state: State | 'delivered' } & Ended) | null {
    this.#changed();
    const row = this.#sql
      .exec<{ state: State | 'delivered' } & Ended>(
        `UPDATE deliveries SET retry_at = NULL, manual = 0,
           state = CASE WHEN reopened_from IS 'delivered' THEN 'delivered' ELSE ?1 END,
           reason = CASE WHEN reopened_from IS 'delivered' THEN NULL ELSE ?2 END,
           finished_at = CASE WHEN reopened_from IS 'delivered' THEN finished_at ELSE ?3 END,
           ${WITHOUT_PAYLOAD}
         WHERE seq = ?4 AND ${PENDING} RETURNING state, ${ENDED}`,
        state,
        reason,
        nowMs,
        seq,
      )
      .toArray()[0];
    if (row === undefined) return null;
    // Its lane waits for the attempt under way no more: nothing would free the lane when that comes back.
    const claim = this.claims.get(seq);
    if (claim !== undefined) claim.lane = null;
    return row;
  }

  /** Of one that has just ended. */
  #forget({ lane, bytes, again }: Ended): void {
    this.#pending -= 1;
    this.#pendingBytes -= bytes;
    this.#sentAgain -= again;
    if (lane !== null) this.#free(lane);
  }

  /** The next one that waits in a lane may go on. */
  #free(lane: string): void {
    this.#sql.exec(
      `UPDATE deliveries SET state = 'ready' WHERE state = 'waiting' AND seq = (
         SELECT seq FROM deliveries WHERE lane = ? AND ${HELD_BACK} ORDER BY position LIMIT 1)`,
      lane,
    );
  }

  /**
   * A retry is always the head of its lane. One that another ordering has put behind others meanwhile, or that was sent
   * by hand before them, waits like them; some of those may not have been tried at all.
   */
  #fallIn({ seq, isExtra, lane: laneAtStart }: Delivery, lane: string): void {
    const isOutOfTurn = isExtra || lane !== laneAtStart;
    this.#sql.exec(
      `UPDATE deliveries SET state = 'waiting', retry_at = NULL WHERE seq = ?1 AND (EXISTS (
         SELECT 1 FROM deliveries AS ahead WHERE ahead.lane = ?2 AND ahead.lane IS NOT NULL
           AND ahead.state IN ('waiting', 'retrying') AND ahead.position < deliveries.position)
       OR ?3 AND EXISTS (
         SELECT 1 FROM deliveries AS ahead WHERE ahead.state = 'ready' AND ahead.lane = ?2
           AND ahead.position < deliveries.position))`,
      seq,
      lane,
      isOutOfTurn ? 1 : 0,
    );
  }

  /** Adds a delivery at the tail, with the next number. */
  #insert(event: StoredEvent, ordering: Ordering, replay: string | null, nowMs: number): void {
    const sequence = this.#lastSequence + 1;
    const bytes = bytesOf(event);
    const lane = laneOf(ordering, event.source, event.subject);
    const position = Math.max(this.#lastPosition + 1, event.seq);
    const state = this.#stateIn(lane);
    this.#sql.exec(
      `INSERT INTO deliveries (seq, event_id, sequence, position, lane, state, replay, created_at, type, subject, source,
         event, bytes, kind, content_type, head, raw)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      event.seq,
      event.id,
      sequence,
      position,
      lane,
      state,
      replay,
      nowMs,
      event.type,
      event.subject,
      event.source,
      event.event,
      bytes,
      event.kind,
      event.contentType,
      event.head,
      event.raw,
    );
    if (state === 'ready') this.#outlook?.add({ seq: event.seq, lane });
    this.#numbered(event.seq);
    this.#lastPosition = position;
    this.#pending += 1;
    this.#pendingBytes += bytes;
  }

  /** This place has the next number. */
  #numbered(seq: number): void {
    this.#lastSequence += 1;
    this.#newestSeq = Math.max(this.#newestSeq, seq);
  }

  /** Of one that joins the tail of its lane. */
  #stateIn(lane: string | null): 'ready' | 'waiting' {
    return lane !== null && this.#mayHoldBack && this.#isHeldBack(lane) ? 'waiting' : 'ready';
  }

  /** A row that tells what became of an event here, without its payload. */
  #trace(
    event: StoredEvent,
    sequence: number | null,
    state: DeliveryState,
    reason: Reason,
    nowMs: number,
  ): void {
    this.#sql.exec(
      `INSERT INTO deliveries (seq, event_id, sequence, position, state, reason, created_at, finished_at, type, subject,
         source, event, bytes)
       VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, 0)`,
      event.seq,
      event.id,
      sequence,
      state,
      reason,
      nowMs,
      nowMs,
      event.type,
      event.subject,
      event.source,
      event.event,
    );
  }
}

function bytesOf({ raw, head }: StoredEvent): number {
  return raw.byteLength + head.length;
}

const WITHOUT_PAYLOAD = 'kind = NULL, content_type = NULL, head = NULL, raw = NULL, health = NULL';
/** `json`: the placeholder of the attempt to add. */
const appendedLog = (json: string) => `json_insert(
  CASE WHEN json_array_length(attempt_log) < ${ATTEMPTS_KEPT} THEN attempt_log ELSE json_remove(attempt_log, '$[0]') END,
  '$[#]', json(${json}))`;
