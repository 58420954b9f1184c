/** The audit in its log: in the commit of each change, in a chain that shows what was done to it. */
import { evictDurableObject } from 'cloudflare:test';
import { afterEach, expect, it, vi } from 'vitest';
import { EVERY_HOOK } from '../../../src/event-log/hook-scope.ts';
import type { Checked } from '../../../src/event-log/audit.ts';
import { acceptedId, arrival, contactChanged, failingKv, openedLog, type Log } from './log.ts';

const DAY_MS = 86_400_000;
const ALL = { order: 'asc', after: null, limit: 200, actor: null, target: null } as const;
const BY = { actor: 'key_me', from: '203.0.113.7', call: 'POST /v1/hooks' } as const;

afterEach(() => {
  vi.restoreAllMocks();
});

async function entriesOf(log: Log) {
  return (await log.stub.auditPage(ALL)).entries;
}

async function verified(log: Log): Promise<{ entries: number; brokenAt: number | null }> {
  let entries = 0;
  for (let next: Checked | null = null; ;) {
    const part: Awaited<ReturnType<typeof log.stub.verifyAudit>> = await log.stub.verifyAudit(next);
    entries += part.entries;
    if (part.next === null) return { entries, brokenAt: part.brokenAt };
    next = part.next;
  }
}

/** Entries that nothing but the table has seen. */
async function withEntries(log: Log, count: number): Promise<void> {
  await log.inside((object) => {
    for (let at = 0; at < count; at += 1) object.audited(BY, `hook/${at}`, { n: at }, { n: at + 1 });
  });
}

it('audit: a change that fails is not in it, one that was made is, also when the object ends after it', async () => {
  const log = await openedLog();
  await log.bind({ REGISTRY: failingKv() });
  await log.inside((object) =>
    expect(object.createKey('k', 'admin', null, BY)).rejects.toThrow('KV is down'),
  );
  await log.healed();
  const before = (await entriesOf(log)).length;
  const made = await log.stub.createKey('k', 'viewer', null, BY);
  await evictDurableObject(log.stub);
  const entries = await entriesOf(log);
  expect(entries).toHaveLength(before + 1);
  const id = made.kind === 'created' ? made.value.key.id : '';
  expect(entries.at(-1)).toMatchObject({
    ...BY,
    target: `key/${id}`,
    before: null,
    after: { name: 'k', role: 'viewer', expiresAt: null },
  });
  expect(await verified(log)).toEqual({ entries: entries.length, brokenAt: null });
});

it('audit: what changes nothing, or is refused, leaves no entry', async () => {
  const log = await openedLog();
  const id = await log.pausedHook();
  const before = (await entriesOf(log)).length;
  await log.stub.pauseHook(id, EVERY_HOOK, BY);
  await log.stub.patchHook(id, EVERY_HOOK, { name: '' }, null, 'relay.example.com', null, BY);
  await log.stub.patchHook(id, EVERY_HOOK, { name: 'x' }, null, 'relay.example.com', [999], BY);
  expect(await log.stub.deleteHook(id + 1, EVERY_HOOK, null, BY)).toBeNull();
  expect(await entriesOf(log)).toHaveLength(before);
  await log.stub.patchHook(id, EVERY_HOOK, { name: 'x' }, null, 'relay.example.com', null, BY);
  expect((await entriesOf(log)).at(-1)).toMatchObject({ before: { name: '' }, after: { name: 'x' } });
});

it('audit: the payload of an event that is deleted twice has one entry', async () => {
  const log = await openedLog();
  const { tokenHash } = await log.source();
  const id = acceptedId(await log.stub.accept(arrival(tokenHash, contactChanged('one'))));
  await log.stub.expunge(id, BY);
  await log.stub.expunge(id, BY);
  const page = await log.stub.auditPage({ ...ALL, target: `event/${id}` });
  expect(page.entries).toMatchObject([{ ...BY, after: null }]);
});

const tampering: readonly (readonly [string, string, number])[] = [
  ['another actor', `UPDATE audit SET actor = 'somebody' WHERE seq = 3`, 3],
  ['another value', `UPDATE audit SET after = '{"n":9}' WHERE seq = 2`, 2],
  ['another time', `UPDATE audit SET at = at + 1 WHERE seq = 5`, 5],
  ['one taken out', 'DELETE FROM audit WHERE seq = 4', 4],
  ['the newest taken out', 'DELETE FROM audit WHERE seq = 5', 5],
  ['the oldest taken out', 'DELETE FROM audit WHERE seq = 1', 1],
  ['all taken out', 'DELETE FROM audit', 1],
  ['a hash put right for one alone', `UPDATE audit SET hash = '${'a'.repeat(64)}' WHERE seq = 5`, 5],
  [
    'one added',
    `INSERT INTO audit SELECT 6, at, actor, from_address, call, target, before, after, hash FROM audit WHERE seq = 5`,
    6,
  ],
];

it.each(tampering)('audit: the chain shows %s', async (_what, statement, brokenAt) => {
  const log = await openedLog();
  await withEntries(log, 5);
  expect(await verified(log)).toEqual({ entries: 5, brokenAt: null });
  await log.rows(statement);
  expect((await verified(log)).brokenAt).toBe(brokenAt);
});

it('audit: a long chain is checked and listed in parts, and a clock that jumps does not break it', async () => {
  const log = await openedLog();
  await log.inside((object) => {
    const now = vi.spyOn(Date, 'now');
    for (let at = 0; at < 1_203; at += 1) {
      now.mockReturnValue(Date.UTC(2026, 0, 1) + (at % 2 === 0 ? at : -at) * DAY_MS);
      object.audited(BY, `hook/${at % 2}`, null, { at });
    }
    now.mockRestore();
  });
  expect(await verified(log)).toEqual({ entries: 1_203, brokenAt: null });
  const seqs: number[] = [];
  for (let after: number | null = null; ;) {
    const page: Awaited<ReturnType<typeof log.stub.auditPage>> = await log.stub.auditPage({
      ...ALL,
      order: 'desc',
      after,
      target: 'hook/1',
    });
    seqs.push(...page.entries.map(({ seq }) => seq));
    if (page.next === null) break;
    after = page.next;
  }
  expect(seqs).toEqual(Array.from({ length: 601 }, (_, at) => 1_202 - 2 * at));
});

it('audit: after AUDIT_DAYS entries go from the oldest end, and the rest can still be checked', async () => {
  const log = await openedLog();
  const nowMs = Date.now();
  await log.inside((object) => {
    const now = vi.spyOn(Date, 'now');
    now.mockReturnValue(nowMs - 366 * DAY_MS);
    for (let at = 0; at < 1_100; at += 1) object.audited(BY, 'hook/1', null, { at });
    now.mockReturnValue(nowMs - 364 * DAY_MS);
    for (let at = 0; at < 3; at += 1) object.audited(BY, 'hook/2', null, { at });
    now.mockRestore();
  });
  await log.stub.sweep();
  await vi.waitFor(async () => {
    expect((await entriesOf(log)).map(({ target }) => target)).toEqual(['hook/2', 'hook/2', 'hook/2']);
  });
  expect(await verified(log)).toEqual({ entries: 3, brokenAt: null });
  await evictDurableObject(log.stub);
  await withEntries(log, 1);
  expect((await entriesOf(log)).map(({ seq }) => seq)).toEqual([1101, 1102, 1103, 1104]);
  expect(await verified(log)).toEqual({ entries: 4, brokenAt: null });
  // What has gone cannot be passed off as old.
  await log.rows('DELETE FROM audit WHERE seq = 1101');
  expect((await verified(log)).brokenAt).toBe(1101);
});
