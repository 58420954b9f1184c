/**
 * The access token of a hook whose receiver wants OAuth 2.0 client credentials (RFC 6749, 4.4): how it is asked for,
 * what an answer says, and when to ask again. Fetches nothing and reads no clock.
 *
 * States: no token → one is asked for → it is held until a minute before it expires → none. One question at a time
 * answers all attempts that wait. A receiver's 401 ends the token that it was sent, once: attempts that were sent the
 * same one get its successor.
 */
import { base64Of } from './base64.ts';

export interface OAuthClient {
  readonly tokenUrl: string;
  readonly clientId: string;
  /** Write-only towards the API. */
  readonly clientSecret: string;
  readonly scope?: string | undefined;
  readonly audience?: string | undefined;
  /** Where the token server wants the credentials: in the header, as the RFC prefers, or in the form. */
  readonly credentials: 'header' | 'body';
}

/** A token in use. */
export interface HeldToken {
  readonly token: string;
  /** After this it is not given out any more. */
  readonly usableUntilMs: number;
  /** Counts the tokens of the hook, so that a late 401 does not end a newer one. */
  readonly generation: number;
}

/** What an attempt that needs a token is to do. */
export type TokenStep = { readonly kind: 'use'; readonly held: HeldToken } | { readonly kind: 'fetch' };

/** Given out until so long before it expires, as an attempt takes its time and clocks differ. */
const EARLY_MS = 60_000;
/** Of an answer that does not say when its token expires. */
const UNSAID_EXPIRY_SECONDS = 300;
/** Whatever an answer says. */
const MAX_EXPIRY_SECONDS = 86_400;
const MAX_TOKEN_CHARACTERS = 16_384;
/** What a header can carry as a token (RFC 6750: b68token, and what servers send besides). */
const TOKEN = /^[\x21-\x7e]+$/;

/** @param rejected the generation of the token that the receiver has just refused; null: none */
export function nextStep(held: HeldToken | null, nowMs: number, rejected: number | null = null): TokenStep {
  const isUsable = held !== null && nowMs < held.usableUntilMs && held.generation !== rejected;
  return isUsable ? { kind: 'use', held } : { kind: 'fetch' };
}

export interface TokenRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The request of a token, to be sent by POST. */
export function tokenRequest({
  clientId,
  clientSecret,
  scope,
  audience,
  credentials,
}: OAuthClient): TokenRequest {
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  if (scope !== undefined) form.set('scope', scope);
  if (audience !== undefined) form.set('audience', audience);
  const headers: Record<string, string> = {
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  };
  if (credentials === 'body') {
    form.set('client_id', clientId);
    form.set('client_secret', clientSecret);
  } else {
    headers['authorization'] = `Basic ${utf8Base64(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`)}`;
  }
  return { headers, body: form.toString() };
}

export type TokenReading =
  | { readonly ok: true; readonly held: HeldToken }
  /** In words without anything that the server said: it may echo the credentials. */
  | { readonly ok: false; readonly reason: string };

/**
 * What the token server's answer gives.
 * @param askedAtMs when the request was sent: the token's time began no earlier
 * @param previous the generation of the last token, 0 for none
 */
export function readToken(
  { status, body }: { readonly status: number; readonly body: string },
  askedAtMs: number,
  previous: number,
): TokenReading {
  if (status < 200 || status > 299) return { ok: false, reason: `the token server answered ${status}` };
  const answer = objectOf(body);
  if (answer === null) return { ok: false, reason: 'the token server answered no JSON object' };
  const { access_token: token, token_type: type, expires_in: expiry } = answer;
  if (typeof token !== 'string' || token.length > MAX_TOKEN_CHARACTERS || !TOKEN.test(token)) {
    return { ok: false, reason: 'the token server answered no access_token that a header can carry' };
  }
  if (type !== undefined && (typeof type !== 'string' || type.toLowerCase() !== 'bearer')) {
    return { ok: false, reason: 'the token server answered a token_type other than Bearer' };
  }
  const usableUntilMs = askedAtMs + expirySeconds(expiry) * 1000 - EARLY_MS;
  return { ok: true, held: { token, usableUntilMs, generation: previous + 1 } };
}

/** A number, or one in quotes as some servers send it; what is neither says nothing. */
function expirySeconds(said: unknown): number {
  const seconds = typeof said === 'string' && /^\d{1,15}$/.test(said) ? Number(said) : said;
  if (typeof seconds !== 'number') return UNSAID_EXPIRY_SECONDS;
  return Math.min(MAX_EXPIRY_SECONDS, Math.max(0, seconds));
}

function objectOf(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

/** The `authorization` header of HTTP Basic (RFC 7617), in UTF-8. */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${utf8Base64(`${username}:${password}`)}`;
}

function utf8Base64(text: string): string {
  return base64Of(new TextEncoder().encode(text));
}

/** As in a form: RFC 6749, 2.3.1. */
function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}
