/** What became of a hook's attempts, by the hour, and how long they took. */
import { Durations } from '../core/durations.ts';
import { HOURS_KEPT, HOUR_MS, hourOf } from '../core/hour.ts';
import { HourlyCounts, dropHoursBefore, type OpenHour, type Totals } from '../storage/hourly-counts.ts';
import { attemptsOf } from './attempt-log.ts';
import type { OpenHook } from './open-hook.ts';
import type { AttemptReport } from './report.ts';
import { deliveredOf, diedOf } from './runtime.ts';

/** Rows of deliveries, from the newest, that are looked through for attempts from before the object was loaded. */
const ROWS_LOOKED_AT = 500;

/** `durations`: counts by bucket, see core/durations.ts. */
export interface HookHour {
  readonly hour: number;
  readonly delivered: number;
  readonly failed: number;
  readonly dead: number;
  readonly durations: Readonly<Record<string, number>>;
}

export class HookHours {
  readonly #sql: SqlStorage;
  readonly #hours: HourlyCounts;
  readonly #loadedMs: number;
  /** Of the hour under way, since the object was loaded. */
  #durations = new Durations();

  constructor(sql: SqlStorage, nowMs: number) {
    this.#sql = sql;
    this.#hours = new HourlyCounts(sql, '');
    this.#loadedMs = nowMs;
  }

  /** To be called before an attempt or the end of a delivery is written down, in the same turn. */
  turn(hook: OpenHook, nowMs: number): void {
    const isAnother = this.#hours.turn(
      nowMs,
      () => totalsOf(hook),
      (ended) => this.#durationsOf(ended),
    );
    if (isAnother) this.#durations = new Durations();
  }

  /** An attempt that went out has been written down. */
  took({ durationMs, detail }: AttemptReport): void {
    if (detail === undefined) this.#durations.add(durationMs);
  }

  /** Takes away what is kept no longer. */
  dropOld(nowMs: number): void {
    dropHoursBefore(this.#sql, hourOf(nowMs) - HOURS_KEPT);
  }

  between(hook: OpenHook, fromHour: number, toHour: number): HookHour[] {
    const { open } = this.#hours;
    const durations = open === null ? undefined : this.#durationsOf(open);
    return this.#hours
      .between(fromHour, toHour, totalsOf(hook), durations)
      .map(({ hour, counts, extra }) => ({
        hour,
        delivered: counts['delivered'] ?? 0,
        failed: counts['failed'] ?? 0,
        dead: counts['dead'] ?? 0,
        durations: (extra ?? {}) as HookHour['durations'],
      }));
  }

  /** What came before the object was loaded is in the rows of the deliveries, of which the newest are looked at. */
  #durationsOf({ hour }: OpenHour): Record<string, number> {
    const durations = Durations.of(this.#durations.toJSON());
    const fromMs = hour * HOUR_MS;
    if (this.#loadedMs > fromMs) {
      for (const ms of this.#durationsBetween(fromMs, Math.min(this.#loadedMs, fromMs + HOUR_MS)))
        durations.add(ms);
    }
    return durations.toJSON();
  }

  *#durationsBetween(fromMs: number, toMs: number): Generator<number> {
    const rows = this.#sql.exec<{ log: string }>(
      `SELECT log FROM (SELECT attempts, attempt_log AS log FROM deliveries ORDER BY seq DESC LIMIT ?)
       WHERE attempts > 0`,
      ROWS_LOOKED_AT,
    );
    for (const { log } of rows) {
      for (const { at, durationMs, detail } of attemptsOf(log)) {
        const atMs = Date.parse(at);
        if (detail === null && atMs >= fromMs && atMs < toMs) yield durationMs;
      }
    }
  }
}

/** Only what rises. A success counts whether or not it was the first of its delivery. */
function totalsOf(hook: OpenHook): Totals {
  const { extraSuccesses, errors } = hook.health;
  return { delivered: deliveredOf(hook) + extraSuccesses, failed: errors, dead: diedOf(hook) };
}
