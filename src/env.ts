/** The bindings of wrangler.toml, as the Worker and its objects see them. */
import type { EventLog } from './event-log/event-log.ts';
import type { Hook } from './hook/hook.ts';
import type { SettingsEnv } from './settings.ts';
import type { Switchboard } from './switchboard/switchboard.ts';
import type { Tenants } from './tenants/tenants.ts';

export interface Env extends SettingsEnv {
  readonly REGISTRY: KVNamespace;
  readonly TENANTS: DurableObjectNamespace<Tenants>;
  readonly EVENT_LOG: DurableObjectNamespace<EventLog>;
  readonly HOOK: DurableObjectNamespace<Hook>;
  readonly SWITCHBOARD: DurableObjectNamespace<Switchboard>;
  /** Absent in a configuration that is older than it: then nothing is counted. */
  readonly WRONG_CREDENTIALS?: RateLimit;
  /** The console's files. Absent where they were not built: then there is no console. */
  readonly ASSETS?: Fetcher;
}
