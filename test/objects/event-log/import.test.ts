/** POST /v1/import in its log: all of it or nothing, whatever ends in between. */
import { abortAllDurableObjects } from 'cloudflare:test';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ImportLine } from '../../../src/event-log/restored.ts';
import { acceptedId, arrival, contactChanged, openedLog, type Log } from './log.ts';

beforeEach(() => {
  for (const level of ['warn', 'error'] as const) vi.spyOn(console, level).mockReturnValue();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const BY = { actor: 'admin', from: null, call: 'POST /v1/import' } as const;
const ALL = { order: 'asc', after: null, limit: 200 } as const;
const EVENTS = 250;

type Unnumbered = ImportLine extends infer L ? (L extends { line: number } ? Omit<L, 'line'> : never) : never;

/** What a log with a source and some events is exported as. */
async function exported(): Promise<{ lines: string[]; tokenHash: string; lastId: string }> {
  const log = await openedLog();
  const { tokenHash } = await log.source();
  const ids = await log.inside((object) =>
    Promise.all(
      Array.from({ length: EVENTS }, async (_, at) =>
        acceptedId(await object.accept(arrival(tokenHash, contactChanged(`e${at}`)))),
      ),
    ),
  );
  const lines = await log.inside(async (object) => {
    const text = await new Response(object.exportEvents(true)).text();
    const head = { kind: 'export', restore: object.exportHead() } as const;
    const [source] = object.listSources(ALL);
    const events = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Unnumbered);
    return [head, { kind: 'source', restore: { ...source, site: null } }, ...events, { kind: 'end' }];
  });
  return {
    lines: lines.map((line, at) => `${JSON.stringify({ line: at + 1, ...line })}\n`),
    tokenHash,
    lastId: ids.at(-1) ?? '',
  };
}

function streamOf(lines: readonly string[], end: 'whole' | 'broken' | 'open'): ReadableStream<Uint8Array> {
  return new ReadableStream({
    type: 'bytes',
    start(controller) {
      for (const line of lines) controller.enqueue(new TextEncoder().encode(line));
      if (end === 'whole') controller.close();
      if (end === 'broken') controller.error(new Error('cut'));
    },
  });
}

async function counted(log: Log): Promise<number[]> {
  const [row] = await log.rows<Record<string, number>>(
    `SELECT (SELECT count(*) FROM events) AS e, (SELECT count(*) FROM sources) AS s,
       (SELECT count(*) FROM outbox) AS o, (SELECT count(*) FROM importing) AS i`,
  );
  return Object.values(row ?? {});
}

async function isEmptyAndTakes(log: Log, { lines, tokenHash, lastId }: Awaited<ReturnType<typeof exported>>) {
  expect(await log.stub.presentForImport()).toBeNull();
  expect(await counted(log)).toEqual([0, 0, 0, 0]);
  expect(await log.stub.listSources(ALL)).toEqual([]);
  const result = await log.inside((object) => object.importLines(streamOf(lines, 'whole'), BY));
  expect(result).toEqual({ kind: 'imported', sources: 1, hooks: 0, keys: 0, events: EVENTS });
  const again = await log.stub.accept(arrival(tokenHash, contactChanged(`e${EVENTS - 1}`)));
  expect(again).toEqual({ kind: 'accepted', id: lastId, duplicate: true });
  const [source] = await log.stub.listSources(ALL);
  expect(source?.stats.accepted).toBe(EVENTS);
}

it('import: the process dies in the middle; the tenant is empty, and takes it again', async () => {
  const all = await exported();
  const log = await openedLog();
  await log.inside((object) => {
    // More than a commit of it.
    void object.importLines(streamOf(all.lines.slice(0, 240), 'open'), BY).catch(() => undefined);
  });
  await vi.waitFor(async () => {
    const [events = 0] = await counted(log);
    expect(events).toBeGreaterThan(100);
  });
  await expect(log.inside((object) => object.listSources(ALL))).rejects.toThrow('an import is under way');
  await abortAllDurableObjects();
  await isEmptyAndTakes(log, all);
});

it('import: a stream that breaks off, or ends before its end, leaves nothing', async () => {
  const all = await exported();
  const log = await openedLog();
  for (const end of ['broken', 'whole'] as const) {
    await log.inside((object) =>
      expect(object.importLines(streamOf(all.lines.slice(0, 240), end), BY)).rejects.toThrow(),
    );
  }
  await isEmptyAndTakes(log, all);
});

it('import: into a tenant that has had something nothing is imported', async () => {
  const all = await exported();
  const log = await openedLog();
  const hookId = await log.pausedHook();
  await log.deleteHook(hookId);
  const result = await log.inside((object) => object.importLines(streamOf(all.lines, 'whole'), BY));
  expect(result).toEqual({ kind: 'not-empty', what: 'hooks' });
  expect(await counted(log)).toMatchObject([0, 0, expect.any(Number), 0]);
});
