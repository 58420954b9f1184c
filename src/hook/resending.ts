/**
 * What goes out before its time or once more: made due now by hand or by the end of an outage, reopened by hand after it
 * has ended, put back into its lane by a replay.
 */
import type { Ordering } from '../core/hook-config.ts';
import { laneOf } from '../core/lane.ts';
import { OUTCOME_TABLE } from '../core/outcome.ts';
import type { StoredEvent } from '../core/stored-event.ts';
import type { Chooser } from './chooser.ts';
import { bytesOf, DUE_AT_ONCE, HELD_BACK, PENDING, type ReplayedState } from './deliveries.ts';
import { MANUAL } from './delivery-row.ts';
import type { Lanes } from './lanes.ts';
import type { Pending } from './pending-walk.ts';
import type { Tally } from './tally.ts';

/** What the last failure of a delivery is about, by the table of outcomes. */
const ABOUT_LAST = `CASE ${OUTCOME_TABLE.flatMap(({ statuses, about }) =>
  statuses === 'give-up-on'
    ? []
    : statuses.map(
        ([first, last]) =>
          `WHEN json_extract(attempt_log, '$[#-1].statusCode') BETWEEN ${first} AND ${last} THEN '${about}'`,
      ),
).join(' ')} END`;
/** When the attempt before the last one ended; null: there was none. */
const ENDED_BEFORE_LAST = `CAST(round((julianday(json_extract(attempt_log, '$[#-2].at')) - 2440587.5) * 86400000) AS INTEGER)
  + json_extract(attempt_log, '$[#-2].durationMs')`;

export class Resending {
  readonly #sql: SqlStorage;
  readonly #tally: Tally;
  readonly #lanes: Lanes;
  readonly #chooser: Chooser;

  constructor(sql: SqlStorage, tally: Tally, lanes: Lanes, chooser: Chooser) {
    this.#sql = sql;
    this.#tally = tally;
    this.#lanes = lanes;
    this.#chooser = chooser;
  }

  /** A pending delivery goes out next, whatever stands before it. */
  retryNow(seq: number): void {
    this.#chooser.changed();
    this.#sql.exec(`UPDATE deliveries SET manual = 1 WHERE seq = ? AND ${PENDING}`, seq);
  }

  /** All that is to be tried again is due now, in order; steps stay used. False: there is none. */
  makeDue(): boolean {
    this.#chooser.changed();
    const { rowsWritten } = this.#sql.exec(
      `UPDATE deliveries SET retry_at = ${DUE_AT_ONCE} WHERE state = 'retrying'`,
    );
    return rowsWritten > 0;
  }

  /** Each of these is due now, or, where it waits in its lane, the head of that; steps stay used. */
  makeTheseDue(pending: readonly Pending[], nowMs: number): void {
    this.#chooser.changed();
    for (const { seq, lane } of pending)
      if (lane === null)
        this.#sql.exec(
          `UPDATE deliveries SET retry_at = ${DUE_AT_ONCE}
           WHERE seq = ?2 AND state = 'retrying' AND retry_at > ?1`,
          nowMs,
          seq,
        );
    const lanes = new Set(pending.flatMap(({ lane }) => lane ?? []));
    for (const lane of lanes)
      this.#sql.exec(
        `UPDATE deliveries SET retry_at = ${DUE_AT_ONCE} WHERE state = 'retrying' AND retry_at > ?1 AND seq = (
           SELECT seq FROM deliveries WHERE lane = ?2 AND ${HELD_BACK} ORDER BY position LIMIT 1)`,
        nowMs,
        lane,
      );
  }

  /**
   * All that failed since then is due now, in order; steps stay used. Not what the receiver has refused for its own sake,
   * nor, after a brief outage, what had failed before it as well: that keeps to its schedule.
   */
  releaseOutage(sinceMs: number, isBrief: boolean): void {
    this.#chooser.changed();
    this.#sql.exec(
      `UPDATE deliveries SET retry_at = ${DUE_AT_ONCE} WHERE state = 'retrying' AND failed_at >= ?1
         AND ${ABOUT_LAST} IS NOT 'request' AND (?2 = 0 OR ifnull(${ENDED_BEFORE_LAST}, ?1) >= ?1)`,
      sinceMs,
      isBrief ? 1 : 0,
    );
  }

  /**
   * An ended delivery goes out again by hand, with a fresh schedule and in no lane: it waits for nobody and holds back
   * nobody.
   */
  reopen(event: StoredEvent, state: ReplayedState, nowMs: number): void {
    this.#reopen(event, state, { state: 'ready', manual: 1, replay: MANUAL, lane: null }, nowMs);
  }

  /** An ended delivery joins the tail of its lane, with a fresh schedule, and keeps its number. */
  requeue(event: StoredEvent, from: ReplayedState, ordering: Ordering, replay: string, nowMs: number): void {
    const lane = laneOf(ordering, event.source, event.subject);
    this.#reopen(event, from, { state: this.#lanes.stateAtTail(lane), manual: 0, replay, lane }, nowMs);
  }

  #reopen(
    event: StoredEvent,
    from: ReplayedState,
    to: { state: 'ready' | 'waiting'; manual: 0 | 1; replay: string; lane: string | null },
    nowMs: number,
  ): void {
    this.#chooser.changed();
    const bytes = bytesOf(event);
    const position = this.#tally.lastPosition + 1;
    this.#sql.exec(
      `UPDATE deliveries SET reopened_from = ?, state = ?, manual = ?, replay = ?, lane = ?, position = ?,
         finished_at = iif(state = 'delivered', finished_at, NULL), reopened_at = ?, steps = 0, reason = NULL,
         source = ?, event = ?, bytes = ?, kind = ?, content_type = ?, head = ?, raw = ? WHERE seq = ?`,
      from,
      to.state,
      to.manual,
      to.replay,
      to.lane,
      position,
      nowMs,
      event.source,
      event.event,
      bytes,
      event.kind,
      event.contentType,
      event.head,
      event.raw,
      event.seq,
    );
    if (to.state === 'ready') this.#chooser.joined({ seq: event.seq, lane: to.lane }, event.type);
    this.#tally.added(position, bytes, from === 'delivered');
  }
}
