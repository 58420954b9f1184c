import { beforeEach, describe, expect, test } from 'vitest';
import { Mailbox, type Letter } from '../../support/mailbox.ts';
import { clock, idsOf, LIVES, openHook, START_MS, storedEvent, storedEvents } from '../../support/objects.ts';

beforeEach(() => clock.start());

const RETRY = { scheduleSeconds: [60, 60, 60], jitter: 0 };

function sequencesOf(letters: readonly Letter[]): number[] {
  return letters.map(({ headers }) => Number(headers['posthorn-sequence']));
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

describe.each(LIVES)('$life', ({ halfway }) => {
  test('C1: the failing head of a fifo hook holds back all, then 1,000 arrive in exact order', async () => {
    const box = new Mailbox();
    await box.answerWith({ status: 500 });
    const hook = await openHook(box.url, { ordering: 'fifo', retry: RETRY });
    for (let first = 1; first <= 1000; first += 200) await hook.enqueue(...storedEvents(first, first + 199));
    await hook.runDue();
    clock.advance(60_000);
    await hook.runDue();
    await halfway(hook);
    await hook.runDue();
    expect(sequencesOf(await box.letters())).toEqual([1, 1]);

    await box.answerWith({ status: 200 });
    clock.advance(60_000);
    await hook.runDue();
    const letters = (await box.letters()).slice(2);
    expect(sequencesOf(letters)).toEqual(range(1, 1000));
    expect(letters.map(({ headers }) => headers['webhook-id'])).toEqual(idsOf(storedEvents(1, 1000)));
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 1000 });
  }, 20_000);

  test('C2: a failing event holds back its own subject only, in order; without a subject none waits', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url, { retry: RETRY });
    await box.answerStatuses(500);
    await hook.enqueue(
      storedEvent(1, { subject: 'a' }),
      storedEvent(2, { subject: 'b' }),
      storedEvent(3, { subject: 'a' }),
      storedEvent(4, { subject: null }),
      storedEvent(5, { subject: 'a', source: '/test/two' }),
      storedEvent(6, { subject: 'a' }),
    );
    await hook.runDue();
    expect(sequencesOf(await box.letters())).toEqual([1, 2, 4, 5]);
    await halfway(hook);
    await hook.enqueue(storedEvent(7, { subject: 'a' }), storedEvent(8, { subject: 'b' }));
    await hook.runDue();
    expect(sequencesOf(await box.letters()).slice(4)).toEqual([8]);
    clock.advance(60_000);
    await hook.runDue();
    expect(sequencesOf(await box.letters()).slice(5)).toEqual([1, 3, 6, 7]);
  });

  test('C2: a failing event without a subject holds back nobody', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url, { retry: RETRY });
    await box.answerStatuses(500);
    await hook.enqueue(...storedEvents(1, 3, null));
    await halfway(hook);
    await hook.runDue();
    expect(sequencesOf(await box.letters())).toEqual([1, 2, 3]);
  });

  test('C3: the sequence has no gap and follows the log, also where events are offered twice', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url);
    await hook.enqueue(storedEvent(3), storedEvent(7));
    await hook.runDue();
    await halfway(hook);
    await hook.enqueue(storedEvent(3), storedEvent(7), storedEvent(20));
    await Promise.all([
      hook.enqueue(storedEvent(20), storedEvent(21)),
      hook.enqueue(storedEvent(21), storedEvent(30)),
    ]);
    await hook.runDue();
    const letters = await box.letters();
    expect(sequencesOf(letters)).toEqual([1, 2, 3, 4, 5]);
    expect(letters.map(({ headers }) => headers['webhook-id'])).toEqual(
      idsOf([3, 7, 20, 21, 30].map((seq) => storedEvent(seq))),
    );
  });

  test('C5: never two in flight, under alarms, enqueues and changes at once', async () => {
    const box = new Mailbox();
    await box.answerWith({ delayMs: 5 }, ...[500, 200, 503, 200].map((status) => ({ status, delayMs: 5 })));
    const hook = await openHook(box.url, { retry: { scheduleSeconds: [1], jitter: 0 } });
    await hook.enqueue(...storedEvents(1, 20));
    const first = hook.wake();
    await box.letters(1);
    await Promise.all([
      first,
      hook.inside((instance) => instance.alarm()),
      hook.enqueue(...storedEvents(21, 30)),
      hook.patch({ name: 'changed', ordering: 'fifo' }),
      hook.inside((instance) => instance.alarm()),
    ]);
    await halfway(hook);
    await hook.enqueue(storedEvent(31));
    await hook.runAll();
    expect(await box.maxInFlight()).toBe(1);
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 31 });
    expect(await box.letters()).toHaveLength(33);
  });

  test('C6: what one event waits for survives', async () => {
    const box = new Mailbox();
    await box.answerStatuses(500, 500, 200);
    const hook = await openHook(box.url, { retry: RETRY });
    await hook.enqueue(...storedEvents(1, 3, 'a'), ...storedEvents(4, 6, 'b'));
    await hook.runDue();
    await halfway(hook);
    await hook.enqueue(...storedEvents(7, 8, 'a'));
    clock.advance(60_000);
    await hook.runDue();
    const sent = sequencesOf(await box.letters());
    expect(sent.slice(0, 2)).toEqual([1, 4]);
    expect(sent.slice(2).filter((sequence) => [1, 2, 3, 7, 8].includes(sequence))).toEqual([1, 2, 3, 7, 8]);
    expect(sent.slice(2).filter((sequence) => [4, 5, 6].includes(sequence))).toEqual([4, 5, 6]);
  });
});

describe.each(LIVES)('a change of ordering while deliveries are pending, $life', ({ halfway }) => {
  test('to fifo: the earliest goes first and all wait for it', async () => {
    const box = new Mailbox();
    await box.answerStatuses(200, 500);
    const hook = await openHook(box.url, { ordering: 'none', retry: RETRY });
    await hook.enqueue(...storedEvents(1, 2));
    await hook.runDue();
    await hook.enqueue(...storedEvents(3, 5));
    await hook.patch({ ordering: 'fifo' });
    await halfway(hook);
    await hook.runDue();
    expect(sequencesOf(await box.letters())).toEqual([1, 2]);
    await hook.enqueue(storedEvent(6));
    clock.advance(60_000);
    await hook.runDue();
    expect(sequencesOf(await box.letters()).slice(2)).toEqual([2, 3, 4, 5, 6]);
  });

  test('away from fifo: only the failing subject goes on waiting', async () => {
    const box = new Mailbox();
    await box.answerStatuses(500);
    const hook = await openHook(box.url, { ordering: 'fifo', retry: RETRY });
    await hook.enqueue(storedEvent(1, { subject: 'a' }), storedEvent(2), storedEvent(3, { subject: 'a' }));
    await hook.runDue();
    await halfway(hook);
    await hook.patch({ ordering: 'subject' });
    await hook.runDue();
    expect(sequencesOf(await box.letters())).toEqual([1, 2]);
    await hook.patch({ ordering: 'none' });
    await halfway(hook);
    await hook.runDue();
    expect(sequencesOf(await box.letters())).toEqual([1, 2, 3]);
    // The retry, or, where it is not yet known, how the hook stands, which the log is told.
    expect([50_000, 60_000]).toContain(((await hook.alarmAt()) ?? 0) - START_MS);
    clock.advance(60_000);
    await hook.runDue();
    expect(sequencesOf(await box.letters())).toEqual([1, 2, 3, 1]);
  });

  test('during an attempt: what now waits behind it goes on when it ends', async () => {
    const box = new Mailbox();
    await box.answerWith({ status: 200 }, { kind: 'held' });
    const hook = await openHook(box.url, { ordering: 'none', retry: RETRY });
    await hook.enqueue(...storedEvents(1, 3));
    const wake = hook.wake();
    await box.letters(1);
    await hook.patch({ ordering: 'fifo' });
    await box.release();
    await wake;
    await halfway(hook);
    await hook.runAll();
    expect(sequencesOf(await box.letters())).toEqual([1, 2, 3]);
  });

  test('during an attempt that then stands behind another retry: it waits, and no wake is in vain', async () => {
    const box = new Mailbox();
    await box.answerWith({ status: 200 }, { status: 500 }, { kind: 'held', status: 500 });
    const hook = await openHook(box.url, { ordering: 'none', retry: { scheduleSeconds: [60, 600] } });
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    await hook.enqueue(storedEvent(2));
    await hook.patch({ retry: { scheduleSeconds: [5, 600] } });
    const wake = hook.wake();
    await box.letters(2);
    await hook.patch({ ordering: 'fifo' });
    await box.release();
    await wake;
    await hook.enqueue(storedEvent(3));
    await hook.runDue();
    clock.advance(5_000);
    await halfway(hook);
    await hook.runDue();
    expect(sequencesOf(await box.letters())).toEqual([1, 2]);
    expect(await hook.alarmAt()).toBeGreaterThanOrEqual(START_MS + 50_000);
    await hook.runAll();
    expect(sequencesOf(await box.letters())).toEqual([1, 2, 1, 2, 3]);
  });
});

test('a crash during an attempt sends it again, same id, same number; nothing behind it overtakes', async () => {
  const box = new Mailbox();
  await box.answerWith({ status: 200 }, { kind: 'held' });
  const hook = await openHook(box.url, { ordering: 'fifo' });
  await hook.enqueue(...storedEvents(1, 3));
  const wake = hook.wake().catch(() => false);
  await box.letters(1);
  await hook.crash();
  await wake;
  await hook.runAll();
  await box.release();
  const letters = await box.letters();
  expect(sequencesOf(letters)).toEqual([1, 1, 2, 3]);
  expect(letters.map(({ headers }) => headers['posthorn-attempt'])).toEqual(['1', '1', '1', '1']);
  expect(letters[1]?.headers['webhook-id']).toBe(letters[0]?.headers['webhook-id']);
  expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 3 });
});
