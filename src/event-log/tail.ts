/**
 * Who watches the log as it grows. Each viewer is sent every event after its cursor that is for it, in the order of the
 * log: those that are there already a page at a time, then those that come in. How far it has come lies in its socket's
 * attachment, so that the object may leave memory meanwhile.
 */
import { structuredBody } from '../core/envelope.ts';
import { knownPattern, matches, type Pattern } from '../core/pattern.ts';
import {
  acknowledged,
  afterAck,
  afterSending,
  afterTelling,
  maySend,
  progressFrom,
  seqOfTailCursor,
  TAIL_CLOSES,
  tailCursor,
  type Progress,
  type TailClose,
} from '../core/tail.ts';
import type { SeenAttempt } from '../hook/watched.ts';
import type { OpenLog } from './open-log.ts';

const TAG = 'tail';
const MOST_VIEWERS = 20;
const SILENT_MS = 45_000;
/** What comes in close together is sent together. */
const GATHER_MS = 5;
/** Of the log, looked at for one viewer in one turn: other calls come in between. */
const PAGE_ROWS = 200;
const PAGE_BYTES = 1024 * 1024;

interface Wish {
  /** null: the operator's. */
  readonly keyId: string | null;
  readonly expiresAtMs: number | null;
  /** Patterns over the type; none: any. */
  readonly types: readonly string[];
  /** null: whoever gets it. */
  readonly hookId: number | null;
}

type Attachment = Wish & { readonly progress: Progress };

interface Viewer {
  readonly socket: WebSocket;
  readonly wish: Wish;
  readonly patterns: readonly Pattern[];
  progress: Progress;
}

export class Tail {
  readonly #ctx: DurableObjectState;
  readonly #log: OpenLog;
  readonly #watchHook: (hookId: number) => Promise<void>;
  readonly #viewers = new Map<WebSocket, Viewer>();
  #isPumping = false;

  /** Finds those who watched before the object left memory. */
  constructor(ctx: DurableObjectState, log: OpenLog, watchHook: (hookId: number) => Promise<void>) {
    this.#ctx = ctx;
    this.#watchHook = watchHook;
    this.#log = log;
    for (const socket of ctx.getWebSockets(TAG)) {
      const attachment = socket.deserializeAttachment() as Attachment | null;
      if (attachment === null || socket.readyState !== WebSocket.OPEN) continue;
      const { progress, ...wish } = attachment;
      this.#add(socket, wish, progress);
    }
    this.dropRevoked();
    this.arrived();
  }

  /**
   * Connects a viewer, by an upgrade that the Worker has let through: `key` is the id of its key, none the operator's;
   * `types`, `hook` and `after`, a place in the log, say what it is sent.
   */
  connect(request: Request): Response {
    const { searchParams } = new URL(request.url);
    const { 0: client, 1: socket } = new WebSocketPair();
    const keyId = searchParams.get('key');
    const key = keyId === null ? null : this.#log.keys.get(keyId);
    const isGood = keyId === null || (key !== null && (key.expiresAtMs ?? Infinity) > Date.now());
    if (this.#viewers.size >= MOST_VIEWERS) this.#dropSilent();
    const refusal = !isGood ? 'bad-key' : this.#viewers.size >= MOST_VIEWERS ? 'too-many' : null;
    if (refusal === null) {
      const hook = searchParams.get('hook');
      const after = searchParams.get('after');
      const wish = {
        keyId,
        expiresAtMs: key?.expiresAtMs ?? null,
        types: searchParams.getAll('type'),
        hookId: hook === null ? null : Number(hook),
      };
      // A log that was put back to an earlier state has given out cursors that are still to come.
      this.#letIn(socket, wish, Math.min(Number(after ?? Infinity), this.#log.lastSeq));
    } else {
      socket.accept();
      socket.close(TAIL_CLOSES[refusal], REASONS[refusal]);
    }
    return new Response(null, { status: 101, webSocket: client });
  }

  #letIn(socket: WebSocket, wish: Wish, afterSeq: number): void {
    // Answered by the runtime: a client that shows life wakes nobody.
    this.#ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));
    this.#ctx.acceptWebSocket(socket, [TAG]);
    const viewer = this.#add(socket, wish, progressFrom(afterSeq));
    socket.send(JSON.stringify({ kind: 'ready', cursor: this.#cursorOf(afterSeq) }));
    save(viewer);
    if (wish.hookId !== null) this.#ctx.waitUntil(this.#watch(wish.hookId));
    this.arrived();
  }

  /** Throws nothing: events come all the same. */
  async #watch(hookId: number): Promise<void> {
    try {
      await this.#watchHook(hookId);
    } catch (error) {
      console.warn('a hook could not be told that it is watched', { hookId, error: String(error) });
    }
  }

  /** What attempts of this hook came to, as it happens. False: nobody watches it. */
  attempted(hookId: number, attempts: readonly SeenAttempt[]): boolean {
    const viewers = [...this.#viewers.values()].filter(({ wish }) => wish.hookId === hookId);
    for (const viewer of viewers) {
      // Who does not read on gets no more of them, either.
      if (!maySend(viewer.progress, this.#viewers.size)) continue;
      try {
        for (const attempt of attempts) {
          const frame = JSON.stringify({ kind: 'attempt', ...attempt });
          viewer.socket.send(frame);
          viewer.progress = afterTelling(viewer.progress, frame.length);
        }
        save(viewer);
      } catch {
        this.gone(viewer.socket);
      }
    }
    return viewers.length > 0;
  }

  /** There are events that were not there before. Without a viewer this does nothing. */
  arrived(): void {
    if (this.#viewers.size === 0 || this.#isPumping) return;
    this.#isPumping = true;
    this.#ctx.waitUntil(this.#pump());
  }

  /** A frame of a viewer. One that is no acknowledgement ends the connection. */
  heard(socket: WebSocket, message: string | ArrayBuffer): void {
    const viewer = this.#viewers.get(socket);
    if (viewer === undefined) return;
    const cursor = acknowledged(message);
    const seq = cursor === null ? null : seqOfTailCursor(this.#log.ref.incarnation, cursor);
    if (seq === null) {
      this.#end(viewer, 'bad-frame');
      return;
    }
    viewer.progress = afterAck(viewer.progress, seq);
    save(viewer);
    this.arrived();
  }

  gone(socket: WebSocket): void {
    this.#viewers.delete(socket);
    try {
      // The other side waits for it.
      socket.close(1000);
    } catch {
      // The connection broke.
    }
  }

  /** Whoever watches by a key that is good no more. */
  dropRevoked(): void {
    for (const viewer of this.#viewers.values()) {
      const { keyId, expiresAtMs } = viewer.wish;
      const isExpired = (expiresAtMs ?? Infinity) <= Date.now();
      if (isExpired || (keyId !== null && this.#log.keys.get(keyId) === null)) this.#end(viewer, 'bad-key');
    }
  }

  /** Whoever has pinged before and does so no more: a laptop that sleeps closes no connection. */
  #dropSilent(): void {
    for (const viewer of this.#viewers.values()) {
      const pingedAt = this.#ctx.getWebSocketAutoResponseTimestamp(viewer.socket);
      if (pingedAt !== null && Date.now() - pingedAt.getTime() > SILENT_MS) this.#end(viewer, 'silent');
    }
  }

  /** When the next key by which somebody watches expires. */
  dueMs(): number {
    return Math.min(...Array.from(this.#viewers.values(), ({ wish }) => wish.expiresAtMs ?? Infinity));
  }

  /** The tenant is gone. */
  close(): void {
    for (const viewer of this.#viewers.values()) this.#end(viewer, 'no-tenant');
  }

  /** Throws nothing: a viewer that cannot be served is closed, and may go on from its cursor. */
  async #pump(): Promise<void> {
    try {
      let isMore = true;
      while (isMore) {
        await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
        isMore = false;
        for (const viewer of [...this.#viewers.values()]) isMore = this.#serve(viewer) || isMore;
      }
    } finally {
      this.#isPumping = false;
    }
  }

  /** Sends the next page to a viewer. True: there is more to send. */
  #serve(viewer: Viewer): boolean {
    try {
      this.#sendPage(viewer);
      save(viewer);
    } catch (error) {
      console.error('a viewer could not be served', { tenant: this.#log.ref.tenant, error: String(error) });
      this.gone(viewer.socket);
      return false;
    }
    return viewer.progress.seq < this.#log.lastSeq && maySend(viewer.progress, this.#viewers.size);
  }

  #sendPage(viewer: Viewer): void {
    const { events, hooks, lastSeq } = this.#log;
    const { hookId } = viewer.wish;
    const rows = events.matched(viewer.progress.seq + 1, lastSeq + 1, PAGE_ROWS);
    const ofType = rows.filter(
      ({ type }) => viewer.patterns.length === 0 || viewer.patterns.some((pattern) => matches(pattern, type)),
    );
    const wanted = new Set(hookId === null ? ofType : hooks.wishes.wanted(hookId, ofType));
    let bytes = 0;
    for (const row of rows) {
      if (!maySend(viewer.progress, this.#viewers.size) || bytes > PAGE_BYTES) return;
      bytes += wanted.has(row) ? this.#send(viewer, row.seq) : 0;
      viewer.progress = { ...viewer.progress, seq: row.seq };
    }
    // Places at the end that hold no event any more.
    if (rows.length < PAGE_ROWS) viewer.progress = { ...viewer.progress, seq: lastSeq };
  }

  /** How many bytes that took. */
  #send(viewer: Viewer, seq: number): number {
    const event = this.#log.events.at(seq);
    if (event === null) return 0;
    const envelope = structuredBody(event, event.raw);
    const cursor = JSON.stringify(this.#cursorOf(seq));
    viewer.socket.send(`{"kind":"event","cursor":${cursor},"event":${new TextDecoder().decode(envelope)}}`);
    viewer.progress = afterSending(viewer.progress, seq, envelope.byteLength);
    return envelope.byteLength;
  }

  #end(viewer: Viewer, why: TailClose): void {
    this.#viewers.delete(viewer.socket);
    try {
      viewer.socket.close(TAIL_CLOSES[why], REASONS[why]);
    } catch {
      // It is closed already.
    }
  }

  #add(socket: WebSocket, wish: Wish, progress: Progress): Viewer {
    const viewer = { socket, wish, patterns: wish.types.map(knownPattern), progress };
    this.#viewers.set(socket, viewer);
    return viewer;
  }

  #cursorOf(seq: number): string {
    return tailCursor(this.#log.ref.incarnation, seq);
  }
}

const REASONS: Readonly<Record<TailClose, string>> = {
  'bad-frame': 'expected {"kind":"ack","cursor"} with a cursor of this tail',
  'bad-key': 'this key is revoked or expired',
  'no-tenant': 'the tenant has been erased',
  silent: 'nothing has come from this connection for 45 seconds',
  'too-many': `a tenant has at most ${MOST_VIEWERS} viewers`,
};

function save({ socket, wish, progress }: Viewer): void {
  socket.serializeAttachment({ ...wish, progress } satisfies Attachment);
}
