/**
 * DER, as far as a certificate needs it: what a tag holds, and where it ends. Definite lengths alone; what runs over its
 * end, or says its length in more bytes than it needs, is none.
 * Source: ITU-T X.690, 8.1 and 10.1.
 */

/** `start`: of the tag. `content`, `end`: of what it holds. */
export interface Tlv {
  readonly tag: number;
  readonly start: number;
  readonly content: number;
  readonly end: number;
}

/** Of a length in its own bytes: four of them are 4 GiB. */
const MAX_LENGTH_BYTES = 4;
const MULTI_BYTE_TAG = 0x1f;

/** Null: there is none at that place. `end`: where what holds it ends. */
export function tlvAt(bytes: Uint8Array, start: number, end: number): Tlv | null {
  const [tag, first] = [bytes[start], bytes[start + 1]];
  if (tag === undefined || first === undefined || start + 2 > end) return null;
  if ((tag & MULTI_BYTE_TAG) === MULTI_BYTE_TAG) return null;
  let length = first;
  let content = start + 2;
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count === 0 || count > MAX_LENGTH_BYTES || content + count > end) return null;
    length = 0;
    for (let at = 0; at < count; at += 1) length = length * 256 + (bytes[content + at] ?? 0);
    const isShortest = length >= 0x80 && length >= 256 ** (count - 1);
    if (!isShortest) return null;
    content += count;
  }
  return content + length > end ? null : { tag, start, content, end: content + length };
}

/** What a constructed tag holds, in order; null: it does not fill it exactly, or there is too much. */
export function tlvsIn(bytes: Uint8Array, { content, end }: Tlv, most: number): Tlv[] | null {
  const found: Tlv[] = [];
  for (let at = content; at < end;) {
    const next = tlvAt(bytes, at, end);
    if (next === null || found.length === most) return null;
    found.push(next);
    at = next.end;
  }
  return found;
}
