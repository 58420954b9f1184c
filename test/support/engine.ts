/**
 * The engine in Node: a tenant's log with its registrations and its fan-out, and the objects of its hooks, all of them
 * the real ones, on SQLite in memory. The network, the alarms and the end of a process are the test's: a request stays
 * in flight until it is answered, an alarm goes off when it is told to, and a crash leaves what is on disk.
 */
import { setImmediate as macrotask } from 'node:timers/promises';
import { HOOK_DEFAULTS, type HookConfig } from '../../src/core/hook-config.ts';
import { eventId } from '../../src/core/event-id.ts';
import type { Env } from '../../src/env.ts';
import { EventStore } from '../../src/event-log/event-store.ts';
import type { StoredEvent } from '../../src/core/stored-event.ts';
import { FanOut } from '../../src/event-log/fan-out.ts';
import { EVERY_HOOK } from '../../src/event-log/hook-scope.ts';
import { Hooks } from '../../src/event-log/hooks.ts';
import type { HookKeys, HookRegistration } from '../../src/core/hook-registration.ts';
import { EVENT_LOG_MIGRATIONS } from '../../src/event-log/schema.ts';
import { Hook } from '../../src/hook/hook.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { Sqlite } from './sqlite.ts';

const REF = { tenant: 'default', incarnation: 'test', jurisdiction: null };

/** What becomes of a call by which the log hands events to a hook. `hangs`: the log's process ends over it. */
export type HandOver = 'taken' | 'refused' | 'answer-lost' | 'hangs';

/** A request that a hook has sent and nobody has answered yet. */
export interface InFlight {
  readonly hookId: number;
  readonly url: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
  readonly answer: (status: number, headers?: Record<string, string>, body?: string | null) => void;
  readonly fail: (error: Error) => void;
}

/** A hook lets two turns of the event loop pass before it writes outcomes down; one more to see what that leads to. */
const TURNS = 3;

/** Lets everything go on that waits for nothing but the processor. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await macrotask();
}

/** The test wakes the log. */
const NO_ALARM = { at: null };

/** Storage as one life of a process sees it: what a dead one still does comes to nothing. */
class Life {
  isOver = false;
  readonly storage: DurableObjectStorage;

  constructor(sqlite: Sqlite, alarm: { at: number | null }) {
    const alive = () => {
      if (this.isOver) throw new Error('the process has died');
    };
    const sql = {
      exec: (query: string, ...bindings: SqlStorageValue[]) => {
        alive();
        return sqlite.sql.exec(query, ...bindings);
      },
      get databaseSize() {
        return sqlite.sql.databaseSize;
      },
    };
    this.storage = {
      sql,
      transactionSync: <T>(work: () => T): T => sqlite.storage.transactionSync(work),
      getAlarm: () => Promise.resolve(alarm.at),
      setAlarm: (at: number) => {
        // The last thing that a wake does where all else has failed.
        if (!this.isOver) alarm.at = at;
        return Promise.resolve();
      },
    } as unknown as DurableObjectStorage;
  }
}

/** One hook's object through all its lives. */
export class HookProcess {
  readonly alarm: { at: number | null } = { at: null };
  readonly #sqlite = new Sqlite();
  readonly #env: Env;
  readonly #maxPending: number;
  readonly #isEager: boolean;
  #life!: Life;
  #isAwake = false;
  hook!: Hook;

  private constructor(env: Env, maxPending: number, isEager: boolean) {
    this.#env = env;
    this.#maxPending = maxPending;
    this.#isEager = isEager;
  }

  static async start(env: Env, maxPending: number, isEager: boolean): Promise<HookProcess> {
    const started = new HookProcess(env, maxPending, isEager);
    await started.#start();
    return started;
  }

  get isAwake(): boolean {
    return this.#isAwake;
  }

  get sql(): SqlStorage {
    return this.#sqlite.sql;
  }

  /** Of all its lives. */
  get disk(): Sqlite {
    return this.#sqlite;
  }

  /** Runs the alarm if it is due. Where it waits for an answer it goes on by itself, later. */
  async wake(): Promise<void> {
    if (this.alarm.at === null || this.alarm.at > Date.now() || this.#isAwake) return;
    this.alarm.at = null;
    this.#isAwake = true;
    const life = this.#life;
    void this.hook.alarm().then(
      () => {
        if (life === this.#life) this.#isAwake = false;
      },
      (error: unknown) => {
        if (!life.isOver) throw error;
      },
    );
    await settled();
  }

  /** The process ends, in the middle of whatever it does, and another one takes over. */
  async crash(): Promise<void> {
    this.#life.isOver = true;
    this.#isAwake = false;
    await this.#start();
  }

  /** The log calls without any event. Of a life that has ended nobody waits for the answer. */
  lookIn(): void {
    void this.hook.enqueue([]).catch(() => undefined);
  }

  close(): void {
    this.#life.isOver = true;
    this.#sqlite.db.close();
  }

  async #start(): Promise<void> {
    this.#life = new Life(this.#sqlite, this.alarm);
    const ctx = {
      storage: this.#life.storage,
      blockConcurrencyWhile: (work: () => Promise<void>) => work(),
      getWebSockets: () => [],
    };
    this.hook = new Hook(ctx as unknown as DurableObjectState, this.#env);
    Object.assign(this.hook.queueLimits, { deliveries: this.#maxPending });
    Object.assign(this.hook, { isEager: this.#isEager });
    await settled();
  }
}

export interface EngineHost {
  /** A hook has been handed these events, and has taken them. */
  taken(hookId: number, events: readonly StoredEvent[]): void;
  /** A request has left. */
  sent(request: InFlight): void;
  /** Its hook waits for it no longer. */
  timedOut(request: InFlight): void;
}

export class Engine {
  readonly #sqlite = new Sqlite();
  readonly #events: EventStore;
  readonly #host: EngineHost;
  readonly #processes = new Map<number, HookProcess>();
  readonly #env: Env;
  readonly #maxPending: number;
  readonly #isEager: boolean;
  #life: Life;
  #hooks: Hooks;
  #fanOut: FanOut;
  #lastSeq = 0;
  #handOvers: HandOver[] = [];
  /** The wake of the log; null: it sleeps. */
  #run: Promise<void> | null = null;
  #isHanging = false;
  #isStarting = false;
  inFlight: InFlight[] = [];

  /** `isEager`: hooks start in the call that makes something due; else they wait for their alarm. */
  constructor(
    host: EngineHost,
    maxPending: number,
    isEager: boolean,
    settings: Readonly<Record<string, string>> = {},
  ) {
    migrate(this.#sqlite.storage, EVENT_LOG_MIGRATIONS);
    this.#events = new EventStore(this.#sqlite.sql);
    this.#host = host;
    this.#maxPending = maxPending;
    this.#isEager = isEager;
    const log = {
      announce: () => Promise.resolve(),
      report: () => Promise.resolve(),
      eventsAt: (seqs: readonly number[]) =>
        Promise.resolve({ events: seqs.map((seq) => this.eventAt(seq)), lookedAt: seqs.length }),
    };
    const env = {
      HELD_DAYS: '3650',
      POSTHORN_ADMIN_KEY: 'x'.repeat(32),
      EVENT_LOG: { getByName: () => log },
      ...settings,
    };
    this.#env = env as unknown as Env;
    this.#life = new Life(this.#sqlite, NO_ALARM);
    [this.#hooks, this.#fanOut] = this.#opened();
  }

  process(hookId: number): HookProcess {
    const process = this.#processes.get(hookId);
    if (process === undefined) throw new Error(`no hook ${hookId}`);
    return process;
  }

  async addHook(config: Partial<HookConfig> & Pick<HookConfig, 'url'>, secret: string): Promise<number> {
    const whole = { ...HOOK_DEFAULTS, ...config };
    const made = { config: whole, secret, relayHost: 'relay.test', keyId: null };
    const reserved = this.#hooks.reserve(made, { secret, secretKeys: [] }, Date.now());
    const registration = this.#hooks.appear(reserved, 1, this.#lastSeq);
    const process = await HookProcess.start(this.#env, this.#maxPending, this.#isEager);
    this.#processes.set(registration.id, process);
    process.hook.configure(REF, registration);
    return registration.id;
  }

  registration(hookId: number): HookRegistration {
    const found = this.#hooks.find(hookId);
    if (found === null) throw new Error(`no hook ${hookId}`);
    return found;
  }

  change(hookId: number, config: Partial<HookConfig>, keys?: HookKeys): void {
    const hook = this.#hooks.get(hookId, EVERY_HOOK);
    if (hook === null) return;
    const changed = { ...hook.config, ...config };
    const updated = {
      ...hook,
      ...keys,
      version: hook.version + 1,
      config: changed,
      updatedAtMs: Date.now(),
    };
    this.#hooks.save(hook, updated, this.#lastSeq);
    this.process(hookId).hook.configure(REF, updated);
  }

  delete(hookId: number): void {
    this.#hooks.delete(hookId, this.#lastSeq, Date.now());
    this.process(hookId).hook.configure(REF, this.registration(hookId));
  }

  /** Accepts an event: from here on it is on disk. */
  accept(type: string, subject: string | null): StoredEvent {
    const seq = this.#lastSeq + 1;
    const id = eventId(Date.now(), seq, new Uint8Array(5));
    const about = subject === null ? '' : `"subject":"${subject}",`;
    const event: StoredEvent = {
      seq,
      id,
      sourceId: 'src_1',
      type,
      subject,
      source: '/test/one',
      event: null,
      recordedAtMs: Date.now(),
      kind: 'json',
      contentType: 'application/json',
      head: `{"specversion":"1.0","id":"${id}","type":"${type}",${about}"data":{"raw":`,
      raw: new TextEncoder().encode(JSON.stringify({ seq })),
    };
    this.#events.append(event, null);
    this.#lastSeq = seq;
    return event;
  }

  eventAt(seq: number): StoredEvent {
    const [event] = this.#events.range(seq, seq, 1, 1);
    if (event === undefined) throw new Error(`no event ${seq}`);
    return event;
  }

  get isFannedOut(): boolean {
    return this.#fanOut.fannedSeq === this.#lastSeq && this.#fanOut.lagDueMs() === Infinity;
  }

  /**
   * A wake of the log; its first calls to hooks end as these say, the others well. One that waits for the answer of a hook
   * goes on by itself, later.
   */
  async fanOut(handOvers: readonly HandOver[]): Promise<void> {
    this.#handOvers = [...handOvers];
    this.#isStarting = true;
    if (this.#run === null) {
      const over = () => {
        if (this.#run === run) this.#run = null;
      };
      const run: Promise<void> = this.#fanOut.run().then(over, over);
      this.#run = run;
    }
    await settled();
    this.#isStarting = false;
    if (this.#isHanging) this.restartLog();
  }

  restartLog(): void {
    this.#life.isOver = true;
    this.#life = new Life(this.#sqlite, NO_ALARM);
    this.#run = null;
    this.#isHanging = false;
    [this.#hooks, this.#fanOut] = this.#opened();
  }

  #opened(): [Hooks, FanOut] {
    const { sql } = this.#life.storage;
    const hooks = new Hooks(sql);
    const host = {
      enqueue: (hookId: number, events: readonly StoredEvent[]) => this.#handOver(hookId, events),
      lastSeq: () => this.#lastSeq,
      nowMs: () => Date.now(),
      flushCounters: () => ({ countedSeq: 0, unsaved: '[]' }),
      changed: () => undefined,
    };
    return [hooks, new FanOut(sql, this.#events, hooks, host)];
  }

  /** Its requests are never heard of again. */
  async crash(hookId: number): Promise<void> {
    this.inFlight = this.inFlight.filter((request) => request.hookId !== hookId);
    await this.process(hookId).crash();
  }

  /** What stands in for `fetch`. The host of a hook's URL begins with its id. */
  readonly fetch = (url: URL, init: { headers: HeadersInit; body: Uint8Array; signal: AbortSignal }) =>
    new Promise<Response>((resolve, reject) => {
      const over = () => {
        const isKnown = this.inFlight.includes(request);
        this.inFlight = this.inFlight.filter((other) => other !== request);
        return isKnown;
      };
      const request: InFlight = {
        hookId: Number(/^https:\/\/hook(\d+)\./.exec(url.href)?.[1]),
        url: url.href,
        headers: new Headers(init.headers),
        body: init.body,
        answer: (status, headers = {}, body = null) => {
          if (over()) resolve(new Response(body, { status, headers }));
        },
        fail: (error) => {
          if (over()) reject(error);
        },
      };
      init.signal.addEventListener('abort', () => {
        if (this.inFlight.includes(request)) this.#host.timedOut(request);
        request.fail(new DOMException('aborted', 'AbortError'));
      });
      this.inFlight.push(request);
      this.#host.sent(request);
    });

  close(): void {
    this.#life.isOver = true;
    for (const process of this.#processes.values()) process.close();
    this.#sqlite.db.close();
  }

  async #handOver(hookId: number, events: readonly StoredEvent[]): Promise<void> {
    // What has been answered when the log goes on by itself is written down by then: so the models see it.
    if (!this.#isStarting) await settled();
    const handOver = this.#handOvers.shift() ?? 'taken';
    if (handOver === 'refused') throw new Error('hook object failed');
    const refusals: unknown[] = [];
    const taking = this.process(hookId)
      .hook.enqueue(events)
      .catch((error: unknown) => {
        refusals.push(error);
      });
    await Promise.resolve();
    if (refusals.length === 0) this.#host.taken(hookId, events);
    if (handOver === 'hangs') {
      this.#isHanging = true;
      await new Promise(() => undefined);
    }
    await taking;
    if (refusals.length > 0) throw refusals[0];
    if (handOver !== 'taken') throw new Error('answer lost');
  }
}
