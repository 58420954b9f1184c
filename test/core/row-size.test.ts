/**
 * What a hook's object takes on disk: how much is left of a delivery that has arrived, whatever its payload was and in
 * whatever order deliveries come and go.
 */
import { describe, expect, test } from 'vitest';
import { eventId } from '../../src/core/event-id.ts';
import type { StoredEvent } from '../../src/core/stored-event.ts';
import { NO_EVIDENCE } from '../../src/hook/attempt-log.ts';
import { HEALTHY } from '../../src/core/health.ts';
import { turnOf } from '../../src/core/probe.ts';
import { Queue } from '../../src/hook/queue.ts';
import { HOOK_MIGRATIONS } from '../../src/hook/schema.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { Sqlite } from '../support/sqlite.ts';

const NOW_MS = Date.UTC(2026, 10, 28);
const COUNT = 10_000;
const BYTES_PER_ROW = 450;
const LIMITS = { deliveries: Infinity, bytes: Infinity };

/** As SuperOffice's own sample of an event looks once it is in the log. */
function event(seq: number, payloadBytes: number): StoredEvent {
  const subject = `contact/${994_863 + seq}`;
  const head = JSON.stringify({ specversion: '1.0', subject, data: 'x'.repeat(600) });
  return {
    seq,
    id: eventId(NOW_MS + seq, seq, new Uint8Array(5)),
    sourceId: 'src_0123456789',
    type: 'superoffice.contact.updated',
    subject,
    source: '/superoffice/Cust1234',
    event: 'contact.changed',
    recordedAtMs: NOW_MS + seq,
    kind: 'json',
    contentType: 'application/json',
    head,
    raw: new Uint8Array(Math.max(2, payloadBytes - head.length)),
  };
}

function deliverNext(queue: Queue, nowMs: number): void {
  const delivery = queue.take(nowMs, turnOf(HEALTHY, false));
  if (delivery === null) throw new Error('expected one to be ready');
  const attempt = {
    number: 1,
    at: new Date(nowMs).toISOString(),
    durationMs: 1234,
    outcome: 'delivered',
    statusCode: 200,
    error: null,
    detail: null,
    ...NO_EVIDENCE,
  } as const;
  expect(queue.settleFirst(delivery, attempt, nowMs)).toBe(true);
}

describe('A8: bytes of a delivery that arrived at the first try', () => {
  test.each([
    { payloadBytes: 700, atOnce: 1, what: 'small ones, one by one' },
    { payloadBytes: 1_500, atOnce: 1, what: 'usual ones, one by one' },
    { payloadBytes: 1_500, atOnce: 6, what: 'usual ones, six at a time' },
    { payloadBytes: 1_500, atOnce: COUNT, what: 'usual ones, out of a backlog' },
    { payloadBytes: 6_000, atOnce: 1, what: 'ones larger than a page, one by one' },
    { payloadBytes: 6_000, atOnce: COUNT, what: 'ones larger than a page, out of a backlog' },
  ])('$what', ({ payloadBytes, atOnce }) => {
    const { sql, storage, db } = new Sqlite();
    migrate(storage, HOOK_MIGRATIONS);
    const queue = new Queue(sql);
    const before = sql.databaseSize;
    db.exec('BEGIN');
    for (let first = 1; first <= COUNT; first += atOnce) {
      const last = Math.min(first + atOnce - 1, COUNT);
      for (let seq = first; seq <= last; seq += 1)
        queue.enqueue(event(seq, payloadBytes), 'subject', LIMITS, false, NOW_MS + seq);
      for (let seq = first; seq <= last; seq += 1) deliverNext(queue, NOW_MS + seq + 20);
    }
    db.exec('COMMIT');
    const bytes = (sql.databaseSize - before) / COUNT;
    const { id } = event(1, 0);
    expect(id.slice('evt_'.length)).toHaveLength(26);
    expect(queue.pending).toBe(0);
    expect(bytes).toBeLessThanOrEqual(BYTES_PER_ROW);
    db.close();
  });
});
