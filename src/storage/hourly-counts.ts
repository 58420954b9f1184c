/**
 * What rising totals came to in each hour, for the price of one row an hour: it holds the totals with which an hour began, so
 * that its counts are the difference to those of now, and counts of the hour before. Hours in which nothing was counted
 * have no row.
 *
 * Nothing is written as counts come in, so nothing of them is lost with the process, as far as the totals are not. Where the
 * clock is set back an hour has two rows, which add up.
 */
import { hourOf } from '../core/hour.ts';

export type Totals = Readonly<Record<string, number>>;

/** What was counted in one hour; `extra`: what belongs to it besides. */
export interface HourCounts {
  readonly hour: number;
  readonly counts: Totals;
  readonly extra: unknown;
}

/** The hour under way. */
export interface OpenHour {
  readonly n: number;
  readonly hour: number;
  readonly base: Totals;
}

interface Closed {
  readonly counts: Totals;
  readonly extra?: unknown;
}

export class HourlyCounts {
  readonly #sql: SqlStorage;
  readonly #about: string;
  /** undefined: not read yet. */
  #open: OpenHour | null | undefined;

  /** `about`: whose totals these are, where a table has those of several. */
  constructor(sql: SqlStorage, about: string) {
    this.#sql = sql;
    this.#about = about;
  }

  /** The hour under way; null: nothing was ever counted. */
  get open(): OpenHour | null {
    if (this.#open !== undefined) return this.#open;
    const row = this.#sql
      .exec<{ n: number; hour: number; base: string }>(
        'SELECT n, open_hour AS hour, base FROM hours WHERE about = ? ORDER BY n DESC LIMIT 1',
        this.#about,
      )
      .toArray()[0];
    return (this.#open = row === undefined ? null : { ...row, base: JSON.parse(row.base) as Totals });
  }

  /**
   * To be called before anything is counted, in the same turn. In the hour of the last call it does nothing; in another one
   * it writes a row. `extra`: of the hour that ends. True: another hour has begun.
   */
  turn(nowMs: number, totals: () => Totals, extra: (ended: OpenHour) => unknown = () => undefined): boolean {
    const hour = hourOf(nowMs);
    const ended = this.open;
    if (ended?.hour === hour) return false;
    const base = totals();
    const n = (ended?.n ?? 0) + 1;
    const closed: Closed | null = ended && { counts: difference(base, ended.base), extra: extra(ended) };
    this.#sql.exec(
      'INSERT INTO hours (about, n, hour, counts, open_hour, base) VALUES (?, ?, ?, ?, ?, ?)',
      this.#about,
      n,
      ended?.hour ?? null,
      closed && JSON.stringify(closed),
      hour,
      JSON.stringify(base),
    );
    this.#open = { n, hour, base };
    return true;
  }

  /** Totals are to be without these from now on: whose they were is forgotten. */
  withdraw(totals: Totals): void {
    const { open } = this;
    if (open === null) return;
    const base = Object.fromEntries(
      Object.entries(open.base).map(([name, value]) => [name, value - (totals[name] ?? 0)]),
    );
    this.#sql.exec(
      'UPDATE hours SET base = ? WHERE about = ? AND n = ?',
      JSON.stringify(base),
      this.#about,
      open.n,
    );
    this.#open = { ...open, base };
  }

  /** What is written may have been undone: it is read anew. */
  reread(): void {
    this.#open = undefined;
  }

  /** Those from this hour on and before that one, an hour once or, after a step of the clock, several times. */
  between(fromHour: number, toHour: number, totals: Totals, extra?: unknown): HourCounts[] {
    const rows = this.#sql
      .exec<{ hour: number; counts: string }>(
        'SELECT hour, counts FROM hours WHERE about = ? AND hour >= ? AND hour < ? ORDER BY n',
        this.#about,
        fromHour,
        toHour,
      )
      .toArray();
    const closed = rows.map(({ hour, counts }) => {
      const { counts: counted, extra: belonging } = JSON.parse(counts) as Closed;
      return { hour, counts: counted, extra: belonging };
    });
    const { open } = this;
    if (open === null || open.hour < fromHour || open.hour >= toHour) return closed;
    return [...closed, { hour: open.hour, counts: difference(totals, open.base), extra }];
  }
}

/** Takes away what lies before this hour. */
export function dropHoursBefore(sql: SqlStorage, hour: number): void {
  sql.exec('DELETE FROM hours WHERE open_hour < ?', hour);
}

/** A total that was lost in part counts nothing. */
function difference(totals: Totals, base: Totals): Totals {
  return Object.fromEntries(
    Object.entries(totals).map(([name, value]) => [name, Math.max(0, value - (base[name] ?? value))]),
  );
}
