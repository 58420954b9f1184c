/** A9: whatever the log takes every hook can take too, and a row of either has less bytes than a Durable Object's may. */
import { expect, test } from 'vitest';
import { eventId } from '../../src/core/event-id.ts';
import { HEALTHY } from '../../src/core/health.ts';
import { HOOK_DEFAULTS } from '../../src/core/hook-config.ts';
import { newSecret } from '../../src/core/signature.ts';
import { isStorable, MAX_STORED_BYTES, storedBytes } from '../../src/core/stored-size.ts';
import { EventStore } from '../../src/event-log/event-store.ts';
import type { StoredEvent } from '../../src/core/stored-event.ts';
import { EVENT_LOG_MIGRATIONS } from '../../src/event-log/schema.ts';
import type { AttemptRecord } from '../../src/hook/attempt-log.ts';
import { turnOf } from '../../src/core/probe.ts';
import { Queue } from '../../src/hook/queue.ts';
import { answerText, reportOf } from '../../src/hook/report.ts';
import { HOOK_MIGRATIONS } from '../../src/hook/schema.ts';
import { writeOnlyOf } from '../../src/hook/write-only.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { MAX_ROW_BYTES, Sqlite } from '../support/sqlite.ts';

const NOW_MS = Date.UTC(2026, 10, 28);
const ATTEMPTS = 40;

/** The largest that is storable, of characters that take three bytes each. */
function largest(seq: number, attributeCharacters: number): StoredEvent {
  const event: StoredEvent = {
    seq,
    id: eventId(NOW_MS, seq, new Uint8Array(5)),
    sourceId: 'src_1',
    type: '契'.repeat(attributeCharacters),
    subject: '契'.repeat(attributeCharacters),
    source: '契'.repeat(attributeCharacters),
    event: '契'.repeat(attributeCharacters),
    recordedAtMs: NOW_MS,
    kind: 'json',
    contentType: 'application/json',
    head: '契'.repeat(50_000),
    raw: new Uint8Array(),
  };
  const room = Math.floor((MAX_STORED_BYTES - storedBytes(event)) / 3);
  return { ...event, raw: new TextEncoder().encode('契'.repeat(room)) };
}

/** Of an attempt that leaves as much as one can: in JSON a control character takes six bytes. */
function bulkyAttempt(number: number): { record: AttemptRecord; answer: string } {
  const headers = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`x-${at}`, 'é'.repeat(1000)]));
  const exchange = {
    result: { kind: 'answer', status: 500, retryAfter: null },
    headers: new Headers(headers),
    start: { text: '\u0000'.repeat(10_000), isWhole: false },
    durationMs: 15_000,
  } as const;
  const keys = { secret: newSecret(new Uint8Array(32)), formerSecrets: [], secretKeys: [] };
  const writeOnly = writeOnlyOf({ headers: {}, dialect: HOOK_DEFAULTS.dialect }, keys, null);
  const report = reportOf(exchange, { headers, body: new Uint8Array() }, writeOnly, false);
  const { requestHeaders, responseHeaders, responseExcerpt } = report;
  const record = {
    number,
    at: new Date(NOW_MS).toISOString(),
    durationMs: 15_000,
    outcome: 'failed',
    statusCode: 500,
    error: 'status',
    detail: null,
    requestHeaders,
    responseHeaders,
    responseExcerpt,
  } as const;
  return { record, answer: answerText(report) };
}

test.each([
  { what: 'nearly all of it body', characters: 10 },
  { what: 'with the longest attributes', characters: 4096 },
  { what: 'with attributes that nobody bounds', characters: 60_000 },
])(
  'A9: the largest event, $what: its rows in log and hook, after as many attempts as are kept',
  ({ characters }) => {
    const event = largest(1, characters);
    expect(isStorable(event)).toBe(true);
    expect(isStorable({ ...event, raw: new Uint8Array(event.raw.byteLength + 3) })).toBe(false);

    const log = new Sqlite();
    migrate(log.storage, EVENT_LOG_MIGRATIONS);
    new EventStore(log.sql).append(event, new Uint8Array(32));

    const hook = new Sqlite();
    migrate(hook.storage, HOOK_MIGRATIONS);
    const queue = new Queue(hook.sql);
    queue.enqueue(event, 'subject', { deliveries: 1, bytes: 1e9 }, false, NOW_MS);
    for (let attempts = 1; attempts <= ATTEMPTS; attempts += 1) {
      const delivery = queue.take(NOW_MS, turnOf(HEALTHY, false));
      if (delivery === null) throw new Error('expected it to be due');
      const { record, answer } = bulkyAttempt(attempts);
      const settlement = { state: 'retrying', retryAtMs: NOW_MS, attempts, steps: attempts } as const;
      queue.settle(
        delivery,
        settlement,
        record,
        { ...HEALTHY, lastAnswer: answer, errors: attempts },
        NOW_MS,
      );
      queue.release(delivery);
    }
    expect(queue.deliveries.find(1)?.attemptLog).toHaveLength(25);
    const rows = { ...log.largestRows(), ...hook.largestRows() };
    expect(rows['events']).toBeGreaterThan(MAX_STORED_BYTES * 0.7);
    expect(rows['deliveries']).toBeGreaterThan(MAX_STORED_BYTES);
    for (const bytes of Object.values(rows)) expect(bytes).toBeLessThan(MAX_ROW_BYTES);
  },
);
