import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Env } from '../../../src/env.ts';
import type { EventLog } from '../../../src/event-log/event-log.ts';
import { EVERY_HOOK } from '../../../src/event-log/hook-scope.ts';
import type { Hook } from '../../../src/hook/hook.ts';
import {
  arrival,
  clockAhead,
  contactChanged,
  failingKv,
  hangingKv,
  hooksThat,
  keyIn,
  kvWith,
  openedLog,
  patchHookIn,
  pausedHookIn,
  recordsOf,
  relay,
  sourceIn,
  withoutWaiting,
  type Bindings,
  type Log,
} from './log.ts';

const ALL = { order: 'asc', after: null, limit: 200 } as const;
const RETRY_MS = 10_000;

beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});

afterEach(() => {
  vi.restoreAllMocks();
});

const kinds = {
  key: (log: EventLog) => keyIn(log),
  source: (log: EventLog) => sourceIn(log, 'superoffice', 'S3CRET'),
  hook: (log: EventLog) => pausedHookIn(log, { headers: { authorization: 'S3CRET' } }),
} as const;
const kindNames = Object.keys(kinds) as (keyof typeof kinds)[];

/** How many there are by the log itself, and how many by KV. */
async function counted(log: Log): Promise<{ log: number; kv: number }> {
  const inLog = await log.inside((object) => object.listKeys(ALL).length + object.listSources(ALL).length);
  const [hooks] = await log.rows<{ count: number }>(
    'SELECT count(*) AS count FROM hooks WHERE deleted_at IS NULL',
  );
  const names = [...(await recordsOf(log.tenant.tenant)).keys()];
  return {
    log: inLog + (hooks?.count ?? 0),
    kv: names.filter((name) => /^(key|source|hook):/.test(name)).length,
  };
}

describe('a registration', () => {
  it('is in KV, without its secrets, when its call returns, and gone after delete', async () => {
    const log = await openedLog();
    const [key, source, hook] = await log.inside(async (object) => [
      await kinds.key(object),
      await kinds.source(object),
      await kinds.hook(object),
    ]);
    const { id } = hook.registration;
    const records = await recordsOf(log.tenant.tenant);
    expect([...records.keys()].sort()).toEqual(
      [
        `hook:${log.tenant.tenant}:${id}`,
        `key:${key.key.hash}`,
        `source:${log.tenant.tenant}:${source.id}`,
        `token:${source.tokenHash}`,
      ].sort(),
    );
    const everything = [...records.values()].join('\n');
    for (const secret of [key.text, source.token, 'S3CRET', hook.registration.secret]) {
      expect(everything).not.toContain(secret);
    }
    await log.inside(async (object) => {
      await object.revokeKey(key.key.id);
      await object.deleteSource(source.id);
      await object.deleteHook(id, EVERY_HOOK);
    });
    expect([...(await recordsOf(log.tenant.tenant)).keys()]).toEqual([]);
  });

  it('changed is changed in KV when the call returns', async () => {
    const log = await openedLog();
    const source = await log.source();
    const id = await log.pausedHook();
    await log.patchHook(id, { name: 'renamed hook' });
    await log.stub.patchSource(source.id, { name: 'renamed source' }, '');
    const records = await recordsOf(log.tenant.tenant);
    expect(records.get(`hook:${log.tenant.tenant}:${id}`)).toContain('renamed hook');
    expect(records.get(`source:${log.tenant.tenant}:${source.id}`) ?? '').toContain('renamed source');
  });

  describe.each(kindNames)('F7: %s', (kind) => {
    it('cut while it is being told is wholly absent afterwards', async () => {
      const log = await openedLog();
      const hang = () => new Promise<never>(() => undefined);
      await log.bind({ REGISTRY: hangingKv(), HOOK: hooksThat(hang) });
      await log.inside((object) => {
        void kinds[kind](object).catch(() => undefined);
      });
      expect((await log.unfinished()).outbox).toBeGreaterThan(0);
      expect(await log.alarmAt()).not.toBeNull();
      await log.crash();
      await log.settled();
      expect(await counted(log)).toEqual({ log: 0, kv: 0 });
      if (kind === 'hook') expect(await log.inside((object) => object.getHook(1, EVERY_HOOK))).toBeNull();
    });

    it('that KV does not take is wholly absent afterwards', async () => {
      const log = await openedLog();
      withoutWaiting();
      await log.bind({ REGISTRY: failingKv() });
      await log.inside((object) => expect(kinds[kind](object)).rejects.toThrow('KV is down'));
      expect((await counted(log)).log).toBe(0);
      await log.healed();
      clockAhead(RETRY_MS);
      await log.settled();
      expect(await counted(log)).toEqual({ log: 0, kv: 0 });
    });
  });

  it('F7: a hook that its object does not take is wholly absent, and its object says so', async () => {
    const log = await openedLog();
    await log.bind({ HOOK: hooksThat(() => Promise.reject(new Error('no room on this machine'))) });
    await log.inside((object) => expect(kinds.hook(object)).rejects.toThrow('no room'));
    await log.crash();
    await log.settled();
    expect(await counted(log)).toEqual({ log: 0, kv: 0 });
    const assignment = await runInDurableObject(log.hook(1), (_hook: Hook, { storage }) =>
      storage.sql.exec<{ registration: string }>('SELECT registration FROM assignment').one(),
    );
    expect(JSON.parse(assignment.registration)).toMatchObject({ version: 2 });
    expect((JSON.parse(assignment.registration) as { deletedAtMs: unknown }).deletedAtMs).not.toBeNull();
  });

  it('F7: a delete that is cut before its commit never was: the hook and its queue are as before', async () => {
    const log = await openedLog();
    const id = await log.pausedHook();
    const source = await log.source();
    await log.stub.accept(arrival(source.tokenHash, contactChanged('a')));
    await log.settled();
    await log.bind({ REGISTRY: hangingKv() });
    await log.inside((object) => {
      void object.deleteHook(id, EVERY_HOOK).catch(() => undefined);
    });
    await log.crash();
    await log.settled();
    expect(await deliveriesOf(log, id)).toMatchObject([{ status: 'held' }]);
    expect((await recordsOf(log.tenant.tenant)).has(`hook:${log.tenant.tenant}:${id}`)).toBe(true);
    expect(await log.inside((object) => object.getHook(id, EVERY_HOOK))).not.toBeNull();
  });

  it('F7: a delete that is cut after its commit is told by the alarm, and the hook object cancels its queue', async () => {
    const log = await openedLog();
    const id = await log.pausedHook();
    const source = await log.source();
    await log.stub.accept(arrival(source.tokenHash, contactChanged('a')));
    await log.settled();
    let calls = 0;
    const hang = new Promise<never>(() => undefined);
    const { HOOK } = relay;
    const once = {
      getByName: (name: string) => ({
        configure: (...args: Parameters<Hook['configure']>) => {
          calls += 1;
          return calls === 1 ? HOOK.getByName(name).configure(...args) : hang;
        },
      }),
    } as unknown as Env['HOOK'];
    await log.bind({ HOOK: once });
    await log.inside((object) => {
      void object.deleteHook(id, EVERY_HOOK).catch(() => undefined);
    });
    await vi.waitFor(() => expect(calls).toBe(2));
    await log.crash();
    await log.settled();
    expect(await deliveriesOf(log, id)).toMatchObject([{ status: 'cancelled', reason: 'deleted' }]);
    expect((await recordsOf(log.tenant.tenant)).has(`hook:${log.tenant.tenant}:${id}`)).toBe(false);
  });

  it('F7: a write that fails inside a change leaves nothing of it, on disk or in memory', async () => {
    const log = await openedLog();
    for (const failing of ['INSERT INTO hook_versions', 'INSERT INTO outbox', 'UPDATE hooks SET version']) {
      await log
        .inside((object, { storage: { sql } }) => {
          const exec = sql.exec.bind(sql);
          sql.exec = ((query: string, ...bound: unknown[]) => {
            if (query.startsWith(failing)) throw new Error('disk full');
            return exec(query, ...bound);
          }) as typeof sql.exec;
          return kinds.hook(object);
        })
        .then(
          () => expect.unreachable(),
          () => undefined,
        );
      expect(await log.rows('SELECT id FROM hooks WHERE deleted_at IS NULL')).toEqual([]);
      expect(await log.rows('SELECT hook_id FROM hook_versions')).toEqual([]);
    }
    const id = await log.pausedHook();
    expect(await log.inside((object) => object.hookPage(EVERY_HOOK, ALL))).toMatchObject({
      views: [{ registration: { id } }],
      next: null,
    });
  });

  it('that is undone is not answered as made to the same call sent twice', async () => {
    const log = await openedLog();
    const { promise: answer, reject } = Promise.withResolvers<never>();
    const { promise: asked, resolve: ask } = Promise.withResolvers<null>();
    const hang = () => {
      ask(null);
      return answer;
    };
    await log.bind({ HOOK: hooksThat(hang) });
    const idempotency = { key: 'twice', digest: 'same' };
    await log.inside(async (object) => {
      const calls = [pausedHookIn(object, {}, idempotency), pausedHookIn(object, {}, idempotency)];
      const outcomes = Promise.allSettled(calls);
      await asked;
      (object as unknown as Bindings).env = relay;
      reject(new Error('no room on this machine'));
      expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      expect(await object.hookPage(EVERY_HOOK, ALL)).toEqual({ views: [], next: null });
    });
  });

  it('a hook whose change was cut is read at once after the crash as it stands, by its object too', async () => {
    const log = await openedLog();
    const id = await log.pausedHook();
    await log.bind({ REGISTRY: hangingKv() });
    await log.inside((object, { storage }) => {
      storage.setAlarm = () => Promise.resolve();
      void patchHookIn(object, id, { paused: false }).catch(() => undefined);
    });
    const runtime = () => runInDurableObject(log.hook(id), (hook: Hook) => hook.runtime());
    await vi.waitFor(async () => expect(await runtime()).toMatchObject({ state: 'active' }));
    await log.crash();
    const { views } = await log.inside((object) => object.hookPage(EVERY_HOOK, ALL));
    expect(views).toMatchObject([
      { registration: { config: { paused: true } }, runtime: { state: 'paused' } },
    ]);
  });

  it('while KV is down neither events nor other hooks wait for it', async () => {
    const log = await openedLog();
    const id = await log.pausedHook();
    const source = await log.source();
    await log.bind({ REGISTRY: hangingKv() });
    await log.inside((object) => {
      void patchHookIn(object, id, { name: 'x' }).catch(() => undefined);
    });
    clockAhead(RETRY_MS);
    for (let at = 1; at <= 5; at += 1) {
      await log.inside(async (object) => {
        await object.accept(arrival(source.tokenHash, contactChanged(`id-${at}`)));
        await object.alarm();
      });
      expect(await log.queueOf(id)).toHaveLength(at);
    }
  });
});

describe('the outbox', () => {
  it('an older state never lands last, however slow the writes before it', async () => {
    const log = await openedLog();
    const id = await log.pausedHook();
    const releases: (() => void)[] = [];
    const { REGISTRY } = relay;
    const slow = kvWith({
      put: async (key: string, value: unknown) => {
        await new Promise<void>((resolve) => releases.push(resolve));
        await REGISTRY.put(key, value as string);
      },
    });
    await log.bind({ REGISTRY: slow });
    await log.inside(async (object) => {
      const calls = ['one', 'two', 'three'].map((name) => patchHookIn(object, id, { name }));
      const done = Promise.all(calls);
      while (!(await Promise.race([done.then(() => true), immediate()]))) releases.pop()?.();
    });
    const record = (await recordsOf(log.tenant.tenant)).get(`hook:${log.tenant.tenant}:${id}`);
    expect(record).toContain('"name":"three"');
    expect(await log.unfinished()).toMatchObject({ outbox: 0 });
  });

  it('I10: of concurrent patches all members land, in the log, in KV and in the hook object alike', async () => {
    const log = await openedLog();
    const id = await log.pausedHook();
    await Promise.all([
      log.patchHook(id, { name: 'named' }),
      log.patchHook(id, { ordering: 'fifo' }),
      log.patchHook(id, { headers: { a: '1' } }),
      log.patchHook(id, { headers: { b: '2' } }),
      ...Array.from({ length: 10 }, (_, at) => log.patchHook(id, { concurrency: 1 + (at % 6) })),
    ]);
    const view = await log.inside((object) => object.getHook(id, EVERY_HOOK));
    const config = view?.registration.config;
    expect(config).toMatchObject({ name: 'named', ordering: 'fifo', headers: { a: '1', b: '2' } });
    const record = (await recordsOf(log.tenant.tenant)).get(`hook:${log.tenant.tenant}:${id}`) ?? '';
    expect(JSON.parse(record)).toMatchObject({ ...config, headers: { a: '***', b: '***' } });
    const { registration } = await runInDurableObject(log.hook(id), (_hook: Hook, { storage }) =>
      storage.sql.exec<{ registration: string }>('SELECT registration FROM assignment').one(),
    );
    expect(JSON.parse(registration)).toMatchObject({ version: view?.registration.version, config });
  });

  it('a change that cannot be told never was, and what stands is told more than six times, at most a minute apart', async () => {
    const log = await openedLog();
    const id = await log.pausedHook({ name: 'as it stands' });
    withoutWaiting();
    const tries = vi.fn(() => Promise.reject(new Error('KV is down')));
    await log.bind({ REGISTRY: kvWith({ put: tries, delete: tries }) });
    await log.inside((object) =>
      expect(patchHookIn(object, id, { name: 'too late' })).rejects.toThrow('KV is down'),
    );
    const nameOf = async () =>
      (await log.inside((object) => object.registration(id, EVERY_HOOK)))?.config.name;
    expect(await nameOf()).toBe('as it stands');
    tries.mockClear();
    for (let round = 1; round <= 10; round += 1) {
      expect(((await log.alarmAt()) ?? Infinity) - Date.now()).toBeLessThanOrEqual(60_000);
      clockAhead(round * 60_000);
      await log.inside((object) => object.alarm());
    }
    await vi.waitFor(() => expect(tries.mock.calls.length).toBeGreaterThan(6 * 3));
    await log.healed();
    clockAhead(20 * 60_000);
    await log.settled();
    const record = (await recordsOf(log.tenant.tenant)).get(`hook:${log.tenant.tenant}:${id}`) ?? '';
    expect(JSON.parse(record)).toMatchObject({ name: 'as it stands' });
    expect(await nameOf()).toBe('as it stands');
  });

  it('A7: a hook is told what stands, though eight others fail whatever they are told', async () => {
    const log = await openedLog();
    const ids = [];
    for (let at = 0; at < 9; at += 1) ids.push(await log.pausedHook({ paused: false }));
    const last = ids[8] ?? 0;
    const { HOOK } = relay;
    let isLastDown = false;
    const flaky = {
      getByName: (name: string) =>
        name.endsWith(`/${last}`) && !isLastDown
          ? HOOK.getByName(name)
          : { configure: () => Promise.reject(new Error('down')) },
    } as unknown as Env['HOOK'];
    withoutWaiting();
    const fail = () => {
      isLastDown = true;
      return Promise.reject(new Error('KV is down'));
    };
    await log.bind({ HOOK: flaky, REGISTRY: kvWith({ put: fail, delete: fail }) });
    const stateOf = async () =>
      (await runInDurableObject(log.hook(last), (hook: Hook) => hook.runtime())).state;
    // The last one takes a pause that cannot be told to KV, and cannot be told that it never was.
    for (const id of ids.toReversed()) {
      await expect(log.patchHook(id, { paused: true })).rejects.toThrow('down');
    }
    expect(await stateOf()).toBe('paused');
    isLastDown = false;
    await log.bind({ HOOK: flaky });
    for (let tries = 1; tries <= 2; tries += 1) {
      clockAhead(tries * RETRY_MS);
      await log.inside((object) => object.alarm());
    }
    await vi.waitFor(async () => expect(await stateOf()).toBe('active'));
  });

  it('survives an eviction', async () => {
    const log = await openedLog();
    const id = await log.pausedHook();
    await log.patchHook(id, { name: 'kept' });
    await evictDurableObject(log.stub);
    expect((await log.inside((object) => object.getHook(id, EVERY_HOOK)))?.registration.config.name).toBe(
      'kept',
    );
    expect(await log.unfinished()).toMatchObject({ outbox: 0 });
  });
});

describe('the last deliveries of a deleted hook', () => {
  it('an event accepted before a delete and fanned out after it leaves a trace', async () => {
    const log = await openedLog();
    const source = await log.source();
    const id = await log.pausedHook();
    await log.inside(async (object) => {
      await object.accept(arrival(source.tokenHash, contactChanged('a')));
      await object.deleteHook(id, EVERY_HOOK);
    });
    await log.settled();
    expect(await deliveriesOf(log, id)).toMatchObject([{ status: 'cancelled', reason: 'deleted' }]);
  });

  it('an event accepted while a hook is being made that cannot be made is none of its own', async () => {
    const log = await openedLog();
    const source = await log.source();
    await log.bind({ HOOK: hooksThat(() => Promise.reject(new Error('down'))) });
    await log.inside(async (object) => {
      const created = kinds.hook(object);
      await object.accept(arrival(source.tokenHash, contactChanged('a')));
      await expect(created).rejects.toThrow('down');
    });
    await log.healed();
    clockAhead(RETRY_MS);
    await log.settled();
    expect(await deliveriesOf(log, 1)).toEqual([]);
  });
});

async function deliveriesOf(log: Log, hookId: number) {
  return runInDurableObject(log.hook(hookId), (hook: Hook) => hook.deliveries(null, null, 10).views);
}

function immediate(): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), 0));
}
