/** Replays: what they queue, in which order, at most once, and what they leave alone. */
import { runInDurableObject } from 'cloudflare:test';
import { describe, expect, test } from 'vitest';
import type { EventLog } from '../../../src/event-log/event-log.ts';
import { EVERY_HOOK } from '../../../src/event-log/hook-scope.ts';
import { clock, LIVES, metered, START_MS, type HookUnderTest } from '../../support/objects.ts';
import { latest, replaying } from './replaying.ts';

const SECOND = 1000;
const RETRY = { scheduleSeconds: [10], jitter: 0, giveUpOn: [400] };

const ANY = { status: 'any' } as const;

const allOf = (hook: HookUnderTest) =>
  hook.inside((instance) =>
    instance
      .deliveries(null, null, 1000)
      .views.map(({ seq, status, sequence }) => ({ seq, status, sequence })),
  );
const limit = (hook: HookUnderTest, deliveries: number) =>
  hook.inside((instance) => void Object.assign(instance.queueLimits, { deliveries }));

describe.each(LIVES)('$life', ({ halfway }) => {
  test('B10: exhausted is dead, visible and told once; a replay begins a fresh schedule, with its number and its own header', async () => {
    const all = await replaying();
    await all.box.answerWith({ status: 500 });
    const hook = await all.hook({ retry: RETRY });
    const [id] = await all.publish(1);
    await hook.runAll();
    expect(await hook.delivery(1)).toMatchObject({ status: 'dead', reason: 'exhausted', attempts: 2 });
    expect(await all.notices()).toEqual(['posthorn.delivery.dead']);

    const job = await all.start(hook);
    expect(job).toMatchObject({ state: 'done', matched: 1, queued: 1 });
    await halfway(hook);
    expect(await hook.stub.runtime()).toMatchObject({ pending: 1, dead: 0, delivered: 0 });
    await hook.runAll();
    expect(await hook.delivery(1)).toMatchObject({
      status: 'dead',
      reason: 'exhausted',
      attempts: 4,
      sequence: 1,
    });
    expect((await all.notices()).filter((type) => type === 'posthorn.delivery.dead')).toHaveLength(2);

    await all.box.answerStatuses(200);
    const again = await all.start(hook);
    await halfway(hook);
    await hook.runAll();
    expect(await hook.delivery(1)).toMatchObject({ status: 'delivered', attempts: 5 });
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, dead: 0, delivered: 1 });
    const letters = await all.box.letters();
    expect(letters.map(({ headers }) => headers['posthorn-replay'])).toEqual([
      undefined,
      undefined,
      job.id,
      job.id,
      again.id,
    ]);
    expect(new Set(letters.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([id]));
    expect(new Set(letters.map(({ headers }) => headers['posthorn-sequence']))).toEqual(new Set(['1']));
  });

  test('I2: since T each dead one of the types is queued once, and nothing else', async () => {
    const all = await replaying();
    await all.box.answerWith({ status: 400 });
    const hook = await all.hook({ retry: RETRY });
    await all.publish(1);
    clock.advance(SECOND);
    const sinceMs = clock.nowMs();
    await all.publish(2);
    await all.publish(1, undefined, 'order.lost');
    clock.advance(SECOND);
    const untilMs = clock.nowMs();
    await all.publish(1);
    await hook.runDue();
    await all.box.answerWith({ status: 200 });
    await all.publish(1);
    await hook.runDue();
    const before = (await all.box.letters()).length;
    const job = await all.start(hook, { fromMs: sinceMs, toMs: untilMs, types: ['order.paid', 'order.p.*'] });
    expect(job).toMatchObject({ state: 'done', matched: 2, queued: 2 });
    await halfway(hook);
    await hook.runAll();
    const sent = (await all.box.letters()).slice(before);
    expect(sent.map(({ headers }) => headers['posthorn-sequence'])).toEqual(['2', '3']);
    expect((await allOf(hook)).map(({ status }) => status)).toEqual([
      'delivered',
      'dead',
      'dead',
      'delivered',
      'delivered',
      'dead',
    ]);
  });

  test('I2: missing ones: a new hook gets what it wants of the past, with numbers of its own, once', async () => {
    const all = await replaying();
    await all.publish(3);
    await all.publish(1, undefined, 'order.lost');
    await all.publish(2);
    const hook = await all.hook({ events: ['order.paid'] });
    await all.publish(2);
    await hook.runDue();
    expect(await all.start(hook, { status: 'missing' })).toMatchObject({
      state: 'done',
      matched: 5,
      queued: 5,
    });
    await halfway(hook);
    await hook.runAll();
    expect(await allOf(hook)).toEqual(
      [
        [8, 2],
        [7, 1],
        [6, 7],
        [5, 6],
        [3, 5],
        [2, 4],
        [1, 3],
      ].map(([seq, sequence]) => ({ seq, status: 'delivered', sequence })),
    );
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 7 });
    await halfway(hook);
    expect(await all.start(hook, { status: 'missing' })).toMatchObject({ state: 'done', matched: 0 });
    await all.publish(1);
    await hook.runAll();
    expect((await all.box.letters()).map(({ headers }) => headers['posthorn-sequence'])).toEqual(
      Array.from({ length: 8 }, (_, at) => String(at + 1)),
    );
  });

  test('`missing` leaves to the fan-out what it has yet to bring', async () => {
    const all = await replaying();
    await all.append(1);
    const hook = await all.hook();
    await all.append(1);
    expect(await all.start(hook, { status: 'missing' })).toMatchObject({
      state: 'done',
      matched: 1,
      queued: 1,
    });
    await halfway(hook);
    await all.fanOut();
    await hook.runAll();
    expect(await allOf(hook)).toEqual([
      { seq: 2, status: 'delivered', sequence: 2 },
      { seq: 1, status: 'delivered', sequence: 1 },
    ]);
  });

  test('what met a full queue comes back as missing', async () => {
    const all = await replaying();
    const hook = await all.hook({ paused: true });
    await limit(hook, 2);
    await all.publish(4);
    await hook.patch({ paused: false });
    await limit(hook, 100_000);
    await hook.runDue();
    expect(await hook.delivery(3)).toMatchObject({ status: 'skipped', reason: 'queue-full' });
    expect(await all.start(hook, { status: 'any' })).toMatchObject({ matched: 2, queued: 2 });
    expect(await all.start(hook, { status: 'missing' })).toMatchObject({ matched: 2, queued: 2 });
    await halfway(hook);
    await hook.runAll();
    expect((await allOf(hook)).map(({ sequence }) => sequence)).toEqual([4, 3, 2, 1]);
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 4 });
  });

  test('one delivered that is replayed and fails has a fresh schedule, and stays delivered in the end', async () => {
    const all = await replaying();
    const hook = await all.hook({ retry: RETRY });
    await all.publish(2);
    await hook.runDue();
    await all.box.answerWith({ status: 500 });
    expect(await all.start(hook, { status: 'any' })).toMatchObject({ matched: 2, queued: 2 });
    await hook.runDue();
    expect(await hook.delivery(1)).toMatchObject({ status: 'delivered', attempts: 2 });
    await halfway(hook);
    await hook.runAll();
    expect(await hook.delivery(1)).toMatchObject({ attempts: 3, reason: null, finishedAtMs: START_MS });
    expect((await allOf(hook)).map(({ status }) => status)).toEqual(['delivered', 'delivered']);
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 2, dead: 0 });
  });

  test.each(['subject', 'fifo'] as const)('what is replayed stays in order in %s', async (ordering) => {
    const all = await replaying();
    await all.box.answerWith({ status: 400 });
    const hook = await all.hook({ ordering, retry: RETRY });
    const ids = await all.publish(3, 'one');
    await hook.runDue();
    await all.box.answerStatuses(500);
    await all.start(hook);
    const later = await all.publish(1, 'one');
    await halfway(hook);
    await hook.runDue();
    expect((await all.box.ids()).slice(3)).toEqual(ids.slice(0, 1));
    await halfway(hook);
    await hook.runAll();
    expect((await all.box.ids()).slice(3)).toEqual([ids[0], ...ids, ...later]);
  });

  test('a change of the ordering keeps it in its lane', async () => {
    const all = await replaying();
    await all.box.answerWith({ status: 400 });
    const hook = await all.hook({ ordering: 'none', retry: RETRY });
    const ids = await all.publish(2, 'one');
    await hook.runDue();
    await all.box.answerStatuses(500);
    await all.start(hook);
    await hook.patch({ ordering: 'subject' });
    await halfway(hook);
    await hook.runDue();
    expect((await all.box.ids()).slice(2)).toEqual(ids.slice(0, 1));
    await hook.runAll();
    expect((await all.box.ids()).slice(2)).toEqual([ids[0], ...ids]);
  });

  test('a large one goes on by itself, each once and in order, and what comes in meanwhile waits for a hundred at most', async () => {
    const all = await replaying();
    const hook = await all.hook({ retry: RETRY });
    const ids = await all.publish(130);
    await hook.runDue();
    expect(await all.start(hook, ANY)).toMatchObject({ state: 'running', matched: 100, queued: 100 });
    expect(await hook.stub.startReplay(await all.order(hook, ANY))).toBe('running');
    await halfway(hook);
    const [live] = await all.publish(1);
    await hook.runAll();
    expect(await latest(hook)).toMatchObject({ state: 'done', matched: 130, queued: 130 });
    const sent = (await all.box.ids()).slice(130);
    expect(sent.filter((id) => id !== live)).toEqual(ids);
    expect(sent.indexOf(live ?? '')).toBe(100);
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 131 });
  }, 30_000);

  test('it waits while the hook is paused, and goes on after the resume', async () => {
    const all = await replaying();
    const hook = await all.hook({ retry: RETRY });
    await all.publish(110);
    await hook.runDue();
    await hook.patch({ paused: true });
    await all.start(hook, ANY);
    await hook.runDue();
    expect(await hook.alarmAt(), 'nothing but the end of HELD_DAYS').toBeGreaterThan(clock.nowMs());
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 110 });
    expect(await latest(hook)).toMatchObject({ state: 'running', queued: 100 });
    await halfway(hook);
    await hook.patch({ paused: false });
    await hook.runAll();
    expect(await latest(hook)).toMatchObject({ state: 'done', queued: 110 });
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 110 });
  }, 30_000);

  test('one subject that goes on failing does not hold up the others', async () => {
    const all = await replaying();
    const hook = await all.hook({ retry: { ...RETRY, scheduleSeconds: [1000] } });
    const failing = await all.publish(105, 'poison');
    const others = await all.publish(5);
    await hook.runDue();
    await all.box.answerStatuses(500);
    await all.start(hook, ANY);
    await halfway(hook);
    await hook.runDue();
    expect((await all.box.ids()).slice(110)).toEqual([failing[0], ...others]);
    expect(await latest(hook)).toMatchObject({ state: 'done', queued: 110 });
    await hook.runAll();
    expect((await all.box.ids()).slice(116)).toEqual(failing);
  }, 30_000);

  test('it leaves a tenth of the queue to what comes in, and goes on when there is room', async () => {
    const all = await replaying();
    await all.box.answerWith({ status: 400 });
    const hook = await all.hook({ retry: RETRY });
    await all.publish(20);
    await hook.runDue();
    await all.box.answerWith({ status: 200 });
    await hook.patch({ paused: true });
    await limit(hook, 10);
    expect(await all.start(hook)).toMatchObject({ state: 'running', matched: 9, queued: 9 });
    await all.publish(1);
    expect(await hook.stub.runtime()).toMatchObject({ pending: 10, dead: 11 });
    await halfway(hook);
    await limit(hook, 10);
    await hook.patch({ paused: false });
    await hook.runAll();
    expect(await latest(hook)).toMatchObject({ state: 'done', matched: 20, queued: 20 });
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 21 });
  });

  test('cancelled it queues nothing more; what it has queued goes out, and another may begin', async () => {
    const all = await replaying();
    expect(await latest(await all.hook())).toBeNull();
    const hook = await all.hook({ retry: RETRY });
    await all.publish(110);
    await hook.runDue();
    const job = await all.start(hook, ANY);
    expect(await hook.stub.cancelReplay()).toMatchObject({ id: job.id, state: 'cancelled', queued: 100 });
    await halfway(hook);
    await hook.runAll();
    expect(await hook.stub.cancelReplay()).toMatchObject({ state: 'cancelled', queued: 100 });
    expect(await all.box.letters()).toHaveLength(210);
    expect(await all.start(hook, ANY)).toMatchObject({ state: 'running', matched: 100, queued: 100 });
    await hook.runAll();
    expect(await hook.stub.cancelReplay()).toMatchObject({ state: 'done', queued: 110 });
  }, 30_000);

  test('the hook’s deletion ends it, and none begins after', async () => {
    const all = await replaying();
    const hook = await all.hook({ retry: RETRY });
    await all.publish(110);
    await hook.runDue();
    await all.start(hook, ANY);
    const order = await all.order(hook, ANY);
    await hook.delete();
    await halfway(hook);
    expect(await latest(hook)).toMatchObject({ state: 'cancelled', queued: 100 });
    expect(await hook.stub.startReplay(order)).toBeNull();
    expect(await hook.alarmAt().then((at) => at !== null && hook.wake())).toBeDefined();
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 110 });
  }, 30_000);

  test('while the log does not answer deliveries go on, and it is asked again', async () => {
    const all = await replaying();
    await all.box.answerWith({ status: 400 });
    const hook = await all.hook({ retry: RETRY });
    await all.publish(2);
    await hook.runDue();
    await all.box.answerWith({ status: 200 });
    await all.standIn(hook, () => Promise.reject(new Error('the log is down')));
    expect(await all.start(hook)).toMatchObject({ state: 'running', matched: 0, queued: 0 });
    await hook.runDue();
    expect(await hook.alarmAt()).toBeGreaterThan(clock.nowMs());
    await all.publish(1);
    await hook.runDue();
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 1, dead: 2 });
    await hook.evict();
    await halfway(hook);
    await hook.runAll();
    expect(await latest(hook)).toMatchObject({ state: 'done', matched: 2, queued: 2 });
  });

  test('C3: a missing one that comes before older ones of the fan-out: no number is given twice', async () => {
    const all = await replaying();
    const hook = await all.hook({ events: ['order.paid'] });
    await all.append(2);
    await all.append(1, undefined, 'order.lost');
    const { id } = hook.registration;
    await runInDurableObject(all.log, (log: EventLog) =>
      log.patchHook(id, EVERY_HOOK, { events: ['order.*'] }, null, 'relay.test'),
    );
    expect(await all.start(hook, { status: 'missing' })).toMatchObject({ state: 'done', queued: 1 });
    await all.fanOut();
    await halfway(hook);
    await all.publish(1);
    await hook.runAll();
    expect((await allOf(hook)).map(({ seq, sequence }) => [seq, sequence])).toEqual([
      [4, 4],
      [3, 1],
      [2, 3],
      [1, 2],
    ]);
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 4 });
  });

  test('a step that cannot be written down is done again, also when the alarm went off while it asked', async () => {
    const all = await replaying();
    const hook = await all.hook({ retry: RETRY });
    await all.box.answerWith({ status: 400 });
    await all.publish(1);
    await hook.runDue();
    await all.box.answerWith({ status: 200 });
    await all.standIn(hook, async (seqs, instance, { storage }) => {
      const answer = await all.log.eventsAt(seqs);
      await storage.deleteAlarm();
      await instance.alarm();
      storage.sql.exec(`CREATE TRIGGER fails BEFORE UPDATE ON replay BEGIN SELECT raise(ABORT, 'full'); END`);
      return answer;
    });
    const order = await all.order(hook);
    await hook.inside(async (instance, { storage }) => {
      await expect(instance.startReplay(order)).rejects.toThrow('full');
      storage.sql.exec('DROP TRIGGER fails');
    });
    expect(await hook.alarmAt()).not.toBeNull();
    await halfway(hook);
    await all.standIn(hook, (seqs) => all.log.eventsAt(seqs));
    await hook.runAll();
    expect(await latest(hook)).toMatchObject({ state: 'done', matched: 1, queued: 1 });
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, dead: 0, delivered: 1 });
  });

  test('what was purged, expunged or sent by hand meanwhile is passed over', async () => {
    const all = await replaying();
    await all.box.answerWith({ status: 400 });
    const hook = await all.hook({ retry: RETRY });
    await all.publish(4);
    await hook.runDue();
    await all.box.answerWith({ status: 200 });
    await all.standIn(hook, async (seqs, instance) => {
      const answer = await all.log.eventsAt(seqs);
      instance.purge(2);
      instance.expunge(2);
      const [third] = (await all.log.eventsAt([3])).events;
      if (third !== undefined) instance.retry(third);
      return answer;
    });
    expect(await all.start(hook)).toMatchObject({ state: 'done', matched: 4, queued: 1 });
    await halfway(hook);
    await hook.runAll();
    expect((await all.box.letters()).slice(4).map(({ headers }) => headers['posthorn-sequence'])).toEqual([
      '3',
      '4',
    ]);
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 2 });
  });

  test('below a purge nothing counts as missing', async () => {
    const all = await replaying();
    const hook = await all.hook();
    await all.publish(3);
    await hook.runDue();
    await hook.inside((instance) => instance.purge(3));
    await halfway(hook);
    expect(await all.start(hook, { status: 'missing' })).toMatchObject({
      state: 'done',
      matched: 0,
      queued: 0,
    });
    expect(await all.start(hook, { status: 'any' })).toMatchObject({ state: 'done', matched: 1, queued: 1 });
  });
});

test.each(['dead', 'missing'] as const)(
  'a crash between the log’s answer and the commit: %s is queued by the next step, once',
  async (status) => {
    const all = await replaying();
    await all.box.answerWith({ status: 400 });
    if (status === 'missing') await all.append(3);
    const hook = await all.hook({ retry: RETRY });
    if (status === 'dead') await all.publish(3);
    else await all.fanOut();
    await hook.runDue();
    const before = (await all.box.letters()).length;
    await all.box.answerWith({ status: 200 });
    const order = await all.order(hook, { status });
    await all.standIn(hook, async (_seqs, _instance, state) => {
      await state.storage.sync();
      state.abort('crashed by a test');
    });
    await hook.inside((instance) => instance.startReplay(order)).catch(() => undefined);
    await hook.crash();
    expect(await latest(hook)).toMatchObject({ state: 'running', queued: 0 });
    await hook.runDue();
    await hook.crash();
    await hook.runAll();
    expect(await latest(hook)).toMatchObject({ state: 'done', matched: 3, queued: 3 });
    expect(
      (await all.box.letters()).slice(before).map(({ headers }) => headers['posthorn-sequence']),
    ).toEqual(['1', '2', '3']);
  },
);

test('a step costs the same however much is pending', async () => {
  const all = await replaying();
  await all.box.answerWith({ status: 400 });
  const hook = await all.hook({ retry: RETRY });
  await all.publish(30);
  await hook.runDue();
  const cost = async () => {
    const order = await all.order(hook, { toMs: START_MS + SECOND });
    return metered(hook, () => hook.stub.startReplay(order));
  };
  await hook.patch({ paused: true });
  const few = await cost();
  await hook.inside((instance) => void Object.assign(instance.queueLimits, { deliveries: 1_000_000 }));
  await hook.inside((_instance, { storage }) => {
    storage.sql.exec(`UPDATE deliveries SET state = 'dead', raw = NULL, head = NULL, kind = NULL`);
    storage.sql.exec(
      `WITH RECURSIVE n(seq) AS (SELECT 1000 UNION ALL SELECT seq + 1 FROM n WHERE seq < 60000)
       INSERT INTO deliveries (seq, event_id, sequence, position, lane, state, created_at, type, source, bytes, kind, head, raw)
       SELECT seq, 'evt_' || seq, seq, seq, 's' || seq, 'ready', 0, 'order.paid', '/shop', 100, 'whole', '{}', x'7b7d'
       FROM n`,
    );
  });
  await hook.evict();
  await hook.inside((instance) => void Object.assign(instance.queueLimits, { deliveries: 1_000_000 }));
  const many = await cost();
  expect(await latest(hook)).toMatchObject({ state: 'done', queued: 30 });
  expect(many.rowsRead).toBeLessThan(few.rowsRead + 100);
}, 30_000);
