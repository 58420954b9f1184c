/**
 * A tenant's log in Node, the real one, on SQLite in memory and in virtual time: its alarm goes off by a timer of the
 * test's clock. Its hooks are stand-ins that take events as a real one does: what one has it takes again without effect.
 */
import { HOOK_DEFAULTS } from '../../src/core/hook-config.ts';
import type { Env } from '../../src/env.ts';
import { runtimeOfNew } from '../../src/hook/runtime.ts';
import { EventLog } from '../../src/event-log/event-log.ts';
import type { StoredEvent } from '../../src/core/stored-event.ts';
import { Hooks } from '../../src/event-log/hooks.ts';
import { EVENT_LOG_MIGRATIONS } from '../../src/event-log/schema.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { Sqlite } from './sqlite.ts';

const TAKES_MS = 2;

/** How a hook's object answers. `slowMs`: takes the events at once, and says so only then. */
export type Temper = 'takes' | 'hangs' | 'throws' | 'full' | { readonly slowMs: number };

export interface StandIn {
  temper: Temper;
  /** Places of the events that it holds, in the order in which they came, and when each came. */
  readonly taken: number[];
  readonly takenAtMs: number[];
  calls: number;
  /** Under way now, and the most that ever were. */
  underWay: number;
  mostUnderWay: number;
}

export class LogProcess {
  readonly #sqlite = new Sqlite();
  readonly #env: Env;
  #log!: EventLog;
  #life = 0;
  #alarm: ReturnType<typeof setTimeout> | null = null;
  #alarmAtMs: number | null = null;
  /** In the order of their ids, which begin with 1. */
  readonly hooks: StandIn[] = [];
  readonly acceptedAtMs: number[] = [];
  /** Calls under way, and what they hold. */
  callsUnderWay = 0;
  bytesUnderWay = 0;

  static async start(tempers: readonly Temper[]): Promise<LogProcess> {
    const process = new LogProcess(tempers);
    await process.restart();
    return process;
  }

  private constructor(tempers: readonly Temper[]) {
    const { storage, sql } = this.#sqlite;
    migrate(storage, EVENT_LOG_MIGRATIONS);
    sql.exec(`INSERT INTO tenant (tenant, incarnation, jurisdiction) VALUES ('default', 'test', NULL)`);
    const registered = new Hooks(sql);
    for (const temper of tempers) {
      const config = { ...HOOK_DEFAULTS, url: 'https://receiver.example.com/' };
      const hook = { config, secret: null, relayHost: '', keyId: null };
      registered.appear(registered.reserve(hook, { secret: '', secretKeys: [] }, Date.now()), 1, 0);
      this.hooks.push({ temper, taken: [], takenAtMs: [], calls: 0, underWay: 0, mostUnderWay: 0 });
    }
    const env = {
      POSTHORN_ADMIN_KEY: 'x'.repeat(32),
      HOOK: {
        getByName: (name: string) => ({
          enqueue: async (events: readonly StoredEvent[]) => {
            await this.#enqueue(Number(name.split('/')[1]), events);
            return { ...runtimeOfNew({ ...HOOK_DEFAULTS, url: '' }), number: 1 };
          },
        }),
      },
    };
    this.#env = env as unknown as Env;
  }

  /** The process ends, whatever is under way, and another one takes over. */
  async restart(): Promise<void> {
    this.#life += 1;
    const life = this.#life;
    const alive = () => {
      if (life !== this.#life) throw new Error('the process has died');
    };
    for (const hook of this.hooks) hook.underWay = 0;
    this.callsUnderWay = 0;
    this.bytesUnderWay = 0;
    const storage = {
      sql: {
        exec: (query: string, ...bindings: SqlStorageValue[]) => {
          alive();
          return this.#sqlite.sql.exec(query, ...bindings);
        },
        databaseSize: 0,
      },
      transactionSync: <T>(work: () => T): T => work(),
      getAlarm: () => Promise.resolve(this.#alarmAtMs),
      setAlarm: (atMs: number) => {
        if (life === this.#life) this.#setAlarm(atMs);
        return Promise.resolve();
      },
    };
    let loading = Promise.resolve();
    const ctx = {
      storage,
      blockConcurrencyWhile: (work: () => Promise<void>) => (loading = work()),
      waitUntil: () => undefined,
      getWebSockets: () => [],
    };
    this.#log = new EventLog(ctx as unknown as DurableObjectState, this.#env);
    await loading;
    if (this.#alarmAtMs !== null) this.#setAlarm(this.#alarmAtMs);
  }

  get sql(): SqlStorage {
    return this.#sqlite.sql;
  }

  get alarmAtMs(): number | null {
    return this.#alarmAtMs;
  }

  /** Accepts an event whose body is so large: from here on it is on disk. */
  accept(bodyBytes = 1_500): void {
    const id = `event-${this.acceptedAtMs.length + 1}`;
    const event = { id, source: '/shop', type: 'order.paid', subject: null, time: null };
    const body = new TextEncoder().encode(
      JSON.stringify({ specversion: '1.0', ...event, data: 'x'.repeat(bodyBytes) }),
    );
    this.acceptedAtMs.push(Date.now());
    this.#log.publish(event, body, 'application/json', null);
  }

  /** When each event reached a hook, after it was accepted. */
  latenciesMs(hook: StandIn): number[] {
    return hook.taken.map((seq, at) => (hook.takenAtMs[at] ?? NaN) - (this.acceptedAtMs[seq - 1] ?? NaN));
  }

  close(): void {
    this.#life += 1;
    if (this.#alarm !== null) clearTimeout(this.#alarm);
    this.#sqlite.db.close();
  }

  #setAlarm(atMs: number): void {
    if (this.#alarm !== null) clearTimeout(this.#alarm);
    this.#alarmAtMs = atMs;
    this.#alarm = setTimeout(
      () => {
        this.#alarm = null;
        this.#alarmAtMs = null;
        void this.#log.alarm();
      },
      Math.max(0, atMs - Date.now()),
    );
  }

  async #enqueue(hookId: number, events: readonly StoredEvent[]): Promise<void> {
    const hook = this.hooks[hookId - 1];
    if (hook === undefined) throw new Error(`no hook ${hookId}`);
    const life = this.#life;
    const bytes = events.reduce((sum, { raw }) => sum + raw.byteLength, 0);
    hook.calls += 1;
    hook.underWay += 1;
    hook.mostUnderWay = Math.max(hook.mostUnderWay, hook.underWay);
    this.callsUnderWay += 1;
    this.bytesUnderWay += bytes;
    try {
      await this.#answer(hook, events);
    } finally {
      if (life === this.#life) {
        hook.underWay -= 1;
        this.callsUnderWay -= 1;
        this.bytesUnderWay -= bytes;
      }
    }
  }

  async #answer(hook: StandIn, events: readonly StoredEvent[]): Promise<void> {
    const { temper } = hook;
    if (temper === 'hangs') await new Promise(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, TAKES_MS));
    if (temper === 'throws') throw new Error('the object failed');
    if (temper === 'full' && events.length > 0) throw new Error('database or disk is full');
    for (const { seq } of events) {
      if (hook.taken.includes(seq)) continue;
      hook.taken.push(seq);
      hook.takenAtMs.push(Date.now());
    }
    if (typeof temper === 'object') await new Promise((resolve) => setTimeout(resolve, temper.slowMs));
  }
}
