/** A WebSocket of a running relay, as Node has it: frames in, frames out. */
import { until } from './until.ts';

export interface DeliveryFrame {
  readonly kind: 'delivery';
  readonly eventId: string;
  readonly attempt: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly encoding: 'utf8' | 'base64';
  readonly timeoutSeconds: number;
}

export type Frame = Readonly<Record<string, unknown>> & { readonly kind: string };

export class Connection {
  readonly frames: Frame[] = [];
  /** null: it is open still. */
  closed: { readonly code: number; readonly reason: string } | null = null;
  pongs = 0;
  readonly socket: WebSocket;
  /** Told of each frame as it comes. */
  onFrame: (frame: Frame) => void = () => undefined;

  /** `key` goes as a browser sends it: beside the protocol. */
  constructor(url: string, protocol: string, key: string) {
    this.socket = new WebSocket(url.replace(/^http/, 'ws'), [protocol, `posthorn.key.${key}`]);
    this.socket.addEventListener('message', ({ data }) => {
      if (data === 'pong') {
        this.pongs += 1;
        return;
      }
      const frame = JSON.parse(String(data)) as Frame;
      this.frames.push(frame);
      this.onFrame(frame);
    });
    this.socket.addEventListener('close', ({ code, reason }) => {
      this.closed = { code, reason };
    });
    // A connection that breaks is closed as well.
    this.socket.addEventListener('error', () => undefined);
  }

  /** Its first frame. */
  async ready(): Promise<Frame> {
    return this.frame(({ kind }) => kind === 'ready');
  }

  async frame(holds: (frame: Frame) => boolean): Promise<Frame> {
    const found = await until(
      () => Promise.resolve(this.frames.find(holds) ?? this.closed),
      (value) => value !== null,
    );
    if (found === null || !('kind' in found)) throw new Error(`closed: ${JSON.stringify(found)}`);
    return found;
  }

  async closing(): Promise<{ readonly code: number; readonly reason: string }> {
    const closed = await until(
      () => Promise.resolve(this.closed),
      (value) => value !== null,
    );
    return closed ?? { code: 0, reason: '' };
  }

  get deliveries(): DeliveryFrame[] {
    return this.frames.filter(({ kind }) => kind === 'delivery') as unknown as DeliveryFrame[];
  }

  send(frame: unknown): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  answer({ eventId, attempt }: Pick<DeliveryFrame, 'eventId' | 'attempt'>, status = 200): void {
    this.send({ kind: 'answer', eventId, attempt, status, headers: {}, body: '' });
  }

  close(): void {
    this.socket.close();
  }
}

export function listen(url: string, hookId: number, key: string, query = ''): Connection {
  return new Connection(`${url}/v1/hooks/${hookId}/listen${query}`, 'posthorn.listen.v1', key);
}
