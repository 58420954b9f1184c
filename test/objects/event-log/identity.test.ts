import { evictDurableObject } from 'cloudflare:test';
import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Arrival } from '../../../src/event-log/intake.ts';
import { acceptedId, arrival, contactChanged, openedLog, sourceIn, type Log } from './log.ts';

const SOLD = '{"EventId":"e-1","Event":"sale.changed","Entity":"sale","PrimaryKey":1}';
const DELETED = '{"EventId":"e-1","Event":"contact.deleted","Entity":"contact","PrimaryKey":2}';
const OF_ANOTHER = '{"EventId":"e-1","Event":"sale.changed","Entity":"sale","PrimaryKey":9007199254740993}';

const suffix = (body: string) => hash('sha256', body, 'base64url').slice(0, 8);

describe('an id seen before', () => {
  it('C1: is another event where event or record is another, and each of them deduplicates', async () => {
    const log = await openedLog();
    const source = await log.source();
    const bodies = [SOLD, DELETED, OF_ANOTHER];
    const first = await acceptAll(log, source.tokenHash, bodies);
    expect(first.map(({ duplicate }) => duplicate)).toEqual([false, false, false]);
    const stats = async () => (await log.stub.getSource(source.id))?.stats;
    expect(await stats()).toMatchObject({ accepted: 3, idReused: 2 });
    await evictDurableObject(log.stub);
    const again = await acceptAll(log, source.tokenHash, [...bodies].reverse());
    expect(again.map(({ duplicate }) => duplicate)).toEqual([true, true, true]);
    expect(again.map(({ id }) => id)).toEqual(first.map(({ id }) => id).reverse());

    expect(await envelopeIds(log)).toEqual(['e-1', `e-1.${suffix(DELETED)}`, `e-1.${suffix(OF_ANOTHER)}`]);
    expect(await stats()).toMatchObject({ accepted: 3, duplicates: 3 });
  });

  it('is a repetition where only the rest of the body differs, for the second event under it too', async () => {
    const log = await openedLog();
    const { tokenHash } = await log.source();
    const [, second] = await acceptAll(log, tokenHash, [SOLD, DELETED]);
    const retried = DELETED.replace('}', ',"WebhookName":"renamed"}');
    expect(await acceptAll(log, tokenHash, [retried])).toEqual([{ id: second?.id, duplicate: true }]);
  });

  it('C2: of Deskera goes by the body', async () => {
    const log = await openedLog();
    const { tokenHash } = await log.source('deskera');
    const posted = (body: string) => ({
      ...arrival(tokenHash, body),
      headers: new Map([['webhook-id', '8']]),
      pathEventType: 'CREATE_INVOICE',
    });
    const answers = [];
    for (const body of ['{"id":1}', '{"id":1} ', '{"id":1}', '{"id":1} '])
      answers.push(await accept(log, posted(body)));
    expect(answers.map(({ duplicate }) => duplicate)).toEqual([false, false, true, true]);
    expect(await envelopeIds(log)).toEqual(['8', `8.${suffix('{"id":1} ')}`]);
  });

  it('is one event at another source', async () => {
    const log = await openedLog();
    const [one, two] = [await log.source(), await log.source()];
    await acceptAll(log, one.tokenHash, [SOLD]);
    await acceptAll(log, two.tokenHash, [DELETED]);
    expect(await envelopeIds(log)).toEqual(['e-1', 'e-1']);
  });

  it('of an erased event is still known, by record and by body', async () => {
    const log = await openedLog();
    const superoffice = await log.source();
    const deskera = await log.source('deskera');
    const invoice = { ...arrival(deskera.tokenHash, '{"a":1}'), headers: new Map([['webhook-id', '8']]) };
    const sold = arrival(superoffice.tokenHash, SOLD);
    for (const posted of [sold, invoice]) {
      const { id } = await accept(log, posted);
      await log.stub.expunge(id);
      await log.settled();
      expect(await accept(log, posted)).toEqual({ id, duplicate: true });
    }
    const { duplicate } = await accept(log, arrival(superoffice.tokenHash, DELETED));
    expect(duplicate).toBe(false);
  });

  it('costs a new event no row more', async () => {
    const log = await openedLog();
    const written = await log.inside(async (object, { storage: { sql } }) => {
      const { tokenHash } = await sourceIn(object, 'superoffice', '');
      await object.accept(arrival(tokenHash, SOLD));
      const cursors: SqlStorageCursor<never>[] = [];
      const exec = sql.exec.bind(sql);
      sql.exec = ((query: string, ...bound: unknown[]) => {
        const cursor = exec(query, ...bound);
        if (query.startsWith('INSERT INTO events')) cursors.push(cursor as SqlStorageCursor<never>);
        return cursor;
      }) as typeof sql.exec;
      await object.accept(arrival(tokenHash, contactChanged('another id')));
      await object.accept(arrival(tokenHash, DELETED));
      sql.exec = exec;
      return cursors.map((cursor) => cursor.rowsWritten);
    });
    expect(written).toEqual([2, 2]);
  });
});

async function accept(log: Log, posted: Arrival) {
  const result = await log.stub.accept(posted);
  return { id: acceptedId(result), duplicate: result.kind === 'accepted' && result.duplicate };
}

async function acceptAll(log: Log, tokenHash: string, bodies: readonly string[]) {
  const answers = [];
  for (const body of bodies) answers.push(await accept(log, arrival(tokenHash, body)));
  return answers;
}

async function envelopeIds(log: Log): Promise<string[]> {
  const rows = await log.rows<{ head: string }>('SELECT head FROM events ORDER BY seq');
  return rows.map(({ head }) => (JSON.parse(`${head}}}`) as { id: string }).id);
}
