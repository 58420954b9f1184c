/** What the settings allow a tenant, as its log asks for it. Where they are wrong the edge lets nothing through. */
import { settingsOf, type SettingsEnv } from '../settings.ts';
import type { Quotas } from './refused.ts';
import type { RetentionHost } from './retention.ts';

const MS_PER_DAY = 86_400_000;

export function quotasOf(env: SettingsEnv): Quotas {
  const reading = settingsOf(env);
  if (!reading.ok) return { hooks: 0, sources: 0, keys: 0 };
  const { maxHooks, maxSources, maxKeys } = reading.settings;
  return { hooks: maxHooks, sources: maxSources, keys: maxKeys };
}

/** For how long an event stays, and how large the log may be. With wrong settings nothing is deleted. */
export function retentionOf(
  env: SettingsEnv,
): Pick<ReturnType<RetentionHost['limits']>, 'retentionMs' | 'logMaxBytes'> {
  const reading = settingsOf(env);
  if (!reading.ok) return { retentionMs: Infinity, logMaxBytes: Infinity };
  const { retentionDays, logMaxBytes } = reading.settings;
  return { retentionMs: retentionDays * MS_PER_DAY, logMaxBytes };
}

/** For how long the audit keeps an entry; null: the settings do not say. */
export function auditMsOf(env: SettingsEnv): number | null {
  const reading = settingsOf(env);
  return reading.ok ? reading.settings.auditDays * MS_PER_DAY : null;
}
