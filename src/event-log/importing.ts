/**
 * Puts an export back into a tenant that has never had anything. Lines are written as they come, some to a commit, while a
 * row says that this is under way; nothing of the log is open meanwhile. The last commit takes that row away. Whatever ends
 * before it, the rows go when the log is next loaded, and the tenant is as empty as before: `undo`.
 */
import { bytesOfBase64 } from '../core/base64.ts';
import type { KeyRing } from '../core/sealing.ts';
import type { Attribution } from '../core/audit-chain.ts';
import { hookKeys } from './telling.ts';
import { keyRecordKey, sourceRecordKey, tokenRecordKey } from '../registry/records.ts';
import { OpenLog } from './open-log.ts';
import { Outbox } from './outbox.ts';
import type { Quotas } from './refused.ts';
import type { ImportCounts, ImportLine, ImportResult } from './restored.ts';

type Unfit = Extract<ImportResult, { kind: 'unfit' }>;

const LINES_AT_ONCE = 200;
const CHARACTERS_AT_ONCE = 2_000_000;

/** What the tenant has already, so that nothing can be imported into it; null: nothing. */
export function presentIn(sql: SqlStorage): string | null {
  const [row] = sql
    .exec<{ what: string }>(
      `SELECT 'sources' AS what FROM sources UNION ALL SELECT 'hooks' FROM hooks
       UNION ALL SELECT 'events' WHERE (SELECT max(fanned_seq) FROM progress) > 0
       UNION ALL SELECT 'events' FROM events LIMIT 1`,
    )
    .toArray();
  return row?.what ?? null;
}

/** Takes away what an import that came to no end has left. Repeating it changes nothing. */
export function undoImport(storage: DurableObjectStorage): void {
  const { sql } = storage;
  const [begun] = sql.exec<{ last_key: number }>('SELECT last_key FROM importing').toArray();
  if (begun === undefined) return;
  storage.transactionSync(() => {
    for (const table of [
      'events',
      'sources',
      'recipes',
      'hooks',
      'hook_versions',
      'wish_patterns',
      'expiries',
      'confirmations',
      'outbox',
    ])
      sql.exec(`DELETE FROM ${table}`);
    sql.exec('DELETE FROM keys WHERE n > ?', begun.last_key);
    sql.exec('DELETE FROM importing');
  });
}

export class Importing {
  readonly #storage: DurableObjectStorage;
  readonly #quotas: Quotas;
  readonly #log: OpenLog;
  readonly #outbox: Outbox;
  readonly #counts = { sources: 0, hooks: 0, keys: 0, events: 0 };
  #lastSeq = 0;
  #reachedSeq = 0;
  #lastRecordedAtMs = 0;
  #isWhole = false;

  /** Nothing has ever been in the tenant but keys. */
  constructor(storage: DurableObjectStorage, quotas: Quotas, ring: KeyRing) {
    this.#storage = storage;
    this.#quotas = quotas;
    storage.sql.exec('INSERT INTO importing (last_key) SELECT coalesce(max(n), 0) FROM keys');
    this.#log = new OpenLog(storage.sql, (work) => storage.transactionSync(work), ring);
    this.#outbox = new Outbox(storage.sql, {
      tell: () => Promise.reject(new Error('nothing is told during an import')),
      nowMs: () => Date.now(),
    });
  }

  /** Writes all lines of the stream, each a whole JSON text that was checked. Throws when the stream breaks off. */
  async read(stream: ReadableStream<Uint8Array>): Promise<Unfit | null> {
    let lines: string[] = [];
    let characters = 0;
    for await (const line of linesOf(stream)) {
      lines.push(line);
      characters += line.length;
      if (lines.length < LINES_AT_ONCE && characters < CHARACTERS_AT_ONCE) continue;
      const unfit = this.#write(lines);
      if (unfit !== null) return unfit;
      lines = [];
      characters = 0;
    }
    const unfit = this.#write(lines);
    if (unfit === null && !this.#isWhole) throw new Error('an import broke off');
    return unfit;
  }

  /** From here on it is there. */
  commit(by: Attribution): ImportCounts {
    const { sql } = this.#storage;
    this.#storage.transactionSync(() => {
      sql.exec(
        'UPDATE progress SET fanned_seq = ?1, counted_seq = ?1, batch_to = NULL, after_hook = NULL, last_recorded_at = ?2',
        this.#lastSeq,
        this.#lastRecordedAtMs,
      );
      sql.exec('DELETE FROM importing');
      this.#log.audit.add(by, 'import', null, { ...this.#counts });
    });
    return { ...this.#counts };
  }

  #write(lines: readonly string[]): Unfit | null {
    return this.#storage.transactionSync(() => {
      for (const text of lines) {
        const line = JSON.parse(text) as ImportLine;
        const unfit = this.#put(line);
        if (unfit !== null) return { kind: 'unfit', line: line.line, ...unfit };
      }
      return null;
    });
  }

  #put(line: ImportLine): Omit<Unfit, 'kind' | 'line'> | null {
    const { sources, keys, hooks, events, ref } = this.#log;
    const counts = this.#counts;
    switch (line.kind) {
      case 'export':
        this.#lastSeq = line.restore.lastSeq;
        return null;
      case 'end':
        this.#isWhole = true;
        return null;
      case 'key': {
        const { id, hash } = line.restore;
        const known = keys.known(id, hash);
        // The key that calls may well be one of them.
        if (known === 'same') return null;
        if (known === 'other') return taken('/id', 'a key that this tenant does not have', id);
        if (counts.keys >= this.#quotas.keys) return tooMany('keys', this.#quotas.keys);
        keys.restore(line.restore);
        this.#outbox.add(keyRecordKey(hash));
        counts.keys += 1;
        return null;
      }
      case 'source': {
        const { id, uid, tokens } = line.restore;
        if (sources.rows.existed(id)) return taken('/id', 'an id that comes once', id);
        if (uid !== null && sources.idOfUid(uid) !== null) return taken('/uid', 'a uid that comes once', uid);
        const now = Date.now();
        if (tokens.some(({ hash }) => sources.byTokenHash(hash, now) !== null))
          return taken('/tokens', 'inbound URLs that come once', 'one that came before');
        if (counts.sources >= this.#quotas.sources) return tooMany('sources', this.#quotas.sources);
        sources.restore(line.restore);
        this.#outbox.add(
          sourceRecordKey(ref.tenant, id),
          ...tokens.map(({ hash: token }) => tokenRecordKey(token)),
        );
        counts.sources += 1;
        return null;
      }
      case 'hook': {
        const { id, config } = line.restore;
        if (hooks.find(id) !== null) return taken('/id', 'an id that comes once', String(id));
        const uid = config.uid ?? null;
        if (uid !== null && hooks.lists.idOfUid(uid) !== null)
          return taken('/config/uid', 'a uid that comes once', uid);
        if (counts.hooks >= this.#quotas.hooks) return tooMany('hooks', this.#quotas.hooks);
        hooks.restore(line.restore, this.#lastSeq);
        this.#outbox.add(...hookKeys(ref.tenant, id));
        counts.hooks += 1;
        return null;
      }
      case 'event': {
        const { raw, dedupe, ...event } = line.restore;
        if (event.seq <= this.#reachedSeq || event.seq > this.#lastSeq) {
          const expected = `a place above ${this.#reachedSeq} and up to ${this.#lastSeq}`;
          return { path: '/restore/seq', expected, got: String(event.seq) };
        }
        const key = dedupe === null ? null : bytesOfBase64(dedupe);
        if (key !== null && events.idOfDuplicate(key) !== null)
          return taken('/dedupe', 'an event that comes once', event.id);
        events.append({ ...event, raw: bytesOfBase64(raw) }, key);
        if (event.recordedAtMs < this.#lastRecordedAtMs) events.times.stepBack(event.seq);
        this.#reachedSeq = event.seq;
        this.#lastRecordedAtMs = event.recordedAtMs;
        counts.events += 1;
        return null;
      }
    }
  }
}

function taken(path: string, expected: string, got: string): Omit<Unfit, 'kind' | 'line'> {
  return { path: `/restore${path}`, expected, got };
}

function tooMany(what: string, most: number): Omit<Unfit, 'kind' | 'line'> {
  return { path: '', expected: `at most ${most} ${what}`, got: 'one more' };
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let parts: string[] = [];
  for await (const chunk of stream) {
    const [rest = '', ...lines] = decoder.decode(chunk, { stream: true }).split('\n');
    parts.push(rest);
    for (const line of lines) {
      yield parts.join('');
      parts = [line];
    }
  }
}
