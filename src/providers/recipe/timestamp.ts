/** The time at which a request was signed. */
import { isRfc3339 } from '../../core/time.ts';
import { type TimestampSpot } from './recipe.ts';

export const DEFAULT_TOLERANCE_SECONDS = 300;

/** In the one spelling that a sender writes. */
const UNIX_TIME = /^[1-9]\d{0,15}$/;

/** Whether the time is near enough to that of receipt; a text that is no time never is. */
export function isTimely(
  text: string,
  { unit, toleranceSeconds = DEFAULT_TOLERANCE_SECONDS }: TimestampSpot,
  nowMs: number,
): boolean {
  const timeMs = timeOf(text, unit);
  if (timeMs === null) return false;
  return toleranceSeconds === null || Math.abs(nowMs - timeMs) <= toleranceSeconds * 1000;
}

function timeOf(text: string, unit: TimestampSpot['unit']): number | null {
  if (unit === 'iso') return isRfc3339(text) ? Date.parse(text) : null;
  if (!UNIX_TIME.test(text)) return null;
  return unit === 's' ? Number(text) * 1000 : Number(text);
}
