/** What the log can tell: events, what became of them for each hook, and the tenant in numbers. */
import type { DeliveryStatus, Reason } from '../core/delivery.ts';
import { rawTextOf, structuredBody } from '../core/envelope.ts';
import type { TemplateInput } from '../core/template/template.ts';
import type { DeliveryWaitReason } from '../core/health.ts';
import type { EventLogEnv } from './env.ts';
import type { AttemptRecord } from '../hook/attempt-log.ts';
import type { Waiting } from '../hook/waiting.ts';
import { hookOf } from '../registry/address.ts';
import { eventLines } from './event-lines.ts';
import type { EventFilter } from './event-store.ts';
import type { StoredEvent } from '../core/stored-event.ts';
import type { FanOut } from './fan-out.ts';
import { tryFilters, type FilterTrial, type TriedEvent } from './filter-trial.ts';
import type { OpenLog } from './open-log.ts';
import type { HookViews, KnownHook } from './hook-views.ts';
import type { ListQuery } from './list-query.ts';

/** A page of events ends early at this size. */
const PAGE_BYTES = 4 * 1024 * 1024;
/** With the age of what hooks have reported no figure is older than a minute. */
const STATS_AGE_MS = 5_000;
const HOOKS_READ_AT_ONCE = 500;
/** A page of what became of an event ends early at so many: each is a call to its hook. */
const HOOKS_OF_AN_EVENT = 40;

export interface EventPage {
  /** Envelopes as JSON, in the order asked for. */
  readonly envelopes: Uint8Array[];
  readonly nextSeq: number | null;
}

export interface HookDelivery {
  readonly hookId: number;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  readonly reason: Reason | null;
}

/** What one hook does with an event: also what is next, and why then. */
export interface Explanation extends HookDelivery {
  readonly nextAttemptAtMs: number | null;
  readonly waiting: Waiting<DeliveryWaitReason> | null;
  readonly attemptLog: readonly AttemptRecord[];
  /** Of what was skipped by a filter: JSON Pointer of the clause that the event failed, into the hook. */
  readonly clause: string | null;
}

export interface EventView<D extends HookDelivery = HookDelivery> {
  readonly envelope: Uint8Array;
  readonly deliveries: D[];
  /** Last hook id of the page; null when there are no more. */
  readonly nextHook: number | null;
}

export interface TenantStats {
  readonly accepted: number;
  readonly duplicates: number;
  readonly pending: number;
  readonly delivered: number;
  readonly dead: number;
  readonly oldestPendingAtMs: number | null;
  readonly oldestEventAtMs: number | null;
  readonly hooks: {
    readonly active: number;
    readonly paused: number;
    readonly disabled: number;
    /** Of the active ones. */
    readonly failing: number;
  };
}

export class History {
  readonly #env: () => EventLogEnv;
  readonly #log: OpenLog;
  readonly #fanOut: FanOut;
  readonly #views: HookViews;
  #stats: { readonly atMs: number; readonly stats: TenantStats } | null = null;

  constructor(env: () => EventLogEnv, log: OpenLog, fanOut: FanOut, views: HookViews) {
    this.#env = env;
    this.#log = log;
    this.#fanOut = fanOut;
    this.#views = views;
  }

  listEvents(filter: EventFilter, { order, after, limit }: ListQuery): EventPage {
    const log = this.#log;
    const found = log.events.find(filter, order, after, limit);
    const envelopes: Uint8Array[] = [];
    let bytes = 0;
    for (const seq of found.seqs) {
      const event = log.events.at(seq);
      if (event === null) continue;
      const body = structuredBody(event, event.raw);
      bytes += body.byteLength;
      if (envelopes.length > 0 && bytes > PAGE_BYTES) {
        return { envelopes, nextSeq: order === 'desc' ? seq + 1 : seq - 1 };
      }
      envelopes.push(body);
    }
    return { envelopes, nextSeq: found.nextSeq };
  }

  /** An event with what became of it for the hooks that wanted it, after hook id `afterHook`. */
  async getEvent(id: string, afterHook: number, limit: number): Promise<EventView | null> {
    const log = this.#log;
    const event = this.#log.eventById(id);
    if (event === null) return null;
    const { found, upTo } = log.hooks.wishes.wantedBy(event, afterHook, Math.min(limit, HOOKS_OF_AN_EVENT));
    const told = await Promise.all(found.map((hookId) => this.#deliveryOf(hookId, event)));
    // Of an event whose payload is gone, filters cannot tell any more who wanted it: those that have it tell.
    const explained = event.kind === 'expunged' ? told.filter(isTold) : told;
    return {
      envelope: structuredBody(event, event.raw),
      deliveries: explained.map(({ hookId, status, attempts, reason }) => ({
        hookId,
        status,
        attempts,
        reason,
      })),
      nextHook: upTo,
    };
  }

  /** The same for one hook, also when it did not want the event; `unknown-hook` when there never was such a hook. */
  async explainEvent(
    id: string,
    hookId: number,
  ): Promise<EventView<Explanation> | 'unknown-event' | 'unknown-hook'> {
    const log = this.#log;
    const event = this.#log.eventById(id);
    if (event === null) return 'unknown-event';
    const hook = log.hooks.find(hookId);
    if (hook === null) return 'unknown-hook';
    const skipped = log.hooks.wishes.whySkipped(hookId, event);
    const delivery: Explanation =
      skipped === null
        ? await this.#deliveryOf(hookId, event)
        : { ...UNTRIED, hookId, status: 'skipped', ...skipped };
    return { envelope: structuredBody(event, event.raw), deliveries: [delivery], nextHook: null };
  }

  /** null: there is no such event. */
  rawEvent(
    id: string,
  ): { readonly body: Uint8Array; readonly contentType: string | null } | 'expunged' | null {
    const event = this.#log.eventById(id);
    if (event === null) return null;
    return event.kind === 'expunged' ? 'expunged' : { body: event.raw, contentType: event.contentType };
  }

  /** What filters would have let through of the newest events. */
  tryFilters(trial: FilterTrial): Promise<TriedEvent[]> {
    return tryFilters(this.#log, trial);
  }

  /** What a template is rendered with for an event; null: there is no such event. */
  templateInput(id: string): TemplateInput | 'expunged' | null {
    const event = this.#log.eventById(id);
    if (event === null) return null;
    if (event.kind === 'expunged') return 'expunged';
    const envelope = new TextDecoder().decode(structuredBody(event, event.raw));
    return { envelope, rawText: rawTextOf(event, event.raw) };
  }

  /** Every event that is in the log now, as lines of an export. */
  exportEvents(isWhole: boolean): ReadableStream<Uint8Array> {
    return eventLines(this.#log.events, this.#log.lastSeq, isWhole);
  }

  /** At most a minute old. */
  async stats(): Promise<TenantStats> {
    const log = this.#log;
    const nowMs = Date.now();
    if (this.#stats !== null && nowMs - this.#stats.atMs < STATS_AGE_MS) return this.#stats.stats;
    let duplicates = 0;
    for (const source of log.sources.list('asc', null, Number.MAX_SAFE_INTEGER))
      duplicates += source.stats.duplicates;
    const totals = { pending: 0, delivered: 0, dead: 0 };
    const hooks = { active: 0, paused: 0, disabled: 0, failing: 0 };
    let oldestPendingAtMs: number | null = null;
    const known: KnownHook[] = [];
    for (let after: number | null = 0; after !== null;) {
      const some = this.#views.known(after, HOOKS_READ_AT_ONCE);
      known.push(...some);
      after = some.at(-1)?.id ?? null;
    }
    for (const runtime of (await this.#views.runtimes(known)).values()) {
      totals.pending += runtime.pending;
      totals.delivered += runtime.delivered;
      totals.dead += runtime.dead;
      hooks[runtime.state] += 1;
      if (runtime.isFailing) hooks.failing += 1;
      const oldest = runtime.oldestPendingAtMs;
      if (oldest !== null) oldestPendingAtMs = Math.min(oldest, oldestPendingAtMs ?? oldest);
    }
    const stats = {
      accepted: log.lastSeq,
      duplicates,
      ...totals,
      oldestPendingAtMs,
      oldestEventAtMs: log.events.first()?.recordedAtMs ?? null,
      hooks,
    };
    this.#stats = { atMs: nowMs, stats };
    return stats;
  }

  async #deliveryOf(hookId: number, event: StoredEvent): Promise<Explanation> {
    // Asked first: the event may reach the hook while the answer is on its way.
    const isReached = this.#fanOut.hasReached(hookId, event.seq);
    const view = await hookOf(this.#env(), this.#log.ref, hookId).delivery(event.seq);
    if (view !== null) {
      const { status, attempts, reason, nextAttemptAtMs, waiting, attemptLog } = view;
      return { hookId, status, attempts, reason, nextAttemptAtMs, waiting, attemptLog, clause: null };
    }
    // Nothing in the queue: not there yet, or the trace has gone with the hook's retention.
    if (isReached) return { ...UNTRIED, hookId, status: 'skipped', reason: null };
    return {
      ...UNTRIED,
      hookId,
      status: 'pending',
      reason: null,
      waiting: { reason: 'fan-out', untilMs: null },
    };
  }
}

function isTold({ status, reason }: HookDelivery): boolean {
  return status !== 'skipped' || reason !== null;
}

const UNTRIED = { attempts: 0, nextAttemptAtMs: null, waiting: null, attemptLog: [], clause: null };
