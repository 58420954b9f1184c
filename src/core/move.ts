/**
 * A change that sends a hook to another host. Header values and the secrets of `auth` are write-only: who may change a URL
 * must not learn them by pointing the hook at a host of their own, so they stay behind unless they are sent along.
 * Secrets that only sign are not told to anybody, and stay.
 */
import { hasSecret } from './hook-auth.ts';
import { MASK, patchHook, type HookConfig, type HookPatch } from './hook-config.ts';
import { isSameReceiver } from './url-spelling.ts';

export interface MovedHook {
  readonly config: HookConfig;
  /** Members of which something stayed behind. */
  readonly dropped: readonly string[];
}

/** The patch applied; `dropped` is empty where the hook stays with its receiver. */
export function movedHook(base: HookConfig, patch: HookPatch): MovedHook {
  if (patch.url === undefined || isSameReceiver(base.url, patch.url)) {
    return { config: patchHook(base, patch), dropped: [] };
  }
  const headers = patch.headers && withoutMasks(patch.headers);
  const auth = patch.auth && hasSecret(patch.auth) ? patch.auth : null;
  const config = patchHook({ ...base, headers: {}, auth: null }, { ...patch, headers, auth });
  const named = new Set(Object.keys(headers ?? {}).map((name) => name.toLowerCase()));
  const isLost = patch.headers !== null && Object.keys(base.headers).some((name) => !named.has(name));
  const isAuthLost = patch.auth !== null && auth === null && (base.auth ?? null) !== null;
  return { config, dropped: [...(isLost ? ['headers'] : []), ...(isAuthLost ? ['auth'] : [])] };
}

/** A mask stands for a value that the hook has: here it has none. */
function withoutMasks(headers: NonNullable<HookPatch['headers']>): NonNullable<HookPatch['headers']> {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== MASK));
}
