/**
 * What the Worker and the tenant's event log call of a hook, but for what brings it events and registrations: how it
 * stands, its deliveries, replays, and what is done to it by hand.
 */
import { DurableObject } from 'cloudflare:workers';
import type { DeliveryStatus } from '../core/delivery.ts';
import type { HookEnv } from './env.ts';
import type { StoredEvent } from '../core/stored-event.ts';
import { eventLogOf } from '../registry/address.ts';
import { withDeadline } from '../storage/deadline.ts';
import { cancel, cancelByHand, retryByHand, type CancelResult, type RetryResult } from './by-hand.ts';
import { enable } from './configuring.ts';
import { LOG_DEADLINE_MS } from './deliverer.ts';
import { writeHealth } from './health.ts';
import { type HookMemory } from './hook-memory.ts';
import type { HookHour } from './hours.ts';
import { cancelInBulk, retryInBulk, type BulkHost, type BulkRetry, type BulkStatus } from './in-bulk.ts';
import { type QUEUE_LIMITS } from './limits.ts';
import { type Listening } from './listening.ts';
import type { Clock, OpenHook } from './open-hook.ts';
import { overviewOf, type Overview, type OverviewFilter } from './overview.ts';
import { NOTHING_TO_PURGE, noteLastSuccess, pendingBelow, purge, type PurgeStep } from './purge.ts';
import { replayStep } from './replay-step.ts';
import type { ReplayOrder, ReplayView } from './replay.ts';
import type { HookStanding } from './reports.ts';
import { runtimeOf, type HookRuntime } from './runtime.ts';
import type { Selection } from './selection.ts';
import { sendTest, type TestResult } from './test-call.ts';
import { viewOf, viewsOf, type DeliveryPage, type DeliveryView } from './waiting.ts';

/** What calls of a hook need of its object. */
export interface HookParts {
  readonly memory: HookMemory;
  readonly listening: Listening;
  /** Something may be due now. */
  arm(): void;
}

export abstract class HookCalls extends DurableObject<HookEnv> {
  abstract readonly clock: Clock;
  abstract readonly queueLimits: typeof QUEUE_LIMITS;
  /** A member of the instance, as RPC reaches what its class has alone. */
  protected abstract readonly parts: HookParts;

  /**
   * Re-enables the hook if it was disabled and clears its failure count. What has failed is due now, in order; where
   * anything has, one attempt at a time goes out until the first success.
   */
  enable(): HookRuntime {
    enable(this.parts.memory, this.clock.nowMs());
    this.parts.arm();
    return this.runtime();
  }

  /** How it stands, for the event log's summary. */
  standing(): HookStanding {
    return this.parts.memory.reports.standing(this.parts.memory.seen(), this.clock.nowMs());
  }

  /** What became of its attempts, by the hour. */
  hours(fromHour: number, toHour: number): HookHour[] {
    const hook = this.parts.memory.open;
    return hook === null ? [] : hook.hours.between(hook, fromHour, toHour);
  }

  /** How it stands. */
  runtime(): HookRuntime {
    return runtimeOf(this.parts.memory.seen(), this.clock.nowMs());
  }

  /** Sends a `posthorn.test` event now. Not queued, not counted, also when the hook is paused or disabled. */
  test(): Promise<TestResult> {
    return sendTest(this.env, this.clock, this.parts.memory.current(), this.parts.listening);
  }

  /**
   * Sends a delivery again by hand, now: a pending one instead of its scheduled attempt, using no step; an ended one
   * with a fresh schedule.
   */
  retry(event: StoredEvent): RetryResult {
    const result = retryByHand(this.parts.memory, event, this.queueLimits, this.clock.nowMs());
    if (result === 'retried') this.parts.arm();
    return result;
  }

  /** Ends a pending delivery by hand; what waits behind it goes on. */
  cancel(seq: number): CancelResult {
    const result = cancelByHand(this.parts.memory, seq, this.clock.nowMs());
    if (result === 'cancelled') this.parts.arm();
    return result;
  }

  /** All that is selected goes out now: see in-bulk.ts. What of it could not be begun is begun by the same call again. */
  retryAll(selection: Selection, status: BulkStatus): Promise<BulkRetry> {
    return retryInBulk(this.#bulk(), selection, status);
  }

  /** Ends what is selected of what is pending, held or not, and says how many that were. */
  cancelAll(selection: Selection): Promise<number> {
    return cancelInBulk(this.#bulk(), selection);
  }

  /**
   * Begins a replay and does its first step, so that a small one is answered with its counts; the rest follows from the
   * alarm. `running`: another one does. Null: the hook is deleted.
   */
  async startReplay(order: ReplayOrder): Promise<ReplayView | 'running' | null> {
    const hook = this.parts.memory.opened();
    if (hook.assignment.registration.deletedAtMs !== null) return null;
    if (hook.replay.job?.state === 'running') return 'running';
    const id = `rpl_${crypto.randomUUID().replaceAll('-', '').slice(0, 20)}`;
    this.parts.memory.commit(() => {
      hook.replay.start(id, order, this.clock.nowMs());
    });
    this.parts.arm();
    await this.replayStep(hook);
    return this.replay();
  }

  /** The latest replay as it stands; null: there never was one. */
  replay(): ReplayView | null {
    const { queue, replay } = this.parts.memory.seen();
    return replay.job && { ...replay.job, remaining: queue.deliveries.countOfReplay(replay.job.id) };
  }

  /** Ends the replay that runs, if one does; what it has queued goes out all the same. */
  cancelReplay(): ReplayView | null {
    this.parts.memory.opened().replay.cancel(this.clock.nowMs());
    return this.replay();
  }

  /**
   * Removes deliveries of events below `beforeSeq` that have ended, at most 1,000 a call, and in the end tells which of
   * these events are still pending here. What is pending or in flight stays; the hook's numbers and counters go on.
   */
  purge(beforeSeq: number): PurgeStep {
    const { sql } = this.parts.memory;
    if (this.parts.memory.open === null) return NOTHING_TO_PURGE;
    return this.parts.memory.commit((hook) => {
      noteLastSuccess(sql, hook);
      hook.hours.dropOld(this.clock.nowMs());
      return purge(sql, hook.queue, beforeSeq);
    });
  }

  /** Goes on telling what is pending where a purge ended: its `pendingFrom`. Removes nothing. */
  pendingBelow(fromSeq: number, beforeSeq: number): PurgeStep {
    if (this.parts.memory.open === null) return NOTHING_TO_PURGE;
    this.parts.memory.opened();
    return pendingBelow(this.parts.memory.sql, fromSeq, beforeSeq);
  }

  /**
   * The payload of an event leaves this hook, with what receivers answered to it; the delivery's row stays, one that is
   * pending as cancelled (`deleted`). An attempt in flight may still arrive. From the answer on nothing of it is sent,
   * also when the event comes in later. Repeating it changes nothing.
   */
  expunge(seq: number): void {
    if (this.parts.memory.open === null) return;
    const hook = this.parts.memory.opened();
    // It may be an answer to this event, and echo it. First: the row to be emptied may hold the newest health.
    if (hook.health.lastAnswer !== null)
      hook.health = writeHealth(this.parts.memory.sql, { ...hook.health, lastAnswer: null });
    const record = hook.queue.deliveries.find(seq);
    if (record !== null) hook.notices.expunge(record.eventId);
    // Before the end of the delivery moves its row.
    hook.queue.expunged.add(seq);
    cancel(this.parts.memory, seq, 'deleted', this.clock.nowMs());
    this.parts.arm();
  }

  /** What became of the event at this place of the log, and what is next; null: it never came here. */
  delivery(seq: number): DeliveryView | null {
    const hook = this.parts.memory.seenIfAny();
    const record = hook?.queue.deliveries.find(seq) ?? null;
    return hook === null || record === null ? null : viewOf(hook, record, this.clock.nowMs());
  }

  /** Newest first. `status` null: any. */
  deliveries(status: DeliveryStatus | null, beforeSeq: number | null, limit: number): DeliveryPage {
    const hook = this.parts.memory.seenIfAny();
    return hook === null
      ? { views: [], next: null }
      : viewsOf(hook, status, beforeSeq, limit, this.clock.nowMs());
  }

  /** The same with what their last attempts came to, for a list over all hooks. */
  overview(filter: OverviewFilter, beforeSeq: number | null, limit: number): Overview {
    const hook = this.parts.memory.seenIfAny();
    if (hook === null) return { rows: [], next: null };
    return overviewOf(this.parts.memory.sql, hook, filter, beforeSeq, limit, this.clock.nowMs());
  }

  #bulk(): BulkHost {
    return {
      memory: this.parts.memory,
      limits: this.queueLimits,
      nowMs: this.clock.nowMs,
      eventsAt: (seqs) => this.#eventsAt(seqs),
      changed: () => {
        this.parts.arm();
      },
    };
  }

  #eventsAt(seqs: readonly number[]) {
    const { ref } = this.parts.memory.current().assignment;
    return withDeadline(eventLogOf(this.env, ref).eventsAt(seqs), LOG_DEADLINE_MS);
  }

  /** A step of the replay that runs. A member of the instance, so that it cannot be reached over RPC. */
  protected readonly replayStep = async (hook: OpenHook): Promise<void> => {
    const { ref, registration } = hook.assignment;
    const log = eventLogOf(this.env, ref);
    try {
      await replayStep(this.parts.memory.sql, hook, this.queueLimits, {
        eventsAt: (seqs) => this.#eventsAt(seqs),
        wanted: (...range) => withDeadline(log.wantedBy(registration.id, ...range), LOG_DEADLINE_MS),
        isOpen: () => this.parts.memory.open === hook,
        commit: (work) => {
          this.parts.memory.commit(work);
        },
        nowMs: this.clock.nowMs,
      });
    } finally {
      if (this.parts.memory.open === hook) this.parts.arm();
    }
  };
}
