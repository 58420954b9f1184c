/**
 * Who changed what of the tenant, and who read a secret: entries in a chain of hashes. An entry is written in the commit of
 * the change that it tells of, so that neither is there without the other. The oldest go first; the hash of the last one
 * that went is kept, so that the rest can still be checked.
 */
import { entryHash, oldEntries, type Attribution, type AuditEntry } from '../core/audit-chain.ts';

/** What nobody called for. */
export const BY_RELAY: Attribution = { actor: 'relay', from: null, call: 'none' };

export interface HashedEntry extends AuditEntry {
  readonly hash: string;
}

export interface AuditQuery {
  readonly order: 'asc' | 'desc';
  /** Place after which the page begins; null: at the start. */
  readonly after: number | null;
  readonly limit: number;
  readonly actor: string | null;
  readonly target: string | null;
}

export interface AuditPage {
  readonly entries: readonly HashedEntry[];
  /** Place after which the next page begins; null: there are no more. */
  readonly next: number | null;
}

/** A part of a check of the chain. */
export interface Verified {
  /** How many entries were checked in this part. */
  readonly entries: number;
  /** The first place where the chain does not hold; null: in this part it does. */
  readonly brokenAt: number | null;
  /** Where the check goes on; null: it has come to its end. */
  readonly next: Checked | null;
  /** Of the entry before the oldest that is kept. */
  readonly previousHash: string;
}

/** An entry, and with it all before, that has been checked. */
export interface Checked {
  readonly seq: number;
  readonly hash: string;
}

type Row = Record<string, SqlStorageValue> & {
  seq: number;
  at: number;
  actor: string;
  from_address: string | null;
  call: string;
  target: string;
  before: string | null;
  after: string | null;
  hash: string;
};

type Chain = Record<string, SqlStorageValue> & {
  start_seq: number;
  start_hash: string;
  last_seq: number;
  last_hash: string;
};

/** A registration may have 64 KiB, before and after. */
const PAGE_CHARACTERS = 4_000_000;
const CHUNK_ENTRIES = 500;
/** Checked by one call. */
const CALL_CHUNKS = 20;
const CALL_MAX_CHARACTERS = 20_000_000;
const MAX_CALL_CHARACTERS = 400;

export class Audit {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** To be called in the commit of what it tells of. */
  add({ actor, from, call }: Attribution, target: string, before: object | null, after: object | null): void {
    const { last_seq, last_hash } = this.#chain();
    const nowMs = Date.now();
    // A path may be as long as a URL. What is hashed is what is kept: JSON has no `undefined`.
    const entry = {
      seq: last_seq + 1,
      at: new Date(nowMs).toISOString(),
      actor,
      from,
      call: call.slice(0, MAX_CALL_CHARACTERS),
      target,
      before: kept(before),
      after: kept(after),
    };
    const hash = entryHash(last_hash, entry);
    this.#sql.exec(
      `INSERT INTO audit (seq, at, actor, from_address, call, target, before, after, hash)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      entry.seq,
      nowMs,
      actor,
      from,
      entry.call,
      target,
      entry.before && JSON.stringify(entry.before),
      entry.after && JSON.stringify(entry.after),
      hash,
    );
    this.#sql.exec('UPDATE audit_chain SET last_seq = ?, last_hash = ?', entry.seq, hash);
  }

  /** A page ends early at 4 MB. */
  page({ order, after, limit, actor, target }: AuditQuery): AuditPage {
    const isUp = order === 'asc';
    const rows = this.#sql.exec<Row>(
      `SELECT * FROM audit WHERE seq ${isUp ? '>' : '<'} ?1
         AND (?2 IS NULL OR actor = ?2) AND (?3 IS NULL OR target = ?3)
       ORDER BY seq ${isUp ? 'ASC' : 'DESC'} LIMIT ?4`,
      after ?? (isUp ? 0 : Number.MAX_SAFE_INTEGER),
      actor,
      target,
      limit + 1,
    );
    const entries: HashedEntry[] = [];
    let characters = 0;
    for (const row of rows) {
      characters += charactersOf(row);
      const last = entries.at(-1);
      if (last !== undefined && (entries.length === limit || characters > PAGE_CHARACTERS))
        return { entries, next: last.seq };
      entries.push(toEntry(row));
    }
    return { entries, next: null };
  }

  /** Checks a part of the chain, up to 10,000 entries; `from`: where the part before has ended. */
  async verify(from: Checked | null): Promise<Verified> {
    let checked = from;
    let entries = 0;
    let characters = 0;
    for (let chunk = 1; ; chunk += 1) {
      const chain = this.#chain();
      const start = { seq: chain.start_seq, hash: chain.start_hash };
      // What has been checked may have become too old meanwhile.
      let last = checked === null || checked.seq < start.seq ? start : checked;
      const found = (brokenAt: number | null, next: Checked | null): Verified => ({
        entries,
        brokenAt,
        next,
        previousHash: start.hash,
      });
      for (const row of this.#after(last.seq)) {
        const { hash, ...entry } = toEntry(row);
        if (entry.seq !== last.seq + 1) return found(last.seq + 1, null);
        if (entryHash(last.hash, entry) !== hash) return found(entry.seq, null);
        last = { seq: entry.seq, hash };
        entries += 1;
        characters += charactersOf(row);
        if (characters > CALL_MAX_CHARACTERS) break;
      }
      if (last.seq === chain.last_seq) return found(last.hash === chain.last_hash ? null : last.seq, null);
      // The newest have been taken away.
      if (last.seq === (checked ?? start).seq || last.seq > chain.last_seq) return found(last.seq + 1, null);
      checked = last;
      if (chunk === CALL_CHUNKS || characters > CALL_MAX_CHARACTERS) return found(null, checked);
      await scheduler.wait(0);
    }
  }

  /** Deletes what is from before `cutoffMs`, step by step. Throws nothing: what is left goes the next time. */
  async dropOld(cutoffMs: number): Promise<void> {
    try {
      while (this.#dropSome(cutoffMs)) await scheduler.wait(0);
    } catch (error) {
      console.warn('old audit entries stay for now', { error: String(error) });
    }
  }

  /** True: there may be more. */
  #dropSome(cutoffMs: number): boolean {
    const oldest = this.#after(0).toArray();
    const count = oldEntries(
      oldest.map(({ at }) => at),
      cutoffMs,
      Date.now(),
    );
    const last = oldest[count - 1];
    if (last === undefined) return false;
    this.#sql.exec('UPDATE audit_chain SET start_seq = ?, start_hash = ?', last.seq, last.hash);
    this.#sql.exec('DELETE FROM audit WHERE seq <= ?', last.seq);
    return count === CHUNK_ENTRIES;
  }

  #after(seq: number): SqlStorageCursor<Row> {
    return this.#sql.exec<Row>('SELECT * FROM audit WHERE seq > ? ORDER BY seq LIMIT ?', seq, CHUNK_ENTRIES);
  }

  #chain(): Chain {
    return this.#sql.exec<Chain>('SELECT * FROM audit_chain').one();
  }
}

function kept(value: object | null): object | null {
  return value && (JSON.parse(JSON.stringify(value)) as object);
}

function charactersOf({ before, after }: Row): number {
  return (before?.length ?? 0) + (after?.length ?? 0);
}

function toEntry({ seq, at, actor, from_address, call, target, before, after, hash }: Row): HashedEntry {
  return {
    seq,
    at: new Date(at).toISOString(),
    actor,
    from: from_address,
    call,
    target,
    before: before === null ? null : (JSON.parse(before) as object),
    after: after === null ? null : (JSON.parse(after) as object),
    hash,
  };
}
