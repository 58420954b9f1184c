import { describe, expect, test } from 'vitest';
import type { SwitchesAnswer } from '../../../src/switchboard/calls.ts';
import { OPEN, type Switches } from '../../../src/switchboard/switch-state.ts';
import { KnownSwitches } from '../../../src/switchboard/switches.ts';

const NOW_MS = Date.UTC(2100, 0, 1);
const PAUSED: Switches = { ...OPEN, ingest: 'paused', updatedAtMs: 1 };
const UNREACHABLE: SwitchesAnswer = { ok: false, reason: 'unreachable' };

const WAITS: Switches = { ...OPEN, note: 'waits' };

/** The reading, if it does not wait for anything. */
function atOnce(reading: Promise<Switches>): Promise<Switches> {
  const turn = Promise.resolve().then(() => undefined);
  return Promise.race([reading, turn.then(() => WAITS)]);
}

/** A switchboard whose answers the test gives one by one. */
class Switchboard {
  asked = 0;
  readonly #waiting: ((answer: SwitchesAnswer) => void)[] = [];

  readonly ask = (): Promise<SwitchesAnswer> => {
    this.asked += 1;
    const { promise, resolve } = Promise.withResolvers<SwitchesAnswer>();
    this.#waiting.push(resolve);
    return promise;
  };

  get isAsked(): boolean {
    return this.#waiting.length > 0;
  }

  answer(answer: Switches | SwitchesAnswer): void {
    const [resolve] = this.#waiting.splice(0, 1);
    if (resolve === undefined) throw new Error('nobody has asked');
    resolve('ok' in answer ? answer : { ok: true, switches: answer });
  }

  /** Answers the one question that `reading` asks. */
  async told(known: KnownSwitches, nowMs: number, answer: Switches | SwitchesAnswer): Promise<Switches> {
    const reading = known.at(nowMs, this.ask);
    this.answer(answer);
    return reading;
  }
}

test('a pause counts within 5 s, also when one question about it fails', async () => {
  const board = new Switchboard();
  const known = new KnownSwitches();
  await board.told(known, NOW_MS, OPEN);
  // Paused from here on.
  expect(await board.told(known, NOW_MS + 3_000, UNREACHABLE)).toEqual(OPEN);
  expect(await board.told(known, NOW_MS + 4_000, PAUSED)).toEqual(PAUSED);
});

test('what is known is not asked for again for a while, and then it is', async () => {
  const board = new Switchboard();
  const known = new KnownSwitches();
  expect(await board.told(known, NOW_MS, PAUSED)).toEqual(PAUSED);
  for (let ms = 0; ms < 2_000; ms += 100) expect(await known.at(NOW_MS + ms, board.ask)).toEqual(PAUSED);
  expect(board.asked).toBe(1);
  expect(await board.told(known, NOW_MS + 3_000, OPEN)).toEqual(OPEN);
});

test('a clock that was set back does not make it young', async () => {
  const board = new Switchboard();
  const known = new KnownSwitches();
  await board.told(known, NOW_MS, PAUSED);
  expect(known.at(NOW_MS - 3_600_000, board.ask)).toBeInstanceOf(Promise);
  expect(board.asked).toBe(2);
});

describe('A14: from 2 s of age on it is asked for in the background', () => {
  test('nobody waits for it while somebody looks all the time, however slow the switchboard is, and a pause counts in time', async () => {
    const board = new Switchboard();
    const known = new KnownSwitches();
    await board.told(known, NOW_MS, OPEN);
    // Paused from here on. Each question takes 900 ms, and a reading that waited for it would not have ended yet.
    const readings: Switches[] = [];
    for (let ms = 100; ms <= 20_000; ms += 100) {
      readings.push(await atOnce(known.at(NOW_MS + ms, board.ask)));
      if (ms % 1_000 === 900 && board.isAsked) {
        board.answer(PAUSED);
        await new Promise(setImmediate);
      }
    }
    expect(readings).not.toContain(WAITS);
    expect(readings.findIndex(({ ingest }) => ingest === 'paused')).toBeLessThan(50);
    expect(board.asked).toBeLessThanOrEqual(11);
  });

  test('what is older than 3 s is waited for: nobody has looked for long, and it may have been paused since', async () => {
    const board = new Switchboard();
    const known = new KnownSwitches();
    await board.told(known, NOW_MS, OPEN);
    expect(await board.told(known, NOW_MS + 3_000, PAUSED)).toEqual(PAUSED);
  });

  test('a switchboard that fails again and again is asked every second, and no longer waited for', async () => {
    const board = new Switchboard();
    const known = new KnownSwitches();
    await board.told(known, NOW_MS, PAUSED);
    for (let ms = 3_000; ms < 5_000; ms += 1_000) await board.told(known, NOW_MS + ms, UNREACHABLE);
    expect(await atOnce(known.at(NOW_MS + 5_000, board.ask))).toEqual(PAUSED);
    board.answer(OPEN);
    await new Promise(setImmediate);
    expect(await known.at(NOW_MS + 5_001, board.ask)).toEqual(OPEN);
  });
});

describe('one question at a time', () => {
  test('before anything is known all wait for it', async () => {
    const board = new Switchboard();
    const known = new KnownSwitches();
    const readings = Array.from({ length: 20 }, (_, at) => known.at(NOW_MS + at, board.ask));
    expect(board.asked).toBe(1);
    board.answer(PAUSED);
    expect(await Promise.all(readings)).toEqual(readings.map(() => PAUSED));
  });

  test('afterwards only who asks waits; the others go by what is known', async () => {
    const board = new Switchboard();
    const known = new KnownSwitches();
    await board.told(known, NOW_MS, PAUSED);
    const asking = known.at(NOW_MS + 3_000, board.ask);
    expect(await known.at(NOW_MS + 3_001, board.ask)).toEqual(PAUSED);
    board.answer(OPEN);
    expect(await asking).toEqual(OPEN);
    expect(board.asked).toBe(2);
  });

  test('a question without an answer is given up, so that another can be asked', async () => {
    const board = new Switchboard();
    const known = new KnownSwitches(0);
    await known.at(NOW_MS, board.ask);
    await known.at(NOW_MS + 9_999, board.ask);
    expect(board.asked).toBe(1);
    await known.at(NOW_MS + 10_000, board.ask);
    expect(board.asked).toBe(2);
  });
});

describe('a switchboard that cannot be reached', () => {
  test.each([
    ['fails', UNREACHABLE],
    ['answers nonsense', { ok: false, reason: 'malformed' }],
  ] as const)('and %s: what was last known counts, however long ago', async (_name, answer) => {
    const board = new Switchboard();
    const known = new KnownSwitches();
    await board.told(known, NOW_MS, PAUSED);
    for (let ms = 3_000; ms < 3_600_000; ms += 60_000) {
      expect(await board.told(known, NOW_MS + ms, answer)).toEqual(PAUSED);
    }
  });

  test('without anything known: open; as soon as it answers, that counts', async () => {
    const board = new Switchboard();
    const known = new KnownSwitches();
    expect(await board.told(known, NOW_MS, UNREACHABLE)).toEqual(OPEN);
    expect(await known.at(NOW_MS + 1, board.ask)).toEqual(OPEN);
    expect(await board.told(known, NOW_MS + 1_000, PAUSED)).toEqual(PAUSED);
  });

  test('and hangs: nobody waits longer than the deadline, and a late answer still counts', async () => {
    const board = new Switchboard();
    const known = new KnownSwitches(5);
    expect(await Promise.all([known.at(NOW_MS, board.ask), known.at(NOW_MS + 1, board.ask)])).toEqual([
      OPEN,
      OPEN,
    ]);
    expect(await known.at(NOW_MS + 5, board.ask)).toEqual(OPEN);
    board.answer(PAUSED);
    await Promise.resolve();
    expect(await known.at(NOW_MS + 6, board.ask)).toEqual(PAUSED);
    expect(board.asked).toBe(1);
  });
});

describe('what the switchboard answers to a change', () => {
  test('counts at once', async () => {
    const known = new KnownSwitches();
    known.learn(PAUSED, NOW_MS);
    expect(await known.at(NOW_MS + 1, new Switchboard().ask)).toEqual(PAUSED);
  });

  test('is not undone by an answer to an earlier question', async () => {
    const board = new Switchboard();
    const known = new KnownSwitches();
    const asking = known.at(NOW_MS, board.ask);
    known.learn(PAUSED, NOW_MS + 1);
    board.answer(OPEN);
    expect(await asking).toEqual(PAUSED);
  });
});
