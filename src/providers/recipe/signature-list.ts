/** The signatures in one value of a request: one, or several in a list, each as bytes. */
import { bytesOfBase64, base64Of, base64UrlOf } from '../../core/base64.ts';
import { type Encoding, type SignatureList, type SignatureSpot } from './recipe.ts';

/** A sender signs with each of its live keys; what a stranger puts behind them costs nothing. */
const MAX_SIGNATURES = 20;
/** One of RSA with 8,192 bits in hex is shorter. */
const MAX_SIGNATURE_CHARACTERS = 4096;

/** Signatures that share a time, which is null where they have none of their own. */
export interface SignatureGroup {
  readonly signatures: readonly Uint8Array[];
  readonly timestamp: string | null;
}

/**
 * Null: the value is not as the recipe says, in any part of it that counts.
 * @param timestampKey where in the list the time stands; null: elsewhere, or there is none
 */
export function signatureGroups(
  value: string,
  { encoding, prefix = '', list }: SignatureSpot,
  timestampKey: string | null,
): SignatureGroup[] | null {
  if (list === undefined) {
    const signature = decodedBehind(value, prefix, encoding);
    return signature === null ? null : [{ signatures: [signature], timestamp: null }];
  }
  const groups: SignatureGroup[] = [];
  for (const text of list.groups === undefined ? [value] : value.split(list.groups, MAX_SIGNATURES)) {
    const group = groupOf(
      text.split(list.separator, MAX_SIGNATURES + 1),
      list,
      prefix,
      encoding,
      timestampKey,
    );
    if (group === null) return null;
    groups.push(group);
  }
  return groups;
}

function groupOf(
  items: readonly string[],
  { key, assign = '=' }: SignatureList,
  prefix: string,
  encoding: Encoding,
  timestampKey: string | null,
): SignatureGroup | null {
  const signatures: Uint8Array[] = [];
  let timestamp: string | null = null;
  for (const [at, item] of items.entries()) {
    const mark = key === undefined ? -1 : item.indexOf(assign);
    const name = key === undefined ? String(at) : item.slice(0, Math.max(mark, 0));
    const text = mark === -1 ? item : item.slice(mark + assign.length);
    if (name === timestampKey) {
      // Of two times it is not known which one counts; a header that came twice has two.
      if (timestamp !== null) return null;
      timestamp = text;
    } else if (key === undefined || name === key) {
      const signature = decodedBehind(text, prefix, encoding);
      if (signature === null) return null;
      signatures.push(signature);
    } else if (/\s/.test(name)) {
      return null;
    }
  }
  return timestampKey !== null && timestamp === null ? null : { signatures, timestamp };
}

function decodedBehind(text: string, prefix: string, encoding: Encoding): Uint8Array | null {
  return text.startsWith(prefix) ? decoded(text.slice(prefix.length), encoding) : null;
}

/** Only from the one spelling that an encoder gives: another text is another signature. Empty: null. */
export function decoded(text: string, encoding: Encoding): Uint8Array | null {
  if (text.length > MAX_SIGNATURE_CHARACTERS) return null;
  switch (encoding) {
    case 'hex':
      return /^(?:[0-9a-f]{2})+$|^(?:[0-9A-F]{2})+$/.test(text) ? bytesOfHex(text) : null;
    case 'base64':
      return /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length % 4 === 0
        ? onlySpelling(bytesOfBase64(text), text, base64Of)
        : null;
    case 'base64url': {
      const bare = text.replace(/={1,2}$/, '');
      if (!/^[A-Za-z0-9_-]+$/.test(bare) || bare.length % 4 === 1) return null;
      return onlySpelling(bytesOfBase64(bare.replaceAll('-', '+').replaceAll('_', '/')), bare, base64UrlOf);
    }
  }
}

function bytesOfHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, at) =>
    parseInt(text.slice(2 * at, 2 * at + 2), 16),
  );
}

function onlySpelling(
  bytes: Uint8Array,
  text: string,
  encoded: (bytes: Uint8Array) => string,
): Uint8Array | null {
  return encoded(bytes) === text ? bytes : null;
}
