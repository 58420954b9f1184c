/** The relay in which hooks of one name have room for a few deliveries only: crash runs have a hook that is full. */
import app, { Hook as RelayHook } from '../../src/index.ts';
import { FULL, ROOM_OF_FULL } from './asked.ts';

export { EventLog, Switchboard, Tenants } from '../../src/index.ts';

export class Hook extends RelayHook {
  override enqueue(...args: Parameters<RelayHook['enqueue']>): ReturnType<RelayHook['enqueue']> {
    if (this.#isFull()) Object.assign(this.queueLimits, { deliveries: ROOM_OF_FULL });
    return super.enqueue(...args);
  }

  /** As it is registered: a hook that is read from disk has not been told. */
  #isFull(): boolean {
    const [row] = this.ctx.storage.sql
      .exec<{ name: string }>(`SELECT json_extract(registration, '$.config.name') AS name FROM assignment`)
      .toArray();
    return row?.name === FULL;
  }
}

export default app;
