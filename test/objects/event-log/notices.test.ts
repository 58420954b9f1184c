/** Who is told of what the relay says of itself: a subscriber's key only of its own hooks. */
import { afterEach, expect, it, vi } from 'vitest';
import type { Role } from '../../../src/core/role.ts';
import { HOOK_DEFAULTS, patchHook } from '../../../src/core/hook-config.ts';
import { createdIn, openedLog, type Log } from './log.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

async function keyWith(log: Log, role: Role): Promise<string> {
  return log.inside(async (object) => createdIn(await object.createKey('k', role, null)).key.id);
}

/** A hook that names every notice. `keyId` null: the operator made it. */
async function hookOf(log: Log, keyId: string | null): Promise<number> {
  const url = 'https://receiver.example.com/';
  const config = patchHook({ ...HOOK_DEFAULTS, url }, { paused: true, events: ['posthorn.*', '*'] });
  return log.inside(async (object) => {
    const hook = { config, secret: null, relayHost: 'relay.test', keyId };
    return createdIn(await object.createHook(hook, null)).registration.id;
  });
}

const NOTHING_KNOWN = {
  hookName: '',
  eventId: null,
  eventType: null,
  eventSubject: null,
  reason: null,
  since: null,
  statusCode: null,
  error: null,
  answerExcerpt: null,
};

let notices = 0;

/** Tells of a hook; returns the place of the notice. */
async function announced(log: Log, hookId: number): Promise<number> {
  notices += 1;
  const facts = { ...NOTHING_KNOWN, hookId, hookName: 'secret name', statusCode: 500 };
  await log.inside((object) => object.announce({ number: notices, type: 'posthorn.hook.failing', facts }));
  const [row] = await log.rows<{ seq: number }>('SELECT max(seq) AS seq FROM events');
  return row?.seq ?? 0;
}

const placesOf = async (log: Log, hookId: number) => (await log.queueOf(hookId)).map(({ seq }) => seq);

it('D1: a subscriber’s hooks are told of those made with the same key, and of nobody else’s', async () => {
  const log = await openedLog();
  const [mine, theirs] = [await keyWith(log, 'subscriber'), await keyWith(log, 'subscriber')];
  const admin = await keyWith(log, 'admin');
  const [one, two] = [await hookOf(log, mine), await hookOf(log, mine)];
  const [other, own, operators] = [
    await hookOf(log, theirs),
    await hookOf(log, admin),
    await hookOf(log, null),
  ];

  const about = new Map<number, number>();
  for (const id of [one, two, other, own, operators]) about.set(id, await announced(log, id));
  await log.settled();

  const told = (...ids: number[]) => ids.map((id) => about.get(id));
  expect(await placesOf(log, one)).toEqual(told(one, two));
  expect(await placesOf(log, two)).toEqual(told(one, two));
  expect(await placesOf(log, other)).toEqual(told(other));
  expect(await placesOf(log, own)).toEqual([...about.values()]);
  expect(await placesOf(log, operators)).toEqual([...about.values()]);
});

it('D1: nor of sources, also after the key was revoked; what providers send comes as ever', async () => {
  const log = await openedLog();
  const keyId = await keyWith(log, 'subscriber');
  const [subscribed, everything] = [await hookOf(log, keyId), await hookOf(log, null)];
  const source = await log.source();
  await log.stub.revokeKey(keyId);
  for (let refusals = 0; refusals < 5; refusals += 1) await log.stub.refused(source.tokenHash, 'tooLarge');
  await log.inside((object) =>
    object.publish(
      { id: 'a', source: '/shop', type: 'order.paid', subject: null, time: null },
      new TextEncoder().encode('{}'),
      'application/json',
      null,
    ),
  );
  await log.settled();
  expect(await log.rows('SELECT type FROM events ORDER BY seq')).toEqual([
    { type: 'posthorn.source.rejecting' },
    { type: 'order.paid' },
  ]);
  expect(await placesOf(log, subscribed)).toEqual([2]);
  expect(await placesOf(log, everything)).toEqual([1, 2]);
});

it('D1: it is explained as one that no pattern fits, and no replay brings it', async () => {
  const log = await openedLog();
  const hookId = await hookOf(log, await keyWith(log, 'subscriber'));
  const seq = await announced(log, await hookOf(log, null));
  await log.settled();
  const [event] = await log.rows<{ id: string }>('SELECT id FROM events WHERE seq = ?', seq);
  const explained = await log.inside((object) => object.explainEvent(event?.id ?? '', hookId));
  expect(explained).toMatchObject({ deliveries: [{ status: 'skipped', reason: 'pattern' }] });
  expect(await log.inside((object) => object.wantedBy(hookId, 1, seq + 1, null))).toMatchObject({ seqs: [] });
});

it('what a receiver answered to an event that has lost its payload is not stored, to another it is', async () => {
  const log = await openedLog();
  const ids: string[] = [];
  for (const id of ['a', 'b']) {
    const event = { id, source: '/shop', type: 'order.paid', subject: null, time: null };
    const body = new TextEncoder().encode('{}');
    const published = await log.inside((object) => object.publish(event, body, 'application/json', null));
    ids.push((createdIn(published) as { id: string }).id);
  }
  await log.settled();
  expect(await log.stub.expunge(ids[0] ?? '')).toBe('expunged');
  for (const [at, eventId] of ids.entries()) {
    const facts = { ...NOTHING_KNOWN, hookId: 1, eventId, answerExcerpt: 'you sent {}' };
    await log.inside((object) => object.announce({ number: at + 1, type: 'posthorn.delivery.dead', facts }));
  }
  const rows = await log.rows<{ raw: ArrayBuffer }>(
    `SELECT raw FROM events WHERE type = 'posthorn.delivery.dead' ORDER BY seq`,
  );
  expect(rows.map(({ raw }) => JSON.parse(new TextDecoder().decode(raw)) as unknown)).toMatchObject([
    { eventId: ids[0], answerExcerpt: null },
    { eventId: ids[1], answerExcerpt: 'you sent {}' },
  ]);
});
