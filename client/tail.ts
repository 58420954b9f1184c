/** The viewer’s side of `posthorn.tail.v1`: events and attempts as they happen, none lost and none twice. */
import type { Envelope } from './events.ts';
import { live, type LiveOptions } from './live.ts';
import type { Transport } from './transport.ts';

const PROTOCOL = 'posthorn.tail.v1';
/** The relay stops at a thousand, and sooner where they are large. */
const ACK_EVERY = 100;
const ACK_EVERY_CHARACTERS = 256 * 1024;

export interface TailOptions extends LiveOptions {
  /** Patterns over the type. */
  readonly types?: readonly string[] | undefined;
  /** Only events that this hook gets, and its attempts. */
  readonly hook?: number | undefined;
  /** Everything since that cursor, then live. */
  readonly after?: string | undefined;
  /** Connected: what is new comes from here on. */
  readonly onReady?: ((ready: { readonly cursor: string }) => void) | undefined;
}

export interface TailEvent {
  readonly kind: 'event';
  readonly cursor: string;
  readonly event: Envelope;
}

/** Only with `hook`. */
export interface TailAttempt {
  readonly kind: 'attempt';
  readonly eventId: string;
  readonly number: number;
  readonly outcome: string;
  readonly statusCode: number | null;
  readonly error: string | null;
  readonly durationMs: number;
}

type Frame = TailEvent | TailAttempt | { readonly kind: 'ready'; readonly cursor: string };

/** What was handed out is acknowledged when the next is asked for: a slow reader slows the relay, not itself. */
export async function* tail(
  relay: Transport,
  { types = [], hook, after, onReady, ...options }: TailOptions = {},
): AsyncGenerator<TailEvent | TailAttempt, undefined> {
  let cursor = after;
  let unread = NOTHING;
  const chosen = { types: types.length === 0 ? undefined : types.join(','), hook };
  const url = () => relay.urlOf('/v1/tail', {}, { ...chosen, after: cursor });
  for await (const { frame, characters, socket } of live(relay, url, PROTOCOL, options)) {
    const message = frame as Frame;
    if (message.kind === 'ready') {
      // From here on nothing is missed, also if nothing happened until the connection was lost.
      cursor ??= message.cursor;
      unread = NOTHING;
      onReady?.({ cursor: message.cursor });
      continue;
    }
    yield message;
    if (message.kind === 'event') cursor = message.cursor;
    unread = { frames: unread.frames + 1, characters: unread.characters + characters };
    const isMuch = unread.frames >= ACK_EVERY || unread.characters >= ACK_EVERY_CHARACTERS;
    if (isMuch && socket.send({ kind: 'ack', cursor })) unread = NOTHING;
  }
}

const NOTHING = { frames: 0, characters: 0 };
