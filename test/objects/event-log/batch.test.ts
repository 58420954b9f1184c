/** Several events in one request: stored in one commit, in order, or not at all. */
import { createHmac } from 'node:crypto';
import { evictDurableObject } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import type { Recipe } from '../../../src/providers/recipe/recipe.ts';
import { arrival, openedLog, type Log } from './log.ts';

const SECRET = 'a secret of the batch';
const RECIPE: Recipe = {
  verify: [
    {
      scheme: 'hmac',
      digest: 'sha256',
      signature: { header: 'x-signature', encoding: 'hex' },
      message: ['{body}'],
    },
  ],
  split: '/events',
  event: { name: '{/type}', id: '{/id}', entityId: '{/order}', account: '{body:/shop}' },
};

async function customSource(log: Log, recipe: Recipe = RECIPE, secret: string | null = SECRET) {
  return log.inside(async (object) => {
    const made = await object.createSource(
      { provider: 'custom', name: 'shop', secret, paths: {}, recipe, site: null },
      null,
    );
    if (made.kind !== 'created') throw new Error(made.kind);
    const [token] = made.value.tokens;
    return { id: made.value.id, tokenHash: token?.hash ?? '' };
  });
}

function signed(tokenHash: string, body: string) {
  const signature = createHmac('sha256', SECRET).update(body).digest('hex');
  return { ...arrival(tokenHash, body), headers: new Map([['x-signature', signature]]) };
}

const batchOf = (ids: readonly string[], shop = 'acme') =>
  `{"shop":"${shop}","events":[${ids.map((id) => `{"id" : "${id}","type":"order.created","order":100.0}`).join(',')}]}`;

describe('a batch', () => {
  it('is an event for each item, in order, each with its exact text and its place', async () => {
    const log = await openedLog();
    const { id, tokenHash } = await customSource(log);
    const result = await log.stub.accept(signed(tokenHash, batchOf(['a', 'b', 'c'])));
    expect(result).toMatchObject({
      kind: 'accepted-batch',
      events: [{ duplicate: false }, { duplicate: false }, { duplicate: false }],
    });
    const rows = await log.rows<{ id: string; head: string; raw: ArrayBuffer }>(
      'SELECT id, head, raw FROM events ORDER BY seq',
    );
    if (result.kind !== 'accepted-batch') throw new Error(result.kind);
    expect(rows.map((row) => row.id)).toEqual(result.events.map((event) => event.id));
    for (const [index, row] of rows.entries()) {
      const raw = new TextDecoder().decode(row.raw);
      expect(raw).toBe(`{"id" : "${['a', 'b', 'c'][index] ?? ''}","type":"order.created","order":100.0}`);
      expect(JSON.parse(`${row.head},"raw":${raw}}}`)).toMatchObject({
        source: '/custom/acme',
        type: 'custom.order.created',
        subject: 'order/100.0',
        data: { batch: { index, count: 3 }, assurance: 'signature', verified: true, account: 'acme' },
      });
    }
    expect((await log.stub.getSource(id))?.stats.accepted).toBe(3);
  });

  it('deduplicates by item, within a request too, and after an eviction', async () => {
    const log = await openedLog();
    const { id, tokenHash } = await customSource(log);
    await log.stub.accept(signed(tokenHash, batchOf(['a', 'b'])));
    await evictDurableObject(log.stub);
    const again = await log.stub.accept(signed(tokenHash, batchOf(['b', 'c', 'c'])));
    expect(again).toMatchObject({ events: [{ duplicate: true }, { duplicate: false }, { duplicate: true }] });
    expect(await log.rows('SELECT seq FROM events')).toHaveLength(3);
    expect((await log.stub.getSource(id))?.stats).toMatchObject({ accepted: 3, duplicates: 2 });
  });

  it('of which one cannot be written leaves nothing, and its repetition stands at the same places', async () => {
    const log = await openedLog();
    const { id, tokenHash } = await customSource(log);
    await log.inside(async (object, { storage: { sql } }) => {
      const exec = sql.exec.bind(sql);
      let inserts = 0;
      sql.exec = ((query: string, ...bound: unknown[]) => {
        if (query.startsWith('INSERT INTO events') && ++inserts === 3) throw new Error('disk full');
        return exec(query, ...bound);
      }) as typeof sql.exec;
      const batch = signed(tokenHash, batchOf(['a', 'b', 'c', 'd']));
      await expect(object.accept(batch)).rejects.toThrow('disk full');
      sql.exec = exec;
      expect(exec('SELECT seq FROM events').toArray()).toEqual([]);
      const result = await object.accept(batch);
      expect(result).toMatchObject({ kind: 'accepted-batch' });
      expect(exec('SELECT seq FROM events').toArray()).toEqual([1, 2, 3, 4].map((seq) => ({ seq })));
    });
    expect((await log.stub.getSource(id))?.stats).toMatchObject({ accepted: 4, duplicates: 0 });
  });

  it('of none is taken, and stores nothing', async () => {
    const log = await openedLog();
    const { tokenHash } = await customSource(log);
    const result = await log.stub.accept(signed(tokenHash, batchOf([])));
    expect(result).toMatchObject({ kind: 'accepted-batch', events: [] });
  });

  it('of more than 1,000, or of too many bytes once what they share is in each, is too large', async () => {
    const log = await openedLog();
    const { id, tokenHash } = await customSource(log);
    const ids = Array.from({ length: 1001 }, (_, at) => `${at}`);
    const shared = batchOf(ids.slice(1), 'ß'.repeat(4000));
    expect(await log.stub.accept(signed(tokenHash, shared))).toMatchObject({ kind: 'too-large' });
    expect(await log.stub.accept(signed(tokenHash, batchOf(ids)))).toMatchObject({
      kind: 'too-large',
      what: 'more than 1000 events',
    });
    expect(await log.rows('SELECT seq FROM events')).toEqual([]);
    expect((await log.stub.getSource(id))?.stats.rejected.tooLarge).toBe(2);
  });
});

describe('the recipe of a source', () => {
  it('is read when a request needs it, and a change counts at once, after an eviction too', async () => {
    const log = await openedLog();
    const { id, tokenHash } = await customSource(log);
    await evictDurableObject(log.stub);
    await log.stub.accept(signed(tokenHash, batchOf(['a'])));
    const renamed = { ...RECIPE, event: { ...RECIPE.event, entity: 'sale' } };
    await log.stub.patchSource(id, { recipe: renamed }, '');
    await log.stub.accept(signed(tokenHash, batchOf(['b'])));
    await evictDurableObject(log.stub);
    await log.stub.accept(signed(tokenHash, batchOf(['c'])));
    const rows = await log.rows<{ type: string }>('SELECT type FROM events ORDER BY seq');
    expect(rows.map(({ type }) => type)).toEqual([
      'custom.order.created',
      'custom.sale.created',
      'custom.sale.created',
    ]);
    expect((await log.stub.getSource(id))?.recipe).toEqual(renamed);
  });

  it('goes with its source', async () => {
    const log = await openedLog();
    const { id } = await customSource(log);
    await log.stub.deleteSource(id);
    expect(await log.rows('SELECT source_id FROM recipes')).toEqual([]);
  });

  it('with a handshake that brings the secret takes the first one, and no other', async () => {
    const log = await openedLog();
    const asana: Recipe = {
      ...RECIPE,
      handshake: [
        {
          when: { header: 'x-hook-secret' },
          keepsSecret: true,
          reply: { headers: { 'x-hook-secret': '{value}' } },
        },
      ],
    };
    const { tokenHash } = await customSource(log, asana, null);
    const rows = await log.rows<{ secrets: string }>('SELECT secrets FROM sources');
    expect(rows).toHaveLength(1);
    const greeting = { ...arrival(tokenHash, ''), headers: new Map([['x-hook-secret', SECRET]]) };
    const other = { ...arrival(tokenHash, ''), headers: new Map([['x-hook-secret', 'of a stranger']]) };
    // The relay made a secret for this source: there is nothing to bring.
    expect(await log.stub.accept(other)).toMatchObject({ kind: 'bad-signature' });
    await log.inside((_object, { storage: { sql } }) =>
      sql.exec(`UPDATE sources SET secrets = '[]'`).toArray(),
    );
    await evictDurableObject(log.stub);
    expect(await log.stub.accept(signed(tokenHash, batchOf(['a'])))).toMatchObject({ kind: 'bad-signature' });
    expect(await log.stub.accept(greeting)).toEqual({
      kind: 'handshake',
      reply: { status: 200, headers: { 'x-hook-secret': SECRET }, contentType: null, body: '' },
    });
    expect(await log.stub.accept(other)).toMatchObject({ kind: 'bad-signature' });
    expect(await log.stub.accept(signed(tokenHash, batchOf(['a'])))).toMatchObject({
      kind: 'accepted-batch',
    });
  });
});
