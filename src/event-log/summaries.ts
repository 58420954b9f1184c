/**
 * How each hook stood when its object last said so: what lists and counts are made of. Every call to a hook brings it along;
 * a hook whose deliveries came to something else than was to be expected reports by itself (hook/reports.ts).
 *
 * What answers of the fan-out bring is kept in memory, as a row for each event would double what it costs. The row
 * `progress`, which is written anyway, has the ids of these hooks, so that a restart knows whom to ask. Are there too many
 * for that, they are written down once a minute; dies the process before, every hook that may hold something is asked again,
 * a few at a time.
 */
import { HOOK_DEFAULTS } from '../core/hook-config.ts';
import type { HookStanding } from '../hook/reports.ts';
import { runtimeOfNew, type HookRuntime } from '../hook/runtime.ts';

/** Without what a receiver has answered: that may echo an event, and is kept where it can be expunged. */
export type Summary = Omit<HookStanding, 'lastAnswer'>;

/** What became of attempts and deliveries; of all hooks together, or of one. */
export interface Delivered {
  readonly delivered: number;
  readonly failed: number;
  readonly dead: number;
}

/** A summary that is not in the table. */
interface Recent {
  /** null: it was lost in a restart. */
  readonly summary: Summary | null;
  readonly atMs: number;
}

/** What the row `progress` says in place of ids when there are too many. */
export const TOO_MANY = '*';
const IDS_NOTED = 40;
const WRITE_EVERY_MS = 50_000;
/** In memory; beyond that they are written at once. */
const RECENT_MAX = 20_000;
const WRITTEN_AT_ONCE = 2_000;
/** A late answer is told from a clock that was set back. */
const CLOCK_STEP_MS = 60_000;

export class Summaries {
  readonly #sql: SqlStorage;
  readonly #recent = new Map<number, Recent>();
  /** When the first of those came that are to be written. */
  #sinceMs = Infinity;
  #isHealing: boolean;
  readonly #changing: () => void;

  /** `unsaved`: what `unsaved` said last; `changing`: called before a summary changes. */
  constructor(sql: SqlStorage, unsaved: string, changing: () => void = () => undefined) {
    this.#sql = sql;
    this.#changing = changing;
    this.#isHealing = unsaved === TOO_MANY;
    if (this.#isHealing) return;
    for (const hookId of JSON.parse(unsaved) as number[])
      this.#recent.set(hookId, { summary: null, atMs: 0 });
  }

  /** Hooks whose summary is not in the table, to be written into the row `progress`. */
  get unsaved(): string {
    if (this.#isHealing || this.#recent.size > IDS_NOTED) return TOO_MANY;
    return JSON.stringify([...this.#recent.keys()]);
  }

  /** Summaries were lost, nobody knows whose: every hook is to be asked that may hold something. */
  get isHealing(): boolean {
    return this.#isHealing;
  }

  healed(): void {
    this.#isHealing = false;
  }

  /** What a call of the fan-out has brought. Its round writes `unsaved`. */
  foreseen(hookId: number, standing: HookStanding, nowMs: number): void {
    if (isOlder(standing, this.get(hookId))) return;
    this.#changing();
    this.#recent.set(hookId, { summary: summaryOf(standing), atMs: nowMs });
    this.#sinceMs = Math.min(this.#sinceMs, nowMs);
  }

  /** What a hook has said when it was asked, was told something, or reported by itself. */
  told(hookId: number, standing: HookStanding): void {
    const known = this.get(hookId);
    if (isOlder(standing, known)) return;
    this.#changing();
    this.#recent.delete(hookId);
    const summary = summaryOf(standing);
    // A report that looks at few rows may not know of a success before the last restart.
    const lastSuccessAtMs = Math.max(summary.lastSuccessAtMs ?? 0, known?.lastSuccessAtMs ?? 0) || null;
    this.#write(hookId, { ...summary, lastSuccessAtMs });
  }

  /** The newest there is; null: it has never said anything, or that was lost. */
  get(hookId: number): Summary | null {
    const recent = this.#recent.get(hookId);
    return recent === undefined ? this.#stored(hookId) : recent.summary;
  }

  /** Since when what it stands for has been foreseen and not confirmed; null: it has not. 0: it was lost. */
  foreseenAtMs(hookId: number): number | null {
    return this.#recent.get(hookId)?.atMs ?? null;
  }

  /** Of all hooks together. Reads as many rows as there are hooks. */
  delivered(): Delivered {
    const total = { delivered: 0, failed: 0, dead: 0 };
    const add = (summary: Summary) => {
      const { delivered, failed, dead } = deliveredOf(summary);
      total.delivered += delivered;
      total.failed += failed;
      total.dead += dead;
    };
    for (const { id, summary } of this.#sql.exec<{ id: number; summary: string }>(
      'SELECT hook_id AS id, summary FROM summaries',
    )) {
      if ((this.#recent.get(id)?.summary ?? null) === null) add(JSON.parse(summary) as Summary);
    }
    for (const { summary } of this.#recent.values()) if (summary !== null) add(summary);
    return total;
  }

  /** Up to so many hooks, those with the most attempts first. Reads as many rows as there are hooks. */
  busiest(limit: number): number[] {
    const calls = new Map<number, number>();
    for (const { id, count } of this.#sql.exec<{ id: number; count: number }>(
      `SELECT hook_id AS id, json_extract(summary, '$.calls') AS count FROM summaries`,
    )) {
      calls.set(id, count);
    }
    for (const [id, { summary }] of this.#recent) if (summary !== null) calls.set(id, summary.calls);
    const tried = [...calls].filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a);
    return tried.slice(0, limit).map(([id]) => id);
  }

  /** When what is in memory is to be written; Infinity: it need not be. */
  flushDueMs(): number {
    if (this.#recent.size <= IDS_NOTED) return Infinity;
    return this.#recent.size > RECENT_MAX ? -Infinity : this.#sinceMs + WRITE_EVERY_MS;
  }

  /** Writes some of it, where that is due. */
  flush(nowMs: number): void {
    // A clock that was set back makes no wait longer.
    this.#sinceMs = Math.min(this.#sinceMs, nowMs);
    if (this.flushDueMs() > nowMs) return;
    let left = WRITTEN_AT_ONCE;
    for (const [hookId, { summary }] of this.#recent) {
      if (summary === null) continue;
      if (left === 0) return;
      this.#write(hookId, summary);
      this.#recent.delete(hookId);
      left -= 1;
    }
    this.#sinceMs = Infinity;
  }

  /** Returns what it counted for. */
  forget(hookId: number): Delivered {
    const summary = this.#recent.get(hookId)?.summary ?? this.#stored(hookId);
    this.#recent.delete(hookId);
    this.#sql.exec('DELETE FROM summaries WHERE hook_id = ?', hookId);
    return summary === null ? { delivered: 0, failed: 0, dead: 0 } : deliveredOf(summary);
  }

  #stored(hookId: number): Summary | null {
    const [row] = this.#sql
      .exec<{ summary: string }>('SELECT summary FROM summaries WHERE hook_id = ?', hookId)
      .toArray();
    return row === undefined ? null : (JSON.parse(row.summary) as Summary);
  }

  /** A row that says the same already is left alone. */
  #write(hookId: number, summary: Summary): void {
    const stored = this.#stored(hookId);
    if (stored !== null && textOf({ ...stored, number: 0 }) === textOf({ ...summary, number: 0 })) return;
    this.#sql.exec(
      `INSERT INTO summaries (hook_id, summary) VALUES (?, ?)
       ON CONFLICT (hook_id) DO UPDATE SET summary = excluded.summary`,
      hookId,
      textOf(summary),
    );
  }
}

/** A success counts whether or not it was the first of its delivery. An older summary does not say what has died. */
function deliveredOf({
  calls,
  errors,
  dead,
  died = dead,
}: Partial<Summary> & Omit<Summary, 'died'>): Delivered {
  return { delivered: calls - errors, failed: errors, dead: died };
}

/** Of a hook that has been offered nothing. */
export function newSummary(paused: boolean): Summary {
  return summaryOf({ ...runtimeOfNew({ ...HOOK_DEFAULTS, url: '', paused }), number: 0, died: 0 });
}

/** As it is with the registration of now, which may have been paused or resumed since. */
export function runtimeWith(summary: Summary, paused: boolean): HookRuntime {
  const { number: _number, died: _died, ...runtime } = summary;
  const { state, waiting } = summary;
  if (state === 'disabled' || (state === 'paused') === paused) return { ...runtime, lastAnswer: null };
  return {
    ...runtime,
    lastAnswer: null,
    state: paused ? 'paused' : 'active',
    stateReason: paused ? 'paused' : null,
    isFailing: false,
    waiting: paused ? { reason: 'paused', untilMs: null } : waiting?.reason === 'paused' ? null : waiting,
  };
}

function isOlder({ number }: HookStanding, than: Summary | null): boolean {
  return than !== null && number < than.number && than.number - number < CLOCK_STEP_MS;
}

/** Its members in one order, as it is compared by its text. */
function summaryOf(standing: HookStanding): Summary {
  return {
    number: standing.number,
    state: standing.state,
    stateReason: standing.stateReason,
    isFailing: standing.isFailing,
    pending: standing.pending,
    retrying: standing.retrying,
    delivered: standing.delivered,
    dead: standing.dead,
    died: standing.died,
    waiting: standing.waiting,
    consecutiveFailures: standing.consecutiveFailures,
    oldestPendingAtMs: standing.oldestPendingAtMs,
    lastSuccessAtMs: standing.lastSuccessAtMs,
    lastFailureAtMs: standing.lastFailureAtMs,
    lastError: standing.lastError,
    calls: standing.calls,
    errors: standing.errors,
  };
}

function textOf(summary: Summary): string {
  return JSON.stringify(summary);
}
