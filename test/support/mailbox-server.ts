/** The receiver behind test/support/mailbox.ts: a vitest global set-up, in Node, for the tests that run in workerd. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestProject } from 'vitest/node';
import type { Letter, MailboxAnswer, MailboxScript, MailboxState } from './mailbox.ts';
import { startReceiver, type Answer, type Arrival } from './receiver.ts';

const WAIT_MS = 10_000;

class Box {
  readonly #letters: Letter[] = [];
  readonly #waiters = new Set<() => void>();
  #held = Promise.withResolvers<undefined>();
  #script: MailboxScript = { answers: [], otherwise: { status: 200 } };
  #used = 0;
  #inFlight = 0;
  #maxInFlight = 0;

  tell(script: MailboxScript): void {
    this.#script = script;
    this.#used = 0;
  }

  release(): void {
    this.#held.resolve(undefined);
    this.#held = Promise.withResolvers();
  }

  async take({ path, headers, body }: Arrival): Promise<Answer> {
    const { answers, otherwise } = this.#script;
    const answer = answers[this.#used] ?? otherwise;
    this.#used += 1;
    const held = this.#held.promise;
    this.#inFlight += 1;
    this.#maxInFlight = Math.max(this.#maxInFlight, this.#inFlight);
    this.#letters.push({ path, headers: plain(headers), bodyBase64: body.toString('base64') });
    for (const wake of this.#waiters) wake();
    try {
      return await this.#ripe(answer, held);
    } finally {
      this.#inFlight -= 1;
    }
  }

  async state(atLeast: number): Promise<MailboxState | null> {
    const deadline = Date.now() + WAIT_MS;
    while (this.#letters.length < atLeast) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      const wake = () => {
        resolve(undefined);
      };
      this.#waiters.add(wake);
      const timer = setTimeout(wake, WAIT_MS);
      await promise;
      clearTimeout(timer);
      this.#waiters.delete(wake);
      if (Date.now() >= deadline) return null;
    }
    return { letters: this.#letters, maxInFlight: this.#maxInFlight };
  }

  async #ripe(answer: MailboxAnswer, held: Promise<undefined>): Promise<Answer> {
    if (answer.kind === 'held') {
      await held;
      return { status: answer.status ?? 200 };
    }
    if (answer.kind === 'bytes') {
      return { status: answer.status, body: Buffer.from(answer.base64, 'base64') };
    }
    if ((answer.kind === undefined || answer.kind === 'answer') && answer.delayMs !== undefined) {
      await sleep(answer.delayMs);
      return { ...answer, delayMs: 0 };
    }
    return answer;
  }
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const boxes = new Map<string, Box>();
  const boxOf = (id: string) => {
    const box = boxes.get(id) ?? new Box();
    boxes.set(id, box);
    return box;
  };
  const receiver = await startReceiver({
    async answer(arrival) {
      const { pathname, searchParams } = new URL(arrival.path, 'http://mailbox');
      const [, part, id = '', verb] = pathname.split('/');
      const box = boxOf(id);
      if (part === 'to') return box.take(arrival);
      if (arrival.method === 'GET') {
        const state = await box.state(Number(searchParams.get('atLeast')));
        return state === null ? { status: 504 } : { body: JSON.stringify(state) };
      }
      if (verb === 'release') box.release();
      else box.tell(JSON.parse(arrival.body.toString()) as MailboxScript);
      return {};
    },
  });
  project.provide('mailboxServer', receiver.url);
  return () => receiver.close();
}

function plain(headers: Arrival['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
