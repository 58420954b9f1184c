/** The client's sockets against stand-ins of them: what is sent, what survives a lost connection, what ends it. */
import { describe, expect, it } from 'vitest';
import { ClosedError, posthorn, type LiveState } from '../../../client/posthorn.ts';

/** The relay's end is in the hands of the test. */
class StandIn extends EventTarget {
  readyState = 0;
  readonly sent: string[] = [];
  readonly url: string;
  readonly protocols: readonly string[];

  constructor(url: string, protocols: readonly string[]) {
    super();
    this.url = url;
    this.protocols = protocols;
  }

  open(...frames: object[]): this {
    this.readyState = 1;
    this.dispatchEvent(new Event('open'));
    for (const frame of frames) this.say(frame);
    return this;
  }

  say(frame: object): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(frame) }));
  }

  send(text: string): void {
    if (text !== 'ping') this.sent.push(text);
  }

  close(code = 1000): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event('close'), { code, reason: '' }));
  }
}

/** `script`: what the relay does with each connection, in turn. */
function relayOf(...script: ((socket: StandIn) => void)[]) {
  const sockets: StandIn[] = [];
  const probes: string[] = [];
  const relay = posthorn({
    url: 'https://relay.example',
    key: 'ph_key',
    connect: (url, protocols) => {
      const socket = new StandIn(url, protocols);
      const act = script[sockets.length];
      sockets.push(socket);
      queueMicrotask(() => act?.(socket));
      return socket as unknown as WebSocket;
    },
    fetch: (url) => {
      probes.push(url);
      return Promise.resolve(probeAnswer);
    },
  });
  let probeAnswer = new Response(null, { status: 426 });
  return {
    relay,
    sockets,
    probes,
    answerProbes: (status: number, code: string) => {
      probeAnswer = Response.json({ status, code, detail: '', title: '', type: '' }, { status });
    },
  };
}

const ready = { kind: 'ready', hookId: 7, pending: 1 };
const delivery = (eventId: string) => ({
  kind: 'delivery',
  eventId,
  attempt: 1,
  method: 'POST',
  headers: { 'webhook-id': eventId },
  body: 'aGk=',
  encoding: 'base64',
  timeoutSeconds: 15,
});

describe('a listener', () => {
  it('hands out deliveries, sends the answers, and asks for its protocol', async () => {
    const { relay, sockets } = relayOf((socket) => void socket.open(ready, delivery('evt_1')));
    for await (const one of relay.hooks.listen(7)) {
      expect(new TextDecoder().decode(one.body)).toBe('hi');
      expect(one.answer({ status: 200, headers: {}, body: 'ok' })).toBe(true);
      break;
    }
    expect(sockets[0]).toMatchObject({
      url: 'wss://relay.example/v1/hooks/7/listen',
      protocols: ['posthorn.listen.v1'],
    });
    expect(sockets[0]?.sent.map((text) => JSON.parse(text) as unknown)).toEqual([
      { kind: 'answer', eventId: 'evt_1', attempt: 1, status: 200, headers: {}, body: 'ok' },
    ]);
    expect(sockets[0]?.readyState).toBe(3);
  });

  it('connects again when the connection is lost, and says that an answer could not be sent', async () => {
    const { relay, sockets } = relayOf(
      (socket) => void socket.open(ready, delivery('evt_1')),
      (socket) => void socket.open(ready, delivery('evt_1')),
    );
    const states: LiveState['kind'][] = [];
    const answered: boolean[] = [];
    for await (const one of relay.hooks.listen(7, { onState: ({ kind }) => states.push(kind) })) {
      if (answered.length === 0) sockets[0]?.close(1006);
      answered.push(one.answer({ status: 200, headers: {}, body: '' }));
      if (answered.length === 2) break;
    }
    expect(answered).toEqual([false, true]);
    expect(states).toEqual(['connecting', 'lost', 'connecting']);
  });

  it('takes over once: not again after it was ready', async () => {
    const { relay, sockets } = relayOf(
      (socket) => {
        socket.open(ready).close(1006);
      },
      (socket) => void socket.open(ready, delivery('evt_1')),
    );
    for await (const one of relay.hooks.listen(7, { takeover: true })) {
      one.fail('unreachable');
      break;
    }
    expect(sockets.map(({ url }) => new URL(url).search)).toEqual(['?takeover=true', '']);
  });

  it('comes back although the relay still holds the place of the connection that was lost', async () => {
    const { relay, sockets } = relayOf(
      (socket) => {
        socket.open(ready).close(1006);
      },
      (socket) => {
        socket.open().close(4409);
      },
      (socket) => void socket.open(ready, delivery('evt_1')),
    );
    for await (const one of relay.hooks.listen(7)) {
      expect(one.eventId).toBe('evt_1');
      break;
    }
    expect(sockets).toHaveLength(3);
  });

  it.each([4401, 4408, 4409])('ends for good with %d', async (code) => {
    const { relay, sockets } = relayOf((socket) => {
      socket.open().close(code);
    });
    const error: unknown = await relay.hooks
      .listen(7)
      .next()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ClosedError);
    expect(error).toMatchObject({ code });
    expect(sockets).toHaveLength(1);
  });

  it('learns from a plain call why a socket was refused', async () => {
    const { relay, answerProbes, probes } = relayOf((socket) => {
      socket.close(1006);
    });
    answerProbes(404, 'not-found');
    await expect(relay.hooks.listen(7).next()).rejects.toMatchObject({ code: 'not-found' });
    expect(probes).toEqual(['https://relay.example/v1/hooks/7/listen']);
  });

  it('ends when it is told to', async () => {
    const stop = new AbortController();
    const { relay } = relayOf((socket) => {
      socket.open(ready);
      stop.abort();
    });
    expect(await relay.hooks.listen(7, { signal: stop.signal }).next()).toMatchObject({ done: true });
  });

  it('closes on what is no frame, and connects again', async () => {
    const { relay, sockets } = relayOf(
      (socket) => {
        socket.open();
        socket.dispatchEvent(new MessageEvent('message', { data: '{not json' }));
      },
      (socket) => void socket.open(ready, delivery('evt_1')),
    );
    for await (const one of relay.hooks.listen(7)) {
      expect(one.eventId).toBe('evt_1');
      break;
    }
    expect(sockets).toHaveLength(2);
  });
});

describe('a tail', () => {
  const event = (cursor: string) => ({ kind: 'event', cursor, event: { id: cursor } });

  it('goes on after the last event that it handed out', async () => {
    const { relay, sockets } = relayOf(
      (socket) => {
        socket.open({ kind: 'ready', cursor: 'c0' }, event('c1'), event('c2')).close(1006);
      },
      (socket) => void socket.open({ kind: 'ready', cursor: 'c2' }, event('c3')),
    );
    const cursors: string[] = [];
    for await (const frame of relay.tail({ types: ['a.*', 'b'] })) {
      if (frame.kind === 'event') cursors.push(frame.cursor);
      if (cursors.length === 3) break;
    }
    expect(cursors).toEqual(['c1', 'c2', 'c3']);
    expect(sockets.map(({ url }) => Object.fromEntries(new URL(url).searchParams))).toEqual([
      { types: 'a.*,b' },
      { types: 'a.*,b', after: 'c2' },
    ]);
  });

  it('misses nothing when the connection is lost before the first event', async () => {
    const { relay, sockets } = relayOf(
      (socket) => {
        socket.open({ kind: 'ready', cursor: 'c5' }).close(1006);
      },
      (socket) => void socket.open(event('c6')),
    );
    expect((await relay.tail().next()).value).toMatchObject({ cursor: 'c6' });
    expect(new URL(sockets[1]?.url ?? '').searchParams.get('after')).toBe('c5');
  });

  it('acknowledges what was read, and not what only arrived', async () => {
    const { relay, sockets } = relayOf((socket) => {
      socket.open(...Array.from({ length: 300 }, (_, index) => event(`c${index}`)));
    });
    let read = 0;
    const frames = relay.tail();
    while (read < 250 && (await frames.next()).done !== true) read += 1;
    await frames.return(undefined);
    expect(sockets[0]?.sent.map((text) => JSON.parse(text) as unknown)).toEqual([
      { kind: 'ack', cursor: 'c99' },
      { kind: 'ack', cursor: 'c199' },
    ]);
  });

  it('acknowledges large ones sooner, as the relay lets few of them go ahead, and attempts as well', async () => {
    const large = 'x'.repeat(300_000);
    const attempt = { kind: 'attempt', eventId: 'e', number: 1, outcome: 'failed', detail: large };
    const { relay, sockets } = relayOf((socket) => {
      const envelope = { id: 'e', data: large };
      socket.open({ kind: 'event', cursor: 'c1', event: envelope }, attempt, event('c2'), event('c3'));
    });
    const frames = relay.tail();
    for (let read = 0; read < 4; read += 1) await frames.next();
    await frames.return(undefined);
    expect(sockets[0]?.sent.map((text) => JSON.parse(text) as unknown)).toEqual([
      { kind: 'ack', cursor: 'c1' },
      { kind: 'ack', cursor: 'c1' },
    ]);
  });
});
