/** The target of all deliveries: answers 204 after the time it is told to take, and remembers when what came where. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs, serve } from './call.ts';

export interface Arrivals {
  /** The envelope's id, where the body starts with one; else ''. */
  readonly ids: readonly string[];
  readonly atMs: readonly number[];
}

interface Place {
  status: number;
  delayMs: number;
  /** What is answered otherwise, by a text in its body; null: nothing is. */
  refuses: { readonly text: string; readonly status: number } | null;
  readonly ids: string[];
  readonly atMs: number[];
  waiter: { readonly count: number; readonly resolve: () => void } | null;
}

const places = new Map<string, Place>();

const methods = {
  /** The port it listens on. */
  async listen(): Promise<number> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  },

  /** How a path is answered from now on; nothing has arrived there yet. */
  reset(path: string, delayMs = 0, status = 204): void {
    places.set(path, { status, delayMs, refuses: null, ids: [], atMs: [], waiter: null });
  },

  /** From now on bodies with this text are answered by this status, and are no arrivals. */
  refuse(path: string, text: string, status: number): void {
    placeOf(path).refuses = { text, status };
  },

  /** The first `count` arrivals, once there are as many. */
  async arrivals(path: string, count: number): Promise<Arrivals> {
    const place = placeOf(path);
    if (place.atMs.length < count) {
      await new Promise<void>((resolve) => {
        place.waiter = { count, resolve };
      });
    }
    return { ids: place.ids.slice(0, count), atMs: place.atMs.slice(0, count) };
  },
};

export type ReceiverMethods = typeof methods;

const server = createServer((request, response) => {
  const atMs = nowMs();
  const place = placeOf(request.url ?? '');
  void read(request).then(async (body) => {
    const { refuses } = place;
    if (refuses !== null && body.includes(refuses.text)) {
      response.writeHead(refuses.status).end();
      return;
    }
    place.ids.push(/"id":"([^"]*)"/.exec(body.toString('latin1', 0, 200))?.[1] ?? '');
    place.atMs.push(atMs);
    if (place.waiter !== null && place.atMs.length >= place.waiter.count) place.waiter.resolve();
    if (place.delayMs > 0) await sleep(place.delayMs);
    response.writeHead(place.status).end();
  });
});
server.keepAliveTimeout = 60_000;
serve(methods);

function placeOf(path: string): Place {
  let place = places.get(path);
  if (place === undefined) {
    methods.reset(path);
    place = places.get(path);
  }
  if (place === undefined) throw new Error(path);
  return place;
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
