/**
 * Keys and inbound tokens: opaque texts that carry their tenant, so that a registration KV has not seen yet can
 * be asked for at its authority, and a checksum, so that a mistyped or invented one is known without asking. Only their
 * SHA-256 leaves the object that made them.
 */
import { hash } from 'node:crypto';
import { base64UrlOf } from '../core/base64.ts';
import { randomBytes } from '../random.ts';

const KEY = /^ph_([a-z0-9][a-z0-9-]{0,62})_([A-Za-z0-9_-]{43})([A-Za-z0-9_-]{6})?$/;
const TOKEN = /^([a-z0-9][a-z0-9-]{0,62})_([A-Za-z0-9_-]{43})([A-Za-z0-9_-]{6})?$/;
const RANDOM_BYTES = 32;
const CHECKSUM_CHARACTERS = 6;

export function newKey(tenant: string): string {
  return withChecksum(`ph_${tenant}_${randomText()}`);
}

export function newToken(tenant: string): string {
  return withChecksum(`${tenant}_${randomText()}`);
}

/** The tenant a key or token names, or null when the text cannot be one. */
export function tenantOfKey(key: string): string | null {
  return tenantIn(KEY, key);
}

export function tenantOfToken(token: string): string | null {
  return tenantIn(TOKEN, token);
}

/** SHA-256 in hex. A fast hash is right here: the input has 256 random bits. */
export function credentialHash(credential: string): string {
  return hash('sha256', credential, 'hex');
}

/** The first ones that were given out have no checksum; they stay good. */
function tenantIn(shape: RegExp, text: string): string | null {
  const [, tenant, , checksum] = shape.exec(text) ?? [];
  if (tenant === undefined) return null;
  return checksum === undefined || text === withChecksum(text.slice(0, -CHECKSUM_CHARACTERS)) ? tenant : null;
}

/** Without a secret: it tells slips and guesses from what may be right, and proves nothing. */
function withChecksum(text: string): string {
  return text + hash('sha256', text, 'base64url').slice(0, CHECKSUM_CHARACTERS);
}

function randomText(): string {
  return base64UrlOf(randomBytes(RANDOM_BYTES));
}
