/** What a hook counts of its attempts, without a row for a success. */
import { beforeEach, describe, expect, test } from 'vitest';
import { Mailbox } from '../../support/mailbox.ts';
import { clock, LIVES, openHook, storedEvent, storedEvents } from '../../support/objects.ts';

beforeEach(() => clock.start());

const RETRY = { scheduleSeconds: [10, 10], jitter: 0, giveUpOn: [400] };

describe.each(LIVES)('$life', ({ halfway }) => {
  test('each attempt is a call, each that failed an error, whatever it came to', async () => {
    const box = new Mailbox();
    await box.answerStatuses(200, 500, 200, 400, 500, 500, 500, 200);
    const hook = await openHook(box.url, { retry: RETRY });
    for (const event of storedEvents(1, 5)) {
      await hook.enqueue(event);
      await hook.runAll();
      await halfway(hook);
    }
    expect(await hook.stub.runtime()).toMatchObject({
      calls: 8,
      errors: 5,
      delivered: 3,
      dead: 2,
      consecutiveFailures: 0,
      lastAnswer: expect.stringMatching(/^HTTP 500/) as string,
    });
  });

  test('what is sent again by hand counts again once it has ended, delivered before or not', async () => {
    const box = new Mailbox();
    await box.answerStatuses(200, 200, 500, 400, 200);
    const hook = await openHook(box.url, { retry: { ...RETRY, scheduleSeconds: [] } });
    const again = () => hook.inside((instance) => instance.retry(storedEvent(1)));
    await hook.enqueue(storedEvent(1));
    await hook.runAll();
    for (const [calls, errors] of [
      [2, 0],
      [3, 1],
      [4, 2],
      [5, 2],
    ]) {
      expect(await again()).toBe('retried');
      await halfway(hook);
      await hook.runAll();
      expect(await hook.stub.runtime()).toMatchObject({ calls, errors, delivered: 1 });
    }
  });

  test('a test counts nothing; enabling clears the failures in a row and no more', async () => {
    const box = new Mailbox();
    await box.answerWith({ status: 410 });
    const hook = await openHook(box.url, { retry: RETRY });
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    await hook.inside((instance) => instance.test());
    await halfway(hook);
    expect(await hook.stub.runtime()).toMatchObject({
      state: 'disabled',
      calls: 1,
      errors: 1,
      consecutiveFailures: 1,
    });
    const enabled = await hook.stub.enable();
    expect(enabled).toMatchObject({ state: 'active', calls: 1, errors: 1, consecutiveFailures: 0 });
    expect(enabled.lastAnswer).toMatch(/^HTTP 410/);
  });

  test.each([
    ['the start of a long answer', { status: 500, body: 'x'.repeat(100_000) }, /^HTTP 500\n[^]*\nx{1024}…$/],
    ['bytes that are no text', { status: 500, body: '\u0000\ud800<script>' }, /<script>$/],
    ['no answer at all', { kind: 'reset' as const }, /^No answer: connection-lost$/],
  ])('LastError is %s', async (_name, answer, text) => {
    const box = new Mailbox();
    await box.answerWith(answer);
    const hook = await openHook(box.url, { retry: RETRY });
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    await halfway(hook);
    const { lastAnswer } = await hook.stub.runtime();
    expect(lastAnswer).toMatch(text);
    expect(lastAnswer?.length).toBeLessThanOrEqual(4000);
  });
});
