/**
 * What a hook has to tell of itself, until its tenant's event log has taken it: written in the commit of what it
 * tells of, told under a number of its own, so that it is told once however often it is tried.
 */
import type { AttemptError } from '../core/outcome.ts';
import { blankOf } from '../storage/blank.ts';

export const NOTICES = [
  'posthorn.hook.failing',
  'posthorn.hook.disabled',
  'posthorn.hook.recovered',
  'posthorn.hook.backlog',
  'posthorn.hook.queue-full',
  'posthorn.delivery.dead',
] as const;
export type NoticeType = (typeof NOTICES)[number];

/** What came of the attempt that brought a notice about. */
export interface NoticeCause {
  readonly statusCode: number | null;
  readonly error: AttemptError | null;
  /** Start of what the receiver answered, without credentials. */
  readonly answerExcerpt: string | null;
}
export const NO_CAUSE: NoticeCause = { statusCode: null, error: null, answerExcerpt: null };

/** The `raw` of the event it becomes. */
export interface NoticeFacts extends NoticeCause {
  readonly hookId: number;
  readonly hookName: string;
  /** The event whose delivery brought it about; null: none did. */
  readonly eventId: string | null;
  readonly eventType: string | null;
  readonly eventSubject: string | null;
  readonly reason: string | null;
  /** Since when it is so. */
  readonly since: string | null;
}

/** Members that a notice may lack which was stored before there were any. */
const LATER_MEMBERS = { eventType: null, eventSubject: null, ...NO_CAUSE };

export interface Notice {
  /** Counts the notices of this hook, from 1. */
  readonly number: number;
  readonly type: NoticeType;
  readonly facts: NoticeFacts;
}

const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 60_000;

export class Notices {
  readonly #sql: SqlStorage;
  #isEmpty: boolean;
  #isMute = false;
  #failures = 0;
  #retryAtMs = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#isEmpty = this.#first() === null;
  }

  add(type: NoticeType, facts: NoticeFacts): void {
    if (this.#isMute) return;
    this.#sql.exec('INSERT INTO notices (type, facts) VALUES (?, ?)', type, JSON.stringify(facts));
    this.#isEmpty = false;
  }

  /** Where storage is too full for a row more. */
  withoutAdding(work: () => void): void {
    this.#isMute = true;
    try {
      work();
    } finally {
      this.#isMute = false;
    }
  }

  /** When there is something to tell; Infinity: there is not. */
  dueMs(): number {
    return this.#isEmpty ? Infinity : this.#retryAtMs;
  }

  /** A clock that was set back makes no pause longer. */
  heedClock(nowMs: number): void {
    if (this.#retryAtMs > nowMs + RETRY_MAX_MS) this.#retryAtMs = nowMs;
  }

  /** Tells the first there is; when it is not taken, it is due again later. Throws when storage fails, only then. */
  async tellNext(announce: (notice: Notice) => Promise<void>, clock: () => number): Promise<void> {
    const notice = this.#first();
    if (notice !== null) {
      try {
        await announce(notice);
      } catch (error) {
        this.#failures += 1;
        this.#retryAtMs = clock() + Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** (this.#failures - 1));
        console.warn('notice not taken', {
          hookId: notice.facts.hookId,
          type: notice.type,
          error: String(error),
        });
        return;
      }
      this.#sql.exec('DELETE FROM notices WHERE number = ?', notice.number);
    }
    this.#failures = 0;
    this.#retryAtMs = 0;
    this.#isEmpty = this.#first() === null;
  }

  /** What a receiver answered to the event goes from what is still to be told: it may echo the event. */
  expunge(eventId: string): void {
    const told = this.#sql
      .exec<{ number: number; facts: string }>(
        `SELECT number, facts FROM notices
         WHERE facts ->> 'eventId' = ? AND facts ->> 'answerExcerpt' IS NOT NULL`,
        eventId,
      )
      .toArray();
    for (const { number, facts } of told)
      for (const text of [blankOf(facts), JSON.stringify({ ...factsOf(facts), answerExcerpt: null })])
        this.#sql.exec('UPDATE notices SET facts = ? WHERE number = ?', text, number);
  }

  #first(): Notice | null {
    const row = this.#sql
      .exec<{ number: number; type: NoticeType; facts: string }>(
        'SELECT * FROM notices ORDER BY number LIMIT 1',
      )
      .toArray()[0];
    return row === undefined ? null : { number: row.number, type: row.type, facts: factsOf(row.facts) };
  }
}

function factsOf(json: string): NoticeFacts {
  return { ...LATER_MEMBERS, ...(JSON.parse(json) as Omit<NoticeFacts, keyof typeof LATER_MEMBERS>) };
}
