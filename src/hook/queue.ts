/**
 * The hook's queue: named, typed statements over the `deliveries` table. A delivery's key is its event's place in the
 * log, so that an event is queued at most once however often it is offered.
 *
 * The common way of a delivery costs one insert and one update. What is next says chooser.ts; order is kept in lanes.ts;
 * what comes in enqueuing.ts;
 * settling.ts writes down what an attempt came to; endings.ts and resending.ts have the ways out and back in.
 */
import type { Reason, Settlement } from '../core/delivery.ts';
import type { Health } from '../core/health.ts';
import type { Ordering } from '../core/hook-config.ts';
import type { Turn } from '../core/probe.ts';
import type { StoredEvent } from '../core/stored-event.ts';
import type { AttemptRecord } from './attempt-log.ts';
import { Chooser } from './chooser.ts';
import { Claims } from './claims.ts';
import { Deliveries, type ReplayedState } from './deliveries.ts';
import { DELIVERY_COLUMNS, toDelivery, toSettled, type Delivery, type DeliveryRow } from './delivery-row.ts';
import { Endings } from './endings.ts';
import { Enqueuing, type QueueLimits } from './enqueuing.ts';
import { Expunged } from './expunged.ts';
import { Lanes } from './lanes.ts';
import { Passing } from './passing.ts';
import { PendingWalk, type Pending } from './pending-walk.ts';
import { Resending } from './resending.ts';
import { RetryTimes } from './retry-times.ts';
import { Settling } from './settling.ts';
import { Tally } from './tally.ts';

export class Queue {
  readonly deliveries: Deliveries;
  /** Whose payload may not lie here any more. */
  readonly expunged: Expunged;
  readonly claims: Claims;
  /** What goes out before it has a row. */
  readonly passing: Passing;
  readonly retryTimes: RetryTimes;
  readonly #sql: SqlStorage;
  readonly #tally: Tally;
  readonly #lanes: Lanes;
  readonly #chooser: Chooser;
  readonly #enqueuing: Enqueuing;
  readonly #endings: Endings;
  readonly #settling: Settling;
  readonly #resending: Resending;

  constructor(sql: SqlStorage, claims = new Claims()) {
    this.#sql = sql;
    this.claims = claims;
    this.deliveries = new Deliveries(sql);
    this.expunged = new Expunged(sql);
    this.#tally = new Tally(sql);
    this.#lanes = new Lanes(sql);
    this.#chooser = new Chooser(sql, claims, this.#lanes, this.#tally);
    this.retryTimes = new RetryTimes(sql, this.#tally, this.#chooser);
    this.#enqueuing = new Enqueuing(sql, this.#tally, this.#lanes, this.#chooser, this.expunged);
    this.#endings = new Endings(sql, this.#tally, claims, this.#lanes, this.#chooser);
    this.#settling = new Settling(sql, this.#tally, claims, this.#lanes, this.#chooser, this.#endings);
    this.#resending = new Resending(sql, this.#tally, this.#lanes, this.#chooser);
    this.passing = new Passing(sql, this.#tally, claims, this.#chooser, this.#enqueuing);
    claims.readLanes(sql);
  }

  /** Attempts that have not come back. */
  get inFlight(): number {
    return this.claims.inFlight;
  }

  /** With those that have come back and are not written down. */
  get underWay(): number {
    return this.claims.underWay;
  }

  isInFlight(seq: number): boolean {
    return this.claims.has(seq);
  }

  /** An attempt of this lane is under way. */
  isBusy(lane: string | null): boolean {
    return this.claims.isBusy(lane);
  }

  get pending(): number {
    return this.#tally.pending;
  }

  get pendingBytes(): number {
    return this.#tally.pendingBytes;
  }

  /** Of those pending, how many have arrived before. */
  get sentAgain(): number {
    return this.#tally.sentAgain;
  }

  /** The hook's health that was written last into the row of a pending delivery, as JSON. */
  newestHealth(): string | null {
    return this.#settling.newestHealth();
  }

  /** Every delivery there ever was has a number; the last one given out. */
  get lastSequence(): number {
    return this.#tally.lastSequence;
  }

  /** Every event up to here that the hook wants has been offered to it by the log. */
  get offeredSeq(): number {
    return this.#tally.offeredSeq;
  }

  /** When the newest of the deliveries that went out at the first try did so. */
  get lastDeliveredAtMs(): number | null {
    return this.#settling.lastDeliveredAtMs;
  }

  /** The same if it is known without looking for it. */
  get knownDeliveredAtMs(): number | null {
    return this.#settling.knownDeliveredAtMs;
  }

  /** There is no room for this event. */
  isFull(event: StoredEvent, limits: QueueLimits): boolean {
    return this.#enqueuing.isFull(event, limits);
  }

  /** Adds an event, or leaves a trace of why it is not queued. Offered again, it changes nothing. */
  enqueue(
    event: StoredEvent,
    ordering: Ordering,
    limits: QueueLimits,
    isDeleted: boolean,
    nowMs: number,
  ): boolean {
    return this.#enqueuing.enqueue(event, ordering, limits, isDeleted, nowMs);
  }

  /**
   * Takes the delivery whose turn it is, or null when nothing more may go out now. It and its lane count as under way
   * until `release`.
   */
  take(nowMs: number, turn: Turn): Delivery | null {
    if (this.#isPassing) return this.passing.take();
    const seq = this.#chooser.next(nowMs, turn);
    return typeof seq === 'number' ? this.#claim(seq) : null;
  }

  /** Like `take`, but only what needs no more than a look: null says nothing of the others. */
  takeUpcoming(nowMs: number): Delivery | null {
    if (this.#isPassing) return this.passing.take();
    const seq = this.#chooser.upcoming(nowMs);
    return typeof seq === 'number' ? this.#claim(seq) : null;
  }

  /** Takes the next one that was asked for by hand. */
  takeManual(): Delivery | null {
    const seq = this.#chooser.manual();
    return seq === null ? null : this.#claim(seq);
  }

  /** One that was asked for by hand has not gone out yet. */
  get hasManual(): boolean {
    return this.#chooser.hasManual;
  }

  /** When the next delivery may go out: now or earlier, at a retry's time, or never (Infinity) by itself. */
  dueMs(nowMs: number, turn: Turn): number {
    if (this.#isPassing) return this.passing.hasNext ? nowMs : Infinity;
    return this.#chooser.dueMs(nowMs, turn);
  }

  /** Its attempt has come back: another one may go out, though not in its lane. */
  answered({ seq }: Delivery): void {
    this.claims.answered(seq);
  }

  /** One that is under way, as its row has it now: where it has ended meanwhile its payload is gone. Null: so is its row. */
  underWayAt(seq: number): Delivery | null {
    const row = this.#sql
      .exec<DeliveryRow>(`SELECT ${DELIVERY_COLUMNS} FROM deliveries WHERE seq = ?`, seq)
      .toArray()[0];
    return row === undefined ? null : toSettled(row);
  }

  /** Whatever has not ended may go out again. */
  release({ seq }: Pick<Delivery, 'seq'>): void {
    if (this.passing.released(seq)) return;
    if (this.claims.release(seq)) this.#chooser.released();
  }

  /**
   * The common end of a delivery: its first attempt has arrived, and nothing waits behind it. False: it is not that
   * simple, see `settle`. One statement writes, hence all or nothing.
   */
  settleFirst(delivery: Delivery, attempt: AttemptRecord, nowMs: number): boolean {
    if (!this.passing.settleFirst(delivery.seq, attempt, nowMs))
      return this.#settling.first(delivery, attempt, nowMs);
    this.#settling.arrived(nowMs);
    return true;
  }

  /**
   * Writes down what an attempt came to, with it or, where there is no room for that, without, and says what that makes of the delivery. Null when it ended or was attempted
   * otherwise meanwhile: then the attempt is only recorded, and what is newer stands. `again`: a retry has come to
   * another one, and the hook's health has been written with it; only where it is given.
   */
  settle(
    delivery: Delivery,
    settlement: Settlement,
    attempt: AttemptRecord | null,
    health: Health | null,
    nowMs: number,
  ): Settlement['state'] | 'again' | null {
    return this.#settling.settle(delivery, settlement, attempt, health, nowMs);
  }

  /** Ends a pending delivery that nobody wants any more, and says as what. Null when it is not pending. */
  cancel(seq: number, reason: 'cancelled' | 'deleted', nowMs: number): 'cancelled' | 'delivered' | null {
    return this.#endings.cancel(seq, reason, nowMs);
  }

  /** Ends a delivery that no attempt can carry, and says as what; `attempt` tells why. Null when it is not pending. */
  deadLetter(
    delivery: Delivery,
    reason: Reason,
    attempt: AttemptRecord,
    nowMs: number,
  ): 'dead' | 'delivered' | null {
    return this.#endings.deadLetter(delivery, reason, attempt, nowMs);
  }

  /** Ends what has been pending since then or earlier, oldest first, at most `limit`, and says as what. */
  expire(queuedUntilMs: number, limit: number, nowMs: number): ReturnType<Endings['expire']> {
    return this.#endings.expire(queuedUntilMs, limit, nowMs);
  }

  /** Ends all that is pending. Returns how many of them count as cancelled. */
  cancelAll(reason: Reason, nowMs: number): number {
    return this.#endings.cancelAll(reason, nowMs);
  }

  /** A pending delivery goes out next, whatever stands before it. */
  retryNow(seq: number): void {
    this.#resending.retryNow(seq);
  }

  /** All that is to be tried again is due now, in order; steps stay used. False: there is none. */
  makeDue(): boolean {
    return this.#resending.makeDue();
  }

  /** Each of these is due now, or, where it waits in its lane, the head of that; steps stay used. */
  makeTheseDue(pending: readonly Pending[], nowMs: number): void {
    this.#resending.makeTheseDue(pending, nowMs);
  }

  /** Through everything that is pending now. */
  walk(): PendingWalk {
    return new PendingWalk(this.#sql, this.#tally.lastPosition);
  }

  /** All that an outage since then has held back is due now, in order; steps stay used. */
  releaseOutage(sinceMs: number, isBrief: boolean): void {
    this.#resending.releaseOutage(sinceMs, isBrief);
  }

  /**
   * An ended delivery goes out again by hand, with a fresh schedule and in no lane: it waits for nobody and holds back
   * nobody.
   */
  reopen(event: StoredEvent, state: ReplayedState, nowMs: number): void {
    this.#resending.reopen(event, state, nowMs);
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
    this.#resending.requeue(event, state, ordering, replay, nowMs);
    return state;
  }

  /** Queues an event that never was, at the tail and with a number of its own. False when it is here, or may not be. */
  backfill(event: StoredEvent, ordering: Ordering, replay: string, nowMs: number): boolean {
    return this.#enqueuing.backfill(event, ordering, replay, nowMs);
  }

  /** Puts what is pending into the lanes of another ordering. */
  reorder(ordering: Ordering): void {
    this.#chooser.changed();
    this.#lanes.reorder(ordering);
    this.claims.readLanes(this.#sql);
  }

  /** While nothing is under way: the first that waits in each lane waits for nobody. */
  freeLanes(): void {
    if (this.pending === 0) return;
    this.#chooser.changed();
    this.#lanes.freeAll();
  }

  /** Nothing else is pending while something has no row. */
  get #isPassing(): boolean {
    return !this.passing.unwritten.isEmpty;
  }

  #claim(seq: number): Delivery {
    const delivery = toDelivery(
      this.#sql.exec<DeliveryRow>(`SELECT ${DELIVERY_COLUMNS} FROM deliveries WHERE seq = ?`, seq).one(),
    );
    this.claims.add(seq, delivery.lane);
    this.#chooser.claimed(seq);
    return delivery;
  }
}
