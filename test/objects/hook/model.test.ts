/**
 * The queue in real SQLite against a reference: random enqueues, attempts, clock jumps, pauses, changes of ordering,
 * evictions and crashes, also while an attempt is in flight. The reference says which attempts are allowed and what
 * each one makes of the queue, not which of several allowed ones comes first.
 */
import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import type { Ordering } from '../../../src/core/hook-config.ts';
import { Mailbox, type MailboxAnswer } from '../../support/mailbox.ts';
import { clock, openHook, storedEvent, type HookUnderTest } from '../../support/objects.ts';

beforeEach(() => clock.start());

const STEPS_SECONDS = [10, 100];
const GIVE_UP = 400;
const GONE = 410;
const STATUSES = [200, 200, 200, 200, 500, 500, 500, 500, GIVE_UP, GONE];
const SUBJECTS = ['a', 'b', null];
const QUEUE_LIMIT = 12;

type Meanwhile =
  | { readonly do: 'enqueue'; readonly subjects: readonly (string | null)[]; readonly again: number }
  | { readonly do: 'order'; readonly ordering: Ordering }
  | { readonly do: 'pause'; readonly paused: boolean }
  | { readonly do: 'enable' }
  | { readonly do: 'delete' };

type Command =
  | Meanwhile
  | { readonly do: 'jump'; readonly seconds: number }
  | { readonly do: 'evict' }
  | { readonly do: 'wake'; readonly statuses: readonly number[]; readonly meanwhile: Meanwhile | null }
  | { readonly do: 'crash' };

interface Item {
  readonly seq: number;
  readonly sequence: number | null;
  readonly subject: string | null;
  status: 'pending' | 'delivered' | 'dead' | 'cancelled' | 'skipped';
  attempts: number;
  steps: number;
  /** Of a head of its lane that failed; what stands behind others has no time of its own. */
  retryAtMs: number | null;
  failedAtMs: number;
  /** The attempt before that one; Infinity: there was none. */
  triedBeforeAtMs: number;
}

const pauseMs = (failures: number) => Math.min(60_000, 1000 * 2 ** Math.max(0, failures - 5));

/** How the hook fares: while it is probed what has not been tried yet waits, and the success that ends it hurries the rest. */
class ReferenceHealth {
  #failures = 0;
  #failingSinceMs = Infinity;
  #outageSinceMs = Infinity;
  #failedAtMs = 0;
  #probedAtMs = 0;

  get isProbed(): boolean {
    return this.#failures >= 5 || this.#outageSinceMs !== Infinity;
  }

  failed(isFirstTry: boolean): void {
    this.#failures += 1;
    this.#failedAtMs = clock.nowMs();
    this.#failingSinceMs = Math.min(this.#failingSinceMs, clock.nowMs());
    if (isFirstTry) this.#probedAtMs = clock.nowMs();
  }

  /** When the outage began that this ends; Infinity: there was none. */
  succeeded(): number {
    const sinceMs = this.isProbed ? Math.min(this.#outageSinceMs, this.#failingSinceMs) : Infinity;
    this.#failures = 0;
    this.#failingSinceMs = this.#outageSinceMs = Infinity;
    return sinceMs;
  }

  enabled(hasFailed: boolean): void {
    const sinceMs = Math.min(this.#outageSinceMs, this.#failingSinceMs);
    this.#outageSinceMs = sinceMs === Infinity && hasFailed ? clock.nowMs() : sinceMs;
    this.#failures = 0;
    this.#failingSinceMs = Infinity;
  }

  /** Nothing that has not been tried yet goes out before. */
  freshFromMs(): number {
    if (!this.isProbed || this.#failures === 0) return 0;
    return this.#probedAtMs + pauseMs(this.#failures);
  }

  /** Nothing that has failed goes out before: after a resume all of it is due. */
  retryFromMs(): number {
    if (this.#outageSinceMs === Infinity || this.#failures === 0) return 0;
    return this.#failedAtMs + pauseMs(this.#failures);
  }
}

class Reference {
  readonly items: Item[] = [];
  readonly #health = new ReferenceHealth();
  ordering: Ordering = 'subject';
  isPaused = false;
  isDisabled = false;
  isDeleted = false;
  #lastSequence = 0;

  get pending(): Item[] {
    return this.items.filter(({ status }) => status === 'pending');
  }

  count(status: Item['status']): number {
    return this.items.filter((item) => item.status === status).length;
  }

  get isHeld(): boolean {
    return this.isPaused || this.isDisabled || this.isDeleted;
  }

  enqueue(subject: string | null): void {
    const status = this.isDeleted ? 'cancelled' : this.pending.length >= QUEUE_LIMIT ? 'skipped' : 'pending';
    if (status !== 'skipped') this.#lastSequence += 1;
    const sequence = status === 'skipped' ? null : this.#lastSequence;
    const seq = this.items.length + 1;
    this.items.push({
      seq,
      sequence,
      subject,
      status,
      attempts: 0,
      steps: 0,
      retryAtMs: null,
      failedAtMs: 0,
      triedBeforeAtMs: Infinity,
    });
  }

  order(ordering: Ordering): void {
    this.ordering = ordering;
    for (const item of this.pending) if (!this.#isHead(item)) item.retryAtMs = null;
  }

  delete(): void {
    for (const item of this.pending) item.status = 'cancelled';
    this.isDeleted = true;
  }

  /** When something may go out next: now, later, or never by itself. */
  dueMs(): number {
    if (this.isHeld) return Infinity;
    const heads = this.pending.filter((item) => this.#isHead(item));
    const freshFromMs = this.#health.freshFromMs();
    const retryFromMs = this.#health.retryFromMs();
    return Math.min(
      ...heads.map(({ retryAtMs }) =>
        Math.max(retryAtMs === null ? freshFromMs : Math.max(retryAtMs, retryFromMs), clock.nowMs()),
      ),
      Infinity,
    );
  }

  /** Checks that an attempt at this moment is allowed, before anything else happens. */
  begin(seq: number): Item {
    const item = this.items[seq - 1];
    if (item === undefined) throw new Error(`attempt of ${seq}, which was never enqueued`);
    expect(this.isHeld, `attempt of ${seq} while the hook is held`).toBe(false);
    expect(item.status, `attempt of ${seq}`).toBe('pending');
    expect(this.#isHead(item), `${seq} overtakes in its lane`).toBe(true);
    expect(item.retryAtMs ?? 0, `${seq} is early`).toBeLessThanOrEqual(clock.nowMs());
    return item;
  }

  end(item: Item, statusCode: number): void {
    item.attempts += 1;
    if (statusCode === 200) {
      const sinceMs = this.#health.succeeded();
      const isBrief = clock.nowMs() - sinceMs < 60_000;
      for (const other of this.pending) {
        const isOfOutage = other.failedAtMs >= sinceMs && (!isBrief || other.triedBeforeAtMs >= sinceMs);
        if (other.retryAtMs !== null && isOfOutage) other.retryAtMs = clock.nowMs();
      }
    } else if (statusCode !== GIVE_UP) this.#health.failed(item.attempts === 1);
    if (item.attempts > 1) item.triedBeforeAtMs = item.failedAtMs;
    item.failedAtMs = clock.nowMs();
    if (statusCode === GONE) this.isDisabled = true;
    if (item.status !== 'pending') return;
    item.retryAtMs = null;
    if (statusCode === 200) item.status = 'delivered';
    else if (statusCode === GIVE_UP) item.status = 'dead';
    else if (statusCode !== GONE) {
      const stepSeconds = STEPS_SECONDS[item.steps];
      item.steps += 1;
      if (stepSeconds === undefined) item.status = 'dead';
      else if (this.#isHead(item)) item.retryAtMs = clock.nowMs() + stepSeconds * 1000;
    }
  }

  enable(): void {
    const failed = this.pending.filter(({ retryAtMs }) => retryAtMs !== null);
    this.#health.enabled(failed.length > 0);
    this.isDisabled = false;
    for (const item of failed) item.retryAtMs = clock.nowMs();
  }

  #isHead(item: Item): boolean {
    const lane = this.#laneOf(item);
    return (
      lane === null || !this.pending.some((other) => other.seq < item.seq && this.#laneOf(other) === lane)
    );
  }

  #laneOf({ subject }: Item): string | null {
    if (this.ordering === 'none') return null;
    return this.ordering === 'fifo' ? 'all' : subject;
  }
}

const meanwhile: fc.Arbitrary<Meanwhile> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('enqueue' as const),
      subjects: fc.array(fc.constantFrom(...SUBJECTS), { minLength: 1, maxLength: 5 }),
      again: fc.nat(3),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('order' as const),
      ordering: fc.constantFrom<Ordering>('subject', 'fifo', 'none'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('pause' as const), paused: fc.constantFrom(true, false, false) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('enable' as const) }) },
);

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 5, arbitrary: meanwhile },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constant('wake' as const),
      statuses: fc.array(fc.constantFrom(...STATUSES), { minLength: 1, maxLength: 6 }),
      meanwhile: fc.option(
        fc.oneof(
          { weight: 40, arbitrary: meanwhile },
          { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const) }) },
        ),
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('jump' as const), seconds: fc.constantFrom(1, 10, 100) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('evict' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
);

class Run {
  readonly reference = new Reference();
  readonly #hook: HookUnderTest;
  readonly #box: Mailbox;
  #seen = 0;

  constructor(hook: HookUnderTest, box: Mailbox) {
    this.#hook = hook;
    this.#box = box;
  }

  async perform(command: Command): Promise<void> {
    switch (command.do) {
      case 'jump':
        clock.advance(command.seconds * 1000);
        return;
      case 'evict':
        await this.#hook.evict();
        return this.#limit();
      case 'crash':
        return this.#crash();
      case 'wake':
        return this.wake(command.statuses, command.meanwhile);
      default:
        return this.#change(command);
    }
  }

  /** What must hold whenever nothing is in flight. */
  async check(): Promise<void> {
    const { reference } = this;
    const [runtime, alarmAt, rows] = await this.#hook.inside(async (hook, { storage }) => [
      hook.runtime(),
      await storage.getAlarm(),
      hook
        .deliveries(null, null, 1000)
        .views.map((view) => ({ ...view, logged: hook.delivery(view.seq)?.attemptLog.length }))
        .reverse(),
    ]);
    expect(runtime).toMatchObject({
      pending: reference.pending.length,
      delivered: reference.count('delivered'),
      dead: reference.count('dead'),
      state: reference.isDisabled ? 'disabled' : reference.isPaused ? 'paused' : 'active',
    });
    expect(
      rows.map(({ seq, sequence, attempts, status, logged }) => ({
        seq,
        sequence,
        attempts,
        status: status === 'held' ? 'pending' : status,
        logged,
      })),
    ).toEqual(
      reference.items.map(({ seq, sequence, attempts, status }) => ({
        seq,
        sequence,
        attempts,
        status,
        logged: attempts,
      })),
    );
    const dueMs = reference.dueMs();
    if (dueMs !== Infinity) expect(alarmAt ?? Infinity, 'the alarm is late').toBeLessThanOrEqual(dueMs);
  }

  /** One wake; the first attempt is in flight while something else happens. */
  async wake(statuses: readonly number[], meanwhile: Meanwhile | null): Promise<void> {
    const { reference } = this;
    const [first = 200, ...rest] = statuses;
    const answers: MailboxAnswer[] = [
      meanwhile === null ? { status: first } : { kind: 'held', status: first },
      ...rest.map((status) => ({ status })),
    ];
    await this.#box.answerWith({ status: 200 }, ...answers);
    const expected = reference.dueMs() <= clock.nowMs();
    const alarm = this.#hook.wake();
    let inFlight: Item | null = null;
    if (expected && meanwhile !== null) {
      inFlight = reference.begin(await this.#seqOf(this.#seen));
      await this.#change(meanwhile);
      await this.#box.release();
    }
    await alarm;
    const ids = (await this.#box.ids()).slice(this.#seen);
    for (const [at, id] of ids.entries()) {
      const item = inFlight !== null && at === 0 ? inFlight : reference.begin(seqOf(id));
      reference.end(item, statuses[at] ?? 200);
    }
    this.#seen += ids.length;
    expect(reference.dueMs(), 'the wake left work that was due').toBeGreaterThan(clock.nowMs());
    const alarmAt = await this.#hook.alarmAt();
    if (alarmAt !== null) expect(alarmAt, 'the alarm is set in vain').toBeGreaterThan(clock.nowMs());
  }

  /** Everything is let go and answered well: what is pending arrives, once, in order. */
  async drain(): Promise<void> {
    if (this.reference.isDeleted) return;
    await this.#change({ do: 'pause', paused: false });
    await this.#change({ do: 'enable' });
    for (let wakes = 0; this.reference.pending.length > 0; wakes += 1) {
      expect(wakes).toBeLessThan(50);
      const alarmAt = await this.#hook.alarmAt();
      expect(alarmAt, 'pending, but no alarm').not.toBeNull();
      clock.set(Math.max(clock.nowMs(), alarmAt ?? 0));
      await this.wake([200], null);
    }
  }

  /** The process dies with an attempt in flight, if one is due: it is as if it had not been made. */
  async #crash(): Promise<void> {
    await this.#box.answerWith({ status: 200 }, { kind: 'held' });
    const isDue = this.reference.dueMs() <= clock.nowMs();
    const alarm = this.#hook.wake().catch(() => false);
    if (isDue) {
      this.reference.begin(await this.#seqOf(this.#seen));
      this.#seen += 1;
    } else await alarm;
    await this.#hook.crash();
    await alarm;
    await this.#box.release();
    await this.#limit();
  }

  async #seqOf(at: number): Promise<number> {
    return seqOf((await this.#box.ids(at + 1))[at] ?? '');
  }

  async #change(change: Meanwhile): Promise<void> {
    const { reference } = this;
    switch (change.do) {
      case 'enqueue': {
        const known = reference.items.slice(-change.again || reference.items.length);
        for (const subject of change.subjects) reference.enqueue(subject);
        const fresh = reference.items.slice(-change.subjects.length);
        await this.#hook.enqueue(
          ...[...known, ...fresh].map(({ seq, subject }) => storedEvent(seq, { subject })),
        );
        return;
      }
      case 'order':
        reference.order(change.ordering);
        await this.#hook.patch({ ordering: change.ordering });
        return;
      case 'pause':
        reference.isPaused = change.paused;
        await this.#hook.patch({ paused: change.paused });
        return;
      case 'enable':
        reference.enable();
        await this.#hook.inside((hook) => hook.enable());
        return;
      case 'delete':
        reference.delete();
        await this.#hook.delete();
    }
  }

  async #limit(): Promise<void> {
    await this.#hook.inside((hook) => void Object.assign(hook.queueLimits, { deliveries: QUEUE_LIMIT }));
  }

  static async start(): Promise<Run> {
    const box = new Mailbox();
    const hook = await openHook(box.url, { retry: { scheduleSeconds: STEPS_SECONDS, giveUpOn: [GIVE_UP] } });
    const run = new Run(hook, box);
    await run.#limit();
    return run;
  }
}

function seqOf(id: string): number {
  return storedSeqs.get(id) ?? NaN;
}

/** Ids are made from places alone. */
const storedSeqs = new Map(
  Array.from({ length: 1000 }, (_, at) => [storedEvent(at + 1).id as string, at + 1] as const),
);

test('whatever happens, in whatever order: each goes out in order, none is lost, and the alarm is set', async () => {
  let attempts = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 40, size: 'max' }), async (commands) => {
      clock.start();
      const run = await Run.start();
      for (const command of commands) {
        await run.perform(command);
        await run.check();
      }
      await run.drain();
      await run.check();
      const numbers = run.reference.items
        .map(({ sequence }) => sequence)
        .filter((sequence) => sequence !== null);
      expect(numbers).toEqual(numbers.map((_, at) => at + 1));
      attempts += run.reference.items.reduce((all, item) => all + item.attempts, 0);
    }),
    { seed: 20_260_101, numRuns: 60 },
  );
  expect(attempts).toBeGreaterThan(400);
}, 120_000);
