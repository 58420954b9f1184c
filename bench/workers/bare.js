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
        await send(url, body, key, `evt_${String(number).padStart(26, '0')}`, number);
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

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== '/loop') return new Response('hello world');
    const [url, count, inFlight] = ['url', 'count', 'inFlight'].map((name) => searchParams.get(name));
    const body = new Uint8Array(await request.arrayBuffer());
    const isCommitted = searchParams.has('committed');
    await env.LOOP.getByName('loop').run(url, body, Number(count), Number(inFlight), isCommitted);
    return new Response('done');
  },
};
