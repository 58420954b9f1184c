import { afterEach, describe, expect, test, vi } from 'vitest';
import { changeSwitches } from '../../../src/switchboard/calls.ts';
import { OPEN } from '../../../src/switchboard/switch-state.ts';
import { BoardUnderTest, LIVES } from './board.ts';

afterEach(() => vi.restoreAllMocks());

/** The next writes of this object are refused; storage is the real one. */
async function refuseWrites(board: BoardUnderTest): Promise<void> {
  await board.inside((_object, { storage }) => {
    vi.spyOn(Object.getPrototypeOf(storage) as DurableObjectStorage, 'put').mockRejectedValue(
      new Error('disk full of secrets'),
    );
  });
}

test('a switchboard nobody has touched is open and writes nothing when it is read', async () => {
  const board = new BoardUnderTest();
  expect(await board.read()).toEqual({ ok: true, switches: OPEN });
  expect(await board.inside(async (_object, { storage }) => (await storage.list()).size)).toBe(0);
});

describe.each(LIVES)('$life', ({ halfway }) => {
  test('a change is kept, and what it does not name stays', async () => {
    const board = new BoardUnderTest();
    const before = Date.now();
    expect(await board.change({ delivery: 'paused', note: 'maintenance' })).toMatchObject({ ok: true });
    await halfway(board);
    const switches = await board.switches();
    expect(switches).toMatchObject({ ingest: 'open', delivery: 'paused', note: 'maintenance' });
    expect(switches.updatedAtMs).toBeGreaterThanOrEqual(before);
    await board.change({ ingest: 'paused' });
    await halfway(board);
    expect(await board.switches()).toMatchObject({
      ingest: 'paused',
      delivery: 'paused',
      note: 'maintenance',
    });
    await board.change({ ingest: 'open', delivery: 'open', note: '' });
    await halfway(board);
    expect(await board.switches()).toMatchObject({ ingest: 'open', delivery: 'open', note: '' });
  });

  test('changes at the same time all land', async () => {
    const board = new BoardUnderTest();
    await board.change({ note: 'before' });
    await halfway(board);
    await Promise.all([
      board.change({ ingest: 'paused' }),
      board.read(),
      board.change({ delivery: 'paused' }),
      board.read(),
      board.change({ note: 'after' }),
    ]);
    await halfway(board);
    expect(await board.switches()).toMatchObject({ ingest: 'paused', delivery: 'paused', note: 'after' });
  });

  test('so do changes that no input gate keeps apart', async () => {
    const board = new BoardUnderTest();
    await halfway(board);
    await board.inside((object) =>
      Promise.all([
        changeSwitches(object, { ingest: 'paused' }),
        changeSwitches(object, { delivery: 'paused' }),
        changeSwitches(object, { note: 'after' }),
      ]),
    );
    await halfway(board);
    expect(await board.switches()).toMatchObject({ ingest: 'paused', delivery: 'paused', note: 'after' });
  });

  test.each([
    ['umlauts', 'Wartung bis 18 Uhr: Größe prüfen'],
    ['all planes', '保守点検 📯 👩‍🚒 \u0000 "quotes" \\ \r\n'],
    ['the longest there is', '📯'.repeat(200)],
    ['half a character', 'a\ud800b\udc00'],
  ])('a note is given back as it was put: %s', async (_name, note) => {
    const board = new BoardUnderTest();
    await board.change({ note });
    await halfway(board);
    expect((await board.switches()).note).toBe(note);
  });

  test('a change that cannot be written is not answered as made, and is not made', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    const board = new BoardUnderTest();
    await board.change({ note: 'before' });
    await halfway(board);
    await refuseWrites(board);
    expect(await board.change({ ingest: 'paused', note: 'after' })).toEqual({
      ok: false,
      reason: 'unreachable',
    });
    vi.restoreAllMocks();
    await halfway(board);
    expect(await board.switches()).toMatchObject({ ingest: 'open', note: 'before' });
    await board.change({ delivery: 'paused' });
    expect(await board.switches()).toMatchObject({ ingest: 'open', delivery: 'paused', note: 'before' });
  });
});

describe('what itty would do and the switchboard does not', () => {
  async function call(board: BoardUnderTest, path: string, content: unknown) {
    const headers = { 'do-content': JSON.stringify(content) };
    const response = await board.stub.fetch(`https://itty-durable/do/${path}`, { headers });
    return { status: response.status, text: await response.text() };
  }

  test.each(['set/ingest', 'get-prop/state', 'call/destroy', 'call/persist', 'call/reset', 'call/toJSON'])(
    '%s is no call',
    async (path) => {
      const board = new BoardUnderTest();
      await board.change({ ingest: 'paused' });
      expect((await call(board, path, 'open')).status).toBe(404);
      await board.evict();
      expect(await board.switches()).toMatchObject({ ingest: 'paused' });
    },
  );

  test.each([
    ['another state', [{ ingest: 'closed' }]],
    ['another member', [{ state: 'open' }]],
    ['no argument', []],
    ['a note that is not encoded', [{ ingest: 'paused', encodedNote: 'plain text' }]],
    ['an impossible character', [{ ingest: 'paused', encodedNote: '////' }]],
  ])('an argument that is no change changes nothing: %s', async (_name, content) => {
    vi.spyOn(console, 'error').mockReturnValue();
    const board = new BoardUnderTest();
    expect((await call(board, 'call/change', content)).status).toBe(500);
    expect(await board.switches()).toEqual(OPEN);
  });

  test('a failure says nothing about itself outside', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue();
    const board = new BoardUnderTest();
    await refuseWrites(board);
    const { text } = await call(board, 'call/change', [{ ingest: 'paused' }]);
    expect(text).toBe('{"error":"failed"}');
    expect(log).toHaveBeenCalledWith('switchboard failed', { error: 'Error: disk full of secrets' });
  });

  test('nothing but the switches is stored', async () => {
    const board = new BoardUnderTest();
    await board.change({ ingest: 'paused' });
    const stored = await board.inside((_object, { storage }) => storage.list());
    expect([...stored]).toEqual([['data', await board.switches()]]);
  });
});
