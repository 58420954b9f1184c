/**
 * Writes down what attempts came to, also where storage is full: some of what has ended makes room, then the smallest
 * record is tried, and where even that fails the outcome is kept in memory and written later. Its delivery counts as
 * under way until then, and nothing else starts, so nothing is sent twice for want of a row.
 */
import { heedClock } from './clock-steps.ts';
import type { HookMemory } from './hook-memory.ts';
import type { Clock, OpenHook } from './open-hook.ts';
import type { Room } from './room.ts';
import { settleAttempt, settleFirstTry, settleSmallest, type Attempted } from './settlement.ts';

export class Recorder {
  readonly #memory: HookMemory;
  readonly #clock: Clock;
  readonly #room: Room;
  readonly #recorded: (attempted: Attempted) => void;
  readonly #unwritten: Attempted[] = [];

  /** `recorded`: told of each that has been written down. */
  constructor(
    memory: HookMemory,
    clock: Clock,
    room: Room,
    recorded: (attempted: Attempted) => void = () => undefined,
  ) {
    this.#recorded = recorded;
    this.#memory = memory;
    this.#clock = clock;
    this.#room = room;
  }

  /** Some of it waits to be written down. */
  get isBehind(): boolean {
    return this.#unwritten.length > 0;
  }

  /** False: it is not written down, and its delivery must not be released. */
  record(attempted: Attempted): boolean {
    if (this.#write(attempted)) return true;
    this.#unwritten.push(attempted);
    return false;
  }

  /**
   * Before anything is sent: what came to something is on disk, and so would be what comes next. `isDue`: something is to
   * be sent. False: storage fails, and nothing may start until `Writability.untilMs`.
   */
  isReady(hook: OpenHook, isDue: () => boolean): boolean {
    const { writability } = this.#memory;
    if (this.#clock.nowMs() < writability.untilMs) return false;
    for (let next = this.#unwritten[0]; next !== undefined; next = this.#unwritten[0]) {
      if (!this.#write(next)) return false;
      this.#unwritten.shift();
      hook.queue.release(next.delivery);
    }
    return writability.isProven || !isDue() || this.#prove();
  }

  /** Nothing is left to write to. */
  forget(): void {
    this.#unwritten.length = 0;
  }

  #write(attempted: Attempted): boolean {
    const ways = [
      () => {
        this.#settle(attempted);
      },
      () => {
        this.#room.make(this.#clock.nowMs());
        this.#settle(attempted);
      },
      () => {
        this.#memory.commit((hook) => {
          settleSmallest(this.#memory.sql, this.#clock, hook, attempted);
        });
      },
    ];
    const isWritten = this.#firstThatWorks(ways);
    if (isWritten) {
      this.#memory.open?.hours.took(attempted.report);
      this.#recorded(attempted);
    }
    return isWritten;
  }

  #settle(attempted: Attempted): void {
    const hook = this.#memory.current();
    hook.hours.turn(hook, this.#clock.nowMs());
    if (settleFirstTry(this.#clock, hook, attempted)) return;
    heedClock(this.#memory, this.#clock.nowMs());
    this.#memory.commit(() => {
      settleAttempt(this.#memory.sql, this.#clock, hook, attempted);
    });
    this.#room.keep(this.#clock.nowMs());
  }

  /** A row of no more bytes than it has: where that cannot be written, no outcome can. */
  #prove(): boolean {
    return this.#firstThatWorks([
      () => {
        this.#memory.sql.exec('UPDATE bounds SET sequence_floor = sequence_floor');
      },
    ]);
  }

  #firstThatWorks(ways: readonly (() => void)[]): boolean {
    const { writability } = this.#memory;
    const errors: string[] = [];
    for (const way of ways) {
      try {
        way();
        writability.worked();
        return true;
      } catch (error) {
        errors.push(String(error));
      }
    }
    writability.failed(this.#clock.nowMs());
    const hookId = this.#memory.open?.assignment.registration.id;
    console.error('storage fails: what attempts come to cannot be written down', { hookId, errors });
    return false;
  }
}
