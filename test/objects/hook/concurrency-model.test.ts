/**
 * A hook with several attempts side by side, in real SQLite, under random enqueues, outcomes, hand retries, cancels,
 * pauses, changes of ordering and of concurrency, clock jumps, evictions and crashes, also while attempts are in
 * flight. There is no second queue to compare with: what must hold of any queue is read off its rows.
 */
import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import type { Ordering } from '../../../src/core/hook-config.ts';
import type { HookRuntime } from '../../../src/hook/runtime.ts';
import { Mailbox, type Letter, type MailboxAnswer } from '../../support/mailbox.ts';
import { clock, openHook, storedEvent, type HookUnderTest } from '../../support/objects.ts';

beforeEach(() => clock.start());

const GIVE_UP = 400;
const GONE = 410;
const STATUSES = [200, 200, 200, 200, 200, 500, 500, 500, 500, GIVE_UP, 429, GONE];
const SUBJECTS = ['a', 'b', 'c', 'd', null];
const PROBE_MS = 60_000;

type Meanwhile =
  | { readonly do: 'enqueue'; readonly subjects: readonly (string | null)[] }
  | { readonly do: 'order'; readonly ordering: Ordering }
  | { readonly do: 'concurrency'; readonly concurrency: number }
  | { readonly do: 'pause'; readonly paused: boolean }
  | { readonly do: 'enable' }
  | { readonly do: 'retry'; readonly at: number }
  | { readonly do: 'cancel'; readonly at: number };

type Command =
  | Meanwhile
  | { readonly do: 'jump'; readonly seconds: number }
  | { readonly do: 'evict' }
  | { readonly do: 'crash' }
  | { readonly do: 'wake'; readonly statuses: readonly number[]; readonly meanwhile: readonly Meanwhile[] };

interface Row extends Record<string, SqlStorageValue> {
  seq: number;
  sequence: number;
  position: number;
  lane: string | null;
  state: string;
  retry_at: number | null;
  manual: number;
  reopened_from: string | null;
  payload: number;
  bytes: number;
}

const PENDING = ['ready', 'waiting', 'retrying'];

const meanwhile: fc.Arbitrary<Meanwhile> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('enqueue' as const),
      subjects: fc.array(fc.constantFrom(...SUBJECTS), { minLength: 1, maxLength: 8 }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('retry' as const), at: fc.nat(1000) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('cancel' as const), at: fc.nat(1000) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('order' as const),
      ordering: fc.constantFrom<Ordering>('subject', 'subject', 'fifo', 'none'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('concurrency' as const),
      concurrency: fc.integer({ min: 1, max: 6 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('pause' as const), paused: fc.constantFrom(true, false, false) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('enable' as const) }) },
);

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: meanwhile },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('wake' as const),
      statuses: fc.array(fc.constantFrom(...STATUSES), { minLength: 1, maxLength: 12 }),
      meanwhile: fc.array(meanwhile, { maxLength: 3 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('jump' as const), seconds: fc.constantFrom(1, 10, 30, 100) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('evict' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
);

class Run {
  readonly #hook: HookUnderTest;
  readonly #box: Mailbox;
  readonly #subjects: (string | null)[] = [];
  readonly #delivered = new Set<string>();
  /** First attempts not made by hand, in order; void once no order was asked for. */
  readonly #firsts: Letter[] = [];
  #isOrdered = true;
  #ordering: Ordering = 'subject';
  #concurrency: number;
  #widest: number;
  #seen = 0;
  attempts = 0;

  private constructor(hook: HookUnderTest, box: Mailbox, concurrency: number) {
    this.#hook = hook;
    this.#box = box;
    this.#concurrency = concurrency;
    this.#widest = concurrency;
  }

  static async start(concurrency: number): Promise<Run> {
    const box = new Mailbox();
    const retry = { scheduleSeconds: [10, 100], giveUpOn: [GIVE_UP] };
    const hook = await openHook(box.url, { concurrency, retry, format: 'raw' });
    return new Run(hook, box, concurrency);
  }

  async perform(command: Command): Promise<void> {
    switch (command.do) {
      case 'jump':
        clock.advance(command.seconds * 1000);
        return;
      case 'evict':
        return this.#hook.evict();
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
    const { rows, runtime, alarmAt, outageSince } = await this.#state();
    const pending = rows.filter(({ state }) => PENDING.includes(state));
    const count = (state: string) => rows.filter((row) => row.state === state).length;
    // It counts as delivered while it is sent again.
    const again = pending.filter(({ reopened_from }) => reopened_from === 'delivered').length;
    expect(runtime).toMatchObject({
      pending: pending.length - again,
      delivered: count('delivered') + again,
      dead: count('dead'),
    });
    expect(rows.map(({ sequence }) => sequence)).toEqual(this.#subjects.map((_, at) => at + 1));
    for (const { seq, state, payload, manual } of rows) {
      expect(payload, `payload of ${seq}`).toBe(PENDING.includes(state) ? 1 : 0);
      if (!PENDING.includes(state)) expect(manual, `${seq} has ended`).toBe(0);
    }
    const heads = headsOf(pending);
    for (const head of heads) expect(head.state, `${head.seq} waits for nobody`).not.toBe('waiting');
    if (runtime.state !== 'active' || pending.length === 0) return;
    const holdMs = runtime.waiting?.reason === 'retry-after' ? (runtime.waiting.untilMs ?? 0) : 0;
    const probeMs = runtime.consecutiveFailures >= 5 ? PROBE_MS : 0;
    const retryFromMs = retryFrom(runtime, outageSince);
    const dueMs = Math.min(
      ...heads.map((head) =>
        head.manual === 1
          ? clock.nowMs()
          : Math.max(
              head.retry_at === null ? clock.nowMs() + probeMs : Math.max(head.retry_at, retryFromMs),
              holdMs,
              clock.nowMs(),
            ),
      ),
    );
    expect(alarmAt ?? Infinity, 'the alarm is late').toBeLessThanOrEqual(dueMs);
  }

  /** One wake; as many attempts as may start are in flight while other things happen. */
  async wake(statuses: readonly number[], changes: readonly Meanwhile[]): Promise<void> {
    const startable = await this.#startable();
    const held = changes.length === 0 ? 0 : startable;
    const answers = statuses.map((status, at): MailboxAnswer => {
      if (at < held) return { kind: 'held', status };
      return { status, headers: status === 429 ? { 'retry-after': '30' } : {} };
    });
    const more = Array.from(
      { length: Math.max(0, held - statuses.length) },
      () => ({ kind: 'held' }) as const,
    );
    await this.#box.answerWith({ status: 200 }, ...answers, ...more);
    const alarm = this.#hook.wake();
    if (held > 0) {
      const inFlight = (await this.#box.letters(this.#seen + held)).slice(this.#seen);
      const lanes = inFlight.filter(isByItself).map((letter) => this.#laneOf(letter));
      expect(new Set(lanes).size, 'two of one lane side by side').toBe(lanes.length);
      for (const change of changes) await this.#change(change);
      await this.#box.release();
    }
    await alarm;
    await this.#read((at) => statuses[at] ?? 200);
    expect(await this.#box.maxInFlight()).toBeLessThanOrEqual(this.#widest);
    const { alarmAt } = await this.#state();
    if (alarmAt !== null) expect(alarmAt, 'the wake left work').toBeGreaterThan(clock.nowMs());
  }

  /** Everything is let go and answered well: what is pending arrives. */
  async drain(): Promise<void> {
    await this.#change({ do: 'pause', paused: false });
    await this.#change({ do: 'enable' });
    for (let wakes = 0; (await this.#hook.stub.runtime()).pending > 0; wakes += 1) {
      expect(wakes).toBeLessThan(50);
      const alarmAt = await this.#hook.alarmAt();
      expect(alarmAt, 'pending, but no alarm').not.toBeNull();
      clock.set(Math.max(clock.nowMs(), alarmAt ?? 0));
      await this.wake([200], []);
    }
    if (!this.#isOrdered) return;
    const last = new Map<string | null, number>();
    for (const letter of this.#firsts) {
      const subject = this.#subjectOf(letter);
      if (subject === null) continue;
      expect(last.get(subject) ?? 0, `order of ${subject}`).toBeLessThan(sequenceOf(letter));
      last.set(subject, sequenceOf(letter));
    }
  }

  async #read(statusAt: ((at: number) => number) | null): Promise<void> {
    const letters = (await this.#box.letters()).slice(this.#seen);
    this.#seen += letters.length;
    for (const [at, letter] of letters.entries()) {
      const id = letter.headers['webhook-id'] ?? '';
      if (isByItself(letter)) {
        expect(this.#delivered.has(id), `${id} again by itself`).toBe(false);
        if (letter.headers['posthorn-attempt'] === '1' && statusAt !== null) this.#firsts.push(letter);
      }
      if (statusAt?.(at) === 200) this.#delivered.add(id);
    }
    this.attempts += letters.length;
  }

  /** The process dies with attempts in flight: it is as if they had not been made. */
  async #crash(): Promise<void> {
    const startable = await this.#startable();
    await this.#box.answerWith({ kind: 'held' });
    const alarm = this.#hook.wake().catch(() => false);
    if (startable === 0) await alarm;
    else await this.#box.letters(this.#seen + startable);
    await this.#hook.crash();
    await alarm;
    await this.#box.release();
    await this.#read(null);
  }

  /** How many attempts a wake starts before anything else happens, as the rows say it. */
  async #startable(): Promise<number> {
    const { rows, runtime, outageSince } = await this.#state();
    if (runtime.state !== 'active') return 0;
    const pending = rows.filter(({ state }) => PENDING.includes(state));
    const manual = pending.filter((row) => row.manual === 1);
    const isProbed = runtime.consecutiveFailures >= 5 || outageSince !== null;
    const isFreshFree = runtime.waiting?.reason !== 'failing';
    const retryFromMs = retryFrom(runtime, outageSince);
    const busy = new Set(manual.map(({ lane }) => lane).filter((lane) => lane !== null));
    const others =
      runtime.waiting?.reason === 'retry-after' || (isProbed && manual.length > 0)
        ? []
        : headsOf(pending).filter(
            ({ manual, lane, retry_at, state }) =>
              manual === 0 &&
              (lane === null || !busy.has(lane)) &&
              (state === 'ready'
                ? isFreshFree
                : Math.max(retry_at ?? Infinity, retryFromMs) <= clock.nowMs()),
          );
    return Math.min(this.#concurrency, manual.length + Math.min(others.length, isProbed ? 1 : Infinity));
  }

  async #state() {
    return this.#hook.inside(async (hook, { storage }) => ({
      rows: storage.sql
        .exec<Row>(
          `SELECT seq, sequence, position, lane, state, retry_at, manual, reopened_from, raw IS NOT NULL AS payload, bytes
           FROM deliveries ORDER BY seq`,
        )
        .toArray(),
      outageSince: storage.sql.exec<{ at: number | null }>('SELECT outage_since AS at FROM health').one().at,
      runtime: hook.runtime(),
      alarmAt: await storage.getAlarm(),
    }));
  }

  async #change(change: Meanwhile): Promise<void> {
    switch (change.do) {
      case 'enqueue': {
        const first = this.#subjects.length + 1;
        this.#subjects.push(...change.subjects);
        await this.#hook.enqueue(
          ...change.subjects.map((subject, at) => storedEvent(first + at, { subject })),
        );
        return;
      }
      case 'order':
        if (change.ordering === 'none') this.#isOrdered = false;
        this.#ordering = change.ordering;
        return this.#hook.patch({ ordering: change.ordering });
      case 'concurrency':
        this.#concurrency = change.concurrency;
        this.#widest = Math.max(this.#widest, change.concurrency);
        return this.#hook.patch({ concurrency: change.concurrency });
      case 'pause':
        return this.#hook.patch({ paused: change.paused });
      case 'enable':
        await this.#hook.inside((hook) => hook.enable());
        return;
      case 'retry':
      case 'cancel': {
        if (this.#subjects.length === 0) return;
        const seq = (change.at % this.#subjects.length) + 1;
        const subject = this.#subjects[seq - 1] ?? null;
        await this.#hook.inside((hook) =>
          change.do === 'cancel' ? hook.cancel(seq) : hook.retry(storedEvent(seq, { subject })),
        );
      }
    }
  }

  #laneOf(letter: Letter): string {
    const subject = this.#subjectOf(letter);
    if (this.#ordering === 'fifo') return 'all';
    return this.#ordering === 'none' || subject === null ? (letter.headers['webhook-id'] ?? '') : subject;
  }

  #subjectOf(letter: Letter): string | null {
    return this.#subjects[sequenceOf(letter) - 1] ?? null;
  }
}

/** The first of each lane, and whatever is in none or goes out by hand. */
function headsOf(pending: readonly Row[]): Row[] {
  const inOrder = [...pending].sort((a, b) => a.position - b.position);
  const seen = new Set<string>();
  return inOrder
    .filter(({ lane, manual }) => {
      const isFirst = lane === null || !seen.has(lane);
      if (lane !== null) seen.add(lane);
      return isFirst || manual === 1;
    })
    .filter(({ state, manual }) => !(state === 'waiting' && manual === 1));
}

/** In an outage that somebody has declared over all that failed is due, and is tried with the pauses of probes. */
function retryFrom(
  { consecutiveFailures, lastFailureAtMs }: HookRuntime,
  outageSince: number | null,
): number {
  if (outageSince === null || consecutiveFailures === 0) return 0;
  return (lastFailureAtMs ?? 0) + Math.min(PROBE_MS, 1000 * 2 ** Math.max(0, consecutiveFailures - 5));
}

function isByItself({ headers }: Letter): boolean {
  return headers['posthorn-replay'] === undefined;
}

function sequenceOf({ headers }: Letter): number {
  return Number(headers['posthorn-sequence']);
}

test('side by side, whatever happens: no lane is stranded or overtaken, nothing is lost or doubled, and the alarm is set', async () => {
  let attempts = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 6 }),
      fc.array(command, { minLength: 5, maxLength: 40, size: 'max' }),
      async (concurrency, commands) => {
        clock.start();
        const run = await Run.start(concurrency);
        for (const command of commands) {
          await run.perform(command);
          await run.check();
        }
        await run.drain();
        await run.check();
        attempts += run.attempts;
      },
    ),
    { seed: 20_260_102, numRuns: 60 },
  );
  expect(attempts).toBeGreaterThan(400);
}, 120_000);
