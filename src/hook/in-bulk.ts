/**
 * What is asked for by hand of many deliveries: to go out now, or not at all. It is done in steps, each one turn and one
 * commit, between which the queue goes on: no backlog holds the object. Nothing remembers how far a call has come. Should
 * it break off, the same call again does the rest, as what has been done is not found any more.
 */
import { afterEnabling, isProbed } from '../core/health.ts';
import type { StoredEvent } from '../core/stored-event.ts';
import { heldRefusalOf, type HoldRefusal } from './by-hand.ts';
import { IN_BULK } from './delivery-row.ts';
import type { EndedLine, ReplayedState } from './deliveries.ts';
import type { QueueLimits } from './enqueuing.ts';
import { writeHealth } from './health.ts';
import type { HookMemory } from './hook-memory.ts';
import type { OpenHook } from './open-hook.ts';
import type { Pending } from './pending-walk.ts';
import { requeueAll } from './requeuing.ts';
import { isSelected, type Selection } from './selection.ts';
import { nextTurn } from '../storage/turn.ts';

/** What a call over many may be about: `held` is what is pending while the hook is paused or disabled. */
export const BULK_STATUSES = ['pending', 'held', 'dead', 'cancelled', 'delivered'] as const;
export type BulkStatus = (typeof BULK_STATUSES)[number];

export type BulkRetry = { readonly queued: number } | HoldRefusal | 'queue-full' | 'unknown';

export interface BulkHost {
  readonly memory: HookMemory;
  readonly limits: QueueLimits;
  readonly nowMs: () => number;
  /** See `ReplayHost`. */
  eventsAt(seqs: readonly number[]): Promise<{ events: StoredEvent[]; lookedAt: number }>;
  /** Something may be due now that was not before. */
  changed(): void;
}

/** In one turn. Each delivery that is cancelled takes a few statements. */
const MADE_DUE_AT_ONCE = 500;
const CANCELLED_AT_ONCE = 250;
const REOPENED_AT_ONCE = 100;
const ROWS_LOOKED_AT = 2_500;
/** A cancel that has taken several turns looks again for what has changed its state meanwhile. */
const CANCEL_PASSES = 5;

/** Makes all that is selected due now: of what is pending the heads, in order, of what has ended each in its lane again. */
export async function retryInBulk(
  host: BulkHost,
  selection: Selection,
  status: BulkStatus,
): Promise<BulkRetry> {
  const hook = host.memory.opened();
  if (hook.assignment.registration.deletedAtMs !== null) return 'unknown';
  const refusal = heldRefusalOf(hook);
  if (refusal !== null) return refusal;
  switch (status) {
    case 'held':
      return { queued: 0 };
    case 'pending':
      return { queued: await retryPending(host, hook, selection) };
    case 'dead':
    case 'cancelled':
    case 'delivered':
      return retryEnded(host, hook, selection, status);
  }
}

/** Ends all that is selected of what is pending, but for what is under way, and says how many that were. */
export async function cancelInBulk(host: BulkHost, selection: Selection): Promise<number> {
  const hook = host.memory.opened();
  let cancelled = 0;
  for (let pass = 0; pass < CANCEL_PASSES; pass += 1) {
    let found = 0;
    const turns = await eachStep(host, hook, CANCELLED_AT_ONCE, selection, (pending) => {
      found += cancelAll(host, hook, pending);
    });
    cancelled += found;
    if (found === 0 || turns === 1) break;
  }
  return cancelled;
}

async function retryPending(host: BulkHost, hook: OpenHook, selection: Selection): Promise<number> {
  let queued = 0;
  await eachStep(host, hook, MADE_DUE_AT_ONCE, selection, (pending) => {
    const isFirst = queued === 0;
    queued += pending.length;
    host.memory.commit(() => {
      const nowMs = host.nowMs();
      hook.queue.makeTheseDue(pending, nowMs);
      if (isFirst) letGo(host.memory, hook, nowMs);
    });
  });
  return queued;
}

/** Who asks says that the receiver is well: neither a hold nor the pause between probes puts it off. */
function letGo({ sql }: HookMemory, hook: OpenHook, nowMs: number): void {
  const { health } = hook;
  if (!isProbed(health) && health.holdUntilMs === null) return;
  hook.isAfterFailedRetry = false;
  hook.health = writeHealth(sql, {
    ...(isProbed(health) ? afterEnabling(health, true, nowMs) : health),
    holdUntilMs: null,
  });
}

/** Everything pending that is selected, a step at a time; what is under way is left out. Returns how many turns it took. */
async function eachStep(
  host: BulkHost,
  hook: OpenHook,
  limit: number,
  selection: Selection,
  step: (pending: readonly Pending[]) => void,
): Promise<number> {
  const walk = hook.queue.walk();
  let turns = 1;
  while (host.memory.open === hook) {
    host.memory.refresh();
    const part = walk.next(limit);
    if (part === null) break;
    const pending = part.pending.filter(
      (delivery) => !hook.queue.isInFlight(delivery.seq) && isSelected(selection, delivery),
    );
    if (pending.length > 0) {
      step(pending);
      host.changed();
    }
    // Where there is little, all of it is done in one turn.
    if (!part.isFull) continue;
    turns += 1;
    await nextTurn();
  }
  return turns;
}

function cancelAll({ memory, nowMs }: BulkHost, hook: OpenHook, pending: readonly Pending[]): number {
  return memory.commit(() => {
    const ended = pending.flatMap(({ seq }) => hook.queue.cancel(seq, 'cancelled', nowMs()) ?? []);
    const cancelled = ended.filter((state) => state === 'cancelled').length;
    hook.health = writeHealth(memory.sql, {
      ...hook.health,
      cancelled: hook.health.cancelled + cancelled,
    });
    return ended.length;
  });
}

/** In the order of the log, as long as the queue has room. */
async function retryEnded(
  host: BulkHost,
  hook: OpenHook,
  selection: Selection,
  status: ReplayedState,
): Promise<BulkRetry> {
  const { memory } = host;
  const { deliveries } = hook.queue;
  const beforeSeq = deliveries.lastSeq() + 1;
  let queued = 0;
  for (let fromSeq = 1; fromSeq < beforeSeq;) {
    const rows = deliveries.ended(statesLookedAt(status), fromSeq, beforeSeq, ROWS_LOOKED_AT);
    const found = rows.filter((row) => row.state === status && isSelected(selection, row));
    for (let at = 0; at < found.length;) {
      const seqs = found.slice(at, at + REOPENED_AT_ONCE).map(({ seq }) => seq);
      const { events, lookedAt } = await host.eventsAt(seqs);
      if (memory.open !== hook || heldRefusalOf(hook) !== null) return { queued };
      const fitting = memory.commit(() => fittingOf(host, hook, events, status));
      queued += fitting.queued;
      host.changed();
      if (fitting.isFull) return queued === 0 ? 'queue-full' : { queued };
      at += lookedAt;
    }
    fromSeq = rows.length < ROWS_LOOKED_AT ? beforeSeq : lastOf(rows).seq + 1;
    await nextTurn();
  }
  return { queued };
}

function fittingOf(
  { memory, limits, nowMs }: BulkHost,
  hook: OpenHook,
  events: readonly StoredEvent[],
  status: ReplayedState,
): { readonly queued: number; readonly isFull: boolean } {
  let queued = 0;
  for (const event of events) {
    if (hook.queue.isFull(event, limits)) return { queued, isFull: true };
    queued += requeueAll(memory.sql, hook, [event], [status], IN_BULK, nowMs());
  }
  return { queued, isFull: false };
}

/** What has gone wrong has an index; what was delivered is looked for among all that has ended. */
function statesLookedAt(status: ReplayedState): readonly ReplayedState[] {
  return status === 'delivered' ? ['delivered', 'dead', 'cancelled'] : [status];
}

function lastOf(rows: readonly EndedLine[]): EndedLine {
  const last = rows.at(-1);
  if (last === undefined) throw new Error('expected a row');
  return last;
}
