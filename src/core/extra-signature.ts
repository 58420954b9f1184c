/**
 * Further signatures of a delivery, for receivers that already check one: the words are those in which a recipe says
 * how a provider signs. Reads the parts of a message and makes the header; a secret is in no problem and no message.
 */
import { createHmac } from 'node:crypto';
import { bytesOfBase64 } from './base64.ts';
import { MASK } from './mask.ts';

export const SIGNATURE_DIGESTS = ['sha256', 'sha1', 'sha512'] as const;
export const SIGNATURE_KEYS = ['text', 'base64', 'hex', 'whsec'] as const;
export const SIGNATURE_ENCODINGS = ['hex', 'base64', 'base64url'] as const;
export const MAX_SIGNATURES = 3;

export interface ExtraSignature {
  /** Lower case. */
  readonly header: string;
  /** Write-only towards the API. */
  readonly secret: string;
  readonly scheme: 'hmac';
  readonly digest: (typeof SIGNATURE_DIGESTS)[number];
  /** How the bytes of the key are read from the secret. */
  readonly key: (typeof SIGNATURE_KEYS)[number];
  readonly encoding: (typeof SIGNATURE_ENCODINGS)[number];
  /** In front of the encoded signature; may hold `{timestamp}`. */
  readonly prefix?: string | undefined;
  /** Joined and signed: plain text, and text in braces that each attempt fills. */
  readonly message: readonly string[];
}

/** What one attempt fills in. */
export interface SignedAttempt {
  readonly body: Uint8Array;
  /** That of the attempt, Unix seconds. */
  readonly timestampSeconds: number;
  readonly method: string;
  /** As it is called. */
  readonly url: string;
  /** As they are sent, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface SignatureProblem {
  /** JSON Pointer within the signature. */
  readonly path: string;
  readonly expected: string;
  readonly got: string;
}

const MAX_PARTS = 20;
const MAX_PART_CHARACTERS = 400;
const MAX_PREFIX_CHARACTERS = 100;
const PIECE = /\{([^{}]*)\}|([^{}]+)|([{}])/g;
const KNOWN = '{body}, {timestamp}, {url}, {method} or {header:name}';
const HEADER_PART = /^header:[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;

/** What is wrong with its message, prefix and key; whether the header may be set is a matter of all of a hook's headers. */
export function signatureProblems(signature: ExtraSignature): SignatureProblem[] {
  const { message, prefix = '', secret, key } = signature;
  const problems: SignatureProblem[] = [];
  if (message.length < 1 || message.length > MAX_PARTS) {
    problems.push({ path: '/message', expected: `1 to ${MAX_PARTS} parts`, got: `${message.length}` });
  }
  for (const [index, part] of message.entries()) {
    const path = `/message/${index}`;
    if (part.length > MAX_PART_CHARACTERS) {
      problems.push({ path, expected: `at most ${MAX_PART_CHARACTERS} characters`, got: `${part.length}` });
    }
    for (const got of unknownPieces(part, isMessagePart))
      problems.push({ path, expected: `text, ${KNOWN}`, got });
  }
  if (message.length > 0 && !message.some((part) => part.includes('{body}'))) {
    problems.push({
      path: '/message',
      expected: 'a part with {body}',
      got: 'none, so that any body would do',
    });
  }
  if (prefix.length > MAX_PREFIX_CHARACTERS || /[^\x20-\x7e]/.test(prefix)) {
    const expected = `at most ${MAX_PREFIX_CHARACTERS} printable characters`;
    problems.push({ path: '/prefix', expected, got: `a string of ${prefix.length} characters` });
  }
  for (const got of unknownPieces(prefix, (name) => name === 'timestamp')) {
    problems.push({ path: '/prefix', expected: 'text or {timestamp}', got });
  }
  if (secret === MASK) {
    const expected = 'the secret itself, as there is none that the mask could keep';
    problems.push({ path: '/secret', expected, got: 'the mask' });
  } else if (keyBytes(secret, key) === null) {
    problems.push({
      path: '/secret',
      expected: KEY_WORDS[key],
      got: `a string of ${secret.length} characters`,
    });
  }
  return problems;
}

/** The headers that these signatures add. Throws on a secret that is none: it was checked when it was saved. */
export function extraSignatures(
  signatures: readonly ExtraSignature[],
  attempt: SignedAttempt,
): Record<string, string> {
  return Object.fromEntries(signatures.map((signature) => [signature.header, valueOf(signature, attempt)]));
}

function valueOf(
  { secret, key, digest, encoding, prefix = '', message }: ExtraSignature,
  attempt: SignedAttempt,
): string {
  const bytes = keyBytes(secret, key);
  if (bytes === null) throw new Error(`stored signature secret: expected ${KEY_WORDS[key]}`);
  const mac = createHmac(digest, bytes);
  for (const part of message) {
    for (const [piece, name] of part.matchAll(PIECE))
      mac.update(name === undefined ? piece : filled(name, attempt));
  }
  return prefix.replaceAll('{timestamp}', String(attempt.timestampSeconds)) + mac.digest(encoding);
}

function filled(
  name: string,
  { body, timestampSeconds, method, url, headers }: SignedAttempt,
): string | Uint8Array {
  switch (name) {
    case 'body':
      return body;
    case 'timestamp':
      return String(timestampSeconds);
    case 'method':
      return method;
    case 'url':
      return url;
    default:
      return headers[name.slice('header:'.length).toLowerCase()] ?? '';
  }
}

function isMessagePart(name: string): boolean {
  return ['body', 'timestamp', 'url', 'method'].includes(name) || HEADER_PART.test(name);
}

/** Braces of which a text makes no use. */
function unknownPieces(text: string, isKnown: (name: string) => boolean): string[] {
  return [...text.matchAll(PIECE)]
    .filter(([, name, , brace]) => brace !== undefined || (name !== undefined && !isKnown(name)))
    .map(([piece]) => JSON.stringify(piece.slice(0, 60)));
}

const KEY_WORDS: Readonly<Record<ExtraSignature['key'], string>> = {
  text: 'a text of at least one character',
  base64: 'the base64 of at least one byte',
  hex: 'pairs of hexadecimal digits',
  whsec: 'whsec_ and the base64 of at least one byte',
};

/** null: the secret is none of its kind. An empty key signs nothing that anybody could not sign. */
function keyBytes(secret: string, form: ExtraSignature['key']): Uint8Array | null {
  switch (form) {
    case 'text':
      return secret === '' ? null : new TextEncoder().encode(secret);
    case 'hex':
      return bytesOfHex(secret);
    case 'base64':
      return bytesOf(secret);
    case 'whsec':
      return secret.startsWith('whsec_') ? bytesOf(secret.slice('whsec_'.length)) : null;
  }
}

function bytesOf(base64: string): Uint8Array | null {
  // With or without padding; in this form atob neither throws nor skips anything.
  const bare = base64.replace(/={1,2}$/, '');
  if (bare === '' || bare.length % 4 === 1 || !/^[A-Za-z0-9+/]+$/.test(bare)) return null;
  return bytesOfBase64(bare);
}

function bytesOfHex(hex: string): Uint8Array | null {
  if (!/^([0-9a-fA-F]{2})+$/.test(hex)) return null;
  return Uint8Array.from({ length: hex.length / 2 }, (_, at) => parseInt(hex.slice(2 * at, 2 * at + 2), 16));
}
