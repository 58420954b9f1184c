/** Many tenants that are being erased at once, and what those of which something fails or hangs do to the others. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Env } from '../../../src/env.ts';
import type { ErasureStep } from '../../../src/event-log/erasure.ts';
import { tenantsOf } from '../../../src/registry/address.ts';
import type { Tenants } from '../../../src/tenants/tenants.ts';
import { hooksThat, Log, publishTo, recordsOf, relay, type Bindings } from '../event-log/log.ts';

const START_MS = Date.UTC(2100, 0, 1);
const HOUR_MS = 3_600_000;

let nowMs: number;
beforeEach(() => {
  for (const level of ['error', 'warn'] as const) vi.spyOn(console, level).mockReturnValue();
  nowMs = START_MS;
  vi.spyOn(Date, 'now').mockImplementation(() => nowMs);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const idOf = (at: number) => `t-${String(at).padStart(3, '0')}`;
const DONE: ErasureStep = { kind: 'rest', left: [] };

/** A Tenants object of its own with tenants that are being erased, and logs that only note what is asked of them. */
class Directory {
  readonly stub = relay.TENANTS.getByName(crypto.randomUUID());
  /** When each was asked for a step. */
  readonly asked = new Map<string, number[]>();
  /** The alarm at the moment of each question. */
  readonly alarms: (number | null)[] = [];
  answer: (id: string) => Promise<ErasureStep> = () => Promise.resolve(DONE);

  async fill(count: number): Promise<void> {
    await this.#inside((_tenants, { storage }) => {
      for (let at = 0; at < count; at += 1) {
        storage.sql.exec(
          `INSERT INTO tenants (id, incarnation, jurisdiction, name, created_at, state) VALUES (?, ?, NULL, '', 0, 'erasing')`,
          idOf(at),
          crypto.randomUUID(),
        );
      }
    });
  }

  async left(): Promise<string[]> {
    return this.#inside((_tenants, { storage }) =>
      storage.sql
        .exec<{ id: string }>('SELECT id FROM tenants ORDER BY id')
        .toArray()
        .map(({ id }) => id),
    );
  }

  /** One wake. Returns when the next one is to be. */
  async wake(): Promise<number | null> {
    return this.#inside(async (tenants, { storage }) => {
      const EVENT_LOG = {
        getByName: (name: string) => {
          const [id = ''] = name.split('.');
          return {
            erase: async () => {
              this.asked.set(id, [...(this.asked.get(id) ?? []), nowMs]);
              this.alarms.push(await storage.getAlarm());
              return this.answer(id);
            },
            eraseRest: () => Promise.resolve(),
          };
        },
      } as unknown as Env['EVENT_LOG'];
      (tenants as unknown as Bindings).env = { ...relay, EVENT_LOG };
      Object.assign(tenants, { stepDeadlineMs: 5 });
      await tenants.alarm();
      return storage.getAlarm();
    });
  }

  #inside<R>(work: (tenants: Tenants, state: DurableObjectState) => R | Promise<R>): Promise<R> {
    return runInDurableObject(this.stub, work);
  }
}

it('A15: of 150 tenants that are being erased ten go on at a wake, with the next alarm set before', async () => {
  const directory = new Directory();
  await directory.fill(150);
  const perWake: number[] = [];
  let before = 0;
  for (let nextMs: number | null = nowMs; nextMs !== null && perWake.length < 30;) {
    nextMs = await directory.wake();
    perWake.push(directory.alarms.length - before);
    before = directory.alarms.length;
    if ((await directory.left()).length === 0) break;
    expect(nextMs).toBe(nowMs);
  }
  expect(perWake).toEqual(Array(15).fill(10));
  for (const alarm of directory.alarms) expect(alarm).not.toBeNull();
});

it('A15: a tenant whose erasure goes on for long takes its turn with the others', async () => {
  const directory = new Directory();
  await directory.fill(25);
  const steps = new Map<string, number>();
  directory.answer = (id) => {
    steps.set(id, (steps.get(id) ?? 0) + 1);
    const isLong = Number(id.slice(2)) < 12;
    return Promise.resolve(isLong && (steps.get(id) ?? 0) < 50 ? { kind: 'more' } : DONE);
  };
  for (let wakes = 0; wakes < 4; wakes += 1) {
    nowMs += 1;
    await directory.wake();
  }
  expect((await directory.left()).filter((id) => Number(id.slice(2)) >= 12)).toEqual([]);
});

describe.each([
  ['fails', () => Promise.reject(new Error('down'))],
  ['hangs', () => new Promise<never>(() => undefined)],
] as const)('a log that %s', (_name, broken) => {
  it('A15: stops the erasure of no other tenant, and is asked ever more seldom', async () => {
    const directory = new Directory();
    await directory.fill(25);
    const isBroken = (id: string) => Number(id.slice(2)) < 12;
    directory.answer = (id) => (isBroken(id) ? broken() : Promise.resolve(DONE));
    for (let wakes = 0; wakes < 4; wakes += 1) await directory.wake();
    expect(await directory.left()).toEqual(Array.from({ length: 12 }, (_, at) => idOf(at)));
    for (let wakes = 0; wakes < 200 && nowMs < START_MS + HOUR_MS; wakes += 1) {
      const nextMs = await directory.wake();
      expect(nextMs).not.toBeNull();
      nowMs = Math.max(nowMs + 1, nextMs ?? 0);
    }
    expect(nowMs).toBeGreaterThanOrEqual(START_MS + HOUR_MS);
    expect(directory.asked.get(idOf(0))?.length).toBeLessThan(15);
  });
});

describe('A13: a tenant with hooks', () => {
  const tenants = () => tenantsOf(relay);

  async function bind(bindings: Partial<Env>): Promise<void> {
    await runInDurableObject(tenants(), (object: Tenants) => {
      (object as unknown as Bindings).env = { ...relay, ...bindings };
    });
  }

  async function opened(): Promise<Log> {
    const made = await tenants().create(`t-${crypto.randomUUID().slice(0, 8)}`, '', null);
    if (!made.ok) throw new Error(made.reason);
    return new Log(made.tenant);
  }

  async function stateOf(id: string): Promise<string | undefined> {
    return runInDurableObject(
      tenants(),
      (_object, { storage }) =>
        storage.sql.exec<{ state: string }>('SELECT state FROM tenants WHERE id = ?', id).toArray()[0]?.state,
    );
  }

  it('whose objects cannot all be erased is erased but for those, which follow when they can', async () => {
    const log = await opened();
    const { tenant } = log.tenant;
    for (let at = 0; at < 30; at += 1) await log.pausedHook();
    await log.source();
    await log.inside((object) => publishTo(object));
    await log.settled();
    const isBroken = (name: string) => /\/(3|21)$/.test(name);
    const HOOK = {
      getByName: (name: string) =>
        isBroken(name)
          ? hooksThat(() => Promise.reject(new Error('down'))).getByName('')
          : relay.HOOK.getByName(name),
    } as unknown as Env['HOOK'];
    await log.bind({ HOOK });
    await bind({ HOOK });
    expect(await tenants().erase(tenant)).toBe(true);
    for (let wakes = 0; wakes < 10 && (await stateOf(tenant)) !== undefined; wakes += 1)
      await runDurableObjectAlarm(tenants());
    expect(await stateOf(tenant)).toBeUndefined();
    expect([...(await recordsOf(tenant)).keys()]).toEqual(
      [`hook:${tenant}:3`, `hook:${tenant}:21`].toSorted(),
    );
    const tablesOf = (stub: DurableObjectStub) =>
      runInDurableObject(stub, (_object, { storage }) =>
        storage.sql.exec(`SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'`).toArray(),
      );
    expect(await tablesOf(log.stub)).toEqual([]);
    expect(await tablesOf(log.hook(4))).toEqual([]);
    expect(await tablesOf(log.hook(3))).not.toEqual([]);

    // Its name is free, and what is left is tried again until it can be erased.
    const again = await tenants().create(tenant, '', null);
    expect(again.ok).toBe(true);
    for (let tries = 0; tries < 3; tries += 1) {
      nowMs += HOUR_MS;
      await runDurableObjectAlarm(tenants());
    }
    expect(await tablesOf(log.hook(3))).not.toEqual([]);
    await bind({});
    nowMs += HOUR_MS;
    await runDurableObjectAlarm(tenants());
    for (const id of [3, 21]) expect(await tablesOf(log.hook(id))).toEqual([]);
    const records = [...(await recordsOf(tenant)).keys()];
    expect(records).toEqual([`tenant:${tenant}`]);
  });

  it('is erased a few rows at a time: a step reads nothing of the other hooks', async () => {
    const log = await opened();
    await log.pausedHook();
    await log.rows(
      `WITH RECURSIVE n (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM n WHERE n < 3000)
       INSERT INTO hooks (version, config, secret, relay_host, created_at, updated_at)
       SELECT version, config, secret, relay_host, created_at, updated_at FROM hooks, n WHERE id = 1`,
    );
    await log.rows(
      `INSERT INTO hook_versions (hook_id, after_seq, events, format)
       SELECT id, 0, '["*"]', 'structured' FROM hooks WHERE id > 1`,
    );
    const HOOK = { getByName: () => ({ erase: () => Promise.resolve() }) } as unknown as Env['HOOK'];
    await log.bind({ HOOK });
    const read = await log.inside(async (object, { storage: { sql } }) => {
      const exec = sql.exec.bind(sql);
      const cursors: SqlStorageCursor<never>[] = [];
      sql.exec = ((query: string, ...bound: unknown[]) => {
        const cursor = exec(query, ...bound);
        cursors.push(cursor as SqlStorageCursor<never>);
        return cursor;
      }) as typeof sql.exec;
      expect(await object.erase()).toEqual({ kind: 'more' });
      sql.exec = exec;
      return cursors.reduce((rows, { rowsRead }) => rows + rowsRead, 0);
    });
    expect(read).toBeGreaterThan(20);
    expect(read).toBeLessThan(200);
    expect(await log.rows('SELECT count(*) AS count FROM hooks')).toEqual([{ count: 2980 }]);
  });
});
