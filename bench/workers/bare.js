/**
 * What the runtime can do at best, to hold the relay against: a Worker that only greets, and an object that only sends.
 * It signs and reads the answers like the relay, and stores nothing, or one small row for each. Never part of the relay.
 */
import { DurableObject } from 'cloudflare:workers';
import { createHmac } from 'node:crypto';

export class Loop extends DurableObject {
  /**
   * Sends `count` signed requests with the same body, `inFlight` at a time. `isCommitted`: a row is written after each
   * answer, and on disk before the next request leaves.
   */
  async run(url, body, count, inFlight, isCommitted) {
    const { sql } = this.ctx.storage;
    sql.exec('CREATE TABLE IF NOT EXISTS sent (number INTEGER PRIMARY KEY, answered INTEGER)');
    const key = Buffer.from('0123456789abcdef0123456789abcdef');
    let sent = 0;
    const worker = async () => {
      while (sent < count) {
        sent += 1;
        const number = sent;
        await send(url, body, key, idOf(number), number);
        if (isCommitted) sql.exec('INSERT OR REPLACE INTO sent VALUES (?, ?)', number, Date.now());
      }
    };
    await Promise.all(Array.from({ length: inFlight }, worker));
  }
}

async function send(url, body, key, id, sequence) {
  const timestamp = Math.floor(Date.now() / 1000);
  const digest = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
  const response = await fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'user-agent': 'bare',
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': `v1,${digest}`,
      'posthorn-tenant': 'bench',
      'posthorn-hook': '1',
      'posthorn-attempt': '1',
      'posthorn-sequence': String(sequence),
    },
    body,
  });
  await response.arrayBuffer();
}

/** The way of an event without any storage: handed over by RPC, answered, signed and sent on. */
export class Path extends DurableObject {
  #key = Buffer.from('0123456789abcdef0123456789abcdef');
  #waiting = [];
  #inFlight = 0;
  #sent = 0;

  take(url, body, atOnce) {
    this.#waiting.push(body);
    if (this.#inFlight < atOnce) this.ctx.waitUntil(this.#sendAll(url));
  }

  /** Sends one, and answers when that has arrived. */
  deliver(url, body) {
    this.#sent += 1;
    return send(url, body, this.#key, idOf(this.#sent), this.#sent);
  }

  async #sendAll(url) {
    this.#inFlight += 1;
    for (let body = this.#waiting.shift(); body !== undefined; body = this.#waiting.shift())
      await this.deliver(url, body);
    this.#inFlight -= 1;
  }
}

/** One body to many objects, each of which sends it. */
export class Spread extends DurableObject {
  take() {}

  async spread(url, body, objects) {
    const calls = Array.from({ length: objects }, (_, number) =>
      this.env.PATH.getByName(`spread-${number}`).deliver(url, body),
    );
    await Promise.all(calls);
  }
}

const WAYS = {
  '/path': async (env, body, { url, name, atOnce }) =>
    env.PATH.getByName(name).take(url, body, Number(atOnce)),
  '/take': async (env, body) => env.SPREAD.getByName('take').take(body),
  '/spread': async (env, body, { url, name, objects }) =>
    env.SPREAD.getByName(name).spread(url, body, Number(objects)),
};

const idOf = (number) => `evt_${String(number).padStart(26, '0')}`;

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const way = WAYS[pathname];
    if (way !== undefined) {
      const body = new Uint8Array(await request.arrayBuffer());
      await way(env, body, Object.fromEntries(searchParams));
      return Response.json({ status: 'accepted' });
    }
    if (pathname !== '/loop') return new Response('hello world');
    const [url, count, inFlight] = ['url', 'count', 'inFlight'].map((name) => searchParams.get(name));
    const body = new Uint8Array(await request.arrayBuffer());
    const isCommitted = searchParams.has('committed');
    await env.LOOP.getByName('loop').run(url, body, Number(count), Number(inFlight), isCommitted);
    return new Response('done');
  },
};
