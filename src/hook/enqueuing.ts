/**
 * How an event comes into a hook's queue: at the tail, with the next number, once; or as a trace of why it did not. A
 * number is given out with its row or not at all, so that the sequence has no gap.
 */
import type { DeliveryState, Reason } from '../core/delivery.ts';
import type { Ordering } from '../core/hook-config.ts';
import { laneOf } from '../core/lane.ts';
import type { StoredEvent } from '../core/stored-event.ts';
import { raiseSequenceFloor } from './bounds.ts';
import type { Chooser } from './chooser.ts';
import { bytesOf } from './deliveries.ts';
import type { Expunged } from './expunged.ts';
import type { Lanes } from './lanes.ts';
import type { Tally } from './tally.ts';

export interface QueueLimits {
  readonly deliveries: number;
  readonly bytes: number;
}

/** Of a delivery what its row is made of. */
type Queued = Omit<StoredEvent, 'sourceId' | 'recordedAtMs' | 'id'> & {
  readonly id: string;
  readonly lane: string | null;
  readonly replay: string | null;
  readonly bytes: number;
  readonly queuedAtMs: number;
};

export class Enqueuing {
  readonly #sql: SqlStorage;
  readonly #tally: Tally;
  readonly #lanes: Lanes;
  readonly #chooser: Chooser;
  readonly #expunged: Expunged;

  constructor(sql: SqlStorage, tally: Tally, lanes: Lanes, chooser: Chooser, expunged: Expunged) {
    this.#sql = sql;
    this.#tally = tally;
    this.#lanes = lanes;
    this.#chooser = chooser;
    this.#expunged = expunged;
  }

  isFull(event: StoredEvent, limits: QueueLimits): boolean {
    const { pending, pendingBytes } = this.#tally;
    return pending + 1 > limits.deliveries || pendingBytes + bytesOf(event) > limits.bytes;
  }

  /** See `Queue.enqueue`. */
  enqueue(
    event: StoredEvent,
    ordering: Ordering,
    limits: QueueLimits,
    isDeleted: boolean,
    nowMs: number,
  ): boolean {
    const isQueued = this.#takeIn(event, ordering, limits, isDeleted, nowMs);
    this.#tally.offered(event.seq);
    return isQueued;
  }

  #takeIn(
    event: StoredEvent,
    ordering: Ordering,
    limits: QueueLimits,
    isDeleted: boolean,
    nowMs: number,
  ): boolean {
    if (this.#isKnown(event.seq)) return false;
    if (!isDeleted && this.isFull(event, limits)) {
      this.#trace(event, null, 'skipped', 'queue-full', nowMs);
      return false;
    }
    const isGone = isDeleted || this.#expunged.has(event.seq);
    if (isGone) {
      this.#trace(event, this.#tally.lastSequence + 1, 'cancelled', 'deleted', nowMs);
      this.#tally.numbered(event.seq);
    } else this.#insert(event, ordering, null, nowMs);
    // A replay may have brought a newer event before this one.
    if (event.seq < this.#tally.newestSeq) raiseSequenceFloor(this.#sql, this.#tally.lastSequence);
    return !isGone;
  }

  /** It is here; or it was, for no event is purged that the log may still have to bring. */
  #isKnown(seq: number): boolean {
    const rows = this.#sql.exec(
      `SELECT 1 FROM deliveries WHERE seq = ?1
       UNION ALL SELECT 1 FROM bounds WHERE purged_before > ?1 LIMIT 1`,
      seq,
    );
    return rows.toArray().length > 0;
  }

  /** See `Queue.backfill`. */
  backfill(event: StoredEvent, ordering: Ordering, replay: string, nowMs: number): boolean {
    if (this.#expunged.has(event.seq)) return false;
    this.#sql.exec(`DELETE FROM deliveries WHERE seq = ? AND state = 'skipped'`, event.seq);
    if (this.#sql.exec('SELECT 1 FROM deliveries WHERE seq = ?', event.seq).toArray().length > 0)
      return false;
    this.#insert(event, ordering, replay, nowMs);
    return true;
  }

  isExpunged(seq: number): boolean {
    return this.#expunged.has(seq);
  }

  /** Adds a delivery at the tail, with the next number. */
  #insert(event: StoredEvent, ordering: Ordering, replay: string | null, queuedAtMs: number): void {
    const lane = laneOf(ordering, event.source, event.subject);
    this.insert({ ...event, lane, replay, bytes: bytesOf(event), queuedAtMs });
  }

  /** Adds a pending delivery at the tail, with the next number. */
  insert(delivery: Queued): void {
    const { seq, lane, bytes } = delivery;
    const position = this.#tailFor(seq);
    const state = this.#lanes.stateAtTail(lane);
    this.#sql.exec(
      `INSERT INTO deliveries (seq, event_id, sequence, position, lane, state, replay, created_at, type, subject, source,
         event, bytes, kind, content_type, head, raw)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      seq,
      delivery.id,
      this.#tally.lastSequence + 1,
      position,
      lane,
      state,
      delivery.replay,
      delivery.queuedAtMs,
      delivery.type,
      delivery.subject,
      delivery.source,
      delivery.event,
      bytes,
      delivery.kind,
      delivery.contentType,
      delivery.head,
      delivery.raw,
    );
    if (state === 'ready') this.#chooser.joined({ seq, lane }, delivery.type);
    this.#tally.numbered(seq);
    this.#tally.added(position, bytes, false);
  }

  /** The same of one that has arrived already, at the first try: the row that its end would have left. */
  insertArrived(delivery: Queued, attemptLog: string, atMs: number): void {
    const { seq, bytes } = delivery;
    const position = this.#tailFor(seq);
    this.#sql.exec(
      `INSERT INTO deliveries (seq, event_id, sequence, position, state, attempts, created_at, finished_at, type, subject,
         source, bytes, attempt_log)
       VALUES (?, ?, ?, ?, 'delivered', 1, ?, ?, ?, ?, '', ?, ?)`,
      seq,
      delivery.id,
      this.#tally.lastSequence + 1,
      position,
      delivery.queuedAtMs,
      atMs,
      delivery.type,
      delivery.subject,
      bytes,
      attemptLog,
    );
    this.#tally.numbered(seq);
    this.#tally.passed(position);
  }

  #tailFor(seq: number): number {
    return Math.max(this.#tally.lastPosition + 1, seq);
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
         source, bytes)
       VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?, ?, '', 0)`,
      event.seq,
      event.id,
      sequence,
      state,
      reason,
      nowMs,
      nowMs,
      event.type,
      event.subject,
    );
  }
}
