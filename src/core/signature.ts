/**
 * Standard Webhooks signatures (`v1`, HMAC-SHA256; `v1a`, Ed25519) and the secrets behind the former.
 * Works on bytes only; a secret's value never appears in a refusal.
 * Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { base64Of, bytesOfBase64 } from './base64.ts';
import { isPublicKey, signWith, verifyWith } from './key-pair.ts';

const PREFIX = 'whsec_';
const MIN_KEY_BYTES = 24;
const MAX_KEY_BYTES = 64;
const NEW_KEY_BYTES = 32;

/** `secret` is the one spelling that is stored and shown: with prefix and padding. */
export type SecretReading =
  | { readonly ok: true; readonly secret: string; readonly key: Uint8Array }
  | {
      readonly ok: false;
      readonly reason: 'not-base64' | 'length';
      readonly expected: string;
      readonly got: string;
    };

/**
 * Reads a secret: standard base64 of 24 to 64 bytes, with or without `whsec_` in front. Padding is required and
 * stray bits are refused, because receivers' libraries differ in what they make of anything else.
 */
export function parseSecret(text: string): SecretReading {
  const base64 = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text;
  const key = exactBytesOf(base64);
  const expected = `${PREFIX} and the standard base64, with padding, of ${MIN_KEY_BYTES} to ${MAX_KEY_BYTES} bytes`;
  if (key === null) return { ok: false, reason: 'not-base64', expected, got: 'text that is not base64' };
  if (key.length < MIN_KEY_BYTES || key.length > MAX_KEY_BYTES) {
    return { ok: false, reason: 'length', expected, got: `${key.length} bytes` };
  }
  return { ok: true, secret: PREFIX + base64, key };
}

/** A new secret of exactly 32 random bytes. Throws RangeError on any other number of them. */
export function newSecret(random: Uint8Array): string {
  if (random.length !== NEW_KEY_BYTES) throw new RangeError(`a secret needs ${NEW_KEY_BYTES} random bytes`);
  return PREFIX + base64Of(random);
}

/** What signs an attempt: at least one of them all. */
export interface Signers {
  /** Keys of secrets, newest first. */
  readonly secrets: readonly Uint8Array[];
  /** Secret keys of key pairs, newest first. */
  readonly secretKeys: readonly string[];
}

/**
 * The `webhook-signature` header of one attempt: one `v1,…` for each secret, then one `v1a,…` for each key pair,
 * separated by spaces.
 * @param signers when there is none, RangeError: nothing leaves unsigned
 * @param id the `webhook-id` header
 * @param timestampSeconds the `webhook-timestamp` header, whole Unix seconds, else RangeError
 * @param body the exact bytes that are sent
 */
export function sign(
  { secrets, secretKeys }: Signers,
  id: string,
  timestampSeconds: number,
  body: Uint8Array,
): string {
  if (secrets.length + secretKeys.length === 0) throw new RangeError('a signature needs at least one key');
  if (!Number.isSafeInteger(timestampSeconds)) throw new RangeError('a timestamp is whole seconds');
  const head = `${id}.${timestampSeconds}.`;
  return [
    ...secrets.map((key) => symmetric(key, head, body)),
    ...(secretKeys.length === 0 ? [] : asymmetric(secretKeys, inOnePiece(head, body))),
  ].join(' ');
}

/** A sender signs with each of its live keys; what a stranger puts behind them costs nothing. */
const MAX_SIGNATURES = 20;
const ASYMMETRIC = /^v1a,([A-Za-z0-9+/]{86}==)$/;

/**
 * Whether one of the signatures of a `webhook-signature` header is by this key. Parameters as of `sign`.
 * @param key a secret, compared with `v1` in constant time, or a public key, for `v1a`; as stored, else it throws
 */
export function isSignedBy(
  key: string,
  signatures: string,
  id: string,
  timestampSeconds: number,
  body: Uint8Array,
): boolean {
  const claims = signatures.split(' ', MAX_SIGNATURES);
  const head = `${id}.${timestampSeconds}.`;
  if (isPublicKey(key)) {
    const message = inOnePiece(head, body);
    return claims.some((claim) => {
      const [, base64] = ASYMMETRIC.exec(claim) ?? [];
      return base64 !== undefined && verifyWith(key, message, bytesOfBase64(base64));
    });
  }
  const expected = symmetric(keyOf(key), head, body);
  return claims.filter((claim) => isSame(claim, expected)).length > 0;
}

/** The key of a secret as it is stored. Throws on any other text, without showing it. */
export function keyOf(secret: string): Uint8Array {
  const reading = parseSecret(secret);
  if (!reading.ok) throw new Error(`stored secret: expected ${reading.expected}`);
  return reading.key;
}

function symmetric(key: Uint8Array, head: string, body: Uint8Array): string {
  return `v1,${createHmac('sha256', key).update(head).update(body).digest('base64')}`;
}

function asymmetric(secretKeys: readonly string[], message: Uint8Array): string[] {
  return secretKeys.map((secretKey) => `v1a,${base64Of(signWith(secretKey, message))}`);
}

/** Ed25519 reads its message twice. */
function inOnePiece(head: string, body: Uint8Array): Uint8Array {
  const start = new TextEncoder().encode(head);
  const message = new Uint8Array(start.length + body.length);
  message.set(start);
  message.set(body, start.length);
  return message;
}

/** In a time that tells only whether the lengths differ. */
function isSame(claimed: string, expected: string): boolean {
  const encoder = new TextEncoder();
  const [a, b] = [encoder.encode(claimed), encoder.encode(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Null unless the text is exactly what encoding the bytes gives. */
function exactBytesOf(base64: string): Uint8Array | null {
  // In this form, and only in it, atob neither throws nor skips anything.
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) return null;
  const bytes = bytesOfBase64(base64);
  return base64Of(bytes) === base64 ? bytes : null;
}
