/** What goes when a hook's object is too large, step by step. */
import { beforeEach, describe, expect, test } from 'vitest';
import { HEALTHY } from '../../src/core/health.ts';
import { HOOK_DEFAULTS } from '../../src/core/hook-config.ts';
import { eventId } from '../../src/core/event-id.ts';
import { turnOf } from '../../src/core/probe.ts';
import type { StoredEvent } from '../../src/core/stored-event.ts';
import { NO_EVIDENCE } from '../../src/hook/attempt-log.ts';
import { readBounds } from '../../src/hook/bounds.ts';
import { assign } from '../../src/hook/assignment.ts';
import { HookMemory } from '../../src/hook/hook-memory.ts';
import type { Queue } from '../../src/hook/queue.ts';
import { Room } from '../../src/hook/room.ts';
import { HOOK_MIGRATIONS } from '../../src/hook/schema.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { Sqlite } from '../support/sqlite.ts';

const NOW_MS = 1_000_000;
const LIMITS = { deliveries: Infinity, bytes: Infinity };
const REGISTRATION = {
  id: 1,
  version: 1,
  config: { ...HOOK_DEFAULTS, url: 'https://receiver.example.com/' },
  secret: 'whsec_',
  formerSecrets: [],
  secretKeys: [],
  keyId: null,
  relayHost: 'relay.test',
  createdAtMs: 0,
  updatedAtMs: 0,
  deletedAtMs: null,
};

let memory: HookMemory;
let queue: Queue;
let disk: Sqlite;

beforeEach(() => {
  disk = new Sqlite();
  migrate(disk.storage, HOOK_MIGRATIONS);
  assign(disk.sql, { tenant: 'default', incarnation: 'test', jurisdiction: null }, REGISTRATION);
  load();
});

/** Another life of the object. */
function load(): void {
  memory = new HookMemory(disk.storage, { nowMs: () => NOW_MS, dice: () => 0 });
  ({ queue } = memory.load());
}

function event(seq: number): StoredEvent {
  return {
    seq,
    id: eventId(NOW_MS, seq, new Uint8Array(5)),
    sourceId: null,
    type: 't',
    subject: null,
    source: '/s',
    event: null,
    recordedAtMs: NOW_MS,
    kind: 'json',
    contentType: null,
    head: '',
    raw: new Uint8Array(2),
  };
}

function offer(...seqs: readonly number[]): void {
  for (const seq of seqs) queue.enqueue(event(seq), 'none', LIMITS, false, NOW_MS);
}

const ATTEMPT = {
  number: 1,
  at: new Date(0).toISOString(),
  durationMs: 1,
  statusCode: 200,
  detail: null,
  ...NO_EVIDENCE,
};

function deliverAllBut(...kept: readonly number[]): void {
  for (;;) {
    const delivery = queue.take(NOW_MS, turnOf(HEALTHY, false));
    if (delivery === null) return;
    if (kept.includes(delivery.seq)) continue;
    const record = { ...ATTEMPT, outcome: 'delivered', error: null } as const;
    const settlement = { state: 'delivered', attempts: 1, steps: 0 } as const;
    queue.settle(delivery, settlement, record, null, NOW_MS);
    queue.release(delivery);
  }
}

/** It comes to nothing. */
function release(...seqs: readonly number[]): void {
  for (const seq of seqs) queue.release({ seq });
}

const range = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, at) => first + at);
const seqs = () =>
  disk.sql
    .exec<{ seq: number }>('SELECT seq FROM deliveries ORDER BY seq')
    .toArray()
    .map(({ seq }) => seq);
const roomOf = (maxBytes: number) => new Room(memory, () => maxBytes);

describe('a step', () => {
  test('deletes the oldest that have ended, a bounded number, and passes over what is pending', () => {
    offer(...range(1, 600));
    deliverAllBut(1, 300);
    const room = roomOf(0);
    room.make(NOW_MS);
    expect(seqs()).toEqual([1, ...range(252, 600)]);
    room.make(NOW_MS);
    room.make(NOW_MS);
    expect(seqs()).toEqual([1, 300]);
    expect(memory.opened().queue).toMatchObject({ pending: 2, lastSequence: 600 });
  });

  test('comes back to what was pending when it passed', () => {
    offer(...range(1, 300));
    deliverAllBut(1);
    const room = roomOf(0);
    room.make(NOW_MS);
    room.make(NOW_MS);
    expect(seqs()).toEqual([1]);
    release(1);
    deliverAllBut();
    room.make(NOW_MS);
    expect(seqs()).toEqual([]);
  });

  test('is not made below the size, nor again at once where nothing has ended', () => {
    offer(...range(1, 10));
    const large = roomOf(1_000_000_000);
    deliverAllBut(...range(6, 10));
    large.keep(NOW_MS);
    expect(seqs()).toHaveLength(10);
    const small = roomOf(0);
    small.keep(NOW_MS);
    small.keep(NOW_MS);
    expect(seqs()).toEqual(range(6, 10));
    release(...range(6, 10));
    deliverAllBut();
    small.keep(NOW_MS);
    expect(seqs()).toEqual(range(6, 10));
    small.keep(NOW_MS + 60_000);
    expect(seqs()).toEqual([]);
  });
});

describe.each([
  { life: 'in one life', again: () => undefined },
  { life: 'in another life', again: load },
])('what is gone, $life', ({ again }) => {
  test('is not taken for missing, and gives its number to nobody', () => {
    offer(1, 2, 3);
    deliverAllBut();
    roomOf(0).make(NOW_MS);
    again();
    expect(seqs()).toEqual([]);
    expect(readBounds(disk.sql)).toMatchObject({ purgedBefore: 4, sequenceFloor: 3 });
    offer(4);
    expect(queue.lastSequence).toBe(4);
  });

  test('what a replay has brought ahead of the log stays until the log has offered it', () => {
    offer(1);
    queue.backfill(event(9), 'none', 'rpl_1', NOW_MS);
    deliverAllBut();
    again();
    roomOf(0).make(NOW_MS);
    expect(seqs()).toEqual([9]);
    expect(readBounds(disk.sql).purgedBefore).toBe(2);
    offer(5, 9);
    expect(queue.lastSequence).toBe(3);
    expect(queue.deliveries.find(9)).toMatchObject({ state: 'delivered', sequence: 2 });
    deliverAllBut();
    again();
    offer(10);
    roomOf(0).make(NOW_MS);
    expect(seqs()).toEqual([10]);
  });
});
