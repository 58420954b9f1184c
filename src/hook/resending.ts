/**
 * What goes out before its time or once more: made due now by hand or by the end of an outage, reopened by hand after it
 * has ended, put back into its lane by a replay.
 */
import type { Ordering } from '../core/hook-config.ts';
import { laneOf } from '../core/lane.ts';
import type { StoredEvent } from '../event-log/event-store.ts';
import type { Chooser } from './chooser.ts';
import { bytesOf, MANUAL, PENDING, type ReplayedState } from './deliveries.ts';
import type { Lanes } from './lanes.ts';
import type { Tally } from './tally.ts';

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

  /** The first of those to be tried again is due now: it shows whether the rest may go out. */
  probe(nowMs: number): void {
    this.#chooser.changed();
    this.#sql.exec(
      `UPDATE deliveries SET retry_at = min(retry_at, ?)
       WHERE seq = (SELECT seq FROM deliveries WHERE state = 'retrying' ORDER BY position LIMIT 1)`,
      nowMs,
    );
  }

  /** All that failed since then is due now, in order; steps stay used. */
  releaseOutage(sinceMs: number, nowMs: number): void {
    this.#chooser.changed();
    this.#sql.exec(
      `UPDATE deliveries SET retry_at = ?1 WHERE state = 'retrying' AND failed_at >= ?2`,
      nowMs,
      sinceMs,
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
    this.#tally.added(position, bytes, from === 'delivered');
  }
}
