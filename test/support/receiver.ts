/**
 * A target of deliveries: a real HTTP server on loopback that records every request and answers as told. Waiting is by
 * event, never by polling. It checks no signature and knows nothing of Posthorn.
 */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Arrival {
  /** From 1, in order of arrival. */
  readonly number: number;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Unix milliseconds when the head was read. */
  readonly at: number;
  /** Requests not yet answered at that moment, this one included. */
  readonly inFlight: number;
}

export type Answer =
  | {
      readonly kind?: 'answer';
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Uint8Array;
      readonly delayMs?: number;
    }
  /** Reads the request and never answers. */
  | { readonly kind: 'hang' }
  /** TCP reset instead of an answer. */
  | { readonly kind: 'reset' }
  /** Closes its side without an answer. */
  | { readonly kind: 'half-close' }
  /** Bytes that are no HTTP. */
  | { readonly kind: 'garbage' }
  /** A 200 whose body comes a byte at a time and never ends. */
  | { readonly kind: 'drip'; readonly everyMs: number }
  /** An answer that begins, has no length and does not end. */
  | { readonly kind: 'open'; readonly status: number; readonly body: string }
  /** A 200 to the first request of a connection; at the next one it is reset. */
  | { readonly kind: 'once' }
  /** A 200 with a body of that size. */
  | { readonly kind: 'flood'; readonly bodyBytes: number };

export type Answering = (arrival: Arrival) => Answer | Promise<Answer>;

export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly arrivals: readonly Arrival[];
  /** The most requests that were ever unanswered at once. */
  readonly maxInFlight: number;
  /** How requests are answered from now on. */
  answerWith(answering: Answering | Answer): void;
  /** Resolves with all arrivals once there are that many, or once the predicate holds. */
  waitFor(
    condition: number | ((arrivals: readonly Arrival[]) => boolean),
    timeoutMs?: number,
  ): Promise<readonly Arrival[]>;
  /** Cuts every connection and frees the port. */
  close(): Promise<void>;
}

interface Waiter {
  readonly holds: (arrivals: readonly Arrival[]) => boolean;
  readonly resolve: (arrivals: readonly Arrival[]) => void;
}

const OK: Answer = { status: 200 };
const FLOOD_CHUNK = Buffer.alloc(64 * 1024, 'x');

export async function startReceiver(
  options: { readonly answer?: Answering | Answer; readonly port?: number } = {},
): Promise<Receiver> {
  const arrivals: Arrival[] = [];
  const waiters = new Set<Waiter>();
  let answering = asFunction(options.answer ?? OK);
  let inFlight = 0;
  let maxInFlight = 0;

  const record = (arrival: Arrival) => {
    arrivals.push(arrival);
    for (const waiter of waiters) {
      if (!waiter.holds(arrivals)) continue;
      waiters.delete(waiter);
      waiter.resolve(arrivals);
    }
  };

  const server = createServer((request, response) => {
    const at = Date.now();
    inFlight += 1;
    maxInFlight = Math.max(maxInFlight, inFlight);
    const inFlightThen = inFlight;
    response.once('close', () => {
      inFlight -= 1;
    });
    void readBody(request)
      .then(async (body) => {
        const { method = '', url: path = '', headers } = request;
        const arrival = {
          number: arrivals.length + 1,
          method,
          path,
          headers,
          body,
          at,
          inFlight: inFlightThen,
        };
        record(arrival);
        await give(await answering(arrival), response);
      })
      // A relay that was killed or gave up cuts its request: nothing to answer.
      .catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const close = async () => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };

  return {
    url: `http://127.0.0.1:${port}/`,
    port,
    arrivals,
    get maxInFlight() {
      return maxInFlight;
    },
    answerWith(next) {
      answering = asFunction(next);
    },
    async waitFor(condition, timeoutMs = 10_000) {
      const holds =
        typeof condition === 'number' ? (all: readonly Arrival[]) => all.length >= condition : condition;
      if (holds(arrivals)) return arrivals;
      const { promise, resolve, reject } = Promise.withResolvers<readonly Arrival[]>();
      const waiter = { holds, resolve };
      waiters.add(waiter);
      const timer = setTimeout(() => {
        waiters.delete(waiter);
        const wanted = typeof condition === 'number' ? `${condition} requests` : 'what was waited for';
        reject(
          new Error(`not ${wanted} within ${timeoutMs} ms; arrived:\n${arrivals.map(summary).join('\n')}`),
        );
      }, timeoutMs);
      try {
        return await promise;
      } finally {
        clearTimeout(timer);
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Connections that have carried an answer. */
const USED = new WeakSet<Socket>();

function asFunction(answer: Answering | Answer): Answering {
  return typeof answer === 'function' ? answer : () => answer;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function give(answer: Answer, response: ServerResponse): Promise<void> {
  const { socket } = response;
  switch (answer.kind) {
    case 'hang':
      return;
    case 'reset':
      socket?.resetAndDestroy();
      return;
    case 'half-close':
      socket?.end();
      return;
    case 'garbage':
      socket?.end('\u0000\u0001 this is not HTTP\r\n\r\n');
      return;
    case 'drip':
      response.writeHead(200);
      while (!response.destroyed) {
        response.write('.');
        await sleep(answer.everyMs);
      }
      return;
    case 'open':
      response.writeHead(answer.status, { 'content-type': 'text/plain' });
      response.write(answer.body);
      return;
    case 'once':
      if (socket === null || USED.has(socket)) {
        socket?.resetAndDestroy();
        return;
      }
      USED.add(socket);
      response.writeHead(200);
      response.end();
      return;
    case 'flood':
      response.writeHead(200, { 'content-length': String(answer.bodyBytes) });
      for (let left = answer.bodyBytes; left > 0 && !response.destroyed; left -= FLOOD_CHUNK.length) {
        if (!response.write(FLOOD_CHUNK.subarray(0, left))) await drained(response);
      }
      response.end();
      return;
    case 'answer':
    case undefined:
      if (answer.delayMs !== undefined) await sleep(answer.delayMs);
      response.writeHead(answer.status ?? 200, answer.headers);
      response.end(answer.body);
  }
}

async function drained(response: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const done = () => {
    response.off('drain', done).off('close', done);
    resolve(undefined);
  };
  response.once('drain', done).once('close', done);
  await promise;
}

function summary({ number, method, path, headers, body }: Arrival): string {
  const id = headers['webhook-id'];
  return `  ${number}. ${method} ${path} ${typeof id === 'string' ? id : ''} ${body.toString('utf8', 0, 200)}`;
}
