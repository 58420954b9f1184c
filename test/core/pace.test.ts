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
  const work = pace.begun();
  post(100);
  await pass(0);
  const atOnce = taken;
  for (let ms = 0; ms < 60; ms += 1) {
    pace.attempted(work, Date.now());
    await pass(1);
  }
  expect(taken - atOnce).toBeGreaterThan(30);
  expect(taken - atOnce).toBeLessThanOrEqual(40);
});

test('what waits comes in when the last delivery is over', async () => {
  const work = pace.begun();
  post(100);
  await pass(0);
  expect(taken).toBeLessThan(100);
  pace.over(work);
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
  pace.attempted(pace.begun(), Date.now());
  post(100);
  vi.setSystemTime(Date.now() - 3_600_000);
  await pass(120);
  expect(taken).toBe(100);
});

test('an object that was reset over its work keeps nobody waiting from then on', async () => {
  pace.begun();
  post(100);
  await pass(1_000);
  expect(taken).toBe(100);
  const work = pace.begun();
  for (let n = 0; n < 100; n += 1) pace.attempted(work, Date.now());
  pace.over(work);
  post(100);
  await pass(0);
  expect(taken).toBe(200);
});

test('a wake that was slow and is quick again counts again', async () => {
  const work = pace.begun();
  post(100);
  await pass(1_000);
  pace.attempted(work, Date.now());
  post(100);
  await pass(0);
  expect(taken).toBeLessThan(200);
  pace.over(work);
  await pass(5);
  expect(taken).toBe(200);
});

test('nobody waits for long where little goes out, but never nothing', async () => {
  const work = pace.begun();
  post(1_000);
  for (let ms = 0; ms < 600; ms += 40) {
    pace.attempted(work, Date.now());
    await pass(40);
  }
  expect(taken).toBe(1_000);
});
