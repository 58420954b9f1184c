/** The key pairs that sign a hook's deliveries. */
import type { Signing } from '../core/hook-config.ts';
import { newSecretKey, publicJwkOf, publicKeyOf, type PublicJwk } from '../core/key-pair.ts';
import type { Ending } from '../core/rotation.ts';
import { randomBytes } from '../random.ts';
import type { EndingSecret, HookRegistration } from '../core/hook-registration.ts';

/** What verifies the `v1a` signatures of a hook. */
export interface PublicKey extends Ending {
  readonly publicKey: string;
  readonly jwk: PublicJwk;
}

/** A hook's first key pair is made when it is first to sign with one; it keeps it when it does so no longer. */
export function secretKeysFor(signing: Signing, present: readonly EndingSecret[]): readonly EndingSecret[] {
  return signing === 'hmac' || present.length > 0 ? present : [newestSecretKey()];
}

export function newestSecretKey(): EndingSecret {
  return { text: newSecretKey(randomBytes(32)), untilMs: null };
}

/** Newest first; none when the hook signs with its secret alone. */
export function publicKeysOf(
  { config, secretKeys }: HookRegistration,
  isInForce: (key: EndingSecret) => boolean,
): PublicKey[] {
  const signing = config.signing === 'hmac' ? [] : secretKeys;
  return signing
    .filter(isInForce)
    .map(({ text, untilMs }) => ({ publicKey: publicKeyOf(text), jwk: publicJwkOf(text), untilMs }));
}
