/** Miniflare's log, from warnings up. */
import { Log, LogLevel } from 'miniflare';

/**
 * Miniflare starts a crashed workerd again on the same port, and says so. When that fails it only writes an error and
 * the process would stay on without serving anything; ended, it can be started again by whatever watches over it.
 */
export class RelayLog extends Log {
  readonly #onDeath: () => void;
  readonly #onLostRuntime: () => void;

  constructor(onDeath: () => void, onLostRuntime: () => void) {
    super(LogLevel.WARN);
    this.#onDeath = onDeath;
    this.#onLostRuntime = onLostRuntime;
  }

  override warn(message: string): void {
    super.warn(message);
    if (message.includes('runtime crashed unexpectedly')) this.#onDeath();
  }

  override error(message: Error): void {
    super.error(message);
    if (message.message.includes('failed to restart after an unexpected crash')) this.#onLostRuntime();
  }
}
