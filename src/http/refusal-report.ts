/**
 * What the log is told of a refused request beside that there was one. Bounded for each source, so that refused requests
 * are no cheap way to keep a tenant's log busy.
 */
import type { AcceptResult } from '../event-log/intake.ts';
import type { RefusalReport } from '../event-log/refused-requests.ts';
import type { Rejection } from '../event-log/source-stats.ts';

/** An excerpt is shorter, but secrets are looked for in front of it. */
const BODY_BYTES = 16 * 1024;
const BURST = 60;
const PER_SECOND = 5;
const MOST_REMEMBERED = 10_000;

interface Allowance {
  readonly left: number;
  readonly atMs: number;
}

const allowances = new Map<string, Allowance>();

/** Null: of this source enough has been told for now. `body` null: it was not read to its end, or nobody knows what it says. */
export function refusalReport(
  sourceId: string,
  request: Request,
  status: number,
  reason: Rejection,
  body: Uint8Array | null,
): RefusalReport | null {
  if (!isAllowed(sourceId, Date.now())) return null;
  const announced = Number(request.headers.get('content-length') ?? '0');
  return {
    status,
    reason,
    method: request.method,
    url: request.url,
    headers: new Map(request.headers),
    body: body?.slice(0, BODY_BYTES) ?? new Uint8Array(),
    bodyBytes: body?.byteLength ?? announced,
  };
}

/** Status and reason. Null: it was not refused. */
export function refusalIn(result: AcceptResult): readonly [number, Rejection] | null {
  switch (result.kind) {
    case 'bad-signature':
      return [result.answers?.refusedStatus ?? 401, 'signature'];
    case 'malformed':
      return [400, 'malformed'];
    case 'too-large':
      return [413, 'tooLarge'];
    case 'unknown-source':
    case 'handshake':
    case 'test':
    case 'accepted':
    case 'accepted-batch':
      return null;
  }
}

function isAllowed(sourceId: string, nowMs: number): boolean {
  const { left, atMs } = allowances.get(sourceId) ?? { left: BURST, atMs: nowMs };
  const now = Math.min(BURST, left + (Math.max(0, nowMs - atMs) / 1000) * PER_SECOND);
  if (now < 1) return false;
  if (allowances.size >= MOST_REMEMBERED) allowances.clear();
  allowances.set(sourceId, { left: now - 1, atMs: nowMs });
  return true;
}
