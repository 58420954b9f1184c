/** From the text of a secret to the key that verifies. Null: it is none; the text is never shown. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { base64Of } from '../../core/base64.ts';
import { type KeyForm, type PublicKeyVerification } from './recipe.ts';
import { decoded } from './signature-list.ts';

/** An empty key signs nothing that anybody could not sign. */
export function keyBytes(secret: string, form: KeyForm): Uint8Array | null {
  switch (form) {
    case 'text':
      return secret === '' ? null : new TextEncoder().encode(secret);
    case 'hex':
      return decoded(secret, 'hex');
    case 'base64':
      return decoded(secret, 'base64');
    case 'whsec':
      return decoded(secret.replace(/^(v1,)?whsec_/, ''), 'base64');
  }
}

const SCHEMES: Readonly<Record<PublicKeyVerification['scheme'], (key: KeyObject) => boolean>> = {
  ed25519: (key) => key.asymmetricKeyType === 'ed25519',
  rsa: (key) => key.asymmetricKeyType === 'rsa',
  'ecdsa-p256': (key) =>
    key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1',
};

/** The SPKI of an Ed25519 key up to its 32 bytes. */
const ED25519_SPKI = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00] as const;
const ED25519_BYTES = 32;
const PEM = /^-----BEGIN PUBLIC KEY-----([\sA-Za-z0-9+/=]+)-----END PUBLIC KEY-----\s*$/;

export function publicKey(secret: string, scheme: PublicKeyVerification['scheme']): KeyObject | null {
  const [, pem] = PEM.exec(secret.trim()) ?? [];
  const text = (pem ?? secret).replace(/\s/g, '');
  const bytes =
    (scheme === 'ed25519' && pem === undefined ? decoded(text, 'hex') : null) ?? decoded(text, 'base64');
  if (bytes === null) return null;
  const isRaw = scheme === 'ed25519' && bytes.length === ED25519_BYTES;
  const der = isRaw ? Uint8Array.from([...ED25519_SPKI, ...bytes]) : bytes;
  try {
    const key = createPublicKey({
      key: `-----BEGIN PUBLIC KEY-----\n${base64Of(der)}\n-----END PUBLIC KEY-----\n`,
      format: 'pem',
    });
    return SCHEMES[scheme](key) ? key : null;
  } catch {
    return null;
  }
}
