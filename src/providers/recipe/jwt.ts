/**
 * A JSON Web Token as a sender shows it: signed by the one algorithm that the recipe names, and in force. No other
 * counts, whatever the token says of itself. It tells who sends, not what: nothing in it covers the body.
 * Source: RFC 7515, RFC 7519.
 */
import { createHmac, timingSafeEqual, verify } from 'node:crypto';
import { publicKey } from './key.ts';
import { decoded } from './signature-list.ts';

/** How far the sender's clock may be off. */
const LEEWAY_SECONDS = 60;
/** Of a token that does not say when it ends. */
const MAX_AGE_SECONDS = 300;
const MAX_CHARACTERS = 8192;

type Claims = Readonly<Record<string, unknown>>;

interface Token {
  readonly head: Claims;
  readonly claims: Claims;
  /** What is signed. */
  readonly signed: string;
  readonly signature: Uint8Array;
}

export interface JwtRule {
  /** Under the secret, or under a public key. */
  readonly algorithm: 'HS256' | 'RS256';
  /** Whom it has to be for; null: it is for whoever has the key. */
  readonly audience: string | null;
}

/** Each key is tried, so that the time taken does not tell which one fits. */
export function isJwtOf(
  text: string,
  { algorithm, audience }: JwtRule,
  keys: readonly string[],
  nowMs: number,
): boolean {
  const token = tokenParts(text);
  if (token === null) return false;
  const isSigned = algorithm === 'HS256' ? isSignedByHmac : isSignedByRsa;
  const fitting = keys.filter((key) => key !== '' && isSigned(token, key));
  const { head, claims } = token;
  return (
    fitting.length > 0 &&
    head['alg'] === algorithm &&
    (audience === null || [claims['aud']].flat().includes(audience)) &&
    isInForce(claims, nowMs / 1000)
  );
}

/** Null: it is none. Nothing of it is verified. */
export function tokenParts(text: string): Token | null {
  const [head = '', claims = '', signature = '', ...rest] = text.split('.', 4);
  if (text.length > MAX_CHARACTERS || rest.length > 0) return null;
  const bytes = decoded(signature, 'base64url');
  const [headIn, claimsIn] = [objectIn(head), objectIn(claims)];
  if (bytes === null || signature.endsWith('=') || headIn === null || claimsIn === null) return null;
  return { head: headIn, claims: claimsIn, signed: `${head}.${claims}`, signature: bytes };
}

function isSignedByHmac({ signed, signature }: Token, secret: string): boolean {
  const made = createHmac('sha256', secret).update(signed).digest();
  return made.length === signature.length && timingSafeEqual(made, signature);
}

function isSignedByRsa({ signed, signature }: Token, text: string): boolean {
  const key = publicKey(text, 'rsa');
  try {
    return key !== null && verify('sha256', new TextEncoder().encode(signed), key, signature);
  } catch {
    return false;
  }
}

function isInForce({ exp, nbf, iat }: Claims, nowSeconds: number): boolean {
  if (nbf !== undefined && !(typeof nbf === 'number' && nbf <= nowSeconds + LEEWAY_SECONDS)) return false;
  if (exp !== undefined) return typeof exp === 'number' && exp > nowSeconds - LEEWAY_SECONDS;
  return typeof iat === 'number' && Math.abs(nowSeconds - iat) <= MAX_AGE_SECONDS;
}

function objectIn(segment: string): Claims | null {
  const bytes = decoded(segment, 'base64url');
  if (bytes === null) return null;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
