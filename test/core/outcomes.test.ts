/**
 * Outcomes that come in at about the same time, in the engine of test/support/engine.ts: there the test says which turn
 * of the event loop each of them falls into.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { newSecret } from '../../src/core/signature.ts';
import { Engine, settled } from '../support/engine.ts';

// The switchboard is another object, with tests of its own.
vi.mock('../../src/switchboard/switches.ts', () => ({
  switchesNow: () => Promise.resolve({ delivery: 'open' }),
}));

const WIDTH = 6;
const ignore = () => undefined;
let engine: Engine;
let hookId: number;

/** A hook with six attempts in flight. */
beforeEach(async () => {
  // The receiver is as quick as the clock.
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.spyOn(console, 'error').mockImplementation(ignore);
  engine = new Engine({ taken: ignore, sent: ignore, timedOut: ignore }, 100, false);
  vi.stubGlobal('fetch', engine.fetch);
  const config = { url: 'https://hook1.example.com/', concurrency: WIDTH };
  hookId = await engine.addHook(config, newSecret(new Uint8Array(32)));
  for (let event = 0; event < WIDTH; event += 1) engine.accept('a.one', `s${event}`);
  await engine.fanOut([]);
  await engine.process(hookId).wake();
  expect(engine.inFlight).toHaveLength(WIDTH);
});
afterEach(() => {
  engine.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const delivered = () => engine.process(hookId).hook.runtime().delivered;
const idsInFlight = () => engine.inFlight.map(({ headers }) => headers.get('webhook-id'));

function answer(count: number): void {
  for (const request of engine.inFlight.slice(0, count)) request.answer(200);
}

test('six that come in within a turn of each other are written down in one', async () => {
  const counts: number[] = [];
  answer(3);
  await turn();
  answer(3);
  for (let turns = 0; turns < 6; turns += 1) {
    counts.push(delivered());
    await turn();
  }
  expect(new Set(counts)).toEqual(new Set([0, WIDTH]));
  expect(delivered()).toBe(WIDTH);
});

test('the next ones leave before that', async () => {
  for (let event = 0; event < WIDTH; event += 1) engine.accept('a.one', `t${event}`);
  await engine.fanOut([]);
  const ids = idsInFlight();
  answer(3);
  await turn();
  expect(idsInFlight()).toHaveLength(WIDTH);
  expect(idsInFlight().slice(0, 3)).toEqual(ids.slice(3));
  expect(delivered()).toBe(0);
  await settled();
  expect(delivered()).toBe(3);
});

test('none is lost when the object dies before they are: all go out again', async () => {
  const ids = idsInFlight();
  answer(WIDTH - 1);
  await turn();
  expect(delivered()).toBe(0);
  await engine.crash(hookId);
  const process = engine.process(hookId);
  await process.wake();
  expect(idsInFlight()).toEqual(ids);
  answer(WIDTH);
  await settled();
  expect(process.hook.runtime()).toMatchObject({ pending: 0, delivered: WIDTH });
});

test('a pause and another ordering that come in between change nothing of what they came to', async () => {
  answer(WIDTH);
  await turn();
  engine.change(hookId, { paused: true, ordering: 'fifo' });
  await settled();
  expect(engine.process(hookId).hook.runtime()).toMatchObject({
    state: 'paused',
    pending: 0,
    delivered: WIDTH,
  });
});
