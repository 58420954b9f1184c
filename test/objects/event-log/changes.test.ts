/**
 * B6: whichever write fails, in the log, in a hook's object or in KV, a call that fails has changed nothing, and one that
 * succeeds has changed everything: in the log, in KV and in the hook's object alike. The real storage does the rest.
 */
import { runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { EventLog } from '../../../src/event-log/event-log.ts';
import { EVERY_HOOK } from '../../../src/event-log/hook-scope.ts';
import type { HookRegistration } from '../../../src/core/hook-registration.ts';
import type { Hook } from '../../../src/hook/hook.ts';
import type { Env } from '../../../src/env.ts';
import {
  clockAhead,
  keyIn,
  kvWith,
  openedLog,
  patchHookIn,
  pausedHookIn,
  relay,
  recordsOf,
  sourceIn,
  withoutWaiting,
  type Log,
} from './log.ts';

const ALL = { order: 'asc', after: null, limit: 200 } as const;
const WRITE = /^\s*(INSERT|UPDATE|DELETE)/;
const LATER_MS = 3_600_000;

beforeEach(() => {
  for (const level of ['error', 'warn'] as const) vi.spyOn(console, level).mockReturnValue();
});
afterEach(() => {
  vi.restoreAllMocks();
});

interface Standing {
  readonly log: Log;
  readonly hookId: number;
  readonly sourceId: string;
  readonly keyId: string;
}

/** A log with one of each. */
async function standing(): Promise<Standing> {
  const log = await openedLog();
  return log.inside(async (object) => {
    const hook = await pausedHookIn(object, { events: ['a.*'], headers: { a: 'b' } });
    const source = await sourceIn(object, 'superoffice', 'secret');
    const { key } = await keyIn(object);
    return { log, hookId: hook.registration.id, sourceId: source.id, keyId: key.id };
  });
}

type Call = (object: EventLog, standing: Standing) => Promise<unknown>;

const CALLS: Readonly<Record<string, Call>> = {
  'a new hook': (object) => pausedHookIn(object, { name: 'new' }, { key: 'k', digest: 'd' }),
  'a changed hook': (object, { hookId }) => patchHookIn(object, hookId, { name: 'new', events: ['b.*'] }),
  'a hook that goes on': (object, { hookId }) => object.resumeHook(hookId, EVERY_HOOK),
  'a hook with a new secret': (object, { hookId }) =>
    object.rotateHookSecret(hookId, EVERY_HOOK, null, 60_000),
  'a deleted hook': (object, { hookId }) => object.deleteHook(hookId, EVERY_HOOK),
  'a new source': (object) => sourceIn(object, 'deskera', null),
  'a changed source': (object, { sourceId }) => object.patchSource(sourceId, { name: 'new' }, ''),
  'a source with a new URL': (object, { sourceId }) => object.rotateSourceUrl(sourceId, 60_000),
  'a source without its old URL': (object, { sourceId }) => object.rotateSourceUrl(sourceId, 0),
  'a source with a new secret': (object, { sourceId }) =>
    Promise.resolve(object.rotateSourceSecret(sourceId, null, 0)),
  'a deleted source': (object, { sourceId }) => object.deleteSource(sourceId),
  'a new key': (object) => keyIn(object),
  'a revoked key': (object, { keyId }) => object.revokeKey(keyId),
};

/** All that shows of a log: its registrations, what KV has of them, and what the objects of its hooks go by. */
async function shown({ log }: Standing): Promise<unknown> {
  const registered = await log.inside(async (object) => ({
    hooks: object.registrationPage(EVERY_HOOK, ALL).hooks,
    sources: object.listSources(ALL),
    keys: object.listKeys(ALL),
    answers: await log.rows('SELECT key FROM idempotent_answers'),
    audit: await log.rows('SELECT seq, call, target, hash FROM audit'),
  }));
  const wishes = await log.rows(
    `SELECT hook_id, events FROM hook_versions WHERE until_seq IS NULL ORDER BY hook_id`,
  );
  const objects: unknown[] = [];
  for (const { id } of registered.hooks) objects.push(await goneBy(log, id));
  const records = [...(await recordsOf(log.tenant.tenant))].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.parse(JSON.stringify({ ...registered, wishes, objects, records })) as unknown;
}

async function goneBy(log: Log, hookId: number) {
  const [row] = await runInDurableObject(log.hook(hookId), (_hook: Hook, { storage }) =>
    storage.sql.exec<{ registration: string }>('SELECT registration FROM assignment').toArray(),
  );
  // The number under which it was told rises with each telling.
  const { version: _version, ...registration } = JSON.parse(row?.registration ?? '{}') as HookRegistration;
  return registration;
}

/** Objects of hooks that there is no hook for. */
async function strays({ log }: Standing): Promise<unknown[]> {
  const ids = await log.rows<{ id: number }>('SELECT id FROM hooks WHERE deleted_at IS NOT NULL');
  const found: unknown[] = [];
  for (const { id } of ids) {
    const { deletedAtMs } = await goneBy(log, id);
    if (deletedAtMs === null) found.push(id);
  }
  return found;
}

interface Fault {
  hasStruck: boolean;
  readonly bindings: Partial<Env>;
  repair(): void;
}

/** The write of this number fails, counted over the log and the objects of its hooks; and everything after it, if asked. */
async function failingWrite(log: Log, number: number, isLasting: boolean): Promise<Fault> {
  return log.inside((_object, { storage }) => {
    const prototype = Object.getPrototypeOf(storage.sql) as SqlStorage;
    const exec = Object.getOwnPropertyDescriptor(prototype, 'exec')?.value as SqlStorage['exec'];
    let writes = 0;
    const fault: Fault = {
      hasStruck: false,
      bindings: {},
      repair: () => {
        prototype.exec = exec;
      },
    };
    prototype.exec = function (this: SqlStorage, query: string, ...bindings: unknown[]) {
      if (WRITE.test(query)) writes += 1;
      if (WRITE.test(query) && (writes === number || (isLasting && writes > number))) {
        fault.hasStruck = true;
        throw new Error('database or disk is full: SQLITE_FULL');
      }
      return exec.call(this, query, ...bindings);
    } as SqlStorage['exec'];
    return fault;
  });
}

/** KV takes nothing under the key that comes to it as this number. */
function failingRecord(_log: Log, number: number): Promise<Fault> {
  const { REGISTRY } = relay;
  const keys: string[] = [];
  const isRefused = (key: string) => {
    if (!keys.includes(key)) keys.push(key);
    const isIt = keys.indexOf(key) === number - 1;
    fault.hasStruck ||= isIt;
    return isIt;
  };
  const down = () => Promise.reject(new Error('KV is down'));
  const put = (key: string, value: unknown) => (isRefused(key) ? down() : REGISTRY.put(key, value as string));
  const remove = (key: string) => (isRefused(key) ? down() : REGISTRY.delete(key));
  const bindings = { REGISTRY: kvWith({ put, delete: remove }) };
  const fault: Fault = { hasStruck: false, bindings, repair: () => undefined };
  return Promise.resolve(fault);
}

async function outcomeOf(standing: Standing, call: Call, bindings: Partial<Env>) {
  await standing.log.bind(bindings);
  return standing.log
    .inside(async (object) => {
      await call(object, standing);
      return true;
    })
    .catch(() => false);
}

async function healed({ log }: Standing): Promise<void> {
  // An object that ended is there again at the next call.
  await vi.waitFor(() => log.healed());
  clockAhead(LATER_MS);
  await log.settled();
}

type Failing = (log: Log, number: number) => Promise<Fault>;

const oneWrite: Failing = (log, number) => failingWrite(log, number, false);
const allWrites: Failing = (log, number) => failingWrite(log, number, true);

async function checkEachFault(name: string, failing: Failing): Promise<void> {
  const call = CALLS[name] ?? (() => Promise.reject(new Error(`no call ${name}`)));
  let failures = 0;
  for (let number = 1, hasStruck = true; hasStruck; number += 1) {
    vi.restoreAllMocks();
    for (const level of ['error', 'warn'] as const) vi.spyOn(console, level).mockReturnValue();
    withoutWaiting();
    const here = await standing();
    const before = await shown(here);
    const fault = await failing(here.log, number);
    let isDone: boolean;
    try {
      isDone = await outcomeOf(here, call, fault.bindings);
    } finally {
      fault.repair();
    }
    await healed(here);
    const after = await shown(here);
    const told = `fault ${number}`;
    if (isDone) expect(after, told).not.toEqual(before);
    else expect(after, told).toEqual(before);
    expect(await strays(here), told).toEqual([]);
    if (!isDone) failures += 1;
    ({ hasStruck } = fault);
  }
  expect(failures).toBeGreaterThan(0);
}

const TIMEOUT_MS = 120_000;
const names = Object.keys(CALLS);

it.each(names)('B6: %s, whichever one write fails', (name) => checkEachFault(name, oneWrite), TIMEOUT_MS);

it.each(names.filter((name) => name.includes('hook')))(
  'B6: %s, from whichever write on all of them fail',
  (name) => checkEachFault(name, allWrites),
  TIMEOUT_MS,
);

it.each(names.filter((name) => name !== 'a source with a new secret'))(
  'B6: %s, whichever record KV does not take',
  (name) => checkEachFault(name, failingRecord),
  TIMEOUT_MS,
);
