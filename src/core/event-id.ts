/**
 * The relay's own event id: `evt_` and a ULID. Between the time and the random part stands the event's place in its
 * tenant's log, so that ids sort as the log does within a millisecond too, and the place is found without an index.
 */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const EVENT_ID = /^evt_[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const PREFIX = 'evt_';
const TIME_CHARS = 10;
const SEQ_CHARS = 8;
const MAX_TIME_MS = 2 ** 48 - 1;
const MAX_SEQ = 2 ** 40 - 1;
const RANDOM_BYTES = 5;

export type EventId = string & { readonly __brand: 'EventId' };

/** `seq` is the place in the log, from 0 to 2^40 - 1; `random` is 5 bytes. */
export function eventId(timeMs: number, seq: number, random: Uint8Array): EventId {
  if (!Number.isInteger(timeMs) || timeMs < 0 || timeMs > MAX_TIME_MS)
    throw new RangeError(`no ULID time: ${timeMs}`);
  if (!Number.isInteger(seq) || seq < 0 || seq > MAX_SEQ) throw new RangeError(`no place in a log: ${seq}`);
  if (random.length !== RANDOM_BYTES) throw new RangeError(`expected ${RANDOM_BYTES} random bytes`);
  const dice = random.reduce((sum, byte) => sum * 256 + byte, 0);
  return (PREFIX + base32(timeMs, TIME_CHARS) + base32(seq, SEQ_CHARS) + base32(dice, SEQ_CHARS)) as EventId;
}

export function isEventId(text: string): text is EventId {
  return EVENT_ID.test(text);
}

/** The event's place in the log, or null when the text is no event id. */
export function seqOfEventId(id: string): number | null {
  if (!isEventId(id)) return null;
  const start = PREFIX.length + TIME_CHARS;
  let seq = 0;
  for (const char of id.slice(start, start + SEQ_CHARS)) seq = seq * ALPHABET.length + ALPHABET.indexOf(char);
  return seq;
}

/** Crockford's base 32. Divides, as bitwise operators end at 32 bits. */
function base32(value: number, chars: number): string {
  let text = '';
  let rest = value;
  for (let at = 0; at < chars; at += 1) {
    text = ALPHABET.charAt(rest % ALPHABET.length) + text;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return text;
}
