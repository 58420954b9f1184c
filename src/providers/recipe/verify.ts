/**
 * Whether a request is its sender's. Each secret in force is tried, so that the time taken does not tell which one fits;
 * digests are compared as bytes, in constant time. An empty secret verifies nothing.
 */
import { createHash, createHmac, hash, timingSafeEqual, verify, type KeyObject } from 'node:crypto';
import { type Assurance } from '../../core/envelope.ts';
import { valueWhen } from './condition.ts';
import { type Scope } from './filling.ts';
import { isJwtOf } from './jwt.ts';
import { keyBytes, publicKey } from './key.ts';
import { inOnePiece, isSignable, messageOf, type MessageOf, type Piece } from './message.ts';
import { type Received } from './received.ts';
import {
  type ContentDigest,
  type JwtVerification,
  type PublicKeyVerification,
  type SignedVerification,
  type Spot,
  type TokenVerification,
  type Verification,
} from './recipe.ts';
import { decoded, signatureGroups, type SignatureGroup } from './signature-list.ts';
import { valuesAt } from './spot.ts';
import { type Splits } from './split.ts';
import { type Part } from './template.ts';
import { isTimely } from './timestamp.ts';

export interface Verifier {
  readonly assurance: Assurance;
  /** Whether the request shows what this one checks. */
  carries(received: Received): boolean;
  holds(received: Received, secrets: readonly string[], nowMs: number): boolean;
}

export interface VerifierContext {
  readonly splits: Splits;
  readonly username: string;
  /** The relay signs what senders ask it to, in a handshake: nothing of that form is a message. */
  readonly isRelaySigning: boolean;
  /** The parts of the message, where there is one. */
  readonly message: readonly Part[];
}

export function verifierOf(verification: Verification, context: VerifierContext): Verifier {
  const verifier = withKeysOf(verification, verifierByScheme(verification, context));
  const { when } = verification;
  if (when === undefined) return verifier;
  return {
    ...verifier,
    carries: (received) =>
      valueWhen(when, { received, item: received.document, parents: [] }) !== null &&
      verifier.carries(received),
  };
}

/** Where the key is fetched no secret counts: it would be one that everybody knows. */
function withKeysOf(verification: Verification, verifier: Verifier): Verifier {
  if (!isFetched(verification)) return verifier;
  return {
    ...verifier,
    holds: (received, _secrets, nowMs) => {
      const { senderKey = null } = received.arrived;
      return verifier.holds(received, senderKey === null ? [] : [senderKey], nowMs);
    },
  };
}

export function isFetched(verification: Verification): boolean {
  return 'fetched' in verification && verification.fetched === true;
}

function verifierByScheme(verification: Verification, context: VerifierContext): Verifier {
  switch (verification.scheme) {
    case 'none':
      return { assurance: 'none', carries: () => true, holds: () => true };
    case 'basic':
      return basicVerifier(context.username);
    case 'token':
      return tokenVerifier(verification);
    case 'jwt':
      return jwtVerifier(verification);
    case 'hmac':
    case 'hash':
    case 'ed25519':
    case 'ecdsa-p256':
    case 'rsa':
      return signatureVerifier(verification, context);
  }
}

const BASIC = /^basic +([A-Za-z0-9+/]+={0,2})$/i;

function basicVerifier(username: string): Verifier {
  return {
    assurance: 'token',
    carries: (received) => received.header('authorization') !== null,
    holds: (received, secrets) => {
      const [, base64 = ''] = BASIC.exec(received.header('authorization') ?? '') ?? [];
      const shown = decoded(base64, 'base64');
      return (
        shown !== null &&
        isOneOf(
          shown,
          secrets.filter(isSecret).map((secret) => `${username}:${secret}`),
        )
      );
    },
  };
}

function tokenVerifier({ signature, each = false }: TokenVerification): Verifier {
  const { prefix = '' } = signature;
  return {
    assurance: 'token',
    carries: (received) => isCarried(signature, scopesOf(received, each)),
    holds: (received, secrets) =>
      allOf(scopesOf(received, each), (scope) => {
        const shown = valuesAt(signature, scope)
          .filter((value) => value.startsWith(prefix))
          .map((value) => new TextEncoder().encode(value.slice(prefix.length)));
        const known = secrets.filter(isSecret);
        return shown.filter((value) => isOneOf(value, known)).length > 0;
      }),
  };
}

function jwtVerifier({ signature, algorithm = 'HS256', audience }: JwtVerification): Verifier {
  const { prefix = '' } = signature;
  const rule = { algorithm, audience: audience ?? null };
  return {
    assurance: 'token',
    carries: (received) => isCarried(signature, scopesOf(received, false)),
    holds: (received, secrets, nowMs) =>
      allOf(scopesOf(received, false), (scope) =>
        valuesAt(signature, scope)
          .filter((value) => value.startsWith(prefix))
          .some((value) => isJwtOf(value.slice(prefix.length), rule, secrets, nowMs)),
      ),
  };
}

function signatureVerifier(verification: SignedVerification, context: VerifierContext): Verifier {
  const { signature, each = false, content } = verification;
  const holdsFor = signatureCheck(verification, context);
  return {
    assurance: 'signature',
    carries: (received) => isCarried(signature, scopesOf(received, each)),
    holds: (received, secrets, nowMs) =>
      allOf(
        scopesOf(received, each),
        (scope) => holdsFor(scope, secrets, nowMs) && (content === undefined || hasContent(content, scope)),
      ),
  };
}

/** Whether the signatures of one scope are good. */
function signatureCheck(
  verification: SignedVerification,
  { splits, message, isRelaySigning }: VerifierContext,
): (scope: Scope, secrets: readonly string[], nowMs: number) => boolean {
  const { signature, timestamp } = verification;
  const listKey = timestamp?.list ?? null;
  /** Null: the signature has no time, or none that counts. */
  const timeOf = (scope: Scope, group: SignatureGroup): string | null => {
    if (timestamp === undefined) return null;
    return listKey === null ? (valuesAt(timestamp, scope)[0] ?? null) : group.timestamp;
  };
  const messageIn: MessageOf = messageOf(message, splits);
  const isSigned = signedBy(verification);
  return (scope, secrets, nowMs) =>
    valuesAt(signature, scope)
      .flatMap((value) => signatureGroups(value, signature, listKey) ?? [])
      .some((group) => {
        const time = timeOf(scope, group);
        if (timestamp !== undefined && (time === null || !isTimely(time, timestamp, nowMs))) return false;
        const fitting = secrets.filter(isSecret).filter((secret) => {
          const pieces = messageIn(scope, { timestamp: time, secret });
          if (pieces === null || (isRelaySigning && isSignable(pieces))) return false;
          return isSigned(pieces, secret, group.signatures);
        });
        return fitting.length > 0;
      });
}

type IsSigned = (message: readonly Piece[], secret: string, signatures: readonly Uint8Array[]) => boolean;

function signedBy(verification: SignedVerification): IsSigned {
  switch (verification.scheme) {
    case 'hmac': {
      const { digest, key: form = 'text' } = verification;
      return (message, secret, signatures) => {
        const key = keyBytes(secret, form);
        if (key === null) return false;
        const hmac = createHmac(digest, key);
        for (const piece of message) hmac.update(piece);
        return isAmong(hmac.digest(), signatures);
      };
    }
    case 'hash':
      return (message, _secret, signatures) => {
        const made = createHash(verification.digest);
        for (const piece of message) made.update(piece);
        return isAmong(made.digest(), signatures);
      };
    case 'ed25519':
    case 'ecdsa-p256':
    case 'rsa':
      return signedByKeyPair(verification);
  }
}

/** A source has few secrets; those of the past are soon forgotten. */
const REMEMBERED_KEYS = 10;

function signedByKeyPair({ scheme, digest = 'sha256' }: PublicKeyVerification): IsSigned {
  const keys = new Map<string, KeyObject | null>();
  return (message, secret, signatures) => {
    let key = keys.get(secret);
    if (key === undefined) {
      if (keys.size >= REMEMBERED_KEYS) keys.clear();
      key = publicKey(secret, scheme);
      keys.set(secret, key);
    }
    if (key === null) return false;
    const bytes = inOnePiece(message);
    const algorithm = scheme === 'ed25519' ? null : digest;
    return signatures.some((signature) => isSignature(algorithm, bytes, key, signature));
  };
}

/** A signature that is none of its scheme throws in some runtimes. */
function isSignature(
  algorithm: string | null,
  bytes: Uint8Array,
  key: KeyObject,
  signature: Uint8Array,
): boolean {
  try {
    return verify(algorithm, bytes, key, signature);
  } catch {
    return false;
  }
}

/** Text of a content's digest, in the same spelling that a signature has. */
function hasContent(content: ContentDigest, scope: Scope): boolean {
  const { prefix = '', encoding, digest } = content;
  const made = createHash(digest).update(scope.received.arrived.body).digest();
  const [value, ...others] = valuesAt(content, scope);
  if (value?.startsWith(prefix) !== true || others.length > 0) return false;
  const claimed = decoded(value.slice(prefix.length), encoding);
  return claimed !== null && isAmong(made, [claimed]);
}

function isAmong(expected: Uint8Array, claims: readonly Uint8Array[]): boolean {
  return (
    claims.filter((claim) => claim.length === expected.length && timingSafeEqual(claim, expected)).length > 0
  );
}

/** By their digests: lengths tell nothing then. */
function isOneOf(shown: Uint8Array, known: readonly string[]): boolean {
  const digestOf = (data: string | Uint8Array) => hash('sha256', data, 'buffer');
  const claimed = digestOf(shown);
  return known.filter((text) => timingSafeEqual(claimed, digestOf(text))).length > 0;
}

function isSecret(secret: string): boolean {
  return secret !== '';
}

/** The body as one, or each of its items. */
function scopesOf(received: Received, each: boolean): readonly Scope[] {
  if (!each) return [{ received, item: received.document, parents: [] }];
  const { splitting } = received;
  return splitting?.kind === 'items'
    ? splitting.items.map(({ item, parents }) => ({ received, item, parents }))
    : [];
}

/** Where there is nothing to check, nothing holds. */
function allOf(scopes: readonly Scope[], holds: (scope: Scope) => boolean): boolean {
  return scopes.length > 0 && scopes.every(holds);
}

function isCarried(spot: Spot, scopes: readonly Scope[]): boolean {
  return scopes.some((scope) => valuesAt(spot, scope).length > 0);
}
