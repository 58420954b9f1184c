/** Waits for what the relay tells of itself only when asked. What arrives at a receiver is waited for there. */
import { setTimeout as sleep } from 'node:timers/promises';

const WITHIN_MS = 10_000;
const EVERY_MS = 20;

/** Reads again and again until it holds, and gives what was read; throws with the last reading when it never does. */
export async function until<T>(
  read: () => Promise<T>,
  holds: (value: T) => boolean,
  withinMs = WITHIN_MS,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (Date.now() > deadline) {
      throw new Error(`not within ${withinMs} ms; last: ${JSON.stringify(value).slice(0, 2000)}`);
    }
    await sleep(EVERY_MS);
  }
}
