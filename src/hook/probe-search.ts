/**
 * Finds what a failing hook is probed with: the head of a lane that has not been tried, of the newest kind that has not
 * failed in this outage, or else of the kind that failed longest ago. There is no index by kind, as that would cost every
 * delivery a row: the queue is looked through instead, a bounded part of it at a time and only while the hook fails. What
 * was found out is kept until it may have changed.
 */
import { eventKindOf } from '../core/kind.ts';
import { FIFO_LANE } from '../core/lane.ts';
import type { Turn } from '../core/probe.ts';
import type { Claims } from './claims.ts';
import { IS_BEHIND, type Lanes } from './lanes.ts';

/** Deliveries looked at in one turn. */
const LOOKED_AT = 1000;
/** The rank of a kind that has not failed in this outage. */
const NEW = -1;

type Row = { seq: number; position: number; lane: string | null; type: string; is_behind: number };

type Place = Pick<Row, 'seq' | 'position' | 'lane'>;
/** `rank`: place of its kind among those that have failed; the lower, the longer ago. */
type Candidate = Place & { readonly rank: number };

export class ProbeSearch {
  readonly #sql: SqlStorage;
  readonly #claims: Claims;
  readonly #lanes: Lanes;
  /** Everything from this position on has been looked at, from the tail. */
  #below = Infinity;
  /** The best of these. */
  #best: Candidate | null = null;
  /** Among these is a new kind that cannot go out as long as an attempt is under way. */
  #mayHideNew = false;
  /** To be probed with, as soon as the head of its lane is known; in no delivery before this position it is. */
  #chosen: { readonly candidate: Candidate; readonly from: number } | null = null;
  #found: Place | null = null;
  #isWithoutNewKind = false;
  /** As of that: the kinds that had failed, and what of the queue was ready. */
  #tried: readonly string[] = [];
  #readied = 0;

  constructor(sql: SqlStorage, claims: Claims, lanes: Lanes) {
    this.#sql = sql;
    this.#claims = claims;
    this.#lanes = lanes;
  }

  /** All kinds that are ready have failed in this outage. False: it may be otherwise. */
  get isWithoutNewKind(): boolean {
    return this.#isWithoutNewKind && this.#readied === this.#lanes.readied;
  }

  /** Something other than the tail of the queue has changed. */
  restart(): void {
    this.#below = Infinity;
    this.#best = null;
    this.#mayHideNew = false;
    this.#chosen = null;
    this.#found = null;
  }

  /** The hook is not probed. */
  forget(): void {
    this.restart();
    this.#isWithoutNewKind = false;
  }

  /** One more is ready, at the tail. */
  joined(type: string): void {
    if (this.#isWithoutNewKind && !this.#tried.includes(eventKindOf(type))) this.forget();
  }

  /** `more`: a part has been looked at, and there is more to look at. */
  next(nowMs: number, turn: Turn): number | 'more' | null {
    const mayBeTried = turn.triedKindFromMs <= nowMs;
    if (turn.newKindFromMs > nowMs || (!mayBeTried && this.isWithoutNewKind)) return null;
    if (this.#found !== null && this.#isHead(this.#found)) return this.#found.seq;
    if (this.#chosen !== null) return this.#findHead();
    const tried = turn.tried ?? [];
    const [first] = this.#rows('ASC', 0, Infinity, 1);
    if (first === undefined) return null;
    return first.lane === FIFO_LANE
      ? this.#headOfFifo(first, tried, mayBeTried)
      : this.#look(tried, mayBeTried);
  }

  /** With one lane for all there is no choice. */
  #headOfFifo(first: Row, tried: readonly string[], mayBeTried: boolean): number | null {
    const isNew = !tried.includes(eventKindOf(first.type));
    this.#noteKinds(!isNew, tried);
    return (isNew || mayBeTried) && this.#isHead(first) ? first.seq : null;
  }

  /** Looks at the next part. */
  #look(tried: readonly string[], mayBeTried: boolean): number | 'more' | null {
    const rows = this.#rows('DESC', 0, this.#below, LOOKED_AT);
    for (const { seq, is_behind } of rows) if (is_behind === 1) this.#lanes.setAside(seq);
    const ranks = new Map<string, number>();
    let newKind: string | undefined;
    for (const { seq, position, lane, type, is_behind } of rows) {
      if (is_behind === 1) continue;
      const rank = ranks.get(type) ?? tried.indexOf(eventKindOf(type));
      ranks.set(type, rank);
      if (this.#claims.has(seq) || this.#claims.isBusy(lane)) {
        this.#mayHideNew ||= rank === NEW;
        continue;
      }
      // Of the newest of the new kinds, and of the kind that failed longest ago: the oldest.
      newKind ??= rank === NEW ? type : undefined;
      if (newKind === undefined ? rank <= (this.#best?.rank ?? Infinity) : type === newKind)
        this.#best = { seq, position, lane, rank };
    }
    const isWhole = rows.length < LOOKED_AT;
    if (this.#best?.rank !== NEW && !isWhole) {
      this.#below = rows.at(-1)?.position ?? 0;
      return 'more';
    }
    const best = this.#best;
    this.#noteKinds(best?.rank !== NEW && !this.#mayHideNew, tried);
    this.restart();
    if (best === null || (best.rank !== NEW && !mayBeTried)) return null;
    this.#chosen = { candidate: best, from: 0 };
    return this.#findHead();
  }

  /** The first of its lane goes out, whatever its own kind is. */
  #findHead(): number | 'more' | null {
    if (this.#chosen === null) return null;
    const { candidate, from } = this.#chosen;
    if (candidate.lane === null) return this.#propose(candidate);
    const rows = this.#rows('ASC', from, candidate.position + 1, LOOKED_AT);
    const head = rows.find(({ lane }) => lane === candidate.lane);
    if (head !== undefined) return this.#propose(head);
    const last = rows.at(-1);
    if (last === undefined || rows.length < LOOKED_AT) this.restart();
    else this.#chosen = { candidate, from: last.position };
    return 'more';
  }

  #propose(candidate: Place): number | 'more' {
    this.restart();
    if (!this.#isHead(candidate)) return 'more';
    this.#found = candidate;
    return candidate.seq;
  }

  #isHead({ seq, lane }: Place): boolean {
    if (this.#claims.has(seq) || this.#claims.isBusy(lane)) return false;
    const row = this.#sql.exec(
      `SELECT 1 FROM deliveries AS first WHERE seq = ? AND state = 'ready' AND NOT (${IS_BEHIND})`,
      seq,
    );
    return row.toArray().length > 0;
  }

  #noteKinds(isWithoutNew: boolean, tried: readonly string[]): void {
    this.#isWithoutNewKind = isWithoutNew;
    this.#tried = tried;
    this.#readied = this.#lanes.readied;
  }

  /** What is ready after one position and before another. */
  #rows(direction: 'ASC' | 'DESC', after: number, before: number, limit: number): Row[] {
    return this.#sql
      .exec<Row>(
        `SELECT seq, position, lane, type, ${IS_BEHIND} AS is_behind FROM deliveries AS first
         WHERE state = 'ready' AND position > ? AND position < ? ORDER BY position ${direction} LIMIT ?`,
        after,
        Math.min(before, Number.MAX_SAFE_INTEGER),
        limit,
      )
      .toArray();
  }
}
