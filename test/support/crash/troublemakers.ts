/**
 * What shares the tenant of a crash run and does harm: a hook whose receiver never answers, another whose queue is full as
 * well, and events that no request can carry, with a hook that wants them. The other hooks are judged as if none of it
 * were there.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from '../api.ts';
import { type Receiver, startReceiver } from '../receiver.ts';
import { FULL, ROOM_OF_FULL } from '../../../bench/workers/asked.ts';
import { ownEvent } from '../tenant.ts';
import type { ListedDelivery, LoggedEvent } from './verdict.ts';

/** The relay to run with: the queue of a hook is full from a few deliveries on. */
export const WORKER = join(import.meta.dirname, '../../../bench/workers/full.ts');

const POISON_TYPE = 'poison.attributes.large';
/** As many and as long as an own event may have: in headers they are more than a request may carry. */
const EXTENSIONS = 61;
const EXTENSION_LENGTH = 527;
const POSTED_EVERY_MS = 400;
const RETRY_MS = 100;

export class Troublemakers implements AsyncDisposable {
  readonly #receiver: Receiver;
  readonly #poisonedHook: number;
  readonly #hangingHook: number;
  readonly #fullHook: number;
  readonly #accepted: string[] = [];
  readonly #wrongAnswers: string[] = [];

  private constructor(receiver: Receiver, poisonedHook: number, hangingHook: number, fullHook: number) {
    this.#receiver = receiver;
    this.#poisonedHook = poisonedHook;
    this.#hangingHook = hangingHook;
    this.#fullHook = fullHook;
  }

  static async start(api: Api, sourceId: string): Promise<Troublemakers> {
    const receiver = await startReceiver({ answer: { kind: 'hang' } });
    const poisoned = await api.createHook({
      name: 'poisoned',
      url: receiver.url,
      events: [POISON_TYPE],
      format: 'binary',
      ordering: 'fifo',
    });
    const hanging = await api.createHook({
      name: 'hanging',
      url: receiver.url,
      sources: [sourceId],
      ordering: 'none',
      concurrency: 6,
      retry: { scheduleSeconds: Array<number>(20).fill(1), jitter: 0, timeoutSeconds: 1 },
    });
    const full = await api.createHook({
      name: FULL,
      url: receiver.url,
      sources: [sourceId],
      ordering: 'none',
      retry: { scheduleSeconds: [86_400], jitter: 0, timeoutSeconds: 1, disableAfterSeconds: 31_536_000 },
    });
    return new Troublemakers(receiver, poisoned.id, hanging.id, full.id);
  }

  /** Posts one poisonous event after another until told to stop. */
  async poison(api: Api, stopping: AbortSignal): Promise<void> {
    const extensions = Object.fromEntries(
      Array.from({ length: EXTENSIONS }, (_, index) => [`x${index}`, 'p'.repeat(EXTENSION_LENGTH)]),
    );
    while (!stopping.aborted) {
      await this.#post(api, ownEvent({ ...extensions, type: POISON_TYPE }), stopping);
      await sleep(POSTED_EVERY_MS);
    }
  }

  async #post(api: Api, event: Record<string, unknown>, stopping: AbortSignal): Promise<void> {
    while (!stopping.aborted) {
      // Refused or cut: the relay is down.
      const reply = await api.request('POST', '/v1/events', event).catch(() => null);
      if (reply?.status === 202) {
        this.#accepted.push((reply.body as { id: string }).id);
        return;
      }
      if (reply !== null && reply.status !== 503) {
        this.#wrongAnswers.push(`poisoned: answered ${reply.status} ${reply.text.slice(0, 200)}`);
        return;
      }
      await sleep(RETRY_MS);
    }
  }

  /** What they have done to their own deliveries. `log`: the events of their source. */
  async judge(api: Api, log: readonly LoggedEvent[]): Promise<string[]> {
    const violations = [...this.#wrongAnswers, ...(await this.#judgeFull(api, log))];
    const poisoned = await this.#deliveriesOf(api, this.#poisonedHook);
    for (const id of new Set(this.#accepted)) {
      const delivery = poisoned.find(({ eventId }) => eventId === id);
      if (delivery?.status !== 'dead' || delivery.reason !== 'format')
        violations.push(
          `poisoned: ${id} is ${delivery?.status ?? 'not there'} (${delivery?.reason ?? 'null'})`,
        );
    }
    const hanging = await this.#deliveriesOf(api, this.#hangingHook);
    if (hanging.length === 0) violations.push('hanging: got nothing');
    for (const { eventId, status } of hanging)
      if (status === 'delivered') violations.push(`hanging: ${eventId} is delivered`);
    return violations;
  }

  /** As many wait as there is room for; every other event has left a trace of why it does not. */
  async #judgeFull(api: Api, log: readonly LoggedEvent[]): Promise<string[]> {
    const listed = new Map((await this.#deliveriesOf(api, this.#fullHook)).map((one) => [one.eventId, one]));
    const violations: string[] = [];
    let pending = 0;
    for (const { posthornid } of log) {
      const { status, reason } = listed.get(posthornid) ?? { status: 'not there', reason: null };
      if (status === 'pending') pending += 1;
      else if (status !== 'skipped' || reason !== 'queue-full')
        violations.push(`full: ${posthornid} is ${status} (${reason ?? 'null'})`);
    }
    const expected = Math.min(ROOM_OF_FULL, log.length);
    if (pending !== expected) violations.push(`full: ${pending} are pending, expected ${expected}`);
    return violations;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#receiver.close();
  }

  #deliveriesOf(api: Api, hookId: number): Promise<(ListedDelivery & { reason: string | null })[]> {
    return api.pages(`/v1/hooks/${hookId}/deliveries?limit=200`);
  }
}
