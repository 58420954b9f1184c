/**
 * What choosing the next delivery costs, whatever waits: the statements that the queue runs are read off, and how SQLite
 * goes about each is asked for. None may walk the table, nor sort it.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HOOK_MIGRATIONS } from '../../src/hook/schema.ts';
import { HEALTHY } from '../../src/core/health.ts';
import { eventId } from '../../src/core/event-id.ts';
import { turnOf } from '../../src/core/probe.ts';
import type { StoredEvent } from '../../src/core/stored-event.ts';
import { NO_EVIDENCE, type AttemptRecord } from '../../src/hook/attempt-log.ts';
import type { Delivery } from '../../src/hook/delivery-row.ts';
import { Queue } from '../../src/hook/queue.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { Sqlite } from '../support/sqlite.ts';

const NOW_MS = 1_000_000;
const ANY = turnOf(HEALTHY, false);
const LIMITS = { deliveries: Infinity, bytes: Infinity };

/** A queue with `total` deliveries, of which those of the first `blocked` subjects, one in each, wait for a retry of it. */
class Backlog {
  readonly #sqlite = new Sqlite();
  readonly #ran = new Map<string, SqlStorageValue[]>();
  readonly queue: Queue;

  constructor(total: number, blocked: number) {
    const { sql, storage } = this.#sqlite;
    migrate(storage, HOOK_MIGRATIONS);
    // The first of a blocked subject has failed; the second is ready, as when it was queued before that.
    sql.exec(
      `WITH RECURSIVE n(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n WHERE seq < ?1)
       INSERT INTO deliveries (seq, event_id, sequence, position, lane, state, retry_at, failed_at, attempts, steps,
         created_at, type, source, bytes, kind, content_type, head, raw)
       SELECT seq, 'evt_' || seq, seq, seq, 's' || iif(seq <= 2 * ?2, (seq - 1) % ?2, seq),
         iif(seq <= ?2, 'retrying', iif(seq <= 2 * ?2, 'waiting', 'ready')), iif(seq <= ?2, ?3 + 1000 + seq, NULL),
         iif(seq <= ?2, 1, NULL), seq <= ?2, seq <= ?2, 1, 't', '/s', 2, 'json', NULL, '', x'7b7d' FROM n`,
      total,
      Math.max(blocked, 1),
      NOW_MS,
    );
    if (blocked === 0)
      sql.exec(`UPDATE deliveries SET state = 'ready', retry_at = NULL, attempts = 0, steps = 0`);
    const recorded = {
      exec: (query: string, ...bindings: SqlStorageValue[]) => {
        this.#ran.set(query, bindings);
        return sql.exec(query, ...bindings);
      },
    } as unknown as SqlStorage;
    this.queue = new Queue(recorded);
  }

  /** The plans of what `work` runs, one line for each table or index that is read. */
  plansOf(work: () => void): string[] {
    this.#ran.clear();
    work();
    return [...this.#ran].flatMap(([query, bindings]) => this.#sqlite.planOf(query, ...bindings));
  }

  close(): void {
    this.#sqlite.db.close();
  }
}

/**
 * Of the lines about deliveries those that do not go straight to their rows. The indexes that are read from their
 * start are read for a few rows: what is ready has a turn, and what was asked for by hand or retried first comes before.
 */
function walks(plans: readonly string[]): string[] {
  const about = plans.filter((line) => /^(SCAN|SEARCH) (deliveries|ahead)\b/.test(line));
  expect(about).not.toEqual([]);
  return about.filter(
    (line) =>
      !/^SEARCH \w+ USING /.test(line) &&
      !/^SCAN deliveries USING (COVERING )?INDEX deliveries_(ready|manual|retrying)$/.test(line),
  );
}

function event(seq: number, subject: string): StoredEvent {
  const bytes = new TextEncoder().encode('{}');
  return {
    seq,
    id: eventId(NOW_MS, seq, new Uint8Array(5)),
    sourceId: null,
    type: 't',
    subject,
    source: '/s',
    event: null,
    recordedAtMs: NOW_MS,
    kind: 'json',
    contentType: null,
    head: '',
    raw: bytes,
  };
}

const FAILED: AttemptRecord = {
  number: 1,
  at: '',
  durationMs: 1,
  outcome: 'failed',
  statusCode: 500,
  error: 'status',
  detail: null,
  ...NO_EVIDENCE,
};

describe.each([
  { what: '1,000,000 pending', total: 1_000_000, blocked: 0 },
  { what: '100,000 subjects that wait for a retry', total: 300_000, blocked: 100_000 },
])('with $what', ({ total, blocked }) => {
  let backlog: Backlog;
  beforeAll(() => {
    backlog = new Backlog(total, blocked);
  }, 120_000);
  afterAll(() => {
    backlog.close();
  });

  test('taking the next walks no table', () => {
    const { queue } = backlog;
    let taken: Delivery | null = null;
    const take = backlog.plansOf(() => {
      taken = queue.take(NOW_MS, ANY);
    });
    expect(taken).toMatchObject({ seq: 2 * blocked + 1 });
    expect(walks(take)).toEqual([]);
  });

  test('nor does a failure, a success, an end by hand, a new event, or saying when the next is due', () => {
    const { queue } = backlog;
    const takenOne = () => {
      const delivery = queue.take(NOW_MS, ANY);
      if (delivery === null) throw new Error('expected one to be ready');
      return delivery;
    };
    const all = backlog.plansOf(() => {
      for (const delivery of [takenOne(), takenOne()]) {
        const settlement = { state: 'retrying', attempts: 1, steps: 1, retryAtMs: NOW_MS + 5_000 } as const;
        expect(queue.settle(delivery, settlement, FAILED, null, NOW_MS)).toBe('retrying');
        queue.release(delivery);
      }
      const delivery = takenOne();
      queue.settle(delivery, { state: 'delivered', attempts: 1, steps: 0 }, FAILED, null, NOW_MS);
      queue.release(delivery);
      queue.retryNow(total);
      expect(queue.takeManual()?.seq).toBe(total);
      expect(queue.cancel(total - 1, 'cancelled', NOW_MS)).toBe('cancelled');
      queue.enqueue(event(total + 1, 'new'), 'subject', LIMITS, false, NOW_MS);
      queue.dueMs(NOW_MS, ANY);
      queue.dueMs(NOW_MS, { ...ANY, first: 'fresh' });
    });
    expect(walks(all)).toEqual([]);
  });
});
