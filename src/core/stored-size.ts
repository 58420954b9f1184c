/**
 * How large an event may be as it is stored. A row of a Durable Object's SQLite holds 2,000,000 bytes of UTF-8, and a
 * delivery's row holds the event, its attempts and how the hook fares: what the log has taken every hook can take too.
 */

/** Of body and envelope. What is left of the row is for up to 25 attempts (hook/attempt-record.ts, hook/report.ts). */
export const MAX_STORED_BYTES = 1_700_000;

/** What of an event goes into a row. */
export interface StoredParts {
  readonly type: string;
  readonly subject: string | null;
  readonly source: string;
  readonly event: string | null;
  readonly contentType: string | null;
  readonly head: string;
  readonly raw: Uint8Array;
}

export function isStorable(event: StoredParts): boolean {
  // No character takes more than three bytes for each of its units: of nearly all events that says enough.
  const most = event.raw.byteLength + 3 * textsOf(event).reduce((length, text) => length + text.length, 0);
  return most <= MAX_STORED_BYTES || storedBytes(event) <= MAX_STORED_BYTES;
}

export function storedBytes(event: StoredParts): number {
  return textsOf(event).reduce((bytes, text) => bytes + utf8Bytes(text), event.raw.byteLength);
}

export function utf8Bytes(text: string): number {
  return UTF8.encode(text).byteLength;
}

const UTF8 = new TextEncoder();

/** Source and subject stand there twice: they are the delivery's lane as well. */
function textsOf({ type, subject, source, event, contentType, head }: StoredParts): string[] {
  return [type, source, source, subject ?? '', subject ?? '', event ?? '', contentType ?? '', head];
}
