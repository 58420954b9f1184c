/** How far a viewer has come, and how much it may be sent beyond what it has acknowledged. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  acknowledged,
  afterAck,
  afterSending,
  afterTelling,
  maySend,
  progressFrom,
  seqOfTailCursor,
  tailCursor,
  type Progress,
} from '../../src/core/tail.ts';

function sendAll(progress: Progress, bytes: number): Progress {
  let next = progress;
  while (maySend(next, 1)) next = afterSending(next, next.seq + 1, bytes);
  return next;
}

test('a client that never acknowledges is sent a thousand', () => {
  expect(sendAll(progressFrom(40), 100)).toMatchObject({ seq: 1040, sent: 1000 });
});

test('events of a megabyte stop it sooner, as they lie in memory until they are read', () => {
  expect(sendAll(progressFrom(0), 1024 * 1024).sent).toBe(16);
});

test('viewers share the memory, and each may always be sent something', () => {
  const sentTo = (viewers: number) => {
    let progress = progressFrom(0);
    while (maySend(progress, viewers)) progress = afterSending(progress, progress.seq + 1, 1024 * 1024);
    return progress.sent;
  };
  expect([1, 2, 5, 20].map(sentTo)).toEqual([16, 16, 8, 2]);
});

test('who acknowledges every megabyte is never stopped for good, however many watch', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 1024 * 1024 }), { minLength: 50, maxLength: 200 }),
      fc.integer({ min: 1, max: 20 }),
      (sizes, viewers) => {
        let progress = progressFrom(0);
        let unacknowledged = 0;
        for (const size of sizes) {
          expect(maySend(progress, viewers)).toBe(true);
          progress = afterSending(progress, progress.seq + 1, size);
          unacknowledged += size;
          if (unacknowledged < 1024 * 1024) continue;
          progress = afterAck(progress, progress.seq);
          unacknowledged = 0;
        }
      },
    ),
  );
});

test('attempts count as well, until the event before them is acknowledged once more', () => {
  let progress = afterAck(afterSending(progressFrom(0), 1, 100), 1);
  while (maySend(progress, 1)) progress = afterTelling(progress, 1024 * 1024);
  expect(progress).toMatchObject({ seq: 1, sent: 1 });
  expect(maySend(afterAck(progress, 1), 1)).toBe(true);
});

test('who acknowledges every 500 events, however late, is never stopped for good, and never gets more than a thousand ahead', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 40 }), (steps) => {
      let progress = progressFrom(0);
      let acked = 0;
      for (const step of steps) {
        progress = sendAll(progress, 200);
        expect(progress.seq - acked).toBeGreaterThanOrEqual(500);
        expect(progress.seq - acked).toBeLessThanOrEqual(1000);
        acked += step;
        progress = afterAck(progress, acked);
      }
      // Its attachment has 16 KiB.
      expect(progress.marks.length).toBeLessThanOrEqual(40);
    }),
  );
});

test('an acknowledgement of what is older than the last one changes nothing', () => {
  const progress = sendAll(progressFrom(0), 100);
  const acked = afterAck(progress, 600);
  expect(afterAck(acked, 300)).toEqual(acked);
  expect(afterAck(progress, 0)).toEqual(progress);
});

test('a cursor is of one life of a tenant', () => {
  const cursor = tailCursor('abcdefgh-1', 42);
  expect(seqOfTailCursor('abcdefgh-1', cursor)).toBe(42);
  expect(seqOfTailCursor('zbcdefgh-1', cursor)).toBeNull();
  for (const text of ['', '42', 'tail.abcdefgh.', 'tail.abcdefgh.042', 'tail.abcdefgh.-1', `${cursor} `])
    expect(seqOfTailCursor('abcdefgh-1', text), text).toBeNull();
});

test('what is no acknowledgement is none', () => {
  expect(acknowledged('{"kind":"ack","cursor":"c"}')).toBe('c');
  for (const message of [
    '',
    'null',
    '[]',
    '{"kind":"ack"}',
    '{"kind":"nack","cursor":"c"}',
    new ArrayBuffer(4),
  ])
    expect(acknowledged(message)).toBeNull();
  expect(acknowledged(`{"kind":"ack","cursor":"${'c'.repeat(2_000)}"}`)).toBeNull();
});
