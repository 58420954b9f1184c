/**
 * SuperOffice's signature: base64 of HMAC-SHA256 over the exact body, keyed with the secret's UTF-8 bytes.
 * Source: SuperOffice docs, webhook security page.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { base64Of, bytesOfBase64 } from '../../core/base64.ts';
import { type Verdict } from '../provider.ts';

/** 32 bytes in the standard alphabet with padding, in the one spelling an encoder gives them. */
const SIGNATURE = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

export function signatureOf(body: Uint8Array, secret: string): string {
  return base64Of(hmac(body, secret));
}

/** `header` is X-SuperOffice-Signature. Of the secrets an empty one accepts what none of the others signed. */
export function verifySignature(
  body: Uint8Array,
  header: string | undefined,
  secrets: readonly string[],
): Verdict {
  const keys = secrets.filter((secret) => secret !== '');
  const claimed = header !== undefined && SIGNATURE.test(header) ? bytesOfBase64(header) : null;
  let isVerified = false;
  if (claimed !== null) {
    for (const key of keys) {
      // Every key is tried, so that the time taken does not tell which one fits.
      const isMatch = timingSafeEqual(claimed, hmac(body, key));
      isVerified ||= isMatch;
    }
  }
  if (isVerified) return 'signature';
  const isSignatureDue = keys.length > 0 && keys.length === secrets.length;
  return isSignatureDue ? 'rejected' : 'none';
}

function hmac(body: Uint8Array, secret: string): Uint8Array {
  // A string key is taken as its UTF-8 bytes.
  return createHmac('sha256', secret).update(body).digest();
}
