/** What one hook wanted in one part of the log: the rules by which an event is its or not. */
import type { Reason } from '../core/delivery.ts';
import type { Format } from '../core/hook-config.ts';
import { typeKeys } from '../core/pattern-key.ts';
import { PatternSet } from '../core/pattern-set.ts';
import { isNamed, namesThatCount } from '../providers/superoffice/named.ts';
import { canBeSaid, type Sayable } from '../providers/superoffice/vocabulary.ts';
import type { MatchedEvent } from '../core/stored-event.ts';

export type WishRow = Record<string, SqlStorageValue> & {
  hook_id: number;
  after_seq: number;
  until_seq: number | null;
  events: string;
  sources: string | null;
  format: Format;
  filters: string | null;
  names: string | null;
};

/** Holds for the events after `afterSeq` up to and including `untilSeq`. */
export class Wish {
  readonly hookId: number;
  readonly afterSeq: number;
  /** Infinity: it has not ended. */
  readonly untilSeq: number;
  readonly patterns: PatternSet;
  /** null: all. */
  readonly sources: readonly string[] | null;
  /** JSON text; null: none. */
  readonly filters: string | null;
  readonly #format: Format;
  /** JSON text; null: it was made in no API that goes by name. */
  readonly #names: string | null;
  readonly #events: string;
  #counting: ReadonlySet<string> | null | undefined;

  constructor(row: WishRow) {
    this.hookId = row.hook_id;
    this.afterSeq = row.after_seq;
    this.untilSeq = row.until_seq ?? Infinity;
    this.patterns = new PatternSet(JSON.parse(row.events) as string[]);
    this.sources = row.sources === null ? null : (JSON.parse(row.sources) as string[]);
    this.filters = row.filters;
    this.#format = row.format;
    this.#names = row.names;
    this.#events = row.events;
  }

  holdsAt(seq: number): boolean {
    return this.afterSeq < seq && seq <= this.untilSeq;
  }

  /**
   * Why the hook did not want an event for which this holds, by all but its filters; null: they decide. `keys`: those of
   * the event's type.
   */
  whyUnwanted(event: MatchedEvent, keys: readonly string[] = typeKeys(event.type)): Reason | null {
    const reason = this.whyNotSelected(event, keys);
    if (reason !== null) return reason;
    if (this.#names !== null && !this.#isNamed(this.#names, event)) return 'pattern';
    return fits(this.#format, event) ? null : 'format';
  }

  /** The part of it that lies in the patterns and sources. */
  whyNotSelected(
    event: Pick<MatchedEvent, 'type' | 'sourceId'>,
    keys: readonly string[] = typeKeys(event.type),
  ): 'source' | 'pattern' | null {
    const { sources } = this;
    if (sources !== null && (event.sourceId === null || !sources.includes(event.sourceId))) return 'source';
    return this.patterns.matches(event.type, keys) ? null : 'pattern';
  }

  /** Of an event whose type it follows. */
  #isNamed(names: string, event: MatchedEvent): boolean {
    if (this.#counting === undefined) {
      const patterns = JSON.parse(this.#events) as string[];
      this.#counting = namesThatCount(JSON.parse(names) as string[], patterns);
    }
    return this.#counting === null || isNamed(this.#counting, event);
  }
}

/** Not every event can be said in SuperOffice's format. */
function fits(format: Format, event: Sayable): boolean {
  return format !== 'superoffice' || canBeSaid(event);
}
