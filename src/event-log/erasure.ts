/**
 * Erases what a closed log has registered, each after what it leads to, so that a crash in between forgets nothing. It goes
 * through the rows a few at a time and loads nothing of the log. A hook whose object cannot be erased stops no other: it
 * stays behind, and in the end the caller is told of it.
 */
import type { EventLogEnv } from './env.ts';
import { hookOf, type TenantRef } from '../registry/address.ts';
import {
  hookRecordKey,
  keyRecordKey,
  sourceRecordKey,
  tokenRecordKey,
  writeRecord,
} from '../registry/records.ts';
import { withDeadline } from '../storage/deadline.ts';
import { inParallel } from '../storage/in-parallel.ts';
import type { Token } from './source.ts';

/** `left`: nothing is registered any more but hooks, by id, that could not be erased; none: nothing is. */
export type ErasureStep =
  { readonly kind: 'more' } | { readonly kind: 'rest'; readonly left: readonly number[] };

/** Each takes up to two subrequests. */
const ERASED_PER_STEP = 20;
const CALLS_AT_ONCE = 10;
const CALL_DEADLINE_MS = 5_000;
/** When more than this cannot be erased it is not their fault: they are tried again. */
const LEFT_MAX = 100;

export class Erasure {
  readonly #sql: SqlStorage;
  readonly #env: () => EventLogEnv;
  readonly #ref: TenantRef;
  /** Hooks up to this one have been tried. Memory alone: an object that starts anew tries them once more. */
  #afterHook = 0;

  constructor(sql: SqlStorage, env: () => EventLogEnv) {
    this.#sql = sql;
    this.#env = env;
    this.#ref = sql
      .exec<{ tenant: string; incarnation: string; jurisdiction: TenantRef['jurisdiction'] }>(
        'SELECT tenant, incarnation, jurisdiction FROM tenant',
      )
      .one();
  }

  /** Erases a part. Throws when nothing could be done now. */
  async step(): Promise<ErasureStep> {
    if ((await this.#eraseHooks()) || (await this.#eraseKeys()) || (await this.#eraseSources()))
      return { kind: 'more' };
    const left = this.#ids('SELECT id FROM hooks ORDER BY id LIMIT ?', LEFT_MAX + 1);
    if (left.length > LEFT_MAX) {
      this.#afterHook = 0;
      throw new Error(`more than ${LEFT_MAX} hooks could not be erased`);
    }
    return { kind: 'rest', left };
  }

  async #eraseHooks(): Promise<boolean> {
    const ids = this.#ids(
      'SELECT id FROM hooks WHERE id > ? ORDER BY id LIMIT ?',
      this.#afterHook,
      ERASED_PER_STEP,
    );
    await inParallel(ids, CALLS_AT_ONCE, async (id) => {
      try {
        await eraseHook(this.#env(), this.#ref, id);
        this.#sql.exec('DELETE FROM hooks WHERE id = ?', id);
      } catch (error) {
        console.warn('hook not erased', { tenant: this.#ref.tenant, hookId: id, error: String(error) });
      }
    });
    this.#afterHook = ids.at(-1) ?? this.#afterHook;
    return ids.length > 0;
  }

  async #eraseKeys(): Promise<boolean> {
    const keys = this.#sql
      .exec<{ hash: string }>('SELECT hash FROM keys ORDER BY n LIMIT ?', ERASED_PER_STEP)
      .toArray();
    for (const { hash } of keys) {
      await writeRecord(this.#env().REGISTRY, keyRecordKey(hash), null);
      this.#sql.exec('DELETE FROM keys WHERE hash = ?', hash);
    }
    return keys.length > 0;
  }

  async #eraseSources(): Promise<boolean> {
    const sources = this.#sql
      .exec<{ id: string; tokens: string }>(
        'SELECT id, tokens FROM sources ORDER BY n LIMIT ?',
        ERASED_PER_STEP,
      )
      .toArray();
    for (const { id, tokens } of sources) {
      const hashes = (JSON.parse(tokens) as Token[]).map(({ hash }) => hash);
      for (const key of [sourceRecordKey(this.#ref.tenant, id), ...hashes.map(tokenRecordKey)])
        await writeRecord(this.#env().REGISTRY, key, null);
      this.#sql.exec('DELETE FROM sources WHERE id = ?', id);
    }
    return sources.length > 0;
  }

  #ids(query: string, ...bound: number[]): number[] {
    return this.#sql
      .exec<{ id: number }>(query, ...bound)
      .toArray()
      .map(({ id }) => id);
  }
}

/** Leaves nothing of a hook, neither its object nor its record. Repeating it changes nothing. */
export async function eraseHook(env: EventLogEnv, ref: TenantRef, id: number): Promise<void> {
  await withDeadline(hookOf(env, ref, id).erase(), CALL_DEADLINE_MS);
  await writeRecord(env.REGISTRY, hookRecordKey(ref.tenant, id), null);
}
