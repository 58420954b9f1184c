/**
 * Which delivery goes out next, and when: by hand first, then what has the turn (core/probe.ts): mostly the due retry or
 * the ready row with the lowest position. A ready delivery need not know what stands before it: only when it turns out to stand behind a retry of its lane is it
 * set aside. So finding the next is one indexed query however long the queue and however many lanes are blocked.
 */
import type { DeliveryState } from '../core/delivery.ts';
import { FIFO_LANE } from '../core/lane.ts';
import type { Turn } from '../core/probe.ts';
import type { Claims } from './claims.ts';
import { HELD_BACK } from './deliveries.ts';
import { IS_BEHIND, type Lanes } from './lanes.ts';
import { Outlook, type Upcoming } from './outlook.ts';
import { ProbeSearch } from './probe-search.ts';
import type { Tally } from './tally.ts';

/** Deliveries set to waiting in one turn, so that a long backlog behind one lane does not hold the object. */
const SET_ASIDE_AT_ONCE = 1000;
/** Deliveries looked up at once. */
const LOOKED_AHEAD = 64;
/** `json`: the placeholder of the claimed ones. */
const unclaimed = (json: string) => `seq NOT IN (SELECT value FROM json_each(${json}))`;

export class Chooser {
  readonly #sql: SqlStorage;
  readonly #claims: Claims;
  readonly #lanes: Lanes;
  readonly #tally: Tally;
  /** null: to be looked up, or something is due that is not simply next. */
  #outlook: Outlook | null = null;
  readonly #probes: ProbeSearch;

  constructor(sql: SqlStorage, claims: Claims, lanes: Lanes, tally: Tally) {
    this.#sql = sql;
    this.#tally = tally;
    this.#claims = claims;
    this.#lanes = lanes;
    this.#probes = new ProbeSearch(sql, claims, lanes);
  }

  /** To be called before anything but the tail of the queue changes. */
  changed(): void {
    this.#outlook = null;
    this.#lanes.mayHoldBack = true;
    this.#probes.restart();
  }

  /** One more is ready at the tail of the queue. */
  joined(upcoming: Upcoming, type: string): void {
    this.#outlook?.add(upcoming);
    this.#probes.joined(type);
  }

  claimed(seq: number): void {
    this.#outlook?.remove(seq);
  }

  /** What was looked up left out one that may be next again. */
  released(): void {
    this.#outlook = null;
    this.#probes.restart();
  }

  /** One that was asked for by hand has not gone out yet. */
  get hasManual(): boolean {
    // Where one has been asked for, there is no outlook.
    return this.#outlook === null && this.#tally.pending > 0 && this.manual() !== null;
  }

  /** `more`: what was looked at may not go out, and there is more to look at. */
  next(nowMs: number, turn: Turn): number | 'more' | null {
    if (turn.tried === null) {
      this.#probes.forget();
      const first = this.upcoming(nowMs);
      if (first !== 'unknown') return first;
    }
    const manual = this.manual();
    if (manual !== null) return manual;
    const retries = turn.retryFromMs <= nowMs;
    switch (turn.first) {
      case 'position':
        return this.#first(nowMs, { retries, fresh: true });
      case 'retry':
        return (retries ? this.#first(nowMs, { retries, fresh: false }) : null) ?? this.#fresh(nowMs, turn);
      case 'fresh':
        return this.#fresh(nowMs, turn) ?? (retries ? this.#first(nowMs, { retries, fresh: false }) : null);
    }
  }

  /** Of what has not been tried. */
  #fresh(nowMs: number, turn: Turn): number | 'more' | null {
    if (turn.tried === null) return this.#first(nowMs, { retries: false, fresh: true });
    return this.#probes.next(nowMs, turn);
  }

  /** The first in the queue of those that may go out. */
  #first(nowMs: number, { retries, fresh }: { retries: boolean; fresh: boolean }): number | 'more' | null {
    for (let setAside = 0; setAside < SET_ASIDE_AT_ONCE; setAside += 1) {
      const row = this.#sql
        .exec<{ seq: number; lane: string | null; state: DeliveryState; is_behind: number }>(
          `SELECT seq, lane, state, ${IS_BEHIND} AS is_behind
           FROM (
             SELECT * FROM (SELECT seq, lane, state, position FROM deliveries
               WHERE state = 'retrying' AND retry_at <= ?1 AND ?3 AND ${unclaimed('?2')}
               ORDER BY retry_at, position LIMIT 1)
             UNION ALL
             SELECT * FROM (SELECT seq, lane, state, position FROM deliveries
               WHERE state = 'ready' AND ?4 AND ${unclaimed('?2')} ORDER BY position LIMIT 1)
           ) AS first ORDER BY position LIMIT 1`,
          nowMs,
          this.#claims.json,
          retries ? 1 : 0,
          fresh ? 1 : 0,
        )
        .toArray()[0];
      if (row === undefined) return null;
      const isBehind = row.is_behind !== 0 || this.#claims.isBusy(row.lane);
      if (!isBehind) return row.seq;
      // With one lane for all, whatever else is ready stands behind the same one.
      if (row.lane === FIFO_LANE) return retries ? this.#nextInNoLane(nowMs) : null;
      this.changed();
      this.#lanes.setAside(row.seq);
    }
    return 'more';
  }

  /** What is simply next. `unknown`: that takes more than a look; null: nothing is due. */
  upcoming(nowMs: number): number | 'unknown' | null {
    this.#look(nowMs);
    return this.#outlook === null ? 'unknown' : this.#outlook.first((lane) => this.#claims.isBusy(lane));
  }

  /** The next one that was asked for by hand. */
  manual(): number | null {
    const row = this.#sql
      .exec<{ seq: number }>(
        `SELECT seq FROM deliveries WHERE manual = 1 AND ${unclaimed('?')} ORDER BY position LIMIT 1`,
        this.#claims.json,
      )
      .toArray()[0];
    return row?.seq ?? null;
  }

  /** When the next delivery may go out: now or earlier, at a retry's time, or never (Infinity) by itself. */
  dueMs(nowMs: number, turn: Turn): number {
    if (this.next(nowMs, turn) !== null) return nowMs;
    if (turn.tried === null && this.#outlook !== null) return this.#outlook.untilMs;
    return Math.min(
      this.#retryDueMs(nowMs, turn),
      turn.tried === null ? Infinity : this.#probeDueMs(nowMs, turn),
    );
  }

  #retryDueMs(nowMs: number, { retryFromMs }: Turn): number {
    // What is due and did not go out waits for something else, unless it is for its turn.
    const afterMs = retryFromMs > nowMs ? -Infinity : nowMs;
    const row = this.#sql
      .exec<{ at: number }>(
        `SELECT retry_at AS at FROM deliveries WHERE state = 'retrying' AND retry_at > ?1 AND ${unclaimed('?2')}
         ORDER BY retry_at LIMIT 1`,
        Math.max(afterMs, -1),
        this.#claims.json,
      )
      .toArray()[0];
    return row === undefined ? Infinity : Math.max(row.at, retryFromMs);
  }

  #probeDueMs(nowMs: number, { newKindFromMs, triedKindFromMs }: Turn): number {
    const times = this.#probes.isWithoutNewKind ? [triedKindFromMs] : [newKindFromMs, triedKindFromMs];
    const nextMs = Math.min(...times.filter((atMs) => atMs > nowMs), Infinity);
    if (nextMs === Infinity) return Infinity;
    const ready = this.#sql.exec(`SELECT 1 FROM deliveries WHERE state = 'ready' LIMIT 1`);
    return ready.toArray().length > 0 ? nextMs : Infinity;
  }

  /** Of retries alone: what was reopened does not wait for the one lane of the others. */
  #nextInNoLane(nowMs: number): number | null {
    const row = this.#sql
      .exec<{ seq: number }>(
        `SELECT seq FROM deliveries WHERE state = 'retrying' AND retry_at <= ?1 AND lane IS NULL AND ${unclaimed('?2')}
         ORDER BY retry_at, position LIMIT 1`,
        nowMs,
        this.#claims.json,
      )
      .toArray()[0];
    return row?.seq ?? null;
  }

  /** Looks ahead, unless that was done and still holds. */
  #look(nowMs: number): void {
    if (this.#outlook !== null && nowMs < this.#outlook.untilMs && !this.#outlook.isUsedUp) return;
    this.#outlook = null;
    if (this.#tally.pending === 0) {
      this.#lanes.mayHoldBack = false;
      this.#outlook = new Outlook([], true, LOOKED_AHEAD, Infinity);
      return;
    }
    const now = this.#sql
      .exec<{ retry_at: number | null; is_manual: number; is_held_back: number }>(
        `SELECT (SELECT retry_at FROM deliveries WHERE state = 'retrying' ORDER BY retry_at LIMIT 1) AS retry_at,
           EXISTS (SELECT 1 FROM deliveries WHERE manual = 1) AS is_manual,
           EXISTS (SELECT 1 FROM deliveries WHERE ${HELD_BACK}) AS is_held_back`,
      )
      .one();
    this.#lanes.mayHoldBack = now.is_held_back === 1;
    const untilMs = now.retry_at ?? Infinity;
    if (now.is_manual === 1 || untilMs <= nowMs) return;
    const upcoming = this.#sql
      .exec<{ seq: number; lane: string | null; is_behind: number }>(
        `SELECT seq, lane, ${IS_BEHIND} AS is_behind FROM deliveries AS first
         WHERE state = 'ready' AND ${unclaimed('?1')} ORDER BY position LIMIT ?2`,
        this.#claims.json,
        LOOKED_AHEAD,
      )
      .toArray();
    const behind = upcoming.findIndex(({ is_behind }) => is_behind === 1);
    if (behind === 0) return;
    const free = behind < 0 ? upcoming : upcoming.slice(0, behind);
    const isWhole = behind < 0 && upcoming.length < LOOKED_AHEAD;
    this.#outlook = new Outlook(free, isWhole, LOOKED_AHEAD, untilMs);
  }
}
