/**
 * The replay of a hook: a durable job, one row, the latest. It says what is to be queued once more and how far that
 * has come; how a step is done is in replay-step.ts.
 */
import type { Pattern } from '../core/pattern.ts';

/** dead: what went dead · any: all that has ended · missing: events that were never queued for this hook. */
export const REPLAY_STATUSES = ['dead', 'any', 'missing'] as const;
export type ReplayStatus = (typeof REPLAY_STATUSES)[number];

export const REPLAY_STATES = ['running', 'done', 'cancelled'] as const;
export type ReplayState = (typeof REPLAY_STATES)[number];

/** A part of the log. */
export interface ReplayRange {
  readonly fromSeq: number;
  /** The first place that is not part of it. */
  readonly beforeSeq: number;
}

export interface ReplayOrder extends ReplayRange {
  readonly status: ReplayStatus;
  /** null: every type. */
  readonly types: readonly Pattern[] | null;
  /** The range as it was asked for; `toMs` null: up to the moment of the call. */
  readonly fromMs: number;
  readonly toMs: number | null;
}

/** A replay as it stands. */
export interface ReplayJob extends ReplayOrder {
  readonly id: string;
  readonly state: ReplayState;
  /** Events found so far. */
  readonly matched: number;
  /** Of these, those that were queued. The others have lost their payload, or were queued otherwise meanwhile. */
  readonly queued: number;
  /** The place where it goes on. */
  readonly nextSeq: number;
  readonly createdAtMs: number;
  readonly finishedAtMs: number | null;
}

/** The same, and how many of those that it has queued have not ended. */
export interface ReplayView extends ReplayJob {
  readonly remaining: number;
}

type Row = Record<string, SqlStorageValue> & {
  id: string;
  status: ReplayStatus;
  types: string | null;
  from_at: number;
  to_at: number | null;
  from_seq: number;
  before_seq: number;
  next_seq: number;
  matched: number;
  queued: number;
  state: ReplayState;
  created_at: number;
  finished_at: number | null;
};

const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 60_000;

export class Replay {
  readonly #sql: SqlStorage;
  #job: ReplayJob | null;
  #failures = 0;
  #retryAtMs = 0;
  #isAsking = false;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    const row = sql.exec<Row>('SELECT * FROM replay').toArray()[0];
    this.#job = row === undefined ? null : toJob(row);
  }

  /** The latest; null: there never was one. Another object after each change. */
  get job(): ReplayJob | null {
    return this.#job;
  }

  /** When the next step may be done if there is room for it; Infinity: there is none to do. */
  get retryAtMs(): number {
    return this.#job?.state === 'running' && !this.#isAsking ? this.#retryAtMs : Infinity;
  }

  /** A clock that was set back makes no pause longer. */
  heedClock(nowMs: number): void {
    if (this.#retryAtMs > nowMs + RETRY_MAX_MS) this.#retryAtMs = nowMs;
  }

  /** Takes the place of the one before. */
  start(id: string, order: ReplayOrder, nowMs: number): void {
    this.#sql.exec('DELETE FROM replay');
    this.#job = toJob(
      this.#sql
        .exec<Row>(
          `INSERT INTO replay (id, status, types, from_at, to_at, from_seq, before_seq, next_seq, matched, queued, state,
             created_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 'running', ?) RETURNING *`,
          id,
          order.status,
          order.types === null ? null : JSON.stringify(order.types),
          order.fromMs,
          order.toMs,
          order.fromSeq,
          order.beforeSeq,
          order.fromSeq,
          nowMs,
        )
        .one(),
    );
    this.#retryAtMs = 0;
  }

  /** Has looked at all before `nextSeq`. */
  advance(nextSeq: number, matched: number, queued: number, nowMs: number): void {
    const isDone = nextSeq >= (this.#job?.beforeSeq ?? 0);
    this.#update(
      `next_seq = ?1, matched = matched + ?2, queued = queued + ?3,
       state = iif(?4, 'done', state), finished_at = iif(?4, ?5, NULL)`,
      nextSeq,
      matched,
      queued,
      isDone ? 1 : 0,
      nowMs,
    );
    this.#failures = 0;
    this.#retryAtMs = 0;
  }

  /** What it has queued goes out all the same. */
  cancel(nowMs: number): void {
    if (this.#job?.state === 'running') this.#update(`state = 'cancelled', finished_at = ?`, nowMs);
  }

  /** What the event log says, asked for one step at a time. Null: it does not answer and is asked again later. */
  async ask<Answer>(work: () => Promise<Answer>, nowMs: () => number): Promise<Answer | null> {
    this.#isAsking = true;
    try {
      return await work();
    } catch (error) {
      this.#failures += 1;
      this.#retryAtMs = nowMs() + Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** (this.#failures - 1));
      console.warn('replay put off', { replayId: this.#job?.id, error: String(error) });
      return null;
    } finally {
      this.#isAsking = false;
    }
  }

  #update(assignments: string, ...bound: SqlStorageValue[]): void {
    const row = this.#sql.exec<Row>(`UPDATE replay SET ${assignments} RETURNING *`, ...bound).one();
    this.#job = toJob(row);
  }
}

function toJob(row: Row): ReplayJob {
  return {
    id: row.id,
    status: row.status,
    types: row.types === null ? null : (JSON.parse(row.types) as Pattern[]),
    fromMs: row.from_at,
    toMs: row.to_at,
    fromSeq: row.from_seq,
    beforeSeq: row.before_seq,
    nextSeq: row.next_seq,
    matched: row.matched,
    queued: row.queued,
    state: row.state,
    createdAtMs: row.created_at,
    finishedAtMs: row.finished_at,
  };
}
