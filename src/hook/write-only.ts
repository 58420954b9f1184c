/** What of a hook goes in and never comes out, so that it is taken out of all that is kept of an attempt. */
import { secretsOf } from '../core/hook-auth.ts';
import type { HookConfig } from '../core/hook-config.ts';
import { Masking } from '../core/masking.ts';
import type { HookKeys } from '../core/hook-registration.ts';
import type { ScriptCall } from '../providers/superoffice/crmscript.ts';

export interface WriteOnly {
  /** Headers that are never shown with their values, in lower case. */
  readonly names: ReadonlySet<string>;
  readonly masking: Masking;
}

/** Headers of negotiation. Their values are no credentials, and common in any text. */
const HARMLESS: ReadonlySet<string> = new Set([
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'pragma',
]);
/** Of any request or answer. */
const CREDENTIALS = ['authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'so-apptoken'];

type Configured = Pick<HookConfig, 'headers' | 'auth' | 'signatures' | 'dialect'>;

/**
 * `script`: the SuperOffice that the attempt goes to; null: it goes to the hook's URL. `authorization`: by which the hook
 * logs in, null: it does not.
 */
export function writeOnlyOf(
  config: Configured,
  keys: HookKeys,
  script: ScriptCall | null,
  authorization: string | null = null,
): WriteOnly {
  // Of a script's site each call has a copy of its own.
  if (script !== null) return madeOf(config, keys, script, null);
  const known = KNOWN.get(keys);
  if (known?.config === config && known.authorization === authorization) return known.writeOnly;
  const writeOnly = madeOf(config, keys, null, authorization);
  KNOWN.set(keys, { config, authorization, writeOnly });
  return writeOnly;
}

/** Once for each registration and token. */
const KNOWN = new WeakMap<
  HookKeys,
  { readonly config: Configured; readonly authorization: string | null; readonly writeOnly: WriteOnly }
>();

function madeOf(
  { headers, auth = null, signatures = [], dialect }: Configured,
  keys: HookKeys,
  script: ScriptCall | null,
  authorization: string | null,
): WriteOnly {
  const own = Object.entries(headers).filter(([name]) => !HARMLESS.has(name));
  const values = [
    ...own.map(([, value]) => value),
    keys.secret,
    ...keys.formerSecrets.map(({ text }) => text),
    ...keys.secretKeys.map(({ text }) => text),
    ...(dialect.kind === 'superoffice' && dialect.secret !== null ? [dialect.secret] : []),
    ...(authorization === null ? [] : [authorization]),
    ...(auth === null ? [] : secretsOf(auth)),
    ...signatures.map(({ secret }) => secret),
    ...(script === null ? [] : [script.site.authorization, script.site.appToken ?? '']),
  ];
  return {
    names: new Set([...CREDENTIALS, ...own.map(([name]) => name)]),
    masking: new Masking(values),
  };
}
