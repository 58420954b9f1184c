/**
 * Keeps a hook's object below its size: the oldest deliveries that have ended go, never what is pending. In bounded
 * steps, one with each call that adds to the object, so that no call is long and the steps keep pace.
 */
import type { DeliveryState } from '../core/delivery.ts';
import { readBounds, writeBounds } from './bounds.ts';
import { isPending } from './delivery-states.ts';
import type { HookMemory } from './hook-memory.ts';
import { noteLastSuccess } from './purge.ts';

const ROWS_DELETED = 250;
const ROWS_LOOKED_AT = 2_500;
/** Where nothing has ended there is nothing to delete: that is not looked for with each call. */
const LOOK_AGAIN_MS = 60_000;

export class Room {
  readonly #memory: HookMemory;
  readonly #maxBytes: () => number;
  /** Where the next step begins. What is pending below it is passed over until all has been looked through. */
  #fromSeq = 0;
  #deletedInPass = 0;
  #nextLookMs = -Infinity;

  /** `maxBytes`: of the whole object, without pages that are free. */
  constructor(memory: HookMemory, maxBytes: () => number) {
    this.#memory = memory;
    this.#maxBytes = maxBytes;
  }

  /** One step, where the object is larger than it may be. */
  keep(nowMs: number): void {
    if (this.#memory.sql.databaseSize > this.#maxBytes() && nowMs >= this.#nextLookMs) this.make(nowMs);
  }

  /** One step, however large the object is. */
  make(nowMs: number): void {
    const { ended, lastSeq } = this.#memory.commitBeside((hook) => {
      const { sql } = this.#memory;
      // What the log has yet to offer in its turn stays: without its row it would be taken as new.
      const rows = sql
        .exec<{ seq: number; state: DeliveryState }>(
          'SELECT seq, state FROM deliveries WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ?',
          this.#fromSeq,
          hook.queue.offeredSeq,
          ROWS_LOOKED_AT,
        )
        .toArray();
      const ended = rows
        .filter(({ seq, state }) => !isPending(state) && !hook.queue.isInFlight(seq))
        .map(({ seq }) => seq)
        .slice(0, ROWS_DELETED);
      const last = ended.at(-1);
      if (last !== undefined) {
        noteLastSuccess(sql, hook);
        sql.exec(
          'DELETE FROM deliveries WHERE seq IN (SELECT value FROM json_each(?))',
          JSON.stringify(ended),
        );
        const bounds = readBounds(sql);
        const purgedBefore = Math.max(bounds.purgedBefore, last + 1);
        writeBounds(sql, { ...bounds, sequenceFloor: hook.queue.lastSequence, purgedBefore });
      }
      const isFullStep = ended.length === ROWS_DELETED;
      const isAll = rows.length < ROWS_LOOKED_AT && !isFullStep;
      return { ended, lastSeq: isAll ? null : isFullStep ? last : rows.at(-1)?.seq };
    });
    this.#deletedInPass += ended.length;
    this.#fromSeq = (lastSeq ?? -1) + 1;
    if (lastSeq !== null) return;
    if (this.#deletedInPass === 0) this.#nextLookMs = nowMs + LOOK_AGAIN_MS;
    this.#deletedInPass = 0;
  }
}
