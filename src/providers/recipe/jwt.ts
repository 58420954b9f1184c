/**
 * A JSON Web Token as a sender shows it: signed by HMAC-SHA256 under the secret, and in force. No other algorithm counts,
 * whatever the token says of itself. It tells who sends, not what: nothing in it covers the body.
 * Source: RFC 7515, RFC 7519.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { decoded } from './signature-list.ts';

/** How far the sender's clock may be off. */
const LEEWAY_SECONDS = 60;
/** Of a token that does not say when it ends. */
const MAX_AGE_SECONDS = 300;
const MAX_CHARACTERS = 8192;

/** Each secret is tried, so that the time taken does not tell which one fits. */
export function isJwtOf(token: string, secrets: readonly string[], nowMs: number): boolean {
  const [head = '', claims = '', signature = '', ...rest] = token.split('.', 4);
  if (token.length > MAX_CHARACTERS || rest.length > 0) return false;
  const claimed = decoded(signature, 'base64url');
  if (claimed === null || signature.endsWith('=')) return false;
  const fitting = secrets.filter((secret) => {
    if (secret === '') return false;
    const made = createHmac('sha256', secret).update(`${head}.${claims}`).digest();
    return made.length === claimed.length && timingSafeEqual(made, claimed);
  });
  return (
    fitting.length > 0 && objectIn(head)?.['alg'] === 'HS256' && isInForce(objectIn(claims), nowMs / 1000)
  );
}

function isInForce(claims: Readonly<Record<string, unknown>> | null, nowSeconds: number): boolean {
  if (claims === null) return false;
  const { exp, nbf, iat } = claims;
  if (nbf !== undefined && !(typeof nbf === 'number' && nbf <= nowSeconds + LEEWAY_SECONDS)) return false;
  if (exp !== undefined) return typeof exp === 'number' && exp > nowSeconds - LEEWAY_SECONDS;
  return typeof iat === 'number' && Math.abs(nowSeconds - iat) <= MAX_AGE_SECONDS;
}

function objectIn(segment: string): Readonly<Record<string, unknown>> | null {
  const bytes = decoded(segment, 'base64url');
  if (bytes === null) return null;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
