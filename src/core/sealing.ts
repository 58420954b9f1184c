/**
 * Secrets at rest: AES-256-GCM, each bound to the tenant, the object and the member that it belongs to, so that one that is
 * moved to another place does not open there. Pure: the random bytes are an argument, and nothing is stored.
 */
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { base64Of, bytesOfBase64 } from './base64.ts';

export interface SealingKey {
  /** Names the key in what it has sealed; tells nothing of it. */
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** The first seals, all of them open. None: texts are kept as they are. */
export type KeyRing = readonly SealingKey[];

export const NO_KEYS: KeyRing = [];

/** Where a text belongs. */
export interface Binding {
  readonly tenant: string;
  readonly object: string;
  readonly member: string;
}

export const SEAL_MARK = 'posthorn-sealed:1:';
export const NONCE_BYTES = 12;
const KEY_BYTES = 32;
const TAG_BYTES = 16;
const ID_CHARACTERS = 16;
/** 32 bytes, with or without their padding. */
const KEY_TEXT = /^[A-Za-z0-9+/]{43}=?$/;

/** Null: it is not what `KEY_RING_RULE` asks for. An empty text is a ring without keys. */
export function readKeyRing(text: string): KeyRing | null {
  if (text.trim() === '') return NO_KEYS;
  const ring: SealingKey[] = [];
  for (const part of text.split(',').map((one) => one.trim())) {
    const bytes = KEY_TEXT.test(part) ? bytesOfBase64(part) : null;
    if (bytes?.byteLength !== KEY_BYTES) return null;
    ring.push({ id: idOf(bytes), bytes });
  }
  return ring;
}

export const KEY_RING_RULE = `keys of ${KEY_BYTES} bytes as base64, separated by commas, the one that encrypts first`;

/** The text as it is kept. One that is sealed already stays as it is: it could not be opened. */
export function seal(ring: KeyRing, binding: Binding, text: string, nonce: Uint8Array): string {
  const [key] = ring;
  if (key === undefined || isSealed(text)) return text;
  const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce);
  cipher.setAAD(aadOf(binding));
  const sealed = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
  return `${SEAL_MARK}${key.id}:${base64Of(joined(sealed))}`;
}

/**
 * What was sealed. A text that was kept as it is comes back so, and one that does not open stays sealed: its key is missing,
 * it was sealed for another place, or it was changed.
 */
export function open(ring: KeyRing, binding: Binding, kept: string): string {
  const keyId = sealedUnder(kept);
  if (keyId === null) return kept;
  const key = ring.find(({ id }) => id === keyId);
  if (key === undefined) return kept;
  try {
    const bytes = bytesOfBase64(kept.slice(SEAL_MARK.length + keyId.length + 1));
    const end = bytes.byteLength - TAG_BYTES;
    const decipher = createDecipheriv('aes-256-gcm', key.bytes, bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(aadOf(binding));
    decipher.setAuthTag(bytes.subarray(end));
    const opened = decipher.update(bytes.subarray(NONCE_BYTES, end));
    decipher.final();
    return opened.toString('utf8');
  } catch {
    return kept;
  }
}

/** Of a text that has been opened: it could not be. */
export function isSealed(text: string): boolean {
  return text.startsWith(SEAL_MARK);
}

/** Id of the key that opens it; null: it is not sealed. */
export function sealedUnder(text: string): string | null {
  if (!isSealed(text)) return null;
  return text.slice(SEAL_MARK.length, SEAL_MARK.length + ID_CHARACTERS);
}

/** Of a text as it is kept: is it not under the first key, though there is one? */
export function isOutdated(ring: KeyRing, kept: string): boolean {
  const [key] = ring;
  return key !== undefined && sealedUnder(kept) !== key.id;
}

/** As JSON, so that no two places read the same. */
function aadOf({ tenant, object, member }: Binding): Uint8Array {
  return new TextEncoder().encode(JSON.stringify([tenant, object, member]));
}

function idOf(bytes: Uint8Array): string {
  return createHash('sha256')
    .update('posthorn secrets key\n')
    .update(bytes)
    .digest('hex')
    .slice(0, ID_CHARACTERS);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}
