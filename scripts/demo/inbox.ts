/** The demo's receiver: one HTTP server with a path for each hook. Answers 200, but 503 at /failing, and keeps what came. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Arrived {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly atMs: number;
}

export interface Inbox {
  readonly url: string;
  /** The first request to this path that `isMeant`; rejects when none has come in time. */
  next(path: string, isMeant: (arrived: Arrived) => boolean): Promise<Arrived>;
  /** All requests to this path, once there are so many; rejects when there are not in time. */
  all(path: string, count: number): Promise<readonly Arrived[]>;
  /** How many requests came in all. */
  count(): number;
  close(): Promise<void>;
}

const WITHIN_MS = 20_000;

export async function openInbox(): Promise<Inbox> {
  const all: Arrived[] = [];
  const watchers = new Set<() => void>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const isFailing = request.url === '/failing';
      response.writeHead(isFailing ? 503 : 200, { 'content-type': 'application/json' });
      response.end(isFailing ? '{"error":"the database is down for maintenance"}' : '');
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      );
      const body = Buffer.concat(chunks).toString('utf8');
      all.push({ path: request.url ?? '', headers, body, atMs: Date.now() });
      for (const look of watchers) look();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  /** What `find` finds, once it does. */
  async function found<T>(path: string, find: () => T | undefined): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const look = () => {
      const here = find();
      if (here !== undefined) resolve(here);
    };
    const timer = setTimeout(() => {
      reject(new Error(`what was meant for ${path} did not arrive within ${WITHIN_MS / 1000} s`));
    }, WITHIN_MS);
    watchers.add(look);
    look();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      watchers.delete(look);
    }
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    next: (path, isMeant) =>
      found(path, () => all.find((arrived) => arrived.path === path && isMeant(arrived))),
    all: (path, count) =>
      found(path, () => {
        const arrived = all.filter((one) => one.path === path);
        return arrived.length >= count ? arrived : undefined;
      }),
    count: () => all.length,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
