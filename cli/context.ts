/** What every command has at hand. */
import { posthorn, type Connect, type Posthorn } from '../client/posthorn.ts';
import { connectionOf, type Connection, type ConnectionOptions } from './connection.ts';
import { usage } from './exit.ts';
import { Output } from './output.ts';

export interface CommonOptions extends ConnectionOptions {
  readonly json?: boolean;
}

export class Context {
  readonly out: Output;
  readonly options: CommonOptions;
  readonly env: NodeJS.ProcessEnv;
  /** Aborted when the user ends the command. */
  readonly signal: AbortSignal;
  #relay: Posthorn | null = null;
  #connection: Connection | null = null;

  constructor(options: CommonOptions, env: NodeJS.ProcessEnv, signal: AbortSignal) {
    this.options = options;
    this.env = env;
    this.signal = signal;
    this.out = new Output(options.json ?? false);
  }

  get connection(): Connection {
    if (this.#connection === null) {
      this.#connection = connectionOf(this.options, this.env);
      if (this.#connection.note !== null) this.out.note(this.#connection.note);
    }
    return this.#connection;
  }

  get relay(): Posthorn {
    const { url, key, tenant } = this.connection;
    return (this.#relay ??= posthorn({ url, key, tenant, connect: connectWithHeaders }));
  }

  /** The id of a hook that is named by it, or by its uid. */
  async hookId(text: string): Promise<number> {
    if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
    for await (const { id, uid } of this.relay.hooks.list()) if (uid === text) return id;
    throw usage(`No hook has the id or uid ${text}. \`posthorn hooks\` lists them.`);
  }
}

/** Node's sockets can send headers: any key fits in one. */
const connectWithHeaders: Connect = (url, protocols, headers) => {
  const init = { protocols: [...protocols], headers: { ...headers } };
  return new WebSocket(url, init as unknown as string[]);
};
