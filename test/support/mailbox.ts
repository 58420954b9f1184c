/**
 * Targets of deliveries for tests that run inside workerd, where no server can listen: each mailbox is a path of one
 * receiver in Node (test/support/mailbox-server.ts) and is told over HTTP what to answer. Client side.
 */
import { inject } from 'vitest';
import type { Answer } from './receiver.ts';

/** What a request to a mailbox gets. */
export type MailboxAnswer =
  | Answer
  /** Nothing until it is released, then that status or 200. */
  | { readonly kind: 'held'; readonly status?: number }
  /** A body that is no text. */
  | { readonly kind: 'bytes'; readonly status: number; readonly base64: string };

export interface MailboxScript {
  /** For the next requests, one each. */
  readonly answers: readonly MailboxAnswer[];
  /** For all that come after them. */
  readonly otherwise: MailboxAnswer;
}

export interface Letter {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyBase64: string;
}

export interface MailboxState {
  readonly letters: readonly Letter[];
  /** The most requests that were ever unanswered at once. */
  readonly maxInFlight: number;
}

declare module 'vitest' {
  interface ProvidedContext {
    mailboxServer: string;
  }
}

const OK: MailboxAnswer = { status: 200 };

export class Mailbox {
  readonly #control: string;
  /** For use as a hook's URL. */
  readonly url: string;

  constructor() {
    const server = inject('mailboxServer');
    const id = crypto.randomUUID();
    this.url = `${server}to/${id}`;
    this.#control = `${server}control/${id}`;
  }

  /** From now on; what was told before is forgotten. */
  async answerWith(otherwise: MailboxAnswer, ...first: readonly MailboxAnswer[]): Promise<void> {
    const script: MailboxScript = { answers: first, otherwise };
    await call(this.#control, { method: 'POST', body: JSON.stringify(script) });
  }

  /** The statuses of the next requests, one each; 200 after them. */
  async answerStatuses(...statuses: readonly number[]): Promise<void> {
    await this.answerWith(OK, ...statuses.map((status) => ({ status })));
  }

  /** All that arrived, once there are that many. */
  async letters(atLeast = 0): Promise<readonly Letter[]> {
    return (await this.#state(atLeast)).letters;
  }

  /** The `webhook-id` of each request. */
  async ids(atLeast = 0): Promise<string[]> {
    return (await this.letters(atLeast)).map(({ headers }) => headers['webhook-id'] ?? '');
  }

  async maxInFlight(): Promise<number> {
    return (await this.#state(0)).maxInFlight;
  }

  /** Lets every held request have its answer. */
  async release(): Promise<void> {
    await call(`${this.#control}/release`, { method: 'POST' });
  }

  async #state(atLeast: number): Promise<MailboxState> {
    const response = await call(`${this.#control}?atLeast=${atLeast}`, { method: 'GET' });
    return (await response.json()) as MailboxState;
  }
}

export function bodyOf(letter: Letter): string {
  const bytes = Uint8Array.from(atob(letter.bodyBase64), (character) => character.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}

async function call(url: string, init: { method: string; body?: string }): Promise<Response> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`mailbox: expected 200, got ${response.status} ${await response.text()}`);
  return response;
}
