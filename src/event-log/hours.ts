/**
 * What a log has counted in each hour: of every source what came in, of the tenant also what its hooks have reported. Rows of
 * `about` '' are the tenant's, the others a source's.
 */
import { HOURS_KEPT, hourOf } from '../core/hour.ts';
import { HourlyCounts, dropHoursBefore, type HourCounts, type Totals } from '../storage/hourly-counts.ts';
import type { Source } from './source.ts';
import type { SourceStats } from './source-stats.ts';
import type { Delivered } from './summaries.ts';

const TENANT = '';

export interface LogHoursHost {
  /** Events that the log has taken, whoever sent them. */
  accepted(): number;
  sources(): readonly Source[];
  /** Of all hooks together. */
  delivered(): Delivered;
  nowMs(): number;
}

export class LogHours {
  readonly #sql: SqlStorage;
  readonly #host: LogHoursHost;
  readonly #tenant: HourlyCounts;
  readonly #sources = new Map<string, HourlyCounts>();

  constructor(sql: SqlStorage, host: LogHoursHost) {
    this.#sql = sql;
    this.#host = host;
    this.#tenant = new HourlyCounts(sql, TENANT);
  }

  /** To be called before anything of the tenant is counted, in the same turn. Reads its hooks' summaries once an hour. */
  turn(): void {
    this.#tenant.turn(this.#host.nowMs(), () => this.#totals());
  }

  /** The same before anything of this source is. */
  turnSource(source: Source): void {
    this.turn();
    this.#of(source.id).turn(this.#host.nowMs(), () => inboundOf(source.stats));
  }

  tenantBetween(fromHour: number, toHour: number): HourCounts[] {
    return this.#tenant.between(fromHour, toHour, this.#totals());
  }

  sourceBetween(source: Source, fromHour: number, toHour: number): HourCounts[] {
    return this.#of(source.id).between(fromHour, toHour, inboundOf(source.stats));
  }

  /** A source is deleted: its counters go. */
  forgetSource({ id, stats }: Source): void {
    const { duplicates, rejected } = inboundOf(stats);
    this.#tenant.withdraw({ duplicates, rejected });
    this.#sources.delete(id);
  }

  /** The registration of a hook is forgotten, and what it reported. */
  forgetHook(delivered: Delivered): void {
    this.#tenant.withdraw({ ...delivered });
  }

  /** What was written may have been undone. */
  reread(): void {
    this.#tenant.reread();
    this.#sources.clear();
  }

  /** Takes away what is kept no longer. */
  dropOld(): void {
    dropHoursBefore(this.#sql, hourOf(this.#host.nowMs()) - HOURS_KEPT);
  }

  #of(id: string): HourlyCounts {
    let hours = this.#sources.get(id);
    if (hours === undefined) this.#sources.set(id, (hours = new HourlyCounts(this.#sql, id)));
    return hours;
  }

  #totals(): Totals {
    const totals = { accepted: this.#host.accepted(), duplicates: 0, rejected: 0, ...this.#host.delivered() };
    for (const { stats } of this.#host.sources()) {
      const { duplicates, rejected } = inboundOf(stats);
      totals.duplicates += duplicates;
      totals.rejected += rejected;
    }
    return totals;
  }
}

function inboundOf({ accepted, duplicates, rejected }: SourceStats) {
  const { signature, malformed, tooLarge } = rejected;
  return { accepted, duplicates, rejected: signature + malformed + tooLarge };
}
