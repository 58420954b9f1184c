/**
 * A hook and its receiver in virtual time: the engine of engine.ts, a clock that jumps to whatever is due next, and a
 * receiver that answers at once, by a rule over the event. Each attempt must be one that the engine's model allows.
 */
import { vi } from 'vitest';
import { newSecret } from '../../src/core/signature.ts';
import { HOOK_DEFAULTS, type HookConfig } from '../../src/core/hook-config.ts';
import type { BulkRetry, BulkStatus } from '../../src/hook/in-bulk.ts';
import { isSelected, type Selection } from '../../src/hook/selection.ts';
import { Engine, settled, type HookProcess, type InFlight } from './engine.ts';
import { ModelHook } from './engine-model.ts';

export const START_MS = Date.UTC(2100, 0, 1);
/** A wake that waits for something that is due soon waits no longer than this. */
const LINGER_MS = 50;

/** More than it takes to send all that is due at one moment. */
const TURNS_AT_ONCE = 5_000;

/** An attempt as the receiver sees it. */
export interface Seen {
  readonly seq: number;
  readonly type: string;
  readonly subject: string | null;
  readonly url: string;
  readonly atMs: number;
  readonly status: number | 'unreachable';
}

export interface Answer {
  readonly status: number | 'unreachable';
  readonly headers?: Record<string, string>;
}
/** null: it does not answer yet; `unreachable`: it cannot be. */
export type Receiver = (
  event: Omit<Seen, 'status' | 'atMs'>,
  nowMs: number,
) => number | 'unreachable' | Answer | null;

interface Body {
  readonly type: string;
  readonly subject: string | null;
  readonly seq: number;
  readonly acceptedAtMs: number;
}

const EVERY_DELIVERY: Selection = { types: null, subject: null, beforeMs: null };

export class Simulation {
  readonly engine: Engine;
  readonly seen: Seen[] = [];
  receiver: Receiver;
  #hookId = 0;
  #url = 'https://hook1.example.com/';
  #model!: ModelHook;
  readonly #wrong: unknown[] = [];
  readonly #bodies = new Map<string, Body>();

  /** To be called with a faked clock: see `useVirtualTime`. */
  private constructor(receiver: Receiver, maxPending: number) {
    this.receiver = receiver;
    this.engine = new Engine(
      {
        taken: (_hookId, events) => this.#noting(() => this.#model.take(events)),
        sent: (request) => this.#noting(() => this.#model.begin(request, Date.now())),
        timedOut: (request) => this.#noting(() => this.#model.end(request, 'timeout', Date.now())),
      },
      maxPending,
      true,
    );
    vi.stubGlobal('fetch', this.engine.fetch);
  }

  static async start(
    receiver: Receiver,
    config: Partial<HookConfig> = {},
    maxPending = 100_000,
  ): Promise<Simulation> {
    const simulation = new Simulation(receiver, maxPending);
    const secret = newSecret(new Uint8Array(32));
    const hookId = await simulation.engine.addHook({ url: 'https://hook1.example.com/', ...config }, secret);
    const { ordering, concurrency, retry } = { ...HOOK_DEFAULTS, ...config };
    const limits = {
      steps: retry.scheduleSeconds.length,
      giveUpOn: retry.giveUpOn[0] ?? null,
      pending: maxPending,
    };
    simulation.#hookId = hookId;
    simulation.#model = new ModelHook(hookId, secret, limits);
    Object.assign(simulation.#model, { ordering, concurrency });
    return simulation;
  }

  get process(): HookProcess {
    return this.engine.process(this.#hookId);
  }

  change(config: Partial<HookConfig>): void {
    // Of another URL nobody has said that it wants to be left alone.
    if (config.url !== undefined) this.#model.holdUntilMs = 0;
    this.#url = config.url ?? this.#url;
    this.engine.change(this.#hookId, config);
  }

  resume(): void {
    this.#model.holdUntilMs = 0;
    this.#model.isDisabled = false;
    this.process.hook.enable();
  }

  /** By hand, of many: see in-bulk.ts. */
  retryAll(selection: Partial<Selection> = {}, status: BulkStatus = 'pending'): Promise<BulkRetry> {
    this.#model.retryAll(status, (delivery) => this.#isSelected(selection, delivery));
    return this.process.hook.retryAll({ ...EVERY_DELIVERY, ...selection }, status);
  }

  cancelAll(selection: Partial<Selection> = {}): Promise<number> {
    this.#model.cancelAll((delivery) => this.#isSelected(selection, delivery));
    return this.process.hook.cancelAll({ ...EVERY_DELIVERY, ...selection });
  }

  /** Accepts an event and hands it to the hook. */
  async accept(type: string, subject: string | null): Promise<number> {
    const event = this.engine.accept(type, subject);
    const { seq, id } = event;
    this.#model.wanted.push(event);
    this.#bodies.set(id, { type, subject, seq, acceptedAtMs: Date.now() });
    await this.engine.fanOut([]);
    return seq;
  }

  /** The clock is set, to so much earlier or later; timers are not moved by that. Then the log looks in. */
  stepClock(ms: number): void {
    vi.setSystemTime(Date.now() + ms);
    this.#model.clockStepped(ms);
    this.process.lookIn();
  }

  /** Lets everything happen that is due within `ms`, each at its time. */
  async run(ms: number): Promise<void> {
    const endMs = Date.now() + ms;
    let atMs = Date.now();
    for (let turns = 0; ; turns += 1) {
      if (Date.now() !== atMs) turns = 0;
      atMs = Date.now();
      if (turns > TURNS_AT_ONCE) throw new Error('the hook never comes to rest');
      // The log may go on after what a hook has answered, and the hook after that.
      for (let step = 0; step < 3; step += 1) await settled();
      if (this.#wrong.length > 0) throw this.#wrong[0];
      if (this.#answerAll()) continue;
      const { alarm, isAwake } = this.process;
      const alarmMs = Math.max(Date.now(), alarm.at ?? Infinity);
      // An attempt's deadline runs as long as the attempt does.
      const timerMs = vi.getTimerCount() > 0 ? Date.now() + LINGER_MS : Infinity;
      const nextMs = Math.min(isAwake ? Infinity : alarmMs, timerMs);
      if (nextMs > endMs) {
        await vi.advanceTimersByTimeAsync(Math.max(0, endMs - Date.now()));
        return;
      }
      await vi.advanceTimersByTimeAsync(nextMs - Date.now());
      await this.process.wake();
    }
  }

  /** When the first attempt of it that came to 2xx was made; undefined: none was. */
  arrivedAtMs(seq: number): number | undefined {
    return this.seen.find((attempt) => attempt.seq === seq && isSuccess(attempt.status))?.atMs;
  }

  attemptsOf(seq: number): Seen[] {
    return this.seen.filter((attempt) => attempt.seq === seq);
  }

  close(): void {
    this.engine.close();
  }

  /** Pauses are not part of the model of a simulation: nobody asks before one. */
  #isSelected(selection: Partial<Selection>, { id }: { readonly id: string }): boolean {
    const body = this.#bodies.get(id);
    const whole = { ...EVERY_DELIVERY, ...selection };
    return body !== undefined && isSelected(whole, { ...body, createdAtMs: body.acceptedAtMs });
  }

  #answerAll(): boolean {
    let hasAnswered = false;
    for (const request of [...this.engine.inFlight]) hasAnswered = this.#answer(request) || hasAnswered;
    return hasAnswered;
  }

  #answer(request: InFlight): boolean {
    const body = this.#bodies.get(request.headers.get('webhook-id') ?? '');
    if (body === undefined) throw new Error('expected an event of this simulation');
    const { seq, type, subject } = body;
    const event = { seq, type, subject, url: request.url };
    const answer = this.receiver(event, Date.now());
    if (answer === null) return false;
    const { status, headers = {} } = typeof answer === 'object' ? answer : { status: answer };
    this.seen.push({ ...event, atMs: Date.now(), status });
    this.#noting(() => this.#model.end(request, status === 'unreachable' ? 'timeout' : status, Date.now()));
    // That of a URL which is the hook's no more disables nothing.
    if (event.url !== this.#url) this.#model.isDisabled = false;
    if (status === 'unreachable') request.fail(new Error('internal error; reference = 0'));
    else request.answer(status, headers);
    return true;
  }

  /** In the engine what is thrown ends as a failure of its own. */
  #noting(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.#wrong.push(error);
    }
  }
}

/** For `beforeEach`; `afterEach` has to undo it by `vi.useRealTimers` and `vi.unstubAllGlobals`. */
export function useVirtualTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: START_MS });
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
}

function isSuccess(status: number | 'unreachable'): boolean {
  return status !== 'unreachable' && status >= 200 && status < 300;
}
