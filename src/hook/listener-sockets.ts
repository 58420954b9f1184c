/**
 * The WebSockets of who listens to a hook. They outlive the object's memory, and what is in flight over one of them lies
 * in its attachment: an answer that wakes the object finds its attempt there, and with a connection that is lost its
 * attempts are.
 */
import { LISTEN_CLOSES, type ListenClose } from '../core/listener.ts';

/** An attempt that a listener has been given and nobody has answered yet. */
export interface HandedOver {
  readonly seq: number;
  readonly eventId: string;
  readonly attempt: number;
  readonly startedAtMs: number;
  /** From then on no answer is waited for. */
  readonly deadlineMs: number;
  /** Of the registration by which it was composed. */
  readonly version: number;
}

/** By which key a listener came; it is closed when that is good no more. */
export interface ListenerKey {
  /** null: the operator's. */
  readonly keyId: string | null;
  /** null: it does not end by itself. */
  readonly expiresAtMs: number | null;
}

interface Attachment extends ListenerKey {
  /** It gets nothing any more, and nothing that it says counts. */
  readonly isOver: boolean;
  readonly heardAtMs: number;
  readonly handedOver: readonly HandedOver[];
}

const TAG = 'listener';
/** Of a client that pings: when nothing has come from it for so long, its connection is dead. */
const SILENT_MS = 45_000;

export class ListenerSockets {
  readonly #ctx: DurableObjectState;
  readonly #nowMs: () => number;
  #present: WebSocket | null = null;

  constructor(ctx: DurableObjectState, nowMs: () => number) {
    this.#ctx = ctx;
    this.#nowMs = nowMs;
  }

  /** Finds who listened before the object left memory. Returns what is in flight over that connection. */
  restore(): readonly HandedOver[] {
    for (const socket of this.#ctx.getWebSockets(TAG)) {
      const { isOver, handedOver } = attachmentOf(socket);
      if (!isOver && socket.readyState === WebSocket.OPEN) {
        this.#present = socket;
        return handedOver;
      }
    }
    return [];
  }

  /** Who listens; null: nobody does. */
  get present(): WebSocket | null {
    return this.#present;
  }

  /** Of who is there now. */
  get handedOver(): readonly HandedOver[] {
    return this.#present === null ? [] : attachmentOf(this.#present).handedOver;
  }

  get key(): ListenerKey | null {
    return this.#present === null ? null : attachmentOf(this.#present);
  }

  /** Lets one in; nobody else may be present. */
  letIn(socket: WebSocket, { keyId, expiresAtMs }: ListenerKey): void {
    // Answered by the runtime: a client that shows life wakes nobody.
    this.#ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));
    this.#ctx.acceptWebSocket(socket, [TAG]);
    socket.serializeAttachment({
      isOver: false,
      keyId,
      expiresAtMs,
      heardAtMs: this.#nowMs(),
      handedOver: [],
    } satisfies Attachment);
    this.#present = socket;
  }

  /** Closes it. Returns what was in flight over it. */
  end(socket: WebSocket, why: ListenClose, reason: string): readonly HandedOver[] {
    const lost = this.lost(socket);
    try {
      socket.close(LISTEN_CLOSES[why], reason);
    } catch {
      // It is closed already.
    }
    return lost;
  }

  /** The same where the connection is gone already. */
  lost(socket: WebSocket): readonly HandedOver[] {
    const { handedOver } = attachmentOf(socket);
    change(socket, { isOver: true, handedOver: [] });
    if (this.#present === socket) this.#present = null;
    return handedOver;
  }

  /** It has pinged before, and nothing has come from it for long: a laptop that sleeps closes no connection. */
  isSilent(socket: WebSocket): boolean {
    return this.#silentFromMs(socket) <= this.#nowMs();
  }

  /** When it will have been silent for too long. Never, where it does not ping. */
  #silentFromMs(socket: WebSocket): number {
    const pingedAt = this.#ctx.getWebSocketAutoResponseTimestamp(socket);
    if (pingedAt === null) return Infinity;
    return Math.max(pingedAt.getTime(), attachmentOf(socket).heardAtMs) + SILENT_MS;
  }

  /** The attempt is in flight: over this connection its answer comes, or over none. */
  note(socket: WebSocket, attempt: HandedOver): void {
    change(socket, { handedOver: [...attachmentOf(socket).handedOver, attempt] });
  }

  /** Of what is in flight over this connection, the one that is answered; null: it is not, or is no more. */
  answered(socket: WebSocket, eventId: string, attempt: number): HandedOver | null {
    const { isOver, handedOver } = attachmentOf(socket);
    if (isOver) return null;
    const answered = handedOver.find((one) => one.eventId === eventId && one.attempt === attempt) ?? null;
    const rest = handedOver.filter((one) => one !== answered);
    change(socket, { heardAtMs: this.#nowMs(), handedOver: rest });
    return answered;
  }

  /** When the next attempt has been waited for long enough. */
  overdueMs(): number {
    const socket = this.#present;
    if (socket === null) return Infinity;
    const { handedOver } = attachmentOf(socket);
    if (handedOver.length === 0) return Infinity;
    const silentFromMs = this.#silentFromMs(socket);
    return Math.min(...handedOver.map((one) => overdueFromMs(one, silentFromMs)));
  }

  /** What has been waited for long enough. */
  overdue(): readonly HandedOver[] {
    const socket = this.#present;
    if (socket === null) return [];
    const { handedOver } = attachmentOf(socket);
    const silentFromMs = this.#silentFromMs(socket);
    const overdue = handedOver.filter((one) => overdueFromMs(one, silentFromMs) <= this.#nowMs());
    if (overdue.length > 0)
      change(socket, { handedOver: handedOver.filter((one) => !overdue.includes(one)) });
    return overdue;
  }
}

/**
 * A client that pings and has shown no life since it got an attempt may be gone: that its attempt is lost, and has used no
 * step, is known only when it has been silent for too long.
 */
function overdueFromMs({ startedAtMs, deadlineMs }: HandedOver, silentFromMs: number): number {
  const isUnheard = silentFromMs !== Infinity && silentFromMs - SILENT_MS <= startedAtMs;
  return isUnheard ? Math.max(deadlineMs, silentFromMs) : deadlineMs;
}

function attachmentOf(socket: WebSocket): Attachment {
  return socket.deserializeAttachment() as Attachment;
}

function change(socket: WebSocket, members: Partial<Attachment>): void {
  socket.serializeAttachment({ ...attachmentOf(socket), ...members });
}
