/** Lists of registrations a page at a time: no answer of the object grows with how many or how large they are. */
import { expect, it } from 'vitest';
import type { HookScope } from '../../../src/event-log/hook-scope.ts';
import type { Env } from '../../../src/env.ts';
import type { EventLog } from '../../../src/event-log/event-log.ts';
import type { HookViewPage } from '../../../src/event-log/hook-reader.ts';
import { ANY_HOOK } from '../../../src/event-log/hook-views.ts';
import { newSummary } from '../../../src/event-log/summaries.ts';
import { openedLog, relay, type Log } from './log.ts';

const DESKERA: HookScope = { dialect: 'deskera', keyId: null };
const NATIVE: HookScope = { dialect: 'native', keyId: null };

/** So many copies of the only hook, each padded to this size. */
async function copied(log: Log, count: number, kilobytes = 0): Promise<void> {
  await log.rows(
    `WITH RECURSIVE n (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM n WHERE n < ?)
     INSERT INTO hooks (version, config, secret, relay_host, created_at, updated_at)
     SELECT version, json_set(config, '$.name', hex(zeroblob(512 * ?))), secret, relay_host, created_at, updated_at
     FROM hooks, n WHERE id = 1`,
    count,
    kilobytes,
  );
}

async function pages(log: Log, scope: HookScope, order: 'asc' | 'desc', limit: number): Promise<number[][]> {
  const found: number[][] = [];
  let after: number | null = null;
  do {
    const query = { order, after, limit };
    const page: { hooks: readonly { id: number }[]; next: number | null } = await log.inside((object) =>
      object.registrationPage(scope, query),
    );
    found.push(page.hooks.map(({ id }) => id));
    after = page.next;
  } while (after !== null);
  return found;
}

it.each(['asc', 'desc'] as const)(
  'A13: %s, each hook is in one page, and no page holds more than 4 MiB',
  async (order) => {
    const log = await openedLog();
    await log.pausedHook();
    await copied(log, 12, 900);
    const found = await pages(log, NATIVE, order, 100);
    expect(found.flat()).toEqual(Array.from({ length: 12 }, (_, at) => (order === 'asc' ? at + 1 : 12 - at)));
    expect(Math.max(...found.map((page) => page.length))).toBeLessThanOrEqual(5);
    expect((await pages(log, NATIVE, order, 1)).map((page) => page.length)).toEqual(Array(12).fill(1));
  },
);

it('A13: a page looks at a bounded number of hooks that are not asked for', async () => {
  const log = await openedLog();
  await log.pausedHook();
  await copied(log, 5_000);
  expect(await pages(log, DESKERA, 'asc', 100)).toEqual([[], [], []]);
});

it('A13: a page of hooks whose summaries are lost asks no more than 40 of their objects', async () => {
  const log = await openedLog();
  for (let at = 0; at < 42; at += 1) await log.pausedHook();
  await log.rows('INSERT INTO offered (hook_id, backfilled) SELECT id, 0 FROM hooks');
  await log.rows('DELETE FROM summaries');
  const asked = await askedBy(log, async (object) => {
    const page = await object.hookPage(NATIVE, { order: 'asc', after: null, limit: 1_000 });
    expect(page.views).toHaveLength(42);
    expect(page.next).toBeNull();
  });
  expect(asked).toBe(40);
});

it('1,000 hooks are listed and counted within 50 subrequests, and one whose object is broken is among them', async () => {
  const log = await openedLog();
  const first = await log.pausedHook();
  await copied(log, 1_000);
  await log.rows(
    `INSERT OR REPLACE INTO summaries (hook_id, summary) SELECT id, ? FROM hooks`,
    JSON.stringify({ ...newSummary(true), delivered: 3, dead: 1 }),
  );
  await log.rows('INSERT INTO offered (hook_id, backfilled) SELECT id, 0 FROM hooks');
  await log.rows(`DELETE FROM summaries WHERE hook_id IN (?, 500)`, first);
  const listed: number[] = [];
  const asked = await askedBy(log, async (object) => {
    for (let after: number | null = null; ;) {
      const page: HookViewPage = await object.hookPage(NATIVE, { order: 'asc', after, limit: 200 });
      listed.push(...page.views.map(({ runtime }) => runtime.delivered));
      after = page.next;
      if (after === null) break;
    }
    expect(await object.stats()).toMatchObject({
      delivered: 3 * 998,
      dead: 998,
      hooks: { active: 0, paused: 1_000, disabled: 0, failing: 0 },
    });
  });
  expect(listed).toHaveLength(1_000);
  // Of both nothing is known. The object of the second was never configured; so it is asked once and left alone.
  expect(asked).toBe(2);
});

it('a page looks through many hooks for those in a state', async () => {
  const log = await openedLog();
  await log.pausedHook();
  await copied(log, 300);
  await log.rows(`UPDATE hooks SET config = json_set(config, '$.paused', json('false')) WHERE id % 50 = 0`);
  const page = await log.inside((object) =>
    object.hookPage(NATIVE, { order: 'asc', after: null, limit: 4 }, { ...ANY_HOOK, state: 'active' }),
  );
  expect(page.views.map(({ registration }) => registration.id)).toEqual([50, 100, 150, 200]);
  const rest = await log.inside((object) =>
    object.hookPage(NATIVE, { order: 'asc', after: page.next, limit: 4 }, { ...ANY_HOOK, state: 'active' }),
  );
  expect(rest.views.map(({ registration }) => registration.id)).toEqual([250, 300]);
  expect(rest.next).toBeNull();
});

/** How many calls to hook objects `work` makes. */
async function askedBy(log: Log, work: (object: EventLog) => Promise<void>): Promise<number> {
  let calls = 0;
  const getByName = (name: string) => {
    calls += 1;
    return relay.HOOK.getByName(name);
  };
  await log.bind({ HOOK: { getByName } as unknown as Env['HOOK'] });
  await log.inside(work);
  await log.healed();
  return calls;
}
