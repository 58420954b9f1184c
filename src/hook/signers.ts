/** What signs an attempt of a hook: as its `signing` says, each secret and key pair that is in force at that moment. */
import type { HookConfig } from '../core/hook-config.ts';
import { isInForce } from '../core/rotation.ts';
import { keyOf, type Signers } from '../core/signature.ts';
import type { HookKeys } from '../core/hook-registration.ts';

export function signersOf(keys: HookKeys, signing: HookConfig['signing'], nowMs: number): Signers {
  const { secret, formerSecrets, secretKeys } = keys;
  const secrets = [{ text: secret, untilMs: null }, ...formerSecrets];
  const inForce = (keys: HookKeys['secretKeys']) =>
    keys.filter((key) => isInForce(key, nowMs)).map(({ text }) => text);
  return {
    secrets: signing === 'ed25519' ? [] : inForce(secrets).map((text) => decoded(keys, text)),
    secretKeys: signing === 'hmac' ? [] : inForce(secretKeys),
  };
}

/** Once for each registration: reading a secret takes as long as signing with it. */
const DECODED = new WeakMap<HookKeys, Map<string, Uint8Array>>();

function decoded(keys: HookKeys, text: string): Uint8Array {
  const known = DECODED.get(keys) ?? new Map<string, Uint8Array>();
  DECODED.set(keys, known);
  const key = known.get(text) ?? keyOf(text);
  known.set(text, key);
  return key;
}
