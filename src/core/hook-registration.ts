/** A hook as its tenant registered it, with all its secrets: sealed, opened or blanked. */
import type { HookConfig } from './hook-config.ts';
import { withConfigSecrets, type SecretChange } from './hook-secrets.ts';
import type { Ending } from './rotation.ts';
import { isOutdated, isSealed, type KeyRing } from './sealing.ts';

export interface EndingSecret extends Ending {
  readonly text: string;
}

/** What may sign a hook's deliveries. None of it is in an answer but `secret`, in those that are for it. */
export interface HookKeys {
  /** The newest. */
  readonly secret: string;
  /** Those before it, newest first, that sign as well until they end. */
  readonly formerSecrets: readonly EndingSecret[];
  /** Secret keys of key pairs, newest first; none until the hook is first to sign with one. */
  readonly secretKeys: readonly EndingSecret[];
}

export interface HookRegistration extends HookKeys {
  readonly id: number;
  /** Rises with every change. */
  readonly version: number;
  readonly config: HookConfig;
  /** Host under which the relay was reached when the URL was registered: never a target. */
  readonly relayHost: string;
  /** The key it was made with; null: the operator's. */
  readonly keyId: string | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly deletedAtMs: number | null;
}

export interface NewHook {
  readonly config: HookConfig;
  /** null: one is generated. */
  readonly secret: string | null;
  readonly relayHost: string;
  readonly keyId: string | null;
}

export type HookSecrets = Pick<HookRegistration, 'config' | 'secret' | 'formerSecrets' | 'secretKeys'>;

/** The registration with each of its secrets changed, its members in the same order. */
export function withHookSecrets<T extends HookSecrets>(hook: T, change: SecretChange): T {
  const each = (member: string, secrets: readonly EndingSecret[]) =>
    secrets.map((secret) => ({ ...secret, text: change(member, secret.text) }));
  return {
    ...hook,
    config: withConfigSecrets(hook.config, change),
    secret: change('/secret', hook.secret),
    formerSecrets: each('/formerSecrets', hook.formerSecrets),
    secretKeys: each('/secretKeys', hook.secretKeys),
  };
}

/** Members that could not be opened, as JSON Pointers; none: the hook may sign and send. */
export function sealedMembers(hook: HookSecrets): string[] {
  const found = new Set<string>();
  withHookSecrets(hook, (member, text) => {
    if (isSealed(text)) found.add(member);
    return text;
  });
  return [...found];
}

/** Of secrets as they are kept: is one of them not under the first key? */
export function hasOutdated(kept: HookSecrets, ring: KeyRing): boolean {
  let found = false;
  withHookSecrets(kept, (_member, text) => {
    found ||= isOutdated(ring, text);
    return text;
  });
  return found;
}
