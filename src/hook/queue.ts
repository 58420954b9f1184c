/**
 * The hook's queue: named, typed statements over the `deliveries` table. A delivery's key is its event's place in the
 * log, so that an event is queued at most once however often it is offered.
 *
 * Order is kept by lanes (core/lane.ts). A ready delivery need not know what stands before it: only when it turns
 * out to stand behind a retry of its lane is it set to waiting, and each end of a delivery frees the next
 * one that waits. So the common way of a delivery costs one insert and one update, and finding the next is one
 * indexed query however long the queue and however many lanes are blocked.
 */
import type { DeliveryState, DeliveryStatus, Reason, Settlement } from '../core/delivery.ts';
import type { StoredEnvelope } from '../core/envelope.ts';
import type { Ordering } from '../core/hook-config.ts';
import { FIFO_LANE, laneOf } from '../core/lane.ts';
import type { AttemptError } from '../core/outcome.ts';
import type { StoredEvent } from '../event-log/event-store.ts';

export interface QueueLimits {
  readonly deliveries: number;
  readonly bytes: number;
}

/** What is needed to send a delivery and to settle it. */
export interface Delivery extends StoredEnvelope {
  readonly seq: number;
  readonly id: string;
  readonly sequence: number;
  readonly lane: string | null;
  readonly attempts: number;
  readonly steps: number;
  readonly type: string;
  readonly subject: string | null;
  readonly event: string | null;
  readonly contentType: string | null;
  readonly raw: Uint8Array;
}

export interface AttemptRecord {
  readonly number: number;
  readonly at: string;
  readonly durationMs: number;
  readonly outcome: 'delivered' | 'failed' | 'gone' | 'gave-up';
  readonly statusCode: number | null;
  readonly error: AttemptError | null;
  readonly responseExcerpt: string | null;
}

/** A delivery as the API shows it; `state` is the row's, which a paused or disabled hook shows as held. */
export interface DeliveryRecord {
  readonly seq: number;
  readonly eventId: string;
  readonly type: string;
  readonly subject: string | null;
  readonly sequence: number | null;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly retryAtMs: number | null;
  readonly createdAtMs: number;
  readonly finishedAtMs: number | null;
  readonly reason: Reason | null;
  readonly attemptLog: readonly AttemptRecord[];
}

export const PENDING_STATES = ['ready', 'waiting', 'retrying'] as const;
const PENDING = `state IN ('ready', 'waiting', 'retrying')`;
/** Must read exactly like the condition of the index of that name, or SQLite does not use it. */
const HELD_BACK = `lane IS NOT NULL AND state IN ('waiting', 'retrying')`;
/** The attempts kept of one delivery. */
const ATTEMPTS_KEPT = 25;

type Row = Record<string, SqlStorageValue> & {
  seq: number;
  event_id: string;
  sequence: number | null;
  lane: string | null;
  state: DeliveryState;
  retry_at: number | null;
  attempts: number;
  steps: number;
  reason: Reason | null;
  created_at: number;
  finished_at: number | null;
  type: string;
  subject: string | null;
  event: string | null;
  attempt_log: string;
  kind: StoredEnvelope['kind'] | null;
  content_type: string | null;
  head: string | null;
  raw: ArrayBuffer | null;
};

const RECORD_COLUMNS =
  'seq, event_id, type, subject, sequence, state, attempts, retry_at, created_at, finished_at, reason, attempt_log';

export class Queue {
  readonly #sql: SqlStorage;
  #pending: number;
  #pendingBytes: number;
  #lastSequence: number;
  #lastPosition: number;
  #lastDeliveredAtMs: number | undefined;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    const pending = sql
      .exec<{ count: number; bytes: number; position: number }>(
        `SELECT count(*) AS count, ifnull(sum(bytes), 0) AS bytes, ifnull(max(position), 0) AS position
         FROM (SELECT bytes, position FROM deliveries WHERE state = 'ready'
           UNION ALL SELECT bytes, position FROM deliveries WHERE ${HELD_BACK}
           UNION ALL SELECT bytes, position FROM deliveries WHERE state = 'retrying' AND lane IS NULL)`,
      )
      .one();
    this.#pending = pending.count;
    this.#pendingBytes = pending.bytes;
    const newest = sql
      .exec<{ sequence: number; seq: number }>(
        'SELECT sequence, seq FROM deliveries WHERE sequence IS NOT NULL ORDER BY seq DESC LIMIT 1',
      )
      .toArray()[0];
    this.#lastSequence = newest?.sequence ?? 0;
    this.#lastPosition = Math.max(pending.position, newest?.seq ?? 0);
  }

  get pending(): number {
    return this.#pending;
  }

  /** Every delivery there ever was has a number; the last one given out. */
  get lastSequence(): number {
    return this.#lastSequence;
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
    const bytes = event.raw.byteLength + event.head.length;
    const isFull = this.#pending + 1 > limits.deliveries || this.#pendingBytes + bytes > limits.bytes;
    if (isFull && !isDeleted) {
      this.#trace(event, null, 'skipped', 'queue-full', nowMs);
      return false;
    }
    const sequence = this.#lastSequence + 1;
    if (isDeleted) {
      this.#trace(event, sequence, 'cancelled', 'deleted', nowMs);
      this.#lastSequence = sequence;
      return false;
    }
    const lane = laneOf(ordering, event.source, event.subject);
    const position = Math.max(this.#lastPosition + 1, event.seq);
    this.#sql.exec(
      `INSERT INTO deliveries (seq, event_id, sequence, position, lane, state, created_at, type, subject, source, event,
         bytes, kind, content_type, head, raw)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      event.seq,
      event.id,
      sequence,
      position,
      lane,
      lane !== null && this.#isHeldBack(lane) ? 'waiting' : 'ready',
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
    this.#lastSequence = sequence;
    this.#lastPosition = position;
    this.#pending += 1;
    this.#pendingBytes += bytes;
    return true;
  }

  /** The delivery whose turn it is, or null when nothing may go out now. */
  next(nowMs: number): Delivery | null {
    const seq = this.#nextSeq(nowMs);
    if (seq === null) return null;
    const row = this.#sql.exec<Row>('SELECT * FROM deliveries WHERE seq = ?', seq).one();
    return toDelivery(row);
  }

  /** When the next delivery may go out: now or earlier, at a retry's time, or never (Infinity) by itself. */
  dueMs(nowMs: number): number {
    if (this.#nextSeq(nowMs) !== null) return nowMs;
    const row = this.#sql
      .exec<{ at: number }>(
        `SELECT retry_at AS at FROM deliveries WHERE state = 'retrying' ORDER BY retry_at LIMIT 1`,
      )
      .toArray()[0];
    return row?.at ?? Infinity;
  }

  /**
   * Writes down what an attempt came to. False when the delivery ended or was attempted otherwise meanwhile: then the
   * attempt is only recorded, and what is newer stands.
   */
  settle(delivery: Delivery, settlement: Settlement, attempt: AttemptRecord, nowMs: number): boolean {
    const ended = settlement.state === 'delivered' || settlement.state === 'dead';
    const written = this.#sql
      .exec<{ lane: string | null }>(
        `UPDATE deliveries SET state = ?, reason = ?, retry_at = ?, attempts = ?, steps = ?, finished_at = ?,
           attempt_log = ${APPENDED_LOG} ${ended ? WITHOUT_PAYLOAD : ''}
         WHERE seq = ? AND attempts = ? AND ${PENDING} RETURNING lane`,
        settlement.state,
        settlement.state === 'dead' ? settlement.reason : null,
        settlement.state === 'retrying' ? settlement.retryAtMs : null,
        settlement.attempts,
        settlement.steps,
        ended ? nowMs : null,
        JSON.stringify(attempt),
        delivery.seq,
        delivery.attempts,
      )
      .toArray()[0];
    if (written === undefined) {
      this.#sql.exec(
        `UPDATE deliveries SET attempts = max(attempts, ?), attempt_log = ${APPENDED_LOG} WHERE seq = ?`,
        settlement.attempts,
        JSON.stringify(attempt),
        delivery.seq,
      );
      return false;
    }
    // The row's lane, not that of the moment of the attempt: the ordering may have changed meanwhile.
    const { lane } = written;
    if (ended) {
      if (settlement.state === 'delivered') this.#lastDeliveredAtMs = nowMs;
      this.#ended(delivery, lane);
    } else if (lane !== null && settlement.state === 'retrying') {
      this.#fallIn(delivery.seq, lane);
    }
    return true;
  }

  /** Ends a pending delivery without an attempt. */
  bury(delivery: Delivery, reason: Reason, nowMs: number): void {
    this.#sql.exec(
      `UPDATE deliveries SET state = 'dead', reason = ?, retry_at = NULL, finished_at = ? ${WITHOUT_PAYLOAD}
       WHERE seq = ? AND ${PENDING}`,
      reason,
      nowMs,
      delivery.seq,
    );
    this.#ended(delivery, delivery.lane);
  }

  /** Ends all that is pending. Returns how many there were. */
  cancelAll(reason: Reason, nowMs: number): number {
    const cancelled = this.#pending;
    this.#sql.exec(
      `UPDATE deliveries SET state = 'cancelled', reason = ?, finished_at = ?, retry_at = NULL ${WITHOUT_PAYLOAD}
       WHERE ${PENDING}`,
      reason,
      nowMs,
    );
    this.#pending = 0;
    this.#pendingBytes = 0;
    return cancelled;
  }

  /** Puts what is pending into the lanes of another ordering: the first of each lane goes on, the others wait. */
  reorder(ordering: Ordering): void {
    const lane = { fifo: `'${FIFO_LANE}'`, none: 'NULL', subject: `source || char(10) || subject` }[ordering];
    this.#sql.exec(`UPDATE deliveries SET lane = ${lane} WHERE ${PENDING}`);
    this.#sql.exec(
      `UPDATE deliveries SET retry_at = CASE WHEN state = 'retrying' AND place = 1 THEN retry_at END,
         state = CASE WHEN place > 1 THEN 'waiting' WHEN deliveries.state = 'waiting' THEN 'ready' ELSE deliveries.state END
       FROM (SELECT seq AS ranked, CASE WHEN lane IS NULL THEN 1
               ELSE row_number() OVER (PARTITION BY lane ORDER BY position) END AS place
             FROM deliveries WHERE ${PENDING})
       WHERE seq = ranked`,
    );
  }

  find(seq: number): DeliveryRecord | null {
    const row = this.#sql
      .exec<Row>(`SELECT ${RECORD_COLUMNS} FROM deliveries WHERE seq = ?`, seq)
      .toArray()[0];
    return row === undefined ? null : toRecord(row);
  }

  /** Deliveries before `beforeSeq`, newest first, in any of these states. */
  list(states: readonly DeliveryState[], beforeSeq: number | null, limit: number): DeliveryRecord[] {
    return this.#sql
      .exec<Row>(
        `SELECT ${RECORD_COLUMNS} FROM deliveries
         WHERE seq < ? AND state IN (${states.map(() => '?').join(', ')})
           AND ${rareOnly(states)} ORDER BY seq DESC LIMIT ?`,
        beforeSeq ?? Number.MAX_SAFE_INTEGER,
        ...states,
        limit,
      )
      .toArray()
      .map(toRecord);
  }

  oldestPendingAtMs(): number | null {
    const row = this.#sql
      .exec<{ at: number | null }>(
        `SELECT min(created_at) AS at FROM deliveries WHERE seq IN (
           SELECT seq FROM (SELECT seq FROM deliveries WHERE state = 'ready' ORDER BY position LIMIT 1)
           UNION ALL SELECT seq FROM deliveries WHERE ${HELD_BACK}
           UNION ALL SELECT seq FROM deliveries WHERE state = 'retrying' AND lane IS NULL)`,
      )
      .one();
    return row.at;
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

  #nextSeq(nowMs: number): number | null {
    for (;;) {
      const row = this.#sql
        .exec<{ seq: number; lane: string | null; state: DeliveryState; is_behind: number }>(
          `SELECT seq, lane, state, lane IS NOT NULL AND EXISTS (
             SELECT 1 FROM deliveries AS ahead
             WHERE ahead.lane = first.lane AND ahead.lane IS NOT NULL AND ahead.state IN ('waiting', 'retrying')
               AND ahead.position < first.position) AS is_behind
           FROM (
             SELECT * FROM (SELECT seq, lane, state, position FROM deliveries
               WHERE state = 'retrying' AND retry_at <= ? ORDER BY retry_at, position LIMIT 1)
             UNION ALL
             SELECT * FROM (SELECT seq, lane, state, position FROM deliveries
               WHERE state = 'ready' ORDER BY position LIMIT 1)
           ) AS first ORDER BY position LIMIT 1`,
          nowMs,
        )
        .toArray()[0];
      if (row === undefined) return null;
      if (row.is_behind === 0) return row.seq;
      // With one lane for all, whatever else is ready stands behind the same retry.
      if (row.lane === FIFO_LANE) return null;
      this.#sql.exec(`UPDATE deliveries SET state = 'waiting', retry_at = NULL WHERE seq = ?`, row.seq);
    }
  }

  #isHeldBack(lane: string): boolean {
    return (
      this.#sql.exec(`SELECT 1 FROM deliveries WHERE lane = ? AND ${HELD_BACK} LIMIT 1`, lane).toArray()
        .length > 0
    );
  }

  #ended({ raw, head }: Delivery, lane: string | null): void {
    this.#pending -= 1;
    this.#pendingBytes -= raw.byteLength + head.length;
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

  /** A retry is always the head of its lane: one that another ordering has put behind others waits like them. */
  #fallIn(seq: number, lane: string): void {
    this.#sql.exec(
      `UPDATE deliveries SET state = 'waiting', retry_at = NULL WHERE seq = ? AND EXISTS (
         SELECT 1 FROM deliveries AS ahead WHERE ahead.lane = ? AND ahead.lane IS NOT NULL
           AND ahead.state IN ('waiting', 'retrying') AND ahead.position < deliveries.position)`,
      seq,
      lane,
    );
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

const WITHOUT_PAYLOAD = ', kind = NULL, content_type = NULL, head = NULL, raw = NULL';
const APPENDED_LOG = `json_insert(
  CASE WHEN json_array_length(attempt_log) < ${ATTEMPTS_KEPT} THEN attempt_log ELSE json_remove(attempt_log, '$[0]') END,
  '$[#]', json(?))`;

/** Narrows a search to indexes where all of the states asked for have one: they are few among those delivered. */
function rareOnly(states: readonly DeliveryState[]): string {
  const isAll = (some: readonly DeliveryState[]) => states.every((state) => some.includes(state));
  if (isAll(['dead', 'cancelled', 'skipped'])) return `state IN ('dead', 'cancelled', 'skipped')`;
  if (!isAll(PENDING_STATES)) return 'TRUE';
  return `seq IN (SELECT seq FROM deliveries WHERE state = 'ready'
    UNION ALL SELECT seq FROM deliveries WHERE state = 'retrying'
    UNION ALL SELECT seq FROM deliveries WHERE ${HELD_BACK})`;
}

/** What the API calls the state of a delivery. */
export function statusOf(state: DeliveryState, isHeld: boolean): DeliveryStatus {
  switch (state) {
    case 'ready':
    case 'waiting':
    case 'retrying':
      return isHeld ? 'held' : 'pending';
    case 'delivered':
    case 'dead':
    case 'cancelled':
    case 'skipped':
      return state;
  }
}

function toDelivery(row: Row): Delivery {
  if (row.kind === null || row.head === null || row.raw === null || row.sequence === null) {
    throw new Error(`delivery ${row.seq}: expected a payload while it is pending`);
  }
  return {
    seq: row.seq,
    id: row.event_id,
    sequence: row.sequence,
    lane: row.lane,
    attempts: row.attempts,
    steps: row.steps,
    type: row.type,
    subject: row.subject,
    event: row.event,
    contentType: row.content_type,
    kind: row.kind,
    head: row.head,
    raw: new Uint8Array(row.raw),
  };
}

function toRecord(row: Row): DeliveryRecord {
  return {
    seq: row.seq,
    eventId: row.event_id,
    type: row.type,
    subject: row.subject,
    sequence: row.sequence,
    state: row.state,
    attempts: row.attempts,
    retryAtMs: row.retry_at,
    createdAtMs: row.created_at,
    finishedAtMs: row.finished_at,
    reason: row.reason,
    attemptLog: JSON.parse(row.attempt_log) as AttemptRecord[],
  };
}
