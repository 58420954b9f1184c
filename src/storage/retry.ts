/** When what has failed is tried again: after `firstMs`, then twice as long each time, at most `lastMs`. */
export interface Retry {
  readonly firstMs: number;
  readonly lastMs: number;
}

/** `failures`: in a row, from 1. */
export function retryAtMs({ firstMs, lastMs }: Retry, failures: number, nowMs: number): number {
  return nowMs + Math.min(lastMs, firstMs * 2 ** (failures - 1));
}

/** A stored time of a next try: when it is due. One set before the clock was set back keeps nobody waiting. */
export function dueMs({ lastMs }: Retry, retryAtMs: number, nowMs: number): number {
  return retryAtMs > nowMs + lastMs ? nowMs : retryAtMs;
}
