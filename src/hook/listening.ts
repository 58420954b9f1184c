/**
 * Who listens to a hook gets its deliveries over a WebSocket: lets one in at a time, hands attempts over, and writes down
 * what they come to. No attempt is waited for in memory: the object may leave it with attempts in flight, and the answer,
 * or the alarm at the deadline, brings it back.
 */
import {
  deliveryFrame,
  LISTEN_CLOSES,
  isListener,
  readClientFrame,
  readyFrame,
  type ClientFrame,
  type ListenClose,
} from '../core/listener.ts';
import { outcomeOf, type AttemptResult } from '../core/outcome.ts';
import type { HookEnv } from './env.ts';
import { eventLogOf } from '../registry/address.ts';
import { withDeadline } from '../storage/deadline.ts';
import type { Exchange } from './attempt.ts';
import { Claims } from './claims.ts';
import type { Delivery } from './delivery-row.ts';
import type { HookMemory } from './hook-memory.ts';
import { ListenerSockets, type HandedOver, type ListenerKey } from './listener-sockets.ts';
import { fixedAuthorization } from './login.ts';
import type { Message } from './message.ts';
import type { Clock, OpenHook } from './open-hook.ts';
import { proven } from './proofs.ts';
import type { Recorder } from './recorder.ts';
import { reportOf, type AttemptReport } from './report.ts';
import { compose } from './send.ts';
import { writeOnlyOf } from './write-only.ts';

const LOG_DEADLINE_MS = 10_000;
/** Of the body of an answer; as of one that came over HTTP. */
const KEPT_CHARACTERS = 16 * 1024;
const OPERATOR: ListenerKey = { keyId: null, expiresAtMs: null };

/** Whoever has asked to listen and is not let in yet. */
interface Joining {
  readonly keyId: string | null;
  /** Its key has been revoked meanwhile. */
  isDropped: boolean;
}

/** The object that is listened to. */
export interface ListeningHost {
  env(): HookEnv;
  readonly clock: Clock;
  readonly memory: HookMemory;
  readonly recorder: Recorder;
  /** Something may go out that could not before, or is due at another time. */
  changed(): void;
}

export class Listening {
  readonly #sockets: ListenerSockets;
  readonly #host: () => ListeningHost;
  readonly #joining = new Set<Joining>();
  /** Test calls that wait for their answer, by the id of their event. */
  readonly #asked = new Map<string, (result: Exchange['result']) => void>();

  constructor(ctx: DurableObjectState, clock: Clock, host: () => ListeningHost) {
    this.#sockets = new ListenerSockets(ctx, clock.nowMs);
    this.#host = host;
  }

  /** Somebody is there. */
  readonly isHeard = (): boolean => this.#sockets.present !== null;

  /** What was in flight when the object left memory is under way still. */
  restored(): Claims {
    const claims = new Claims();
    for (const { seq } of this.#sockets.restore()) claims.add(seq, null);
    return claims;
  }

  /**
   * Connects who listens, by an upgrade that the Worker has let through: `key` is the id of its key, none the operator's;
   * with `takeover` it takes the place of another one.
   */
  async connect(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url);
    const joining: Joining = { keyId: searchParams.get('key'), isDropped: false };
    const key = await this.#keyOf(joining);
    const { 0: client, 1: socket } = new WebSocketPair();
    const refusal = this.#refusalOf(joining, key, searchParams.get('takeover') === 'true');
    if (refusal === null) this.#letIn(socket, key ?? OPERATOR);
    else {
      socket.accept();
      socket.close(LISTEN_CLOSES[refusal], REASONS[refusal]);
    }
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Its event log notes who listens before anybody is let in, so that no revoked key is forgotten. Null: it is good no more. */
  async #keyOf(joining: Joining): Promise<ListenerKey | null> {
    const { keyId } = joining;
    if (keyId === null) return OPERATOR;
    const { ref, registration } = this.#host().memory.opened().assignment;
    const asked = eventLogOf(this.#host().env(), ref).listening(registration.id, keyId);
    this.#joining.add(joining);
    try {
      const key = await withDeadline(asked, LOG_DEADLINE_MS);
      return key && { keyId, expiresAtMs: key.expiresAtMs };
    } finally {
      this.#joining.delete(joining);
    }
  }

  /** null: it may listen. Who is there may leave for it. */
  #refusalOf({ isDropped }: Joining, key: ListenerKey | null, takesOver: boolean): ListenClose | null {
    if (this.#listenedTo() === null) return 'no-listener-hook';
    if (key === null || isDropped) return 'bad-key';
    const { present } = this.#sockets;
    if (present === null) return null;
    if (this.#sockets.isSilent(present)) this.#end(present, 'silent');
    else if (takesOver) this.#end(present, 'taken-over');
    else return 'not-alone';
    return null;
  }

  #letIn(socket: WebSocket, key: ListenerKey): void {
    const { assignment, queue } = this.#host().memory.opened();
    this.#sockets.letIn(socket, key);
    socket.send(readyFrame(assignment.registration.id, queue.pending - queue.sentAgain));
    this.#host().changed();
  }

  /** Gives an attempt to who listens. False: nobody does, and nothing was sent. */
  handOver(hook: OpenHook, delivery: Delivery, message: Message, startedAtMs: number): boolean {
    const { registration } = hook.assignment;
    const { timeoutSeconds } = registration.config.retry;
    const attempt = delivery.attempts + 1;
    const about = { eventId: delivery.id, attempt };
    const socket = this.#send(deliveryFrame({ ...about, ...message, timeoutSeconds }));
    if (socket === null) return false;
    this.#sockets.note(socket, {
      ...about,
      seq: delivery.seq,
      startedAtMs,
      deadlineMs: startedAtMs + timeoutSeconds * 1000,
      version: registration.version,
    });
    return true;
  }

  /** Sends a test event and waits for its answer, in memory. Null: nobody listens. */
  async ask(eventId: string, message: Message, timeoutSeconds: number): Promise<Exchange['result'] | null> {
    const { promise, resolve } = Promise.withResolvers<Exchange['result']>();
    this.#asked.set(eventId, resolve);
    const timer = setTimeout(() => {
      resolve({ kind: 'failed', error: 'timeout' });
    }, timeoutSeconds * 1000);
    try {
      const socket = this.#send(deliveryFrame({ eventId, attempt: 1, ...message, timeoutSeconds }));
      return socket === null ? null : await promise;
    } finally {
      clearTimeout(timer);
      this.#asked.delete(eventId);
    }
  }

  /** A frame has come. One that is none ends the connection; an answer that nobody waits for changes nothing. */
  heard(socket: WebSocket, message: string | ArrayBuffer): void {
    const reading = readClientFrame(message);
    if (!reading.ok) {
      this.#end(socket, 'bad-frame', reading.problem);
      return;
    }
    const { frame } = reading;
    const attempt = this.#sockets.answered(socket, frame.eventId, frame.attempt);
    if (attempt !== null) this.#settle(attempt, exchangeOf(frame));
    else if (socket === this.#sockets.present) this.#asked.get(frame.eventId)?.(exchangeOf(frame).result);
    this.#host().changed();
  }

  /** The connection is gone, and with it what was in flight over it. */
  gone(socket: WebSocket): void {
    const wasPresent = socket === this.#sockets.present;
    this.#lost(this.#sockets.lost(socket), wasPresent);
    try {
      // The other side waits for it.
      socket.close(1000);
    } catch {
      // The connection broke.
    }
  }

  /** What is over: attempts that nobody answers, a key that has expired. */
  look(): void {
    const nowMs = this.#host().clock.nowMs();
    const { present, key } = this.#sockets;
    if (present === null) return;
    if (key !== null && (key.expiresAtMs ?? Infinity) <= nowMs) {
      this.#end(present, 'bad-key');
      return;
    }
    const overdue = this.#sockets.overdue();
    if (overdue.length === 0) return;
    const isSilent = this.#sockets.isSilent(present);
    for (const attempt of overdue) this.#settle(attempt, isSilent ? LOST : TIMED_OUT, isSilent);
    if (isSilent) this.#end(present, 'silent');
  }

  /** When there is something over. */
  dueMs(): number {
    return Math.min(this.#sockets.key?.expiresAtMs ?? Infinity, this.#sockets.overdueMs());
  }

  /** The hook has changed: where it is listened to no more, nobody stays. */
  reconsider(): void {
    if (this.#sockets.present !== null && this.#listenedTo() === null)
      this.#end(this.#sockets.present, 'no-listener-hook');
  }

  /** These keys are good no more. */
  dropKeys(keyIds: readonly string[]): void {
    const isOne = ({ keyId }: Pick<ListenerKey, 'keyId'>) => keyId !== null && keyIds.includes(keyId);
    for (const joining of this.#joining) joining.isDropped ||= isOne(joining);
    const { present, key } = this.#sockets;
    if (present !== null && key !== null && isOne(key)) this.#end(present, 'bad-key');
  }

  /** The hook, while it is one that is listened to. */
  #listenedTo(): OpenHook | null {
    const hook = this.#host().memory.open;
    if (hook === null) return null;
    const { config, deletedAtMs } = hook.assignment.registration;
    return deletedAtMs === null && isListener(config) ? hook : null;
  }

  /** The connection it went over; null: there is none. */
  #send(frame: string): WebSocket | null {
    const socket = this.#sockets.present;
    if (socket === null) return null;
    if (this.#sockets.isSilent(socket)) {
      this.#end(socket, 'silent');
      return null;
    }
    try {
      socket.send(frame);
      return socket;
    } catch {
      this.gone(socket);
      return null;
    }
  }

  #end(socket: WebSocket, why: ListenClose, reason = REASONS[why]): void {
    const wasPresent = socket === this.#sockets.present;
    this.#lost(this.#sockets.end(socket, why, reason), wasPresent);
  }

  #lost(attempts: readonly HandedOver[], wasPresent: boolean): void {
    for (const attempt of attempts) this.#settle(attempt, LOST, true);
    if (!wasPresent) return;
    for (const answer of this.#asked.values()) answer(LOST.result);
    this.#host().changed();
  }

  /** `isLost`: with the connection. It is due again at once and has used no step: of the receiver it says nothing. */
  #settle(attempt: HandedOver, came: Answered, isLost = false): void {
    const { memory, recorder, clock } = this.#host();
    const hook = memory.open;
    if (hook === null) return;
    let isRecorded = true;
    const underWay = { seq: attempt.seq };
    try {
      const delivery = hook.queue.underWayAt(attempt.seq);
      if (delivery === null) return;
      const exchange = { ...came, durationMs: Math.max(0, clock.nowMs() - attempt.startedAtMs) };
      isRecorded = recorder.record({
        delivery,
        outcome: outcomeOf(came.result, hook.assignment.registration.config.retry.giveUpOn),
        report: reportFor(hook, delivery, attempt, exchange),
        startedAtMs: attempt.startedAtMs,
        isFormerTarget: isLost,
      });
    } catch (error) {
      console.error('an answer of a listener cannot be written down', { error: String(error) });
    } finally {
      if (isRecorded) hook.queue.release(underWay);
    }
  }
}

const REASONS: Readonly<Record<ListenClose, string>> = {
  'bad-frame': 'expected a frame of posthorn.listen.v1',
  'bad-key': 'this key is revoked or expired',
  'no-listener-hook': 'this hook is not listened to',
  'taken-over': 'somebody else has taken over',
  'not-alone': 'somebody else listens; takeover=true takes their place',
  silent: 'nothing has come from this connection for 45 seconds',
};

type Answered = Omit<Exchange, 'durationMs' | 'result'> & { readonly result: AttemptResult };

const LOST: Answered = { result: { kind: 'failed', error: 'connection-lost' }, headers: null, start: null };
const TIMED_OUT: Answered = { result: { kind: 'failed', error: 'timeout' }, headers: null, start: null };

function exchangeOf(frame: ClientFrame): Answered {
  if (frame.kind === 'failed')
    return { result: { kind: 'failed', error: frame.error }, headers: null, start: null };
  const headers = Object.entries(frame.headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  const retryAfter = headers.find(([name]) => name === 'retry-after')?.[1] ?? null;
  return {
    result: { kind: 'answer', status: frame.status, retryAfter },
    headers,
    start: { text: frame.body.slice(0, KEPT_CHARACTERS), isWhole: frame.body.length <= KEPT_CHARACTERS },
  };
}

/** What was sent is composed once more to be shown: it lies nowhere while an attempt is in flight. */
/** By which the hook logs in, as far as that is known once an attempt has left. */
function authorizationOf({ assignment, tokens }: OpenHook): string | null {
  const { auth = null } = assignment.registration.config;
  if (auth?.type !== 'oauth2') return fixedAuthorization(auth);
  const { last } = tokens;
  return last === null ? null : `Bearer ${last}`;
}

function reportFor(
  hook: OpenHook,
  delivery: Delivery,
  attempt: HandedOver,
  exchange: Exchange,
): AttemptReport {
  const { registration } = hook.assignment;
  const { config } = registration;
  const authorization = authorizationOf(hook);
  const writeOnly = writeOnlyOf(config, registration, null, authorization);
  const timestampSeconds = Math.floor(attempt.startedAtMs / 1000);
  const isSame = registration.version === attempt.version && delivery.raw.length > 0;
  const composed = isSame
    ? compose(hook, delivery, null, delivery, attempt.attempt, attempt.startedAtMs)
    : null;
  const complete =
    composed?.kind === 'message'
      ? proven(composed.message, config, { authorization, url: config.url, timestampSeconds })
      : null;
  const sent = complete?.kind === 'message' ? complete.message : null;
  const report = reportOf(exchange, sent ?? NOTHING_SENT, writeOnly, config.keepAnswers ?? false);
  return sent === null ? { ...report, requestHeaders: null } : report;
}

const NOTHING_SENT: Message = { headers: {}, body: new Uint8Array() };
