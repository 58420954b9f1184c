/** The typed client without a network: what it sends, what it makes of the answers. */
import { describe, expect, it } from 'vitest';
import { PosthornError, UnreachableError, etagOf, posthorn } from '../../../client/posthorn.ts';

interface Sent {
  readonly url: string;
  readonly init: RequestInit;
}

/** A client whose calls are answered by these, one after the other; an Error is a connection that failed. */
function clientOf(...answers: (Response | Error)[]) {
  const sent: Sent[] = [];
  const relay = posthorn({
    url: 'http://relay.example/base',
    key: 'ph_key',
    tenant: 'acme',
    fetch: (url, init) => {
      sent.push({ url, init });
      const answer = answers.shift() ?? new Error('no more answers');
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  });
  return {
    relay,
    sent,
    header: (call: number, name: string) => new Headers(sent[call]?.init.headers).get(name),
  };
}

function refusal(status: number, code: string, headers: Record<string, string> = {}): Response {
  const errors = [{ path: '/url', expected: 'https', got: 'http' }];
  const problem = { type: `/docs#${code}`, title: 'No', status, detail: 'Not so.', code, errors };
  return new Response(JSON.stringify(problem), { status, headers });
}

const AT_ONCE = { 'retry-after': '0' };

describe('a call', () => {
  it('carries key and tenant, and keeps the path of the base URL', async () => {
    const { relay, sent, header } = clientOf(Response.json({ id: 7 }));
    await relay.hooks.get(7);
    expect(sent[0]?.url).toBe('http://relay.example/base/v1/hooks/7');
    expect(header(0, 'authorization')).toBe('Bearer ph_key');
    expect(header(0, 'posthorn-tenant')).toBe('acme');
  });

  it('encodes what goes into path and query, and leaves out what is undefined', async () => {
    const { relay, sent } = clientOf(Response.json({ event: {}, deliveries: [], nextCursor: null }));
    await relay.events.get('a/b?c', { hook: '3', cursor: undefined });
    expect(sent[0]?.url).toBe('http://relay.example/base/v1/events/a%2Fb%3Fc?hook=3');
  });

  it('sends a body as JSON, with the ETag that must still hold', async () => {
    const { relay, sent, header } = clientOf(Response.json({ id: 7 }));
    await relay.hooks.update(7, { name: 'x' }, { ifMatch: '"3"' });
    expect(sent[0]?.init).toMatchObject({ method: 'PATCH', body: '{"name":"x"}' });
    expect(header(0, 'content-type')).toBe('application/json');
    expect(header(0, 'if-match')).toBe('"3"');
  });

  it('knows the ETag of what it was answered, and of nothing else', async () => {
    const { relay } = clientOf(Response.json({ id: 7 }, { headers: { etag: '"9"' } }));
    const hook = await relay.hooks.get(7);
    expect(etagOf(hook)).toBe('"9"');
    expect(etagOf({ ...hook })).toBeUndefined();
  });

  it('answers undefined where there is no body', async () => {
    const { relay } = clientOf(new Response(null, { status: 204 }));
    await expect(relay.hooks.delete(7)).resolves.toBeUndefined();
  });
});

describe('a refusal', () => {
  it('is an error with code, status, detail and the places of what is wrong', async () => {
    const { relay } = clientOf(refusal(400, 'invalid'));
    const error: unknown = await relay.hooks.create({ url: 'http://x' }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PosthornError);
    expect(error).toMatchObject({
      code: 'invalid',
      status: 400,
      detail: 'Not so.',
      problems: [{ path: '/url', expected: 'https', got: 'http' }],
    });
  });

  it('by something that is no relay says so', async () => {
    const { relay } = clientOf(new Response('<h1>Bad gateway</h1>', { status: 404 }));
    await expect(relay.stats()).rejects.toMatchObject({ code: 'unexpected-answer', status: 404 });
  });

  it('is also a 200 that is not JSON', async () => {
    const { relay } = clientOf(new Response('<h1>Welcome</h1>'));
    await expect(relay.stats()).rejects.toMatchObject({ code: 'unexpected-answer', status: 200 });
  });
});

describe('what is tried again', () => {
  it('a call that reads, until it is answered', async () => {
    const { relay, sent } = clientOf(
      refusal(503, 'unavailable', AT_ONCE),
      new Error('refused'),
      Response.json({ accepted: 1 }),
    );
    expect(await relay.stats()).toEqual({ accepted: 1 });
    expect(sent).toHaveLength(3);
  });

  it('not a call that writes: it may have taken effect', async () => {
    const { relay, sent } = clientOf(new Error('connection lost'));
    await expect(relay.hooks.pause(7)).rejects.toBeInstanceOf(UnreachableError);
    expect(sent).toHaveLength(1);
  });

  it('a call that writes with an Idempotency-Key, which is the same each time', async () => {
    const made = Response.json({ id: 7, secret: 's' }, { status: 201 });
    const { relay, header } = clientOf(refusal(503, 'unavailable', AT_ONCE), made);
    await relay.hooks.create({ url: 'https://a.example/' }, { idempotencyKey: 'once' });
    expect([header(0, 'idempotency-key'), header(1, 'idempotency-key')]).toEqual(['once', 'once']);
  });

  it('no refusal that would be the same again', async () => {
    const { relay, sent } = clientOf(refusal(403, 'forbidden'));
    await expect(relay.stats()).rejects.toMatchObject({ code: 'forbidden' });
    expect(sent).toHaveLength(1);
  });

  it('not what was aborted', async () => {
    const { relay, sent } = clientOf(new Error('aborted'));
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(relay.stats({ signal })).rejects.toThrow('enough');
    expect(sent).toHaveLength(1);
  });
});

describe('a list', () => {
  const pages = () => [
    Response.json({ data: [{ id: 1 }, { id: 2 }], nextCursor: 'c1' }),
    Response.json({ data: [], nextCursor: 'c2' }),
    Response.json({ data: [{ id: 3 }], nextCursor: null }),
  ];

  it('goes over all pages, also over empty ones', async () => {
    const { relay, sent } = clientOf(...pages());
    const ids: number[] = [];
    for await (const { id } of relay.hooks.list({ limit: 2 })) ids.push(id);
    expect(ids).toEqual([1, 2, 3]);
    expect(sent.map(({ url }) => new URL(url).search)).toEqual([
      '?limit=2',
      '?limit=2&cursor=c1',
      '?limit=2&cursor=c2',
    ]);
  });

  it('asks for no page that nobody reads', async () => {
    const { relay, sent } = clientOf(...pages());
    expect(await relay.hooks.list().take(2)).toHaveLength(2);
    expect(sent).toHaveLength(1);
  });

  it('gives a page with its cursor', async () => {
    const { relay } = clientOf(...pages());
    expect(await relay.hooks.list().page()).toMatchObject({ nextCursor: 'c1' });
  });
});

it('an export comes line by line, with the last one too', async () => {
  const lines = ['{"kind":"event","event":{"id":"ä"}}', '{"kind":"event","event":{"id":"b"}}'];
  const bytes = new TextEncoder().encode(lines.join('\n'));
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      // In the middle of a character, and of a line.
      for (let at = 0; at < bytes.length; at += 9) controller.enqueue(bytes.slice(at, at + 9));
      controller.close();
    },
  });
  const { relay } = clientOf(new Response(body));
  const read: string[] = [];
  for await (const line of relay.exportLines()) read.push(line);
  expect(read).toEqual(lines);
});
