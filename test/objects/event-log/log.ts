/** An event log of a tenant of its own, driven directly: what is stored is read from its real SQLite. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { vi } from 'vitest';
import { HOOK_DEFAULTS, patchHook, type HookPatch } from '../../../src/core/hook-config.ts';
import type { EventId } from '../../../src/core/event-id.ts';
import type { Env } from '../../../src/env.ts';
import type { EventLog } from '../../../src/event-log/event-log.ts';
import type { AcceptResult } from '../../../src/event-log/intake.ts';
import { EVERY_HOOK } from '../../../src/event-log/hook-scope.ts';
import type { Full, Taken, Unfit } from '../../../src/event-log/refused.ts';
import type { Created, Idempotency } from '../../../src/event-log/idempotency.ts';
import type { TooLarge } from '../../../src/event-log/taking.ts';
import type { Hook } from '../../../src/hook/hook.ts';
import { eventLogOf, hookOf } from '../../../src/registry/address.ts';
import type { Tenant } from '../../../src/registry/address.ts';

export const relay = env as unknown as Env;

const RELAY_HOST = 'relay.example.com';

/** The bindings an object has, where a test puts a failing one in place of the real one. */
export interface Bindings {
  env: Env;
}

export class Log {
  readonly tenant: Tenant;

  constructor(tenant: Tenant) {
    this.tenant = tenant;
  }

  /** Puts stand-ins in place of some bindings of the running object, until it starts anew or `healed`. */
  async bind(bindings: Partial<Env>): Promise<void> {
    await this.inside((log) => {
      (log as unknown as Bindings).env = { ...relay, ...bindings };
    });
  }

  async healed(): Promise<void> {
    await this.bind({});
  }

  /** A new one at each use: a stub does not survive the crash of its object. */
  get stub(): DurableObjectStub<EventLog> {
    return eventLogOf(relay, this.tenant);
  }

  hook(id: number): DurableObjectStub<Hook> {
    return hookOf(relay, this.tenant, id);
  }

  inside<R>(work: (log: EventLog, state: DurableObjectState) => R | Promise<R>): Promise<R> {
    return runInDurableObject(this.stub, (log: EventLog, state) => work(log, state));
  }

  rows<T extends Record<string, SqlStorageValue>>(query: string, ...bound: unknown[]): Promise<T[]> {
    return this.inside((_log, { storage }) => storage.sql.exec<T>(query, ...bound).toArray());
  }

  /** Ends the object without a word to it, as a crash does: what is on disk stays, memory goes. */
  async crash(): Promise<void> {
    await this.inside((_log, state) => {
      state.abort('crashed by a test');
    }).catch(() => undefined);
  }

  alarmAt(): Promise<number | null> {
    return this.inside((_log, { storage }) => storage.getAlarm());
  }

  /** What is still to do, by what lies on disk. */
  async unfinished(): Promise<{ events: number; lagging: number; outbox: number }> {
    const [row] = await this.rows<{ events: number; lagging: number; outbox: number }>(
      `SELECT (SELECT ifnull(max(seq), 0) FROM events) - (SELECT fanned_seq FROM progress) AS events,
         (SELECT count(*) FROM lagging) AS lagging, (SELECT count(*) FROM outbox) AS outbox`,
    );
    return row ?? { events: 0, lagging: 0, outbox: 0 };
  }

  /** Wakes by nothing but the alarm until nothing is to be done. */
  async settled(): Promise<void> {
    await vi.waitFor(
      async () => {
        await runDurableObjectAlarm(this.stub);
        const left = await this.unfinished();
        if (Object.values(left).some((count) => count !== 0)) throw new Error(JSON.stringify(left));
      },
      { interval: 5, timeout: 20_000 },
    );
  }

  /** A hook that takes events and sends none. */
  async pausedHook(members: HookPatch = {}): Promise<number> {
    return (await this.inside((log) => pausedHookIn(log, members))).registration.id;
  }

  async patchHook(id: number, patch: HookPatch): Promise<void> {
    await this.inside((log) => patchHookIn(log, id, patch));
  }

  async deleteHook(id: number): Promise<void> {
    await this.inside((log) => log.deleteHook(id, EVERY_HOOK));
  }

  /** A source without secret that takes anything. */
  source(provider: 'deskera' | 'superoffice' = 'superoffice') {
    return this.inside((log) => sourceIn(log, provider, provider === 'superoffice' ? '' : null));
  }

  /** Places in the log of what a hook's queue holds, in the order of its own sequence. */
  async queueOf(hookId: number): Promise<{ seq: number; sequence: number }[]> {
    return runInDurableObject(this.hook(hookId), (_hook: Hook, { storage }) =>
      storage.sql
        .exec<{ seq: number; sequence: number }>('SELECT seq, sequence FROM deliveries ORDER BY sequence')
        .toArray(),
    );
  }
}

export async function openedLog(): Promise<Log> {
  const incarnation = crypto.randomUUID();
  const log = new Log({
    tenant: `tenant-${incarnation.slice(0, 8)}`,
    incarnation,
    jurisdiction: null,
    name: '',
    createdAtMs: 0,
  });
  await log.stub.open(log.tenant);
  return log;
}

/** What was made; by a call without an idempotency key something always is. */
export function createdIn<T>(created: Created<T> | Unfit | Full | Taken | TooLarge): T {
  if (created.kind !== 'created') throw new Error(`refused: ${created.kind}`);
  return created.value;
}

export async function pausedHookIn(
  log: EventLog,
  members: HookPatch = {},
  idempotency: Idempotency | null = null,
) {
  const config = patchHook(
    { ...HOOK_DEFAULTS, url: 'https://receiver.example.com/' },
    { paused: true, ...members },
  );
  return createdIn(
    await log.createHook({ config, secret: null, relayHost: RELAY_HOST, keyId: null }, idempotency),
  );
}

export async function keyIn(log: EventLog) {
  return createdIn(await log.createKey('a key', 'admin', null));
}

export function patchHookIn(log: EventLog, id: number, patch: HookPatch) {
  return log.patchHook(id, EVERY_HOOK, patch, null, RELAY_HOST);
}

export async function sourceIn(
  log: EventLog,
  provider: 'deskera' | 'superoffice',
  secret: string | null,
): Promise<{ id: string; token: string; tokenHash: string }> {
  const source = createdIn(
    await log.createSource({ provider, name: 'a source', secret, paths: {}, site: null }, null),
  );
  const [token] = source.tokens;
  if (token === undefined) throw new Error('a source without a URL');
  return { id: source.id, token: token.text, tokenHash: token.hash };
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function arrival(tokenHash: string, body: object | string) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    tokenHash,
    method: 'POST',
    url: 'https://relay.example.com/in/token',
    body: bytes(text),
    headers: new Map<string, string>(),
    pathEventType: null,
  };
}

/** A body as SuperOffice sends it. */
export function contactChanged(eventId: string, event = 'contact.changed') {
  return { EventId: eventId, Event: event, PrimaryKey: 7, ContextIdentifier: 'Cust1', Timestamp: '' };
}

let published = 0;

/** One own event that was never there before, into the log at hand. */
export function publishTo(log: EventLog, type = 'order.paid', id?: string): EventId {
  published += 1;
  const event = { id: id ?? `own-${published}`, source: '/shop', type, subject: null, time: null };
  const body = bytes(JSON.stringify({ specversion: '1.0', ...event }));
  return createdIn(log.publish(event, body, 'application/json', null)).id;
}

export function acceptedId(result: AcceptResult): EventId {
  if (result.kind !== 'accepted') throw new Error(`expected an accepted event, got ${result.kind}`);
  return result.id;
}

/** No waiting between the tries of a KV write. */
export function withoutWaiting(): void {
  vi.spyOn(scheduler, 'wait').mockResolvedValue(undefined);
}

const realNow = Date.now.bind(Date);

/** The clock goes on this much ahead of the real one. */
export function clockAhead(ms: number): void {
  vi.spyOn(Date, 'now').mockImplementation(() => realNow() + ms);
}

/** The real KV, but for what a test does otherwise. */
export function kvWith(otherwise: Partial<Pick<KVNamespace, 'put' | 'delete'>>): KVNamespace {
  const { REGISTRY } = relay;
  return {
    get: REGISTRY.get.bind(REGISTRY),
    put: REGISTRY.put.bind(REGISTRY),
    delete: REGISTRY.delete.bind(REGISTRY),
    list: REGISTRY.list.bind(REGISTRY),
    ...otherwise,
  } as unknown as KVNamespace;
}

export function failingKv(): KVNamespace {
  const fail = () => Promise.reject(new Error('KV is down'));
  return kvWith({ put: fail, delete: fail });
}

export function hangingKv(): KVNamespace {
  const hang = () => new Promise<never>(() => undefined);
  return kvWith({ put: hang, delete: hang });
}

/** Hook objects that do the same with each call. */
export function hooksThat(answer: () => Promise<never>): Env['HOOK'] {
  const stub = new Proxy({}, { get: (_target, name) => (name === 'then' ? undefined : answer) });
  return { getByName: () => stub } as unknown as Env['HOOK'];
}

/** Everything in KV under keys that speak of a tenant, its keys and URLs included. */
export async function recordsOf(tenant: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (let cursor: string | null = null; ;) {
    const page: KVNamespaceListResult<unknown> = await relay.REGISTRY.list({ cursor });
    for (const { name } of page.keys) {
      const text = (await relay.REGISTRY.get(name)) ?? '';
      if (name.includes(tenant) || text.includes(tenant)) found.set(name, text);
    }
    if (page.list_complete) return found;
    cursor = page.cursor;
  }
}
