/**
 * The switches as an isolate knows them: asked for at most every few seconds, by one request at a time, and while they
 * are young beside it, so that nobody waits. It never fails: when the switchboard cannot be reached, what was last known
 * counts, and before anything was known: open.
 */
import { waitUntil } from 'cloudflare:workers';
import type { SwitchboardEnv } from './env.ts';
import { switchboardOf } from '../registry/address.ts';
import { readSwitches, type SwitchesAnswer } from './calls.ts';
import { OPEN, type Switches } from './switch-state.ts';

/** From this age on they are asked for. */
const ASKED_FROM_MS = 2_000;
/**
 * What is older is waited for: it may have been changed since. With the two below that is less than the 5 s in which
 * pausing takes effect, also when one question fails.
 */
const TRUSTED_MS = 3_000;
const ASKED_AGAIN_MS = 1_000;
const DEADLINE_MS = 800;
/** A switchboard that has failed so often in a row is not waited for. */
const WAITED_FAILURES = 2;
/** The request that asked has ended without a trace; another may ask. */
const LOST_AFTER_MS = 10_000;

export type Ask = () => Promise<SwitchesAnswer>;

export class KnownSwitches {
  readonly #deadlineMs: number;
  #last: Switches | null = null;
  /** When the question was asked that told the last. */
  #knownAtMs = -Infinity;
  /** When the last question that has been answered, or has failed, was asked. */
  #askedAtMs = -Infinity;
  /** Of questions in a row. */
  #failures = 0;
  #asking: { readonly sinceMs: number; readonly reply: Promise<void> } | null = null;

  constructor(deadlineMs = DEADLINE_MS) {
    this.#deadlineMs = deadlineMs;
  }

  /** The switches now, which `ask` is used to learn where they are too old. */
  async at(nowMs: number, ask: Ask): Promise<Switches> {
    const pauseMs = this.#failures === 0 ? ASKED_FROM_MS : ASKED_AGAIN_MS;
    if (isWithin(pauseMs, this.#askedAtMs, nowMs)) return this.#last ?? OPEN;
    let asking = this.#asking;
    const isFirst = asking === null || !isWithin(LOST_AFTER_MS, asking.sinceMs, nowMs);
    if (asking === null || isFirst) asking = this.#startAsking(nowMs, ask);
    const isTrusted =
      isWithin(TRUSTED_MS, this.#knownAtMs, nowMs) || !isFirst || this.#failures >= WAITED_FAILURES;
    if (this.#last !== null && isTrusted) return this.#last;
    await settledWithin(asking.sinceMs + this.#deadlineMs - nowMs, asking.reply);
    return this.#last ?? OPEN;
  }

  /** What the switchboard said to a call that began at `askedAtMs`. */
  learn(switches: Switches, askedAtMs: number): void {
    if (askedAtMs < this.#askedAtMs) return;
    this.#last = switches;
    this.#askedAtMs = askedAtMs;
    this.#knownAtMs = askedAtMs;
    this.#failures = 0;
  }

  #failed(askedAtMs: number): void {
    if (askedAtMs < this.#askedAtMs) return;
    this.#askedAtMs = askedAtMs;
    this.#failures += 1;
  }

  #startAsking(nowMs: number, ask: Ask) {
    const reply = ask().then((answer) => {
      if (this.#asking === asking) this.#asking = null;
      if (answer.ok) this.learn(answer.switches, nowMs);
      else this.#failed(nowMs);
    });
    const asking = { sinceMs: nowMs, reply };
    this.#asking = asking;
    return asking;
  }
}

const ofThisIsolate = new KnownSwitches();

/** What the host of a local relay holds is paused, whatever the switches say. */
export function switchesNow(env: SwitchboardEnv): Promise<Switches> {
  const asked = askedFor(env);
  if (env.HOLD_DELIVERIES !== 'true') return asked;
  return asked.then((switches) => ({ ...switches, delivery: 'paused' }));
}

function askedFor(env: SwitchboardEnv): Promise<Switches> {
  return ofThisIsolate.at(Date.now(), () => {
    const reply = readSwitches(switchboardOf(env));
    // A client that hangs up takes its request along, but not this: others wait for the reply.
    waitUntil(reply);
    return reply;
  });
}

export function learnSwitches(switches: Switches, askedAtMs: number): void {
  ofThisIsolate.learn(switches, askedAtMs);
}

/** A clock that was set back makes nothing young. */
function isWithin(ms: number, sinceMs: number, nowMs: number): boolean {
  return nowMs >= sinceMs && nowMs - sinceMs < ms;
}

async function settledWithin(ms: number, reply: Promise<void>): Promise<void> {
  if (ms <= 0) return;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, ms, undefined);
  await Promise.race([reply, promise]);
  clearTimeout(timer);
}
