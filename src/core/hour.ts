/** Hours of UTC, numbered from the Unix epoch: what figures over time are kept by. */
export const HOUR_MS = 3_600_000;
export const HOURS_PER_DAY = 24;
/** Figures by the hour stay for 90 days. */
export const HOURS_KEPT = 90 * HOURS_PER_DAY;

export function hourOf(ms: number): number {
  return Math.floor(ms / HOUR_MS);
}
