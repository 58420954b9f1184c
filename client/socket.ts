/** One WebSocket to the relay, as an async iterable of its frames. Whoever reads on has one again: see live.ts. */
import type { Connect, Transport } from './transport.ts';

/** Between a ping and the next. */
const PING_EVERY_MS = 20_000;
/** A laptop that slept has connections that are gone without a word. */
const SILENT_AFTER_MS = 45_000;
const OPEN_WITHIN_MS = 20_000;

export interface Closed {
  readonly code: number;
  readonly reason: string;
  /** It was open before. */
  readonly wasOpen: boolean;
}

export interface Frame {
  readonly frame: unknown;
  /** Of its text. */
  readonly characters: number;
}

type Item = Frame | { readonly closed: Closed };

export class Socket {
  readonly #socket: WebSocket;
  readonly #items: Item[] = [];
  #wake: () => void = () => undefined;
  #wasOpen = false;
  #heardAtMs = Date.now();

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('open', () => {
      this.#wasOpen = true;
      this.#heardAtMs = Date.now();
      // From one that has shown life a relay knows when it is gone.
      socket.send('ping');
    });
    socket.addEventListener('message', ({ data }: { readonly data: unknown }) => {
      this.#heardAtMs = Date.now();
      if (data === 'pong') return;
      const frame = typeof data === 'string' ? frameOf(data) : undefined;
      if (frame === undefined) this.close(1003, 'not a frame');
      else this.#push({ frame, characters: String(data).length });
    });
    socket.addEventListener('close', ({ code, reason }: { readonly code: number; readonly reason: string }) =>
      this.#push({ closed: { code, reason, wasOpen: this.#wasOpen } }),
    );
    // A close follows, with the code.
    socket.addEventListener('error', () => undefined);
  }

  /** False: it has gone, and what was to be sent with it. */
  send(frame: object): boolean {
    if (this.#socket.readyState !== OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  close(code = 1000, reason = ''): void {
    this.#socket.close(code, reason);
    // The other side may be gone, and the answer to this with it.
    this.#push({ closed: { code, reason, wasOpen: this.#wasOpen } });
  }

  /** Its frames, and in the end why it closed. */
  async *frames(signal: AbortSignal): AsyncGenerator<Frame, Closed> {
    const stop = () => this.close();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const watch = setInterval(() => this.#watch(), PING_EVERY_MS);
    try {
      for (;;) {
        const item = this.#items.shift();
        if (item === undefined) {
          await new Promise<void>((resolve) => (this.#wake = resolve));
        } else if ('closed' in item) {
          return item.closed;
        } else {
          yield item;
        }
      }
    } finally {
      clearInterval(watch);
      signal.removeEventListener('abort', stop);
      if (this.#socket.readyState <= OPEN) this.#socket.close(1000);
    }
  }

  #watch(): void {
    const silentMs = Date.now() - this.#heardAtMs;
    if (silentMs > (this.#wasOpen ? SILENT_AFTER_MS : OPEN_WITHIN_MS)) this.close(4000, 'silent');
    else if (this.#socket.readyState === OPEN) this.#socket.send('ping');
  }

  #push(item: Item): void {
    this.#items.push(item);
    this.#wake();
  }
}

/** As the standard numbers the states of a socket. */
const OPEN = 1;

function frameOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** `url`: of the call, with http or https. */
export function openSocket(relay: Transport, url: string, protocol: string): Socket {
  const { key, connect = connectByProtocol(key) } = relay.options;
  return new Socket(connect(url.replace(/^http/, 'ws'), [protocol], relay.headers()));
}

/** A browser sends no header of ours: the key goes as a subprotocol. */
function connectByProtocol(key: string | undefined): Connect {
  return (url, protocols) =>
    new WebSocket(url, key === undefined ? [...protocols] : [...protocols, `posthorn.key.${key}`]);
}
