/**
 * Outcomes that come in at about the same time, in the engine of test/support/engine.ts: there the test says which turn
 * of the event loop each of them falls into.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
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

describe('a failure is written down after the successes that came in before it', () => {
  const runtime = () => engine.process(hookId).hook.runtime();

  test('five of them: the hook is failing, and they keep their schedule', async () => {
    const [first, ...others] = [...engine.inFlight];
    first?.answer(200);
    for (const request of others) request.answer(500);
    await settled();
    expect(runtime()).toMatchObject({ delivered: 1, consecutiveFailures: WIDTH - 1 });
    expect(engine.inFlight).toEqual([]);
  });

  test('in the turn after', async () => {
    const [first, second] = [...engine.inFlight];
    first?.answer(200);
    await turn();
    second?.answer(500);
    await settled();
    expect(runtime()).toMatchObject({ delivered: 1, consecutiveFailures: 1 });
  });

  test('410: the outage is not forgotten', async () => {
    const requests = [...engine.inFlight];
    for (const request of requests.slice(0, -1)) request.answer(200);
    requests.at(-1)?.answer(410);
    await settled();
    expect(runtime()).toMatchObject({ state: 'disabled', delivered: WIDTH - 1, consecutiveFailures: 1 });
  });
});

test('where nothing else may leave, the next one of a lane does not wait for others either', async () => {
  const [last, ...others] = [...engine.inFlight];
  for (const request of others) request.answer(200);
  await settled();
  engine.accept('a.one', 's0');
  await engine.fanOut([]);
  expect(engine.inFlight).toEqual([last]);
  last?.answer(200);
  await turn();
  expect(delivered()).toBe(WIDTH);
  expect(engine.inFlight).toHaveLength(1);
});

test('F5: what cannot be written down does not go out again at once', async () => {
  for (let event = 0; event < WIDTH; event += 1) engine.accept('a.one', `t${event}`);
  await engine.fanOut([]);
  const [first] = idsInFlight();
  const { sql } = engine.process(hookId);
  sql.exec(
    `CREATE TRIGGER broken BEFORE UPDATE OF state ON deliveries WHEN new.state = 'delivered' AND new.event_id = '${first}'
     BEGIN SELECT raise(ABORT, 'broken'); END`,
  );
  answer(WIDTH);
  await settled();
  expect(delivered()).toBe(WIDTH - 1);
  expect(idsInFlight()).not.toContain(first);
  sql.exec('DROP TRIGGER broken');
  answer(engine.inFlight.length);
  await settled();
  vi.setSystemTime(Date.now() + 60_000);
  await engine.process(hookId).wake();
  // What it came to is known: it is written down, and it does not go out again at all.
  expect(idsInFlight()).not.toContain(first);
  expect(engine.process(hookId).hook.delivery(1)).toMatchObject({
    eventId: first,
    status: 'delivered',
    attempts: 1,
  });
});
