/**
 * Signs requests by a recipe, as its sender does: another reading of the language than the relay's own, in the few words
 * that the samples need. Takes a request that is signed, and puts another time, URL, body or key in it.
 */
import { createHash, createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { KeyForm, SignedVerification, Spot, Verification } from '../../src/providers/recipe/recipe.ts';

export interface SignedRequest {
  readonly method: string;
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Signing {
  /** As it is typed in, of an HMAC or a digest; of a key pair the private key. */
  readonly secret: string | KeyObject;
  readonly nowMs: number;
}

export function isSigned(verification: Verification | undefined): verification is SignedVerification {
  return verification !== undefined && 'message' in verification;
}

/** The alternative by which a request is verified. */
export function alternativeOf(
  verify: readonly Verification[],
  request: SignedRequest,
): Verification | undefined {
  return verify.find((one) => {
    const conditions = one.when === undefined ? [] : [one.when].flat();
    const holds = conditions.every((condition) => {
      const value = valueAt(condition, request);
      return value !== null && (condition.equals === undefined || [condition.equals].flat().includes(value));
    });
    if (!holds) return false;
    if (one.scheme === 'none') return true;
    if (one.scheme === 'basic') return request.headers['authorization'] !== undefined;
    return ('each' in one && one.each === true) || valueAt(one.signature, request) !== null;
  });
}

/** Null: there is nothing. */
export function valueAt({ header, query, body, form }: Spot, request: SignedRequest): string | null {
  if (header !== undefined) {
    const [found = null] = [header]
      .flat()
      .map((name) => request.headers[name.toLowerCase()] ?? null)
      .filter((value) => value !== null);
    return found;
  }
  if (query !== undefined) return new URL(request.url).searchParams.get(query);
  if (form !== undefined) return new URLSearchParams(request.body).get(form);
  return body === undefined ? null : pointed(request.body, body);
}

/** The signature alone, in its encoding and without its prefix. */
export function signatureText(
  verification: SignedVerification,
  request: SignedRequest,
  { secret }: Pick<Signing, 'secret'>,
): string {
  return signatureBytes(verification, messageOf(verification, request, secret), secret).toString(
    verification.signature.encoding,
  );
}

/** The same request as its sender would sign it now. */
export function resigned(
  verification: SignedVerification,
  request: SignedRequest,
  signing: Signing,
): SignedRequest {
  const old = timeText(verification, request);
  const now =
    verification.timestamp === undefined || old === null
      ? null
      : timeNow(verification.timestamp.unit, signing.nowMs);
  const timed = old === null || now === null ? request : replaced(request, old, now);
  const text = signatureText(verification, timed, signing);
  const { header, body, query, form } = verification.signature;
  const value = valueAt(verification.signature, timed) ?? '';
  const next = withSignature(value, verification, text);
  if (header !== undefined) {
    const name = [header].flat().find((one) => timed.headers[one.toLowerCase()] !== undefined) ?? '';
    return { ...timed, headers: { ...timed.headers, [name.toLowerCase()]: next } };
  }
  if (body !== undefined || form !== undefined) return { ...timed, body: timed.body.replace(value, next) };
  const url = new URL(timed.url);
  url.searchParams.set(query ?? '', next);
  return { ...timed, url: url.href };
}

/** A key pair of a scheme, its public key as it is typed in. */
export function keyPairOf(scheme: 'ed25519' | 'ecdsa-p256' | 'rsa'): {
  privateKey: KeyObject;
  secret: string;
} {
  const { privateKey, publicKey } =
    scheme === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : scheme === 'rsa'
        ? generateKeyPairSync('rsa', { modulusLength: 2048 })
        : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { privateKey, secret: publicKey.export({ type: 'spki', format: 'der' }).toString('base64') };
}

function withSignature(value: string, { signature }: SignedVerification, text: string): string {
  const { prefix = '', list } = signature;
  if (list === undefined) return prefix + text;
  const { separator, key, assign = '=' } = list;
  return value
    .split(separator)
    .map((item) => {
      const start = key === undefined ? '' : `${key}${assign}`;
      const spaces = /^\s*/.exec(item)?.[0] ?? '';
      return item.trimStart().startsWith(start) ? `${spaces}${start}${prefix}${text}` : item;
    })
    .join(separator);
}

/** The text of the time that was signed. */
function timeText({ timestamp, signature }: SignedVerification, request: SignedRequest): string | null {
  if (timestamp === undefined) return null;
  const { list } = timestamp;
  if (list === undefined) return valueAt(timestamp, request);
  const { separator, assign = '=' } = signature.list ?? { separator: ',' };
  const items = (valueAt(signature, request) ?? '').split(separator).map((item) => item.trim());
  const item = items.find((one) => one.startsWith(list + assign));
  return item === undefined ? (items[Number(list)] ?? null) : item.slice((list + assign).length);
}

function timeNow(unit: 's' | 'ms' | 'iso', nowMs: number): string {
  if (unit === 'iso') return new Date(nowMs).toISOString();
  return unit === 's' ? String(Math.floor(nowMs / 1000)) : String(nowMs);
}

function replaced(request: SignedRequest, old: string, now: string): SignedRequest {
  const headers = Object.entries(request.headers).map(
    ([name, value]) => [name, value.replace(old, now)] as const,
  );
  return { ...request, headers: Object.fromEntries(headers), body: request.body.replace(old, now) };
}

function messageOf(
  verification: SignedVerification,
  request: SignedRequest,
  secret: string | KeyObject,
): string {
  return verification.message
    .map((text) =>
      text.replace(/\{([^{}|]+)((?:\|[^{}|]+)*)\}/g, (_all, field: string, filters: string) => {
        const value = fieldOf(field, verification, request, secret) ?? '';
        return filters.includes('unescape')
          ? value.replace(ESCAPES, (escape) => decodeURIComponent(escape))
          : value;
      }),
    )
    .join('');
}

/** As HubSpot lists them. */
const ESCAPES = /%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi;

function fieldOf(
  field: string,
  verification: SignedVerification,
  request: SignedRequest,
  secret: string | KeyObject,
): string | null {
  const [from = '', name = ''] = field.startsWith('/') ? ['/', field] : field.split(/:(.*)/s);
  switch (from) {
    case 'timestamp':
      return timeText(verification, request);
    case 'body':
      return request.body;
    case 'secret':
      return typeof secret === 'string' ? secret : null;
    case 'url':
      return request.url;
    case 'method':
      return request.method;
    case 'header':
      return request.headers[name.toLowerCase()] ?? null;
    case 'query':
      return valueAt({ query: name }, request);
    case '/':
      return pointed(request.body, name);
    case 'form': {
      const fields = new URLSearchParams(request.body);
      if (name !== '') return fields.get(name);
      return [...fields]
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .flat()
        .join('');
    }
    default:
      throw new Error(`{${field}}: no such part`);
  }
}

function pointed(body: string, pointer: string): string | null {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return null;
  }
  for (const token of pointer.split('/').slice(1)) {
    if (typeof value !== 'object' || value === null) return null;
    value = (value as Record<string, unknown>)[token.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : null;
}

function signatureBytes(
  verification: SignedVerification,
  message: string,
  secret: string | KeyObject,
): Buffer {
  const data = Buffer.from(message);
  if (typeof secret !== 'string')
    return sign(verification.scheme === 'ed25519' ? null : (verification.digest ?? 'sha256'), data, secret);
  if (verification.scheme === 'hash') return createHash(verification.digest).update(data).digest();
  if (verification.scheme !== 'hmac') throw new Error(`${verification.scheme}: expected a private key`);
  return createHmac(verification.digest, keyOf(secret, verification.key ?? 'text'))
    .update(data)
    .digest();
}

export function keyOf(secret: string, form: KeyForm): Buffer {
  switch (form) {
    case 'text':
      return Buffer.from(secret);
    case 'hex':
      return Buffer.from(secret, 'hex');
    case 'base64':
      return Buffer.from(secret, 'base64');
    case 'whsec':
      return Buffer.from(secret.replace(/^(?:v1,)?whsec_/, ''), 'base64');
  }
}

/** The bytes of a signature in other encodings than its own, and in no encoding. */
export function spellingsOf(text: string, encoding: 'hex' | 'base64' | 'base64url'): string[] {
  const bytes = Buffer.from(text, encoding);
  const others = (['hex', 'base64', 'base64url', 'latin1'] as const).map((other) => bytes.toString(other));
  return [...others, `0x${bytes.toString('hex')}`].filter((other) => other !== text);
}

/** Of a public key as it is typed in. */
export function derOf(secret: string): Uint8Array {
  return Uint8Array.from(Buffer.from(secret.replace(/-----.*?-----|\s/g, ''), 'base64'));
}
