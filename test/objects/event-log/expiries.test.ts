/** A source whose subscription at the provider ends: the tenant is told a day before, once for each time that was set. */
import { describe, expect, it } from 'vitest';
import { type Log, createdIn, openedLog } from './log.ts';

const DAY_MS = 86_400_000;

async function sourceEnding(log: Log, expiresAtMs: number | null): Promise<string> {
  const source = { provider: 'deskera', name: 'erp', secret: null, paths: {}, site: null, expiresAtMs };
  return createdIn(await log.inside((object) => object.createSource(source, null))).id;
}

async function setEnd(log: Log, id: string, expiresAtMs: number | null): Promise<void> {
  await log.inside((object) => object.patchSource(id, { expiresAtMs }, 'relay.example.com'));
}

const wake = (log: Log) => log.inside((object) => object.alarm());

async function notices(log: Log): Promise<unknown[]> {
  const rows = await log.rows<{ type: string; subject: string; raw: ArrayBuffer }>(
    `SELECT type, subject, raw FROM events WHERE type LIKE 'posthorn.source.%' ORDER BY seq`,
  );
  return rows.map(({ type, subject, raw }) => ({
    type,
    subject,
    ...(JSON.parse(new TextDecoder().decode(raw)) as object),
  }));
}

describe('posthorn.source.expiring', () => {
  it('is told once a day before the end, also by an object that has just started', async () => {
    const log = await openedLog();
    const soonMs = Date.now() + DAY_MS - 1000;
    const id = await sourceEnding(log, soonMs);
    expect((await log.alarmAt()) ?? Infinity).toBeLessThanOrEqual(Date.now() + 1000);
    await wake(log);
    await log.crash();
    await wake(log);
    expect(await notices(log)).toEqual([
      {
        type: 'posthorn.source.expiring',
        subject: `source/${id}`,
        sourceId: id,
        sourceName: 'erp',
        provider: 'deskera',
        expiresAt: new Date(soonMs).toISOString(),
      },
    ]);
  });

  it('is not told earlier: the alarm is set to when it will be', async () => {
    const log = await openedLog();
    const laterMs = Date.now() + 3 * DAY_MS;
    const id = await sourceEnding(log, laterMs);
    await wake(log);
    expect(await log.alarmAt()).toBe(laterMs - DAY_MS);
    await log.crash();
    await wake(log);
    expect(await notices(log)).toEqual([]);
    expect(await log.alarmAt()).toBe(laterMs - DAY_MS);
    await setEnd(log, id, null);
    expect(await log.inside((object) => object.getSource(id))).toMatchObject({ expiresAtMs: null });
  });

  it('is told again of another time, not of the same one, and not of a source that is deleted', async () => {
    const log = await openedLog();
    const soonMs = Date.now() + 1000;
    const id = await sourceEnding(log, soonMs);
    const gone = await sourceEnding(log, soonMs);
    await log.inside((object) => object.deleteSource(gone));
    await wake(log);
    await setEnd(log, id, soonMs);
    await wake(log);
    expect(await notices(log)).toHaveLength(1);
    const { version } = (await log.inside((object) => object.getSource(id))) ?? { version: 0 };
    await setEnd(log, id, soonMs + 1000);
    expect(await log.inside((object) => object.getSource(id))).toMatchObject({ version: version + 1 });
    await wake(log);
    expect(await notices(log)).toHaveLength(2);
    expect(await log.rows('SELECT source_id FROM expiries')).toEqual([{ source_id: id }]);
  });
});
