/** Empties a part of a paused hook's queue, and the same against the bare loop. Rates are the receiver's. */
import type { Bench, BenchTenant } from './bench.ts';

export interface Drained {
  /** Between the first arrival and the last. */
  readonly perSecond: number;
  /** From the call that resumed the hook to the last arrival. */
  readonly tookMs: number;
}

/** Lets so many deliveries of a paused hook through, and some that were under way meanwhile. */
export async function drain(
  bench: Bench,
  tenant: BenchTenant,
  hook: { readonly id: number; readonly path: string },
  count: number,
  receiverMs = 0,
): Promise<Drained> {
  await bench.receiver.ask('reset', hook.path, receiverMs);
  const startMs = performance.now();
  await tenant.api.expect(200, 'POST', `/v1/hooks/${hook.id}/resume`);
  const { atMs } = await bench.receiver.ask('arrivals', hook.path, count);
  const tookMs = performance.now() - startMs;
  await tenant.api.expect(200, 'POST', `/v1/hooks/${hook.id}/pause`);
  return { perSecond: rate(atMs), tookMs };
}

/** What the bare loop does: `isCommitted`, with a commit after each request, else without storage. */
export interface Loop {
  readonly count: number;
  readonly inFlight: number;
  readonly receiverMs?: number;
  readonly isCommitted?: boolean;
}

/** Has an object send signed requests with this body. */
export async function bareLoop(
  bench: Bench,
  body: string,
  { count, inFlight, receiverMs = 0, isCommitted = false }: Loop,
): Promise<Drained> {
  const path = '/bare';
  await bench.receiver.ask('reset', path, receiverMs);
  const startMs = performance.now();
  const query = new URLSearchParams({
    url: bench.target(path),
    count: String(count),
    inFlight: String(inFlight),
    ...(isCommitted ? { committed: '' } : {}),
  });
  const response = await fetch(`${bench.bareUrl}loop?${query.toString()}`, { method: 'POST', body });
  if (!response.ok) throw new Error(`bare loop: ${response.status} ${await response.text()}`);
  const { atMs } = await bench.receiver.ask('arrivals', path, count);
  return { perSecond: rate(atMs), tookMs: performance.now() - startMs };
}

function rate(atMs: readonly number[]): number {
  return (atMs.length - 1) / (((atMs.at(-1) ?? NaN) - (atMs[0] ?? NaN)) / 1000);
}
