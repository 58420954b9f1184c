/**
 * Where an attempt goes. A hook that runs a script is told by the event log which SuperOffice runs it, at each attempt:
 * a changed credential counts at once, and lies in no second place.
 */
import { sourceIdOf, type StoredEnvelope } from '../core/envelope.ts';
import { scriptOf } from '../core/hook-config.ts';
import { checkTarget } from '../core/target.ts';
import type { Env } from '../env.ts';
import type { HookRegistration } from '../event-log/hooks.ts';
import { scriptUrl, type ScriptCall } from '../providers/superoffice/crmscript.ts';
import { eventLogOf } from '../registry/address.ts';
import type { Settings } from '../settings.ts';
import { withDeadline } from '../storage/deadline.ts';
import type { OpenHook } from './open-hook.ts';

/** With the age of a switch that was read before, below the 5 s in which a pause of delivery takes effect. */
const SITE_DEADLINE_MS = 2_000;

export type Destination =
  | { readonly kind: 'url' }
  | ({ readonly kind: 'script' } & ScriptCall)
  /** There is a script, and no SuperOffice to run it. */
  | { readonly kind: 'nowhere' };

/** Throws when the event log cannot be asked: that is no attempt. */
export async function destinationOf(
  env: Env,
  { assignment }: OpenHook,
  event: StoredEnvelope,
): Promise<Destination> {
  const includeName = scriptOf(assignment.registration.config);
  if (includeName === null) return { kind: 'url' };
  const asked = eventLogOf(env, assignment.ref).siteFor(sourceIdOf(event));
  const site = await withDeadline(asked, SITE_DEADLINE_MS);
  return site === null ? { kind: 'nowhere' } : { kind: 'script', includeName, site };
}

/** The URL to post to; null: it may not, or there is none. */
export function targetOf(
  destination: Destination,
  { config, relayHost }: HookRegistration,
  { targetPolicy, ownHosts }: Settings,
): URL | null {
  if (destination.kind === 'nowhere') return null;
  const [text, host] =
    destination.kind === 'url'
      ? [config.url, relayHost]
      : [scriptUrl(destination.site), destination.site.relayHost];
  const target = checkTarget(text, targetPolicy, [...ownHosts, host]);
  return target.ok ? target.url : null;
}
