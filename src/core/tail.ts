/** What goes over the WebSocket of a viewer: the log's events as they come, by cursor, as frames of `posthorn.tail.v1`. */

export const TAIL_PROTOCOL = 'posthorn.tail.v1';

/** Why the relay closes the connection of a viewer, as WebSocket close codes. */
export const TAIL_CLOSES = {
  'bad-frame': 4400,
  'bad-key': 4401,
  'no-tenant': 4404,
  silent: 4410,
  'too-many': 4429,
} as const;
export type TailClose = keyof typeof TAIL_CLOSES;

const MAX_ACK_CHARACTERS = 1_000;
const INCARNATION_CHARACTERS = 8;

/** For a place in the log of one life of a tenant, and of no other. */
export function tailCursor(incarnation: string, seq: number): string {
  return `tail.${incarnation.slice(0, INCARNATION_CHARACTERS)}.${seq}`;
}

/** null: this log never gave it out. */
export function seqOfTailCursor(incarnation: string, cursor: string): number | null {
  const seq = Number(/^tail\.[\w-]+\.(0|[1-9]\d{0,15})$/.exec(cursor)?.[1] ?? NaN);
  return Number.isSafeInteger(seq) && tailCursor(incarnation, seq) === cursor ? seq : null;
}

/** The cursor that a client acknowledges; null: the message is no such frame. */
export function acknowledged(message: string | ArrayBuffer): string | null {
  if (typeof message !== 'string' || message.length > MAX_ACK_CHARACTERS) return null;
  try {
    const { kind, cursor } = JSON.parse(message) as { readonly kind?: unknown; readonly cursor?: unknown };
    return kind === 'ack' && typeof cursor === 'string' ? cursor : null;
  } catch {
    return null;
  }
}

/** How far a viewer has come, and how much of that it has not acknowledged: it outlives the object's memory. */
export interface Progress {
  /** Everything up to here was sent, or is not for it. */
  readonly seq: number;
  /** Since it connected. */
  readonly sent: number;
  readonly bytes: number;
  readonly ackedSent: number;
  readonly ackedBytes: number;
  /** Place, `sent` and `bytes` at some events on the way: an acknowledgement counts from the last one before it. */
  readonly marks: readonly (readonly [seq: number, sent: number, bytes: number])[];
}

const MOST_UNACKNOWLEDGED = 1_000;
/** What clients do not read lies in memory, which the viewers of a tenant share. */
const MOST_UNACKNOWLEDGED_BYTES = 16 * 1024 * 1024;
const SHARED_BYTES = 40 * 1024 * 1024;
const MARK_EVERY = 50;
const MARK_EVERY_BYTES = 256 * 1024;

export function progressFrom(seq: number): Progress {
  return { seq, sent: 0, bytes: 0, ackedSent: 0, ackedBytes: 0, marks: [] };
}

/** `viewers`: how many there are, this one included. */
export function maySend({ sent, bytes, ackedSent, ackedBytes }: Progress, viewers: number): boolean {
  const mostBytes = Math.min(MOST_UNACKNOWLEDGED_BYTES, SHARED_BYTES / viewers);
  return sent - ackedSent < MOST_UNACKNOWLEDGED && bytes - ackedBytes < mostBytes;
}

/** What has no cursor counts with the event before it: acknowledging that once more takes it off. */
export function afterTelling(progress: Progress, bytes: number): Progress {
  return { ...progress, bytes: progress.bytes + bytes };
}

export function afterSending(progress: Progress, seq: number, bytes: number): Progress {
  const next = { ...progress, seq, sent: progress.sent + 1, bytes: progress.bytes + bytes };
  const [, markedSent, markedBytes] = progress.marks.at(-1) ?? [0, progress.ackedSent, progress.ackedBytes];
  const isMarked = next.sent - markedSent >= MARK_EVERY || next.bytes - markedBytes >= MARK_EVERY_BYTES;
  return isMarked ? { ...next, marks: [...progress.marks, [seq, next.sent, next.bytes]] } : next;
}

export function afterAck(progress: Progress, ackedSeq: number): Progress {
  if (ackedSeq >= progress.seq)
    return { ...progress, ackedSent: progress.sent, ackedBytes: progress.bytes, marks: [] };
  const last = progress.marks.findLast(([seq]) => seq <= ackedSeq);
  if (last === undefined) return progress;
  const [, ackedSent, ackedBytes] = last;
  return { ...progress, ackedSent, ackedBytes, marks: progress.marks.filter(([seq]) => seq > ackedSeq) };
}
