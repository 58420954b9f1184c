/** The Worker whose objects are tested step by step: nothing is done before a test runs the alarm. */
import app, { EventLog as RelayEventLog, Hook as RelayHook } from '../../src/index.ts';

export { Switchboard, Tenants } from '../../src/index.ts';

export class EventLog extends RelayEventLog {
  override readonly isEager = false;
}

export class Hook extends RelayHook {
  override readonly isEager = false;
}

export default app;
