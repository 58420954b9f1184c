/** The log as lines: read as it is asked for, so that no log is too large. */
import { expect, it } from 'vitest';
import { arrival, openedLog } from './log.ts';

/** 100 MB; the runtime lets some 32 MiB of a stream be under way. */
const EVENTS = 100;

it('a reader that waits is waited for: no more is read ahead than the runtime lets be under way', async () => {
  const log = await openedLog();
  const { tokenHash } = await log.source('deskera');
  const pages = { read: 0 };
  await log.inside(async (object, { storage }) => {
    for (let at = 0; at < EVENTS; at += 1) await object.accept(arrival(tokenHash, 'x'.repeat(1_000_000)));
    const { sql } = storage;
    const exec = sql.exec.bind(sql);
    sql.exec = ((query: string, ...bound: unknown[]) => {
      if (query.startsWith('SELECT * FROM events WHERE seq >= ?')) pages.read += 1;
      return exec(query, ...bound);
    }) as typeof sql.exec;
  });
  const reader = (await log.stub.exportEvents(false)).getReader();
  await reader.read();
  await scheduler.wait(200);
  expect(pages.read).toBeLessThan(60);

  let lines = 1;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    for (const byte of part.value) if (byte === 0x0a) lines += 1;
  }
  expect(lines).toBeGreaterThanOrEqual(EVENTS);
  expect(pages.read).toBeGreaterThan(EVENTS);
}, 20_000);
