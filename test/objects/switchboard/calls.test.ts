import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { changeSwitches, readSwitches, type Board } from '../../../src/switchboard/calls.ts';
import { OPEN } from '../../../src/switchboard/switch-state.ts';

beforeEach(() => {
  vi.spyOn(console, 'error').mockReturnValue();
});
afterEach(() => vi.restoreAllMocks());

/** Something that is not a switchboard and answers like this. */
function answering(reply: () => Response | Promise<Response>) {
  const requests: Request[] = [];
  const board: Board = {
    fetch: async (request) => {
      requests.push(request);
      return reply();
    },
  };
  return { board, requests };
}

describe('a reply that is no state of the switches is refused', () => {
  test.each([
    ['another state', { ...OPEN, ingest: 'closed' }],
    ['a member missing', { ingest: 'open', delivery: 'open', note: '' }],
    ['a time of another kind', { ...OPEN, updatedAtMs: 'today' }],
    ['a list', [OPEN]],
    ['null', null],
  ])('%s', async (_name, reply) => {
    const { board } = answering(() => Response.json(reply));
    expect(await readSwitches(board)).toEqual({ ok: false, reason: 'malformed' });
    expect(await changeSwitches(board, { ingest: 'paused' })).toEqual({ ok: false, reason: 'malformed' });
  });

  test.each(['', 'open', '{"ingest":"open"'])('text that is not JSON: %j', async (text) => {
    const { board } = answering(() => new Response(text));
    expect(await readSwitches(board)).toEqual({ ok: false, reason: 'malformed' });
  });
});

describe('no reply is an answer as well, not a throw', () => {
  test.each([
    ['an error that is JSON', () => Response.json({ error: 'failed' }, { status: 500 })],
    ['an error that is text', () => new Response('no', { status: 503 })],
    ['an error without a body', () => new Response(null, { status: 404 })],
    ['nothing', () => Promise.reject(new Error('internal error'))],
  ])('%s', async (_name, reply) => {
    const { board } = answering(reply);
    expect(await readSwitches(board)).toMatchObject({ ok: false });
    expect(await changeSwitches(board, { ingest: 'paused' })).toMatchObject({ ok: false });
  });
});

test.each(['x', 'ü', '保', '📯', '\ud800'])(
  'the longest argument is ASCII and under 1 KB: %j',
  async (character) => {
    const { board, requests } = answering(() => Response.json(OPEN));
    await changeSwitches(board, { ingest: 'paused', delivery: 'paused', note: character.repeat(200) });
    const [request] = requests;
    const content = request?.headers.get('do-content') ?? '';
    expect(content).toMatch(/^[ -~]+$/);
    expect(content.length).toBeLessThan(1024);
    expect(requests).toHaveLength(1);
  },
);
