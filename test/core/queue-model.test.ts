/**
 * A queue under random calls, next to what its rows say of what may go out: whatever it remembers of what it has looked
 * up, what it takes and when it wants to be asked again must be what a look at all rows would tell.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Settlement } from '../../src/core/delivery.ts';
import { eventId } from '../../src/core/event-id.ts';
import type { Ordering } from '../../src/core/hook-config.ts';
import { HEALTHY } from '../../src/core/health.ts';
import { eventKindOf, withKind } from '../../src/core/kind.ts';
import { turnOf, type Turn } from '../../src/core/probe.ts';
import type { StoredEvent } from '../../src/core/stored-event.ts';
import { NO_EVIDENCE, type AttemptRecord } from '../../src/hook/attempt-log.ts';
import type { Delivery } from '../../src/hook/delivery-row.ts';
import { Queue } from '../../src/hook/queue.ts';
import { HOOK_MIGRATIONS } from '../../src/hook/schema.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { Sqlite } from '../support/sqlite.ts';

const SEED = Number(process.env['POSTHORN_MODEL_SEED'] ?? 20_260_103);
const RUNS = Number(process.env['POSTHORN_MODEL_RUNS'] ?? 60);
const LIMITS = { deliveries: Infinity, bytes: Infinity };
const START_MS = 1_000_000;
const CONCURRENCY = 6;
const SUBJECTS = ['a', 'b', 'c', 'd', null];
const TYPES = ['t', 'u', 'v'];
const ANY = turnOf(HEALTHY, false);
/** How long what may not go out now has to wait. */
const PAUSE_MS = 500;
const ENDED = ['dead', 'cancelled', 'delivered'] as const;

type End = 'delivered' | 'failed' | 'dead' | 'gone' | 'none';
/** `at` picks one of however many there are. */
type Call =
  | { readonly do: 'enqueue'; readonly subjects: readonly (string | null)[] }
  | { readonly do: 'take'; readonly turn: AskedTurn }
  | { readonly do: 'end'; readonly at: number; readonly as: End; readonly delayMs: number }
  | { readonly do: 'cancel' | 'expunge' | 'by-hand' | 'requeue' | 'backfill'; readonly at: number }
  | { readonly do: 'order'; readonly ordering: Ordering }
  | { readonly do: 'jump'; readonly ms: number }
  | { readonly do: 'due' | 'rush' | 'expire' | 'manual' | 'upcoming' | 'reread' | 'crash' | 'ask' };

/** `may…`: now, or after a pause. */
interface AskedTurn {
  readonly isProbed: boolean;
  readonly isFreshFirst: boolean;
  readonly mayRetry: boolean;
  readonly mayNew: boolean;
  readonly mayTried: boolean;
}

interface Row extends Record<string, SqlStorageValue> {
  seq: number;
  position: number;
  lane: string | null;
  state: 'ready' | 'waiting' | 'retrying';
  retry_at: number | null;
  manual: number;
  type: string;
}

const at = fc.nat(1000);
const call: fc.Arbitrary<Call> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('enqueue' as const),
      subjects: fc.oneof(
        { weight: 6, arbitrary: fc.array(fc.constantFrom(...SUBJECTS), { minLength: 1, maxLength: 6 }) },
        // More than it looks up at once.
        { weight: 1, arbitrary: fc.array(fc.constantFrom(...SUBJECTS), { minLength: 70, maxLength: 80 }) },
        { weight: 1, arbitrary: fc.constantFrom('a', 'b').map((subject) => Array<string>(70).fill(subject)) },
      ),
    }),
  },
  {
    weight: 40,
    arbitrary: fc.record({
      do: fc.constant('take' as const),
      turn: fc.record({
        isProbed: fc.constantFrom(false, false, false, true),
        isFreshFirst: fc.boolean(),
        mayRetry: fc.boolean(),
        mayNew: fc.constantFrom(true, true, false),
        mayTried: fc.boolean(),
      }),
    }),
  },
  {
    weight: 36,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      at,
      as: fc.constantFrom<End[]>(
        'delivered',
        'delivered',
        'delivered',
        'delivered',
        'failed',
        'failed',
        'dead',
        'gone',
        'none',
      ),
      delayMs: fc.constantFrom(10, 100, 1000),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom('cancel', 'expunge', 'by-hand', 'requeue', 'backfill'),
      at,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('order' as const),
      ordering: fc.constantFrom<Ordering[]>('subject', 'subject', 'fifo', 'none'),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('jump' as const), ms: fc.constantFrom(-50, 1, 10, 10, 100, 990) }),
  },
  { weight: 10, arbitrary: fc.record({ do: fc.constant('ask' as const) }) },
  { weight: 16, arbitrary: fc.record({ do: fc.constant('upcoming' as const) }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constantFrom('due', 'rush', 'expire', 'manual', 'reread', 'crash') }),
  },
);

const RECORD: AttemptRecord = {
  number: 1,
  at: '',
  durationMs: 1,
  outcome: 'delivered',
  statusCode: 200,
  error: null,
  detail: null,
  ...NO_EVIDENCE,
};

class Run {
  readonly #sqlite = new Sqlite();
  readonly #events: StoredEvent[] = [];
  #queue: Queue;
  #inFlight: Delivery[] = [];
  #ordering: Ordering = 'subject';
  /** Kinds that have failed since the last success. */
  #tried: readonly string[] = [];
  #nowMs = START_MS;
  taken = 0;
  /** Of these: what a failing hook was probed with. */
  probed = 0;
  /** Beside them: what was simply next. */
  ahead = 0;
  /** Settled by one statement. */
  fast = 0;

  constructor() {
    migrate(this.#sqlite.storage, HOOK_MIGRATIONS);
    this.#queue = new Queue(this.#sqlite.sql);
  }

  perform(call: Call): void {
    const queue = this.#queue;
    const nowMs = this.#nowMs;
    switch (call.do) {
      case 'enqueue':
        for (const subject of call.subjects) {
          const event = this.#newEvent(subject);
          queue.enqueue(event, this.#ordering, LIMITS, false, nowMs);
        }
        break;
      case 'take':
        if (this.#inFlight.length < CONCURRENCY) this.#take(call.turn);
        break;
      case 'end': {
        const delivery = this.#inFlight[call.at % Math.max(1, this.#inFlight.length)];
        // One reopened by hand would be ready in no lane, where a busy fifo hook does not look for it.
        const as = call.as === 'gone' && delivery?.lane === null ? 'failed' : call.as;
        if (delivery !== undefined) this.#end(delivery, as, call.delayMs);
        break;
      }
      case 'order':
        this.#ordering = call.ordering;
        queue.reorder(call.ordering);
        break;
      case 'jump':
        this.#nowMs += call.ms;
        break;
      case 'due':
        queue.makeDue();
        break;
      case 'rush':
        queue.releaseOutage(nowMs - 500, false);
        break;
      case 'expire':
        queue.expire(nowMs - 3000, 2, nowMs);
        break;
      case 'manual': {
        const delivery = this.#inFlight.length < CONCURRENCY ? queue.takeManual() : null;
        if (delivery !== null) this.#inFlight.push(delivery);
        break;
      }
      case 'upcoming':
        if (this.#inFlight.length < CONCURRENCY) this.#takeUpcoming();
        break;
      case 'reread':
        this.#queue = new Queue(this.#sqlite.sql, queue.claims);
        break;
      case 'crash':
        this.#inFlight = [];
        this.#queue = new Queue(this.#sqlite.sql);
        this.#queue.freeLanes();
        break;
      case 'ask':
        this.#checkDue();
        break;
      default: {
        const event = this.#events[call.at % Math.max(1, this.#events.length)];
        if (event !== undefined) this.#change(call.do, event);
      }
    }
    this.#check();
  }

  /** All that is pending arrives. */
  drain(): void {
    for (let rounds = 0; ; rounds += 1) {
      expect(rounds).toBeLessThan(5_000);
      for (const delivery of this.#inFlight) this.#end(delivery, 'delivered', 0);
      if (this.#queue.pending === 0) return;
      const dueMs = this.#queue.dueMs(this.#nowMs, ANY);
      expect(dueMs, 'pending, and nothing is ever due').not.toBe(Infinity);
      this.#nowMs = Math.max(this.#nowMs, dueMs);
      this.#take({ isProbed: false, isFreshFirst: false, mayRetry: true, mayNew: true, mayTried: true });
    }
  }

  close(): void {
    this.#sqlite.db.close();
  }

  #newEvent(subject: string | null): StoredEvent {
    const seq = this.#events.length + 1;
    // In runs of the same type, with one of another kind now and then.
    const event = eventOf(seq, subject, TYPES[seq % 7 === 0 ? 2 : Math.floor(seq / 10) % 2] ?? '');
    this.#events.push(event);
    return event;
  }

  #take(asked: AskedTurn): void {
    const turn = this.#turn(asked);
    const before = this.#pending();
    const retries = this.#startable(before, {
      withFresh: false,
      withRetries: turn.retryFromMs <= this.#nowMs,
    });
    const fresh =
      turn.tried === null ? this.#startable(before, { withFresh: true }) : this.#probes(before, turn);
    const startable = [...retries, ...fresh];
    const freshOnly = fresh.filter(({ state, manual }) => state === 'ready' && manual === 0);
    this.#expectDue(turn, startable, before);
    const delivery = this.#queue.take(this.#nowMs, turn);
    const what = `${delivery?.seq} of ${startable.map(({ seq }) => seq).join()}`;
    expect(delivery === null, what).toBe(startable.length === 0);
    if (delivery === null) return;
    const taken = startable.find(({ seq }) => seq === delivery.seq);
    expect(taken, what).toBeDefined();
    const manual = startable.find((row) => row.manual === 1);
    if (manual !== undefined) expect(delivery.seq, what).toBe(manual.seq);
    else if (turn.first === 'position') {
      if (retries.length === 0) expect(delivery.seq, what).toBe(fresh[0]?.seq);
    } else {
      const isFreshDue = freshOnly.length > 0 && (turn.first === 'fresh' || retries.length === 0);
      expect(taken?.state, what).toBe(isFreshDue ? 'ready' : 'retrying');
      if (isFreshDue && turn.tried === null) expect(delivery.seq, what).toBe(freshOnly[0]?.seq);
    }
    this.taken += 1;
    if (turn.tried !== null && taken?.state === 'ready') this.probed += 1;
    this.#inFlight.push(delivery);
  }

  #turn({ isProbed, isFreshFirst, mayRetry, mayNew, mayTried }: AskedTurn): Turn {
    if (!isProbed) return { ...ANY, first: isFreshFirst ? 'fresh' : 'position' };
    const fromMs = (may: boolean) => (may ? this.#nowMs : this.#nowMs + PAUSE_MS);
    return {
      first: isFreshFirst ? 'fresh' : 'retry',
      retryFromMs: fromMs(mayRetry),
      newKindFromMs: fromMs(mayNew || mayTried),
      triedKindFromMs: fromMs(mayTried),
      tried: this.#tried,
    };
  }

  /** Heads of lanes that a failing hook may be probed with now; with new kinds first. */
  #probes(pending: readonly Row[], turn: Turn): Row[] {
    const heads = this.#startable(pending, { withFresh: true }).filter(
      ({ state, manual }) => state === 'ready' && manual === 0,
    );
    if (this.#ordering === 'fifo' && heads[0]?.lane === '') heads.length = 1;
    const isNew = ({ type }: Row) => !this.#tried.includes(eventKindOf(type));
    const hasNew = (head: Row) =>
      isNew(head) ||
      (head.lane !== null &&
        head.lane !== '' &&
        pending.some((row) => row.lane === head.lane && row.state === 'ready' && isNew(row)));
    const newKinds = turn.newKindFromMs <= this.#nowMs ? heads.filter(hasNew) : [];
    if (newKinds.length > 0) return newKinds;
    return turn.triedKindFromMs <= this.#nowMs ? heads : [];
  }

  /** When something may go out, it is due; else it is due when it may be. */
  #expectDue(turn: Turn, startable: readonly Row[], pending: readonly Row[]): void {
    const dueMs = this.#queue.dueMs(this.#nowMs, turn);
    if (startable.length > 0) expect(dueMs).toBe(this.#nowMs);
    else {
      expect(dueMs).toBeGreaterThan(this.#nowMs);
      const later = this.#startable(pending, { withFresh: false, withRetries: true }).length > 0;
      if (later) expect(dueMs).toBeLessThanOrEqual(this.#nowMs + PAUSE_MS);
      const probes = this.#probes(pending, { ...turn, newKindFromMs: -Infinity, triedKindFromMs: -Infinity });
      if (turn.tried !== null && probes.length > 0) expect(dueMs).toBeLessThanOrEqual(this.#nowMs + PAUSE_MS);
    }
  }

  /** Of what `take` would return, or nothing; it changes no row. */
  #takeUpcoming(): void {
    const before = this.#pending();
    const [first] = this.#startable(before, { withFresh: true });
    const hasDue = before.some(({ manual, state, retry_at }) => {
      return manual === 1 || (state === 'retrying' && (retry_at ?? 0) <= this.#nowMs);
    });
    const delivery = this.#queue.takeUpcoming(this.#nowMs);
    expect(this.#pending()).toEqual(before);
    if (delivery === null) return;
    expect(hasDue).toBe(false);
    expect(delivery.seq).toBe(first?.seq);
    this.ahead += 1;
    this.#inFlight.push(delivery);
  }

  #end(delivery: Delivery, as: End, delayMs: number): void {
    const queue = this.#queue;
    const nowMs = this.#nowMs;
    this.#inFlight = this.#inFlight.filter((other) => other !== delivery);
    const attempts = delivery.attempts + 1;
    const settlements: Record<Exclude<End, 'none'>, Settlement> = {
      delivered: { state: 'delivered', attempts, steps: 0 },
      failed: { state: 'retrying', attempts, steps: 0, retryAtMs: nowMs + delayMs },
      dead: { state: 'dead', reason: 'exhausted', attempts, steps: 0 },
      gone: { state: 'ready', disable: 'gone', attempts, steps: 0 },
    };
    if (as === 'delivered') {
      this.#tried = [];
      // A hook that has recovered is not probed.
      queue.dueMs(nowMs, ANY);
    } else if (as !== 'none') this.#tried = withKind(this.#tried, eventKindOf(delivery.type));
    if (as === 'delivered' && queue.settleFirst(delivery, RECORD, nowMs)) this.fast += 1;
    else if (as !== 'none') queue.settle(delivery, settlements[as], RECORD, null, nowMs);
    queue.release(delivery);
  }

  #change(change: 'cancel' | 'expunge' | 'by-hand' | 'requeue' | 'backfill', event: StoredEvent): void {
    const queue = this.#queue;
    const nowMs = this.#nowMs;
    if (change === 'expunge') {
      queue.expunged.add(event.seq);
      queue.cancel(event.seq, 'deleted', nowMs);
      return;
    }
    if (queue.isInFlight(event.seq) || queue.expunged.has(event.seq)) return;
    const state = queue.deliveries.find(event.seq)?.state;
    switch (change) {
      case 'cancel':
        queue.cancel(event.seq, 'cancelled', nowMs);
        return;
      case 'by-hand': {
        const ended = ENDED.find((some) => some === state);
        if (ended === undefined) queue.retryNow(event.seq);
        else queue.reopen(event, ended, nowMs);
        return;
      }
      case 'requeue':
        queue.requeue(event, ENDED, this.#ordering, 'rpl_1', nowMs);
        return;
      case 'backfill': {
        const added = this.#newEvent(event.subject);
        queue.backfill(added, this.#ordering, 'rpl_1', nowMs);
      }
    }
  }

  #check(): void {
    const queue = this.#queue;
    const pending = this.#pending();
    const fresh = new Queue(this.#sqlite.sql);
    const counts = ({ pending, pendingBytes, sentAgain, lastSequence }: Queue) => ({
      pending,
      pendingBytes,
      sentAgain,
      lastSequence,
    });
    expect(counts(queue)).toEqual(counts(fresh));
    const hasManual = pending.some(({ seq, manual }) => manual === 1 && !queue.isInFlight(seq));
    expect(queue.hasManual).toBe(hasManual);
    // One sent by hand goes before the head of its lane, and frees it in the end.
    const isAhead = ({ seq, manual }: Row) => manual === 1 || queue.isInFlight(seq);
    const seen = new Set(pending.filter(isAhead).map(({ lane }) => lane ?? ''));
    for (const { seq, lane, state } of pending) {
      if (lane === null) expect(state, `${seq} is in no lane`).not.toBe('waiting');
      else if (!seen.has(lane)) expect(state, `${seq} is the head of its lane`).not.toBe('waiting');
      seen.add(lane ?? '');
    }
  }

  #checkDue(): void {
    const queue = this.#queue;
    const startable = this.#startable(this.#pending(), { withFresh: true });
    const dueMs = queue.dueMs(this.#nowMs, ANY);
    if (startable.length > 0) expect(dueMs).toBe(this.#nowMs);
    else {
      const retries = this.#pending()
        .filter(({ seq, state }) => state === 'retrying' && !queue.isInFlight(seq))
        .map(({ retry_at }) => retry_at ?? NaN)
        .filter((retryAtMs) => retryAtMs > this.#nowMs);
      expect(dueMs).toBeLessThanOrEqual(Math.min(...retries));
      expect(dueMs).toBeGreaterThan(this.#nowMs);
    }
  }

  #pending(): Row[] {
    return this.#sqlite.sql
      .exec<Row>(
        `SELECT seq, position, lane, state, retry_at, manual, type FROM deliveries
         WHERE state IN ('ready', 'waiting', 'retrying') ORDER BY position`,
      )
      .toArray();
  }

  /** What may go out now, by the rows and the claims alone. */
  #startable(
    pending: readonly Row[],
    { withFresh, withRetries = true }: { withFresh: boolean; withRetries?: boolean },
  ): Row[] {
    const { claims } = this.#queue;
    const busy = new Set(claims.lanes);
    const heldBack = new Set<string>();
    return pending.filter(({ seq, lane, state, retry_at, manual }) => {
      const isBehind = lane !== null && (heldBack.has(lane) || busy.has(lane));
      if (lane !== null && state !== 'ready') heldBack.add(lane);
      if (claims.has(seq)) return false;
      if (manual === 1) return true;
      const isDue =
        state === 'ready' ? withFresh : withRetries && state === 'retrying' && (retry_at ?? 0) <= this.#nowMs;
      return isDue && !isBehind;
    });
  }
}

function eventOf(seq: number, subject: string | null, type: string): StoredEvent {
  return {
    seq,
    id: eventId(START_MS, seq, new Uint8Array(5)),
    sourceId: null,
    type,
    subject,
    source: '/s',
    event: null,
    recordedAtMs: START_MS,
    kind: 'json',
    contentType: null,
    head: '',
    raw: new TextEncoder().encode('{}'),
  };
}

test('whatever has happened, the next one is what the rows say', () => {
  let taken = 0;
  let ahead = 0;
  let fast = 0;
  let probed = 0;
  fc.assert(
    fc.property(fc.array(call, { minLength: 1, maxLength: 120, size: 'max' }), (calls) => {
      const run = new Run();
      try {
        for (const one of calls) run.perform(one);
        run.drain();
      } finally {
        run.close();
        taken += run.taken;
        ahead += run.ahead;
        fast += run.fast;
        probed += run.probed;
      }
    }),
    { seed: SEED, numRuns: RUNS },
  );
  expect(taken).toBeGreaterThan(2_000);
  expect(ahead).toBeGreaterThan(80);
  expect(fast).toBeGreaterThan(1_000);
  expect(probed).toBeGreaterThan(60);
});
