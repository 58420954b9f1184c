/** One delivery to a program on this machine, and what it answers. */
import { connect } from 'node:net';
import type { ListenerDelivery, LocalAnswer, LocalFailure } from '../client/posthorn.ts';

const REACHED_WITHIN_MS = 3000;
const MAX_ANSWER_BYTES = 64 * 1024;
/** The answer counts when its head is there; nobody waits long for the rest. */
const BODY_WITHIN_MS = 1000;
/** Of the connection to the relay, not of the request; the length is counted anew. */
const NOT_FORWARDED = [
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'upgrade',
  'expect',
];

export type Exchange = { readonly durationMs: number } & (
  | ({ readonly kind: 'answer' } & LocalAnswer)
  | { readonly kind: 'failed'; readonly error: LocalFailure; readonly detail: string }
);

/** Whether something takes connections there. */
export async function isReachable({ hostname, port, protocol }: URL): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const socket = connect({ host, port: Number(port) || (protocol === 'https:' ? 443 : 80) });
  socket.setTimeout(REACHED_WITHIN_MS, () => resolve(false));
  socket.once('connect', () => resolve(true));
  socket.once('error', () => resolve(false));
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}

export async function forward(
  target: URL,
  delivery: ListenerDelivery,
  signal: AbortSignal,
): Promise<Exchange> {
  const startedAt = performance.now();
  const durationMs = () => Math.round(performance.now() - startedAt);
  const late = AbortSignal.timeout(delivery.timeoutSeconds * 1000);
  const headers = Object.entries(delivery.headers).filter(
    ([name]) => !NOT_FORWARDED.includes(name.toLowerCase()),
  );
  try {
    const response = await fetch(target, {
      method: delivery.method,
      headers,
      body: delivery.body,
      redirect: 'manual',
      signal: AbortSignal.any([late, signal]),
    });
    const ms = durationMs();
    const body = await excerptOf(response.body as ReadableStream<Uint8Array> | null);
    const answered = { status: response.status, headers: Object.fromEntries(response.headers), body };
    return { kind: 'answer', durationMs: ms, ...answered };
  } catch (error) {
    const { failure, detail } = late.aborted
      ? { failure: 'timeout' as const, detail: `no answer within ${delivery.timeoutSeconds} s` }
      : failureOf(error);
    return { kind: 'failed', error: failure, detail, durationMs: durationMs() };
  }
}

async function excerptOf(body: ReadableStream<Uint8Array> | null): Promise<string> {
  if (body === null) return '';
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const timer = setTimeout(() => void reader.cancel(), BODY_WITHIN_MS);
  let text = '';
  let bytes = 0;
  try {
    while (bytes < MAX_ANSWER_BYTES) {
      const { done, value } = await reader.read();
      if (done) break;
      bytes += value.byteLength;
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    // It broke off: what came is what there is.
  } finally {
    clearTimeout(timer);
    void reader.cancel().catch(() => undefined);
  }
  return text;
}

function failureOf(error: unknown): { failure: LocalFailure; detail: string } {
  const cause = (error as { cause?: unknown }).cause;
  const { code = '', message = String(error) } = (cause ?? error) as { code?: string; message?: string };
  const wasConnected = code === 'ECONNRESET' || code === 'UND_ERR_SOCKET' || code === 'EPIPE';
  return { failure: wasConnected ? 'connection-lost' : 'unreachable', detail: code || message };
}
