/** What a change makes of a hook's registration, and why it may not be taken. */
import { boundProblems, type BoundProblem } from '../core/hook-bounds.ts';
import { HOOK_DEFAULTS, type HookConfig } from '../core/hook-config.ts';
import type { HookKeys, HookRegistration } from '../core/hook-registration.ts';
import { shapeProblems } from '../core/hook-shape.ts';
import { secretKeysFor } from './hook-keys.ts';

/** What a hook is to be. */
export interface Saved {
  readonly config: HookConfig;
  readonly keys: HookKeys;
  readonly relayHost: string;
  /** It is to go on, if it was disabled, and its failures are forgotten. */
  readonly isEnabled?: boolean;
}

/** Why a configuration is not taken. `before`: what it replaces; null: nothing. */
export function problemsOf(config: HookConfig, before: HookConfig | null): BoundProblem[] {
  return [...boundProblems(config, before), ...shapeProblems(config, before)];
}

export function withPaused(hook: HookRegistration, paused: boolean): Saved {
  return { config: { ...hook.config, paused }, keys: hook, relayHost: hook.relayHost };
}

export function savedHook(
  hook: HookRegistration,
  { config, keys, relayHost }: Saved,
): { readonly registration: HookRegistration; readonly isSame: boolean } {
  const { secret, formerSecrets, secretKeys } = keys;
  const registration = {
    ...hook,
    config,
    secret,
    formerSecrets,
    secretKeys: secretKeysFor(config.signing, secretKeys),
    relayHost: config.url === hook.config.url ? hook.relayHost : relayHost,
    updatedAtMs: Date.now(),
  };
  return { registration, isSame: JSON.stringify(shown(hook)) === JSON.stringify(shown(registration)) };
}

function shown({ config, secret, formerSecrets, secretKeys, relayHost }: HookRegistration): unknown[] {
  return [{ ...HOOK_DEFAULTS, ...config }, secret, formerSecrets, secretKeys, relayHost];
}
