/**
 * Ed25519 key pairs of Standard Webhooks' asymmetric signatures. A pair is kept as its secret key, `whsk_` and the
 * base64 of its 32 bytes (the seed of RFC 8032), from which the public one follows.
 * Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import {
  createPrivateKey,
  createPublicKey,
  sign as signEd25519,
  verify as verifyEd25519,
  type KeyObject,
} from 'node:crypto';
import { base64Of, base64UrlOf, bytesOfBase64 } from './base64.ts';

const SECRET_PREFIX = 'whsk_';
const PUBLIC_PREFIX = 'whpk_';
const KEY_BYTES = 32;
/** The one form of 32 bytes in base64. */
const SECRET = /^whsk_[A-Za-z0-9+/]{43}=$/;
const PUBLIC_KEY = /^whpk_[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;
/** What stands before the 32 bytes in SPKI (RFC 8410). */
const SPKI_HEAD = bytesOfBase64('MCowBQYDK2VwAyEA');
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

/** Whether this is how a public key is written: `whpk_` and standard base64 of 32 bytes. */
export function isPublicKey(text: string): boolean {
  return PUBLIC_KEY.test(text);
}

/** False as well for a key that stands for no point of the curve, and for a signature of another length than 64 bytes. */
export function verifyWith(publicKey: string, bytes: Uint8Array, signature: Uint8Array): boolean {
  const spki = new Uint8Array([...SPKI_HEAD, ...bytesOfBase64(publicKey.slice(PUBLIC_PREFIX.length))]);
  try {
    const key = createPublicKey(`-----BEGIN PUBLIC KEY-----\n${base64Of(spki)}\n-----END PUBLIC KEY-----`);
    return verifyEd25519(null, bytes, key, signature);
  } catch {
    return false;
  }
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
