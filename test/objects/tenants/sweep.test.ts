/** Once a day each tenant's log is asked to delete what is too old: a few at a wake, on from where a crash ended it. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Env } from '../../../src/env.ts';
import type { Tenants } from '../../../src/tenants/tenants.ts';
import { relay, type Bindings } from '../event-log/log.ts';

const START_MS = Date.UTC(2100, 0, 1);
const DAY_MS = 86_400_000;
const TENANTS = 70;

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
});

afterEach(() => {
  vi.restoreAllMocks();
});

const at = (timeMs: number) => vi.spyOn(Date, 'now').mockReturnValue(timeMs);
const idOf = (index: number) => `t-${String(index).padStart(2, '0')}`;
const ALL = Array.from({ length: TENANTS }, (_, index) => idOf(index));

/** A Tenants object of its own, with open tenants and with logs that only note that they are asked. */
class Sweeper {
  readonly #name = crypto.randomUUID();
  readonly swept: string[] = [];
  /** A tenant whose log fails. */
  failing: string | null = null;

  get stub(): DurableObjectStub<Tenants> {
    return relay.TENANTS.getByName(this.#name);
  }

  async fill(): Promise<void> {
    await runInDurableObject(this.stub, (_tenants: Tenants, { storage }) => {
      for (const id of ALL) {
        storage.sql.exec(
          `INSERT INTO tenants (id, incarnation, jurisdiction, name, created_at, state) VALUES (?, ?, NULL, '', 0, 'open')`,
          id,
          crypto.randomUUID(),
        );
      }
    });
  }

  /** One wake; returns when the next one is to be. */
  async wake(): Promise<number | null> {
    const EVENT_LOG = {
      getByName: (name: string) => ({
        sweep: () => {
          const [tenant = ''] = name.split('.');
          this.swept.push(tenant);
          return tenant === this.failing ? Promise.reject(new Error('down')) : Promise.resolve();
        },
      }),
    } as unknown as Env['EVENT_LOG'];
    return runInDurableObject(this.stub, async (tenants: Tenants, { storage }) => {
      (tenants as unknown as Bindings).env = { ...relay, EVENT_LOG };
      await tenants.alarm();
      return storage.getAlarm();
    });
  }

  async crash(): Promise<void> {
    await runInDurableObject(this.stub, (_tenants: Tenants, state) => {
      state.abort('crashed by a test');
    }).catch(() => undefined);
  }
}

it.each(['awake throughout', 'crashed at each wake'])(
  '%s: each is asked once a day, those that fail too',
  async (life) => {
    const sweeper = new Sweeper();
    await sweeper.fill();
    sweeper.failing = idOf(3);
    for (let day = 0; day < 2; day += 1) {
      const nowMs = START_MS + day * DAY_MS;
      at(nowMs);
      const alarms: (number | null)[] = [];
      do {
        alarms.push(await sweeper.wake());
        if (life === 'crashed at each wake') await sweeper.crash();
      } while (alarms.at(-1) === nowMs);
      expect(alarms).toEqual([nowMs, nowMs, nowMs + DAY_MS]);
      expect(sweeper.swept.toSorted()).toEqual(ALL);
      sweeper.swept.length = 0;
      at(nowMs + DAY_MS - 1);
      await sweeper.wake();
      expect(sweeper.swept).toEqual([]);
    }
  },
);

it('a crash in the middle of a batch asks it again, and forgets nobody', async () => {
  const sweeper = new Sweeper();
  await sweeper.fill();
  at(START_MS);
  await sweeper.wake();
  await runInDurableObject(sweeper.stub, (tenants: Tenants, state) => {
    const EVENT_LOG = {
      getByName: () => ({ sweep: () => new Promise<never>(() => undefined) }),
    } as unknown as Env['EVENT_LOG'];
    (tenants as unknown as Bindings).env = { ...relay, EVENT_LOG };
    void tenants.alarm();
    state.abort('crashed by a test');
  }).catch(() => undefined);
  await sweeper.wake();
  await sweeper.wake();
  expect(sweeper.swept.toSorted()).toEqual(ALL);
});

it('a relay without tenants sets no alarm', async () => {
  const sweeper = new Sweeper();
  await runInDurableObject(sweeper.stub, async (_tenants: Tenants, { storage }) => {
    expect(await storage.getAlarm()).toBeNull();
  });
  await runDurableObjectAlarm(sweeper.stub);
  expect(sweeper.swept).toEqual([]);
});
