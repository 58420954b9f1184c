/**
 * For tests in workerd that drive a Hook object directly: one hook with its clock, its alarm and its evictions, and a
 * meter of what it reads and writes. The clock is that of the whole isolate, so that it outlives evictions; it stands
 * in the far future, so that no alarm ever goes off by itself: tests run them.
 */
import {
  abortAllDurableObjects,
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { vi } from 'vitest';
import { sealProvider } from '../../src/core/envelope.ts';
import { eventId } from '../../src/core/event-id.ts';
import { HOOK_DEFAULTS, patchHook, type HookPatch } from '../../src/core/hook-config.ts';
import type { Env } from '../../src/env.ts';
import type { StoredEvent } from '../../src/core/stored-event.ts';
import type { HookRegistration } from '../../src/core/hook-registration.ts';
import type { Hook } from '../../src/hook/hook.ts';
import type { DeliveryView } from '../../src/hook/waiting.ts';
import type { TenantRef } from '../../src/registry/address.ts';

export const START_MS = Date.UTC(2100, 0, 1);

export const TEST_SECRET = `whsec_${btoa('0123456789abcdef0123456789abcdef')}`;

/** The time that everything in this isolate reads. */
export const clock = {
  start() {
    vi.useFakeTimers({ toFake: ['Date'], now: START_MS });
  },
  nowMs: () => Date.now(),
  set(timeMs: number) {
    vi.setSystemTime(timeMs);
  },
  advance(ms: number) {
    vi.setSystemTime(Date.now() + ms);
  },
};

/** The event at this place of a log. `subject` null: it has none. */
export function storedEvent(
  seq: number,
  members: { readonly subject?: string | null; readonly source?: string; readonly raw?: Uint8Array } = {},
): StoredEvent {
  const { subject = `contact/${seq}`, source = '/test/one' } = members;
  const id = eventId(START_MS, seq, new Uint8Array(5));
  const raw = members.raw ?? new TextEncoder().encode(JSON.stringify({ seq }));
  const sealed = sealProvider(
    {
      id,
      event: 'contact.changed',
      entity: 'contact',
      action: 'updated',
      entityId: null,
      source,
      account: null,
      actor: null,
      webhookName: null,
      time: null,
      changes: [],
      identifiers: {},
      assurance: 'signature',
      raw: { kind: 'json', text: new TextDecoder().decode(raw) },
    },
    { seq, posthornId: id, recordedAtMs: START_MS, provider: 'test', sourceId: 'src_1', id },
  );
  return {
    ...sealed,
    seq,
    id,
    subject,
    sourceId: 'src_1',
    event: 'contact.changed',
    recordedAtMs: START_MS,
    contentType: 'application/json',
    raw,
  };
}

/** Events at the places from `first` to `last`, each about a subject of its own, or all about the given one. */
export function storedEvents(first: number, last: number, subject?: string | null): StoredEvent[] {
  return Array.from({ length: last - first + 1 }, (_, at) =>
    storedEvent(first + at, subject === undefined ? {} : { subject }),
  );
}

export function idsOf(events: readonly StoredEvent[]): string[] {
  return events.map(({ id }) => id);
}

/** What waits for less than a year tells nobody of it: most tests are about other alarms. */
const QUIET = { backlogAfterSeconds: 31_536_000 };

/** `patch` is what differs from the defaults of a hook; there is no jitter unless it says so. */
export function hookRegistration(url: string, patch: HookPatch = {}): HookRegistration {
  return {
    id: 7,
    version: 1,
    config: patchHook(
      { ...HOOK_DEFAULTS, url },
      { ...QUIET, ...patch, retry: { jitter: 0, ...patch.retry } },
    ),
    secret: TEST_SECRET,
    formerSecrets: [],
    secretKeys: [],
    keyId: null,
    relayHost: 'relay.test',
    createdAtMs: START_MS,
    updatedAtMs: START_MS,
    deletedAtMs: null,
  };
}

const REF: TenantRef = { tenant: 'default', incarnation: 'test', jurisdiction: null };

/** A hook object of its own name, configured. */
export async function openHook(url: string, patch: HookPatch = {}): Promise<HookUnderTest> {
  const hook = new HookUnderTest(hookRegistration(url, patch));
  await hook.stub.configure(REF, hook.registration);
  return hook;
}

export class HookUnderTest {
  readonly #name: string;
  stub: DurableObjectStub<Hook>;
  registration: HookRegistration;

  /** `name`: of its object. */
  constructor(registration: HookRegistration, name: string = crypto.randomUUID()) {
    this.#name = name;
    this.registration = registration;
    this.stub = this.#newStub();
  }

  async enqueue(...events: readonly StoredEvent[]): Promise<void> {
    await this.stub.enqueue(events);
  }

  async patch(patch: HookPatch): Promise<void> {
    const { config } = this.registration;
    await this.#configure({ config: patchHook(config, patch) });
  }

  async delete(): Promise<void> {
    await this.#configure({ deletedAtMs: clock.nowMs() });
  }

  /** In memory only; storage and alarm stay. */
  async evict(): Promise<void> {
    await this.inside(() => undefined);
    await evictDurableObject(this.stub);
  }

  /** Ends all objects of this isolate at once, as a deploy or a dying process does. Storage stays. */
  async crash(): Promise<void> {
    await abortAllDurableObjects();
    this.stub = this.#newStub();
    await this.inside(() => undefined);
  }

  /** Runs the alarm, due or not. False when none is set. */
  async wake(): Promise<boolean> {
    return runDurableObjectAlarm(this.stub);
  }

  async alarmAt(): Promise<number | null> {
    return this.inside((_hook, state) => state.storage.getAlarm());
  }

  /** Runs alarms as long as one is due. Returns how many ran. */
  async runDue(): Promise<number> {
    for (let wakes = 0; wakes < 100; wakes += 1) {
      const at = await this.alarmAt();
      if (at === null || at > clock.nowMs()) return wakes;
      await this.wake();
    }
    throw new Error('the alarm is due again and again');
  }

  /** Runs alarms, each at its time, until none is set. */
  async runAll(): Promise<void> {
    for (let wakes = 0; wakes < 200; wakes += 1) {
      const at = await this.alarmAt();
      if (at === null) return;
      clock.set(Math.max(at, clock.nowMs()));
      await this.wake();
    }
    throw new Error('the alarm is set again and again');
  }

  async delivery(seq: number): Promise<DeliveryView> {
    const view = await this.inside((hook) => hook.delivery(seq));
    if (view === null) throw new Error(`no delivery ${seq}`);
    return view;
  }

  async inside<R>(work: (hook: Hook, state: DurableObjectState) => R | Promise<R>): Promise<R> {
    return runInDurableObject(this.stub, work);
  }

  #newStub(): DurableObjectStub<Hook> {
    return (env as unknown as Env).HOOK.getByName(this.#name);
  }

  async #configure(changes: Partial<HookRegistration>): Promise<void> {
    const { registration } = this;
    this.registration = { ...registration, ...changes, version: registration.version + 1 };
    await this.stub.configure(REF, this.registration);
  }
}

/** Each test that concerns state runs in both: `halfway` is called where an eviction must make no difference. */
export const LIVES = [
  { life: 'awake throughout', halfway: async (_hook: HookUnderTest) => {} },
  { life: 'evicted half-way', halfway: async (hook: HookUnderTest) => hook.evict() },
] as const;

export interface Statement {
  readonly query: string;
  readonly bindings: readonly unknown[];
  readonly rowsRead: number;
  readonly rowsWritten: number;
}

export interface Reading {
  readonly statements: readonly Statement[];
  readonly rowsRead: number;
  readonly rowsWritten: number;
  /** Each is a billed row write as well, which SQLite does not count. */
  readonly alarmsSet: number;
}

/** An object to reach into. */
interface Inside<T> {
  inside<R>(work: (object: T, state: DurableObjectState) => R | Promise<R>): Promise<R>;
}

/** What all objects of this isolate read and write meanwhile. Counts the real thing; replaces nothing. */
export async function metered<T>(object: Inside<T>, work: () => Promise<unknown>): Promise<Reading> {
  const cursors: { query: string; bindings: unknown[]; cursor: SqlStorageCursor<never> }[] = [];
  let alarmsSet = 0;
  const restore = await object.inside((_object, { storage }) => {
    const sqlPrototype = Object.getPrototypeOf(storage.sql) as SqlStorage;
    const storagePrototype = Object.getPrototypeOf(storage) as DurableObjectStorage;
    const exec = Object.getOwnPropertyDescriptor(sqlPrototype, 'exec')?.value as SqlStorage['exec'];
    const setAlarm = Object.getOwnPropertyDescriptor(storagePrototype, 'setAlarm')
      ?.value as DurableObjectStorage['setAlarm'];
    sqlPrototype.exec = function (this: SqlStorage, query: string, ...bindings: unknown[]) {
      const cursor = exec.call(this, query, ...bindings);
      cursors.push({ query, bindings, cursor: cursor as SqlStorageCursor<never> });
      return cursor;
    } as SqlStorage['exec'];
    storagePrototype.setAlarm = function (this: DurableObjectStorage, ...parameters) {
      alarmsSet += 1;
      return setAlarm.apply(this, parameters);
    };
    return () => {
      sqlPrototype.exec = exec;
      storagePrototype.setAlarm = setAlarm;
    };
  });
  try {
    await work();
  } finally {
    restore();
  }
  const statements = cursors.map(({ query, bindings, cursor }) => ({
    query,
    bindings,
    rowsRead: cursor.rowsRead,
    rowsWritten: cursor.rowsWritten,
  }));
  const sum = (of: (statement: Statement) => number) => statements.reduce((all, one) => all + of(one), 0);
  return {
    statements,
    rowsRead: sum((one) => one.rowsRead),
    rowsWritten: sum((one) => one.rowsWritten),
    alarmsSet,
  };
}
