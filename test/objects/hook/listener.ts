/** Who listens to a Hook object that a test in workerd drives: frames in, answers out. */
import type { HookUnderTest } from '../../support/objects.ts';

export interface DeliveryFrame {
  readonly kind: 'delivery';
  readonly eventId: string;
  readonly attempt: number;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly encoding: string;
  readonly timeoutSeconds: number;
}

export class TestListener {
  readonly frames: unknown[] = [];
  /** Close code; null: it is open. */
  closed: { readonly code: number; readonly reason: string } | null = null;
  readonly #socket: WebSocket;
  readonly #waiting = new Set<() => void>();

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.accept();
    socket.addEventListener('message', ({ data }) => {
      this.frames.push(data === 'pong' ? 'pong' : JSON.parse(String(data)));
      this.#somethingCame();
    });
    socket.addEventListener('close', ({ code, reason }) => {
      this.closed = { code, reason };
      this.#somethingCame();
    });
  }

  #somethingCame(): void {
    for (const look of this.#waiting) look();
  }

  /** Once it holds; there is no other end than that of the test. */
  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      const look = () => {
        resolve(undefined);
      };
      this.#waiting.add(look);
      await promise;
      this.#waiting.delete(look);
    }
  }

  get deliveries(): DeliveryFrame[] {
    return this.frames.filter(isDelivery);
  }

  /** All deliveries, once there are that many. */
  async got(count: number): Promise<DeliveryFrame[]> {
    await this.#until(() => this.deliveries.length >= count);
    return this.deliveries;
  }

  /** The first frame that holds. */
  async frame(holds: (frame: unknown) => boolean): Promise<unknown> {
    await this.#until(() => this.frames.some(holds));
    return this.frames.find(holds);
  }

  async closing(): Promise<{ readonly code: number; readonly reason: string }> {
    await this.#until(() => this.closed !== null);
    return this.closed ?? { code: 0, reason: '' };
  }

  send(frame: unknown): void {
    this.#socket.send(
      typeof frame === 'string' || frame instanceof ArrayBuffer ? frame : JSON.stringify(frame),
    );
  }

  answer({ eventId, attempt }: DeliveryFrame, status = 200, more: object = {}): void {
    this.send({ kind: 'answer', eventId, attempt, status, headers: {}, body: '', ...more });
  }

  close(): void {
    this.#socket.close(1000, 'bye');
  }
}

function isDelivery(frame: unknown): frame is DeliveryFrame {
  return (frame as { readonly kind?: string }).kind === 'delivery';
}

/** `query`: `takeover=true`, or the id of a key. */
export async function listenTo(hook: HookUnderTest, query = ''): Promise<TestListener> {
  const request = new Request(`https://hook.test/listen?${query}`, { headers: { upgrade: 'websocket' } });
  const { webSocket } = await hook.stub.fetch(request);
  if (webSocket === null) throw new Error('expected a WebSocket');
  return new TestListener(webSocket);
}
