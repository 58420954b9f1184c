/** Hook registrations. Which events each of them follows, and from where in the log on, is kept beside them: wishes.ts. */
import { NO_FILTERS, type HookConfig } from '../core/hook-config.ts';
import type { HookKeys, HookRegistration, NewHook } from '../core/hook-registration.ts';
import type { Transaction } from '../storage/transaction.ts';
import { OPEN_VAULT } from '../storage/vault.ts';
import { HookLists } from './hook-lists.ts';
import { HookRows } from './hook-rows.ts';
import { isWithin, type HookScope } from './hook-scope.ts';
import type { RestoredHook } from './restored.ts';
import { Wishes, type ContentOf } from './wishes.ts';

export class Hooks {
  readonly rows: HookRows;
  readonly lists: HookLists;
  readonly wishes: Wishes;
  readonly #sql: SqlStorage;

  /** `transaction`: nothing is blanked that is not written anew. */
  constructor(
    sql: SqlStorage,
    contentOf?: ContentOf,
    vault = OPEN_VAULT,
    transaction: Transaction = (work) => work(),
  ) {
    this.#sql = sql;
    this.rows = new HookRows(sql, vault, transaction);
    this.lists = new HookLists(sql, this.rows);
    this.wishes = new Wishes(sql, contentOf);
  }

  /** Gives a new hook its id. Until it appears it is as good as deleted, and its secrets are not on disk. */
  reserve(
    { config, relayHost, keyId }: NewHook,
    { secret, secretKeys }: Omit<HookKeys, 'formerSecrets'>,
    nowMs: number,
  ): HookRegistration {
    const secrets = { config, secret, formerSecrets: [], secretKeys };
    const row = { ...secrets, relayHost, keyId, createdAtMs: nowMs, updatedAtMs: nowMs };
    return { ...this.rows.reserve(row), ...secrets };
  }

  /** From the next event on there is a hook that was reserved. */
  appear(hook: HookRegistration, version: number, lastSeq: number): HookRegistration {
    const appeared = this.rows.appear(hook, version);
    this.wishes.kept.begin(hook.id, hook.config, lastSeq);
    return appeared;
  }

  /** A hook of an export, as it was; it wants what comes after `lastSeq`. */
  restore(hook: RestoredHook, lastSeq: number): void {
    this.rows.restore(hook);
    this.wishes.kept.begin(hook.id, hook.config, lastSeq);
  }

  /** The hook of that id, deleted or not. */
  find(id: number): HookRegistration | null {
    return this.rows.find(id);
  }

  /** The living hook of that id, if it is within the scope. */
  get(id: number, scope: HookScope): HookRegistration | null {
    const hook = this.find(id);
    return hook?.deletedAtMs === null && isWithin(scope, hook) ? hook : null;
  }

  /** Puts a registration in place of the one before, from the next event on. */
  save(before: HookRegistration, hook: HookRegistration, lastSeq: number): void {
    this.rows.update(hook);
    if (!sameWish(before.config, hook.config)) this.wishes.kept.change(hook.id, hook.config, lastSeq);
  }

  /** Its secrets go with it. */
  delete(id: number, lastSeq: number, nowMs: number): void {
    this.rows.delete(id, nowMs);
    this.#sql.exec('DELETE FROM connected_keys WHERE hook_id = ?', id);
    this.wishes.kept.end(id, lastSeq);
  }

  /** Forgets a deleted hook. One that has wanted much goes a part at a time: until the last it is still there. */
  forget(id: number): void {
    if (this.wishes.kept.forget(id)) this.rows.forget(id);
  }
}

function sameWish(a: HookConfig, b: HookConfig): boolean {
  return JSON.stringify(wishOf(a)) === JSON.stringify(wishOf(b));
}

function wishOf({ events, sources, format, filters = NO_FILTERS, dialect }: HookConfig): unknown[] {
  return [events, sources, format, filters, dialect.kind === 'superoffice' ? dialect.events : null];
}
