/** A hook as it stands: what it was told, its queue, how it fares; and what that lets it do now. */
import type { Reason } from '../core/delivery.ts';
import { holdUntilMs, isHealthy, isProbed, type Health } from '../core/health.ts';
import { isListener } from '../core/listener.ts';
import { turnOf } from '../core/probe.ts';
import { emptyBucket, nextTokenMs, withoutToken, type Bucket } from '../core/rate-limit.ts';
import type { HookRegistration } from '../core/hook-registration.ts';
import { NO_KEYS, type KeyRing } from '../core/sealing.ts';
import { sealedMembers } from '../core/hook-registration.ts';
import type { Vault } from '../storage/vault.ts';
import { BACK_OFF_MAX_MS } from '../storage/alarm.ts';
import { objectName, readAssignment, type Assignment } from './assignment.ts';
import { readHealth } from './health.ts';
import { AccessTokens } from './access-tokens.ts';
import { HookHours } from './hours.ts';
import { Notices } from './notices.ts';
import { Occasions } from './occasions.ts';
import { Replay } from './replay.ts';
import { Claims } from './claims.ts';
import type { Delivery } from './delivery-row.ts';
import { Queue } from './queue.ts';
import { Writability } from './writability.ts';

/** What has come back may wait to be written down, but only so much of it, as its payload is in memory still. */
const UNDER_WAY_PER_SLOT = 2;

/** Everything of a hook that has been configured, read from storage when the object wakes. */
export interface OpenHook {
  assignment: Assignment;
  readonly vault: Vault;
  readonly queue: Queue;
  readonly notices: Notices;
  readonly replay: Replay;
  readonly tokens: AccessTokens;
  readonly hours: HookHours;
  readonly occasions: Occasions;
  health: Health;
  /** What came back last was a retry that failed. In memory only: it is forgotten at the price of one attempt. */
  isAfterFailedRetry: boolean;
  /** The last attempt did not take long. In memory only: nobody is waited for in vain but once. */
  isQuick: boolean;
  /** Of its rate limit. In memory only: writing it down would cost each delivery a row. */
  bucket: Bucket;
  /** Held for long, it was looked through for what has expired: not again before this. */
  expiryFromMs: number;
  /** No delivery has waited for longer; Infinity: none waits; null: to be looked up. */
  pendingSinceMs: number | null;
  /** Delivery was found paused by the operator: until then nobody looks again. */
  pausedUntilMs: number;
  /** Of its storage. */
  readonly writability: Writability;
  /** Of one that is listened to: somebody is connected. */
  readonly isHeard: () => boolean;
}

/** Milliseconds of the Unix epoch, and dice in [0, 1). */
export interface Clock {
  readonly nowMs: () => number;
  readonly dice: () => number;
}

/** `underWay`: the queue's claims, where there are any; `knownTokens`: where one may be asked for already. */
export function readOpenHook(
  sql: SqlStorage,
  nowMs: number,
  isHeard: OpenHook['isHeard'],
  writability = new Writability(),
  underWay = new Claims(),
  knownTokens: AccessTokens | null = null,
  keys: KeyRing = NO_KEYS,
): OpenHook {
  const { ref, vault, registration } = readAssignment(sql, keys);
  const queue = new Queue(sql, underWay);
  return {
    assignment: { ref, registration },
    vault,
    queue,
    notices: new Notices(sql),
    replay: new Replay(sql),
    tokens: knownTokens ?? new AccessTokens(sql, vault.box(objectName(registration.id))),
    hours: new HookHours(sql, nowMs),
    occasions: new Occasions(sql),
    pendingSinceMs: null,
    health: readHealth(sql, queue.newestHealth()),
    isAfterFailedRetry: false,
    isQuick: true,
    // What went out in the last second before it was loaded is known to nobody.
    bucket: emptyBucket(registration.config.rateLimit, nowMs),
    expiryFromMs: 0,
    pausedUntilMs: -Infinity,
    writability,
    isHeard,
  };
}

/**
 * Takes what goes out next, if there is room. One that is probed gets one at a time; by hand goes all the same, but
 * not faster than the rate limit: that one is the receiver's.
 */
export function take(hook: OpenHook, nowMs: number): Delivery | null {
  if (tokenMs(hook, nowMs) > nowMs) return null;
  const delivery = hasRoom(hook) ? takeNext(hook, nowMs) : takeAhead(hook, nowMs);
  const { rateLimit } = hook.assignment.registration.config;
  if (delivery !== null) hook.bucket = withoutToken(hook.bucket, rateLimit, nowMs);
  return delivery;
}

function takeNext(hook: OpenHook, nowMs: number): Delivery | null {
  const { queue, health } = hook;
  if (isProbeOut(hook) || holdUntilMs(health, nowMs) !== null) return queue.takeManual();
  return queue.take(nowMs, turnOf(health, hook.isAfterFailedRetry));
}

/** There is room as soon as what has arrived is written down: of a healthy hook the next one need not wait for that. */
function takeAhead(hook: OpenHook, nowMs: number): Delivery | null {
  const { queue, health, assignment } = hook;
  const { concurrency } = assignment.registration.config;
  if (queue.inFlight >= concurrency || queue.underWay >= UNDER_WAY_PER_SLOT * concurrency) return null;
  if (!mayAttempt(hook) || !isHealthy(health) || holdUntilMs(health, nowMs) !== null) return null;
  return queue.takeUpcoming(nowMs);
}

/** When an attempt may start without anything else happening before; Infinity: never. */
export function nextStartMs(hook: OpenHook, nowMs: number): number {
  const { queue, health } = hook;
  if (!hasRoom(hook)) return Infinity;
  const fromMs = Math.max(nowMs, tokenMs(hook, nowMs));
  if (queue.hasManual) return fromMs;
  if (isProbeOut(hook)) return Infinity;
  return Math.max(
    queue.dueMs(nowMs, turnOf(health, hook.isAfterFailedRetry)),
    holdUntilMs(health, nowMs) ?? fromMs,
    fromMs,
  );
}

/** When the rate limit lets the next attempt start; in the past: it does. */
export function tokenMs({ bucket, assignment }: OpenHook, nowMs: number): number {
  return nextTokenMs(bucket, assignment.registration.config.rateLimit, nowMs);
}

function hasRoom(hook: OpenHook): boolean {
  return mayAttempt(hook) && hook.queue.underWay < hook.assignment.registration.config.concurrency;
}

/** Of one that is probed, the one attempt that may be under way is. */
export function isProbeOut({ health, queue }: OpenHook): boolean {
  return isProbed(health) && queue.underWay > 0;
}

/** Nothing that lasts speaks against an attempt. */
export function mayAttempt(hook: OpenHook): boolean {
  const { registration } = hook.assignment;
  const isWilling = registration.deletedAtMs === null && holdReason(hook) === null;
  return isWilling && isLegible(registration) && !isUnheard(hook);
}

/** It waits for somebody to listen: nothing is attempted meanwhile. */
export function isUnheard({ assignment, isHeard }: OpenHook): boolean {
  return isListener(assignment.registration.config) && !isHeard();
}

/** Whether all its secrets could be opened. Nothing is signed or sent with what could not. */
export function isLegible(registration: HookRegistration): boolean {
  let legible = LEGIBLE.get(registration);
  if (legible === undefined) LEGIBLE.set(registration, (legible = sealedMembers(registration).length === 0));
  return legible;
}

/** Secrets that do not open may do so in a relay that has their key: while something waits for it, the hook looks again. */
export function legibleAgainMs({ assignment, queue }: OpenHook, nowMs: number): number {
  return queue.pending > 0 && !isLegible(assignment.registration) ? nowMs + BACK_OFF_MAX_MS : Infinity;
}

/** Once for each registration: every attempt asks. */
const LEGIBLE = new WeakMap<HookRegistration, boolean>();

/** Why nothing of it goes out for the time being; null: it may. */
export function holdReason({ health, assignment }: OpenHook): Reason | null {
  if (health.disabledReason !== null) return health.disabledReason;
  return assignment.registration.config.paused ? 'paused' : null;
}

/** A success at the first try is told by its row, any other by the hook's health. `isRough`: of this life alone. */
export function lastSuccessOf({ health, queue }: OpenHook, isRough = false): number | null {
  const firstTry = isRough ? queue.knownDeliveredAtMs : queue.lastDeliveredAtMs;
  return firstTry === null ? health.lastSuccessAtMs : Math.max(firstTry, health.lastSuccessAtMs ?? 0);
}
