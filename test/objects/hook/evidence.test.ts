/** What is kept of an attempt, and what becomes of deliveries that no attempt can carry. */
import { beforeEach, describe, expect, test } from 'vitest';
import { sealOwn } from '../../../src/core/envelope.ts';
import type { StoredEvent } from '../../../src/core/stored-event.ts';
import { NO_EVIDENCE } from '../../../src/hook/attempt-log.ts';
import { Mailbox } from '../../support/mailbox.ts';
import { clock, LIVES, openHook, storedEvent, TEST_SECRET } from '../../support/objects.ts';

beforeEach(() => clock.start());

const TOKEN = 'Bearer sk_live_0123456789abcdef';
const FAR = { scheduleSeconds: [600], jitter: 0 };

/** An own event with that many extensions, as an earlier version may have stored it. */
function crowded(seq: number, extensions: number): StoredEvent {
  const event = storedEvent(seq, { subject: null });
  const attributes = { id: `o${seq}`, source: '/test/one', type: 'order.paid', subject: null, time: null };
  const more = Object.fromEntries(Array.from({ length: extensions }, (_, at) => [`x${at}`, 1]));
  const posted = { specversion: '1.0', ...attributes, subject: undefined, time: undefined, ...more };
  const { head, kind } = sealOwn(attributes, { seq, posthornId: event.id, recordedAtMs: event.recordedAtMs });
  const raw = new TextEncoder().encode(JSON.stringify(posted));
  return { ...event, type: attributes.type, head, kind, raw };
}

describe.each(LIVES)('A1: an event that no request can carry, $life', ({ halfway }) => {
  test('is dead for the reason format, says why, and holds back nothing', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url, { format: 'binary', ordering: 'fifo' });
    await hook.enqueue(crowded(1, 25_000), crowded(2, 64));
    await halfway(hook);
    await hook.runAll();
    expect(await box.letters()).toHaveLength(1);
    expect(await hook.delivery(1)).toMatchObject({
      status: 'dead',
      reason: 'format',
      attempts: 1,
      attemptLog: [
        {
          number: 1,
          outcome: 'gave-up',
          statusCode: null,
          error: 'format',
          detail: expect.stringMatching(/^expected at most 128 headers, got 250\d\d$/) as unknown,
          ...NO_EVIDENCE,
        },
      ],
    });
    expect(await hook.delivery(2)).toMatchObject({ status: 'delivered', attempts: 1 });
    expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 1, dead: 1 });
  });

  test('goes out by hand once the format can carry it', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url, { format: 'binary' });
    const event = crowded(1, 25_000);
    await hook.enqueue(event);
    await hook.runAll();
    await hook.patch({ format: 'structured' });
    await halfway(hook);
    expect(await hook.inside((instance) => instance.retry(event))).toBe('retried');
    await hook.runAll();
    const { status, attemptLog } = await hook.delivery(1);
    expect(status).toBe('delivered');
    expect(attemptLog).toMatchObject([
      { number: 1, error: 'format' },
      { number: 2, outcome: 'delivered', detail: null },
    ]);
    expect((await box.letters(1))[0]?.headers['posthorn-attempt']).toBe('2');
  });
});

describe('B9: what a receiver echoes of write-only values', () => {
  test('is in nothing that is kept: excerpt, headers of both sides, last answer', async () => {
    const box = new Mailbox();
    const echo = `you sent ${TOKEN}, ${btoa(TOKEN)} and ${TEST_SECRET}; also ${encodeURIComponent('key value/1')}`;
    await box.answerWith({
      status: 500,
      body: echo,
      headers: { 'x-echo': TOKEN, 'set-cookie': 'session=1', 'x-api-key': 'other', 'x-plain': 'yes' },
    });
    const headers = { authorization: TOKEN, 'x-api-key': 'key value/1', accept: 'text/plain' };
    const hook = await openHook(box.url, { retry: FAR, headers });
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    const [attempt] = (await hook.delivery(1)).attemptLog;
    expect(attempt?.responseExcerpt).toMatch(/^you sent \*\*\*, .*\*\*\*.* and \*\*\*; also \*\*\*$/);
    expect(attempt?.requestHeaders).toMatchObject({
      authorization: '***',
      'x-api-key': '***',
      accept: 'text/plain',
      'webhook-id': storedEvent(1).id,
      'posthorn-attempt': '1',
    });
    expect(attempt?.responseHeaders).toMatchObject({
      'x-echo': '***',
      'set-cookie': '***',
      'x-api-key': '***',
      'x-plain': 'yes',
    });
    const stored = await hook.inside((_hook, { storage }) =>
      [
        ...storage.sql.exec('SELECT attempt_log, health FROM deliveries'),
        ...storage.sql.exec('SELECT last_answer FROM health'),
      ].map((row) => JSON.stringify(row)),
    );
    const { lastAnswer } = await hook.stub.runtime();
    for (const text of [...stored, lastAnswer, JSON.stringify(attempt)]) {
      for (const secret of [TOKEN, 'sk_live_0123', TEST_SECRET, TEST_SECRET.slice(6), 'session=1'])
        expect(text).not.toContain(secret);
      expect(text).not.toContain(btoa(TOKEN).slice(8, 30));
    }
    expect(lastAnswer).toContain('you sent ***');
  });

  test('nor where the end of the excerpt cuts one', async () => {
    const box = new Mailbox();
    const hook = await openHook(box.url, { retry: FAR, headers: { authorization: TOKEN } });
    for (let seq = 1; seq <= 4; seq += 1) {
      await box.answerWith({ status: 500, body: `${'x'.repeat(1024 - 6 * seq)}${TOKEN}${'y'.repeat(100)}` });
      await hook.enqueue(storedEvent(seq));
      await hook.runDue();
      const excerpt = (await hook.delivery(seq)).attemptLog[0]?.responseExcerpt ?? '';
      expect(excerpt).toMatch(/^x+(\*{1,3}y*)?…$/);
    }
  });

  test('nor where the answer itself breaks off inside one', async () => {
    const box = new Mailbox();
    await box.answerWith({ kind: 'open', status: 500, body: `echo: ${TOKEN.slice(0, 14)}` });
    const hook = await openHook(box.url, {
      retry: { ...FAR, timeoutSeconds: 1 },
      headers: { authorization: TOKEN },
    });
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    expect((await hook.delivery(1)).attemptLog[0]?.responseExcerpt).toBe('echo: ***…');
  });
});

describe('a 2xx', () => {
  test('leaves status and duration alone, unless the hook keeps answers', async () => {
    const box = new Mailbox();
    await box.answerWith({ body: 'taken', headers: { 'x-id': '7' } });
    const hook = await openHook(box.url);
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    await hook.patch({ keepAnswers: true });
    await hook.enqueue(storedEvent(2));
    await hook.runDue();
    expect((await hook.delivery(1)).attemptLog).toEqual([
      {
        number: 1,
        at: '2100-01-01T00:00:00.000Z',
        durationMs: 0,
        outcome: 'delivered',
        statusCode: 200,
        error: null,
        detail: null,
        ...NO_EVIDENCE,
      },
    ]);
    expect((await hook.delivery(2)).attemptLog).toMatchObject([
      {
        responseExcerpt: 'taken',
        responseHeaders: { 'x-id': '7' },
        requestHeaders: { 'posthorn-hook': '7' },
      },
    ]);
  });

  test('B3: is delivered when its head is in: a body that stays open is read for a second', async () => {
    const box = new Mailbox();
    await box.answerWith({ kind: 'open', status: 200, body: 'taken' });
    const hook = await openHook(box.url, { keepAnswers: true });
    await hook.enqueue(storedEvent(1), storedEvent(2));
    const startedMs = performance.now();
    await hook.runDue();
    expect(performance.now() - startedMs).toBeLessThan(6_000);
    for (const seq of [1, 2]) {
      const { status, attemptLog } = await hook.delivery(seq);
      expect(status).toBe('delivered');
      expect(attemptLog[0]?.responseExcerpt).toBe('taken…');
    }
  });
});

test('B5: a receiver that resets each connection at its second request gets every delivery at the first attempt', async () => {
  const box = new Mailbox();
  await box.answerWith({ kind: 'once' });
  const hook = await openHook(box.url, { ordering: 'fifo' });
  await hook.enqueue(...[1, 2, 3, 4, 5, 6].map((seq) => storedEvent(seq)));
  await hook.runDue();
  expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 6, errors: 0 });
  const letters = await box.letters();
  expect(letters.length).toBeGreaterThan(6);
  expect(new Set(letters.map(({ headers }) => headers['posthorn-attempt']))).toEqual(new Set(['1']));
});
