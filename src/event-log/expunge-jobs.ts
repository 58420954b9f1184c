/**
 * Deletes the payload of all events that a filter selects. A job is a row that says how far it has come through the log: in
 * one commit it moves on and hands the events that it found to the expunger, some at a time, and the next ones when that has
 * dealt with them. So whatever ends in between, the next wake goes on, and memory does not grow with what is selected.
 */
import type { Attribution } from '../core/audit-chain.ts';
import { matches, parsePattern, type Pattern } from '../core/pattern.ts';
import type { Expunger } from './expunger.ts';
import type { OpenLog } from './open-log.ts';

/** What of an event selects it; at least one. */
export interface ExpungeFilter {
  readonly subject: string | null;
  readonly source: string | null;
  /** A pattern. */
  readonly type: string | null;
  /** Inclusive, over the time of receipt. */
  readonly fromMs: number | null;
  /** Exclusive. */
  readonly toMs: number | null;
}

export const EXPUNGE_STATES = ['running', 'done'] as const;

export interface ExpungeJob {
  readonly id: string;
  readonly state: (typeof EXPUNGE_STATES)[number];
  /** Events found so far that had a payload. */
  readonly matched: number;
  /** Of these, those whose payload is gone from the log and from every hook. */
  readonly expunged: number;
}

type Row = Record<string, SqlStorageValue> & {
  n: number;
  id: string;
  filter: string;
  from_seq: number;
  reached_seq: number;
  until_seq: number;
  matched: number;
};

const EVENTS_AT_ONCE = 50;
const BYTES_AT_ONCE = 4_000_000;
const MOST_UNDER_WAY = 10;
/** The filter of a job may name a person. */
const KEPT_MS = 30 * 86_400_000;

export class ExpungeJobs {
  readonly #storage: DurableObjectStorage;
  readonly #log: OpenLog;
  readonly #expunger: Expunger;
  #hasWork: boolean;

  constructor(storage: DurableObjectStorage, log: OpenLog, expunger: Expunger) {
    this.#storage = storage;
    this.#log = log;
    this.#expunger = expunger;
    this.#hasWork = this.#next() !== null;
  }

  /** When there is something to go on with that does not wait for the expunger; Infinity: there is not. */
  dueMs(): number {
    return this.#hasWork && !this.#expunger.isBusy ? 0 : Infinity;
  }

  /** Begins with the events that are in the log now. `full`: too many jobs are under way. */
  begin(filter: ExpungeFilter, by: Attribution): ExpungeJob | 'full' {
    const { sql } = this.#storage;
    const nowMs = Date.now();
    const { events, lastSeq, audit } = this.#log;
    const underWay = sql
      .exec<{ count: number }>('SELECT count(*) AS count FROM expunge_jobs WHERE reached_seq < until_seq')
      .one().count;
    if (underWay >= MOST_UNDER_WAY) return 'full';
    const id = `expunge_${crypto.randomUUID().replaceAll('-', '').slice(0, 20)}`;
    const { subject, source, type, fromMs, toMs } = filter;
    const afterSeq = fromMs === null ? 0 : events.firstSeqSince(fromMs) - 1;
    const untilSeq = toMs === null ? lastSeq : Math.min(lastSeq, events.endSeqBefore(toMs) - 1);
    this.#storage.transactionSync(() => {
      sql.exec('DELETE FROM expunge_jobs WHERE created_at < ? AND reached_seq >= until_seq', nowMs - KEPT_MS);
      sql.exec(
        `INSERT INTO expunge_jobs (id, filter, from_seq, reached_seq, until_seq, matched, created_at)
         VALUES (?, ?, ?, ?, ?, 0, ?)`,
        id,
        JSON.stringify({ subject, source, type, fromMs, toMs }),
        afterSeq,
        afterSeq,
        Math.max(untilSeq, afterSeq),
        nowMs,
      );
      audit.add(by, `expunge/${id}`, { subject, source, type, from: time(fromMs), to: time(toMs) }, null);
    });
    this.#hasWork = true;
    this.#expunger.changed();
    return { id, state: 'running', matched: 0, expunged: 0 };
  }

  /** How far it has come; null: there is no such job. */
  get(id: string): ExpungeJob | null {
    const row = this.#storage.sql.exec<Row>('SELECT * FROM expunge_jobs WHERE id = ?', id).toArray()[0];
    if (row === undefined) return null;
    const left = this.#leftOf(row);
    const isDone = row.reached_seq >= row.until_seq && left === 0;
    return { id, state: isDone ? 'done' : 'running', matched: row.matched, expunged: row.matched - left };
  }

  /** Takes the next step of the oldest job, if the expunger has dealt with the one before. */
  goOn(): void {
    if (this.dueMs() > Date.now()) return;
    const job = this.#next();
    this.#hasWork = job !== null;
    if (job !== null) this.#step(job);
    this.#expunger.changed();
  }

  #step(job: Row): void {
    const { events } = this.#log;
    const { seqs, nextSeq } = events.find(findFilter(job), 'asc', job.reached_seq, EVENTS_AT_ONCE);
    let reachedSeq = Math.min(nextSeq ?? job.until_seq, job.until_seq);
    let matched = 0;
    let bytes = 0;
    this.#storage.transactionSync(() => {
      for (const seq of seqs) {
        if (seq > job.until_seq) break;
        const event = events.at(seq);
        if (event === null || event.kind === 'expunged') continue;
        bytes += event.raw.byteLength + event.head.length;
        if (matched > 0 && bytes > BYTES_AT_ONCE) {
          reachedSeq = seq - 1;
          break;
        }
        this.#expunger.mark(event);
        matched += 1;
      }
      this.#storage.sql.exec(
        'UPDATE expunge_jobs SET reached_seq = ?, matched = matched + ? WHERE n = ?',
        reachedSeq,
        matched,
        job.n,
      );
    });
  }

  /** How many of its events some hook has still to be told of, or are not cleared yet. */
  #leftOf(row: Row): number {
    const { subject, source, type } = findFilter(row);
    const found = this.#storage.sql.exec<{ type: string; subject: string | null; source: string }>(
      `SELECT type, subject, source FROM events
       WHERE seq > ?1 AND seq <= ?2 AND seq IN (SELECT seq FROM expunging UNION SELECT seq FROM owed)`,
      row.from_seq,
      row.reached_seq,
    );
    let left = 0;
    for (const event of found) {
      const isOurs =
        (subject === null || subject === event.subject) &&
        (source === null || source === event.source) &&
        (type === null || matches(type, event.type));
      if (isOurs) left += 1;
    }
    return Math.min(left, row.matched);
  }

  #next(): Row | null {
    const rows = this.#storage.sql.exec<Row>(
      'SELECT * FROM expunge_jobs WHERE reached_seq < until_seq ORDER BY n LIMIT 1',
    );
    return rows.toArray()[0] ?? null;
  }
}

function findFilter({ filter }: Row) {
  // That of a job which an older version began has no times: its places alone tell.
  const {
    subject,
    source,
    type,
    fromMs = null,
    toMs = null,
  } = JSON.parse(filter) as Omit<ExpungeFilter, 'fromMs' | 'toMs'> & Partial<ExpungeFilter>;
  const pattern = type === null ? null : patternOf(type);
  return { subject, source, type: pattern, sourceId: null, fromMs, toMs };
}

/** Of a text that was one when the job began. */
function patternOf(text: string): Pattern {
  const reading = parsePattern(text);
  if (!reading.ok) throw new Error(`stored pattern: expected ${reading.expected}`);
  return reading.pattern;
}

function time(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
