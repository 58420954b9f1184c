/**
 * The fan-out on real SQLite with hooks that do as a test says. A stand-in hook takes events as a real one does: what it
 * has it takes again without effect.
 */
import { runInDurableObject } from 'cloudflare:test';
import { vi } from 'vitest';
import { HOOK_DEFAULTS, type HookConfig } from '../../../src/core/hook-config.ts';
import { eventId } from '../../../src/core/event-id.ts';
import type { EventLog } from '../../../src/event-log/event-log.ts';
import { EventStore } from '../../../src/event-log/event-store.ts';
import type { MatchedEvent, StoredEvent } from '../../../src/core/stored-event.ts';
import { FanOut } from '../../../src/event-log/fan-out.ts';
import { EVERY_HOOK } from '../../../src/event-log/hook-scope.ts';
import { Hooks } from '../../../src/event-log/hooks.ts';
import { EVENT_LOG_MIGRATIONS } from '../../../src/event-log/schema.ts';
import type { Found, Share } from '../../../src/event-log/wishes.ts';
import { migrate } from '../../../src/storage/migrate.ts';
import { relay } from './log.ts';

/** `lost`: the hook takes the events, but its answer never comes through. */
export type Behaviour = 'takes' | 'throws' | 'hangs' | 'lost';

export class Bench {
  readonly #sql: SqlStorage;
  /** Counts the starts: what an earlier one still does comes to nothing. */
  #life = 0;
  readonly events: EventStore;
  hooks: Hooks;
  fanOut: FanOut;
  lastSeq = 0;
  nowMs = 1_000_000;
  /** Calls made so far, and what each hook holds, in the order it came. */
  calls: { hookId: number; seqs: number[] }[] = [];
  readonly queues = new Map<number, number[]>();
  behaviour: (hookId: number, call: number) => Behaviour = () => 'takes';

  constructor(storage: DurableObjectStorage) {
    migrate(storage, EVENT_LOG_MIGRATIONS);
    this.#sql = storage.sql;
    this.events = new EventStore(this.#sql);
    [this.hooks, this.fanOut] = this.#started();
  }

  /** Memory goes, what is on disk stays. A run under way is never heard of again. */
  restart(): void {
    [this.hooks, this.fanOut] = this.#started();
  }

  hook(config: Partial<HookConfig> = {}): number {
    const whole = { ...HOOK_DEFAULTS, url: 'https://receiver.example.com/', ...config };
    const hook = { config: whole, secret: null, relayHost: '', keyId: null };
    const reserved = this.hooks.reserve(hook, { secret: 'secret', secretKeys: [] }, 0);
    return this.hooks.appear(reserved, 1, this.lastSeq).id;
  }

  patch(id: number, change: Partial<HookConfig>): void {
    const hook = this.hooks.get(id, EVERY_HOOK);
    if (hook === null) throw new Error(`no hook ${id}`);
    this.hooks.save(hook, { ...hook, config: { ...hook.config, ...change } }, this.lastSeq);
  }

  delete(id: number): void {
    this.hooks.delete(id, this.lastSeq, 0);
  }

  event(type = 'order.paid', sourceId: string | null = null): MatchedEvent {
    const seq = this.lastSeq + 1;
    const event: StoredEvent = {
      seq,
      id: eventId(1_000, seq, new Uint8Array(5)),
      sourceId,
      type,
      subject: null,
      source: '/shop',
      event: null,
      recordedAtMs: 1_000,
      kind: 'whole',
      contentType: null,
      head: '{}',
      raw: new Uint8Array(),
    };
    this.events.append(event, null);
    this.lastSeq = seq;
    return event;
  }

  /** Hooks that wanted an event of any age, as pages of any size tell. */
  wantedBy(event: MatchedEvent): number[] {
    const ids: number[] = [];
    for (let after: number | null = 0; after !== null;) {
      const page: Found<number> = this.hooks.wishes.wantedBy(event, after, 7);
      ids.push(...page.found);
      after = page.upTo;
    }
    return ids;
  }

  /** Hooks that want an event that is still to be fanned out. */
  wanting(event: MatchedEvent): number[] {
    const ids: number[] = [];
    for (let after: number | null = 0; after !== null;) {
      const page: Found<Share<MatchedEvent>> = this.hooks.wishes.shares([event], after, 7);
      ids.push(...page.found.map(({ hookId }) => hookId));
      after = page.upTo;
    }
    return ids;
  }

  queueOf(hookId: number): number[] {
    return this.queues.get(hookId) ?? [];
  }

  get isDone(): boolean {
    return this.fanOut.fannedSeq === this.lastSeq && this.fanOut.lagDueMs() === Infinity;
  }

  /** One wake. Deadlines pass without waiting. */
  async wake(): Promise<void> {
    const run = this.fanOut.run();
    const isOver = run.then(
      () => true,
      () => true,
    );
    while (!(await Promise.race([isOver, vi.advanceTimersByTimeAsync(500).then(() => false)])));
    await run;
  }

  /** Wakes as the alarm would until nothing is left. */
  async wakesUntilDone(): Promise<number> {
    let wakes = 0;
    for (; !this.isDone; wakes += 1) {
      if (wakes > 1_000) throw new Error('the fan-out does not come to an end');
      const dueMs = this.fanOut.lagDueMs();
      if (this.fanOut.fannedSeq === this.lastSeq) this.nowMs = Math.max(this.nowMs, dueMs);
      await this.wake();
    }
    return wakes;
  }

  /** Starts a wake that is cut at its `call`th call, as when the process dies while a hook is being called. */
  async wakeCutAt(call: number): Promise<void> {
    const { behaviour } = this;
    const first = this.calls.length;
    this.behaviour = (hookId, at) => (at >= first + call ? 'hangs' : behaviour(hookId, at));
    this.fanOut.run().catch(() => undefined);
    await vi.advanceTimersByTimeAsync(0);
    vi.clearAllTimers();
    this.behaviour = behaviour;
    this.restart();
  }

  #started(): [Hooks, FanOut] {
    this.#life += 1;
    const life = this.#life;
    const alive = <T>(value: T): T => {
      if (life !== this.#life) throw new Error('the process has died');
      return value;
    };
    const hooks = new Hooks(this.#sql);
    const host = {
      enqueue: (hookId: number, events: readonly StoredEvent[]) => alive(this).#enqueue(hookId, events),
      lastSeq: () => alive(this.lastSeq),
      nowMs: () => alive(this.nowMs),
      flushCounters: () => alive({ countedSeq: 0, unsaved: '[]' }),
      changed: () => undefined,
    };
    return [hooks, new FanOut(this.#sql, this.events, hooks, host)];
  }

  #enqueue(hookId: number, events: readonly StoredEvent[]): Promise<void> {
    const behaviour = this.behaviour(hookId, this.calls.length);
    this.calls.push({ hookId, seqs: events.map(({ seq }) => seq) });
    if (behaviour === 'throws') return Promise.reject(new Error('hook object failed'));
    if (behaviour === 'hangs') return new Promise(() => undefined);
    const queue = this.queues.get(hookId) ?? [];
    this.queues.set(hookId, queue);
    for (const { seq } of events) if (!queue.includes(seq)) queue.push(seq);
    return behaviour === 'lost' ? Promise.reject(new Error('answer lost')) : Promise.resolve();
  }
}

export async function onBench(work: (bench: Bench) => Promise<void> | void): Promise<void> {
  const stub = relay.EVENT_LOG.getByName(`bench.${crypto.randomUUID()}`);
  await runInDurableObject(stub, async (_log: EventLog, { storage }) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    try {
      await work(new Bench(storage));
    } finally {
      vi.useRealTimers();
      vi.restoreAllMocks();
    }
  });
}
