/** A registration with all its secrets sealed, opened or blanked: as rows and messages of hooks hold them. */
import { withConfigSecrets, type SecretChange } from '../core/hook-secrets.ts';
import { isOutdated, isSealed, type KeyRing } from '../core/sealing.ts';
import type { EndingSecret, HookRegistration } from './hooks.ts';

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
