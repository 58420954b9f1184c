/**
 * The access token of a hook: kept on disk until a minute before it expires, and asked for once, however many attempts
 * wait for it. A process that dies while it asks has lost nothing: the next attempt asks again.
 */
import { createHash } from 'node:crypto';
import { nextStep, type HeldToken, type OAuthClient } from '../core/oauth-token.ts';
import { isSealed } from '../core/sealing.ts';
import { blankOf } from '../storage/blank.ts';
import type { SecretBox } from '../storage/vault.ts';
import { fetchToken, FORBIDDEN_URL, type Token, type Tokens } from './token-server.ts';

const MEMBER = '/access_token';

type Row = Record<string, SqlStorageValue> & {
  client: string;
  token: string;
  usable_until: number;
  generation: number;
};

export class AccessTokens implements Tokens {
  readonly #sql: SqlStorage;
  readonly #box: SecretBox;
  /** What is being asked for, and for which client. */
  #asked: { readonly client: string; readonly token: Promise<Token> } | null = null;

  constructor(sql: SqlStorage, box: SecretBox) {
    this.#sql = sql;
    this.#box = box;
  }

  /**
   * A token for this client.
   * @param url where it is asked for; null: it may not be called
   * @param rejected the generation that the receiver has just refused; null: none
   */
  async get(
    client: OAuthClient,
    url: URL | null,
    rejected: number | null,
    clock: () => number,
  ): Promise<Token> {
    const name = nameOf(client);
    const row = this.#row();
    const held = row?.client === name ? this.#heldOf(row) : null;
    const step = nextStep(held, clock(), rejected);
    if (step.kind === 'use') return { kind: 'held', held: step.held, wasFetched: false };
    if (url === null) return FORBIDDEN_URL;
    if (this.#asked?.client !== name) {
      const token = this.#ask(client, name, url, row?.generation ?? 0, clock);
      const asked = { client: name, token };
      this.#asked = asked;
      void token.finally(() => {
        if (this.#asked === asked) this.#asked = null;
      });
    }
    return this.#asked.token;
  }

  /** The token that was got last; null: there is none. */
  get last(): string | null {
    const row = this.#row();
    return row === undefined ? null : (this.#heldOf(row)?.token ?? null);
  }

  async #ask(
    client: OAuthClient,
    name: string,
    url: URL,
    previous: number,
    clock: () => number,
  ): Promise<Token> {
    const token = await fetchToken(client, url, previous, clock);
    if (token.kind === 'held') this.#keep(name, token.held);
    return token;
  }

  /** Nothing of it stays: what it was got with counts no more. */
  forget(): void {
    this.#blank();
    this.#sql.exec('DELETE FROM access_token');
  }

  /** Seals what is kept under the key of now. */
  seal(): void {
    const row = this.#row();
    if (row === undefined) return;
    const token = this.#box.seal(MEMBER, this.#box.open(MEMBER, row.token));
    this.#blank();
    this.#sql.exec('UPDATE access_token SET token = ?', token);
  }

  /** What takes its place may be longer, and is written somewhere else. */
  #blank(): void {
    const row = this.#row();
    if (row !== undefined) this.#sql.exec('UPDATE access_token SET token = ?', blankOf(row.token));
  }

  /** Null: it does not open, or was overwritten by one that could not be kept. Then another one is asked for. */
  #heldOf({ token: kept, usable_until: usableUntilMs, generation }: Row): HeldToken | null {
    const token = this.#box.open(MEMBER, kept);
    return isSealed(token) || token.trim() === '' ? null : { token, usableUntilMs, generation };
  }

  #row(): Row | undefined {
    return this.#sql.exec<Row>('SELECT * FROM access_token').toArray()[0];
  }

  /**
   * One row: the token of another client, or an older one, makes room. Where storage fails, or the hook has been erased
   * meanwhile, those that wait have their token all the same.
   */
  #keep(client: string, { token, usableUntilMs, generation }: HeldToken): void {
    try {
      this.#blank();
      this.#sql.exec(
        'INSERT OR REPLACE INTO access_token (id, client, token, usable_until, generation) VALUES (1, ?, ?, ?, ?)',
        client,
        this.#box.seal(MEMBER, token),
        usableUntilMs,
        generation,
      );
    } catch (error) {
      console.warn('access token not kept', { error: String(error) });
    }
  }
}

/** Another one has another token. A digest, so that the row holds no second copy of the credentials. */
function nameOf({ tokenUrl, clientId, clientSecret, scope, audience, credentials }: OAuthClient): string {
  const text = JSON.stringify([tokenUrl, clientId, clientSecret, scope, audience, credentials]);
  return createHash('sha256').update(text).digest('base64');
}
