/**
 * The token bucket of a hook's `rateLimit`. It holds what comes in within `BURST_MS`, and refills so much slower than
 * `perSecond` that a full one and what comes in meanwhile are together never more: in no second do more than
 * `perSecond` attempts start. Pure: the clock is an argument.
 */

/** A hook's `rateLimit` member. */
export interface RateLimit {
  /** 1 to 1000. */
  readonly perSecond: number;
}

/** When the bucket is full again, in ms of the Unix epoch; at that time or later it is. */
export type Bucket = number;

/** Makes good what a late wake has missed. The price: the rate in the long run is that much below `perSecond`. */
const BURST_MS = 50;

/** Of a hook whose last second nobody remembers: as if every token had just been taken. */
export function emptyBucket(rate: RateLimit | null, nowMs: number): Bucket {
  return rate === null ? -Infinity : nowMs + BURST_MS + tokenMs(rate);
}

/** Whole ms from which on an attempt may start; now or earlier: one may. No limit: -Infinity. */
export function nextTokenMs(bucket: Bucket, rate: RateLimit | null, nowMs: number): number {
  if (rate === null) return -Infinity;
  // Later than an empty one: another limit made it, or the clock was set back.
  return Math.ceil(Math.min(bucket, emptyBucket(rate, nowMs)) - BURST_MS);
}

/** The bucket after an attempt that starts now. */
export function withoutToken(bucket: Bucket, rate: RateLimit | null, nowMs: number): Bucket {
  if (rate === null) return bucket;
  return Math.max(nowMs, Math.min(bucket, emptyBucket(rate, nowMs))) + tokenMs(rate);
}

/** In which one token comes in. */
function tokenMs({ perSecond }: RateLimit): number {
  return (1000 + BURST_MS) / perSecond;
}
