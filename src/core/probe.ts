/**
 * What of a hook may go out next while it fails: when, and which of two goes first. That one kind of event is refused must not keep the others from showing that the receiver takes them. Pure: the clock is an
 * argument, and what lies in the queue is looked up by whoever asks.
 */
import { FAILING_FROM, isProbed, type Health } from './health.ts';
import { eventKindOf } from './kind.ts';

const PROBE_MIN_MS = 1_000;
/** The longest pause between two probes. */
export const PROBE_MAX_MS = 60_000;
/** The longest before a kind that has not failed in this outage. */
export const NEW_KIND_MAX_MS = 5_000;

/** What may go out, and what goes first. In the past: now. */
export interface Turn {
  /**
   * position: whichever stands first in the queue · retry: what has failed and is due · fresh: what has not been tried.
   */
  readonly first: 'position' | 'retry' | 'fresh';
  readonly retryFromMs: number;
  /** Of what has not been tried: a kind that has failed in this outage, and any other. */
  readonly triedKindFromMs: number;
  readonly newKindFromMs: number;
  /** Kinds that have failed in this outage, the latest last. null: the kind says nothing. */
  readonly tried: readonly string[] | null;
}

/** `isAfterFailedRetry`: the attempt before was a retry, and failed. Then it is the turn of what has not been tried. */
export function turnOf(health: Health, isAfterFailedRetry: boolean): Turn {
  // One that was resumed, or has another target, begins with what stands first.
  if (!isProbed(health) || health.consecutiveFailures === 0) {
    return {
      first: isAfterFailedRetry ? 'fresh' : 'position',
      retryFromMs: -Infinity,
      triedKindFromMs: -Infinity,
      newKindFromMs: -Infinity,
      tried: null,
    };
  }
  return {
    first: isAfterFailedRetry ? 'fresh' : 'retry',
    retryFromMs: retryFromMs(health),
    triedKindFromMs: probeFromMs(health, PROBE_MAX_MS),
    newKindFromMs: probeFromMs(health, NEW_KIND_MAX_MS),
    tried: health.triedKinds,
  };
}

/** When what has not been tried may go out, by its type; null: now. */
export function nextProbeMs(health: Health, nowMs: number, type: string): number | null {
  const { tried, triedKindFromMs, newKindFromMs } = turnOf(health, false);
  const isTried = tried?.includes(eventKindOf(type)) ?? false;
  return inFuture(isTried ? triedKindFromMs : newKindFromMs, nowMs);
}

/** When a retry that is due may go out; null: now. */
export function nextRetryMs(health: Health, nowMs: number): number | null {
  return inFuture(turnOf(health, false).retryFromMs, nowMs);
}

/** When the next probe may go out at the latest, whatever there is to try; null: now. */
export function nextTurnMs(health: Health, nowMs: number): number | null {
  return inFuture(turnOf(health, false).triedKindFromMs, nowMs);
}

/**
 * Retries keep to their own schedule and do not put probes off. After a resume, or for another target, all are due at
 * once and nobody knows yet whether the receiver is well: then they are spaced like probes.
 */
function retryFromMs({ outageSinceMs, receiverFailures, lastFailureAtMs }: Health): number {
  if (outageSinceMs === null || receiverFailures === 0 || lastFailureAtMs === null) return -Infinity;
  return lastFailureAtMs + pauseMs(receiverFailures, PROBE_MAX_MS);
}

/** The pause grows with the failures; after a resume the first probe waits for nothing. */
function probeFromMs({ receiverFailures, lastProbeAtMs }: Health, longestMs: number): number {
  if (receiverFailures === 0 || lastProbeAtMs === null) return -Infinity;
  return lastProbeAtMs + pauseMs(receiverFailures, longestMs);
}

function pauseMs(receiverFailures: number, longestMs: number): number {
  const doublings = Math.min(Math.max(0, receiverFailures - FAILING_FROM), 10);
  return Math.min(longestMs, PROBE_MIN_MS * 2 ** doublings);
}

function inFuture(atMs: number, nowMs: number): number | null {
  return atMs > nowMs ? atMs : null;
}
