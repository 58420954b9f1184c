/**
 * Requests that are almost right, over every route of the relay's own document: each answer is one that the document
 * foresees, none is a 5xx but 503, and the memory of the relay does not grow with them. POSTHORN_FUZZ_RUNS=100 makes a
 * long night of it.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answersOf } from '../support/answers.ts';
import { type Api, call } from '../support/api.ts';
import { fuzz } from '../support/fuzz.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { type Drawn, requestsOf, type Role } from '../support/route-fuzz.ts';
import { newTenant, type Tenant } from '../support/tenant.ts';

const REQUESTS = 1_500;
const AT_ONCE = 8;
/** What the whole run may add to the resident memory of host and workerd. */
const GROWTH_MIB = 250;

/** Of the operator: they would end or pause what the others need. Their bodies are tried with keys that may not. */
const WITHOUT: ReadonlySet<string> = new Set(['DELETE /v1/keys/{id}']);

let relay: Relay;
let receiver: Receiver;
let tenant: Tenant;
let keys: Readonly<Record<Role, string | null>>;
beforeAll(async () => {
  [relay, receiver] = await Promise.all([startRelay(), startReceiver()]);
  tenant = await newTenant(relay);
  const key = async (role: string) =>
    ((await tenant.api.expect(201, 'POST', '/v1/keys', { name: role, role })) as { key: string }).key;
  keys = {
    admin: tenant.key,
    subscriber: await key('subscriber'),
    publisher: await key('publisher'),
    viewer: await key('viewer'),
    nobody: null,
  };
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

/** Ids of things that there are, by the segment of the path that they stand after. */
class Living {
  readonly #api: Api;
  readonly #ids = new Map<string, string>();

  constructor(api: Api) {
    this.#api = api;
  }

  async renew(): Promise<void> {
    const { id, inboundUrl } = await this.#api.createSource({ provider: 'deskera', name: 'fuzz' });
    const hook = await this.#api.createHook({ url: receiver.url, events: ['fuzz.*'] });
    const event = {
      specversion: '1.0',
      id: crypto.randomUUID(),
      source: '/fuzz',
      type: 'fuzz.ran',
      data: {},
    };
    const published = await this.#api.publish(event);
    this.#ids.set('sources', id);
    this.#ids.set('in', new URL(inboundUrl).pathname.split('/').at(-1) ?? '');
    for (const segment of ['hooks', 'Webhook', 'delete']) this.#ids.set(segment, String(hook.id));
    for (const segment of ['events', 'deliveries']) this.#ids.set(segment, published.id);
    this.#ids.set('providers', 'stripe');
    // Of the tenant, where a path begins with it.
    this.#ids.set('', tenant.id);
  }

  path({ path, names }: Drawn): string {
    const left = [...names];
    const parts = path.split('/');
    return parts
      .map((part, at) => {
        if (!part.startsWith('{')) return part;
        const text = left.shift() ?? this.#ids.get(parts[at - 1] ?? '') ?? 'none';
        return text.includes('%') ? text : encodeURIComponent(text.toWellFormed());
      })
      .join('/');
  }
}

/** Nothing leaves this machine: every URL in a body leads to the receiver. */
function localized(body: Uint8Array): Uint8Array {
  const text = Buffer.from(body).toString('latin1');
  return Buffer.from(text.replaceAll(/https?:\/\/[\w.-]*/g, receiver.url), 'latin1');
}

/** Answers of described calls are held against the document. */
async function send(drawn: Drawn, path: string): Promise<{ readonly status: number; readonly text: string }> {
  const { body, method } = drawn;
  const key = keys[drawn.as];
  const credentials = { authorization: `Bearer ${key ?? 'ph_wrong'}`, 'x-access-token': key ?? 'ph_wrong' };
  const headers = { ...drawn.headers, ...credentials };
  const isBodied = body !== null && method !== 'GET' && method !== 'HEAD';
  const url = `${relay.url}${path}${drawn.query}`;
  const sent = isBodied ? localized(body) : undefined;
  // A path of dots, or an empty part of it, leads elsewhere.
  const isThere = (await answersOf(relay.url)).route(path) === drawn.path;
  if (drawn.isDescribed && isThere) return call(method, url, sent, headers);
  const response = await fetch(url, { method, headers, redirect: 'manual', ...(sent && { body: sent }) });
  return { status: response.status, text: await response.text() };
}

function isCut(error: unknown): boolean {
  const cause = error instanceof Error ? (error.cause as { readonly code?: unknown } | undefined) : undefined;
  return cause?.code === 'UND_ERR_SOCKET' || cause?.code === 'ECONNRESET';
}

/** Of the relay's process and everything that it started. */
function residentMiB(): number {
  const pids = readFileSync(`/proc/${relay.pid}/task/${relay.pid}/children`, 'utf8').trim().split(' ');
  const kib = [String(relay.pid), ...pids].map((pid) => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  });
  return kib.reduce((sum, some) => sum + some, 0) / 1024;
}

test(
  'no request over any route ends in a 5xx but 503, and memory stays flat',
  { timeout: 6_000_000 },
  async () => {
    const { document } = await answersOf(relay.url);
    const living = new Living(tenant.api);
    await living.renew();
    const requests = fc.sample(requestsOf(document, WITHOUT), fuzz(REQUESTS)).values();
    const statuses = new Map<number, number>();
    let sent = 0;
    let cut = 0;
    let beforeMiB = 0;
    const worker = async () => {
      for (const drawn of requests) {
        const path = living.path(drawn);
        const shown = () =>
          `${drawn.method} ${path}${drawn.query} as ${drawn.as} ${JSON.stringify(drawn.headers)} ${Buffer.from(drawn.body ?? []).toString('base64')}`;
        const again = (error: unknown) => {
          // Closed by the relay after a while without a request, in the moment in which it was used again.
          if (!isCut(error)) throw error;
          cut += 1;
          return send(drawn, path);
        };
        const { status, text } = await send(drawn, path)
          .catch(again)
          .catch((error: unknown) => {
            throw new Error(shown(), { cause: error });
          });
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status >= 500 && status !== 503) throw new Error(`${status} ${text} for ${shown()}`);
        sent += 1;
        if (sent === Math.floor(REQUESTS / 5)) beforeMiB = residentMiB();
        if (drawn.method === 'DELETE' && status < 300) await living.renew();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    const grownMiB = Math.round(residentMiB() - beforeMiB);
    console.log(
      `${sent} requests, +${grownMiB} MiB:`,
      Object.fromEntries([...statuses].sort(([a], [b]) => a - b)),
    );
    expect(relay.logs()).not.toContain('posthorn: workerd');
    expect(cut).toBeLessThan(2 + sent / 1_000);
    expect(statuses.get(200) ?? 0).toBeGreaterThan(sent / 20);
    expect(grownMiB).toBeLessThan(GROWTH_MIB);
  },
);
