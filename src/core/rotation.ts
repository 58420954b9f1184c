/** Secrets and tokens of which several may be in force at a time: the newest, and those before it until they end. */

export interface Ending {
  /** null: as long as it is the newest. */
  readonly untilMs: number | null;
}

export function isInForce({ untilMs }: Ending, nowMs: number): boolean {
  return untilMs === null || nowMs < untilMs;
}

/** Puts a new one in front; the others stay in force for `overlapMs` at most, and those that have ended go. */
export function rotated<T extends Ending>(
  present: readonly T[],
  newest: T,
  overlapMs: number,
  nowMs: number,
): T[] {
  const ending = present.map((one) => ({
    ...one,
    untilMs: Math.min(one.untilMs ?? Infinity, nowMs + overlapMs),
  }));
  return [newest, ...ending.filter((one) => isInForce(one, nowMs))];
}
