/** `cloudflare:workers` in Node, as far as an object that a test constructs itself needs it. */
/** Every setting has its default. */
export const env = {};

export class DurableObject<Env> {
  readonly ctx: unknown;
  readonly env: Env;

  constructor(ctx: unknown, env: Env) {
    this.ctx = ctx;
    this.env = env;
  }
}
