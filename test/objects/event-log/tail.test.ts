/** Who watches a log: what each viewer is sent, over evictions of the log, and what it costs while nothing comes in. */
import { evictDurableObject } from 'cloudflare:test';
import { afterEach, expect, test, vi } from 'vitest';
import { tailCursor } from '../../../src/core/tail.ts';
import { Tail } from '../../../src/event-log/tail.ts';
import { clockAhead, openedLog, publishTo, type Log } from './log.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

interface EventFrame {
  readonly kind: 'ready' | 'event';
  readonly cursor: string;
  readonly event: { readonly posthornid: string };
}

class Viewer {
  readonly frames: EventFrame[] = [];
  closed: number | null = null;
  pongs = 0;
  readonly #socket: WebSocket;
  #look: () => void = () => undefined;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.accept();
    socket.addEventListener('message', ({ data }) => {
      if (data === 'pong') this.pongs += 1;
      else this.frames.push(JSON.parse(String(data)) as EventFrame);
      this.#look();
    });
    socket.addEventListener('close', ({ code }) => {
      this.closed = code;
      this.#look();
    });
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => (this.#look = resolve));
  }

  /** Ids of the events that it was sent, once there are so many. */
  async events(count: number): Promise<string[]> {
    const events = () => this.frames.filter(({ kind }) => kind === 'event');
    await this.until(() => events().length >= count);
    return events().map(({ event }) => event.posthornid);
  }

  async ping(): Promise<void> {
    const before = this.pongs;
    this.#socket.send('ping');
    await this.until(() => this.pongs > before);
  }

  send(frame: string | ArrayBuffer): void {
    this.#socket.send(frame);
  }

  close(): void {
    this.#socket.close(1000);
  }
}

async function watch(log: Log, query = ''): Promise<Viewer> {
  const request = new Request(`https://log.test/tail?${query}`, { headers: { upgrade: 'websocket' } });
  const { webSocket } = await log.stub.fetch(request);
  if (webSocket === null) throw new Error('expected a WebSocket');
  return new Viewer(webSocket);
}

const publish = (log: Log, count = 1) =>
  log.inside((object) => Array.from({ length: count }, () => publishTo(object)));

test('a log that leaves memory goes on where each viewer is', async () => {
  const log = await openedLog();
  const before = await publish(log, 3);
  const viewer = await watch(log, 'after=1');
  expect(await viewer.events(2)).toEqual(before.slice(1));
  await evictDurableObject(log.stub);
  const after = await publish(log, 2);
  expect(await viewer.events(4)).toEqual([...before.slice(1), ...after]);
});

test('what came in and was not sent yet is sent when the log is back', async () => {
  const log = await openedLog();
  const viewer = await watch(log);
  const ids = await log.inside((object) => {
    // It leaves memory before it has looked.
    vi.spyOn(Tail.prototype, 'arrived').mockImplementation(() => undefined);
    return [publishTo(object)];
  });
  await evictDurableObject(log.stub);
  vi.restoreAllMocks();
  await log.inside(() => undefined);
  expect(await viewer.events(1)).toEqual(ids);
});

test('who waits wakes nobody: pings are answered without the log', async () => {
  const log = await openedLog();
  const viewers = await Promise.all(Array.from({ length: 20 }, () => watch(log)));
  await evictDurableObject(log.stub);
  const opened = vi.spyOn(Tail.prototype, 'arrived');
  await Promise.all(viewers.map((viewer) => viewer.ping()));
  expect(opened).not.toHaveBeenCalled();
  // Whereas this does wake it.
  await publish(log);
  expect(opened).toHaveBeenCalled();
  for (const viewer of viewers) expect(await viewer.events(1)).toHaveLength(1);
});

test('a cursor of what is still to come misses nothing of it', async () => {
  const log = await openedLog();
  await publish(log, 2);
  const viewer = await watch(log, 'after=1000');
  await viewer.until(() => viewer.frames.length === 1);
  expect(viewer.frames[0]?.cursor).toBe(tailCursor(log.tenant.incarnation, 2));
  expect(await publish(log)).toEqual(await viewer.events(1));
});

test('who has pinged before and is silent now makes room for the twenty-first', async () => {
  const log = await openedLog();
  const viewers = await Promise.all(Array.from({ length: 20 }, () => watch(log)));
  const [first] = viewers;
  await first?.ping();
  const refused = await watch(log);
  await refused.until(() => refused.closed !== null);
  expect(refused.closed).toBe(4429);
  clockAhead(46_000);
  const next = await watch(log);
  await next.until(() => next.frames.length === 1);
  await first?.until(() => first.closed !== null);
  expect(viewers.map(({ closed }) => closed)).toEqual([4410, ...Array<null>(19).fill(null)]);
});

test.each<[string, string | ArrayBuffer]>([
  ['binary', new ArrayBuffer(4)],
  ['no JSON', '{'],
  ['a megabyte', JSON.stringify({ kind: 'ack', cursor: 'x'.repeat(1_000_000) })],
  ['deep', '['.repeat(200_000)],
  ['another kind', '{"kind":"answer","cursor":"tail.a.1"}'],
  ['a cursor of another tenant', '{"kind":"ack","cursor":"tail.00000000.1"}'],
])('a frame that is none (%s) ends this connection with 4400, and no other', async (_what, frame) => {
  const log = await openedLog();
  const [hostile, other] = [await watch(log), await watch(log)];
  hostile.send(frame);
  await hostile.until(() => hostile.closed !== null);
  expect(hostile.closed).toBe(4400);
  expect(await publish(log)).toEqual(await other.events(1));
});

test('who leaves half-way, or says nothing at all, keeps nobody else from being served', async () => {
  const log = await openedLog();
  await publish(log, 500);
  const [leaving, mute] = [await watch(log, 'after=0'), await watch(log, 'after=0')];
  await leaving.events(1);
  leaving.close();
  const other = await watch(log, 'after=0');
  expect(await other.events(500)).toHaveLength(500);
  expect(await mute.events(500)).toHaveLength(500);
});
