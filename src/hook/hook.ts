/**
 * Hook: one object per hook. Holds its queue and delivers it in wakes: begun by the call that makes something due, or by
 * its alarm, which is derived from the queue. It decides nothing about which events it gets: the event log does.
 */
import { NO_KEYS } from '../core/sealing.ts';
import type { HookEnv } from './env.ts';
import type { StoredEvent } from '../core/stored-event.ts';
import type { HookRegistration } from '../core/hook-registration.ts';
import { pace } from '../pace.ts';
import { eventLogOf, type TenantRef } from '../registry/address.ts';
import { keyRingOf } from '../settings.ts';
import { Alarm, backOffMs, SAFETY_NET_MS } from '../storage/alarm.ts';
import { withDeadline } from '../storage/deadline.ts';
import { isOpened, migrate } from '../storage/migrate.ts';
import { backlogDueMs, noteBacklog } from './backlog.ts';
import { heedClock, isClockBack } from './clock-steps.ts';
import { configure, enable, noteHold } from './configuring.ts';
import { Deliverer, LOG_DEADLINE_MS } from './deliverer.ts';
import { expireHeld, expiryDueMs } from './expiry.ts';
import { HookMemory } from './hook-memory.ts';
import { heldMsOf, maxBytesOf, QUEUE_LIMITS } from './limits.ts';
import { Listening } from './listening.ts';
import { logAttempt } from './hook-lines.ts';
import { legibleAgainMs, nextStartMs, type Clock, type OpenHook } from './open-hook.ts';
import { isSoonEmpty, mayPass, PASSING_MS } from './passing.ts';
import { Recorder } from './recorder.ts';
import { nextStepMs } from './replay-step.ts';
import { Room } from './room.ts';
import type { HookStanding } from './reports.ts';
import { Watched, type SeenAttempt } from './watched.ts';
import { HOOK_MIGRATIONS } from './schema.ts';
import { takeIn } from './taking-in.ts';
import { HookCalls, type HookParts } from './hook-calls.ts';

export class Hook extends HookCalls {
  /** Milliseconds of the Unix epoch, and dice in [0, 1). Own members, so that they cannot be reached over RPC. */
  readonly clock: Clock = {
    nowMs: () => Date.now(),
    dice: () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32,
  };
  readonly queueLimits = { ...QUEUE_LIMITS };
  /** What is due starts without waiting for the alarm. Tests of single steps run the alarm themselves. */
  readonly isEager: boolean = true;

  protected readonly parts: HookParts;
  readonly #alarm: Alarm;
  readonly #memory: HookMemory;
  readonly #room: Room;
  readonly #recorder: Recorder;
  readonly #deliverer: Deliverer;
  readonly #listening: Listening;
  readonly #watched: Watched;
  #isAwake = false;
  /** Should the process end in the wake under way, an alarm begins another one. */
  #hasNet = false;
  /** The latest wake; never rejects. */
  #waking: Promise<void> = Promise.resolve();
  #failures = 0;

  constructor(ctx: DurableObjectState, env: HookEnv) {
    super(ctx, env);
    this.#alarm = new Alarm(ctx.storage, () => this.clock.nowMs());
    this.#listening = new Listening(ctx, this.clock, () => host);
    this.#memory = new HookMemory(
      ctx.storage,
      this.clock,
      () => keyRingOf(this.env) ?? NO_KEYS,
      this.#listening.isHeard,
      () => {
        this.#setNet();
      },
    );
    this.parts = {
      memory: this.#memory,
      listening: this.#listening,
      arm: () => {
        this.#arm();
      },
    };
    this.#room = new Room(this.#memory, () => maxBytesOf(this.env));
    this.#watched = new Watched(ctx.storage.sql, (attempts) => this.#showAttempts(attempts));
    this.#recorder = new Recorder(this.#memory, this.clock, this.#room, (attempted) => {
      this.#watched.saw(attempted);
      if (this.#memory.open !== null) logAttempt(this.#memory.open, attempted);
    });
    const host = {
      env: () => this.env,
      clock: this.clock,
      memory: this.#memory,
      recorder: this.#recorder,
      changed: () => {
        this.#arm();
      },
    };
    this.#deliverer = new Deliverer({
      ...host,
      listening: this.#listening,
      queueLimits: this.queueLimits,
      replayStep: this.replayStep,
    });
    void ctx.blockConcurrencyWhile(async () => {
      await this.#alarm.load();
      if (!isOpened(this.#memory.sql)) return;
      migrate(ctx.storage, HOOK_MIGRATIONS);
      const hook = this.#memory.load(this.#listening.restored());
      this.#watched.load();
      hook.queue.freeLanes();
      noteHold(this.#memory.sql, hook, hook.health, this.clock.nowMs());
      this.#arm(false);
    });
  }

  /**
   * Takes over a registration, unless it has a newer one. From the answer on no attempt starts by older rules; a
   * deleted hook's queue is cancelled. `isEnabled`: it goes on, if it was disabled.
   */
  configure(ref: TenantRef, registration: HookRegistration, isEnabled = false): HookStanding {
    if (this.#memory.open === null) {
      this.ctx.storage.transactionSync(() => {
        migrate(this.ctx.storage, HOOK_MIGRATIONS);
        this.#memory.assign(ref, registration);
      });
      const hook = this.#memory.load();
      noteHold(this.#memory.sql, hook, hook.health, this.clock.nowMs());
    } else if (configure(this.#memory, registration, this.clock.nowMs())) {
      if (isEnabled) enable(this.#memory, this.clock.nowMs());
      this.#listening.reconsider();
      this.#arm();
    }
    return this.#memory.reports.told(this.#memory.opened(), this.clock.nowMs());
  }

  /**
   * Takes events over, in the order of the log. What it has already taken it takes without effect. Where nothing is in their
   * way they go out before they are queued, and the answer waits for that a little; it says how the hook will stand once all
   * has arrived, unless something speaks against it.
   */
  async enqueue(events: readonly StoredEvent[]): Promise<HookStanding> {
    const nowMs = this.clock.nowMs();
    this.#room.keep(nowMs);
    const hook = this.#memory.opened();
    const isPassing = this.isEager && mayPass(hook, events, this.queueLimits, nowMs);
    let standing: HookStanding | null = null;
    try {
      if (isPassing) hook.queue.passing.add(events, hook.assignment.registration.config.ordering, nowMs);
      else {
        takeIn(this.#memory, events, this.queueLimits, nowMs);
        standing = this.#memory.reports.foreseen(hook, nowMs);
      }
    } finally {
      this.#arm();
    }
    if (standing === null) return this.#passed(hook);
    if (events.length === 0 || !this.#isAwake || !isSoonEmpty(hook)) return standing;
    await this.#rest();
    return this.#memory.reports.foreseen(hook, this.clock.nowMs());
  }

  /** Connects who listens. An upgrade goes by `fetch`: RPC carries none. */
  override fetch(request: Request): Promise<Response> {
    return this.#listening.connect(request);
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    this.#listening.heard(socket, message);
  }

  override webSocketClose(socket: WebSocket): void {
    this.#listening.gone(socket);
  }

  override webSocketError(socket: WebSocket): void {
    this.#listening.gone(socket);
  }

  /** These keys are good no more: nobody stays connected by them. */
  dropKeys(keyIds: readonly string[]): void {
    this.#listening.dropKeys(keyIds);
  }

  /** Somebody watches what its attempts come to. */
  watch(): void {
    if (this.#memory.open !== null) this.#watched.begin();
  }

  /** Leaves nothing behind: no row, no alarm, nobody connected. */
  async erase(): Promise<void> {
    this.#memory.open = null;
    this.#listening.reconsider();
    this.#recorder.forget();
    this.#alarm.fired();
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }

  /** Sees a wake through that is under way: should the process end before, the runtime runs the alarm again. */
  override async alarm(): Promise<void> {
    this.#alarm.fired();
    this.#hasNet = true;
    if (!this.#isAwake) this.#start();
    await this.#waking;
  }

  #start(): void {
    this.#waking = this.#wake();
  }

  /** Never throws: what failed stays in the queue, and the alarm is derived from there again. */
  async #wake(): Promise<void> {
    this.#isAwake = true;
    const work = pace.begun();
    try {
      this.#memory.refresh();
      heedClock(this.#memory, this.clock.nowMs());
      expireHeld(this.#memory, heldMsOf(this.env), this.clock.nowMs());
      noteBacklog(this.#memory, this.clock.nowMs());
      this.#listening.look();
      await this.#deliverer.drain(work);
      this.#isAwake = false;
      this.#failures = 0;
      this.#arm(false);
    } catch (error) {
      this.#isAwake = false;
      this.#failures += 1;
      const { registration } = this.#memory.open?.assignment ?? {};
      console.error('hook wake failed', {
        hookId: registration?.id,
        failures: this.#failures,
        error: String(error),
      });
      // Where storage fails it cannot say what is due: it is asked again later, however often.
      if (this.#memory.open !== null) this.#alarm.by(this.clock.nowMs() + backOffMs(this.#failures));
    } finally {
      pace.over(work);
    }
  }

  /** Once all that was handed over has arrived, or lies here. */
  async #passed(hook: OpenHook): Promise<HookStanding> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const isErased = () => this.#memory.open !== hook;
    const timer = setTimeout(() => {
      try {
        if (isErased()) throw new Error('hook: erased meanwhile');
        this.#memory.opened();
        this.#arm();
      } catch (error) {
        reject(error);
      }
    }, PASSING_MS);
    const { unwritten } = hook.queue.passing;
    // A wake begins with what may give all of it rows.
    if (unwritten.isEmpty) resolve(undefined);
    else
      unwritten.whenEmpty(() => {
        resolve(undefined);
      });
    try {
      await promise;
    } finally {
      clearTimeout(timer);
    }
    // In a turn of its own: what the last of it came to is written down by now.
    if (isErased()) throw new Error('hook: erased meanwhile');
    return this.#memory.reports.foreseen(hook, this.clock.nowMs());
  }

  /** A queue that is short and quick may be empty soon: then the short way is free again. */
  async #rest(): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(resolve, PASSING_MS);
    await Promise.race([this.#waking, late]);
    clearTimeout(timer);
  }

  #showAttempts(attempts: readonly SeenAttempt[]): Promise<boolean> {
    const { ref, registration } = this.#memory.current().assignment;
    const log = eventLogOf(this.env, ref);
    return withDeadline(log.attempted(registration.id, attempts), LOG_DEADLINE_MS);
  }

  /**
   * Starts what the queue says is due, if it may, and sets the alarm. During a wake there is no need: it looks again
   * before it ends.
   */
  #arm(mayStart = true): void {
    const nowMs = this.clock.nowMs();
    const hook = this.#memory.open;
    // Of what has no row here the log sees to it that it goes out.
    const isPassing = hook !== null && !hook.queue.passing.unwritten.isEmpty;
    if (this.#isAwake) {
      this.#deliverer.nudge();
      if (this.#hasNet || isPassing) this.#alarm.noLaterThan(nowMs + SAFETY_NET_MS);
      else if (hook !== null) this.#setNet();
      return;
    }
    if (hook === null) return;
    const isBack = isClockBack(hook, nowMs);
    const { untilMs: failingUntilMs } = hook.writability;
    const workDueMs = Math.min(nextStartMs(hook, nowMs), nextStepMs(hook, this.queueLimits));
    const otherDueMs = Math.min(
      isBack ? nowMs : Infinity,
      isPassing ? Infinity : Math.max(workDueMs, hook.pausedUntilMs, failingUntilMs),
      this.#recorder.isBehind ? Math.max(nowMs, failingUntilMs) : Infinity,
      hook.notices.dueMs(),
      this.#listening.dueMs(),
      this.#memory.reports.dueMs(hook, nowMs),
      expiryDueMs(hook, heldMsOf(this.env)),
      backlogDueMs(hook, nowMs),
      legibleAgainMs(hook, nowMs),
    );
    const dueMs = isPassing ? Math.min(otherDueMs, workDueMs) : otherDueMs;
    if (dueMs === Infinity) return;
    const isStarted = mayStart && this.isEager && this.#failures === 0 && dueMs <= nowMs;
    this.#hasNet = false;
    if (isStarted && otherDueMs <= nowMs) this.#setNet();
    else this.#alarm.by(Math.max(otherDueMs, nowMs + backOffMs(this.#failures)));
    if (isStarted) this.#start();
  }

  /** What is due starts at once; should the process end before it is done, it starts again. */
  #setNet(): void {
    this.#hasNet = true;
    this.#alarm.by(this.clock.nowMs() + SAFETY_NET_MS);
  }
}
