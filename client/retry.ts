/** Which calls are made once more, and after how long. */
const FIRST_WAIT_MS = 250;
const MAX_WAIT_MS = 30_000;
/** They say that the same request may well succeed a little later. */
const PASSING = [429, 502, 503, 504];

export interface Try {
  /** The same call again does no harm: it reads, or it carries an Idempotency-Key. */
  readonly isSafe: boolean;
  /** From 1. */
  readonly number: number;
  readonly maxTries: number;
  /** null: no answer came. */
  readonly status: number | null;
  readonly retryAfterSeconds: number | null;
}

/** How long to wait before the next try; null: this was the last. `dice` is from 0 to 1. */
export function waitBeforeNext(tried: Try, dice: number): number | null {
  const { isSafe, number, maxTries, status, retryAfterSeconds } = tried;
  if (!isSafe || number >= maxTries) return null;
  if (status !== null && !PASSING.includes(status)) return null;
  const askedMs = (retryAfterSeconds ?? 0) * 1000;
  // Who would have to wait for minutes is better told now.
  if (askedMs > MAX_WAIT_MS) return null;
  return Math.max(askedMs, backOffMs(number, dice, MAX_WAIT_MS));
}

/** Doubles with each failure in a row, and is spread so that many callers do not come back at once. */
export function backOffMs(failures: number, dice: number, maxMs: number): number {
  const wholeMs = Math.min(maxMs, FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 20));
  return Math.round(wholeMs * (0.5 + dice / 2));
}

/** Seconds, or an HTTP date; null: the header is absent or neither. */
export function retryAfterSeconds(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header);
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? null : Math.max(0, Math.ceil((atMs - nowMs) / 1000));
}

/** Resolves after that time; rejects with the signal's reason when it is aborted. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), ms);
  const aborted = () => {
    clearTimeout(timer);
    reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
  };
  signal?.addEventListener('abort', aborted, { once: true });
  try {
    await promise;
  } finally {
    signal?.removeEventListener('abort', aborted);
  }
}
