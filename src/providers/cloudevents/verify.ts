/**
 * What a source of CloudEvents asks of its senders. The specification leaves it to them: by its rules for web hooks they
 * show an access token; a relay signs its deliveries. A source without a secret takes what comes.
 * Source: CloudEvents 1.0.2, HTTP 1.1 Web Hooks for Event Delivery, 3.
 */
import { hash, timingSafeEqual } from 'node:crypto';
import { type Arrived, type Credentials, type OwnSecret, type Verdict } from '../provider.ts';
import { readSecret as readSigningSecret, verifySignature } from '../standard-webhooks/signature.ts';

export const SECRET_RULE =
  'an access token of 1 to 400 visible ASCII characters, or the whsec_… or whpk_… of a sender that signs by Standard Webhooks';

const TOKEN = /^[\x21-\x7e]{1,400}$/;
const SIGNING = /^(?:v1a?,)?wh(?:sec|pk)_/;
const BEARER = /^bearer +(.+)$/i;

export function readSecret(text: string): OwnSecret {
  const secret = text.trim();
  if (SIGNING.test(secret)) return readSigningSecret(secret);
  return TOKEN.test(secret)
    ? { ok: true, secret }
    : { ok: false, got: `a text of ${text.length} characters that is none` };
}

export function verify(arrived: Arrived, secrets: readonly string[], nowMs: number): Verdict {
  if (secrets.length === 0) return 'none';
  const signing = secrets.filter((secret) => SIGNING.test(secret));
  if (signing.length > 0 && verifySignature(arrived, signing, nowMs) === 'signature') return 'signature';
  const tokens = secrets.filter((secret) => secret !== '' && !SIGNING.test(secret));
  return tokens.length > 0 && isOneOf(shownToken(arrived), tokens) ? 'token' : 'rejected';
}

export function credentialsIn(arrived: Arrived): Credentials {
  const token = shownToken(arrived);
  return { headers: ['authorization'], values: token === '' ? [] : [token], isBodyHidden: false };
}

/** `''`: none. */
function shownToken({ headers, url }: Arrived): string {
  const [, bearer] = BEARER.exec(headers.get('authorization') ?? '') ?? [];
  if (bearer !== undefined) return bearer.trim();
  const at = url.indexOf('?');
  return at === -1 ? '' : (new URLSearchParams(url.slice(at + 1)).get('access_token') ?? '');
}

/** By their digests: lengths tell nothing then. */
function isOneOf(shown: string, known: readonly string[]): boolean {
  const claimed = hash('sha256', shown, 'buffer');
  return known.filter((text) => timingSafeEqual(claimed, hash('sha256', text, 'buffer'))).length > 0;
}
