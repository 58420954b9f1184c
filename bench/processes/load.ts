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
}

interface Signed {
  readonly body: string;
  readonly signature: string;
}

const methods = {
  /** Posts a batch over all connections at once; requests answered a second. */
  async perSecond(batch: Batch): Promise<number> {
    const requests = signed(batch);
    const connections = connect();
    const queue = requests.values();
    const startMs = nowMs();
    const worker = async () => {
      for (const each of queue) await post(batch.url, each, connections);
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, worker));
    const tookMs = nowMs() - startMs;
    connections.destroy();
    return requests.length / (tookMs / 1000);
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

function signed({ name, count, subjects, secret }: Batch): Signed[] {
  return Array.from({ length: count }, (_, number) => {
    const body = bodyOf(`${name}-${number}`, (number % subjects) + 1);
    return { body, signature: createHmac('sha256', secret).update(body).digest('base64') };
  });
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

async function post(url: string, { body, signature }: Signed, agent: Agent): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-superoffice-signature': signature,
  };
  const sent = request(url, { method: 'POST', agent, headers }, (response) => {
    response.resume().once('end', () => {
      if (response.statusCode === 200) resolve(undefined);
      else reject(new Error(`${url}: expected 200, got ${response.statusCode ?? 'nothing'}`));
    });
  });
  sent.once('error', reject).end(body);
  await promise;
}
