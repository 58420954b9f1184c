/** What of a hook goes in and never comes out, so that it is taken out of all that is kept of an attempt. */
import type { HookConfig } from '../core/hook-config.ts';
import { Masking } from '../core/masking.ts';
import type { HookKeys } from '../event-log/hooks.ts';
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

/** `script`: the SuperOffice that the attempt goes to; null: it goes to the hook's URL. */
export function writeOnlyOf(
  config: Pick<HookConfig, 'headers' | 'dialect'>,
  keys: HookKeys,
  script: ScriptCall | null,
): WriteOnly {
  // Of a script's site each call has a copy of its own.
  if (script !== null) return madeOf(config, keys, script);
  const known = KNOWN.get(keys) ?? { config, writeOnly: madeOf(config, keys, null) };
  if (known.config !== config) known.writeOnly = madeOf(config, keys, null);
  known.config = config;
  KNOWN.set(keys, known);
  return known.writeOnly;
}

/** Once for each registration. */
const KNOWN = new WeakMap<
  HookKeys,
  { config: Pick<HookConfig, 'headers' | 'dialect'>; writeOnly: WriteOnly }
>();

function madeOf(
  { headers, dialect }: Pick<HookConfig, 'headers' | 'dialect'>,
  keys: HookKeys,
  script: ScriptCall | null,
): WriteOnly {
  const own = Object.entries(headers).filter(([name]) => !HARMLESS.has(name));
  const values = [
    ...own.map(([, value]) => value),
    keys.secret,
    ...keys.formerSecrets.map(({ text }) => text),
    ...keys.secretKeys.map(({ text }) => text),
    ...(dialect.kind === 'superoffice' && dialect.secret !== null ? [dialect.secret] : []),
    ...(script === null ? [] : [script.site.authorization, script.site.appToken ?? '']),
  ];
  return {
    names: new Set([...CREDENTIALS, ...own.map(([name]) => name)]),
    masking: new Masking(values),
  };
}
