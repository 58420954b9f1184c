/** The measurements themselves, each on a tenant of its own in one relay. */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Receiver, startReceiver } from '../../test/support/receiver.ts';
import { type Relay, startRelay } from '../../test/support/relay.ts';
import { signatureOf } from '../../test/support/tenant.ts';

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: 'per second' | 'ms' | 'times';
}

const CONNECTIONS = 32;
const SECRET = 'bench';
const SLOW_MS = 20;
const LONE_EVENTS = 30;
const DRAINED_WITHIN_MS = 60_000;

/** Each figure is told as soon as it is known. */
export async function bench(events: number, tell: (figure: Figure) => void): Promise<Figure[]> {
  const figures: Figure[] = [];
  const note = (name: string, value: number, unit: Figure['unit']) => {
    const figure = { name, value, unit };
    figures.push(figure);
    tell(figure);
    return value;
  };
  await using relay = await startRelay();
  await using receiver = await startReceiver();

  note(
    'GET /healthz, 32 connections',
    await perSecond(events, () => get(`${relay.url}/healthz`)),
    'per second',
  );
  const intake = await tenant(relay, 'intake');
  note('signed events accepted, no hook', await perSecond(events, intake.post), 'per second');

  const base = await drained(relay, receiver, events, 1, 0);
  note('delivered from a full queue, concurrency 1', base, 'per second');
  note(
    'delivered from a full queue, concurrency 6',
    await drained(relay, receiver, events, 6, 0),
    'per second',
  );
  const fewer = Math.min(events, 500);
  const one = note(
    `the same to a receiver of ${SLOW_MS} ms, concurrency 1`,
    await drained(relay, receiver, fewer, 1, SLOW_MS),
    'per second',
  );
  const six = note(
    `the same to a receiver of ${SLOW_MS} ms, concurrency 6`,
    await drained(relay, receiver, fewer, 6, SLOW_MS),
    'per second',
  );
  note('gain of concurrency 6 there', six / one, 'times');

  const lone = await loneLatencies(relay, receiver);
  note('a lone event, from its post to its arrival, median', lone, 'ms');
  return figures;
}

interface BenchTenant {
  /** Posts the event of that number. */
  readonly post: (number: number) => Promise<void>;
  /** Calls the native API of the tenant. */
  readonly call: (method: string, path: string, body?: object) => Promise<Response>;
}

async function tenant(relay: Relay, id: string): Promise<BenchTenant> {
  const call = async (method: string, path: string, body?: object, tenantId = id) => {
    const response = await fetch(`${relay.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${relay.adminKey}`,
        'posthorn-tenant': tenantId,
        'content-type': 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  await call('POST', '/v1/tenants', { id }, 'default');
  const made = await call('POST', '/v1/sources', { provider: 'superoffice', name: id, secret: SECRET });
  const { inboundUrl } = (await made.json()) as { inboundUrl: string };
  const post = async (number: number) => {
    const body = JSON.stringify({
      EventId: `${id}-${number}`,
      Timestamp: '2026-01-01T00:00:00Z',
      Changes: ['name', 'updated'],
      Event: 'contact.changed',
      PrimaryKey: number + 1,
      Entity: 'contact',
      ContextIdentifier: 'Cust12345',
      ChangedByAssociateId: 7,
      WebhookName: 'bench',
    });
    const headers = { 'x-superoffice-signature': signatureOf(body, SECRET) };
    const response = await fetch(inboundUrl, { method: 'POST', headers, body });
    if (response.status !== 200) throw new Error(`inbound: ${response.status} ${await response.text()}`);
    await response.arrayBuffer();
  };
  return { post, call };
}

async function get(url: string): Promise<void> {
  await (await fetch(url)).arrayBuffer();
}

/** How often `work` gets done when as many as `CONNECTIONS` are under way. */
async function perSecond(count: number, work: (number: number) => Promise<void>): Promise<number> {
  const numbers = Array.from({ length: count }, (_, number) => number).values();
  const startMs = performance.now();
  const worker = async () => {
    for (const number of numbers) await work(number);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  return count / ((performance.now() - startMs) / 1000);
}

let drains = 0;

/** Fills the queue of a paused hook, resumes it, and counts what arrives a second until the queue is empty. */
async function drained(
  relay: Relay,
  receiver: Receiver,
  events: number,
  concurrency: number,
  delayMs: number,
): Promise<number> {
  drains += 1;
  const { post, call } = await tenant(relay, `drain-${drains}`);
  const path = `/drain-${drains}`;
  await call('POST', '/v1/hooks', { url: new URL(path, receiver.url).href, paused: true, concurrency });
  await perSecond(events, post);
  await queued(call, events);
  receiver.answerWith({ status: 204, delayMs });
  const arrived = () => receiver.arrivals.filter((arrival) => arrival.path === path).length;
  const before = arrived();
  const startMs = performance.now();
  await call('POST', '/v1/hooks/1/resume');
  await receiver.waitFor(() => arrived() - before >= events, DRAINED_WITHIN_MS);
  return events / ((performance.now() - startMs) / 1000);
}

async function queued(call: BenchTenant['call'], events: number): Promise<void> {
  for (;;) {
    const { stats } = (await (await call('GET', '/v1/hooks/1')).json()) as { stats: { pending: number } };
    if (stats.pending === events) return;
    await sleep(50);
  }
}

async function loneLatencies(relay: Relay, receiver: Receiver): Promise<number> {
  const { post, call } = await tenant(relay, 'lone');
  await call('POST', '/v1/hooks', { url: new URL('/lone', receiver.url).href });
  receiver.answerWith({ status: 204 });
  const latencies: number[] = [];
  for (let number = 0; number < LONE_EVENTS; number += 1) {
    const startMs = performance.now();
    await post(number);
    const wanted = number + 1;
    await receiver.waitFor((all) => all.filter(({ path }) => path === '/lone').length >= wanted, 10_000);
    latencies.push(performance.now() - startMs);
    // Long enough that the next one finds the relay at rest.
    await sleep(150);
  }
  return latencies.sort((a, b) => a - b)[Math.floor(latencies.length / 2)] ?? NaN;
}
