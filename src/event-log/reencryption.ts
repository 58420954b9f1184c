/**
 * Brings the secrets of a log under the first key: some rows at a time, each step a commit with how far it has come, so that
 * what was cut off goes on from there. What is written meanwhile is under that key by itself. The object of a hook seals
 * anew what it is told, so it is told what stands.
 */
import type { OpenLog } from './open-log.ts';
import { forgetKey, notedKeys } from './sealed-under.ts';

/** In this order. */
const STAGES = ['sources', 'hooks', 'answers'] as const;
type Stage = (typeof STAGES)[number];

const ROWS_AT_ONCE = 50;

export interface ReencryptionState {
  /** Rows and objects of hooks that are still to be looked at. */
  readonly remaining: number;
  /** Rows with a secret that does not decrypt, and stays as it is. */
  readonly unreadable: number;
}

/** What has become of a row. */
export interface Resealed {
  /** Its place in the order of its table. */
  readonly place: number | string;
  /** What was sealed under another key, or not at all, is under the first one. */
  readonly isChanged: boolean;
  readonly isLegible: boolean;
}

export interface ReencryptionHost {
  /** All that `work` writes, or nothing. */
  transaction(work: () => void): void;
  /** Notes that the object of this hook is to be told what stands. */
  noteTelling(hookId: number): void;
  /** How many objects of hooks are still to be told something. */
  untold(): number;
  /** There is more to do than before. */
  changed(): void;
}

interface Progress {
  /** Id of the first key when it began. */
  readonly keyId: string;
  /** null: all rows have been looked at. */
  readonly stage: Stage | null;
  readonly after: number | string;
  readonly unreadable: number;
}

export class Reencryption {
  readonly #sql: SqlStorage;
  readonly #log: OpenLog;
  readonly #host: ReencryptionHost;
  readonly #keyId: string | null;
  /** Null: none was asked for under the first key of now. */
  #progress: Progress | null;

  constructor(sql: SqlStorage, log: OpenLog, host: ReencryptionHost) {
    this.#sql = sql;
    this.#log = log;
    this.#host = host;
    this.#keyId = log.vault.ring[0]?.id ?? null;
    this.#progress = this.#kept();
  }

  /** Begins, or goes on, and does a step of it. Once all is done, repeating it looks at nothing again. */
  run(): ReencryptionState {
    if (this.#keyId === null) throw new Error('expected a key to encrypt under');
    if (this.#progress === null)
      this.#save({ keyId: this.#keyId, stage: STAGES[0], after: 0, unreadable: 0 });
    this.goOn();
    return { remaining: this.#remaining(), unreadable: this.#progress?.unreadable ?? 0 };
  }

  /** When there is a step to do; Infinity: there is none. */
  dueMs(): number {
    return this.#progress?.stage === undefined || this.#progress.stage === null ? Infinity : Date.now();
  }

  /** One step, where one is due. */
  goOn(): void {
    const progress = this.#progress;
    if (progress?.stage === undefined || progress.stage === null) return;
    const { stage, after } = progress;
    this.#commit(() => {
      const rows = this.#rowsOf(stage).reseal(after, ROWS_AT_ONCE);
      for (const { place, isChanged } of rows)
        if (stage === 'hooks' && isChanged) this.#host.noteTelling(Number(place));
      const unreadable = progress.unreadable + rows.filter(({ isLegible }) => !isLegible).length;
      this.#save({ ...progress, ...nextPlace(stage, after, rows), unreadable });
    });
    this.#host.changed();
  }

  #rowsOf(stage: Stage) {
    const { sources, hooks, answers } = this.#log;
    return { sources: sources.rows, hooks: hooks.rows, answers }[stage];
  }

  #commit(work: () => void): void {
    try {
      this.#host.transaction(work);
    } catch (error) {
      this.#progress = this.#kept();
      throw error;
    }
  }

  #remaining(): number {
    const { stage = null, after = 0 } = this.#progress ?? {};
    const first = stage === null ? STAGES.length : STAGES.indexOf(stage);
    const rows = STAGES.slice(first).map((one) => this.#rowsOf(one).countAfter(one === stage ? after : null));
    return rows.reduce((sum, count) => sum + count, 0) + this.#host.untold();
  }

  #kept(): Progress | null {
    const [row] = this.#sql
      .exec<{ key_id: string; stage: Stage | null; after: number | string; unreadable: number }>(
        'SELECT * FROM reencryption',
      )
      .toArray();
    if (row === undefined || row.key_id !== this.#keyId) return null;
    // Something was sealed under another key since.
    if (row.stage === null && this.#others().length > 0) return null;
    return { keyId: row.key_id, stage: row.stage, after: row.after, unreadable: row.unreadable };
  }

  #save(progress: Progress): void {
    this.#sql.exec('DELETE FROM reencryption');
    this.#sql.exec(
      'INSERT INTO reencryption (key_id, stage, after, unreadable) VALUES (?, ?, ?, ?)',
      progress.keyId,
      progress.stage,
      progress.after,
      progress.unreadable,
    );
    if (progress.stage === null) for (const id of this.#others()) forgetKey(this.#sql, id);
    this.#progress = progress;
  }

  /** Ids of keys besides the first one under which something was sealed. */
  #others(): string[] {
    return notedKeys(this.#sql).filter((id) => id !== this.#keyId);
  }
}

function nextPlace(
  stage: Stage,
  after: Progress['after'],
  rows: readonly Resealed[],
): Pick<Progress, 'stage' | 'after'> {
  if (rows.length === ROWS_AT_ONCE) return { stage, after: rows.at(-1)?.place ?? after };
  const next = STAGES[STAGES.indexOf(stage) + 1] ?? null;
  return { stage: next, after: next === 'answers' ? '' : 0 };
}
