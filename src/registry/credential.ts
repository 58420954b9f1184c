/**
 * Keys and inbound tokens: opaque texts that carry their tenant, so that a registration KV has not seen yet can
 * be asked for at its authority. Only their SHA-256 leaves the object that made them.
 */
import { hash } from 'node:crypto';
import { base64UrlOf } from '../core/base64.ts';
import { randomBytes } from '../random.ts';

const KEY = /^ph_([a-z0-9][a-z0-9-]{0,62})_([A-Za-z0-9_-]{43})$/;
const TOKEN = /^([a-z0-9][a-z0-9-]{0,62})_([A-Za-z0-9_-]{43})$/;
const RANDOM_BYTES = 32;

export function newKey(tenant: string): string {
  return `ph_${tenant}_${randomText()}`;
}

export function newToken(tenant: string): string {
  return `${tenant}_${randomText()}`;
}

/** The tenant a key or token names, or null when the text cannot be one. */
export function tenantOfKey(key: string): string | null {
  return KEY.exec(key)?.[1] ?? null;
}

export function tenantOfToken(token: string): string | null {
  return TOKEN.exec(token)?.[1] ?? null;
}

/** SHA-256 in hex. A fast hash is right here: the input has 256 random bits. */
export function credentialHash(credential: string): string {
  return hash('sha256', credential, 'hex');
}

function randomText(): string {
  return base64UrlOf(randomBytes(RANDOM_BYTES));
}
