/** What of a hook only the relay's settings and its tenant's other registrations can judge. */
import type { Dialect, HookPatch } from '../../core/hook-config.ts';
import { LISTEN_URL } from '../../core/listener.ts';
import { checkTarget } from '../../core/target.ts';
import { calledUrl } from '../../core/url-spelling.ts';
import { isTaken, isUnfit, type Taken, type Unfit } from '../../event-log/refused.ts';
import { isIncludeName } from '../../providers/superoffice/crmscript.ts';
import { eventLogOf, type TenantRef } from '../../registry/address.ts';
import type { Settings } from '../../settings.ts';
import type { Env } from '../../env.ts';
import { isAllowed, type Caller } from '../auth.ts';
import { Refusal, invalid, uidTaken } from '../problem.ts';
import { boundError } from './field.ts';

/** What fits within the bounds of a registration, and beside the others. */
export function fitting<T>(result: T): Exclude<T, Unfit | Taken> {
  if (isUnfit(result)) throw invalid(...result.problems.map(boundError));
  if (isTaken(result)) throw uidTaken(result);
  return result as Exclude<T, Unfit | Taken>;
}

/** The URL as it is called. */
export function checkedUrl(url: string, settings: Settings, relayHost: string): string {
  if (calledUrl(url) === LISTEN_URL) return LISTEN_URL;
  const target = checkTarget(url, settings.targetPolicy, [...settings.ownHosts, relayHost]);
  if (!target.ok) throw invalid({ path: '/url', expected: target.expected, got: target.got });
  return target.url.href;
}

/** The API that a hook was made in must be able to show where it goes. */
export function checkListener(url: string | undefined, { kind }: Dialect): void {
  if (url !== LISTEN_URL || kind === 'native') return;
  const expected = `a URL to post to, as the hook was made in the ${kind} dialect`;
  throw invalid({ path: '/url', expected, got: LISTEN_URL });
}

/** Of a hook that runs a script: `url` is its include name, and its parameters are told in one format only. */
export function checkScript(caller: Caller, { url, format }: Pick<HookPatch, 'url' | 'format'>): void {
  if (url !== undefined && !isAllowed(caller, [])) {
    throw new Refusal('forbidden', 'Which CRMScript a hook runs is for a key with role admin to say.');
  }
  if (url !== undefined && !isIncludeName(url)) {
    const got = `a string of ${url.length} characters`;
    throw invalid({ path: '/url', expected: 'the include name of a CRMScript, which is no URL', got });
  }
  if (format !== undefined && format !== 'superoffice') {
    const got = JSON.stringify(format);
    throw invalid({ path: '/format', expected: '"superoffice", as the hook runs a CRMScript', got });
  }
}

export async function checkSources(
  env: Env,
  tenant: TenantRef,
  ids: readonly string[] | null | undefined,
): Promise<void> {
  if (ids === null || ids === undefined || ids.length === 0) return;
  const unknown = new Set(await eventLogOf(env, tenant).unknownSources(ids));
  const errors = ids.flatMap((id, index) =>
    unknown.has(id)
      ? [{ path: `/sources/${index}`, expected: 'the id of a source', got: JSON.stringify(id.slice(0, 80)) }]
      : [],
  );
  if (errors.length > 0) throw invalid(...errors);
}
