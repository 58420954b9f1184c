/** Which hooks a caller sees, and which of them it looks for. */
import type { Dialect, HookConfig } from '../core/hook-config.ts';
import type { HookRegistration } from '../core/hook-registration.ts';
import { calledUrl } from '../core/url-spelling.ts';

/** Which hooks a caller sees; null: whichever. */
export interface HookScope {
  readonly dialect: Dialect['kind'] | null;
  /** Only those made with this key. */
  readonly keyId: string | null;
}

export const EVERY_HOOK: HookScope = { dialect: null, keyId: null };

export function isWithin(scope: HookScope, hook: HookRegistration): boolean {
  return (
    (scope.dialect === null || scope.dialect === hook.config.dialect.kind) &&
    (scope.keyId === null || scope.keyId === hook.keyId)
  );
}

/** By what a list looks for hooks; null: whichever. */
export interface NamedHook {
  readonly uid: string | null;
  readonly name: string | null;
  /** A part of it, in any case of letters. */
  readonly url: string | null;
}

export const ANY_NAME: NamedHook = { uid: null, name: null, url: null };

export function isNamed(row: { readonly config: string }, { uid, name, url }: NamedHook): boolean {
  if (uid === null && name === null && url === null) return true;
  const config = JSON.parse(row.config) as HookConfig;
  return (
    (uid === null || config.uid === uid) &&
    (name === null || config.name === name) &&
    (url === null || calledUrl(config.url).toLowerCase().includes(url.toLowerCase()))
  );
}
