/** The log itself: named, typed statements over the `events` table. */
import type { EventId } from '../core/event-id.ts';
import { matches, type Pattern } from '../core/pattern.ts';
import type { MatchedEvent, SeenEvent, StoredEvent } from '../core/stored-event.ts';
import { blankOf } from '../storage/blank.ts';
import { RecordedTimes } from './recorded-times.ts';

export interface EventFilter {
  readonly type: Pattern | null;
  readonly subject: string | null;
  readonly source: string | null;
  readonly sourceId: string | null;
  /** Inclusive, over the time of receipt. */
  readonly fromMs: number | null;
  /** Exclusive. */
  readonly toMs: number | null;
  /** Bytes that the body as it came holds; null or absent: whichever. */
  readonly contains?: Uint8Array | null;
}

type Row = Record<string, SqlStorageValue> & {
  seq: number;
  id: string;
  source_id: string | null;
  type: string;
  subject: string | null;
  source: string;
  event: string | null;
  recorded_at: number;
  kind: string;
  content_type: string | null;
  head: string;
  raw: ArrayBuffer;
};

/** A list request looks at no more than this many rows; the page then ends early and its cursor goes on. */
const ROWS_LOOKED_AT = 20_000;
/** The same of the bodies that a text is looked for in: other calls wait for it. */
const BYTES_LOOKED_AT = 64_000_000;

/** Events deleted in one turn: other calls wait for it. */
const DELETED_AT_ONCE = 500;
const DELETED_BYTES_AT_ONCE = 4_000_000;

export class EventStore {
  readonly times: RecordedTimes;
  readonly #sql: SqlStorage;
  /** What stays of events whose payload has been overwritten but not yet cleared, by place. */
  readonly #skeletons = new Map<number, string>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.times = new RecordedTimes(sql);
    const rows = sql.exec<{ seq: number; skeleton: string }>(
      'SELECT seq, skeleton FROM expunging WHERE skeleton IS NOT NULL',
    );
    for (const { seq, skeleton } of rows) this.#skeletons.set(seq, skeleton);
  }

  append(event: StoredEvent, dedupe: Uint8Array | null): void {
    this.#sql.exec(
      `INSERT INTO events (seq, id, dedupe, source_id, type, subject, source, event, recorded_at, kind, content_type, head, raw)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      event.seq,
      event.id,
      dedupe,
      event.sourceId,
      event.type,
      event.subject,
      event.source,
      event.event,
      event.recordedAtMs,
      event.kind,
      event.contentType,
      event.head,
      event.raw,
    );
  }

  idOfDuplicate(dedupe: Uint8Array): EventId | null {
    const row = this.#sql
      .exec<{ id: EventId }>('SELECT id FROM events WHERE dedupe = ?', dedupe)
      .toArray()[0];
    return row?.id ?? null;
  }

  seen(dedupe: Uint8Array): SeenEvent | null {
    const row = this.#sql
      .exec<Pick<Row, 'seq' | 'id' | 'event' | 'kind' | 'head'>>(
        'SELECT seq, id, event, kind, head FROM events WHERE dedupe = ?',
        dedupe,
      )
      .toArray()[0];
    if (row === undefined) return null;
    const { seq, event, kind, head } = row;
    const seen = { seq, id: row.id as EventId, event };
    const skeleton = this.#skeletons.get(seq);
    return skeleton === undefined
      ? { ...seen, kind: kind as StoredEvent['kind'], head }
      : { ...seen, kind: 'expunged', head: skeleton };
  }

  /** By which a repetition of the event is told; null: by nothing. */
  dedupeAt(seq: number): Uint8Array | null {
    const [row] = this.#sql
      .exec<{ dedupe: ArrayBuffer | null }>('SELECT dedupe FROM events WHERE seq = ?', seq)
      .toArray();
    return row?.dedupe ? new Uint8Array(row.dedupe) : null;
  }

  hasBody(seq: number, body: Uint8Array): boolean {
    return this.#sql.exec('SELECT 1 FROM events WHERE seq = ? AND raw = ?', seq, body).toArray().length > 0;
  }

  /** The newest event's place and time, or null in an empty log. */
  last(): { seq: number; recordedAtMs: number } | null {
    const row = this.#sql
      .exec<{ seq: number; recorded_at: number }>(
        'SELECT seq, recorded_at FROM events ORDER BY seq DESC LIMIT 1',
      )
      .toArray()[0];
    return row === undefined ? null : { seq: row.seq, recordedAtMs: row.recorded_at };
  }

  /** The oldest event's place and time, or null in an empty log. */
  first(): { seq: number; recordedAtMs: number } | null {
    const row = this.#sql
      .exec<{ seq: number; recorded_at: number }>('SELECT seq, recorded_at FROM events ORDER BY seq LIMIT 1')
      .toArray()[0];
    return row === undefined ? null : { seq: row.seq, recordedAtMs: row.recorded_at };
  }

  /**
   * Deletes some of the events from `fromSeq` on and below `beforeSeq`, but for those in `kept`, until about so many bytes
   * have gone. Returns where to go on; null: there are no more.
   */
  purge(fromSeq: number, beforeSeq: number, kept: ReadonlySet<number>, mostBytes: number): number | null {
    const rows = this.#sql.exec<{ seq: number; bytes: number; is_expunging: number }>(
      `SELECT seq, length(raw) AS bytes, EXISTS (SELECT 1 FROM expunging WHERE seq = events.seq) AS is_expunging
       FROM events WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT ?`,
      fromSeq,
      beforeSeq,
      DELETED_AT_ONCE,
    );
    const deleted: number[] = [];
    let lastSeq: number | null = null;
    let bytes = 0;
    for (const row of rows) {
      lastSeq = row.seq;
      // By the event it is known which hooks have still to be told.
      if (kept.has(row.seq) || row.is_expunging === 1) continue;
      deleted.push(row.seq);
      bytes += row.bytes;
      if (bytes > Math.min(mostBytes, DELETED_BYTES_AT_ONCE)) break;
    }
    this.#sql.exec(
      'DELETE FROM events WHERE seq IN (SELECT value FROM json_each(?))',
      JSON.stringify(deleted),
    );
    return lastSeq === null ? null : lastSeq + 1;
  }

  /**
   * Overwrites the payload of an event with as many bytes of nothing. From here on the event reads as its skeleton.
   */
  blank(event: StoredEvent, skeleton: string): void {
    this.#sql.exec(
      'UPDATE events SET head = ?, raw = zeroblob(length(raw)) WHERE seq = ?',
      blankOf(event.head),
      event.seq,
    );
    this.#skeletons.set(event.seq, skeleton);
  }

  /** Puts the skeleton in place of what was blanked. In a commit of its own: a page that is freed is not written. */
  clear(seq: number): void {
    this.#sql.exec(
      `UPDATE events SET kind = 'expunged', content_type = NULL, head = ?, raw = x'' WHERE seq = ?`,
      this.#skeletons.get(seq),
      seq,
    );
    this.#skeletons.delete(seq);
  }

  at(seq: number): StoredEvent | null {
    const row = this.#sql.exec<Row>('SELECT * FROM events WHERE seq = ?', seq).toArray()[0];
    return row === undefined ? null : this.#toEvent(row);
  }

  /** Events from `fromSeq` to `toSeq`, both included, in order; ends early after `limit` events or `maxBytes`. */
  range(fromSeq: number, toSeq: number, limit: number, maxBytes: number): StoredEvent[] {
    const events: StoredEvent[] = [];
    let bytes = 0;
    const rows = this.#sql.exec<Row>(
      'SELECT * FROM events WHERE seq >= ? AND seq <= ? ORDER BY seq LIMIT ?',
      fromSeq,
      toSeq,
      limit,
    );
    for (const row of rows) {
      const event = this.#toEvent(row);
      bytes += event.raw.byteLength + event.head.length;
      if (events.length > 0 && bytes > maxBytes) break;
      events.push(event);
    }
    return events;
  }

  /** How many events of each source came after `afterSeq`, and when the last of them did. */
  countBySourceAfter(afterSeq: number): { sourceId: string; count: number; lastAtMs: number }[] {
    return this.#sql
      .exec<{ source_id: string; count: number; last: number }>(
        `SELECT source_id, count(*) AS count, max(recorded_at) AS last FROM events
         WHERE seq > ? AND source_id IS NOT NULL GROUP BY source_id`,
        afterSeq,
      )
      .toArray()
      .map((row) => ({ sourceId: row.source_id, count: row.count, lastAtMs: row.last }));
  }

  /**
   * Places of the events that pass the filter, strictly beyond `cursorSeq` in the given order. `nextSeq` is the
   * cursor to go on from, null when there is nothing more to look at.
   */
  find(
    filter: EventFilter,
    order: 'asc' | 'desc',
    cursorSeq: number | null,
    limit: number,
  ): { seqs: number[]; nextSeq: number | null } {
    const { fromMs, toMs } = filter;
    const low = fromMs === null ? 1 : this.firstSeqSince(fromMs);
    const high = toMs === null ? Number.MAX_SAFE_INTEGER : this.endSeqBefore(toMs) - 1;
    const from = order === 'asc' && cursorSeq !== null ? Math.max(low, cursorSeq + 1) : low;
    const to = order === 'desc' && cursorSeq !== null ? Math.min(high, cursorSeq - 1) : high;
    const rows = this.#sql.exec<
      Pick<Row, 'seq' | 'type' | 'subject' | 'source' | 'source_id' | 'recorded_at'> & { bytes: number }
    >(
      `SELECT seq, type, subject, source, source_id, recorded_at, length(raw) AS bytes FROM events WHERE seq >= ? AND seq <= ?
       ORDER BY seq ${order === 'asc' ? 'ASC' : 'DESC'}`,
      from,
      to,
    );
    const seqs: number[] = [];
    let lookedAt = 0;
    let bytes = 0;
    let lastSeq: number | null = null;
    const { contains = null } = filter;
    for (const row of rows) {
      const isFull = seqs.length === limit || lookedAt === ROWS_LOOKED_AT || bytes > BYTES_LOOKED_AT;
      if (isFull) return { seqs, nextSeq: lastSeq };
      lookedAt += 1;
      lastSeq = row.seq;
      const passes =
        // Between both ends others may lie, where the clock was set back.
        (fromMs === null || row.recorded_at >= fromMs) &&
        (toMs === null || row.recorded_at < toMs) &&
        (filter.subject === null || filter.subject === row.subject) &&
        (filter.source === null || filter.source === row.source) &&
        (filter.sourceId === null || filter.sourceId === row.source_id) &&
        (filter.type === null || matches(filter.type, row.type));
      if (passes && contains !== null) bytes += row.bytes;
      if (passes && (contains === null || this.#bodyContains(row.seq, contains))) seqs.push(row.seq);
    }
    return { seqs, nextSeq: null };
  }

  /** What has been blanked holds nothing. */
  #bodyContains(seq: number, bytes: Uint8Array): boolean {
    if (this.#skeletons.has(seq)) return false;
    const query = 'SELECT 1 FROM events WHERE seq = ? AND instr(raw, ?) > 0';
    return this.#sql.exec(query, seq, bytes).toArray().length > 0;
  }

  /** By what it is matched, of each event from `fromSeq` on and before `beforeSeq`, in order. */
  matched(fromSeq: number, beforeSeq: number, limit: number): MatchedEvent[] {
    return this.#sql
      .exec<Pick<Row, 'seq' | 'type' | 'subject' | 'source_id' | 'event' | 'kind'>>(
        `SELECT seq, type, subject, source_id, event, kind FROM events WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT ?`,
        fromSeq,
        beforeSeq,
        limit,
      )
      .toArray()
      .map(({ seq, type, subject, source_id, event, kind }) => ({
        seq,
        type,
        subject,
        sourceId: source_id,
        event,
        kind: kind as StoredEvent['kind'],
      }));
  }

  /** A place at or before the first event that was recorded at `ms` or later; behind all of them where there is none. */
  firstSeqSince(ms: number): number {
    const [first, last] = [this.first(), this.last()];
    return first === null || last === null ? 1 : this.times.firstSince(ms, first.seq, last.seq);
  }

  /** The place behind the last event that was recorded before `ms`. Some in front of it may have been recorded later. */
  endSeqBefore(ms: number): number {
    const [first, last] = [this.first(), this.last()];
    return first === null || last === null ? 1 : this.times.endBefore(ms, first.seq, last.seq);
  }

  #toEvent(row: Row): StoredEvent {
    const event = {
      seq: row.seq,
      id: row.id as EventId,
      sourceId: row.source_id,
      type: row.type,
      subject: row.subject,
      source: row.source,
      event: row.event,
      recordedAtMs: row.recorded_at,
    };
    const skeleton = this.#skeletons.get(row.seq);
    if (skeleton !== undefined) {
      return { ...event, kind: 'expunged', contentType: null, head: skeleton, raw: new Uint8Array() };
    }
    return {
      ...event,
      kind: row.kind as StoredEvent['kind'],
      contentType: row.content_type,
      head: row.head,
      raw: new Uint8Array(row.raw),
    };
  }
}
