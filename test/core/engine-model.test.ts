/**
 * The guarantees of the engine, by a model: the log, its fan-out and two hooks on real SQLite, under random events,
 * answers, changes of registrations, pauses, clock jumps, rotations, calls by hand and crashes, each at any moment. What
 * each hook may and must do, test/support/engine-model.ts says.
 *
 * The same steps every time; another seed is in POSTHORN_MODEL_SEED, more runs in POSTHORN_MODEL_RUNS.
 */
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Ordering } from '../../src/core/hook-config.ts';
import { matches, parsePattern } from '../../src/core/pattern.ts';
import { rotated } from '../../src/core/rotation.ts';
import { newSecret } from '../../src/core/signature.ts';
import { readHealth } from '../../src/hook/health.ts';
import type { BulkStatus } from '../../src/hook/in-bulk.ts';
import { Queue } from '../../src/hook/queue.ts';
import { SAFETY_NET_MS } from '../../src/storage/alarm.ts';
import { Engine, settled, type HandOver, type InFlight } from '../support/engine.ts';
import {
  GIVE_UP,
  MAX_PENDING,
  ModelHook,
  must,
  STEPS,
  type End,
  type ModelDelivery,
} from '../support/engine-model.ts';

const switches = vi.hoisted((): { delivery: 'open' | 'paused'; updatedAtMs: null } => ({
  delivery: 'open',
  updatedAtMs: null,
}));
// The switchboard is another object, with tests of its own; here its switch is turned at will.
vi.mock('../../src/switchboard/switches.ts', () => ({ switchesNow: () => Promise.resolve(switches) }));

const SEED = Number(process.env['POSTHORN_MODEL_SEED'] ?? 20_260_101);
const RUNS = Number(process.env['POSTHORN_MODEL_RUNS'] ?? 640);
const STEPS_PER_RUN = 400;
const START_MS = Date.UTC(2100, 0, 1);
const TYPES = ['a.one', 'a.two', 'b.one'];
const SUBJECTS = ['s', 't', 'u', null];
const RETRY_AFTER_SECONDS = 30;
/** A clock that is set back by no more is not told from one that is slow. */
const CLOCK_SLACK_MS = 1_000;
/** As long as nothing happens a hook looks again after this at the latest: its longest wait, the pause between two probes. */
const LONGEST_WAIT_MS = Math.max(...STEPS, 60) * 1000 + CLOCK_SLACK_MS;

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** What changes a hook. `hook` is 0 or 1. */
type Change =
  | { readonly do: 'pause'; readonly hook: number }
  | { readonly do: 'resume'; readonly hook: number }
  | { readonly do: 'order'; readonly hook: number; readonly ordering: Ordering }
  | { readonly do: 'width'; readonly hook: number; readonly concurrency: number }
  /** `filtered`: of these types, those about this subject; null: all. */
  | {
      readonly do: 'follow';
      readonly hook: number;
      readonly pattern: string;
      readonly filtered: string | null;
    }
  | { readonly do: 'rotate'; readonly hook: number; readonly secret: number; readonly overlapMs: number }
  | { readonly do: 'delete'; readonly hook: number };

/** `at` picks one of however many there are. */
type Step =
  | Change
  | { readonly do: 'accept'; readonly events: readonly (readonly [string, string | null])[] }
  | { readonly do: 'fan-out'; readonly handOvers: readonly HandOver[] }
  | { readonly do: 'wake'; readonly hook: number; readonly isEarly: boolean }
  | { readonly do: 'answer'; readonly at: number; readonly end: End }
  /** A success, one turn of the event loop before what comes next: it may not be on disk by then. */
  | { readonly do: 'arrive'; readonly at: number }
  | { readonly do: 'jump'; readonly ms: number }
  /** The clock is set, which no timer is moved by. */
  | { readonly do: 'clock'; readonly ms: number }
  | { readonly do: 'retry' | 'cancel'; readonly hook: number; readonly at: number }
  /** Of many; `subject` null: about whatever. */
  | {
      readonly do: 'retry-all';
      readonly hook: number;
      readonly subject: string | null;
      readonly status: BulkStatus;
    }
  | { readonly do: 'cancel-all'; readonly hook: number; readonly subject: string | null }
  | { readonly do: 'switch'; readonly delivery: 'open' | 'paused' }
  | { readonly do: 'crash'; readonly hook: number }
  | { readonly do: 'crash-log' };

/** In the midst of an answer the model does not know what they come to. */
const AFTER_THE_REST: ReadonlySet<Step['do']> = new Set([
  'retry',
  'cancel',
  'retry-all',
  'cancel-all',
  'clock',
  'delete',
  'fan-out',
  'crash-log',
]);

const hook = fc.nat(1);
const at = fc.nat(1000);
const of = <const Name extends string, T>(
  weight: number,
  name: Name,
  members: { [M in keyof T]: fc.Arbitrary<T[M]> },
) => ({
  weight,
  arbitrary: fc.record({ do: fc.constant(name), ...members }) as fc.Arbitrary<{ do: Name } & T>,
});

const step: fc.Arbitrary<Step> = fc.oneof(
  of(90, 'accept', {
    events: fc.array(fc.tuple(fc.constantFrom(...TYPES), fc.constantFrom(...SUBJECTS)), {
      minLength: 1,
      maxLength: 4,
    }),
  }),
  of(70, 'fan-out', {
    handOvers: fc.array(fc.constantFrom<HandOver[]>('taken', 'taken', 'refused', 'answer-lost', 'hangs'), {
      maxLength: 2,
    }),
  }),
  of(160, 'wake', { hook, isEarly: fc.boolean() }),
  of(260, 'answer', {
    at,
    end: fc.constantFrom<End[]>(
      200,
      200,
      200,
      200,
      200,
      500,
      500,
      500,
      500,
      'lost',
      'lost',
      429,
      GIVE_UP,
      410,
      'quota',
    ),
  }),
  of(120, 'arrive', { at }),
  of(60, 'jump', { ms: fc.constantFrom(1, 1_000, 10_000, 16_000, 60_000, 110_000) }),
  of(10, 'clock', { ms: fc.constantFrom(-600_000, -20_000, -1_000, 600_000) }),
  of(10, 'pause', { hook }),
  of(80, 'resume', { hook }),
  of(20, 'order', { hook, ordering: fc.constantFrom<Ordering[]>('subject', 'subject', 'fifo', 'none') }),
  of(20, 'width', { hook, concurrency: fc.integer({ min: 1, max: 6 }) }),
  of(20, 'follow', {
    hook,
    pattern: fc.constantFrom('*', 'a.*', 'b.*'),
    filtered: fc.constantFrom(null, null, 's', 't'),
  }),
  of(20, 'rotate', { hook, secret: fc.nat(50), overlapMs: fc.constantFrom(0, 5_000, 100_000) }),
  of(60, 'retry', { hook, at }),
  of(30, 'cancel', { hook, at }),
  of(20, 'retry-all', {
    hook,
    subject: fc.constantFrom(...SUBJECTS),
    status: fc.constantFrom<BulkStatus[]>('pending', 'pending', 'dead', 'cancelled', 'delivered'),
  }),
  of(5, 'cancel-all', { hook, subject: fc.constantFrom(...SUBJECTS) }),
  of(10, 'switch', { delivery: fc.constantFrom<('open' | 'paused')[]>('open', 'open', 'paused') }),
  of(30, 'crash', { hook }),
  of(10, 'crash-log', {}),
  of(1, 'delete', { hook }),
);

/** A retry by hand of what is not the head of a fifo hook, which fails before the head does. */
const SENT_BEFORE_ITS_HEAD: Step[] = [
  { do: 'order', hook: 1, ordering: 'fifo' },
  {
    do: 'accept',
    events: [
      ['a.one', 's'],
      ['a.one', 's'],
    ],
  },
  { do: 'fan-out', handOvers: [] },
  { do: 'retry', hook: 1, at: 1 },
  { do: 'wake', hook: 1, isEarly: false },
  { do: 'answer', at: 0, end: 500 },
  { do: 'jump', ms: 1 },
  { do: 'answer', at: 0, end: 500 },
];

function secretOf(number: number): string {
  return newSecret(new Uint8Array(32).fill(number));
}

class Run {
  readonly #isCalm: boolean;
  readonly #engine: Engine;
  readonly #models: ModelHook[] = [];
  readonly #followed: { readonly pattern: string; readonly filtered: string | null }[] = [];
  readonly #wrong: unknown[] = [];
  steps = 0;
  attempts = 0;
  /** Ends that a crash has undone. */
  undone = 0;
  /** How often something was under way that was nowhere written but in the log. */
  passed = 0;

  /** `isCalm`: most attempts arrive, so that many an event passes through a hook in which nothing waits. */
  constructor(isEager: boolean, isCalm: boolean) {
    this.#isCalm = isCalm;
    this.#engine = new Engine(
      {
        taken: (hookId, events) => this.#noting(() => this.#byId(hookId).take(events)),
        sent: (request) => {
          this.attempts += 1;
          this.#noting(() => {
            must(switches.delivery === 'open', 'an attempt while delivery is paused');
            this.#byId(request.hookId).begin(request, Date.now());
          });
        },
        timedOut: (request) =>
          this.#noting(() => this.#byId(request.hookId).end(request, 'timeout', Date.now())),
      },
      MAX_PENDING,
      isEager,
    );
    vi.stubGlobal('fetch', this.#engine.fetch);
  }

  async start(): Promise<void> {
    for (const number of [1, 2]) {
      const secret = secretOf(0);
      const url = `https://hook${number}.example.com/`;
      const retry = {
        scheduleSeconds: STEPS,
        jitter: 0,
        timeoutSeconds: 15,
        giveUpOn: [GIVE_UP],
        disableAfterSeconds: 31_536_000,
      };
      const id = await this.#engine.addHook({ url, retry, concurrency: number * 2 - 1 }, secret);
      const model = new ModelHook(id, secret);
      model.concurrency = number * 2 - 1;
      this.#models.push(model);
      this.#followed.push({ pattern: '*', filtered: null });
    }
  }

  async perform(step: Step): Promise<void> {
    this.steps += 1;
    const answered = step.do === 'answer' ? this.#requestAt(step.at)?.hookId : undefined;
    if (AFTER_THE_REST.has(step.do)) await this.#settle();
    await this.#perform(step);
    if (step.do !== 'arrive') await this.#settle();
    if (this.#wrong.length > 0) throw this.#wrong[0];
    if (step.do === 'arrive') return;
    const mayTouch = (model: ModelHook, number: number) => {
      if ('hook' in step) return step.hook === number;
      if (step.do === 'answer') return model.id === answered;
      return step.do === 'fan-out' || step.do === 'jump' || step.do === 'clock';
    };
    for (const model of this.#models.filter(mayTouch)) this.#check(model);
  }

  /** Everything is let go and answered well: each accepted event reaches every hook that wanted it. */
  async drain(): Promise<void> {
    await this.#settle();
    switches.delivery = 'open';
    for (const hook of [0, 1]) await this.#perform({ do: 'resume', hook });
    for (let rounds = 0; !this.#isDone(); rounds += 1) {
      must(rounds < 500, 'what is pending does not go out');
      await this.#engine.fanOut([]);
      for (const { id } of this.#models) await this.#engine.process(id).wake();
      while (this.#engine.inFlight.length > 0) await this.#perform({ do: 'answer', at: 0, end: 200 });
      await settled();
      for (const model of this.#models) this.#check(model);
      await this.#jump(1_000 + 5_000 * (rounds % 5));
      await settled();
    }
    for (const { wanted, deliveries } of this.#models) {
      expect(deliveries.map(({ seq }) => seq)).toEqual(wanted.map(({ seq }) => seq));
    }
  }

  async #settle(): Promise<void> {
    await settled();
    for (const model of this.#models) model.written(this.#attemptsOnDisk(model));
  }

  #rowsOf({ id }: ModelHook): number {
    const { sql } = this.#engine.process(id);
    return sql.exec<{ count: number }>('SELECT count(*) AS count FROM deliveries').one().count;
  }

  /** 0 where there is no row. */
  #attemptsOnDisk({ id }: ModelHook): (seq: number) => number {
    const { sql } = this.#engine.process(id);
    return (seq) =>
      sql.exec<{ attempts: number }>('SELECT attempts FROM deliveries WHERE seq = ?', seq).toArray()[0]
        ?.attempts ?? 0;
  }

  close(): void {
    switches.delivery = 'open';
    this.#engine.close();
  }

  async #perform(step: Step): Promise<void> {
    const engine = this.#engine;
    switch (step.do) {
      case 'accept':
        for (const [type, subject] of step.events) {
          const event = engine.accept(type, subject);
          this.#models.forEach(({ isDeleted, wanted }, number) => {
            const { pattern = '', filtered = null } = this.#followed[number] ?? {};
            const isFiltered = filtered !== null && filtered !== subject;
            if (!isDeleted && !isFiltered && fits(pattern, type)) wanted.push(event);
          });
        }
        return;
      case 'fan-out':
        return engine.fanOut(step.handOvers);
      case 'crash-log':
        engine.restartLog();
        return;
      case 'wake': {
        const { process } = this.#hook(step.hook);
        const { at } = process.alarm;
        // What is further away is the end of HELD_DAYS, which the model does not live to see.
        const isNear = at !== null && at - Date.now() < 30 * 86_400_000;
        if (step.isEarly && isNear && engine.inFlight.length === 0) await this.#jump(at - Date.now());
        return process.wake();
      }
      case 'answer':
        return this.#answer(step.at, this.#isCalm && step.at % 8 > 0 ? 200 : step.end);
      case 'arrive':
        this.#end(step.at, 200);
        await turn();
        return;
      case 'jump':
        await this.#jump(step.ms);
        return;
      case 'clock':
        vi.setSystemTime(Date.now() + step.ms);
        for (const model of this.#models) {
          model.clockStepped(step.ms);
          // An object that sleeps knows of it when it is next called.
          engine.process(model.id).lookIn();
        }
        return;
      case 'switch':
        switches.delivery = step.delivery;
        return;
      case 'crash': {
        const { model } = this.#hook(step.hook);
        this.undone += model.crash(this.#attemptsOnDisk(model), this.#rowsOf(model));
        return engine.crash(model.id);
      }
      case 'retry':
      case 'cancel':
        this.#byHand(step.do, step.hook, step.at);
        return;
      case 'retry-all':
      case 'cancel-all':
        return this.#inBulk(step);
      default:
        if (!this.#hook(step.hook).model.isDeleted) this.#change(step);
    }
  }

  #byHand(call: 'retry' | 'cancel', hook: number, at: number): void {
    const { model, process } = this.#hook(hook);
    const seq = model.wanted[at % Math.max(1, model.wanted.length)]?.seq;
    if (seq === undefined) return;
    const result =
      call === 'retry' ? process.hook.retry(this.#engine.eventAt(seq)) : process.hook.cancel(seq);
    expect(`${call} of ${seq}: ${result}`).toBe(`${call} of ${seq}: ${model[call](seq)}`);
  }

  async #inBulk(step: Extract<Step, { do: 'retry-all' | 'cancel-all' }>): Promise<void> {
    const { model, process } = this.#hook(step.hook);
    if (model.deliveries.length === 0) return;
    const selection = { types: null, subject: step.subject, beforeMs: null };
    const isSelected = ({ subject }: ModelDelivery) => step.subject === null || step.subject === subject;
    if (step.do === 'cancel-all') {
      const cancelled = process.hook.cancelAll(selection);
      must(model.cancelAll(isSelected) === (await cancelled), 'what is cancelled');
      return;
    }
    // It starts at once what it makes due.
    const expected = model.retryAll(step.status, isSelected);
    const result = await process.hook.retryAll(selection, step.status);
    const queued = typeof result === 'string' ? result : result.queued;
    must(expected === queued, `${step.status} in bulk: ${queued} in place of ${expected}`);
  }

  #change(change: Change): void {
    const engine = this.#engine;
    const { model, process } = this.#hook(change.hook);
    const { id } = model;
    switch (change.do) {
      case 'pause':
        model.isPaused = true;
        engine.change(id, { paused: true });
        return;
      case 'resume':
        model.isPaused = false;
        model.isDisabled = false;
        // It has asked to be left alone; somebody says that it is well.
        model.holdUntilMs = 0;
        engine.change(id, { paused: false });
        process.hook.enable();
        return;
      case 'order':
        model.ordering = change.ordering;
        engine.change(id, { ordering: change.ordering });
        return;
      case 'width':
        model.concurrency = change.concurrency;
        engine.change(id, { concurrency: change.concurrency });
        return;
      case 'follow':
        this.#followed[change.hook] = change;
        engine.change(id, {
          events: [change.pattern],
          filters: JSON.stringify(change.filtered === null ? [] : [{ exact: { subject: change.filtered } }]),
        });
        return;
      case 'rotate': {
        const text = secretOf(change.secret);
        const { secret, formerSecrets, secretKeys } = engine.registration(id);
        const present = [{ text: secret, untilMs: null }, ...formerSecrets];
        const [, ...former] = rotated(present, { text, untilMs: null }, change.overlapMs, Date.now());
        model.rotate(text, change.overlapMs, Date.now());
        engine.change(id, {}, { secret: text, formerSecrets: former, secretKeys });
        return;
      }
      case 'delete':
        model.delete();
        engine.delete(id);
    }
  }

  async #answer(at: number, end: End): Promise<void> {
    this.#end(at, end);
    await settled();
  }

  #end(at: number, end: End): void {
    const request = this.#requestAt(at);
    if (request === undefined) return;
    const model = this.#byId(request.hookId);
    model.end(request, end, Date.now());
    if (end === 429) model.holdUntilMs = Math.max(model.holdUntilMs, Date.now() + RETRY_AFTER_SECONDS * 1000);
    if (typeof end === 'number')
      request.answer(end, end === 429 ? { 'retry-after': String(RETRY_AFTER_SECONDS) } : {});
    else request.fail(new Error(end === 'quota' ? 'Too many subrequests.' : 'Network connection lost.'));
  }

  #requestAt(at: number): InFlight | undefined {
    const { inFlight } = this.#engine;
    return inFlight[at % Math.max(1, inFlight.length)];
  }

  /** Timers that fall due meanwhile go off, an attempt's deadline among them. */
  async #jump(ms: number): Promise<void> {
    if (ms > 0) await vi.advanceTimersByTimeAsync(ms);
  }

  /** What must hold whenever nothing but answers, alarms and time is waited for. */
  #check(model: ModelHook): void {
    if (this.#wrong.length > 0) throw this.#wrong[0];
    const process = this.#engine.process(model.id);
    const onDisk = process.sql
      .exec<{ count: number }>('SELECT count(*) AS count FROM deliveries')
      .one().count;
    const passing = model.deliveries.slice(onDisk);
    if (passing.length > 0) {
      this.passed += 1;
      must(!this.#engine.isFannedOut, 'the log has forgotten what is nowhere written');
      must(
        passing.every(({ status }) => status === 'pending' || status === 'delivered'),
        'what is nowhere written has come to more than an arrival',
      );
      // Whoever asks makes all of it lie here.
      if (this.passed % 4 > 0) return;
      process.hook.runtime();
    }
    const rows = process.sql
      .exec<{ seq: number; sequence: number | null; state: string; attempts: number; payload: number }>(
        'SELECT seq, sequence, state, attempts, raw IS NOT NULL AS payload FROM deliveries ORDER BY seq',
      )
      .toArray();
    const shown = rows.map(({ seq, sequence, state, attempts, payload }) => {
      const status = ['ready', 'waiting', 'retrying'].includes(state) ? 'pending' : state;
      return `${seq} ${sequence} ${status} ${attempts} ${payload === 1}`;
    });
    const expected = model.deliveries.map(
      ({ seq, sequence, status, attempts }) =>
        `${seq} ${sequence} ${status} ${attempts} ${status === 'pending'}`,
    );
    if (shown.join() !== expected.join()) expect(shown).toEqual(expected);
    const { state, pending, delivered, dead } = process.hook.runtime();
    const counted = `${state} ${pending} ${delivered} ${dead}`;
    const held = model.isDisabled ? 'disabled' : model.isPaused ? 'paused' : 'active';
    const again = model.pending.filter(({ reopenedFrom }) => reopenedFrom === 'delivered').length;
    const [stillPending, arrived] = [model.pending.length - again, model.count('delivered') + again];
    must(
      counted === `${held} ${stillPending} ${arrived} ${model.count('dead')}`,
      `the counts are ${counted}`,
    );
    // What another life of the object would read.
    const health = readHealth(process.sql, new Queue(process.sql).newestHealth());
    const { consecutiveFailures, errors, lastError, lastAnswer, lastFailureAtMs } = process.hook.runtime();
    expect(health).toMatchObject({ consecutiveFailures, errors, lastError, lastAnswer, lastFailureAtMs });
    if (model.pending.length === 0 || process.isAwake || model.isDeleted || held !== 'active') return;
    const isSending = this.#engine.inFlight.some(({ hookId }) => hookId === model.id);
    const latestMs = isSending
      ? Date.now() + SAFETY_NET_MS
      : Math.max(Date.now(), model.holdUntilMs) + LONGEST_WAIT_MS;
    must((process.alarm.at ?? Infinity) <= latestMs, 'something is pending and no alarm is set in time');
  }

  #isDone(): boolean {
    return this.#engine.isFannedOut && this.#models.every(({ pending }) => pending.length === 0);
  }

  /** In the engine what is thrown ends as a failure of its own. */
  #noting(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.#wrong.push(error);
    }
  }

  #byId(hookId: number): ModelHook {
    const model = this.#models.find(({ id }) => id === hookId);
    must(model !== undefined, `no hook ${hookId}`);
    return model;
  }

  #hook(number: number) {
    const model = this.#models[number];
    must(model !== undefined, `no hook ${number}`);
    return { model, process: this.#engine.process(model.id) };
  }
}

function fits(pattern: string, type: string): boolean {
  const reading = parsePattern(pattern);
  return reading.ok && matches(reading.pattern, type);
}

test('whatever happens, in whatever order: every accepted event reaches each hook that wants it, in order, as itself, and none vanishes', async () => {
  let steps = 0;
  let attempts = 0;
  let undone = 0;
  let passed = 0;
  console.info(`seed ${SEED}`);
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: STEPS_PER_RUN, size: 'max' }),
      fc.boolean(),
      fc.boolean(),
      async (all, isEager, isCalm) => {
        vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: START_MS });
        const run = new Run(isEager, isCalm);
        try {
          await run.start();
          for (const one of all) await run.perform(one);
          await run.drain();
        } finally {
          run.close();
          vi.clearAllTimers();
          steps += run.steps;
          attempts += run.attempts;
          undone += run.undone;
          passed += run.passed;
        }
      },
    ),
    { seed: SEED, endOnFailure: true, numRuns: RUNS, examples: [[SENT_BEFORE_ITS_HEAD, false, false]] },
  );
  console.info(
    `${steps} steps, ${attempts} attempts, ${undone} of them undone by a crash, ${passed} looks at what passes`,
  );
  expect(steps).toBeGreaterThan(100_000);
  expect(attempts).toBeGreaterThan(20_000);
  expect(undone).toBeGreaterThan(10);
  expect(passed).toBeGreaterThan(1_000);
}, 600_000);
