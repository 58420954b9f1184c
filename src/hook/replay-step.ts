/**
 * One step of a hook's replay: finds the next events, has their payload told by the event log, queues them. How far the
 * job has come is written in the commit of what it queues, so each event is queued at most once, whatever dies when.
 * Sends nothing: what is queued goes out like any other delivery, behind what is already there.
 */
import { matches, type Pattern } from '../core/pattern.ts';
import type { StoredEvent } from '../core/stored-event.ts';
import { raiseSequenceFloor, readBounds } from './bounds.ts';
import type { OpenHook } from './open-hook.ts';
import type { ReplayedState } from './deliveries.ts';
import type { QueueLimits } from './enqueuing.ts';
import type { Queue } from './queue.ts';
import type { ReplayJob, ReplayStatus } from './replay.ts';
import { requeueAll } from './requeuing.ts';

/** What a step needs besides its hook: the event log of the tenant above all. */
export interface ReplayHost {
  /**
   * Events at these places that still have their payload. It has looked at the first `lookedAt` of them: a message
   * holds no more.
   */
  eventsAt(seqs: readonly number[]): Promise<{ events: StoredEvent[]; lookedAt: number }>;
  /** Places of events that the hook wants as it is now. It has looked at all before `nextSeq`. */
  wanted(
    fromSeq: number,
    beforeSeq: number,
    types: readonly Pattern[] | null,
  ): Promise<{ seqs: number[]; nextSeq: number }>;
  /** The hook has not been erased. */
  isOpen(): boolean;
  /** All that `work` writes, or nothing. */
  commit(work: () => void): void;
  readonly nowMs: () => number;
}

/** Of a replay, ready to go out at a time: what comes in meanwhile stands behind no more than these. */
const READY_AT_ONCE = 100;
/** It goes on when only so many are left. */
const REFILL_AT = 50;
/** Of what the queue holds; the rest is left to what comes in. */
const SHARE_OF_QUEUE = 0.9;
const ROWS_LOOKED_AT = 5_000;

const REPLAYED: Record<Exclude<ReplayStatus, 'missing'>, readonly ReplayedState[]> = {
  dead: ['dead'],
  any: ['delivered', 'dead', 'cancelled'],
};

/** Places of events to queue, rising, and the first place that has not been looked at. */
interface Found {
  readonly seqs: readonly number[];
  readonly nextSeq: number;
}

/** When the next step may be done; Infinity: not before something ends, or never. */
export function nextStepMs({ queue, replay }: OpenHook, limits: QueueLimits): number {
  if (replay.retryAtMs === Infinity) return Infinity;
  const isDrained = queue.deliveries.countReadyReplayed(READY_AT_ONCE) <= REFILL_AT;
  return isDrained && placesLeft(queue, limits) > 0 ? replay.retryAtMs : Infinity;
}

export async function replayStep(
  sql: SqlStorage,
  hook: OpenHook,
  limits: QueueLimits,
  host: ReplayHost,
): Promise<void> {
  const { queue, replay } = hook;
  const { job } = replay;
  const room = Math.min(
    READY_AT_ONCE - queue.deliveries.countReadyReplayed(READY_AT_ONCE),
    placesLeft(queue, limits),
  );
  if (job === null || replay.retryAtMs === Infinity || room <= 0) return;
  const answer = await replay.ask(async () => {
    const found = await find(sql, hook, job, room, host);
    return { found, ...(await eventsAt(found, host)) };
  }, host.nowMs);
  // Cancelled meanwhile, or read anew from the disk.
  if (answer === null || hook.replay.job !== job || !host.isOpen()) return;
  const { found, events, lookedAt } = answer;
  const nowMs = host.nowMs();
  host.commit(() => {
    // Where the clock was set back, others lie between the first and the last of them.
    const { fromMs, toMs } = job;
    const wanted = events.filter(({ recordedAtMs: at }) => at >= fromMs && (toMs === null || at < toMs));
    const queued = requeue(sql, hook, job, wanted, nowMs);
    hook.replay.advance(found.seqs[lookedAt] ?? found.nextSeq, lookedAt, queued, nowMs);
  });
}

function placesLeft({ pending, pendingBytes }: Queue, limits: QueueLimits): number {
  if (pendingBytes >= limits.bytes * SHARE_OF_QUEUE) return 0;
  return Math.ceil(limits.deliveries * SHARE_OF_QUEUE) - pending;
}

async function find(
  sql: SqlStorage,
  { queue }: OpenHook,
  { status, types, nextSeq: fromSeq, beforeSeq }: ReplayJob,
  room: number,
  host: ReplayHost,
): Promise<Found> {
  if (status === 'missing') {
    const { seqs, nextSeq } = await host.wanted(fromSeq, beforeSeq, types);
    return cut(queue.deliveries.lacking(seqs, readBounds(sql).purgedBefore), room, nextSeq);
  }
  const limit = types === null ? room : ROWS_LOOKED_AT;
  const rows = queue.deliveries.ended(REPLAYED[status], fromSeq, beforeSeq, limit);
  const isAll = rows.length < limit;
  const nextSeq = isAll ? beforeSeq : (rows.at(-1)?.seq ?? fromSeq) + 1;
  const wanted = rows.filter(({ type }) => types === null || types.some((pattern) => matches(pattern, type)));
  return cut(
    wanted.map(({ seq }) => seq),
    room,
    nextSeq,
  );
}

function cut(seqs: readonly number[], room: number, nextSeq: number): Found {
  return { seqs: seqs.slice(0, room), nextSeq: seqs[room] ?? nextSeq };
}

async function eventsAt({ seqs }: Found, host: ReplayHost): ReturnType<ReplayHost['eventsAt']> {
  return seqs.length === 0 ? { events: [], lookedAt: 0 } : host.eventsAt(seqs);
}

/** How many were queued. */
function requeue(
  sql: SqlStorage,
  hook: OpenHook,
  { id, status }: ReplayJob,
  events: readonly StoredEvent[],
  nowMs: number,
): number {
  if (status === 'missing') {
    const { queue } = hook;
    const { ordering } = hook.assignment.registration.config;
    const { purgedBefore } = readBounds(sql);
    const queued = events.filter(
      (event) => event.seq >= purgedBefore && queue.backfill(event, ordering, id, nowMs),
    );
    raiseSequenceFloor(sql, queue.lastSequence);
    return queued.length;
  }
  return requeueAll(sql, hook, events, REPLAYED[status], id, nowMs);
}
