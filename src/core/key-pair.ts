/**
 * Ed25519 key pairs of Standard Webhooks' asymmetric signatures. A pair is kept as its secret key, `whsk_` and the
 * base64 of its 32 bytes (the seed of RFC 8032), from which the public one follows.
 * Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { createPrivateKey, createPublicKey, sign as signEd25519, type KeyObject } from 'node:crypto';
import { base64Of, base64UrlOf, bytesOfBase64 } from './base64.ts';

const SECRET_PREFIX = 'whsk_';
const PUBLIC_PREFIX = 'whpk_';
const KEY_BYTES = 32;
/** The one form of 32 bytes in base64. */
const SECRET = /^whsk_[A-Za-z0-9+/]{43}=$/;
/** What stands before the 32 bytes in PKCS #8, the one form of a lone secret key that is imported (RFC 8410). */
const PKCS8_HEAD = bytesOfBase64('MC4CAQAwBQYDK2VwBCIEIA==');

/** An Ed25519 public key as a JSON Web Key (RFC 8037); `x` is its 32 bytes in base64url. */
export interface PublicJwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
}

/** A new secret key of exactly 32 random bytes. Throws RangeError on any other number of them. */
export function newSecretKey(random: Uint8Array): string {
  if (random.length !== KEY_BYTES) throw new RangeError(`a key pair needs ${KEY_BYTES} random bytes`);
  return SECRET_PREFIX + base64Of(random);
}

/** `whpk_` and base64 of the 32 bytes of the public key. */
export function publicKeyOf(secretKey: string): string {
  return PUBLIC_PREFIX + base64Of(publicBytesOf(secretKey));
}

export function publicJwkOf(secretKey: string): PublicJwk {
  return { kty: 'OKP', crv: 'Ed25519', x: base64UrlOf(publicBytesOf(secretKey)) };
}

/** The 64 bytes of the signature. */
export function signWith(secretKey: string, bytes: Uint8Array): Uint8Array {
  return signEd25519(null, bytes, keyObjectOf(secretKey));
}

/** The last bytes of the key's SPKI form, which has nothing behind them (RFC 8410). */
function publicBytesOf(secretKey: string): Uint8Array {
  const spki = createPublicKey(keyObjectOf(secretKey)).export({ format: 'der', type: 'spki' });
  return new Uint8Array(spki.subarray(-KEY_BYTES));
}

/** Throws on a text that no `newSecretKey` made, without showing it. */
function keyObjectOf(secretKey: string): KeyObject {
  if (!SECRET.test(secretKey)) {
    throw new Error(`stored secret key: expected ${SECRET_PREFIX} and the base64 of ${KEY_BYTES} bytes`);
  }
  const seed = bytesOfBase64(secretKey.slice(SECRET_PREFIX.length));
  const pkcs8 = base64Of(new Uint8Array([...PKCS8_HEAD, ...seed]));
  return createPrivateKey(`-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----`);
}
