/** The relay with hooks whose objects hang: those of that name take no event and never answer. */
import app, { Hook as RelayHook } from '../../src/index.ts';
import { HANGING } from './asked.ts';

export { EventLog, Switchboard, Tenants } from '../../src/index.ts';

export class Hook extends RelayHook {
  #hangs = false;

  override configure(...args: Parameters<RelayHook['configure']>): ReturnType<RelayHook['configure']> {
    const [, registration] = args;
    this.#hangs = registration.config.name === HANGING;
    return super.configure(...args);
  }

  override enqueue(...events: Parameters<RelayHook['enqueue']>): ReturnType<RelayHook['enqueue']> {
    // RPC waits for what a method gives, whatever its type says.
    if (this.#hangs) return new Promise(() => undefined) as unknown as ReturnType<RelayHook['enqueue']>;
    return super.enqueue(...events);
  }
}

export default app;
