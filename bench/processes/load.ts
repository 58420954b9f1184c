/** The providers: posts signed SuperOffice bodies that were made beforehand, over connections that stay open. */
import { createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs, serve } from './call.ts';

const CONNECTIONS = 32;
const BODY_BYTES = 1536;

export interface Batch {
  readonly url: string;
  readonly secret: string;
  /** Of the events' ids: no two batches may share it. */
  readonly name: string;
  readonly count: number;
  /** How many different subjects they are about. */
  readonly subjects: number;
  /** A key: CloudEvents are published with it, in place of what a provider sends. */
  readonly key?: string;
}

/** By the clock of `nowMs`. */
export interface Posted {
  readonly firstMs: number;
  readonly lastMs: number;
}

interface Signed {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

const methods = {
  /** Posts a batch over all connections at once; requests answered a second. */
  async perSecond(batch: Batch): Promise<number> {
    const { firstMs, lastMs } = await postAll(batch);
    return batch.count / ((lastMs - firstMs) / 1000);
  },

  /** The same: when it began, and when the last was answered. */
  posted(batch: Batch): Promise<Posted> {
    return postAll(batch);
  },

  /** Posts a batch at an even pace, whatever the answers take; when each of them was sent. */
  async paced(batch: Batch, perSecond: number): Promise<number[]> {
    const requests = signed(batch);
    const connections = connect();
    const sentAtMs: number[] = [];
    const underWay: Promise<void>[] = [];
    const startMs = nowMs();
    for (const [number, each] of requests.entries()) {
      const waitMs = startMs + (number * 1000) / perSecond - nowMs();
      if (waitMs > 0) await sleep(waitMs);
      sentAtMs.push(nowMs());
      underWay.push(post(batch.url, each, connections));
    }
    await Promise.all(underWay);
    connections.destroy();
    return sentAtMs;
  },
};

export type LoadMethods = typeof methods;

serve(methods);

async function postAll(batch: Batch): Promise<Posted> {
  const requests = signed(batch);
  const connections = connect();
  const queue = requests.values();
  const firstMs = nowMs();
  const worker = async () => {
    for (const each of queue) await post(batch.url, each, connections);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  const lastMs = nowMs();
  connections.destroy();
  return { firstMs, lastMs };
}

function signed({ name, count, subjects, secret, key }: Batch): Signed[] {
  return Array.from({ length: count }, (_, number) => {
    const id = `${name}-${number}`;
    const body = bodyOf(id, (number % subjects) + 1);
    if (key !== undefined) return published(id, body, key);
    const signature = createHmac('sha256', secret).update(body).digest('base64');
    return { body, headers: { 'content-type': 'application/json', 'x-superoffice-signature': signature } };
  });
}

/** The same as an event of one's own. */
function published(id: string, data: string, key: string): Signed {
  const envelope = { specversion: '1.0', id, source: '/bench', type: 'bench.contact.changed' };
  return {
    body: `${JSON.stringify(envelope).slice(0, -1)},"data":${data}}`,
    headers: { 'content-type': 'application/cloudevents+json', authorization: `Bearer ${key}` },
  };
}

function bodyOf(id: string, primaryKey: number): string {
  const members = {
    EventId: id,
    Timestamp: '2026-01-01T00:00:00.0000000Z',
    Changes: [] as string[],
    Event: 'contact.changed',
    PrimaryKey: primaryKey,
    Entity: 'contact',
    ContextIdentifier: 'Cust12345',
    ChangedByAssociateId: 7,
    WebhookName: 'bench',
  };
  const changes = ['contact_id'];
  let missing = BODY_BYTES - JSON.stringify({ ...members, Changes: changes }).length;
  for (let n = 0; missing > 20; n += 1) {
    const change = `extra_field_${n}`;
    changes.push(change);
    missing -= change.length + 3;
  }
  return JSON.stringify({ ...members, Changes: changes });
}

/** For one batch: kept longer, one might be closed by the other side just when it is used again. */
function connect(): Agent {
  return new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
}

async function post(url: string, { body, headers: own }: Signed, agent: Agent): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const headers = { ...own, 'content-length': Buffer.byteLength(body) };
  const sent = request(url, { method: 'POST', agent, headers }, (response) => {
    response.resume().once('end', () => {
      if (response.statusCode === 200 || response.statusCode === 202) resolve(undefined);
      else reject(new Error(`${url}: expected 200, got ${response.statusCode ?? 'nothing'}`));
    });
  });
  sent.once('error', reject).end(body);
  await promise;
}
