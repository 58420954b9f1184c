/**
 * Compressed request bodies (RFC 9110 §8.4). Decoded bytes are counted while they come, so that a small body which
 * would grow to a huge one is stopped at the cap.
 */
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';

/** Those that are decoded, as `accept-encoding` names them. */
export const DECODED_CODINGS = 'gzip, deflate, br';

/** One coding over another is rare, more of them are nothing a sender does. */
const MAX_CODINGS = 3;

export type Decoding =
  | { readonly kind: 'decoded'; readonly body: Uint8Array }
  | { readonly kind: 'too-large' }
  /** The bytes are not what the header says. */
  | { readonly kind: 'malformed'; readonly coding: string }
  | { readonly kind: 'unsupported'; readonly coding: string };

type Decode = (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array;

const DECODERS: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ['gzip', gunzipSync],
  ['x-gzip', gunzipSync],
  ['br', brotliDecompressSync],
  // By the standard in zlib's format; some senders leave its head and tail away.
  ['deflate', (bytes, options) => (isZlib(bytes) ? inflateSync : inflateRawSync)(bytes, options)],
]);

/**
 * @param header `content-encoding`: codings in the order in which they were applied; null: none
 * @param maxBytes of the decoded body, and of what is between two codings
 */
export function decodedBody(body: Uint8Array, header: string | null, maxBytes: number): Decoding {
  const codings = codingsIn(header);
  const unknown = codings.find((coding) => !DECODERS.has(coding));
  if (unknown !== undefined) return { kind: 'unsupported', coding: unknown };
  if (codings.length > MAX_CODINGS) return { kind: 'unsupported', coding: codings.join(', ') };
  if (codings.length === 0) return { kind: 'decoded', body };
  let decoded = body;
  for (const coding of codings.reverse()) {
    if (decoded.byteLength === 0) break;
    const decode = DECODERS.get(coding);
    if (decode === undefined) return { kind: 'unsupported', coding };
    try {
      decoded = decode(decoded, { maxOutputLength: maxBytes });
    } catch (error) {
      // More output than is allowed; whatever else is wrong with the bytes is an error of another kind.
      return error instanceof RangeError ? { kind: 'too-large' } : { kind: 'malformed', coding };
    }
  }
  return { kind: 'decoded', body: new Uint8Array(decoded.buffer, decoded.byteOffset, decoded.byteLength) };
}

/** Those that change anything. */
function codingsIn(header: string | null): string[] {
  return (header ?? '')
    .split(',')
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== '' && coding !== 'identity');
}

/** A head of zlib's format (RFC 1950): the method is deflate, and both bytes together are a multiple of 31. */
function isZlib([first = 0, second = 0]: Uint8Array): boolean {
  return first % 16 === 8 && (first * 256 + second) % 31 === 0;
}
