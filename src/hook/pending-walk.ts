/**
 * Goes through everything that is pending, a bounded part at a time, by the indexes that the queue has anyway. What
 * joins the queue after the walk has begun is not part of it. Those of a lane come last to first, and what is ready
 * comes last of all: what is freed when another one ends has still to come.
 *
 * Between two parts the queue goes on. A delivery that changes its state meanwhile may be found twice or not at all.
 */
import { HELD_BACK } from './deliveries.ts';

export interface Pending {
  readonly seq: number;
  readonly lane: string | null;
  readonly type: string;
  readonly subject: string | null;
  readonly createdAtMs: number;
}

interface Part {
  readonly pending: readonly Pending[];
  /** As many rows were looked at as may be in one turn. */
  readonly isFull: boolean;
}

type Row = Record<string, SqlStorageValue> & {
  seq: number;
  lane: string | null;
  retry_at: number | null;
  position: number;
  type: string;
  subject: string | null;
  created_at: number;
};

const COLUMNS = 'seq, lane, retry_at, position, type, subject, created_at';
const STAGES = ['in-lanes', 'in-no-lane', 'ready'] as const;

export class PendingWalk {
  readonly #sql: SqlStorage;
  readonly #lastPosition: number;
  #stage = 0;
  /** The last row that the present stage has come to. */
  #last: Row | null = null;

  /** `lastPosition`: the last one that the queue has given out. */
  constructor(sql: SqlStorage, lastPosition: number) {
    this.#sql = sql;
    this.#lastPosition = lastPosition;
  }

  /** The next part, out of `limit` rows at most; null: there is no more. */
  next(limit: number): Part | null {
    const stage = STAGES[this.#stage];
    if (stage === undefined) return null;
    const rows = this.#rows(stage, limit);
    const isFull = rows.length === limit;
    this.#last = isFull ? (rows.at(-1) ?? null) : null;
    if (!isFull) this.#stage += 1;
    const pending = rows.filter((row) => row.position <= this.#lastPosition && isOf(stage, row));
    return { pending: pending.map(toPending), isFull };
  }

  #rows(stage: (typeof STAGES)[number], limit: number): Row[] {
    const last = this.#last;
    switch (stage) {
      case 'ready':
        return this.#sql
          .exec<Row>(
            `SELECT ${COLUMNS} FROM deliveries WHERE state = 'ready' AND position < ?
             ORDER BY position DESC LIMIT ?`,
            last?.position ?? this.#lastPosition + 1,
            limit,
          )
          .toArray();
      case 'in-lanes':
        return last === null
          ? this.#inLanes('', limit)
          : this.#inLanes('AND (lane, position) < (?, ?)', last.lane, last.position, limit);
      case 'in-no-lane':
        return this.#sql
          .exec<Row>(
            `SELECT ${COLUMNS} FROM deliveries WHERE state = 'retrying' AND (retry_at, position) > (?, ?)
             ORDER BY retry_at, position LIMIT ?`,
            last?.retry_at ?? -1,
            last?.position ?? -1,
            limit,
          )
          .toArray();
    }
  }

  #inLanes(beyond: string, ...bound: SqlStorageValue[]): Row[] {
    return this.#sql
      .exec<Row>(
        `SELECT ${COLUMNS} FROM deliveries WHERE ${HELD_BACK} ${beyond}
         ORDER BY lane DESC, position DESC LIMIT ?`,
        ...bound,
      )
      .toArray();
  }
}

/** Retries of lanes have come with their lanes. */
function isOf(stage: (typeof STAGES)[number], { lane }: Row): boolean {
  return stage !== 'in-no-lane' || lane === null;
}

function toPending({ seq, lane, type, subject, created_at: createdAtMs }: Row): Pending {
  return { seq, lane, type, subject, createdAtMs };
}
