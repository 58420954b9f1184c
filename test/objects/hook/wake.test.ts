import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Mailbox } from '../../support/mailbox.ts';
import { clock, idsOf, LIVES, openHook, START_MS, storedEvent, storedEvents } from '../../support/objects.ts';

beforeEach(() => clock.start());
afterEach(() => vi.restoreAllMocks());

const DAY_MS = 86_400_000;
const DAILY = { scheduleSeconds: [86_400, 86_400], jitter: 0 };

describe.each(LIVES)('$life', ({ halfway }) => {
  test('F4: a far alarm is pulled forward by a new event, and what was far comes at its time', async () => {
    const box = new Mailbox();
    await box.answerStatuses(500);
    const hook = await openHook(box.url, { retry: DAILY });
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    expect(await hook.alarmAt()).toBe(START_MS + DAY_MS);
    await halfway(hook);
    clock.advance(1000);
    await hook.enqueue(storedEvent(2));
    expect(await hook.alarmAt()).toBe(START_MS + 1000);
    await hook.runDue();
    expect(await box.letters()).toHaveLength(2);
    // In between the hook reports to its log how it stands.
    clock.advance(60_000);
    await hook.runDue();
    expect(await hook.alarmAt()).toBe(START_MS + DAY_MS);
  });

  test('F4: an event behind a far retry of its subject does not wake the hook in vain', async () => {
    const box = new Mailbox();
    await box.answerStatuses(500);
    const hook = await openHook(box.url, { retry: DAILY });
    await hook.enqueue(storedEvent(1, { subject: 'a' }));
    await hook.runDue();
    await halfway(hook);
    await hook.enqueue(storedEvent(2, { subject: 'a' }));
    expect(await hook.alarmAt()).toBe(START_MS + DAY_MS);
  });

  test('F4: a wake during a drain is not lost', async () => {
    const box = new Mailbox();
    await box.answerWith({ status: 200 }, { kind: 'held' });
    const hook = await openHook(box.url);
    await hook.enqueue(storedEvent(1));
    const wake = hook.wake();
    await box.letters(1);
    await hook.enqueue(storedEvent(2));
    await box.release();
    await wake;
    await halfway(hook);
    await hook.runDue();
    expect(await box.ids()).toEqual(idsOf(storedEvents(1, 2)));
    expect(await hook.alarmAt()).toBeNull();
  });

  test('F4: a second alarm during a drain neither sends nor loses anything', async () => {
    const box = new Mailbox();
    await box.answerWith({ status: 200 }, { kind: 'held' });
    const hook = await openHook(box.url);
    await hook.enqueue(...storedEvents(1, 2));
    const wake = hook.wake();
    await box.letters(1);
    const second = hook.inside((instance) => instance.alarm());
    await hook.enqueue(storedEvent(3));
    expect(await box.letters()).toHaveLength(1);
    await box.release();
    await Promise.all([wake, second]);
    await halfway(hook);
    await hook.runDue();
    expect(await box.ids()).toEqual(idsOf(storedEvents(1, 3)));
  });

  test('A16: an alarm that is more than a minute overdue counts as none and is set anew; a younger one is trusted', async () => {
    const hook = await openHook('https://receiver.example.com/');
    await hook.enqueue(storedEvent(1));
    clock.advance(60_000);
    await halfway(hook);
    await hook.enqueue(storedEvent(2));
    expect(await hook.alarmAt()).toBe(START_MS);
    clock.advance(1);
    await halfway(hook);
    await hook.enqueue(storedEvent(3));
    expect(await hook.alarmAt()).toBe(START_MS + 60_001);
  });

  test.each([
    ['a row that cannot be read', `UPDATE deliveries SET kind = NULL`, `UPDATE deliveries SET kind = 'json'`],
    [
      'a queue that cannot be asked',
      'ALTER TABLE deliveries RENAME TO lost',
      'ALTER TABLE lost RENAME TO deliveries',
    ],
  ])('F4: an alarm whose work fails re-arms itself without end: %s', async (_name, damage, repair) => {
    vi.spyOn(console, 'error').mockReturnValue();
    const box = new Mailbox();
    const hook = await openHook(box.url);
    await hook.enqueue(storedEvent(1));
    await hook.inside((_instance, { storage }) => storage.sql.exec(damage));
    for (let failures = 1; failures <= 10; failures += 1) {
      expect(await hook.wake()).toBe(true);
      const at = await hook.alarmAt();
      expect(at).toBeGreaterThan(clock.nowMs());
      expect(at).toBeLessThanOrEqual(clock.nowMs() + 60_000);
      clock.set(at ?? NaN);
    }
    await hook.inside((_instance, { storage }) => storage.sql.exec(repair));
    await halfway(hook);
    await hook.runDue();
    expect(await box.letters()).toHaveLength(1);
    expect(await hook.delivery(1)).toMatchObject({ status: 'delivered', attempts: 1 });
  });

  test('a wake ends after 500 attempts and goes on in the next', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url);
    for (const first of [1, 201, 401]) await hook.enqueue(...storedEvents(first, first + 199));
    await hook.wake();
    expect(await box.letters()).toHaveLength(500);
    expect(await hook.alarmAt()).toBe(START_MS);
    await halfway(hook);
    await hook.runDue();
    expect(await box.letters()).toHaveLength(600);
  }, 20_000);

  test('when the platform lets nothing out, that is no attempt, and the next wake is not at once', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url);
    await hook.enqueue(storedEvent(1));
    vi.spyOn(console, 'error').mockReturnValue();
    const fetching = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('Too many subrequests.'));
    await hook.wake();
    fetching.mockRestore();
    expect(await hook.delivery(1)).toMatchObject({ status: 'pending', attempts: 0, attemptLog: [] });
    expect(await hook.alarmAt()).toBeGreaterThan(clock.nowMs());
    await halfway(hook);
    await hook.runAll();
    expect((await box.letters())[0]?.headers['posthorn-attempt']).toBe('1');
  });

  test('events of a batch that breaks off are on their way all the same', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url);
    const broken = { ...storedEvent(3), type: null as unknown as string };
    await expect(
      hook.inside((instance) => instance.enqueue([storedEvent(1), storedEvent(2), broken])),
    ).rejects.toThrow('NOT NULL');
    expect(await hook.alarmAt()).toBe(START_MS);
    await halfway(hook);
    await hook.enqueue(...storedEvents(1, 3));
    await hook.runDue();
    expect(await box.ids()).toEqual(idsOf(storedEvents(1, 3)));
  });
});
