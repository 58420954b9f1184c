/**
 * Standard Webhooks' signature of a request: over id, timestamp and the exact body, by a shared secret (`v1`) or a key
 * pair (`v1a`). A source that has been given a secret takes nothing that is unsigned.
 * Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { isPublicKey } from '../../core/key-pair.ts';
import { isSignedBy, parseSecret } from '../../core/signature.ts';
import { type Arrived, type OwnSecret, type Verdict } from '../provider.ts';

/** On both sides: how far the sender's clock, and its request on the way, may be off. */
const TOLERANCE_SECONDS = 300;
/** In the one spelling that a signer writes. */
const TIMESTAMP = /^[1-9]\d{0,11}$/;

export const SECRET_RULE =
  'whsec_ and the standard base64 of 24 to 64 bytes, or whpk_ and that of the public key of a sender who has a key pair';

export function readSecret(text: string): OwnSecret {
  const secret = inOneSpelling(text);
  return isPublicKey(secret) ? { ok: true, secret } : parseSecret(secret);
}

/** Senders print it with the version in front, unpadded or in the URL-safe alphabet, and people copy the space around it. */
function inOneSpelling(text: string): string {
  const [, prefix = '', key = ''] = /^(?:v1a?,)?(whsec_|whpk_)?(.*?)=*$/s.exec(text.trim()) ?? [];
  const base64 = key.replaceAll('-', '+').replaceAll('_', '/');
  return prefix + base64 + '='.repeat(-base64.length & 3);
}

export function verifySignature(
  { body, headers }: Arrived,
  secrets: readonly string[],
  nowMs: number,
): Verdict {
  const id = signedHeader(headers, 'id');
  const timestamp = signedHeader(headers, 'timestamp');
  const signatures = signedHeader(headers, 'signature');
  if (id === '' || !TIMESTAMP.test(timestamp)) return 'rejected';
  const seconds = Number(timestamp);
  if (Math.abs(nowMs / 1000 - seconds) > TOLERANCE_SECONDS) return 'rejected';
  // Every key is tried, so that the time taken does not tell which one fits.
  const fitting = secrets.filter((secret) => isSignedBy(secret, signatures, id, seconds, body));
  return fitting.length > 0 ? 'signature' : 'rejected';
}

/** Those that `signedHeader` looks for. */
export const SIGNED_HEADERS: readonly string[] = ['webhook', 'svix'].flatMap((sender) =>
  ['id', 'timestamp', 'signature'].map((name) => `${sender}-${name}`),
);

/** A header of the signature, by the specification's name or by that of Svix, from which it grew; `''`: there is none. */
export function signedHeader(headers: Arrived['headers'], name: 'id' | 'timestamp' | 'signature'): string {
  return headers.get(`webhook-${name}`) ?? headers.get(`svix-${name}`) ?? '';
}
