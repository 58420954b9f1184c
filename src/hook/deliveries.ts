/**
 * The rows of the `deliveries` table: what they hold, and everything that looks them up without changing them. What
 * adds, takes and ends them is the queue (queue.ts).
 */
import type { DeliveryState, Reason } from '../core/delivery.ts';
import { utf8Bytes } from '../core/stored-size.ts';
import type { StoredEvent } from '../core/stored-event.ts';
import { attemptsOf, type AttemptRecord } from './attempt-log.ts';
import { PENDING_STATES } from './delivery-states.ts';

/** A delivery as the API shows it; `state` is the row's, which a paused or disabled hook shows as held. */
export interface DeliveryRecord {
  /** To go out at once, asked for by hand. */
  readonly isManual: boolean;
  readonly seq: number;
  readonly eventId: string;
  readonly type: string;
  readonly subject: string | null;
  readonly sequence: number | null;
  readonly lane: string | null;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly retryAtMs: number | null;
  readonly createdAtMs: number;
  /** Since when it is pending; of one that has ended: was. */
  readonly queuedAtMs: number;
  /** It is sent again though it arrived: it counts as delivered, whatever comes of that. */
  readonly wasDelivered: boolean;
  readonly finishedAtMs: number | null;
  readonly reason: Reason | null;
  readonly attemptLog: readonly AttemptRecord[];
}

/** As a list has it: without the log of its attempts, which may be a hundred times as large. */
export type DeliveryLine = Omit<DeliveryRecord, 'attemptLog'>;

/** A part of a list. */
export interface Lines<Line> {
  readonly lines: readonly Line[];
  /** Place before which the next page begins; null: there are no more. */
  readonly next: number | null;
}

/** States out of which a replay takes deliveries. */
export type ReplayedState = Extract<DeliveryState, 'delivered' | 'dead' | 'cancelled'>;

export const PENDING = `state IN ('ready', 'waiting', 'retrying')`;

/** Must read exactly like the condition of the index of that name, or SQLite does not use it. */
export const HELD_BACK = `lane IS NOT NULL AND state IN ('waiting', 'retrying')`;

/** When a retry is due that is due at once: a time that no clock, set back, puts off. */
export const DUE_AT_ONCE = 0;

/** Since when a pending one is pending. Rises with its position. */
export const QUEUED_AT = 'ifnull(reopened_at, created_at)';

/**
 * What the row of a delivery loses when it ends: all that is for sending it, and what the log tells of its event. Naming
 * `seq` makes SQLite take the row out and put it back, upon which pages that have become nearly empty join; a row that
 * only shrinks leaves its page as large as the payload had made it, and what has ended would take ten times the room.
 */
export const AS_ENDED = `seq = seq, lane = NULL, source = '', event = NULL, kind = NULL, content_type = NULL, head = NULL,
  raw = NULL, health = NULL`;

export type LineRow = Record<string, SqlStorageValue> & {
  seq: number;
  event_id: string;
  lane: string | null;
  type: string;
  subject: string | null;
  sequence: number | null;
  state: DeliveryState;
  attempts: number;
  retry_at: number | null;
  manual: number;
  created_at: number;
  queued_at: number;
  reopened_from: DeliveryState | null;
  finished_at: number | null;
  reason: Reason | null;
};

type RecordRow = LineRow & { attempt_log: string };

export const LINE_COLUMNS = `seq, event_id, type, subject, sequence, lane, state, attempts, retry_at, manual, created_at,
  ${QUEUED_AT} AS queued_at, reopened_from, finished_at, reason`;

const RECORD_COLUMNS = `${LINE_COLUMNS}, attempt_log`;

/** Of types and subjects in one page. */
const LIST_CHARACTERS = 1_000_000;

/** As much of a delivery that has ended as selects it. */
export type EndedLine = {
  seq: number;
  type: string;
  subject: string | null;
  state: ReplayedState;
  createdAtMs: number;
};

/** For the oldest of all that is pending. */
const RETRIES_LOOKED_AT = 10;

type Oldest = { seq: number; at: number };

export class Deliveries {
  readonly #sql: SqlStorage;
  #oldest: Oldest | null = null;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** The highest place that has a row; 0: none has. */
  lastSeq(): number {
    return this.#sql.exec<{ seq: number }>('SELECT ifnull(max(seq), 0) AS seq FROM deliveries').one().seq;
  }

  /** Deliveries in any of these states, by place. */
  ended(states: readonly ReplayedState[], fromSeq: number, beforeSeq: number, limit: number): EndedLine[] {
    return this.#sql
      .exec<EndedLine>(
        `SELECT seq, type, subject, state, created_at AS createdAtMs FROM deliveries
         WHERE seq >= ? AND seq < ? AND state IN (${states.map(() => '?').join(', ')}) AND ${rareOnly(states)}
         ORDER BY seq LIMIT ?`,
        fromSeq,
        beforeSeq,
        ...states,
        limit,
      )
      .toArray();
  }

  /** Of these places those from `fromSeq` on whose events were never queued here. */
  lacking(seqs: readonly number[], fromSeq: number): number[] {
    const queued = new Set(
      this.#sql
        .exec<{ seq: number }>(
          `SELECT seq FROM deliveries WHERE seq IN (SELECT value FROM json_each(?)) AND state <> 'skipped'`,
          JSON.stringify(seqs),
        )
        .toArray()
        .map(({ seq }) => seq),
    );
    return seqs.filter((seq) => seq >= fromSeq && !queued.has(seq));
  }

  /** How many that were queued once more are ready to go out; counts up to `limit`. */
  countReadyReplayed(limit: number): number {
    return this.#sql
      .exec<{ count: number }>(
        `SELECT count(*) AS count FROM (SELECT 1 FROM deliveries INDEXED BY deliveries_replayed
           WHERE state = 'ready' AND replay IS NOT NULL LIMIT ?)`,
        limit,
      )
      .one().count;
  }

  /** How many that this replay has queued have not ended. */
  countOfReplay(id: string): number {
    return this.#sql
      .exec<{ count: number }>(
        `SELECT count(*) AS count FROM deliveries INDEXED BY deliveries_of_replay WHERE replay = ? AND ${PENDING}`,
        id,
      )
      .one().count;
  }

  /** How many have failed and are to be tried again; counts up to `limit`. */
  countRetrying(limit: number): number {
    return this.#sql
      .exec<{ count: number }>(
        `SELECT count(*) AS count FROM (SELECT 1 FROM deliveries WHERE state = 'retrying' LIMIT ?)`,
        limit,
      )
      .one().count;
  }

  find(seq: number): DeliveryRecord | null {
    const row = this.#sql
      .exec<RecordRow>(`SELECT ${RECORD_COLUMNS} FROM deliveries WHERE seq = ?`, seq)
      .toArray()[0];
    return row === undefined ? null : toRecord(row);
  }

  /**
   * Deliveries before `beforeSeq`, newest first, in any of these states; one sent again counts as delivered. Ends early
   * where their types and subjects are long.
   */
  list(states: readonly DeliveryState[], beforeSeq: number | null, limit: number): Lines<DeliveryLine> {
    const rows = this.#sql.exec<LineRow>(
      `SELECT ${LINE_COLUMNS} FROM deliveries
       WHERE seq < ? AND iif(${PENDING} AND reopened_from IS 'delivered', 'delivered', state)
           IN (${states.map(() => '?').join(', ')})
         AND ${rareOnly(states)} ORDER BY seq DESC LIMIT ?`,
      beforeSeq ?? Number.MAX_SAFE_INTEGER,
      ...states,
      limit + 1,
    );
    const lines: DeliveryLine[] = [];
    let characters = 0;
    for (const row of rows) {
      characters += row.type.length + (row.subject?.length ?? 0);
      const last = lines.at(-1);
      const isFull = lines.length === limit || characters > LIST_CHARACTERS;
      if (isFull && last !== undefined) return { lines, next: last.seq };
      lines.push(toLine(row));
    }
    return { lines, next: null };
  }

  /** Since when the oldest of them is pending. What comes in later is younger: looked for only when that one has ended. */
  oldestPendingAtMs(): number | null {
    if (this.#oldest !== null && this.#isPendingSince(this.#oldest)) return this.#oldest.at;
    const { seq, at } = this.#sql
      .exec<{ seq: number | null; at: number | null }>(
        `SELECT seq, min(${QUEUED_AT}) AS at FROM deliveries WHERE seq IN (
           SELECT seq FROM (SELECT seq FROM deliveries WHERE state = 'ready' ORDER BY position LIMIT 1)
           UNION ALL SELECT seq FROM deliveries WHERE ${HELD_BACK}
           UNION ALL SELECT seq FROM deliveries WHERE state = 'retrying' AND lane IS NULL)`,
      )
      .one();
    this.#oldest = seq === null || at === null ? null : { seq, at };
    return at;
  }

  /**
   * The same out of a few rows: who waits stands behind one that is ready or is tried again, and of these the next ones
   * are looked at.
   */
  oldPendingAtMs(): number | null {
    if (this.#oldest !== null && this.#isPendingSince(this.#oldest)) return this.#oldest.at;
    return this.#sql
      .exec<{ at: number | null }>(
        `SELECT min(at) AS at FROM (
           SELECT at FROM (SELECT ${QUEUED_AT} AS at FROM deliveries WHERE state = 'ready' ORDER BY position LIMIT 1)
           UNION ALL
           SELECT at FROM (SELECT ${QUEUED_AT} AS at FROM deliveries WHERE state = 'retrying' ORDER BY retry_at LIMIT ?))`,
        RETRIES_LOOKED_AT,
      )
      .one().at;
  }

  #isPendingSince({ seq, at }: Oldest): boolean {
    const row = this.#sql.exec(
      `SELECT 1 FROM deliveries WHERE seq = ? AND ${PENDING} AND ${QUEUED_AT} = ?`,
      seq,
      at,
    );
    return row.toArray().length > 0;
  }
}

/** Narrows a search to indexes where all of the states asked for have one: they are few among those delivered. */
export function rareOnly(states: readonly DeliveryState[]): string {
  const isAll = (some: readonly DeliveryState[]) => states.every((state) => some.includes(state));
  if (isAll(['dead', 'cancelled', 'skipped'])) return `state IN ('dead', 'cancelled', 'skipped')`;
  if (!isAll(PENDING_STATES)) return 'TRUE';
  return `seq IN (SELECT seq FROM deliveries WHERE state = 'ready'
    UNION ALL SELECT seq FROM deliveries WHERE state = 'retrying'
    UNION ALL SELECT seq FROM deliveries WHERE ${HELD_BACK})`;
}

/** Of an event's payload, as a queue counts it. */
export function bytesOf({ raw, head }: StoredEvent): number {
  return raw.byteLength + utf8Bytes(head);
}

function toRecord(row: RecordRow): DeliveryRecord {
  return { ...toLine(row), attemptLog: attemptsOf(row.attempt_log) };
}

export function toLine(row: LineRow): DeliveryLine {
  return {
    seq: row.seq,
    isManual: row.manual === 1,
    eventId: row.event_id,
    type: row.type,
    subject: row.subject,
    sequence: row.sequence,
    lane: row.lane,
    state: row.state,
    attempts: row.attempts,
    retryAtMs: row.retry_at,
    createdAtMs: row.created_at,
    queuedAtMs: row.queued_at,
    wasDelivered: row.reopened_from === 'delivered',
    finishedAtMs: row.finished_at,
    reason: row.reason,
  };
}
