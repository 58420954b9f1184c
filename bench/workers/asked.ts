/** What the bench asks of its own Workers, and what they answer. */

/** Copies of the first delivery of a queue. */
export interface Seed {
  readonly count: number;
  /** In how many subjects; null: in that of the delivery that is copied. */
  readonly subjects: number | null;
  /** They wait for a retry tomorrow. */
  readonly isBlocked: boolean;
}

/** Copies of the first hook of a log. */
export interface Register {
  readonly count: number;
  /** How many patterns each of them has, which no other has; 0: one, that it shares with some. */
  readonly patternsOfEach: number;
}

/** Name of the hooks that hang, in `hanging.ts`. */
export const HANGING = 'hangs';

/** Name of the hooks that are full, in `full.ts`, and how many deliveries they have room for. */
export const FULL = 'full';
export const ROOM_OF_FULL = 40;

/** Since the Worker was started. */
export interface Meter {
  readonly rowsRead: number;
  /** An alarm that is set is billed as one, and not in SQLite's count. */
  readonly rowsWritten: number;
  /** Calls of objects, and wakes by their alarms. */
  readonly objectRequests: number;
  readonly switchboardRequests: number;
  readonly kvReads: number;
}
