/**
 * Tells the event log what attempts came to while somebody watches this hook (`/v1/tail?hook=`). The log says when somebody
 * begins to, and with each answer whether anybody still does; until then an attempt costs nothing more.
 */
import type { Attempted } from './settlement.ts';

/** As a viewer gets it. */
export interface SeenAttempt {
  readonly eventId: string;
  readonly number: number;
  readonly outcome: string;
  readonly statusCode: number | null;
  readonly error: string | null;
  readonly durationMs: number;
}

/** What is not told yet; those beyond it are not told at all. */
const MOST_WAITING = 1_000;

export class Watched {
  readonly #sql: SqlStorage;
  /** False: nobody watches any more. */
  readonly #tell: (attempts: readonly SeenAttempt[]) => Promise<boolean>;
  readonly #waiting: SeenAttempt[] = [];
  /** null: not read yet since the object opened. */
  #isWatched: boolean | null = null;
  /** How often somebody has begun to. */
  #begun = 0;
  #isTelling = false;

  constructor(sql: SqlStorage, tell: (attempts: readonly SeenAttempt[]) => Promise<boolean>) {
    this.#sql = sql;
    this.#tell = tell;
  }

  /** The object has opened. */
  load(): void {
    this.#isWatched = null;
  }

  begin(): void {
    this.#begun += 1;
    if (this.#isWatched === true) return;
    this.#sql.exec('INSERT OR IGNORE INTO watched (id) VALUES (1)');
    this.#isWatched = true;
  }

  saw({ delivery, outcome, report }: Attempted): void {
    // It is so on disk, too: an object that leaves memory is watched still.
    this.#isWatched ??= this.#sql.exec('SELECT 1 FROM watched').toArray().length > 0;
    if (!this.#isWatched || this.#waiting.length >= MOST_WAITING) return;
    this.#waiting.push({
      eventId: delivery.id,
      number: delivery.attempts + 1,
      outcome: outcome.kind,
      statusCode: outcome.statusCode,
      error: outcome.kind === 'delivered' ? null : outcome.error,
      durationMs: report.durationMs,
    });
    if (!this.#isTelling) void this.#tellAll();
  }

  /** Throws nothing: what cannot be told is not, as who watches may ask for it. */
  async #tellAll(): Promise<void> {
    this.#isTelling = true;
    try {
      while (this.#waiting.length > 0) {
        const begun = this.#begun;
        const isWatched = await this.#tell(this.#waiting.splice(0));
        if (isWatched || begun !== this.#begun) continue;
        this.#isWatched = false;
        this.#sql.exec('DELETE FROM watched');
        return;
      }
    } catch (error) {
      console.warn('attempts are not shown to who watches', { error: String(error) });
    } finally {
      this.#isTelling = false;
    }
  }
}
