import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Gate, Pace } from '../../src/pace.ts';

let pace: Pace;
let gate: Gate;
let taken: number;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: Date.UTC(2100, 0, 1) });
  pace = new Pace();
  gate = new Gate(pace, () => Date.now());
  taken = 0;
});

afterEach(() => {
  vi.useRealTimers();
});

/** Events that come in at once. */
function post(count: number): void {
  for (let n = 0; n < count; n += 1)
    void (gate.turn() ?? Promise.resolve()).then(() => {
      taken += 1;
    });
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test('while nothing is delivered all may come in', async () => {
  post(500);
  await pass(0);
  expect(taken).toBe(500);
});

test('beside deliveries events come in as fast as those come to something, and a little slower', async () => {
  pace.begun();
  post(100);
  await pass(0);
  const atOnce = taken;
  for (let ms = 0; ms < 60; ms += 1) {
    pace.attempted(Date.now());
    await pass(1);
  }
  expect(taken - atOnce).toBeGreaterThan(30);
  expect(taken - atOnce).toBeLessThanOrEqual(40);
});

test('what waits comes in when the last delivery is over', async () => {
  pace.begun();
  post(100);
  await pass(0);
  expect(taken).toBeLessThan(100);
  pace.over();
  await pass(5);
  expect(taken).toBe(100);
});

test('receivers that are slow slow nobody who posts for more than a moment', async () => {
  pace.begun();
  post(100);
  await pass(60);
  expect(taken).toBe(100);
  post(1_000);
  await pass(0);
  expect(taken).toBe(1_100);
});

test('a clock that was set back lets nobody wait longer', async () => {
  pace.begun();
  pace.attempted(Date.now());
  post(100);
  vi.setSystemTime(Date.now() - 3_600_000);
  await pass(120);
  expect(taken).toBe(100);
});
