/**
 * How a hook fares, and what each attempt does to it: when it counts as failing, when it is disabled, until when it
 * is left alone. Pure: the clock is an argument.
 */
import type { Reason } from './delivery.ts';
import { withKind } from './kind.ts';
import type { About, AttemptError } from './outcome.ts';

export interface Health {
  readonly disabledReason: Extract<Reason, 'gone' | 'disabled'> | null;
  /** Attempts that failed since the last success, whatever the failure is about. */
  readonly consecutiveFailures: number;
  /** Of these, the failures that are about the receiver. */
  readonly receiverFailures: number;
  /** The first of them. */
  readonly failingSinceMs: number | null;
  /** Start of an outage that outlasts a resume or another target: until the first success the hook is probed. */
  readonly outageSinceMs: number | null;
  /** Its failing has been told, and its recovery has not. */
  readonly isAnnounced: boolean;
  /** Since when the hook is paused or disabled; null: it is neither. */
  readonly heldSinceMs: number | null;
  /** Place in the log of the event it was about; null also when there were several since. */
  readonly onlyFailedSeq: number | null;
  /** The receiver asked to be left alone until then. */
  readonly holdUntilMs: number | null;
  readonly lastSuccessAtMs: number | null;
  readonly lastFailureAtMs: number | null;
  /** The last time that one failed which had not been tried before; of failures about the receiver alone. */
  readonly lastProbeAtMs: number | null;
  /** Kinds of event that have failed since the last success, the latest last: see kind.ts. */
  readonly triedKinds: readonly string[];
  readonly lastError: AttemptError | null;
  /** The answer to the attempt that failed last, in words; null: none failed, or it may not be kept. */
  readonly lastAnswer: string | null;
  /** Attempts that failed since the hook was registered. */
  readonly errors: number;
  /** Attempts that succeeded without ending a delivery: it had been delivered before, or cancelled meanwhile. */
  readonly extraSuccesses: number;
  readonly dead: number;
  /** Of those that were dead once, how many were sent again: as many have died as `dead` and this together say. */
  readonly revived: number;
  readonly cancelled: number;
}

export const HEALTHY: Health = {
  disabledReason: null,
  consecutiveFailures: 0,
  receiverFailures: 0,
  failingSinceMs: null,
  outageSinceMs: null,
  isAnnounced: false,
  heldSinceMs: null,
  onlyFailedSeq: null,
  holdUntilMs: null,
  lastSuccessAtMs: null,
  lastFailureAtMs: null,
  lastProbeAtMs: null,
  triedKinds: [],
  lastError: null,
  lastAnswer: null,
  errors: 0,
  extraSuccesses: 0,
  dead: 0,
  revived: 0,
  cancelled: 0,
};

export interface Failure {
  /** Place in the log of the event that was sent. */
  readonly seq: number;
  readonly atMs: number;
  /** It had not been tried before. */
  readonly isFirstTry: boolean;
  /** Of the event: see kind.ts. */
  readonly kind: string;
  readonly about: About;
  readonly error: AttemptError;
  /** The answer, in words; null: it may not be kept. */
  readonly answer: string | null;
  readonly isGone: boolean;
  /** The receiver's Retry-After; null: none that counts. */
  readonly holdMs: number | null;
}

/** Why nothing goes out of a hook for now. `no-listener`: its deliveries wait for somebody to connect. */
export const WAIT_REASONS = [
  'paused',
  'disabled',
  'no-listener',
  'retry-after',
  'failing',
  'rate-limit',
  'delivery-paused',
  'storage',
  'secrets',
] as const;
export type WaitReason = (typeof WAIT_REASONS)[number];

/**
 * Why one delivery does not go out for now. `fan-out`: it has not come to the hook's queue yet · `in-flight`: an
 * attempt of it is under way · `order`: behind an earlier one of its subject, or of a fifo hook · `schedule`: it
 * failed, and its retry is not due yet.
 */
export const DELIVERY_WAIT_REASONS = [...WAIT_REASONS, 'fan-out', 'in-flight', 'order', 'schedule'] as const;
export type DeliveryWaitReason = (typeof DELIVERY_WAIT_REASONS)[number];

/** From this many failures in a row on a hook is failing, or is told of. */
export const FAILING_FROM = 5;
/** A hook is disabled after at least this many, of at least two events. */
const DISABLED_FROM = 10;

/** The receiver seems not to be there: one probe at a time goes out. What it refuses event by event does not count. */
export function isFailing({ receiverFailures }: Health): boolean {
  return receiverFailures >= FAILING_FROM;
}

/** Its owner ought to know: so many attempts in a row have failed, whatever the failures are about. */
export function isNoticed({ consecutiveFailures }: Health): boolean {
  return consecutiveFailures >= FAILING_FROM;
}

/** Nothing is wrong with it: a success changes nothing. */
export function isHealthy({ consecutiveFailures, outageSinceMs }: Health): boolean {
  return consecutiveFailures === 0 && outageSinceMs === null;
}

/** One attempt at a time goes out: the hook is failing, or was resumed in the middle of an outage. */
export function isProbed(health: Health): boolean {
  return isFailing(health) || health.outageSinceMs !== null;
}

/** The same hook, held or not as from now. */
export function heldFrom(health: Health, isPaused: boolean, nowMs: number): Health {
  const isHeld = isPaused || health.disabledReason !== null;
  if (isHeld === (health.heldSinceMs !== null)) return health;
  return { ...health, heldSinceMs: isHeld ? nowMs : null };
}

/** No failure since the last success, or since someone has said that it is another receiver now. */
const NO_FAILURES = {
  consecutiveFailures: 0,
  receiverFailures: 0,
  failingSinceMs: null,
  onlyFailedSeq: null,
  triedKinds: [],
} satisfies Partial<Health>;

/** What the receiver asked for with Retry-After stands: another attempt may have been under way. */
export function afterSuccess(health: Health, atMs: number): Health {
  return {
    ...health,
    ...NO_FAILURES,
    outageSinceMs: null,
    isAnnounced: false,
    lastSuccessAtMs: atMs,
  };
}

/** The receiver is there and has refused this one for good, as the hook's `giveUpOn` says. */
export function afterGivingUp(health: Health, { atMs, error, answer }: Failure): Health {
  return {
    ...health,
    lastFailureAtMs: atMs,
    lastError: error,
    lastAnswer: answer,
    errors: health.errors + 1,
  };
}

export function afterFailure(health: Health, failure: Failure, disableAfterSeconds: number): Health {
  const { atMs } = failure;
  const isAboutReceiver = failure.about === 'receiver';
  const isFirst = health.consecutiveFailures === 0;
  const failingSinceMs = health.failingSinceMs ?? atMs;
  const consecutiveFailures = health.consecutiveFailures + 1;
  const onlyFailedSeq = isFirst || health.onlyFailedSeq === failure.seq ? failure.seq : null;
  const isSustained =
    consecutiveFailures >= DISABLED_FROM &&
    onlyFailedSeq === null &&
    atMs - failingSinceMs >= disableAfterSeconds * 1000;
  // Of several that were under way the one that asked for most counts.
  const holdUntilMs =
    failure.holdMs === null ? health.holdUntilMs : Math.max(health.holdUntilMs ?? 0, atMs + failure.holdMs);
  const failed: Health = {
    ...health,
    disabledReason: health.disabledReason ?? (failure.isGone ? 'gone' : isSustained ? 'disabled' : null),
    consecutiveFailures,
    receiverFailures: health.receiverFailures + (isAboutReceiver ? 1 : 0),
    failingSinceMs,
    onlyFailedSeq,
    holdUntilMs,
    lastFailureAtMs: atMs,
    // A receiver that refuses an event is there: nothing that comes after it has to wait.
    lastProbeAtMs: isAboutReceiver && failure.isFirstTry ? atMs : health.lastProbeAtMs,
    triedKinds: withKind(health.triedKinds, failure.kind),
    lastError: failure.error,
    lastAnswer: failure.answer,
    errors: health.errors + 1,
  };
  const isToldOf = isNoticed(failed) || failed.disabledReason !== null;
  return { ...failed, isAnnounced: health.isAnnounced || isToldOf };
}

/**
 * Another target is another receiver: what the one before has answered says nothing of it. Nor does anybody know that it
 * is well: where something `hasFailed`, one attempt at a time goes out until the first success.
 */
export function afterRetargeting(health: Health, hasFailed: boolean, nowMs: number): Health {
  const sinceMs = health.outageSinceMs ?? health.failingSinceMs;
  return {
    ...health,
    ...NO_FAILURES,
    outageSinceMs: sinceMs ?? (hasFailed ? nowMs : null),
    holdUntilMs: null,
    lastProbeAtMs: null,
  };
}

/** A hook that an operator has resumed starts over, as if its receiver were another one. */
export function afterEnabling(health: Health, hasFailed: boolean, nowMs: number): Health {
  const { lastProbeAtMs } = health;
  return { ...afterRetargeting(health, hasFailed, nowMs), disabledReason: null, lastProbeAtMs };
}

/** One that is no further ahead is not told from a clock that is a little slow. */
const STEP_MS = 1_000;

/** When the last thing happened that is known of it, by the clock of that time; 0: nothing is. */
export function lastKnownMs({ lastFailureAtMs, lastProbeAtMs, outageSinceMs }: Health): number {
  return Math.max(lastFailureAtMs ?? 0, lastProbeAtMs ?? 0, outageSinceMs ?? 0);
}

/** After the clock was set back: as if what happened last had happened now. The same object: it was not. */
export function afterClockStep(health: Health, nowMs: number): Health {
  const { lastFailureAtMs, lastProbeAtMs, failingSinceMs, outageSinceMs, holdUntilMs } = health;
  const lastMs = lastKnownMs(health);
  if (lastMs <= nowMs + STEP_MS) return health;
  const shifted = (atMs: number | null) => (atMs === null ? null : atMs - (lastMs - nowMs));
  return {
    ...health,
    lastFailureAtMs: shifted(lastFailureAtMs),
    lastProbeAtMs: shifted(lastProbeAtMs),
    failingSinceMs: shifted(failingSinceMs),
    outageSinceMs: shifted(outageSinceMs),
    holdUntilMs: shifted(holdUntilMs),
  };
}

/** Until when the receiver wants to be left alone; null: it has asked for nothing, or the time is over. */
export function holdUntilMs({ holdUntilMs }: Health, nowMs: number): number | null {
  return holdUntilMs !== null && holdUntilMs > nowMs ? holdUntilMs : null;
}
