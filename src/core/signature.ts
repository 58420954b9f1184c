/**
 * Standard Webhooks signatures (`v1`, HMAC-SHA256; `v1a`, Ed25519) and the secrets behind the former.
 * Works on bytes only; a secret's value never appears in a refusal.
 * Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { createHmac } from 'node:crypto';
import { base64Of, bytesOfBase64 } from './base64.ts';
import { signWith } from './key-pair.ts';

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
    ...secrets.map((key) => `v1,${createHmac('sha256', key).update(head).update(body).digest('base64')}`),
    ...(secretKeys.length === 0 ? [] : asymmetric(secretKeys, new TextEncoder().encode(head), body)),
  ].join(' ');
}

/** Ed25519 reads its message twice, so that it must be in one piece. */
function asymmetric(secretKeys: readonly string[], head: Uint8Array, body: Uint8Array): string[] {
  const message = new Uint8Array(head.length + body.length);
  message.set(head);
  message.set(body, head.length);
  return secretKeys.map((secretKey) => `v1a,${base64Of(signWith(secretKey, message))}`);
}

/** Null unless the text is exactly what encoding the bytes gives. */
function exactBytesOf(base64: string): Uint8Array | null {
  // In this form, and only in it, atob neither throws nor skips anything.
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) return null;
  const bytes = bytesOfBase64(base64);
  return base64Of(bytes) === base64 ? bytes : null;
}
