/** Lists of registrations a page at a time: no answer of the object grows with how many or how large they are. */
import { expect, it } from 'vitest';
import type { HookScope } from '../../../src/event-log/hooks.ts';
import { openedLog, type Log } from './log.ts';

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

it('A13: a page of hooks with what their objects say asks no more than 40 of them', async () => {
  const log = await openedLog();
  for (let at = 0; at < 42; at += 1) await log.pausedHook();
  const page = await log.inside((object) =>
    object.hookPage(NATIVE, { order: 'asc', after: null, limit: 1_000 }),
  );
  expect(page.views).toHaveLength(40);
  expect(page.next).toBe(40);
});
