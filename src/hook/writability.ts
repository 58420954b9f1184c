/**
 * Whether what an attempt comes to can be written down. Nothing is sent before storage has shown it: an outcome that
 * cannot be kept would let the same delivery go out again and again.
 */
import { BACK_OFF_MAX_MS, backOffMs } from '../storage/alarm.ts';

export class Writability {
  /** Something has been written since the object was loaded, and nothing has failed since. */
  isProven = false;
  #failures = 0;
  #untilMs = -Infinity;

  /** Nothing may start before. */
  get untilMs(): number {
    return this.#untilMs;
  }

  /** A write has failed, and none has worked since. */
  get isFailing(): boolean {
    return this.#failures > 0;
  }

  worked(): void {
    this.isProven = true;
    this.#failures = 0;
    this.#untilMs = -Infinity;
  }

  /** A clock that was set back makes no pause longer. */
  heedClock(nowMs: number): void {
    if (this.#untilMs > nowMs + BACK_OFF_MAX_MS) this.#untilMs = nowMs;
  }

  /** It is tried again after a pause that grows. */
  failed(nowMs: number): void {
    this.isProven = false;
    if (nowMs < this.#untilMs) return;
    this.#failures += 1;
    this.#untilMs = nowMs + backOffMs(this.#failures);
  }
}
