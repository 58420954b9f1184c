/** What a replay of a hook needs of the log: which part of it, which events the hook wants now, and their payload. */
import { matches, type Pattern } from '../core/pattern.ts';
import type { ReplayRange, ReplayStatus } from '../hook/replay.ts';
import type { StoredEvent } from '../core/stored-event.ts';
import type { FanOut } from './fan-out.ts';
import { EVERY_HOOK, type HookScope } from './hook-scope.ts';
import type { OpenLog } from './open-log.ts';

/** An RPC message holds 32 MiB; one event may be larger than this. */
const ANSWER_BYTES = 4_000_000;
const ROWS_LOOKED_AT = 5_000;
/** Filters look into the payload, which has to be read. */
const FILTERED_ROWS_LOOKED_AT = 200;
const PLACES_TOLD = 500;

export class Replays {
  readonly #log: OpenLog;
  readonly #fanOut: FanOut;

  constructor(log: OpenLog, fanOut: FanOut) {
    this.#log = log;
    this.#fanOut = fanOut;
  }

  /**
   * The part of the log recorded from `fromMs` on and before `toMs` (null: all there is). Of what has been queued it ends
   * where the fan-out is: what comes to the hook later is not old. Null: no such hook.
   */
  replayRange(
    hookId: number,
    scope: HookScope,
    status: ReplayStatus,
    fromMs: number,
    toMs: number | null,
  ): ReplayRange | null {
    const { hooks, offered, events, lastSeq } = this.#log;
    if (hooks.get(hookId, scope) === null) return null;
    if (status === 'missing') offered.noteBackfill(hookId);
    const endSeq = (status === 'missing' ? lastSeq : this.#fanOut.reachedSeq(hookId)) + 1;
    const fromSeq = events.firstSeqSince(fromMs);
    const toSeq = toMs === null ? endSeq : events.endSeqBefore(toMs);
    return { fromSeq, beforeSeq: Math.max(fromSeq, Math.min(toSeq, endSeq)) };
  }

  /** The events at these places that have their payload; of the first `lookedAt` places, at least one. */
  eventsAt(seqs: readonly number[]): { events: StoredEvent[]; lookedAt: number } {
    const events: StoredEvent[] = [];
    let bytes = 0;
    let lookedAt = 0;
    for (const seq of seqs) {
      const event = this.#log.events.at(seq);
      bytes += event === null ? 0 : event.raw.byteLength + event.head.length;
      if (lookedAt > 0 && bytes > ANSWER_BYTES) break;
      if (event !== null && event.kind !== 'expunged') events.push(event);
      lookedAt += 1;
    }
    return { events, lookedAt };
  }

  /**
   * Places before `beforeSeq` of events that the hook wants as it is now, and the place up to which it has looked. What
   * the fan-out has yet to bring is left to it.
   */
  wantedBy(
    hookId: number,
    fromSeq: number,
    beforeSeq: number,
    types: readonly Pattern[] | null,
  ): { seqs: number[]; nextSeq: number } {
    const { hooks, events } = this.#log;
    const { wishes } = hooks;
    const reachedSeq = this.#fanOut.reachedSeq(hookId);
    const today = hooks.get(hookId, EVERY_HOOK) === null ? null : wishes.now(hookId);
    if (today === null) return { seqs: [], nextSeq: beforeSeq };
    const seqs: number[] = [];
    const limit = today.filters === null ? ROWS_LOOKED_AT : FILTERED_ROWS_LOOKED_AT;
    const rows = events.matched(fromSeq, beforeSeq, limit);
    for (const row of rows) {
      if (seqs.length === PLACES_TOLD) return { seqs, nextSeq: row.seq };
      const isOfType = types === null || types.some((pattern) => matches(pattern, row.type));
      if (!isOfType || wishes.whyUnwanted(today, row) !== null) continue;
      const isToCome = row.seq > reachedSeq && wishes.whySkipped(hookId, row) === null;
      if (!isToCome) seqs.push(row.seq);
    }
    const isAll = rows.length < limit;
    return { seqs, nextSeq: isAll ? beforeSeq : (rows.at(-1)?.seq ?? fromSeq) + 1 };
  }
}
