/** Connections that are made again for ever: with back-off, and with an end only where a new one cannot help. */
import { ClosedError, PosthornError } from './error.ts';
import { backOffMs, pause } from './retry.ts';
import { openSocket, type Closed, type Socket } from './socket.ts';
import type { Transport } from './transport.ts';

const MAX_WAIT_MS = 30_000;
/** So long a relay may hold the place of a connection that was lost without a word. */
const GHOST_MS = 60_000;
const TAKEN = 4409;

/** Closes that say that the same again would end the same. */
const FOR_GOOD: Readonly<Record<number, string>> = {
  4400: 'The relay did not understand a frame of this client.',
  4401: 'The key is no longer good.',
  4403: 'This key may not do that.',
  4404: 'The hook has been deleted, or posts to a URL from now on.',
  4408: 'Another listener has taken over.',
  4409: 'Somebody else listens to this hook already.',
  4429: 'The tenant has as many viewers as it may have.',
};

/** `detail`: why the connection was lost. */
export type LiveState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'lost'; readonly detail: string; readonly againInMs: number };

export interface LiveOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onState?: ((state: LiveState) => void) | undefined;
}

export interface LiveFrame {
  readonly frame: unknown;
  /** Of its text. */
  readonly characters: number;
  readonly socket: Socket;
}

/** `url` is asked for before each connection: it may carry how far the one before came. */
export async function* live(
  relay: Transport,
  url: () => string,
  protocol: string,
  { signal = new AbortController().signal, onState }: LiveOptions,
): AsyncGenerator<LiveFrame, undefined> {
  const isOver = () => signal.aborted;
  let failures = 0;
  let heardAtMs = -Infinity;
  while (!isOver()) {
    onState?.({ kind: 'connecting' });
    const socket = openSocket(relay, url(), protocol);
    const frames = socket.frames(signal);
    let closed: Closed;
    try {
      for (;;) {
        const next = await frames.next();
        if (next.done === true) {
          closed = next.value;
          break;
        }
        failures = 0;
        heardAtMs = Date.now();
        yield { ...next.value, socket };
      }
    } finally {
      socket.close();
    }
    if (isOver()) return;
    // Whoever had the place a moment ago most likely meets what is left of its own connection.
    const isGhost = closed.code === TAKEN && Date.now() - heardAtMs < GHOST_MS;
    if (!isGhost) await checkWorthwhile(relay, url(), closed);
    failures += 1;
    const againInMs = backOffMs(failures, Math.random(), MAX_WAIT_MS);
    onState?.({ kind: 'lost', detail: closed.reason || `closed with ${closed.code}`, againInMs });
    await pause(againInMs, signal).catch(() => undefined);
  }
}

/** Throws what a new connection cannot mend. */
async function checkWorthwhile(relay: Transport, url: string, { code, wasOpen }: Closed): Promise<void> {
  const reason = FOR_GOOD[code];
  if (reason !== undefined) throw new ClosedError(code, reason);
  if (wasOpen) return;
  // A socket that was never opened does not say why: the same call without an upgrade does.
  const refusal: unknown = await relay.send({ method: 'get', url, headers: {} }).then(
    () => null,
    (error: unknown) => error,
  );
  if (!(refusal instanceof PosthornError)) return;
  if (REFUSED.includes(refusal.status)) throw refusal;
}

const REFUSED = [400, 401, 403, 404, 405, 409];
