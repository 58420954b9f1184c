import { beforeEach, describe, expect, test } from 'vitest';
import { bodyOf, Mailbox } from '../../support/mailbox.ts';
import { clock, idsOf, LIVES, openHook, START_MS, storedEvent, storedEvents } from '../../support/objects.ts';

beforeEach(() => clock.start());

const SECOND = 1000;

describe('B1: the status decides', () => {
  test.each([200, 201, 202, 204, 299])('%d delivers at the first try', async (status) => {
    const box = new Mailbox();
    await box.answerStatuses(status);
    const hook = await openHook(box.url);
    await hook.enqueue(storedEvent(1));
    await hook.runAll();
    expect(await box.letters()).toHaveLength(1);
    expect(await hook.delivery(1)).toMatchObject({
      status: 'delivered',
      attempts: 1,
      reason: null,
      finishedAtMs: START_MS,
      attemptLog: [{ number: 1, outcome: 'delivered', statusCode: status, error: null }],
    });
  });

  test.each([301, 302, 304, 307, 308])('%d fails and its Location is never requested', async (status) => {
    const box = new Mailbox();
    await box.answerWith({ status: 200 }, { status, headers: { location: `${box.url}/elsewhere` } });
    const hook = await openHook(box.url, { retry: { scheduleSeconds: [5], jitter: 0 } });
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    expect((await box.letters()).map(({ path }) => path)).toEqual([new URL(box.url).pathname]);
    expect(await hook.delivery(1)).toMatchObject({
      status: 'pending',
      retryAtMs: START_MS + 5 * SECOND,
      attemptLog: [{ outcome: 'failed', statusCode: status, error: 'redirect' }],
    });
  });
});

describe.each(LIVES)('$life', ({ halfway }) => {
  test.each([400, 401, 404, 500, 503])(
    'B2: %d is tried N + 1 times for N steps, then dead',
    async (status) => {
      const box = new Mailbox();
      await box.answerWith({ status });
      const hook = await openHook(box.url, { retry: { scheduleSeconds: [5, 30, 300], jitter: 0 } });
      await hook.enqueue(storedEvent(1));
      await hook.runDue();
      clock.advance(5 * SECOND);
      await hook.runDue();
      await halfway(hook);
      await hook.runAll();

      const letters = await box.letters();
      expect(letters.map(({ headers }) => headers['posthorn-attempt'])).toEqual(['1', '2', '3', '4']);
      expect(new Set(letters.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
      expect(new Set(letters.map(({ bodyBase64 }) => bodyBase64)).size).toBe(1);
      const seconds = letters.map(({ headers }) => Number(headers['webhook-timestamp']) - START_MS / SECOND);
      expect(seconds).toEqual([0, 5, 35, 335]);
      expect(await hook.delivery(1)).toMatchObject({ status: 'dead', reason: 'exhausted', attempts: 4 });
      expect(await hook.stub.runtime()).toMatchObject({ pending: 0, delivered: 0, dead: 1 });
      expect(await hook.alarmAt()).toBeNull();
    },
  );

  test('B3: a 410 disables the hook: no more attempts, its queue is held, resuming sends it', async () => {
    const box = new Mailbox();
    await box.answerStatuses(410);
    const hook = await openHook(box.url);
    const events = storedEvents(1, 3);
    await hook.enqueue(...events);
    await hook.runDue();
    await halfway(hook);
    await hook.enqueue(storedEvent(4));
    clock.advance(7 * 86_400 * SECOND);
    await hook.wake();

    expect(await box.letters()).toHaveLength(1);
    expect(await hook.alarmAt()).toBe(START_MS + 60 * 86_400_000);
    expect(await hook.stub.runtime()).toMatchObject({ state: 'disabled', stateReason: 'gone', pending: 4 });
    for (const seq of [1, 2, 3, 4]) {
      expect(await hook.delivery(seq)).toMatchObject({ status: 'held', reason: 'gone' });
    }

    await hook.inside((instance) => instance.enable());
    await hook.runAll();
    expect((await box.ids()).slice(1)).toEqual(idsOf([...events, storedEvent(4)]));
    expect(await hook.stub.runtime()).toMatchObject({ state: 'active', pending: 0, delivered: 4 });
  });

  test('B8: nextAttemptAt is when it goes out, not a millisecond before', async () => {
    const box = new Mailbox();
    await box.answerStatuses(500);
    const hook = await openHook(box.url, { retry: { scheduleSeconds: [30], jitter: 0.5 } });
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    const { retryAtMs } = await hook.delivery(1);
    await halfway(hook);
    expect(await hook.alarmAt()).toBe(retryAtMs);
    clock.set((retryAtMs ?? 0) - 1);
    await hook.wake();
    expect(await box.letters()).toHaveLength(1);
    expect(await hook.alarmAt()).toBe(retryAtMs);
    clock.advance(1);
    await hook.wake();
    expect(await box.letters()).toHaveLength(2);
  });

  test('B14: a status in giveUpOn goes dead at once and frees what waits behind it', async () => {
    const box = new Mailbox();
    await box.answerStatuses(500, 422);
    const hook = await openHook(box.url, { retry: { scheduleSeconds: [5, 5, 5], giveUpOn: [422] } });
    const [first, second] = [storedEvent(1, { subject: 'a' }), storedEvent(2, { subject: 'a' })];
    await hook.enqueue(first, second);
    await hook.runDue();
    await halfway(hook);
    await hook.runAll();
    expect(await box.ids()).toEqual(idsOf([first, first, second]));
    expect(await hook.delivery(1)).toMatchObject({ status: 'dead', reason: 'gave-up', attempts: 2 });
    expect(await hook.delivery(2)).toMatchObject({ status: 'delivered' });
  });

  test('B11: a receiver that is down delays no other hook', async () => {
    const [down, up] = [new Mailbox(), new Mailbox()];
    await down.answerWith({ kind: 'held' });
    const [slow, quick] = [await openHook(down.url), await openHook(up.url)];
    await slow.enqueue(storedEvent(1));
    const slowWake = slow.wake();
    await down.letters(1);
    await quick.enqueue(...storedEvents(1, 5));
    await halfway(quick);
    await quick.runDue();
    expect(await up.letters()).toHaveLength(5);
    await down.release();
    await slowWake;
  });
});

describe('B5: whatever the receiver does, the attempt ends by its deadline and keeps a bounded excerpt', () => {
  const FAR = { scheduleSeconds: [60], jitter: 0, timeoutSeconds: 1 };

  test.each([
    [{ kind: 'hang' }, { outcome: 'failed', error: 'timeout', statusCode: null }],
    [{ kind: 'reset' }, { outcome: 'failed', error: 'connection-lost', statusCode: null }],
    [{ kind: 'half-close' }, { outcome: 'failed', error: 'connection-lost', statusCode: null }],
    [{ kind: 'garbage' }, { outcome: 'failed', error: 'connection-lost', statusCode: null }],
  ] as const)('$kind', async (answer, record) => {
    const box = new Mailbox();
    await box.answerWith(answer);
    const hook = await openHook(box.url, { retry: FAR });
    await hook.enqueue(storedEvent(1));
    const startedMs = performance.now();
    await hook.runDue();
    expect(performance.now() - startedMs).toBeLessThan(3 * SECOND);
    expect(await hook.delivery(1)).toMatchObject({
      status: 'pending',
      retryAtMs: START_MS + 60 * SECOND,
      attemptLog: [{ ...record, responseExcerpt: null }],
    });
  });

  test('a 200 whose body drips for ever is delivered: the status has decided', async () => {
    const box = new Mailbox();
    await box.answerWith({ kind: 'drip', everyMs: 100 });
    const hook = await openHook(box.url, { retry: FAR, keepAnswers: true });
    await hook.enqueue(storedEvent(1));
    const startedMs = performance.now();
    await hook.runDue();
    expect(performance.now() - startedMs).toBeLessThan(3 * SECOND);
    const { status, attemptLog } = await hook.delivery(1);
    expect(status).toBe('delivered');
    expect(attemptLog[0]?.responseExcerpt).toMatch(/^\.{3,15}…$/);
  });

  test('of 100 MB a KiB is kept, marked as cut', async () => {
    const box = new Mailbox();
    await box.answerWith({ kind: 'flood', bodyBytes: 100_000_000 });
    const hook = await openHook(box.url, { retry: FAR, keepAnswers: true });
    await hook.enqueue(storedEvent(1));
    const startedMs = performance.now();
    await hook.runDue();
    expect(performance.now() - startedMs).toBeLessThan(SECOND);
    expect((await hook.delivery(1)).attemptLog[0]?.responseExcerpt).toBe(`${'x'.repeat(1024)}…`);
  });

  test.each([
    [0, ''],
    [1023, 'x'.repeat(1023)],
    [1024, 'x'.repeat(1024)],
    [1025, `${'x'.repeat(1024)}…`],
    [65_536, `${'x'.repeat(1024)}…`],
  ])('an answer of %d bytes', async (bodyBytes, excerpt) => {
    const box = new Mailbox();
    await box.answerWith({ body: 'x'.repeat(bodyBytes) });
    const hook = await openHook(box.url, { keepAnswers: true });
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    expect((await hook.delivery(1)).attemptLog[0]?.responseExcerpt ?? '').toBe(excerpt);
  });
});

describe('B6: an answer of any kind is kept as harmless text', () => {
  test.each([
    ['script tags', '<script>alert(1)</script>', {}, /^<script>alert\(1\)<\/script>$/],
    [
      'quotes and NUL',
      `'"; DROP TABLE deliveries; --\u0000\\`,
      {},
      /^'"; DROP TABLE deliveries; --\u0000\\$/,
    ],
    ['a body that only says it is gzip', 'plain', { 'content-encoding': 'gzip' }, /…$/],
    ['a character cut in the middle', `${'x'.repeat(1023)}€`, {}, /^x{1023}\uFFFD…$/],
  ])('%s', async (_name, body, headers, excerpt) => {
    const box = new Mailbox();
    await box.answerWith({ status: 200 }, { status: 500, body, headers });
    const hook = await openHook(box.url);
    await hook.enqueue(storedEvent(1));
    await hook.runAll();
    const { status, attemptLog } = await hook.delivery(1);
    expect(status).toBe('delivered');
    expect(attemptLog).toHaveLength(2);
    expect(attemptLog[0]).toMatchObject({ outcome: 'failed', statusCode: 500 });
    expect(attemptLog[0]?.responseExcerpt).toMatch(excerpt);
  });

  test('bytes that are not UTF-8 become replacement characters', async () => {
    const box = new Mailbox();
    await box.answerWith({ status: 200 }, { kind: 'bytes', status: 500, base64: btoa('\u00e9\u00ff') });
    const hook = await openHook(box.url);
    await hook.enqueue(storedEvent(1));
    await hook.runAll();
    expect((await hook.delivery(1)).attemptLog[0]?.responseExcerpt).toBe('\uFFFD\uFFFD');
  });
});

test('B7: jitter only stretches a step, within its band, differently for each delivery', async () => {
  const box = new Mailbox();
  await box.answerWith({ status: 500 });
  const waits: number[] = [];
  // Four of a hook at a time: a hook that fails five times in a row gets what is new only now and then.
  for (let turn = 0; turn < 5; turn += 1) {
    const hook = await openHook(box.url, {
      ordering: 'none',
      retry: { scheduleSeconds: [100], jitter: 0.5 },
    });
    await hook.enqueue(...storedEvents(1, 4));
    await hook.runDue();
    const views = await hook.inside((instance) => instance.deliveries('pending', null, 50).views);
    waits.push(...views.map(({ retryAtMs }) => (retryAtMs ?? 0) - START_MS));
  }
  expect(waits).toHaveLength(20);
  for (const wait of waits) {
    expect(wait).toBeGreaterThanOrEqual(100 * SECOND);
    expect(wait).toBeLessThan(150 * SECOND);
  }
  expect(new Set(waits).size).toBeGreaterThan(15);
});

describe('B9: without an answer it is retried, with the error of the table', () => {
  test.each([
    ['refused', 'http://127.0.0.1:1/', 'connection-lost'],
    ['a name that does not resolve', 'http://posthorn-test.internal/', 'unreachable'],
    ['no TLS', new Mailbox().url.replace('http:', 'https:'), 'unreachable'],
    ['refused by the target rules', 'http://example.com/', 'target-refused'],
  ] as const)('%s', async (_name, url, error) => {
    const hook = await openHook(url, { retry: { scheduleSeconds: [5], jitter: 0 } });
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    expect(await hook.delivery(1)).toMatchObject({
      status: 'pending',
      attempts: 1,
      retryAtMs: START_MS + 5 * SECOND,
      attemptLog: [{ outcome: 'failed', statusCode: null, error, responseExcerpt: null }],
    });
    expect(await hook.stub.runtime()).toMatchObject({ consecutiveFailures: 1, lastError: error });
  });
});

test('URL, headers and format are those of the moment of the attempt', async () => {
  const [before, after] = [new Mailbox(), new Mailbox()];
  await before.answerWith({ status: 500 });
  const hook = await openHook(before.url, { headers: { 'x-tag': 'before' } });
  const event = storedEvent(1);
  await hook.enqueue(event);
  await hook.runDue();
  await hook.patch({ url: after.url, headers: { 'x-tag': 'after' }, format: 'raw' });
  await hook.runAll();
  expect(await before.letters()).toHaveLength(1);
  const [letter] = await after.letters();
  expect(letter?.headers).toMatchObject({
    'x-tag': 'after',
    'content-type': 'application/json',
    'posthorn-attempt': '2',
    'webhook-id': event.id,
  });
  expect(letter === undefined ? null : bodyOf(letter)).toBe('{"seq":1}');
});
