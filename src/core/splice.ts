/**
 * How a stored body goes into its envelope. What is stored in front of it is the envelope's text up to that place; the
 * body is put in unchanged: as JSON, as base64, or as a JSON string.
 */
import { base64Of } from './base64.ts';
import { withoutBom } from './body.ts';

interface Slot {
  readonly open: string;
  /** Closes what is open in front of the body. */
  readonly tail: string;
  readonly as: 'json' | 'base64' | 'text';
}

/** `json`, `base64`: a provider's body within `data`. The others: the body is the data of an event in binary mode. */
const SLOTS = {
  json: { open: ',"raw":', tail: '}}', as: 'json' },
  base64: { open: ',"rawBase64":', tail: '}}', as: 'base64' },
  data: { open: ',"data":', tail: '}', as: 'json' },
  'data-text': { open: ',"data":', tail: '}', as: 'text' },
  'data-base64': { open: ',"data_base64":', tail: '}', as: 'base64' },
} as const satisfies Readonly<Record<string, Slot>>;

export type SplicedKind = keyof typeof SLOTS;
/** The body is the data itself. */
export type DataKind = Exclude<SplicedKind, 'json' | 'base64'>;

export function isSpliced(kind: string): kind is SplicedKind {
  return Object.hasOwn(SLOTS, kind);
}

export function isDataKind(kind: string): kind is DataKind {
  return isSpliced(kind) && kind !== 'json' && kind !== 'base64';
}

/** The stored text with nothing in the place of the body: valid JSON. */
export function closed(head: string, kind: SplicedKind): string {
  return head + SLOTS[kind].tail;
}

/** `tail`: what `head` still needs, where it is a part of what was stored. */
export function splice(head: string, kind: SplicedKind, raw: Uint8Array, tail?: string): Uint8Array {
  const slot = SLOTS[kind];
  return concatenated([UTF8.encode(head + slot.open), pieceOf(raw, slot.as), UTF8.encode(tail ?? slot.tail)]);
}

function pieceOf(raw: Uint8Array, as: Slot['as']): Uint8Array {
  switch (as) {
    case 'json':
      return withoutBom(raw);
    case 'base64':
      return UTF8.encode(`"${base64Of(raw)}"`);
    case 'text':
      return UTF8.encode(JSON.stringify(TEXT.decode(raw)));
  }
}

const UTF8 = new TextEncoder();
/** What stands in front of a text is a part of it. */
const TEXT = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
