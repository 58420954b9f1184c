/**
 * A posted body as JSON text, if it is that. The bytes stay the truth: what is decided here is only how they may be read.
 */
import { kindAt } from './json-text.ts';

const UTF8_BOM = [0xef, 0xbb, 0xbf] as const;

export type BodyText =
  /** Valid JSON. `text` is the body without a leading byte order mark. */
  | { readonly kind: 'json'; readonly text: string }
  | { readonly kind: 'not-utf-8' }
  | { readonly kind: 'not-json' };

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

export function bodyText(body: Uint8Array): BodyText {
  let text: string;
  try {
    text = UTF8.decode(body);
  } catch {
    return { kind: 'not-utf-8' };
  }
  try {
    JSON.parse(text);
  } catch {
    return { kind: 'not-json' };
  }
  return { kind: 'json', text };
}

/** The same bytes without a leading byte order mark; a view, not a copy. */
export function withoutBom(body: Uint8Array): Uint8Array {
  return UTF8_BOM.every((byte, at) => body[at] === byte) ? body.subarray(UTF8_BOM.length) : body;
}

export type ObjectText =
  | { readonly kind: 'object'; readonly text: string }
  /** `got` says in words what came instead. */
  | { readonly kind: 'other'; readonly got: string };

export function objectText(body: Uint8Array): ObjectText {
  const read = bodyText(body);
  switch (read.kind) {
    case 'not-utf-8':
      return { kind: 'other', got: 'bytes that are not UTF-8' };
    case 'not-json':
      return { kind: 'other', got: body.length === 0 ? 'an empty body' : 'text that is not JSON' };
    case 'json': {
      const { text } = read;
      const kind = kindAt(text, 0);
      return kind === 'object' ? { kind, text } : { kind: 'other', got: kind };
    }
  }
}
