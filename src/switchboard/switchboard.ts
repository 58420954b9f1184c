/**
 * Switchboard: one object for the whole relay, with the operator's switches. A plain Durable Object that owns an itty
 * core, passes on two calls, one at a time, and believes no core that has failed. It takes no part in any delivery.
 */
import { DurableObject } from 'cloudflare:workers';
import { SwitchCore } from './core.ts';

/** Of all that a core would answer: also its members and inherited methods, `destroy` among them. */
const CALLS = ['/do/call/read', '/do/call/change'];

export class Switchboard extends DurableObject {
  #core: SwitchCore | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  /** One call after the other: two first calls at once would both load, the slower one over what the other changed. */
  override fetch(request: Request): Promise<Response> {
    const answer = this.#turn.then(() => this.#answer(request));
    this.#turn = answer.catch(() => undefined);
    return answer;
  }

  async #answer(request: Request): Promise<Response> {
    if (!CALLS.includes(new URL(request.url).pathname)) {
      return Response.json({ error: 'no such call' }, { status: 404 });
    }
    const core = this.#core ?? new SwitchCore(this.ctx.storage);
    // Kept only when all went well: the next core starts from storage, not from what a failed call left in memory.
    this.#core = null;
    const response = (await core.fetch(request)) as Response;
    if (response.ok) this.#core = core;
    return response;
  }
}
