/** What an event log's object is bound to. */
import type { Hook } from '../hook/hook.ts';
import type { SettingsEnv } from '../settings.ts';

export interface EventLogEnv extends SettingsEnv {
  readonly REGISTRY: KVNamespace;
  readonly HOOK: DurableObjectNamespace<Hook>;
}
