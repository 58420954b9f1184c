/** What signs an attempt of a hook: as its `signing` says, each secret and key pair that is in force at that moment. */
import type { HookConfig } from '../core/hook-config.ts';
import { isInForce } from '../core/rotation.ts';
import { keyOf, type Signers } from '../core/signature.ts';
import type { HookKeys } from '../event-log/hooks.ts';

export function signersOf(
  { secret, formerSecrets, secretKeys }: HookKeys,
  signing: HookConfig['signing'],
  nowMs: number,
): Signers {
  const secrets = [{ text: secret, untilMs: null }, ...formerSecrets];
  const inForce = (keys: HookKeys['secretKeys']) =>
    keys.filter((key) => isInForce(key, nowMs)).map(({ text }) => text);
  return {
    secrets: signing === 'ed25519' ? [] : inForce(secrets).map(keyOf),
    secretKeys: signing === 'hmac' ? [] : inForce(secretKeys),
  };
}
