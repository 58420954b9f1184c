/** What was signed, put together from a request: exact bytes. */
import { crc32 } from 'node:zlib';
import { finding, type Fill, type Scope } from './filling.ts';
import { type Splits } from './split.ts';
import { fieldText, type Part } from './template.ts';

export interface Signing {
  /** As it was sent; null: the signature has no time. */
  readonly timestamp: string | null;
  readonly secret: string;
}

/** A piece of a message. A text stands for its UTF-8. */
export type Piece = string | Uint8Array;

export type MessageOf = (scope: Scope, signing: Signing) => Piece[] | null;

/** The message is null where a part of it is absent: nothing can have signed it. */
export function messageOf(parts: readonly Part[], splits: Splits): MessageOf {
  const pieces = parts.map((part) => pieceOf(part, splits));
  return (scope, signing) => {
    const message: Piece[] = [];
    for (const piece of pieces) {
      const found = piece(scope, signing);
      if (found === null) return null;
      message.push(found);
    }
    return message;
  };
}

function pieceOf(part: Part, splits: Splits): (scope: Scope, signing: Signing) => Piece | null {
  if (part.kind === 'text') return () => part.text;
  const { field, filters } = part;
  switch (field.from) {
    case 'bytes':
      return ({ received }) => received.arrived.body;
    case 'crc32':
      return ({ received }) => String(crc32(received.arrived.body));
    case 'timestamp':
      return (_scope, { timestamp }) => fieldText(filters, timestamp);
    case 'secret':
      return (_scope, { secret }) => secret;
    default: {
      const find: Fill = finding(field, splits);
      return (scope) => fieldText(filters, find(scope));
    }
  }
}

export function inOnePiece(pieces: readonly Piece[]): Uint8Array {
  const parts = pieces.map((piece) => (typeof piece === 'string' ? new TextEncoder().encode(piece) : piece));
  const message = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0));
  let at = 0;
  for (const part of parts) {
    message.set(part, at);
    at += part.length;
  }
  return message;
}

/** The form of what the relay signs in a handshake, which no message may have: it would be a way to get any message signed. */
const SIGNABLE = /^[A-Za-z0-9._~+/=-]+$/;
const MAX_SIGNABLE_BYTES = 256;

export function isSignable(message: string | readonly Piece[]): boolean {
  if (typeof message === 'string') return message.length <= MAX_SIGNABLE_BYTES && SIGNABLE.test(message);
  const bytes = message.reduce((sum, piece) => sum + piece.length, 0);
  return bytes <= MAX_SIGNABLE_BYTES && SIGNABLE.test(new TextDecoder().decode(inOnePiece(message)));
}
