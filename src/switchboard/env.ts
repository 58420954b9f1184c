/** What asks the switchboard is bound to. */
import type { SettingsEnv } from '../settings.ts';
import type { Switchboard } from './switchboard.ts';

export interface SwitchboardEnv extends SettingsEnv {
  readonly SWITCHBOARD: DurableObjectNamespace<Switchboard>;
}
