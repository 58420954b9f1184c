/** What the object of all tenants is bound to. */
import type { EventLogEnv } from '../event-log/env.ts';
import type { EventLog } from '../event-log/event-log.ts';

/** It erases what a log has left of its hooks, hence is bound to all that a log is. */
export interface TenantsEnv extends EventLogEnv {
  readonly EVENT_LOG: DurableObjectNamespace<EventLog>;
}
