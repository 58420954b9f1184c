/**
 * What a hook must do, in the plainest way: a list of deliveries in the order of the log. It says which attempts are
 * allowed at a moment and what each makes of its delivery; not which of several allowed ones comes first, and nothing
 * of how the queue finds it.
 */
import { createHmac } from 'node:crypto';
import { bytesOfBase64 } from '../../src/core/base64.ts';
import type { Ordering } from '../../src/core/hook-config.ts';
import type { StoredEvent } from '../../src/core/stored-event.ts';
import type { InFlight } from './engine.ts';

/** Waits between attempts of every hook here, in seconds. */
export const STEPS = [10, 100];
export const GIVE_UP = 400;
export const MAX_PENDING = 12;

/** How an attempt ends: a status, or without an answer; `quota` is none. */
export type End = number | 'lost' | 'timeout' | 'quota';

export interface ModelDelivery {
  readonly seq: number;
  readonly id: string;
  readonly subject: string | null;
  /** null: it found the queue full. */
  readonly sequence: number | null;
  status: 'pending' | 'delivered' | 'dead' | 'cancelled' | 'skipped';
  attempts: number;
  steps: number;
  isInFlight: boolean;
  /** Asked for by hand, and not gone out since. */
  isManual: boolean;
  /** What it had ended as when it was last asked for again. */
  reopenedFrom: 'delivered' | 'dead' | 'cancelled' | null;
}

interface Attempt {
  readonly delivery: ModelDelivery;
  readonly usesNoStep: boolean;
  readonly isSecondTry: boolean;
}

/** A request whose connection was lost. */
interface Loss {
  readonly request: InFlight;
  readonly attempt: Attempt;
  /** The delivery as it was until then. */
  readonly before: ModelDelivery;
  readonly atMs: number;
}

/** What a hook is configured with. */
export interface ModelLimits {
  /** Steps of its schedule. */
  readonly steps: number;
  readonly giveUpOn: number | null;
  readonly pending: number;
}
const LIMITS: ModelLimits = { steps: STEPS.length, giveUpOn: GIVE_UP, pending: MAX_PENDING };

export class ModelHook {
  readonly id: number;
  readonly #limits: ModelLimits;
  /** Wanted at its place in the log; of these the first `taken` have come. */
  readonly wanted: StoredEvent[] = [];
  readonly deliveries: ModelDelivery[] = [];
  readonly #attempts = new Map<InFlight, Attempt>();
  /** What has ended and may not be on disk yet, with what it was before. */
  readonly #unwritten = new Map<ModelDelivery, ModelDelivery>();
  /** Of each first attempt, by id: what is handed over again after a crash has been sent before. */
  readonly #bodies = new Map<string, string>();
  /** What was lost last and may still go out a second time. */
  #loss: Loss | null = null;
  /** Newest first. */
  secrets: { readonly text: string; readonly untilMs: number }[];
  ordering: Ordering = 'subject';
  concurrency = 1;
  isPaused = false;
  isDisabled = false;
  isDeleted = false;
  holdUntilMs = 0;
  #lastSequence = 0;

  constructor(id: number, secret: string, limits = LIMITS) {
    this.id = id;
    this.#limits = limits;
    this.secrets = [{ text: secret, untilMs: Infinity }];
  }

  get pending(): ModelDelivery[] {
    return this.deliveries.filter(({ status }) => status === 'pending');
  }

  count(status: ModelDelivery['status']): number {
    return this.deliveries.filter((delivery) => delivery.status === status).length;
  }

  find(seq: number): ModelDelivery | undefined {
    return this.deliveries.find((delivery) => delivery.seq === seq);
  }

  /** The log has handed over events: each that it wanted, once, in order; what came before comes without effect. */
  take(events: readonly StoredEvent[]): void {
    for (const { seq } of events) {
      if (this.find(seq) !== undefined) continue;
      const next = this.wanted[this.deliveries.length];
      must(next?.seq === seq, `${seq} is handed over where ${String(next?.seq)} was to come`);
      const isFull = !this.isDeleted && this.pending.length >= this.#limits.pending;
      if (!isFull) this.#lastSequence += 1;
      this.deliveries.push({
        seq,
        id: next.id,
        subject: next.subject,
        sequence: isFull ? null : this.#lastSequence,
        status: isFull ? 'skipped' : this.isDeleted ? 'cancelled' : 'pending',
        attempts: 0,
        steps: 0,
        isInFlight: false,
        isManual: false,
        reopenedFrom: null,
      });
    }
  }

  /** Checks that this request may leave now. */
  begin(request: InFlight, nowMs: number): void {
    const { headers, body } = request;
    const id = headers.get('webhook-id') ?? '';
    const delivery = this.deliveries.find((one) => one.id === id);
    must(delivery !== undefined, `attempt of ${id}, which was never queued`);
    const { seq } = delivery;
    if (this.#isSecondTry(request, delivery, nowMs)) return;
    must(delivery.status === 'pending', `attempt of ${seq}, which is ${delivery.status}`);
    must(!delivery.isInFlight, `attempt of ${seq}, which is under way`);
    must(!this.isDeleted && !this.isPaused && !this.isDisabled, `attempt of ${seq} while the hook is held`);
    must(this.#attempts.size < this.concurrency, `${this.#attempts.size + 1} attempts side by side`);
    must(
      delivery.isManual || nowMs >= this.holdUntilMs,
      `attempt of ${seq} before the receiver's retry-after`,
    );
    const isByHand = delivery.isManual || delivery.reopenedFrom !== null;
    must(isByHand || !this.#isBehind(delivery), `${seq} overtakes in its lane`);
    must(headers.get('posthorn-replay') === (isByHand ? 'manual' : null), `${seq} by hand: ${isByHand}`);
    must(headers.get('posthorn-sequence') === String(delivery.sequence), `sequence of ${seq}`);
    must(
      headers.get('posthorn-attempt') === String(delivery.attempts + 1),
      `number of the attempt of ${seq}`,
    );
    const text = new TextDecoder().decode(body);
    const first = this.#bodies.get(id);
    must(first === undefined || first === text, `the body of ${seq} has changed`);
    const seconds = String(Math.floor(nowMs / 1000));
    must(headers.get('webhook-timestamp') === seconds, `timestamp of ${seq}`);
    const signed = this.secrets
      .filter(({ untilMs }) => nowMs < untilMs)
      .map((secret) => `v1,${hmac(secret.text, `${id}.${seconds}.${text}`)}`);
    must(headers.get('webhook-signature') === signed.join(' '), `signatures of ${seq}`);
    this.#bodies.set(id, text);
    delivery.isInFlight = true;
    const usesNoStep = delivery.isManual && (delivery.reopenedFrom === null || delivery.steps > 0);
    this.#attempts.set(request, { delivery, usesNoStep, isSecondTry: false });
  }

  /**
   * Its connection was lost at this very moment, and it goes out once more within its attempt: the same request, and
   * what the loss came to is undone.
   */
  #isSecondTry(request: InFlight, delivery: ModelDelivery, nowMs: number): boolean {
    const loss = this.#loss;
    if (loss?.attempt.delivery !== delivery || loss.atMs !== nowMs) return false;
    const lost = [...loss.request.headers].join('\n');
    if ([...request.headers].join('\n') !== lost) return false;
    must(
      new TextDecoder().decode(request.body) === this.#bodies.get(delivery.id),
      `the body of ${delivery.seq} has changed`,
    );
    must(
      !this.isDeleted && !this.isPaused && !this.isDisabled,
      `${delivery.seq} again while the hook is held`,
    );
    Object.assign(delivery, loss.before, { isInFlight: true });
    this.#unwritten.delete(delivery);
    this.#attempts.set(request, { ...loss.attempt, isSecondTry: true });
    this.#loss = null;
    return true;
  }

  end(request: InFlight, end: End, nowMs: number): void {
    const attempt = this.#attempts.get(request);
    must(attempt !== undefined, 'an answer to a request that is under way');
    this.#attempts.delete(request);
    const { delivery, usesNoStep } = attempt;
    const mayRepeat = end === 'lost' && !attempt.isSecondTry;
    this.#loss = mayRepeat ? { request, attempt, before: { ...delivery }, atMs: nowMs } : null;
    delivery.isInFlight = false;
    this.#unwritten.set(delivery, { ...delivery });
    if (end === 'quota') return;
    delivery.attempts += 1;
    if (end === 410) this.isDisabled = true;
    if (delivery.status !== 'pending') return;
    delivery.isManual = false;
    // What has arrived once stays delivered, whatever comes of sending it again.
    const dead = delivery.reopenedFrom === 'delivered' ? 'delivered' : 'dead';
    if (end === 200) delivery.status = 'delivered';
    else if (end === 410) return;
    else if (end === this.#limits.giveUpOn) delivery.status = dead;
    else if (usesNoStep) return;
    else if (delivery.steps === this.#limits.steps) delivery.status = dead;
    else delivery.steps += 1;
  }

  /** What the receiver has asked for lasts as long as it did before. */
  clockStepped(ms: number): void {
    if (ms < 0) this.holdUntilMs = Math.max(0, this.holdUntilMs + ms);
  }

  /** What has ended is on disk, as far as that tells. */
  written(attemptsOnDisk: (seq: number) => number): void {
    for (const delivery of this.#unwritten.keys())
      if (attemptsOnDisk(delivery.seq) >= delivery.attempts) this.#unwritten.delete(delivery);
  }

  /** The process died: what was under way was never made, nor what is not on disk. Returns how much that is. */
  crash(attemptsOnDisk: (seq: number) => number, rowsOnDisk: number): number {
    // What had no row is handed over again, under the same number.
    for (const { sequence, seq } of this.deliveries.splice(rowsOnDisk)) {
      must(sequence !== null, `${seq} has neither number nor row`);
      this.#lastSequence -= 1;
    }
    const undone = [...this.#unwritten].filter(([{ seq, attempts }]) => attemptsOnDisk(seq) < attempts);
    for (const [delivery, before] of undone) Object.assign(delivery, before);
    this.#unwritten.clear();
    for (const { delivery } of this.#attempts.values()) delivery.isInFlight = false;
    this.#attempts.clear();
    return undone.length;
  }

  rotate(secret: string, overlapMs: number, nowMs: number): void {
    const ending = this.secrets.map(({ text, untilMs }) => ({
      text,
      untilMs: Math.min(untilMs, nowMs + overlapMs),
    }));
    this.secrets = [{ text: secret, untilMs: Infinity }, ...ending.filter(({ untilMs }) => nowMs < untilMs)];
  }

  retry(seq: number): string {
    const delivery = this.find(seq);
    if (delivery === undefined || delivery.status === 'skipped' || this.isDeleted) return 'unknown';
    const refusal = this.#refusal(delivery);
    if (refusal !== null) return refusal;
    if (delivery.status !== 'pending') {
      if (this.pending.length >= this.#limits.pending) return 'queue-full';
      this.#reopen(delivery);
    }
    delivery.isManual = true;
    return 'retried';
  }

  #reopen(delivery: ModelDelivery): void {
    const { status } = delivery;
    if (status === 'pending' || status === 'skipped') throw new Error(`${status} has not ended`);
    delivery.reopenedFrom = status;
    delivery.status = 'pending';
    delivery.steps = 0;
  }

  cancel(seq: number): string {
    const delivery = this.find(seq);
    if (delivery === undefined) return 'unknown';
    const refusal = this.#refusal(delivery);
    if (refusal !== null) return refusal;
    if (delivery.status !== 'pending') return 'ended';
    this.#cancel(delivery);
    return 'cancelled';
  }

  /** What of many asked for at once goes out, and says how many. Those under way are left out. */
  retryAll(status: string, isSelected: (delivery: ModelDelivery) => boolean): number | string {
    if (this.isDeleted) return 'unknown';
    if (this.isDisabled) return 'disabled';
    if (this.isPaused) return 'paused';
    const found = this.deliveries.filter(
      (one) => one.status === status && !one.isInFlight && isSelected(one),
    );
    if (status === 'pending') {
      // Somebody says that the receiver is well.
      if (found.length > 0) this.holdUntilMs = 0;
      return found.length;
    }
    const fitting = found.slice(0, Math.max(0, this.#limits.pending - this.pending.length));
    for (const delivery of fitting) this.#reopen(delivery);
    return fitting.length === 0 && found.length > 0 ? 'queue-full' : fitting.length;
  }

  /** Held ones too. */
  cancelAll(isSelected: (delivery: ModelDelivery) => boolean): number {
    const found = this.pending.filter((delivery) => !delivery.isInFlight && isSelected(delivery));
    for (const delivery of found) this.#cancel(delivery);
    return found.length;
  }

  delete(): void {
    this.isDeleted = true;
    for (const delivery of this.pending) this.#cancel(delivery);
  }

  #cancel(delivery: ModelDelivery): void {
    delivery.status = delivery.reopenedFrom === 'delivered' ? 'delivered' : 'cancelled';
    delivery.isManual = false;
  }

  #refusal({ isInFlight }: ModelDelivery): string | null {
    if (isInFlight) return 'in-flight';
    if (this.isDisabled) return 'disabled';
    return this.isPaused ? 'paused' : null;
  }

  #isBehind(delivery: ModelDelivery): boolean {
    const lane = this.#laneOf(delivery);
    if (lane === null) return false;
    return this.pending.some((other) => other.seq < delivery.seq && this.#laneOf(other) === lane);
  }

  /** What was asked for again after its end waits for nobody. */
  #laneOf({ subject, reopenedFrom }: ModelDelivery): string | null {
    if (reopenedFrom !== null || this.ordering === 'none') return null;
    return this.ordering === 'fifo' ? 'all' : subject;
  }
}

export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

function hmac(secret: string, text: string): string {
  const key = bytesOfBase64(secret.slice('whsec_'.length));
  return createHmac('sha256', key).update(text).digest('base64');
}
