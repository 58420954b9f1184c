/** The listener’s side of `posthorn.listen.v1`: deliveries of a hook that sends nowhere by itself. */
import { live, type LiveOptions } from './live.ts';
import type { Socket } from './socket.ts';
import type { Transport } from './transport.ts';

const PROTOCOL = 'posthorn.listen.v1';
/** The relay keeps no more of it. */
const MAX_ANSWER_CHARACTERS = 16_384;

export interface ListenOptions extends LiveOptions {
  /** Ends the connection of whoever listens already. */
  readonly takeover?: boolean | undefined;
  readonly onReady?: ((ready: { readonly hookId: number; readonly pending: number }) => void) | undefined;
}

export interface LocalAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type LocalFailure = 'unreachable' | 'timeout' | 'connection-lost';

interface DeliveryFrame {
  readonly kind: 'delivery';
  readonly eventId: string;
  readonly attempt: number;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly encoding: 'utf8' | 'base64';
  readonly timeoutSeconds: number;
}

type Frame = DeliveryFrame | { readonly kind: 'ready'; readonly hookId: number; readonly pending: number };

/** One attempt, to be answered once: by what a target said, or by why it said nothing. */
export class ListenerDelivery {
  readonly eventId: string;
  readonly attempt: number;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly timeoutSeconds: number;
  readonly #socket: Socket;

  constructor(frame: DeliveryFrame, socket: Socket) {
    this.eventId = frame.eventId;
    this.attempt = frame.attempt;
    this.method = frame.method;
    this.headers = frame.headers;
    this.body = bytesOf(frame.body, frame.encoding);
    this.timeoutSeconds = frame.timeoutSeconds;
    this.#socket = socket;
  }

  /** False: the connection it came over has gone. The relay sends it again. */
  answer({ status, headers, body }: LocalAnswer): boolean {
    const { eventId, attempt } = this;
    const excerpt = body.slice(0, MAX_ANSWER_CHARACTERS);
    return this.#socket.send({ kind: 'answer', eventId, attempt, status, headers, body: excerpt });
  }

  fail(error: LocalFailure): boolean {
    const { eventId, attempt } = this;
    return this.#socket.send({ kind: 'failed', eventId, attempt, error });
  }
}

export async function* listen(
  relay: Transport,
  hookId: number,
  { takeover = false, onReady, ...options }: ListenOptions = {},
): AsyncGenerator<ListenerDelivery, undefined> {
  let mayTakeOver = takeover;
  const url = () =>
    relay.urlOf('/v1/hooks/{id}/listen', { id: hookId }, mayTakeOver ? { takeover: true } : {});
  for await (const { frame, socket } of live(relay, url, PROTOCOL, options)) {
    const message = frame as Frame;
    if (message.kind === 'ready') {
      // Once is what was asked for: who takes over from this one later is not driven out again.
      mayTakeOver = false;
      onReady?.({ hookId: message.hookId, pending: message.pending });
    } else {
      yield new ListenerDelivery(message, socket);
    }
  }
}

function bytesOf(body: string, encoding: 'utf8' | 'base64'): Uint8Array<ArrayBuffer> {
  if (encoding === 'utf8') return new Uint8Array(new TextEncoder().encode(body));
  const text = atob(body);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
