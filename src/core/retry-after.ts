/** Retry-After, strictly: whole seconds or an HTTP date (RFC 9110, 10.2.3). Anything else says nothing. */

const MAX_MS = 24 * 3_600_000;
const SECONDS = /^\d{1,10}$/;
/** The three forms of an HTTP date: IMF-fixdate, RFC 850 and asctime. */
const HTTP_DATE =
  /^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, \d\d-(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-\d\d \d\d:\d\d:\d\d GMT|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d \d{4})$/;

/** Milliseconds to wait from now, at most 24 h; null: the header is absent, malformed, zero or past. */
export function retryAfterMs(text: string | null, nowMs: number): number | null {
  if (text === null) return null;
  const value = text.trim();
  const waitMs = SECONDS.test(value) ? Number(value) * 1000 : dateMs(value) - nowMs;
  return waitMs > 0 ? Math.min(waitMs, MAX_MS) : null;
}

/** NaN when the text is no HTTP date. */
function dateMs(value: string): number {
  if (!HTTP_DATE.test(value)) return NaN;
  return Date.parse(value.endsWith('GMT') ? value : `${value} GMT`);
}
