/**
 * A sender of lists: each request brings many events, and is posted again until it is answered 200. What a kill leaves of
 * one must be all of it or nothing: the answer to the request that follows says so.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from '../api.ts';
import type { LoggedEvent } from './verdict.ts';

const ITEMS = 100;
/** Between two lists: a kill is to meet one now and then, not to wait for all of them. */
const PAUSE_MS = 100;
const RETRY_MS = 50;
const POST_DEADLINE_MS = 10_000;
const TOKEN = 'a token of the sender of lists';

const RECIPE = {
  verify: [{ scheme: 'token', signature: { header: 'x-token' } }],
  split: '',
  event: { name: 'list.item', id: '{/id}', entityId: '{/list}' },
};

interface Taken {
  readonly id: string;
  readonly duplicate: boolean;
}

export class Batches {
  /** Lists that were answered 200, and the relay's ids of their items. */
  readonly #accepted: (readonly string[])[] = [];
  readonly #violations: string[] = [];
  readonly #sourceId: string;
  readonly #inboundUrl: string;
  /** Lists that turned out to be stored although their first 200 never came. */
  lostAnswers = 0;

  private constructor(sourceId: string, inboundUrl: string) {
    this.#sourceId = sourceId;
    this.#inboundUrl = inboundUrl;
  }

  static async start(api: Api): Promise<Batches> {
    const members = { provider: 'custom', name: 'lists', secret: TOKEN, recipe: RECIPE };
    const { id, inboundUrl } = await api.createSource(members);
    return new Batches(id, inboundUrl);
  }

  get count(): number {
    return this.#accepted.length;
  }

  /** One list after another; the one under way is posted until it is taken. */
  async post(stopping: AbortSignal, givingUp: AbortSignal): Promise<void> {
    while (!stopping.aborted) {
      await this.#postNext(givingUp);
      await sleep(PAUSE_MS);
    }
  }

  async #postNext(givingUp: AbortSignal): Promise<void> {
    const list = this.#accepted.length + 1;
    const items = Array.from({ length: ITEMS }, (_, at) => ({ id: `${list}-${at}`, list, at }));
    for (let tries = 1; !givingUp.aborted; tries += 1) {
      const taken = await this.#post(JSON.stringify(items));
      if (taken !== null) {
        const known = taken.filter(({ duplicate }) => duplicate).length;
        if (taken.length !== ITEMS) this.#violations.push(`list ${list}: ${taken.length} answers`);
        if (known !== 0 && known !== ITEMS)
          this.#violations.push(
            `list ${list}: ${known} of ${ITEMS} were there: a part of it had been stored`,
          );
        if (known > 0 && tries === 1) this.#violations.push(`list ${list}: new, called a duplicate`);
        if (known > 0) this.lostAnswers += 1;
        this.#accepted.push(taken.map(({ id }) => id));
        return;
      }
      await sleep(RETRY_MS);
    }
    this.#violations.push(`list ${list}: never answered 200`);
  }

  /** Null: to be posted again. */
  async #post(body: string): Promise<readonly Taken[] | null> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), POST_DEADLINE_MS);
    try {
      const response = await fetch(this.#inboundUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-token': TOKEN },
        body,
        signal: deadline.signal,
      });
      const text = await response.text();
      if (response.status === 200) return (JSON.parse(text) as { events: readonly Taken[] }).events;
      if (response.status !== 503) this.#violations.push(`answered ${response.status} ${text.slice(0, 200)}`);
      return null;
    } catch {
      // Refused or cut: the relay is down.
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The log has each list once, whole, in its order, with nothing of another in between. */
  async judge(api: Api): Promise<string[]> {
    const log = await api.pages<LoggedEvent>(`/v1/events?sourceId=${this.#sourceId}&order=asc&limit=200`);
    const expected = this.#accepted.flat();
    const found = log.map(({ posthornid }) => posthornid);
    const wrong = expected.findIndex((id, at) => found[at] !== id);
    const violations = [...this.#violations];
    if (wrong !== -1)
      violations.push(`item ${wrong} is ${found[wrong] ?? 'not there'}, not ${expected[wrong]}`);
    if (found.length !== expected.length)
      violations.push(`${found.length} events of lists, expected ${expected.length}`);
    return violations.map((violation) => `lists: ${violation}`);
  }
}
