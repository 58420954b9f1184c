/**
 * Calls within a minute, in two numbers whatever their count: those of this minute and those of the one before, of which
 * as much counts as still lies within the last sixty seconds, as if they had come evenly.
 */
const MINUTE_MS = 60_000;

export interface MinuteCount {
  /** Minutes since the epoch. */
  readonly minute: number;
  readonly inIt: number;
  readonly inTheOneBefore: number;
}

/** One more call; null: there were `most` within the last minute, and this one does not count. */
export function oneMore(count: MinuteCount | undefined, most: number, nowMs: number): MinuteCount | null {
  const { minute, inIt, inTheOneBefore } = at(nowMs, count);
  const stillWithin = 1 - (nowMs % MINUTE_MS) / MINUTE_MS;
  if (inIt + inTheOneBefore * stillWithin >= most) return null;
  return { minute, inIt: inIt + 1, inTheOneBefore };
}

function at(nowMs: number, count: MinuteCount | undefined): MinuteCount {
  const minute = Math.floor(nowMs / MINUTE_MS);
  if (count?.minute === minute) return count;
  return { minute, inIt: 0, inTheOneBefore: count?.minute === minute - 1 ? count.inIt : 0 };
}
