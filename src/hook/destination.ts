/**
 * Where an attempt goes. A hook that runs a script is told by the event log which SuperOffice runs it, at each attempt:
 * a changed credential counts at once, and lies in no second place.
 */
import { sourceIdOf, type StoredEnvelope } from '../core/envelope.ts';
import { scriptOf } from '../core/hook-config.ts';
import { isListener, LISTEN_URL } from '../core/listener.ts';
import { checkTarget } from '../core/target.ts';
import type { HookEnv } from './env.ts';
import type { HookRegistration } from '../core/hook-registration.ts';
import { scriptUrl, type ScriptCall } from '../providers/superoffice/crmscript.ts';
import { eventLogOf } from '../registry/address.ts';
import type { Settings } from '../settings.ts';
import { withDeadline } from '../storage/deadline.ts';
import type { OpenHook } from './open-hook.ts';

/** With the age of a switch that was read before, below the 5 s in which a pause of delivery takes effect. */
const SITE_DEADLINE_MS = 2_000;

export type Destination =
  | { readonly kind: 'url' }
  /** Whoever is connected. */
  | { readonly kind: 'listener' }
  | ({ readonly kind: 'script' } & ScriptCall)
  /** There is a script, and no SuperOffice to run it. */
  | { readonly kind: 'nowhere' };

/** Throws when the event log cannot be asked: that is no attempt. */
export async function destinationOf(
  env: HookEnv,
  { assignment }: OpenHook,
  event: StoredEnvelope,
): Promise<Destination> {
  const includeName = scriptOf(assignment.registration.config);
  if (includeName === null) return { kind: isListener(assignment.registration.config) ? 'listener' : 'url' };
  const asked = eventLogOf(env, assignment.ref).siteFor(sourceIdOf(event));
  const site = await withDeadline(asked, SITE_DEADLINE_MS);
  return site === null ? { kind: 'nowhere' } : { kind: 'script', includeName, site };
}

/** The URL to post to, which a listener's signatures name as well; null: it may not, or there is none. */
export function targetOf(
  destination: Destination,
  registration: HookRegistration,
  settings: Settings,
): URL | null {
  switch (destination.kind) {
    case 'nowhere':
      return null;
    case 'listener':
      return new URL(LISTEN_URL);
    case 'script':
      return checked(scriptUrl(destination.site), destination.site.relayHost, settings);
    case 'url': {
      const last = CHECKED.get(registration);
      if (last?.settings === settings) return last.url;
      const url = checked(registration.config.url, registration.relayHost, settings);
      CHECKED.set(registration, { settings, url });
      return url;
    }
  }
}

/** The answer to the same question is the same. */
const CHECKED = new WeakMap<HookRegistration, { readonly settings: Settings; readonly url: URL | null }>();

function checked(text: string, relayHost: string, { targetPolicy, ownHosts }: Settings): URL | null {
  const target = checkTarget(text, targetPolicy, [...ownHosts, relayHost]);
  return target.ok ? target.url : null;
}
